"""Holds the lease of what a verb changes: waits for it where that was asked, and keeps it alive."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from dryland.errors import InterruptedRunError, StateError
from dryland.state.heartbeat import BEATS, Heartbeat
from dryland.state.leases import held_by
from dryland.state.store import State
from dryland.timings import timed

PAUSE_S = 0.3  # between two attempts to take what somebody holds


@contextmanager
def holding(
    state: State, scope: str, verb: str, *, wait_s: float = 0.0, tell: Callable[[str], None] | None = None
) -> Iterator[None]:
    """Be the only one who changes a scope; a verb within a verb holds what that one holds.

    Raises:
        HeldError: somebody else holds it after `wait_s`.
        FencedError: another took over meanwhile, because nothing was heard of this process.
    """
    if state.holds(scope):
        yield
        return
    is_first = not state.token
    _take(state, scope, verb, wait_s, tell)
    try:
        if is_first:
            with Heartbeat(state):
                yield
        else:
            yield
    except InterruptedRunError:
        state.verify_kept(scope)
        raise
    finally:
        with suppress(StateError):  # it ends by itself
            state.let_go(scope)


@timed("wait for others")
def _take(state: State, scope: str, verb: str, wait_s: float, tell: Callable[[str], None] | None) -> None:
    began = time.monotonic()
    told, seen_at = "", 0.0
    try:
        while holder := state.take(scope, verb):
            now = time.monotonic()
            if now - began >= wait_s:
                raise held_by(scope, holder)
            if told != holder.token and tell:
                tell(f"waiting: {held_by(scope, holder).message}")
            if told != holder.token or now - seen_at > state.lease_s / BEATS:
                state.wait_for(scope, verb)
                told, seen_at = holder.token, now
            time.sleep(min(PAUSE_S * (0.5 + random.random()), max(wait_s - (now - began), 0.0)))
    except BaseException:
        with suppress(StateError):
            state.let_go(scope)
        raise
