"""Small new tables without checks are looked at later and many at a time; nobody can tell but by the time it takes."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from dryland.build.job import Candidate
from dryland.build.later import TABLES_MAX, Later, _together
from dryland.build.progress import Event, Progress, Silence
from dryland.build.sparing import ROWS_FEW
from dryland.engines.duckdb import DuckDBEngine
from dryland.engines.duckdb_session import DuckDBSession
from dryland.plan.plan import Plan
from dryland.platform import Platform
from dryland.release.outcome import Outcome
from dryland.state.records import Profile
from dryland.state.store import State

MODELS = 45
AS_BEFORE = lambda *_: False  # noqa: E731 - each is looked at by the task that makes it


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "models").mkdir()
    (tmp_path / "dbt_project.yml").write_text("name: many\nprofile: many\n")
    (tmp_path / "profiles.yml").write_text("many: {target: d, outputs: {d: {type: duckdb, path: warehouse.duckdb}}}\n")
    (tmp_path / "models/raw.yml").write_text("sources: [{name: raw, schema: raw, tables: [{name: orders}]}]\n")
    load(tmp_path)
    for number in range(MODELS):
        read = "{{ source('raw', 'orders') }}" if number < 5 else f"{{{{ ref('m{number - 5}') }}}}"
        kind = "view" if number < 5 or number % 7 == 0 else "table"
        write(tmp_path, number, f"select id + {number} as id, name, id / 2.0 as half from {read}", kind)
    return tmp_path


def load(root: Path) -> None:
    with duckdb.connect(str(root / "warehouse.duckdb")) as connection:
        connection.execute("create schema raw")
        connection.execute("create table raw.orders as select range as id, 'n' || range as name from range(1000)")


def write(root: Path, number: int, query: str, kind: str = "table") -> None:
    (root / f"models/m{number}.sql").write_text(f"{{{{ config(materialized='{kind}') }}}}\n{query}\n")


@dataclass
class Seen:
    """Whoever looks at a release."""

    events: list[Event]

    def on(self, event: Event) -> None:
        self.events.append(event)


def released(root: Path, progress: Progress | None = None) -> tuple[Outcome, dict[str, Profile]]:
    """What an `apply` comes to, and what is remembered of each build."""
    with Platform.open(root, progress=progress or Silence()) as platform:
        outcome = platform.apply(platform.plan())
        return outcome, profiles(platform.state, outcome)


def profiles(state: State, outcome: Outcome) -> dict[str, Profile]:
    keys = {step.build_key: step.node for step in outcome.steps if step.build_key}
    return {keys[key]: profile for key, profile in state.profiles(keys).items()}


def test_what_is_remembered_is_what_was_before(root: Path, monkeypatch: pytest.MonkeyPatch, tmp_path_factory) -> None:
    asked: list[str] = []
    run = DuckDBSession._run
    monkeypatch.setattr(DuckDBSession, "_run", lambda session, sql: (asked.append(sql), run(session, sql))[1])
    outcome, found = released(root)
    looks = [sql for sql in asked if "GROUP BY number" in sql]
    assert (MODELS - 5) / TABLES_MAX <= len(looks) < MODELS / 2
    assert outcome.status == "published" and len(found) == MODELS

    other = tmp_path_factory.mktemp("again") / "again"
    shutil.copytree(root, other, ignore=shutil.ignore_patterns(".dryland", "warehouse.duckdb*", "target"))
    load(other)
    monkeypatch.setattr(Later, "takes", AS_BEFORE)
    before, expected = released(other)
    assert found == expected
    rows = {step.node: step.rows for step in outcome.steps}
    assert rows == {step.node: step.rows for step in before.steps}
    assert all(count == 1000 for count in rows.values())


@pytest.mark.parametrize("is_before", [False, True])
def test_what_cannot_be_read_is_not_released(root: Path, monkeypatch: pytest.MonkeyPatch, *, is_before: bool) -> None:
    """Though others were made of it by then."""
    if is_before:
        monkeypatch.setattr(Later, "takes", AS_BEFORE)
    write(root, 100, "select name::int as id from {{ ref('m5') }}", "view")
    write(root, 101, "select 1 as id from {{ ref('m100') }} where false", "view")
    seen: list[Event] = []
    outcome, found = released(root, Seen(seen))
    assert outcome.status == "failed" and outcome.release is None
    assert "Could not convert string 'n0'" in outcome.blocked["model.many.m100"]
    assert outcome.blocked["model.many.m101"].startswith("reads m100") or is_before
    failed = [step.node for step in outcome.steps if step.status == "failed"]
    assert failed == ["model.many.m100"]
    assert len(found) >= MODELS  # the others, which the next release finds
    assert [event.status for event in seen if event.node == "model.many.m100"][-1] == "failed"

    (root / "models/m100.sql").unlink()
    (root / "models/m101.sql").unlink()
    again, _ = released(root)
    assert again.status == "published"


def test_the_plan_is_not_looked_through_for_each(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looks, nodes_to = [], Plan.nodes_to
    monkeypatch.setattr(Plan, "nodes_to", lambda plan, action: (looks.append(action), nodes_to(plan, action))[1])
    released(root)
    assert 0 < len(looks) < MODELS / 2


@pytest.fixture
def waited(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Names of the models that were looked at later; grows."""
    found: set[str] = set()
    put = Later.put

    def noted(later: Later, candidate: Candidate, rows: int) -> None:
        found.add(candidate.build.node.rpartition(".")[2])
        put(later, candidate, rows)

    monkeypatch.setattr(Later, "put", noted)
    return found


def model(root: Path, name: str, query: str, more: str = "") -> None:
    (root / f"models/{name}.sql").write_text(f"{{{{ config(materialized='table'{more}) }}}}\n{query}\n")


def test_only_what_is_new_fixed_and_has_no_checks_can_wait(root: Path, waited: set[str]) -> None:
    (root / "models/told.yml").write_text("models: [{name: checked, columns: [{name: id, data_tests: [unique]}]}]\n")
    model(root, "checked", "select id from {{ ref('m5') }}")
    model(root, "wide", f"select {', '.join(f'{number} as c{number}' for number in range(61))}")
    model(root, "narrow", f"select {', '.join(f'{number} as c{number}' for number in range(60))}")
    assert released(root)[0].status == "published"
    live = {*range(5), 7}  # views over a source show what it holds by now
    assert waited == {"narrow", *(f"m{number}" for number in range(MODELS) if number not in live)}

    waited.clear()
    for number in range(5, MODELS):
        write(root, number, f"select id + {number + 1} as id, name from {{{{ source('raw', 'orders') }}}}")
    assert released(root)[0].status == "published"
    assert waited == set()


@pytest.mark.parametrize("rows_known", [True, False])
def test_what_is_large_does_not_wait(root: Path, waited: set[str], *, rows_known: bool) -> None:
    """Nor what may be: DuckDB does not tell how many rows came into a table that was there already."""
    if not rows_known:
        columns = "[{name: x, data_type: bigint}]"
        (root / "models/told.yml").write_text(
            f"models: [{{name: large, config: {{contract: {{enforced: true}}}}, columns: {columns}}}]\n"
        )
    model(root, "large", f"select range as x from range({ROWS_FEW + 1})")
    assert released(root)[0].status == "published"
    assert "large" not in waited


def test_a_collation_lends_itself_to_nobody(root: Path, waited: set[str]) -> None:
    model(root, "collated", "select name collate nocase as name from {{ ref('m5') }}")
    assert released(root)[0].status == "published"
    assert waited == set()


def test_together_they_have_no_more_rows_than_a_small_table(root: Path) -> None:
    rows = [ROWS_FEW, 1, ROWS_FEW - 1, 1, *[0] * (TABLES_MAX + 2)]
    together = _together([(number, count) for number, count in enumerate(rows)])  # type: ignore[misc]
    assert together == [[0], [1, 2], [*range(3, 3 + TABLES_MAX)], [*range(3 + TABLES_MAX, len(rows))]]


def test_a_view_is_seen_as_its_readers_found_it(root: Path) -> None:
    """Rows that come to a source while we build are no reason to leave a table without them."""

    def show(number: str) -> None:
        query = "select id + NUMBER as id, name from {{ source('raw', 'orders') }}".replace("NUMBER", number)
        (root / "models/v.sql").write_text(f"{{{{ config(materialized='view') }}}}\n{query}\n")

    class Grows(Seen):
        def on(self, event: Event) -> None:
            if event.kind == "step_finished" and event.node == "model.many.t" and not self.events:
                self.events.append(event)
                engines[0]._connection.cursor().execute("insert into raw.orders values (5000, 'new')")

    engines: list[DuckDBEngine] = []
    model(root, "t", "select id, name from {{ ref('v') }}")
    show("0")
    with Platform.open(root, progress=Grows([])) as platform:
        engines.append(platform.engine)  # type: ignore[arg-type]
        assert platform.apply(platform.plan()).status == "published"
    show("(case when (select count(*) from {{ source('raw', 'orders') }}) > 1000 then 0 else 7 end)")
    outcome, _ = released(root)  # that shows the same today, and showed other rows before
    assert {step.node: step.action for step in outcome.steps}["model.many.t"] == "build"


def test_what_failed_beside_another_has_no_other_times_for_that(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A table that took long took long, although it was looked at twice."""
    make: Callable[..., None] = DuckDBSession.create_table_as

    def slow(session: DuckDBSession, target: object, query: str) -> None:
        time.sleep(1.0 if "'slow'" in query else 0.0)
        make(session, target, query)

    monkeypatch.setattr(DuckDBSession, "create_table_as", slow)
    model(root, "one_more", "select 1 as id")
    model(root, "slow", "select 'slow' as name")
    write(root, 100, "select name::int as id from {{ ref('slow') }}", "view")  # the two come last, and together
    outcome, _ = released(root)
    steps = {step.node: step for step in outcome.steps}
    assert steps["model.many.m100"].status == "failed"
    assert steps["model.many.slow"].duration_s >= 1.0


def test_the_file_is_written_down_after_the_hooks_of_a_release(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One of them may write it down itself, which DuckDB refuses while somebody else does."""
    (root / "dbt_project.yml").write_text('name: many\nprofile: many\non-run-end: ["checkpoint"]\n')
    begun = threading.Event()
    write_down = DuckDBEngine.write_down
    monkeypatch.setattr(DuckDBEngine, "write_down", lambda engine: (begun.set(), write_down(engine))[1])
    model(root, "much", "select range as x, random() as y, random() as z from range(99000)")
    outcome, _ = released(root)
    assert (outcome.status, outcome.hooks_failed) == ("published", ())
    assert begun.is_set()
