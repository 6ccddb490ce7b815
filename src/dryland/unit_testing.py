"""Runs the unit tests of a project: those that are asked for, and those that a release needs."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from dryland.build.progress import Event
from dryland.check.unit_tests.asking import Asking
from dryland.check.unit_tests.bench import Bench
from dryland.check.unit_tests.columns import Shapes
from dryland.check.unit_tests.memo import Surroundings, read_memo, write_memo
from dryland.check.unit_tests.prepared import Prepared
from dryland.check.unit_tests.run_unit_tests import known_verdicts, run_unit_tests
from dryland.digest import digest
from dryland.engines.protocol import Engine
from dryland.engines.registry import OF_SESSIONS, Address, open_engine
from dryland.engines.relation import Column
from dryland.plan.choice import NOTHING_KNOWN, Chosen, Known
from dryland.plan.compose import with_ephemeral
from dryland.plan.plan import Plan
from dryland.plan.select import select_unit_tests
from dryland.project.project import Project
from dryland.project.unit_test import UnitTest
from dryland.release.environments import pointers_of
from dryland.release.outcome import Outcome
from dryland.state.records import Verdict
from dryland.timings import timed
from dryland.unchanged import warehouse_as_it_is
from dryland.workshop import Workshop

IN_MEMORY = frozenset({"duckdb"})
"""Kinds of warehouses whose unit tests run in memory. Those of all others run in the warehouse, as under dbt: nothing
else divides, rounds, compares and reads dates quite as it does, and a test that passes elsewhere says nothing. They
bring all their rows along, read no table, and leave nothing behind.
"""


@timed("unit tests")
def unit_test(workshop: Workshop, choice: Chosen = (), *, known: Known = NOTHING_KNOWN) -> tuple[Verdict, ...]:
    """What the chosen unit tests say; those that passed before and are the same are not run again.

    Raises:
        SelectorError: a selector cannot be read, or matches nothing.
    """
    chosen = select_unit_tests(workshop.project, choice, known=known)
    return _run(workshop, [workshop.project.unit_tests[each] for each in chosen])


@timed("unit tests")
def refused_by_unit_tests(workshop: Workshop, plan: Plan) -> tuple[tuple[Verdict, ...], Outcome | None]:
    """What the unit tests of a release say, and how that ended, if one of them says no: nothing is built then.

    Asked are those of every model that the plan is about; who passed with this very code is not asked again.
    """
    if plan.verb != "apply":
        return (), None
    began = time.monotonic()
    about = with_ephemeral((each for each in plan.targets if plan.only is None or each in plan.only), workshop.project)
    tests = [test for test in workshop.project.unit_tests.values() if test.model in about]
    building = with_ephemeral(plan.nodes_to("build"), workshop.project)
    verdicts = _run(workshop, tests) if tests else ()
    models = {test.unique_id: test.model for test in tests}
    said = tuple(each for each in verdicts if not each.cached or models[each.check] in building)
    bad = [each for each in said if each.status != "pass"]
    return said, _refusal(workshop, plan, said, bad, time.monotonic() - began) if bad else None


def _refusal(
    workshop: Workshop, plan: Plan, said: tuple[Verdict, ...], bad: Sequence[Verdict], duration_s: float
) -> Outcome:
    """The outcome of a release that its unit tests refuse, remembered as a run of its own."""
    tests = workshop.project.unit_tests
    named = ((tests[each.check], each.message.partition("\n")[0]) for each in bad)
    blocked = {test.model: f"{test.full_name}: {message}" for test, message in named}
    run = workshop.state.begin_run(plan.verb, plan.environment, os.getpid())
    summary = {"status": "refused", "blocked": blocked, "built": 0, "duration_s": round(duration_s, 3)}
    workshop.state.finish_run(run.id, "refused", summary)
    return Outcome("refused", plan.environment, verdicts=said, blocked=blocked, duration_s=duration_s)


def _run(workshop: Workshop, tests: Sequence[UnitTest]) -> tuple[Verdict, ...]:
    """The bench is opened only when something is to be run, and a template rendered only when something changed."""
    state, here = workshop.state, _surroundings(workshop)
    memo = read_memo(workshop.project, here)
    recalled = memo.of_tests(tests)
    found = known_verdicts(recalled.values(), state.verdicts)
    left = [test for test in tests if test.unique_id not in found]
    if left:
        with _bench(workshop, here) as bench:
            prepared = [recalled.get(each.unique_id) or bench.prepare(each) for each in left]
            new = [each for each in prepared if each.test.unique_id not in recalled]
            write_memo(workshop.project, memo, new, bench.shapes.looked_up, here)
            found |= known_verdicts(new, state.verdicts)
            found |= _asked(workshop, bench, [each for each in prepared if each.test.unique_id not in found])
    fresh = [each for each in found.values() if each.status == "pass" and each.check_hash and not each.cached]
    if fresh:
        state.put_verdicts(fresh)
    return tuple(found[test.unique_id] for test in tests)


def _asked(workshop: Workshop, bench: Bench, prepared: Sequence[Prepared]) -> dict[str, Verdict]:
    """What the tests say that nobody knows yet."""
    watched = _Watched(workshop, len(prepared))
    asking = Asking(bench.engine, bench.shapes, lambda: _warehouse(workshop))
    verdicts = run_unit_tests(prepared, asking, threads=workshop.limits.threads, on_done=watched.done)
    watched.end()
    return verdicts


def _settings(workshop: Workshop) -> dict[str, Any]:
    """Those of the sessions in which the tests run."""
    warehouse, kind = workshop.project.warehouse, _tested(workshop)[1]
    own = warehouse.settings if warehouse.type == kind else {}
    settings = {key: own[key] for key in OF_SESSIONS.get(kind, ()) if own.get(key)}
    if kind not in IN_MEMORY:
        return settings
    return settings | {"config_options": {**(settings.get("config_options") or {}), "threads": 1}}  # many at a time


def _surroundings(workshop: Workshop) -> Surroundings:
    set_up = digest(_settings(workshop))
    return Surroundings(set_up, os.environ, _known_columns(workshop), warehouse_as_it_is(workshop.project))


def _tested(workshop: Workshop) -> tuple[Project, str]:
    """The project whose models are asked, and of which kind the warehouse is that asks them.

    Models that are translated are asked as they are written: their tests say what is meant.
    """
    if workshop.is_translated and workshop.written.settings.dialect:
        return workshop.written, workshop.written.settings.dialect
    return workshop.project, workshop.project.warehouse.type


@contextmanager
def _bench(workshop: Workshop, here: Surroundings) -> Iterator[Bench]:
    project, kind = _tested(workshop)
    if kind not in IN_MEMORY:
        shapes = Shapes(project, workshop.engine, here.known, is_own=False)
        yield Bench(project, workshop.engine.dialect, workshop.engine, shapes, here.set_up)
        return
    address = Address(
        {"path": ":memory:", **_settings(workshop)}, "memory", project.root, project.settings.store_schema
    )
    engine = open_engine(kind, address)
    try:
        yield Bench(project, kind, engine, Shapes(project, engine, here.known), here.set_up)
    finally:
        engine.close()


def _known_columns(workshop: Workshop) -> Callable[[str], tuple[Column, ...]]:
    """The columns of a source in the warehouse, and of a node as it was built last in the default environment."""
    environment = workshop.project.settings.default_environment
    built: dict[str, tuple[Column, ...]] | None = None

    def known(unique_id: str) -> tuple[Column, ...]:
        nonlocal built
        if unique_id in workshop.project.sources:
            return workshop.source_columns.get(unique_id, ())
        if built is None:
            pointers = pointers_of(workshop.state, environment) or {}
            builds = workshop.state.builds(pointer.build_key for pointer in pointers.values())
            built = {
                node: tuple(Column(*column) for column in builds[pointer.build_key].columns)
                for node, pointer in pointers.items()
                if pointer.build_key in builds
            }
        return built.get(unique_id, ())

    return known


def _warehouse(workshop: Workshop) -> Engine | None:
    """The warehouse itself, if the tests run in memory, and anything was ever released to it."""
    known = workshop.state.environment(workshop.project.settings.default_environment)
    if workshop.project.warehouse.type not in IN_MEMORY or known is None or known.live_release is None:
        return None
    return workshop.engine


class _Watched:
    """Tells whoever watches how many tests are done."""

    def __init__(self, workshop: Workshop, total: int) -> None:
        self._progress, self._total, self._done = workshop.progress, total, 0
        self._lock = threading.Lock()
        self._progress.on(Event("start", total=total))

    def done(self, verdict: Verdict) -> None:
        with self._lock:
            self._done += 1
            self._progress.on(Event("step_started", verdict.check, done=self._done, total=self._total))

    def end(self) -> None:
        self._progress.on(Event("end", done=self._done, total=self._total))
