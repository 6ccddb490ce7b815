"""Does what changes something, beside the request that asked for it, and says how far it is."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import field, replace
from datetime import datetime
from typing import Literal

from dryland.build.progress import Event
from dryland.errors import DrylandError
from dryland.platform import Platform
from dryland.state.records import Release
from dryland.values import dataclass

Status = Literal["running", "done", "failed"]
KEPT_MAX = 100  # that ended, for whoever comes back to their page


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that was asked for."""

    number: int
    kind: str  # rollback
    environment: str
    wanted: int  # the release
    began_at: datetime
    status: Status = "running"
    said: str = ""  # by what waits or what went wrong
    hint: str = ""
    by: str = ""  # who asked for it
    author: str = ""  # of what comes of it; empty: whoever works with the project's files
    release: int | None = None  # that came of it


def subject_of(environment: str, release: int) -> str:
    """What an action is about, in the words of the audit log."""
    return f"{environment}: release {release}"


@dataclass
class Actions:
    """Everything that was asked for since the server started; each in a thread and with a warehouse of its own."""

    opened: Callable[[Callable[[Event], None]], Platform]  # the warehouse is held only while a platform is
    now: Callable[[], datetime]
    after: Callable[[str], object] = lambda environment: None  # has readers of pages see what came of it
    alone: Callable[[], AbstractContextManager[object]] = nullcontext  # nobody here reads what is changed meanwhile
    ended: Callable[[Action], object] = lambda action: None  # has it written down
    _known: dict[int, Action] = field(default_factory=dict)
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _threads: list[threading.Thread] = field(default_factory=list)

    def find(self, number: int) -> Action | None:
        """One of them."""
        return self._known.get(number)

    def running(self, environment: str) -> Action | None:
        """What goes on in an environment."""
        found = (each for each in self._known.values() if each.environment == environment and each.status == "running")
        return next(found, None)

    def roll_back(self, environment: str, release: int, *, by: str = "", author: str = "") -> Action:
        """Begin to bring an environment back to a release; who presses twice gets the same."""
        with self._lock:
            if (going_on := self.running(environment)) is not None:
                return going_on
            action = Action(next(self._numbers), "rollback", environment, release, self.now(), by=by, author=author)
            self._known[action.number] = action
            for number in [each.number for each in self._known.values() if each.status != "running"][:-KEPT_MAX]:
                del self._known[number]
        work = threading.Thread(target=self._roll_back, args=(action,), name=f"rollback-{action.number}", daemon=False)
        self._threads = [*(each for each in self._threads if each.is_alive()), work]
        work.start()
        return action

    def finish(self) -> None:
        """Wait for what goes on: nothing is left half done."""
        for thread in self._threads:
            thread.join()

    def _roll_back(self, action: Action) -> None:
        def tell(event: Event) -> None:
            if event.kind == "waiting":
                self._note(replace(self._known[action.number], said=event.message))

        def work() -> Release:
            with self.alone(), self.opened(tell) as platform:
                return platform.rollback(action.environment, action.wanted, author=action.author)

        try:
            release = work()
            self.after(action.environment)
            self._note(replace(action, status="done", release=release.id))
        except DrylandError as error:
            self._note(replace(action, status="failed", said=error.message, hint=error.hint))
        except Exception as error:
            self._note(replace(action, status="failed", said=f"{type(error).__name__}: {error}"))
            raise

    def _note(self, action: Action) -> None:
        if action.status != "running":
            self.ended(action)
        self._known[action.number] = action
