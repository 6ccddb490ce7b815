"""Runs the unit tests of a project: those that are asked for, and those that a release needs."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from dryland.build.progress import Event
from dryland.check.unit_test_bench import Bench
from dryland.check.unit_test_columns import Shapes
from dryland.check.unit_tests import run_unit_tests
from dryland.engines.protocol import Engine
from dryland.engines.registry import Address, open_engine
from dryland.engines.relation import Column
from dryland.plan.choice import NOTHING_KNOWN, Chosen, Known
from dryland.plan.compose import with_ephemeral
from dryland.plan.plan import Plan
from dryland.plan.select import select_unit_tests
from dryland.project.unit_test import UnitTest
from dryland.release.environments import pointers_of
from dryland.release.outcome import Outcome
from dryland.state.records import Verdict, digest
from dryland.workshop import Workshop

ENGINE = "duckdb"  # on which unit tests run: it needs no server and no file
KEPT_SETTINGS = ("config_options", "extensions", "module_paths", "plugins", "settings")  # how it understands SQL


def unit_test(workshop: Workshop, choice: Chosen = (), *, known: Known = NOTHING_KNOWN) -> tuple[Verdict, ...]:
    """What the chosen unit tests say; those that passed before and are the same are not run again.

    Raises:
        SelectorError: a selector cannot be read, or matches nothing.
    """
    chosen = select_unit_tests(workshop.project, choice, known=known)
    return _run(workshop, [workshop.project.unit_tests[each] for each in chosen])


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
    state = workshop.state
    with _bench(workshop) as bench:
        watched = _Watched(workshop, len(tests))
        verdicts = run_unit_tests(
            tests, bench, remembered=state.verdicts, threads=workshop.limits.threads, on_done=watched.done
        )
        watched.end()
    state.put_verdicts([each for each in verdicts if each.status == "pass" and each.check_hash and not each.cached])
    return verdicts


@contextmanager
def _bench(workshop: Workshop) -> Iterator[Bench]:
    project = workshop.project
    own = project.warehouse.settings if project.warehouse.type == ENGINE else {}
    settings = {key: own[key] for key in KEPT_SETTINGS if own.get(key)}
    settings["config_options"] = {**(settings.get("config_options") or {}), "threads": 1}  # the tests run in parallel
    address = Address({"path": ":memory:", **settings}, "memory", project.root, project.settings.store_schema)
    engine = open_engine(ENGINE, address)
    try:
        shapes = Shapes(project, engine, _known_columns(workshop))
        yield Bench(project, project.warehouse.type, engine, shapes, lambda: _warehouse(workshop), digest(settings))
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
    """The warehouse itself, if it is of the kind on which unit tests run, and anything was ever released to it."""
    known = workshop.state.environment(workshop.project.settings.default_environment)
    if workshop.project.warehouse.type != ENGINE or known is None or known.live_release is None:
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
