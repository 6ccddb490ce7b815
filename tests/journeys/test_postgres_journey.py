"""A team whose warehouse is PostgreSQL: the same verbs, and what only such a warehouse can do."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

pytestmark = pytest.mark.slow

MART = "models/marts/customer_orders.sql"


def test_what_a_model_asks_of_its_table_is_there_and_goes_with_it(pg_shop: Any) -> None:
    config = "{{ config(indexes=[{'columns': ['customer_id'], 'unique': true}], unlogged=true) }}\nwith orders as ("
    pg_shop.edit(MART, "with orders as (", config)
    pg_shop.dryland("apply", "--yes")
    of_store = "from pg_class where relnamespace = 'dryland_store'::regnamespace and relname like 'customer_orders%'"
    assert pg_shop.sql(f"select relpersistence::text {of_store} and relkind = 'r'") == [("u",)]
    assert pg_shop.sql(f"select count(*) {of_store} and relkind = 'i'") == [(1,)]
    assert "Nothing to do" in pg_shop.dryland("plan").out + pg_shop.dryland("plan").err
    pg_shop.edit(MART, "unlogged=true", "unlogged=false")
    assert pg_shop.building() == ["customer_orders"]
    pg_shop.dryland("apply", "--yes")
    assert (("p",) in pg_shop.sql(f"select relpersistence::text {of_store} and relkind = 'r'")) is True


def test_a_view_of_somebody_else_is_named_by_the_plan_and_never_torn_off(pg_shop: Any) -> None:
    pg_shop.dryland("apply", "--yes")
    pg_shop.arrives("create schema analyst", "create view analyst.v as select name, revenue from main.customer_orders")
    before = pg_shop.sql("select * from analyst.v order by name")
    pg_shop.edit(MART, "c.name,", "lower(c.name) as name,")
    plan = pg_shop.dryland("plan", "--json").json
    changed = {each["node"].rpartition(".")[2]: each for each in plan["changes"]}
    assert (changed["customer_orders"]["others"], plan["torn"]) == (["analyst.v"], [])
    pg_shop.dryland("apply", "--yes")
    assert pg_shop.sql("select * from analyst.v order by name") == [(name.lower(), worth) for name, worth in before]
    pg_shop.edit(MART, "lower(c.name) as name,", "c.name as called,")
    assert "analyst.v reads name of main.customer_orders" in pg_shop.dryland("plan").out + pg_shop.dryland("plan").err
    refused = pg_shop.dryland("apply", "--yes", code=2)
    assert "views of others read what this release takes away" in refused.err
    assert len(pg_shop.sql("select * from analyst.v")) == len(before)
    pg_shop.arrives("drop view analyst.v")
    pg_shop.dryland("apply", "--yes")


@contextmanager
def cutting(pg_shop: Any, postgres_server: Any, query: str, times: int = 1) -> Iterator[list[int]]:
    """Somebody who ends the connections that ask such a query, so many of them; their process ids."""
    cut: list[int] = []
    done = threading.Event()
    victim = "select pid from pg_stat_activity where query like %s and pid <> pg_backend_pid() and state = 'active'"

    def cut_them() -> None:
        with postgres_server.connect(pg_shop.database) as somebody:
            while len(cut) < times and not done.is_set():
                for (pid,) in somebody.execute(victim, [f"%{query}%"]).fetchall():
                    if pid not in cut and somebody.execute("select pg_terminate_backend(%s, 5000)", [pid]).fetchone():
                        cut.append(pid)
                time.sleep(0.02)

    cutter = threading.Thread(target=cut_them)
    cutter.start()
    yield cut
    done.set()
    cutter.join()


def test_a_connection_that_is_lost_in_the_middle_is_tried_again(pg_shop: Any, postgres_server: Any) -> None:
    pg_shop.edit(MART, "count(o.order_id) as orders,", "count(o.order_id) as orders, max(pg_sleep(1)::text) as waited,")
    with cutting(pg_shop, postgres_server, "pg_sleep(1)") as cut:
        pg_shop.dryland("apply", "--yes")
    assert len(cut) == 1
    assert len(pg_shop.sql("select * from main.customer_orders")) == 3


def test_a_check_that_lost_its_connection_has_said_nothing(pg_shop: Any, postgres_server: Any) -> None:
    """Asked again it passes; and where it cannot be asked at all, the warehouse failed, and nobody said no."""
    of_both = "{{ ref('customer_orders') }} as c, {{ ref('stg_orders') }} as o"
    pg_shop.write("tests/slow.sql", f"select c.name from {of_both} where (select pg_sleep(0.7)) is null")
    with cutting(pg_shop, postgres_server, "pg_sleep(0.7)") as cut:
        answer = pg_shop.dryland("apply", "--yes")
    assert len(cut) == 1 and "checks passed;" in answer.out
    pg_shop.edit(MART, "c.name,", "upper(c.name) as name,")
    with cutting(pg_shop, postgres_server, "pg_sleep(0.7)", times=9) as cut:
        answer = pg_shop.dryland("apply", "--yes", code=3)
    assert len(cut) == 3, "the first time, and twice again"
    assert "1 could not be asked" in answer.out and "said no" not in answer.out
    assert "Failed: prod is unchanged" in answer.out


def test_rows_that_are_not_null_fail_a_test_that_asks_for_them(pg_shop: Any) -> None:
    pg_shop.write("tests/unnamed.sql", "select * from {{ ref('stg_customers') }} where name is not null")
    assert "3 rows" in pg_shop.dryland("apply", "--yes", code=1).out


def test_what_nobody_needs_any_more_is_collected(pg_shop: Any) -> None:
    standing = "select relname from pg_class where relname like 'customer_orders%' and relkind in ('r', 'v')"
    pg_shop.write("dryland.yml", "retention: {releases: 1}\n")
    pg_shop.dryland("apply", "--yes")
    (old,) = {name for (name,) in pg_shop.sql(standing)} - {"customer_orders"}
    pg_shop.edit(MART, "coalesce(sum(o.amount), 0)", "2 * coalesce(sum(o.amount), 0)")
    pg_shop.dryland("apply", "--yes")
    pg_shop.arrives(f'create table dryland_store."{old[:-1]}z__in" (x int)')  # not a name of ours
    pg_shop.arrives(f'create table dryland_store."{old[:-16]}{"0" * 16}__in" (x int)')  # as a killed load leaves it
    pg_shop.dryland("gc", "--yes")
    left = {name for (name,) in pg_shop.sql(standing)}
    assert old not in left and f"{old[:-1]}z__in" in left
    assert len(left) == 3  # the published view, its build, and what is not ours


def test_grants_that_left_the_configuration_are_taken_back_and_nobody_elses(pg_shop: Any) -> None:
    """A rollback gives them again; where the view is made anew, too, they are not carried over."""
    roles = ("readers_of_a", "readers_of_b", "somebody")
    pg_shop.arrives(*(f"create role {role}" for role in roles))
    having = "select grantee, privilege_type from information_schema.role_table_grants where table_name = '{}'"

    def had(view: str = "customer_orders") -> list[tuple[str, str]]:
        return sorted(each for each in pg_shop.sql(having.format(view)) if each[0] in (*roles, "PUBLIC"))

    plain = (pg_shop.root / MART).read_text()
    granting = "{{ config(grants={'select': ['readers_of_a', 'readers_of_b'], 'insert': ['readers_of_a']}) }}\n"
    pg_shop.write(MART, granting + plain)
    pg_shop.dryland("apply", "--yes")
    assert had() == [("readers_of_a", "INSERT"), ("readers_of_a", "SELECT"), ("readers_of_b", "SELECT")]
    pg_shop.arrives(
        "grant select, update on main.customer_orders to somebody",
        "grant select on main.customer_orders to readers_of_b with grant option",
    )
    theirs = [("readers_of_b", "SELECT"), ("somebody", "SELECT"), ("somebody", "UPDATE")]
    pg_shop.write(MART, plain)
    pg_shop.dryland("apply", "--yes")
    assert had() == theirs
    pg_shop.dryland("rollback", "--yes")
    assert had() == [("readers_of_a", "INSERT"), ("readers_of_a", "SELECT"), ("readers_of_b", "SELECT")]
    pg_shop.write(MART, plain.replace("c.name,", "c.name as called,"))
    pg_shop.write("models/marts/big_spenders.sql", "select called from {{ ref('customer_orders') }}\n")
    pg_shop.dryland("apply", "--yes")
    assert had() == [("readers_of_b", "SELECT")], "a view that is made anew"
    pg_shop.arrives(*(f"drop owned by {role}" for role in roles), *(f"drop role {role}" for role in roles))
