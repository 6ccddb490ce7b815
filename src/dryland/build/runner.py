"""Runs a graph of tasks on threads: each when all it needs is done, none twice, none after a stop.

Knows nothing of tables. A task returns an `Ended`; what it says decides whether those that need it may start.
Transient failures are tried again with growing pauses; a task over its time is cancelled in the warehouse;
Ctrl-C stops what runs, starts nothing new, and is reported once everything has come to rest.
"""

from __future__ import annotations

import math
import random
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import field, replace
from graphlib import TopologicalSorter
from queue import Empty, SimpleQueue
from typing import Literal

from dryland.build.progress import Event, Progress
from dryland.build.task import Ended, Limits, NotYetError, Task, leave_alone
from dryland.clock import utc_now
from dryland.errors import DrylandError, InterruptedRunError, StepTimeoutError, may_pass
from dryland.timings import handed_over, timed
from dryland.values import dataclass

RETRY_PAUSE_S = 0.05  # doubled each time, with jitter: conflicts between transactions clear within milliseconds
POLL_S = 0.1  # how soon Ctrl-C and time-outs are noticed
PATIENCE_S = 2.0  # after Ctrl-C a query stops within this; Python code goes on to its next statement

ASIDE = 2  # threads for what nobody waits for
LATER_S = 0.5  # until a task is tried again that was not yet to be done


def _nothing_aside(_: bool) -> tuple[Task, ...]:
    """No more has come up."""
    return ()


@timed("nodes")
def run_graph(
    tasks: Mapping[str, Task], limits: Limits, progress: Progress, *, cancel: Callable[[], None],
    meanwhile: Callable[[], None] = leave_alone, aside: Callable[[bool], Iterable[Task]] = _nothing_aside,
) -> dict[str, Ended]:  # fmt: skip
    """Run every task once and return how each ended.

    `cancel` stops whatever the warehouse is doing; it is called from this thread on Ctrl-C. A task over its time
    is stopped by its own `cancel`, so that the others go on. `meanwhile` is called again and again, from this thread
    as well; it stops the run as Ctrl-C does by raising `InterruptedRunError`. `aside` is asked as often for what
    nobody waits for and has come up by now, and at last with True, when all else is done, until it gives nothing;
    threads of their own do that. One that is named like a task of the graph says anew how that ended, and goes on with
    its time.

    Raises:
        InterruptedRunError: a person pressed Ctrl-C; raised after every thread has come to rest.
    """
    return _Run(tasks, limits, progress, cancel, meanwhile, aside, dict(tasks)).finish()


@dataclass
class _Run:
    tasks: Mapping[str, Task]
    limits: Limits
    progress: Progress
    cancel: Callable[[], None]
    meanwhile: Callable[[], None]
    aside: Callable[[bool], Iterable[Task]]
    latest: dict[str, Task]  # by name; what came up aside as well
    ended: dict[str, Ended] = field(default_factory=dict)
    started_at: dict[str, float] = field(default_factory=dict)
    stopping: threading.Event = field(default_factory=threading.Event)
    timed_out: set[str] = field(default_factory=set)
    put_off: dict[str, float] = field(default_factory=dict)  # task -> when it is tried again
    reasons: dict[str, str] = field(default_factory=dict)  # task -> why it was put off last
    finished: SimpleQueue[Future[Ended]] = field(default_factory=SimpleQueue)  # a look at each of 1,000 would take long
    total: int = 0
    done: int = 0

    def finish(self) -> dict[str, Ended]:
        sorter = TopologicalSorter(
            {name: (task.needs | task.after) & self.tasks.keys() for name, task in self.tasks.items()}
        )
        sorter.prepare()
        self.total = sum(task.counts for task in self.tasks.values())
        self.progress.on(Event("start", total=self.total))
        with (
            ThreadPoolExecutor(max_workers=self.limits.threads, thread_name_prefix="dryland") as pool,
            ThreadPoolExecutor(
                max_workers=min(ASIDE, self.limits.threads), thread_name_prefix="dryland aside"
            ) as beside,
        ):
            futures: dict[Future[Ended], str] = {}
            try:
                self._loop(sorter, pool, beside, futures)
            except (KeyboardInterrupt, InterruptedRunError):
                self._stop((pool, beside), futures)
                raise InterruptedRunError("Interrupted; nothing was published.") from None
        self.progress.on(Event("end", done=self.done, total=self.total))
        return self.ended

    def _loop(
        self, sorter: TopologicalSorter[str], pool: ThreadPoolExecutor, beside: ThreadPoolExecutor,
        futures: dict[Future[Ended], str],
    ) -> None:  # fmt: skip
        while True:
            is_active = sorter.is_active()
            for name in sorter.get_ready():
                culprits = self._culprits(name)
                if culprits:
                    self._note(name, Ended("blocked", f"waits for {', '.join(culprits)}", culprits=culprits))
                    sorter.done(name)
                else:
                    self._submit(name, pool, futures)
            for name in self._due():
                self._submit(name, pool, futures)
            self._submit_aside(beside, futures, is_end=not is_active and not futures)
            if not futures and not self.put_off:
                if is_active:
                    continue
                return
            for future in self._next_finished():
                name, ended = futures.pop(future), future.result()
                if ended.status == "later":
                    self._put_off(name, ended.message)
                    continue
                self._note(name, ended)
                if is_active and self.latest[name] is self.tasks.get(name):
                    sorter.done(name)
            self._enforce_timeout()
            self.meanwhile()

    def _submit(self, name: str, pool: ThreadPoolExecutor, futures: dict[Future[Ended], str]) -> None:
        future = pool.submit(self._handed_over(name), self.tasks[name])
        futures[future] = name
        future.add_done_callback(self.finished.put)

    def _submit_aside(
        self, beside: ThreadPoolExecutor, futures: dict[Future[Ended], str], *, is_end: bool
    ) -> None:  # fmt: skip
        for task in self.aside(is_end):
            self.latest[task.name] = task
            future = beside.submit(handed_over(self._attempts, "aside"), task)
            futures[future] = task.name
            future.add_done_callback(self.finished.put)

    def _put_off(self, name: str, reason: str) -> None:
        self.put_off[name] = time.monotonic() + LATER_S
        self.started_at.pop(name, None)
        if self.reasons.get(name) != reason:
            self.reasons[name] = reason
            self.progress.on(Event("waiting", name, message=reason))

    def _due(self) -> list[str]:
        """Tasks that were put off, and are to be tried again."""
        now = time.monotonic()
        due = [name for name, at in self.put_off.items() if at <= now]
        for name in due:
            del self.put_off[name]
        return due

    def _next_finished(self) -> Iterator[Future[Ended]]:
        """Those that came to an end: waits for the first, gives what is there by then."""
        try:
            yield self.finished.get(timeout=POLL_S)
            while True:
                yield self.finished.get_nowait()
        except Empty:
            return

    def _handed_over(self, name: str) -> Callable[[Task], Ended]:
        task = self.tasks[name]
        return handed_over(self._attempts, "task", name, needs=task.needs | task.after)

    def _culprits(self, name: str) -> tuple[str, ...]:
        task = self.tasks[name]
        enough = ("done", "rejected") if task.goes_on_after_rejection else ("done",)
        bad = [need for need in sorted(task.needs) if self.ended.get(need, _FINE).status not in enough]
        roots = [root for need in bad for root in (self.ended[need].culprits or (need,))]
        return tuple(dict.fromkeys(roots))

    def _attempts(self, task: Task) -> Ended:
        began, moment = time.monotonic(), utc_now()
        self.started_at[task.name] = began
        if task.counts and task.name not in self.reasons:
            self._tell("step_started", task, Ended("done"))
        attempt = 0
        while True:
            try:
                ended = task.work()
            except NotYetError as reason:
                return Ended("later", str(reason))
            except DrylandError as error:
                if self._may_try_again(task, error, attempt):
                    attempt += 1
                    time.sleep(RETRY_PAUSE_S * 2**attempt * (0.5 + random.random()))
                    continue
                explained = self._explained(task, error)
                ended = Ended("failed", str(explained), error=explained)
            return replace(ended, began=moment, duration_s=time.monotonic() - began)

    def _may_try_again(self, task: Task, error: DrylandError, attempt: int) -> bool:
        if self.stopping.is_set() or task.name in self.timed_out:
            return False
        return attempt < self.limits.retries and may_pass(error)

    def _explained(self, task: Task, error: DrylandError) -> DrylandError:
        if task.name not in self.timed_out:
            return error
        return StepTimeoutError(
            f"{task.name} took longer than the {self.limits.timeout_s:g} s it may.",
            hint="raise `timeout` in dryland.yml, or make the query cheaper.",
        )

    def _enforce_timeout(self) -> None:
        limit = self.limits.timeout_s
        if limit is None:
            return
        for name, started_at in list(self.started_at.items()):
            if time.monotonic() - started_at > limit:
                self.timed_out.add(name)
                self.latest[name].cancel()  # again until it rests: it may have been between two statements

    def _stop(self, pools: Iterable[ThreadPoolExecutor], futures: Mapping[Future[Ended], str]) -> None:
        self.stopping.set()
        for pool in pools:
            pool.shutdown(wait=False, cancel_futures=True)
        began, told = time.monotonic(), False
        while busy := [name for future, name in futures.items() if not future.done()]:
            try:
                self.cancel()
                wait(futures, timeout=POLL_S)
            except KeyboardInterrupt:  # pressed again: it cannot go faster, but it can say why
                began = -math.inf
            if not told and time.monotonic() - began > PATIENCE_S:
                told = True
                self.progress.on(Event("waiting", message=f"waiting for {', '.join(busy)} to come to rest"))

    def _note(self, name: str, ended: Ended) -> None:
        before = self.ended.get(name)
        if before is not None:  # in the first place it was at work for so long as well
            ended = replace(ended, began=before.began, duration_s=before.duration_s + ended.duration_s)
        if name in self.tasks:
            self.ended[name] = ended
        self.started_at.pop(name, None)
        self.done += self.latest[name].counts
        if self.latest[name].counts or (before is not None and before.status != ended.status):
            self._tell("step_finished", self.latest[name], ended)

    def _tell(self, kind: Literal["step_started", "step_finished"], task: Task, ended: Ended) -> None:
        running = tuple(name for name in list(self.started_at) if self.latest[name].counts)
        self.progress.on(
            Event(
                kind, task.name, ended.action or task.action, ended.status, self.done, self.total, running,
                ended.message, ended.rows, ended.duration_s,
            )
        )  # fmt: skip


_FINE = Ended("done")
