"""Notes where the time goes while somebody watches: stretches of work, one within the other, on every thread.

    with watching("apply") as spans:
        with timed("load"):
            ...

Where nobody watches, `timed` looks once whether somebody does, and that is all. What is noted belongs to who watches,
and not to the process: two platforms that work side by side do not see each other's time.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from functools import wraps
from types import TracebackType
from typing import NamedTuple, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")
NOTHING: frozenset[str] = frozenset()


class Span(NamedTuple):  # and no dataclass: making these is what watching costs
    """A stretch of time in which one thread did one thing; moments are those of `time.perf_counter`."""

    path: tuple[str, ...]  # what was done, within what else: outermost first
    began_s: float
    ended_s: float
    thread: int
    about: str = ""  # the unique id of the node or check that it was done for
    ready_s: float | None = None  # of what waits for a thread: since when
    needs: frozenset[str] = NOTHING  # of the same: what had to be done before, by what that is about
    error: str = ""  # the kind of error that ended it

    @property
    def name(self) -> str:
        """What was done."""
        return self.path[-1]

    @property
    def duration_s(self) -> float:
        """How long it took."""
        return self.ended_s - self.began_s

    @property
    def waited_s(self) -> float:
        """How long it could have been done, had a thread been free."""
        return 0.0 if self.ready_s is None else self.began_s - self.ready_s


class _Within(NamedTuple):
    """What is being done, and the list of who watches."""

    path: tuple[str, ...]
    spans: list[Span]  # of all threads: an append is atomic


_WITHIN: ContextVar[_Within | None] = ContextVar("dryland_timings", default=None)


class timed:  # noqa: N801 - it is read as a word: `with timed("load"):`, or `@timed("load")` over a function
    """Note how long what follows takes, when somebody watches."""

    __slots__ = ("_about", "_began_s", "_name", "_needs", "_ready_s", "_token", "_within")

    def __init__(
        self, name: str, about: str = "", ready_s: float | None = None, needs: frozenset[str] = NOTHING
    ) -> None:
        self._name, self._about, self._ready_s, self._needs = name, about, ready_s, needs
        self._within: _Within | None = None

    def __enter__(self) -> None:
        around = _WITHIN.get()
        if around is None or around.path[-1] == self._name:  # a part of the same thing is not told twice
            return
        within = _Within((*around.path, self._name), around.spans)
        self._token = _WITHIN.set(within)
        self._within = within
        self._began_s = time.perf_counter()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._within is None:
            return
        ended_s = time.perf_counter()
        _WITHIN.reset(self._token)
        path, spans = self._within
        known = (self._about, self._ready_s, self._needs, kind.__name__ if kind else "")
        spans.append(Span(path, self._began_s, ended_s, threading.get_ident(), *known))

    def __call__(self, function: Callable[P, R]) -> Callable[P, R]:
        """The function, each call of it noted."""
        assert not isinstance(function, type), "functions are noted; a class stays one"

        @wraps(function)
        def noted(*args: P.args, **kwargs: P.kwargs) -> R:
            if _WITHIN.get() is None:
                return function(*args, **kwargs)
            with timed(self._name, self._about):
                return function(*args, **kwargs)

        return noted


@contextmanager
def watching(name: str, *, age_s: float = 0.0) -> Iterator[list[Span]]:
    """Note what happens inside, here and on threads that work is handed over to; `age_s`: Python started so long ago.

    The list is complete at the end, and has what is known until then at any time before.
    """
    now_s, here, spans = time.perf_counter(), threading.get_ident(), list[Span]()
    if age_s:
        spans.append(Span((name, "start of Python"), now_s - age_s, now_s, here))
    token = _WITHIN.set(_Within((name,), spans))
    try:
        yield spans
    finally:
        _WITHIN.reset(token)
        spans.append(Span((name,), now_s - age_s, time.perf_counter(), here))


def handed_over(work: Callable[P, R], name: str, about: str = "", *, needs: frozenset[str] = NOTHING) -> Callable[P, R]:
    """`work` for another thread, noted there as a part of what is done here; from now on it waits for that thread."""
    if _WITHIN.get() is None:
        return work
    here, ready_s = copy_context(), time.perf_counter()

    def there(*args: P.args, **kwargs: P.kwargs) -> R:
        with timed(name, about, ready_s, needs):
            return work(*args, **kwargs)

    return lambda *args, **kwargs: here.copy().run(there, *args, **kwargs)  # one of its own for each call
