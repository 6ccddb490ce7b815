"""A reader's query is pointed at another environment, and asks the same otherwise."""

from __future__ import annotations

import pytest
from sqlglot import parse_one

from dryland.engines.relation import Relation
from dryland.sql.parse import parse_query
from dryland.sql.retarget import name_key, retarget, retargeted

NAMES = {
    ("main", "orders"): Relation("shop", "main__dev", "orders"),
    ("crm", "people"): Relation("shop", "crm__dev", "persons"),
}
ORDERS, PEOPLE = '"shop"."main__dev"."orders"', '"shop"."crm__dev"."persons"'


def pointed(sql: str) -> str:
    return retarget(parse_query(sql, "duckdb"), NAMES, default_schema="main").sql("duckdb")


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("select * from orders", f"select * from {ORDERS}"),
        ("select * from MAIN.Orders o", f"select * from {ORDERS} as o"),
        ("select * from shop.main.orders", f"select * from {ORDERS}"),
        ("select orders.id from orders", f"select orders.id from {ORDERS}"),
        ("select main.orders.id from main.orders", f"select orders.id from {ORDERS}"),
        ("select people.id from crm.people", f'select people.id from {PEOPLE} as "people"'),
        ("select 1 where 1 in (select id from orders)", f"select 1 where 1 in (select id from {ORDERS})"),
        ("select * from orders using sample 10 rows", f"select * from {ORDERS} using sample 10 rows"),
        ("select * from orders tablesample (10 percent)", f"select * from {ORDERS} tablesample (10 percent)"),
        ("(select id from orders order by id) limit 1", f"(select id from {ORDERS} order by id) limit 1"),
    ],
)
def test_known_tables_are_pointed_elsewhere(sql: str, expected: str) -> None:
    assert pointed(sql) == parse_one(expected, dialect="duckdb").sql("duckdb")


@pytest.mark.parametrize(
    "sql",
    [
        "select * from customers",
        "select * from other.orders",
        "select * from elsewhere.main.orders",
        "with orders as (select 1 as id) select * from orders",
        "select 'orders' as orders",
        "select * from read_csv('orders')",
    ],
)
def test_everything_else_stays(sql: str) -> None:
    assert pointed(sql) == parse_one(sql, dialect="duckdb").sql("duckdb")


def test_a_cte_may_have_the_name_of_the_table_it_reads() -> None:
    sql = "with orders as (select * from {} where id > 1) select * from orders"
    assert pointed(sql.format("orders")) == parse_one(sql.format(ORDERS), dialect="duckdb").sql("duckdb")


def test_a_pivot_stays_a_pivot() -> None:
    assert pointed("select * from orders pivot (sum(n) for day in (1, 2))").startswith(f"SELECT * FROM {ORDERS} PIVOT(")


def test_the_given_tree_is_not_changed() -> None:
    tree = parse_query("select * from orders", "duckdb")
    retarget(tree, NAMES, default_schema="main")
    assert tree.sql() == "SELECT * FROM orders"


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("select date_part('year', o.Day) from Orders o -- all\n;", f"select date_part('year', o.Day) from {ORDERS} o"),
        ("select /* é */ main.orders.x from main.orders", f"select /* é */ orders.x from {ORDERS}"),
        ("select ceiling(1.2) from crm.people", f'select ceiling(1.2) from {PEOPLE} as "people"'),
        ("select 1 as one", "select 1 as one"),
    ],
)
def test_a_question_is_sent_as_it_is_written(sql: str, expected: str) -> None:
    for dialect in ("duckdb", "postgres"):
        assert retargeted(sql, NAMES, default_schema="main", dialect=dialect) == expected


def test_names_in_capitals_are_others_where_capitals_count() -> None:
    names = {name_key(Relation("shop", "main", name), "postgres"): Relation("s", "m", name) for name in ("Ord", "ord")}
    for asked, name in (('"Ord"', "Ord"), ("Ord", "ord"), ("ord", "ord")):
        found = retargeted(f"select * from {asked}", names, default_schema="main", dialect="postgres")
        assert found == f'select * from "s"."m"."{name}"'
    with_cte = 'with "Ord" as (select 1) select * from ord'
    assert retargeted(with_cte, names, default_schema="main", dialect="postgres").endswith('from "s"."m"."ord"')
