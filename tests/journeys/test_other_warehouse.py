"""A project written for DuckDB stands on PostgreSQL as well: translated, compared row by row, or said not to be."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from postgres_server import Server

Workspace = Any

pytestmark = pytest.mark.slow  # two warehouses each

VISITS = """
    {{ config(materialized='incremental', unique_key='visit_id') }}
    select
        o.order_id as visit_id,
        strftime(o.ordered_on, '%d.%m.%Y') as day_text,
        date_trunc('month', o.ordered_on) as month,
        o.amount / 2 as half,
        * exclude (order_id, ordered_on)
    from {{ ref('stg_orders') }} as o
    {% if is_incremental() %} where o.order_id > (select max(visit_id) from {{ this }}) {% endif %}
    qualify row_number() over (partition by customer_id order by ordered_on desc) <= 5
    """


@pytest.fixture
def both(shop: Workspace, postgres_server: Server, postgres: str) -> Workspace:
    """The shop, and a PostgreSQL beside its DuckDB."""
    address = json.dumps(postgres_server.settings(postgres))
    shop.write("dryland.yml", f"dialect: duckdb\nwarehouses: {{pg: {address}}}\n")
    shop.write("models/visits.sql", VISITS)
    return shop


def test_both_warehouses_show_the_same_rows(both: Workspace) -> None:
    both.dryland("apply", "--yes")
    both.dryland("apply", "--yes", "--warehouse", "pg")
    assert both.dryland("plan", "--warehouse", "pg").out.startswith("Nothing to do")
    said = both.dryland("diff", "--across", "pg", "--exit-code").out
    assert "prod on duckdb → prod on pg: no difference in 7 tables" in said
    found = both.dryland("diff", "--across", "pg", "--json").json
    assert {table["name"]: table["rows_after"] for table in found["tables"]}["visits"] == 4
    assert ["DOUBLE", "double precision"] in found["types"]
    half = both.dryland("query", "select half, day_text from visits order by 1 limit 1", "--warehouse", "pg", "--json")
    assert half.json["rows"] == [[2.5, "02.01.2026"]]


def test_a_row_that_differs_is_shown(both: Workspace, postgres_server: Server, postgres: str) -> None:
    both.dryland("apply", "--yes")
    both.dryland("apply", "--yes", "--warehouse", "pg")
    with postgres_server.connect(postgres) as somebody:
        (table,) = somebody.execute(
            "select tablename from pg_tables where tablename like 'stg_customers__%'"
        ).fetchall()
        somebody.execute(f"update dryland_store.\"{table[0]}\" set name = 'Bob' where customer_id = 2")
    said = both.dryland("diff", "stg_customers", "--across", "pg", "--exit-code", code=1).out
    assert "2: Bo → Bob" in said


def test_each_warehouse_has_releases_of_its_own(both: Workspace) -> None:
    both.dryland("apply", "--yes", "--warehouse", "pg", "-m", "first on pg")
    assert "first on pg" in both.dryland("release", "list", DRYLAND_WAREHOUSE="pg").out
    assert "first on pg" not in both.dryland("release", "list").out
    assert "7 added" in both.dryland("plan").out
    assert sorted(path.name for path in (both.root / ".dryland").glob("*.db")) == ["state.db", "state.pg.db"]


def test_what_has_no_translation_is_told_with_its_line_and_stops_only_itself(both: Workspace) -> None:
    both.edit("models/visits.sql", "o.amount / 2 as half", "list_transform([o.amount], v -> v / 2)[1] as half")
    said = both.dryland("plan", "--warehouse", "pg").out
    assert "not translated from duckdb to postgres:" in said
    assert "models/visits.sql:6: there is no translation of functions over lists" in said
    assert "hint: unnest the list" in said
    told = both.dryland("plan", "--warehouse", "pg", "--json").json["untranslated"]
    assert [(each["node"], each["path"], each["line"]) for each in told] == [
        ("model.shop.visits", "models/visits.sql", 6)
    ]
    refused = both.dryland("apply", "--yes", "--warehouse", "pg", code=2).err
    assert "models/visits.sql:6" in refused
    assert "`visits` is not translated" in refused
    assert both.dryland("release", "list", "--warehouse", "pg", "--json").json["releases"] == []
    both.dryland("apply", "--yes", "--warehouse", "pg", "--exclude", "visits")
    both.dryland("apply", "--yes")  # where it is written for


def test_what_the_warehouse_refuses_is_told_before_anything_is_built(both: Workspace) -> None:
    both.edit("models/visits.sql", "o.amount / 2 as half", "o.no_such_column as half")
    said = both.dryland("plan", "--warehouse", "pg").out
    assert "models/visits.sql:6: it is not understood: Unknown column: no_such_column" in said
    both.edit("models/visits.sql", "o.no_such_column", "cast(o.order_id as date)")
    said = both.dryland("plan", "--warehouse", "pg").out
    assert "the warehouse refuses it: cannot cast type integer to date" in said


def test_tests_conditions_and_contracts_are_translated(both: Workspace) -> None:
    both.write("tests/halves.sql", "select * from {{ ref('visits') }} where half * 2 <> amount or 7 / 2 = 3")
    both.write(
        "models/more.yml",
        """
        models:
          - name: visits
            config:
              meta: {checks: [{expression_is_true: {expression: "round(half, 1) >= 0 and hour(month) = 0"}}]}
            columns:
              - name: day_text
                data_tests:
                  - not_null: {config: {where: "date_diff('day', month, now()) > 0"}}
          - name: totals
            config: {contract: {enforced: true}}
            columns:
              - {name: total, data_type: "decimal(38, 2)"}
              - {name: mean, data_type: double}
              - {name: n, data_type: hugeint}
        """,
    )
    both.write("models/totals.sql", "select sum(cast(amount as decimal(10, 2))) as total, avg(amount) as mean, "
               "sum(order_id) as n from {{ ref('stg_orders') }}")  # fmt: skip
    for where in ((), ("--warehouse", "pg")):
        said = both.dryland("apply", "--yes", *where).out
        assert "checks passed" in said
        assert "said no" not in said
    assert "no difference" in both.dryland("diff", "--across", "pg").out


def test_a_check_without_a_translation_is_told_by_its_name(both: Workspace) -> None:
    both.write("tests/halves.sql", "select list_sum([amount]) as x from {{ ref('visits') }} where false")
    told = both.dryland("plan", "--warehouse", "pg", "--json").json["untranslated"]
    assert [(each["node"], each["path"]) for each in told] == [("test.shop.halves", "tests/halves.sql")]


def test_templates_write_the_dialect_that_the_model_is_written_in(both: Workspace) -> None:
    """So that a text is in one dialect from its first word to its last."""
    both.write(
        "macros/spoken.sql",
        """
        {% macro spoken() %}{{ return(adapter.dispatch('spoken')()) }}{% endmacro %}
        {% macro duckdb__spoken() %}'duckdb'{% endmacro %}
        {% macro postgres__spoken() %}'postgres'{% endmacro %}
        """,
    )
    both.write("models/written.sql", "select {{ spoken() }} as macro, '{{ target.type }}' as target, 7 / 2 as x")
    both.write("models/own.sql", "{{ config(dialect='postgres') }}\n"
               "select {{ spoken() }} as macro, '{{ target.type }}' as target, 7 / 2 as x")  # fmt: skip
    both.dryland("apply", "--yes", "--warehouse", "pg", "-s", "written own")
    ask = ("query", "select * from written union all select * from own", "--warehouse", "pg", "--json")
    assert both.dryland(*ask).json["rows"] == [["duckdb", "duckdb", 3.5], ["postgres", "postgres", 3.0]]
    refused = both.dryland("plan", code=2).err
    assert "models/own.sql:1" in refused
    assert "there is no translation from postgres to duckdb" in refused


def test_what_is_rendered_late_is_translated_when_it_is(both: Workspace) -> None:
    both.write(
        "models/late.sql",
        """
        {% set rows = run_query("select strftime(ordered_on, '%m') as m from " ~ ref('stg_orders') ~ " limit 1") %}
        select {{ "'" ~ rows.columns[0][0] ~ "'" if execute else "''" }} as m, 7 / 2 as x from {{ ref('stg_orders') }}
        """,
    )
    both.dryland("apply", "--yes", "--warehouse", "pg")
    asked = both.dryland("query", "select distinct m, x from late", "--warehouse", "pg", "--json")
    assert asked.json["rows"] == [["01", 3.5]]


def test_snapshots_and_sources_are_translated(both: Workspace, postgres_server: Server, postgres: str) -> None:
    with postgres_server.connect(postgres) as somebody:
        somebody.execute("create schema raw; create table raw.payments as select 1 as id, 2.5::float8 as paid, "
                         "extract(epoch from now())::text as loaded")  # fmt: skip
    both.write(
        "models/sources.yml",
        """
        sources:
          - name: raw
            loaded_at_field: to_timestamp(cast(loaded as double))
            freshness: {error_after: {count: 1, period: day}}
            tables: [{name: payments}]
        """,
    )
    both.write(
        "snapshots/paid.yml",
        """
        snapshots:
          - name: paid
            relation: ref('payments')
            config: {strategy: check, unique_key: id, check_cols: all}
        """,
    )
    both.write("models/payments.sql", "select id, round(paid) as paid from {{ source('raw', 'payments') }}")
    both.dryland("apply", "--yes", "--warehouse", "pg", "-s", "payments+")
    asked = both.dryland("query", "select id, paid, dbt_valid_to from paid", "--warehouse", "pg", "--json")
    assert asked.json["rows"] == [[1, 3.0, None]]
    assert "error" not in both.dryland("freshness", "--warehouse", "pg").out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("plan", "--warehouse", "gp"), "there is no warehouse `gp` in dryland.yml"),
        (("diff", "--across", "gp"), "there is no warehouse `gp` in dryland.yml"),
        (("diff", "--across", "pg", "--warehouse", "pg"), "`pg` is compared with itself"),
        (("diff", "--across", "pg", "--from", "prod"), "--across compares one environment on two warehouses"),
    ],
)
def test_a_warehouse_that_cannot_be_meant_is_told(both: Workspace, arguments: tuple[str, ...], says: str) -> None:
    assert says in both.dryland(*arguments, code=2).err


def test_a_dialect_that_no_warehouse_speaks_is_told_with_its_line(shop: Workspace) -> None:
    shop.write("dryland.yml", "retries: 1\ndialect: oracle\n")
    assert "dryland.yml:2" in shop.dryland("plan", code=2).err


def test_the_key_of_a_build_is_that_of_what_is_sent(both: Workspace, tmp_path: Path) -> None:
    """Another text in the one dialect that means the same in the other is no change there."""
    both.dryland("apply", "--yes", "--warehouse", "pg")
    both.edit("models/visits.sql", "o.amount / 2 as half", "o.amount   / 2 AS half -- of it\n")
    assert both.building("--warehouse", "pg") == []


def test_what_a_python_model_gave_changes_no_translation(both: Workspace) -> None:
    """Its columns are known only once it was released: the plan right after has nothing to do all the same."""
    both.write(
        "models/py.py", "def model(dbt, session):\n    return dbt.ref('stg_orders').df()[['order_id', 'amount']]\n"
    )
    both.write("models/after.sql", "select *, amount / 2 as half, max(amount) over () as most from {{ ref('py') }}")
    both.write("models/then.sql", "select half, round(cast(most as double)) as most, 1 as n from "
               "{{ ref('py') }} join {{ ref('after') }} using (order_id)")  # fmt: skip
    both.dryland("apply", "--yes", "--warehouse", "pg")
    assert both.dryland("plan", "--warehouse", "pg").out.startswith("Nothing to do")
