"""What a command asks the warehouse: metadata while nothing is to be built, and one scan for each table."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

METADATA = ("duckdb_tables()", "duckdb_views()", "duckdb_columns()", "duckdb_schemas()", '."published"')


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Every statement that any session sends."""
    from dryland.engines.duckdb_session import DuckDBSession

    statements: list[str] = []
    real = DuckDBSession._run

    def noted(self: DuckDBSession, sql: str) -> None:
        statements.append(" ".join(sql.split()))
        real(self, sql)

    monkeypatch.setattr(DuckDBSession, "_run", noted)
    return statements


def test_a_plan_with_nothing_to_do_asks_for_metadata_only(released, asked: list[str]) -> None:
    from dryland.platform import Platform

    with Platform.open(released.root) as platform:
        assert platform.plan().is_empty
    assert 0 < len(asked) <= 4
    assert all(any(name in statement for name in METADATA) for statement in asked), asked


def test_checks_and_profile_of_a_table_are_one_scan(released, asked: list[str]) -> None:
    from dryland.platform import Platform

    released.edit("models/marts/customer_orders.sql", "c.name,", "upper(c.name) as name,")
    with Platform.open(released.root) as platform:
        platform.apply(platform.plan())
    looked = [
        each for each in asked if each.startswith("SELECT") and '"customer_orders__' in each and "CREATE" not in each
    ]
    scans = [each for each in looked if "HASH(" in each]
    assert len(scans) == 1, scans
    statistics = [
        each for each in looked if each not in scans
    ]  # answered without a scan: bounds of keys, nulls, ranges
    assert len(statistics) <= 2 and not any("COUNT_IF" in each or "GROUP BY" in each for each in statistics), statistics


def test_a_larger_project_is_planned_with_as_many_questions(released, asked: list[str]) -> None:
    """The number of statements is fixed: no query per model."""
    from dryland.platform import Platform

    with Platform.open(released.root) as platform:
        platform.plan()
    few = len(asked)
    for number in range(20):
        released.write(
            f"models/more/more_{number}.sql", f"select {number} as n, order_id from {{{{ ref('stg_orders') }}}}"
        )
    released.dryland("apply", "--yes")
    asked.clear()
    with Platform.open(released.root) as platform:
        assert platform.plan().is_empty
    assert len(asked) == few
