"""A contract is kept by what is built, or nothing is published."""

from __future__ import annotations

from typing import Any

import pytest

PROFILE = (
    "firm: {target: dev, outputs: {dev: {type: duckdb, path: \"{{ env_var('WAREHOUSE', 'warehouse.duckdb') }}\"}}}\n"
)
ORDERS = (
    "select {{ var('amount', '4.5') }}::decimal(10, 2) as amount, {{ var('customer', 1) }} as customer_id, 10 as id"
)
CONTRACTS = """
models:
  - name: customers
    config: {contract: {enforced: true}}
    constraints: [{type: primary_key, columns: [id]}]
    columns: [{name: id, data_type: integer}, {name: name, data_type: text}]
  - name: orders
    config: {contract: {enforced: true}}
    constraints:
      - {type: foreign_key, columns: [customer_id], to: ref('customers'), to_columns: [id]}
      - {type: check, name: is_positive, expression: "amount > 0"}
    columns:
      - {name: id, data_type: int, constraints: [{type: not_null}, {type: unique}]}
      - {name: customer_id, data_type: int}
      - {name: amount, data_type: "decimal(10,2)"}
  - name: recent
    config: {contract: {enforced: true}}
    columns: [{name: id, data_type: int}, {name: amount, data_type: "decimal(10,2)"}]
  - name: grown
    config: {contract: {enforced: true}}
    columns:
      - {name: id, data_type: int, constraints: [{type: primary_key}]}
      - {name: amount, data_type: int, constraints: [{type: check, expression: "amount > 0"}]}
"""
GROWN = """
{{ config(materialized='incremental', unique_key='id', on_schema_change='append_new_columns') }}
select {{ var('id', 1) }} as id, {{ var('grown', 5) }} as amount
"""
TABLES = ("customers", "orders", "recent", "grown")


@pytest.fixture
def firm(workspace) -> Any:
    workspace.write("dbt_project.yml", "name: firm\nprofile: firm\nversion: '1.0'\n")
    workspace.write("profiles.yml", PROFILE)
    workspace.write("models/customers.sql", "{{ config(materialized='table') }} select 'Ana' as name, 1 as id\n")
    workspace.write("models/orders.sql", "{{ config(materialized='table') }} " + ORDERS)
    workspace.write("models/recent.sql", "select amount, id from {{ ref('orders') }}\n")
    workspace.write("models/grown.sql", GROWN)
    workspace.write("models/contracts.yml", CONTRACTS)
    return workspace


@pytest.fixture
def small(workspace) -> Any:
    """One model and its contract, to be broken."""
    workspace.write("dbt_project.yml", "name: firm\nprofile: firm\nversion: '1.0'\n")
    workspace.write("profiles.yml", PROFILE)
    return workspace


def contract(small, columns: str, sql: str = "select 1 as id, 'x' as name", more: str = "", config: str = "") -> None:
    small.write("models/one.sql", f"{{{{ config(materialized='table'{config}) }}}}\n{sql}\n")
    small.write(
        "models/one.yml",
        f"models:\n  - name: one\n    config: {{contract: {{enforced: true}}}}\n{more}    columns: [{columns}]\n",
    )


def described(firm, table: str, warehouse: str = "warehouse.duckdb") -> Any:
    query = f"select column_name, column_type from (describe main.{table})"
    return firm.sql(query, warehouse), firm.sql(f"from main.{table} order by all", warehouse)


def constraints(firm, table: str) -> set[str]:
    """Of the build that readers see."""
    (view,) = firm.sql(f"select sql from duckdb_views() where view_name = '{table}'")[0]
    found = firm.sql("select table_name, constraint_text from duckdb_constraints()")
    return {text for name, text in found if name in view}


def test_a_kept_contract_decides_order_types_and_constraints(firm) -> None:
    firm.dryland("apply", "--yes")
    assert described(firm, "customers") == ([("id", "INTEGER"), ("name", "VARCHAR")], [(1, "Ana")])
    assert [name for name, _ in described(firm, "recent")[0]] == ["amount", "id"], "a view is as its query is"
    assert constraints(firm, "customers") == {"PRIMARY KEY(id)", "NOT NULL"}
    assert constraints(firm, "orders") == {"UNIQUE(id)", "NOT NULL", "CHECK((amount > 0))"}


@pytest.mark.dbt
@pytest.mark.slow
def test_dbt_makes_the_same_tables(firm, dbt) -> None:
    for variables in ("{}", "{id: 2, grown: 7}"):
        firm.dryland("apply", "--yes", "--vars", variables)
        dbt("run", "--vars", variables)
        ours = {name: described(firm, name) for name in TABLES}
        assert ours == {name: described(firm, name, "dbt.duckdb") for name in TABLES}
    dbt("run", "--vars", "{amount: -1, id: 3, grown: -7}", code=1)


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ("{amount: -1}", "a row breaks the contract of `orders`: Constraint Error: CHECK constraint failed"),
        ("{id: 3, grown: -1}", "a row breaks the contract of `grown`: Constraint Error: CHECK constraint failed"),
    ],
)
def test_a_row_that_breaks_a_constraint_stops_the_release(firm, variables: str, said: str) -> None:
    """Of a new table, and of the copy that an incremental model grows in."""
    firm.dryland("apply", "--yes")
    before = firm.content()
    answer = firm.dryland("apply", "--yes", "--vars", variables, code=3)
    assert said in answer.out and "models/contracts.yml" in answer.out
    assert firm.content() == before


def test_a_generation_keeps_the_constraints_of_the_one_before(firm) -> None:
    firm.dryland("apply", "--yes")
    before = constraints(firm, "grown")
    firm.dryland("apply", "--yes", "--vars", "{id: 2, grown: 7}")
    assert firm.sql("from main.grown order by all") == [(1, 5), (2, 7)]
    assert constraints(firm, "grown") == before == {"PRIMARY KEY(id)", "NOT NULL", "CHECK((amount > 0))"}


def test_a_foreign_key_is_checked_by_the_gate(firm) -> None:
    firm.dryland("apply", "--yes")
    before = firm.content()
    answer = firm.dryland("apply", "--yes", "--vars", "{customer: 9}", code=1)
    assert "foreign_key_orders_customer_id" in answer.out
    assert firm.content() == before


def test_a_foreign_key_is_checked_when_what_it_refers_to_changes(firm) -> None:
    firm.dryland("apply", "--yes")
    firm.edit("models/customers.sql", "1 as id", "2 as id")
    assert "foreign_key_orders_customer_id" in firm.dryland("apply", "--yes", code=1).out


def test_a_foreign_key_of_two_columns_by_the_name_of_the_table(small) -> None:
    small.write("models/parent.sql", "{{ config(materialized='table') }} select 1 as a, 2 as b\n")
    key = '    constraints: [{type: foreign_key, name: same_pair, columns: [a, b], expression: "main.parent (a, b)"}]\n'
    columns = "{name: a, data_type: int}, {name: b, data_type: int}"
    contract(small, columns, "select 1 as a, 2 as b union all select null, 7", key)
    small.dryland("apply", "--yes")
    contract(small, columns, "select 1 as a, 3 as b", key)
    assert "same_pair" in small.dryland("apply", "--yes", code=1).out


DIFFERENT = {
    "{name: id, data_type: int}": "name VARCHAR is in the query and not in the contract",
    "{name: id, data_type: int}, {name: name, data_type: text}, {name: age, data_type: int}": (
        "age INTEGER is in the contract and not in the query"
    ),
    "{name: id, data_type: bigint}, {name: name, data_type: text}": (
        "id is INTEGER in the query and BIGINT in the contract"
    ),
    "{name: ID, data_type: int}, {name: name, data_type: text}": "ID INTEGER is in the contract and not in the query",
    "{name: id, data_type: nonsense}, {name: name, data_type: text}": "nonsense",
}


@pytest.mark.parametrize("materialized", ["table", "view", "incremental"])
def test_a_query_with_other_columns_is_refused_and_each_is_named(small, materialized: str) -> None:
    config = ", on_schema_change='fail'" if materialized == "incremental" else ""
    for columns, said in DIFFERENT.items():
        contract(small, columns, config=config)
        small.edit("models/one.sql", "'table'", f"'{materialized}'")
        answer = small.dryland("apply", "--yes", code=3)
        assert said in answer.out
        assert said == "nonsense" or "models/one.yml:2" in answer.out


IMPOSSIBLE = {
    "a column without a type": ("{name: id}, {name: name, data_type: text}", "", "", "no data_type is given for id"),
    "no columns": ("", "", "", "it has no `columns` in YAML"),
    "an unknown constraint": (
        "{name: id, data_type: int}", "    constraints: [{type: lucky}]\n", "", "`lucky` is no type of constraint",
    ),
    "two primary keys": (
        "{name: id, data_type: int, constraints: [{type: primary_key}]}",
        "    constraints: [{type: primary_key, columns: [id]}]\n", "", "more than one primary key (id, of the model)",
    ),
    "columns that may come and go": (
        "{name: id, data_type: int}", "", ", materialized='incremental'", "on_schema_change is `ignore`",
    ),
    "a key to nothing": (
        "{name: id, data_type: int}",
        "    constraints: [{type: foreign_key, columns: [id], to: ref('nobody'), to_columns: [id]}]\n", "", "`nobody`",
    ),
    "a key to an unknown table": (
        "{name: id, data_type: int}",
        "    constraints: [{type: foreign_key, columns: [id], expression: 'nobody (id)'}]\n", "",
        "refers to nobody, which is no model and no source",
    ),
}  # fmt: skip


@pytest.mark.parametrize("why", IMPOSSIBLE)
def test_a_contract_that_nothing_can_keep_is_refused_when_the_project_is_read(small, why: str) -> None:
    columns, more, config, said = IMPOSSIBLE[why]
    contract(small, columns, more=more)
    if config:
        small.edit("models/one.sql", "materialized='table'", config.removeprefix(", "))
    answer = small.dryland("plan", code=2)
    assert said in answer.err and "models/one.yml:2" in answer.err


def test_a_python_model_has_no_contract(small) -> None:
    small.write("models/one.py", "def model(dbt, session):\n    return session.sql('select 1 as id')\n")
    small.write(
        "models/one.yml",
        "models: [{name: one, config: {contract: {enforced: true}}, columns: [{name: id, data_type: int}]}]\n",
    )
    assert "it is no SQL model" in small.dryland("plan", code=2).err


def test_without_an_enforced_contract_types_and_constraints_are_documentation(small) -> None:
    """As in dbt: no constraint is made, nothing is warned of, and nothing is built again when they change."""
    contract(small, "{name: id, data_type: text, constraints: [{type: check, expression: 'id > 5'}]}")
    small.edit("models/one.yml", "config: {contract: {enforced: true}}", "config: {tags: [a]}")
    answer = small.dryland("apply", "--yes")
    assert "constraint" not in answer.out + answer.err
    small.edit("models/one.yml", "id > 5", "id > 6")
    assert not [s for s in small.dryland("plan", "--json").json["steps"] if s["action"] == "build"]


def test_an_ephemeral_model_promises_in_vain_and_is_told_so(small) -> None:
    """dbt says nothing and checks nothing."""
    contract(small, "{name: id, data_type: text}")
    small.edit("models/one.sql", "'table'", "'ephemeral'")
    small.write("models/two.sql", "select id from {{ ref('one') }}\n")
    answer = small.dryland("apply", "--yes")
    assert "contracts are kept for tables and views of models only: one" in answer.out + answer.err


def test_a_changed_contract_is_another_table(small) -> None:
    contract(small, "{name: id, data_type: int}, {name: name, data_type: text}")
    small.dryland("apply", "--yes")
    contract(small, "{name: name, data_type: text}, {name: id, data_type: int, constraints: [{type: not_null}]}")
    small.dryland("apply", "--yes")
    assert described(small, "one")[0] == [("name", "VARCHAR"), ("id", "INTEGER")]
    assert constraints(small, "one") == {"NOT NULL"}


def test_a_constraint_may_be_any_sql_of_the_warehouse(small) -> None:
    contract(
        small,
        "{name: id, data_type: int, constraints: [{type: custom, expression: 'default 7'}]}, "
        "{name: name, data_type: text, constraints: [{type: check, expression: \"name in ('x', 'y')\"}]}",
    )
    small.dryland("apply", "--yes")
    assert constraints(small, "one") == {"CHECK((\"name\" IN ('x', 'y')))"}
    contract(small, "{name: id, data_type: int, constraints: [{type: check, expression: 'id >'}]}", "select 1 as id")
    assert "does not parse: check (id >)" in small.dryland("apply", "--yes", code=3).out
