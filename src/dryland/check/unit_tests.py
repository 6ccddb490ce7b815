"""Runs unit tests: in memory, many at once, and none whose answer is known."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import groupby

from dryland.check.unit_test_bench import Bench, Prepared
from dryland.project.unit_test import UnitTest
from dryland.state.records import Verdict

Remembered = Callable[[Iterable[str]], Mapping[str, Verdict]]


def run_unit_tests(
    tests: Sequence[UnitTest],
    bench: Bench,
    *,
    remembered: Remembered,
    threads: int,
    on_done: Callable[[Verdict], None] = lambda verdict: None,
) -> tuple[Verdict, ...]:
    """What each test says, in their order. `remembered` knows the tests that passed before, by verdict id.

    Those of one model run on one thread, one after the other: what is found out for the first serves the rest.
    """
    prepared = [bench.prepare(test) for test in sorted(tests, key=lambda test: test.model)]
    known = remembered([each.verdict_id for each in prepared if each.is_lasting])
    found = {
        each.test.unique_id: replace(known[each.verdict_id], check=each.test.unique_id, cached=True)
        for each in prepared
        if each.is_lasting and each.verdict_id in known
    }
    left = [each for each in prepared if each.test.unique_id not in found]
    groups = [list(group) for _, group in groupby(left, key=lambda each: each.test.model)]
    with ThreadPoolExecutor(max(1, min(threads, len(groups)))) as pool:
        try:
            for verdicts in pool.map(lambda group: _run(group, bench, on_done), groups):
                found |= {verdict.check: verdict for verdict in verdicts}
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            bench.engine.cancel()
            raise
    return tuple(found[test.unique_id] for test in tests)


def _run(group: Sequence[Prepared], bench: Bench, on_done: Callable[[Verdict], None]) -> list[Verdict]:
    verdicts = []
    with bench.engine.session() as session:
        for prepared in group:
            verdicts.append(bench.verdict(prepared, session))
            on_done(verdicts[-1])
    return verdicts
