"""What no build has measured is asked in one query, on each warehouse; who cannot answer says so, and the others do."""

from __future__ import annotations

from typing import Any

import pytest

from dryland.platform import Platform

YAML = """
sources:
  - name: raw
    schema: raw
    tables:
      - name: orders
        loaded_at_field: loaded_at
        columns: [{name: email, meta: {pii: true}}]
        meta:
          monitors:
            volume: {segments: [country]}
            categories: {columns: [status]}
            quantiles: {columns: [amount]}
            metrics:
              - {name: revenue, sql: sum(amount)}
              - {name: big, sql: "select count(*) from {table} where amount > 5"}
      - name: visits
        meta: {monitors: {metrics: [{name: broken, sql: sum(no_such_column)}]}}
      - name: persons
        meta: {monitors: {volume: {segments: [email]}}}
        columns: [{name: email, meta: {pii: true}}]
      - name: strangers
        meta: {pii: true, monitors: {volume: {segments: [country]}}}
"""


@pytest.fixture(params=["duckdb", pytest.param("postgres", marks=pytest.mark.slow)])
def project(request: pytest.FixtureRequest) -> Any:
    workspace = request.getfixturevalue("shop" if request.param == "duckdb" else "pg_shop")
    workspace.write("models/raw.yml", YAML)
    workspace.arrives(
        "create schema raw",
        "create table raw.orders(country text, status text, amount double precision, loaded_at timestamp, email text)",
        "insert into raw.orders values ('pt', 'new', 1, '2026-01-01', 'a'), (null, 'paid', 9, null, 'c')",
        "insert into raw.orders values ('pt', 'paid', 10, '2026-01-02 03:00', 'b')",
        "create table raw.visits(id int)",
        "create table raw.persons(email text)",
        "create table raw.strangers(country text)",
    )
    return workspace


def test_all_that_is_asked_for_is_answered(project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with Platform.open(project.root) as platform:
        found, sources, told = platform.run_monitors()
        seen = platform.state.observations("prod")
    assert (found, sources) == ((), 1)
    (orders,) = seen["source.shop.raw.orders"]
    assert orders.body["rows"] == 3
    assert str(orders.body["newest"]).startswith("2026-01-02 03:00")
    assert orders.body["segments"] == {"country": {"pt": 2, "None": 1}}
    assert orders.body["metrics"] == {"revenue": 20.0, "big": 2.0}
    columns: Any = orders.body["columns"]
    assert columns["status"]["shares"] == {
        "paid": pytest.approx(2 / 3, abs=1e-5),
        "new": pytest.approx(1 / 3, abs=1e-5),
    }
    assert columns["amount"]["quantiles"] == pytest.approx([2.6, 4.2, 5.8, 7.4, 9, 9.2, 9.4, 9.6, 9.8])
    assert columns["loaded_at"]["type"].lower().startswith("timestamp")
    broken, persons, strangers = sorted(told, key=lambda each: ("visits" not in each, each))
    assert "source.shop.raw.visits cannot be measured" in broken and "no_such_column" in broken
    assert "source.shop.raw.persons cannot be measured: the column email is about persons" in persons
    assert "source.shop.raw.strangers cannot be measured: the column country is about persons" in strangers
