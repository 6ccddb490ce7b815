"""Runs unit tests: in memory, many at once, and none whose answer is known."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from itertools import groupby

from dryland.check.unit_tests.asking import Asking
from dryland.check.unit_tests.prepared import Prepared
from dryland.state.records import Verdict
from dryland.timings import handed_over

Remembered = Callable[[Iterable[str]], Mapping[str, Verdict]]


def known_verdicts(prepared: Iterable[Prepared], remembered: Remembered) -> dict[str, Verdict]:
    """What is known of these tests, by their unique ids; `remembered` knows who passed before, by verdict id."""
    ids = {each.test.unique_id: key for each in prepared if (key := each.verdict_id)}
    known = remembered(ids.values()) if ids else {}
    return {uid: replace(known[key], check=uid, cached=True) for uid, key in ids.items() if key in known}


def run_unit_tests(
    prepared: Iterable[Prepared],
    asking: Asking,
    *,
    threads: int,
    on_done: Callable[[Verdict], None] = lambda verdict: None,
) -> dict[str, Verdict]:
    """What each test says, by its unique id.

    Those of one model run on one thread, one after the other: what is found out for the first serves the rest.
    """
    ordered = sorted(prepared, key=lambda each: each.test.model)
    groups = [list(group) for _, group in groupby(ordered, key=lambda each: each.test.model)]
    found: dict[str, Verdict] = {}
    with ThreadPoolExecutor(max(1, min(threads, len(groups)))) as pool:
        try:
            for verdicts in pool.map(handed_over(partial(asking.verdicts, on_done=on_done), "task"), groups):
                found |= {verdict.check: verdict for verdict in verdicts}
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            asking.engine.cancel()
            raise
    return found
