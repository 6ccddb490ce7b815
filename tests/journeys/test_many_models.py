"""A hundred models take hardly more statements than ten where nothing about the models themselves asks for more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from dryland.engines.duckdb_session import DuckDBSession
from dryland.platform import Platform


def models(root: Path, count: int) -> None:
    (root / "models").mkdir(parents=True)
    (root / "dbt_project.yml").write_text("name: many\nprofile: many\nmodels: {many: {+materialized: table}}\n")
    (root / "profiles.yml").write_text("many: {target: d, outputs: {d: {type: duckdb, path: warehouse.duckdb}}}\n")
    for number in range(count):
        (root / f"models/m{number}.sql").write_text(f"select {number} as id, 'x' as kind\n")
    names = ", ".join(f"{{name: m{number}, columns: [{{name: id, tests: [not_null]}}]}}" for number in range(count))
    (root / "models/m.yml").write_text(f"models: [{names}]\n")


@contextmanager
def counted(patch: pytest.MonkeyPatch) -> Iterator[Counter[str]]:
    """Statements to the metadata and to the warehouse."""
    said: Counter[str] = Counter()
    run = DuckDBSession._run

    def noted(session: DuckDBSession, sql: str) -> None:
        said["warehouse"] += 1
        run(session, sql)

    def executed(*_: object) -> None:
        said["metadata"] += 1

    patch.setattr(DuckDBSession, "_run", noted)
    sa.event.listen(sa.engine.Engine, "before_cursor_execute", executed)
    try:
        yield said
    finally:
        sa.event.remove(sa.engine.Engine, "before_cursor_execute", executed)
        patch.setattr(DuckDBSession, "_run", run)


def statements(root: Path, patch: pytest.MonkeyPatch, count: int) -> dict[str, Counter[str]]:
    """What each of some verbs sends, on a project of so many models."""
    models(root, count)
    found = {}
    with Platform.open(root) as platform:
        plan = platform.plan()
        with counted(patch) as found["first"]:
            platform.apply(plan)
    (root / "models/m1.sql").write_text("select 1 as id, 'y' as kind\n")
    with Platform.open(root) as platform:
        plan = platform.plan()
        with counted(patch) as found["one"]:
            assert len(platform.apply(plan).steps) == 1
        with counted(patch) as found["environment"]:
            platform.create_environment("dev")
        with counted(patch) as found["rollback"]:
            platform.rollback()
    return found


@pytest.fixture(scope="module")
def few_and_many(tmp_path_factory) -> tuple[dict[str, Counter[str]], dict[str, Counter[str]]]:
    root = tmp_path_factory.mktemp("many_models")
    with pytest.MonkeyPatch.context() as patch:
        return statements(root / "few", patch, 10), statements(root / "many", patch, 110)


def test_the_number_of_statements_does_not_grow_with_the_models_that_stay(few_and_many) -> None:
    few, many = few_and_many
    assert many["environment"] == few["environment"]
    assert many["rollback"] == few["rollback"]
    assert many["one"]["warehouse"] == few["one"]["warehouse"]
    assert many["one"]["metadata"] <= few["one"]["metadata"] + 4


def test_a_build_takes_no_metadata_of_its_own(few_and_many) -> None:
    few, many = few_and_many
    assert many["first"]["metadata"] <= few["first"]["metadata"] + 15
    assert many["first"]["warehouse"] - few["first"]["warehouse"] <= 100 * 6
