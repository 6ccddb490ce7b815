"""What somebody else built is taken over without losing a row, and handed back as it was."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import duckdb
import pytest

TABLES = """
    create table raw_customers as select * from (values (1, 'Ana', 'pt'), (2, 'Bo', 'se')) t(id, name, country);
    create table raw_orders as
        select * from (values (10, 1, 20.5, date '2026-01-01')) t(id, customer_id, amount, ordered_on);
    create view stg_customers as select id as customer_id, name, country from raw_customers;
    create table stg_orders as select id as order_id, customer_id, amount, ordered_on from raw_orders;
    create table customer_orders as select 7 as customer_id, 'old' as name, 70 as orders, 700.0 as revenue;
    create view big_spenders as select customer_id, revenue from customer_orders;
"""
OWN = """
    create or replace table customer_orders (
        customer_id integer primary key, name varchar not null default 'nobody', orders bigint,
        revenue double check (revenue >= 0)
    );
    insert into customer_orders values (7, 'old', 70, 700.0);
    create index by_name on customer_orders(name);
    comment on table customer_orders is 'the owner''s';
    comment on column customer_orders.name is 'who';
    comment on view big_spenders is 'of the owner too';
"""
TOLD = (
    "select table_name, sql, comment from duckdb_tables() where schema_name = 'main'",
    "select view_name, sql, comment from duckdb_views() where schema_name = 'main' and not internal",
    "select index_name, sql, comment from duckdb_indexes() where schema_name = 'main'",
    "select table_name, column_name, comment from duckdb_columns() where schema_name = 'main' and not internal",
)
KILLED_BEFORE_ITS_RELEASE = """
import os, signal
from dryland import applying
real = applying.plan_for
applying.plan_for = lambda *them, **more: os.kill(os.getpid(), signal.SIGKILL)
from dryland.cli import main
main(["apply", "--yes", "--adopt"])
"""
KINDS = "select table_name, table_type from information_schema.tables where table_schema = 'main' order by 1"


@pytest.fixture
def theirs(shop):
    """The shop's warehouse as another tool left it."""
    with duckdb.connect(str(shop.root / "warehouse.duckdb")) as connection:
        connection.execute(TABLES)
    return shop


def test_the_plan_says_what_is_in_the_way_and_apply_touches_nothing(theirs) -> None:
    before = (theirs.content(), theirs.sql(KINDS))
    plan = theirs.dryland("plan")
    assert "in the way: main.big_spenders, main.customer_orders" in plan.out
    answer = theirs.dryland("apply", "--yes", code=2)
    assert "6 relations that Dryland did not make stand where prod publishes" in answer.err
    assert "--adopt" in answer.err
    assert (theirs.content(), theirs.sql(KINDS)) == before


@pytest.mark.slow
def test_adopted_tables_come_back_as_tables(theirs) -> None:
    before, kinds = theirs.content(), theirs.sql(KINDS)
    theirs.dryland("apply", "--yes", "--adopt")
    assert theirs.sql("select count(*) from customer_orders") == [(3,)]
    assert {kind for _, kind in theirs.sql(KINDS)} == {"VIEW"}
    assert theirs.dryland("plan", "--json").json["changes"] == []
    theirs.dryland("rollback", "--yes")
    assert (theirs.content(), theirs.sql(KINDS)) == (before, kinds)
    with duckdb.connect(str(theirs.root / "warehouse.duckdb")) as connection:  # and they are theirs to change
        connection.execute("insert into customer_orders values (8, 'new', 1, 1.0)")
    assert theirs.sql("select count(*) from big_spenders") == [(2,)]
    theirs.dryland("apply", "--yes", code=2)
    theirs.dryland("apply", "--yes", "--adopt")
    theirs.dryland("rollback", "--yes")
    assert theirs.sql("select count(*) from customer_orders") == [(2,)]


def test_a_refused_release_hands_everything_back(theirs) -> None:
    before, kinds = theirs.content(), theirs.sql(KINDS)
    theirs.edit("models/marts/customer_orders.sql", "c.customer_id,\n    c.name,", "null as customer_id, c.name,")
    answer = theirs.dryland("apply", "--yes", "--adopt", code=1)
    assert "not_null_customer_orders_customer_id" in answer.out
    assert (theirs.content(), theirs.sql(KINDS)) == (before, kinds)
    assert "in the way" in theirs.dryland("plan").out


def test_only_what_was_selected_is_taken_over(theirs) -> None:
    theirs.dryland("apply", "--yes", "--adopt", "-s", "+stg_customers")
    kinds = dict(theirs.sql(KINDS))
    assert (kinds["raw_customers"], kinds["customer_orders"]) == ("VIEW", "BASE TABLE")


def test_an_incremental_model_goes_on_from_the_rows_that_were_there(theirs) -> None:
    """History that no source holds any more is not lost by moving in."""
    theirs.write(
        "models/marts/customer_orders.sql",
        """
        {{ config(materialized='incremental', unique_key='customer_id') }}
        select c.customer_id, c.name, 1 as orders, 1.5 as revenue from {{ ref('stg_customers') }} c
        """,
    )
    theirs.dryland("apply", "--yes", "--adopt")
    assert [row[0] for row in theirs.sql("select customer_id from customer_orders order by 1")] == [1, 2, 3, 7]


def whole(shop: Any) -> list[Any]:
    """Everything that the warehouse tells of what readers see."""
    return [shop.content(), *(sorted(shop.sql(query), key=repr) for query in TOLD)]


def break_the_gate(shop: Any) -> None:
    shop.edit("models/marts/customer_orders.sql", "c.customer_id,\n    c.name,", "null as customer_id, c.name,")


def mend_the_gate(shop: Any) -> None:
    shop.edit("models/marts/customer_orders.sql", "null as customer_id, c.name,", "c.customer_id,\n    c.name,")


@pytest.mark.slow
def test_keys_defaults_conditions_indexes_and_comments_come_back(theirs) -> None:
    """After a refusal that says that nothing changed, and after a rollback on another day."""
    theirs.arrives(OWN)
    before = whole(theirs)
    break_the_gate(theirs)
    theirs.dryland("apply", "--yes", "--adopt", code=1)
    assert whole(theirs) == before
    mend_the_gate(theirs)
    theirs.dryland("apply", "--yes", "--adopt")
    assert whole(theirs) != before
    theirs.dryland("rollback", "--yes")
    assert whole(theirs) == before


def test_what_cannot_come_back_as_it_was_is_refused_by_name(theirs) -> None:
    theirs.arrives("create table visits (customer_id integer primary key)")
    theirs.arrives("create or replace table stg_customers_2 (customer_id integer references visits(customer_id))")
    theirs.arrives("drop view stg_customers", "alter table stg_customers_2 rename to stg_customers")
    before = whole(theirs)
    answer = theirs.dryland("apply", "--yes", "--adopt", code=2)
    assert "main.stg_customers has a foreign key" in answer.err
    assert whole(theirs) == before


@pytest.fixture
def adopted_in_dev(theirs) -> Any:
    """Somebody's table stands in an environment's schema, and is taken over by it."""
    theirs.dryland("apply", "--yes", "--adopt")
    theirs.arrives("create schema main__dev", "create table main__dev.customer_orders (id integer primary key)")
    theirs.arrives("insert into main__dev.customer_orders values (42)")
    theirs.dryland("apply", "-e", "dev", "--yes", "--adopt")
    assert theirs.sql("select count(*) from main__dev.customer_orders") == [(3,)]
    return theirs


@pytest.mark.slow
def test_an_environment_that_goes_hands_back_what_it_took_over(adopted_in_dev) -> None:
    shop = adopted_in_dev
    shop.dryland("env", "drop", "dev", "--yes")
    shop.dryland("gc", "--yes")
    assert shop.sql("from main__dev.customer_orders") == [(42,)]
    (sql,) = shop.sql("select sql from duckdb_tables() where schema_name = 'main__dev'")
    assert sql == ("CREATE TABLE main__dev.customer_orders(id INTEGER PRIMARY KEY);",)
    assert shop.sql("select view_name from duckdb_views() where schema_name = 'main__dev'") == []


@pytest.mark.slow
def test_an_environment_of_the_same_name_takes_over_again(adopted_in_dev) -> None:
    """Numbers of releases start again with an environment; names in the store must not."""
    shop = adopted_in_dev
    shop.dryland("rollback", "-e", "dev", "--yes")
    assert shop.sql("from main__dev.customer_orders") == [(42,)]
    shop.dryland("env", "drop", "dev", "--yes")
    shop.dryland("apply", "-e", "dev", "--yes", "--adopt")
    assert shop.sql("select count(*) from main__dev.customer_orders") == [(3,)]
    shop.dryland("env", "drop", "dev", "--yes")
    assert shop.sql("from main__dev.customer_orders") == [(42,)]


@pytest.mark.slow
def test_going_back_to_a_hand_back_gives_what_was_taken_over_last(theirs) -> None:
    theirs.dryland("apply", "--yes", "--adopt")  # releases 1 and 2
    theirs.dryland("rollback", "--yes")  # 3
    theirs.arrives("insert into customer_orders values (8, 'new', 1, 1.0)")
    before = whole(theirs)
    theirs.dryland("apply", "--yes", "--adopt")  # 4 and 5
    theirs.dryland("rollback", "3", "--yes")
    assert whole(theirs) == before
    theirs.dryland("rollback", "1", "--yes")  # the first adoption, whose tables are theirs again by now
    assert whole(theirs) == before
    answer = theirs.dryland("rollback", "2", "--yes", code=2)
    assert "did not make stand at main.big_spenders, main.customer_orders" in answer.err
    assert whole(theirs) == before
    theirs.dryland("env", "create", "dev")
    assert theirs.sql("select count(*) from main__dev.customer_orders") == [(2,)]


@pytest.mark.slow
def test_going_back_behind_an_adoption_gives_what_was_not_ours_then(theirs) -> None:
    theirs.dryland("apply", "--yes", "--adopt", "-s", "+stg_customers")
    before = whole(theirs)
    theirs.dryland("apply", "--yes", "--adopt")
    assert dict(theirs.sql(KINDS))["customer_orders"] == "VIEW"
    theirs.dryland("rollback", "2", "--yes")
    assert whole(theirs) == before


@pytest.mark.slow
def test_going_back_to_our_own_release_does_not_give_what_came_later(released) -> None:
    """Somebody replaced our view by a table: a refusal gives it back, an older release of ours shows our rows."""
    released.arrives("drop view customer_orders", "create table customer_orders (customer_id integer primary key)")
    before = whole(released)
    break_the_gate(released)
    released.dryland("apply", "--yes", "--adopt", code=1)
    assert whole(released) == before
    mend_the_gate(released)
    released.dryland("apply", "--yes", "--adopt")
    released.dryland("rollback", "1", "--yes")
    assert dict(released.sql(KINDS))["customer_orders"] == "VIEW"
    assert released.sql("select count(*) from customer_orders") == [(3,)]
    kinds = {each["id"]: each["kind"] for each in released.dryland("release", "list", "--json").json["releases"]}
    adopted, handed_back = (max(id_ for id_, kind in kinds.items() if kind == "adopt"), 4)
    assert kinds[handed_back] == "rollback"
    for release in (adopted, 1, handed_back):
        released.dryland("rollback", str(release), "--yes", code=None if release == 1 else 0)
        assert whole(released) == before
    released.dryland("apply", "--yes", "--adopt")
    released.dryland("rollback", str(max(kinds)), "--yes")  # when release 1 was shown again
    assert dict(released.sql(KINDS))["customer_orders"] == "VIEW"


@pytest.mark.slow
def test_a_refusal_hands_back_no_more_than_was_taken_for_it(theirs) -> None:
    theirs.dryland("apply", "--yes", "--adopt", "-s", "+stg_customers")
    before = whole(theirs)
    break_the_gate(theirs)
    theirs.dryland("apply", "--yes", "--adopt", code=1)
    assert whole(theirs) == before


@pytest.mark.slow
def test_a_kill_between_an_adoption_and_its_release_is_made_good_by_the_next_refusal(theirs) -> None:
    theirs.arrives(OWN)
    before = whole(theirs)
    done = subprocess.run(
        [sys.executable, "-c", KILLED_BEFORE_ITS_RELEASE], cwd=theirs.root, capture_output=True, check=False
    )
    assert done.returncode == -9
    assert {kind for _, kind in theirs.sql(KINDS)} == {"VIEW"}
    break_the_gate(theirs)
    theirs.dryland("apply", "--yes", "--adopt", code=1)
    assert whole(theirs) == before


@pytest.mark.slow
def test_a_kill_between_an_adoption_and_its_release_is_finished_by_the_next_apply(theirs) -> None:
    before = whole(theirs)
    subprocess.run([sys.executable, "-c", KILLED_BEFORE_ITS_RELEASE], cwd=theirs.root, capture_output=True, check=False)
    theirs.dryland("apply", "--yes")
    assert theirs.sql("select count(*) from customer_orders") == [(3,)]
    theirs.dryland("rollback", "--yes")
    assert whole(theirs) == before


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
@pytest.mark.slow
def test_a_stop_while_the_second_plan_is_made_hands_everything_back(theirs, monkeypatch, error) -> None:
    from dryland import applying

    def stop(*_: object, **__: object) -> None:
        raise error

    before = whole(theirs)
    monkeypatch.setattr(applying, "plan_for", stop)
    with pytest.raises((error, AssertionError)):
        theirs.dryland("apply", "--yes", "--adopt")
    assert whole(theirs) == before


def test_what_was_published_is_not_handed_back_when_the_last_word_is_not_written(theirs, monkeypatch) -> None:
    """The warehouse knows what readers see."""
    from dryland.state.store import State

    real, said = State.complete_release, []

    def second_fails(state: State, release_id: int) -> Any:
        said.append(release_id)
        if len(said) == 2:
            raise RuntimeError("the metadata is gone for a moment")
        return real(state, release_id)

    monkeypatch.setattr(State, "complete_release", second_fails)
    with pytest.raises((RuntimeError, AssertionError)):
        theirs.dryland("apply", "--yes", "--adopt")
    monkeypatch.undo()
    assert theirs.sql("select count(*) from customer_orders") == [(3,)]
    releases = theirs.dryland("release", "list", "--json").json["releases"]
    assert [(release["kind"], release["status"]) for release in releases] == [
        ("apply", "live"),
        ("adopt", "superseded"),
    ]


def test_an_environment_is_not_created_over_somebodys_view(theirs) -> None:
    theirs.dryland("apply", "--yes", "--adopt")
    theirs.arrives("create schema main__dev", "create view main__dev.customer_orders as select 42 as id")
    answer = theirs.dryland("env", "create", "dev", code=2)
    assert "did not make stand at main__dev.customer_orders" in answer.err
    assert "dev" not in theirs.dryland("env", "list").out
    assert theirs.sql("from main__dev.customer_orders") == [(42,)]
    theirs.arrives("drop view main__dev.customer_orders")
    theirs.dryland("env", "create", "dev")
    assert theirs.sql("select count(*) from main__dev.customer_orders") == [(3,)]


@pytest.mark.parametrize("kind", ["table", "view"])
@pytest.mark.slow
def test_a_name_in_capitals_is_in_the_way_and_comes_back_in_capitals(theirs, kind) -> None:
    theirs.arrives("drop table customer_orders", f'create {kind} "Customer_Orders" as select 7 as customer_id')
    theirs.arrives("drop view big_spenders")
    before = whole(theirs)
    answer = theirs.dryland("apply", "--yes", code=2)
    assert "main.Customer_Orders" in answer.err
    assert whole(theirs) == before
    theirs.dryland("apply", "--yes", "--adopt")
    assert theirs.sql("select count(*) from customer_orders") == [(3,)]
    theirs.dryland("rollback", "--yes")
    assert whole(theirs) == before
