"""What DuckDB hands back is what its owner made: definition, rows, indexes and comments; or it is never taken."""

from __future__ import annotations

from pathlib import Path

import pytest
from opening import READERS, STORE, at, duckdb_at, kinds, opened, rows

from dryland.engines.duckdb_session import DuckDBSession
from dryland.engines.protocol import Engine
from dryland.engines.publication import Publication
from dryland.engines.relation import Relation
from dryland.errors import InTheWayError, WarehouseError

CATALOGUE = (
    "select table_name, sql, comment from duckdb_tables() where schema_name = 'readers' order by 1",
    "select view_name, sql, comment from duckdb_views() where schema_name = 'readers' order by 1",
    "select index_name, table_name, sql, comment from duckdb_indexes() where schema_name = 'readers' order by 1",
    "select table_name, column_name, data_type, is_nullable, column_default, comment from duckdb_columns()"
    " where schema_name = 'readers' order by table_name, column_index",
)
ORDERS = """
    create table readers."Orders" (
        id integer primary key,
        state varchar not null default 'it''s new\n"\\',
        amount decimal(10, 2) unique check (amount > 0),
        "Odd name" struct(a integer, "B c" varchar[]),
        kind enum('a', 'b'),
        placed_on date default current_date,
        placed_at timestamptz default now(),
        check (id < 1000 or state = 'x;')
    );
    insert into readers."Orders" (id, amount, kind) values (1, 20.5, 'a'), (2, 5, 'b');
    create index by_state on readers."Orders"(state);
    create unique index "By Two" on readers."Orders"(lower(state), id);
    comment on table readers."Orders" is 'it''s theirs';
    comment on column readers."Orders"."Odd name" is 'odd; "quoted"';
    comment on index readers.by_state is 'an index';
    use readers;
    create view top(one, "Two x") as with orders as (select id, amount from "Orders") select * from orders;
    create view a_plain as select amount from top, "Orders" where one = id;
    use w.main;
    comment on view readers.top is 'a view';
    comment on column readers.a_plain.amount is 'a column of a view';
"""


@pytest.fixture
def engine(tmp_path: Path):
    one = opened(duckdb_at(tmp_path))
    with one.session() as session:
        session.create_schema([(one.database, STORE), (one.database, READERS)])
    yield one
    one.close()


def run(engine: Engine, sql: str) -> None:
    with engine.session() as session:
        session.execute(sql)


def whole(engine: Engine) -> list:
    """Everything that the catalogue tells of what readers see, and its rows."""
    with engine.session() as session:
        told = [session.fetch(query).rows for query in CATALOGUE]
    return [*told, {name: rows(engine, at(engine, name, READERS)) for name in kinds(engine, READERS)}]


def moves_of(engine: Engine, *names: str) -> dict[Relation, Relation]:
    return {at(engine, name, READERS): at(engine, f"{name}__a") for name in names}


def test_everything_about_a_table_and_a_view_comes_back(tmp_path: Path) -> None:
    """In another process than the one that took it over."""
    first = opened(duckdb_at(tmp_path))
    run(first, "create schema readers")
    run(first, ORDERS)
    before = whole(first)
    moves = moves_of(first, "a_plain", "Orders", "top")
    first.publish(Publication("prod", "1", moves, moves=moves))
    assert kinds(first, READERS) == {"Orders": "view", "a_plain": "view", "top": "view"}
    assert whole(first)[-1] == before[-1]
    first.close()
    second = opened(duckdb_at(tmp_path))
    second.publish(Publication("prod", "2", {}, returns=moves))
    second.close()
    third = opened(duckdb_at(tmp_path))
    try:
        assert whole(third) == before
        with pytest.raises(Exception, match="NOT NULL"):
            run(third, 'insert into readers."Orders" (id, state) values (9, null)')
        with pytest.raises(Exception, match="uplicate key"):
            run(third, 'insert into readers."Orders" (id) values (1)')
    finally:
        third.close()


@pytest.mark.parametrize(
    ("made", "why"),
    [
        ("create table readers.orders (id integer generated always as (1 + 1), x integer)", "has a generated column"),
        (
            "create sequence readers.numbers; create table readers.orders (id integer default nextval('numbers'))",
            "takes its id from a sequence",
        ),
        (
            "create table readers.people (id integer primary key);"
            "create table readers.orders (id integer references readers.people(id))",
            "has a foreign key",
        ),
        (
            "create table readers.orders (id integer primary key);"
            "create table readers.lines (id integer references readers.orders(id))",
            "is what a foreign key of lines refers to",
        ),
        (
            "create table readers.raw as select 1 as x; create view readers.orders as"
            " select [y for y in [1, 2] if y > x] as y from readers.raw",
            "is a view whose query Dryland does not understand",
        ),
        ("create table readers.gone as select 1 as x; create view readers.orders as from readers.gone;"
         "drop table readers.gone", "cannot be copied"),
    ],
)  # fmt: skip
def test_what_could_not_be_made_again_is_not_taken_over(engine: Engine, made: str, why: str) -> None:
    run(engine, f"use readers; {made}; use w.main")
    with engine.session() as session:
        before = [session.fetch(query).rows for query in CATALOGUE]
    moves = moves_of(engine, "orders")
    with pytest.raises(InTheWayError, match=f"readers.orders {why}") as raised:
        engine.publish(Publication("prod", "1", moves, moves=moves))
    assert raised.value.objects == ("readers.orders",)
    with engine.session() as session:
        assert [session.fetch(query).rows for query in CATALOGUE] == before
    assert kinds(engine, STORE) == {}
    assert engine.published() == {}


def test_what_comes_out_different_is_not_taken_over(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever DuckDB forgets to tell of a table in a version to come."""
    from dryland.engines.duckdb_origin import Origin

    run(engine, "create table readers.orders (id integer primary key); create index i on readers.orders(id)")
    before = whole(engine)
    real = Origin.statements
    monkeypatch.setattr(Origin, "statements", lambda *them: [each for each in real(*them) if "INDEX" not in each])
    moves = moves_of(engine, "orders")
    with pytest.raises(InTheWayError, match="comes out different when it is made again"):
        engine.publish(Publication("prod", "1", moves, moves=moves))
    assert whole(engine) == before


def test_a_copy_that_somebody_dropped_is_said_and_nothing_changes(engine: Engine) -> None:
    run(engine, "create table readers.orders as select 1 as id")
    moves = moves_of(engine, "orders")
    build = at(engine, "other")
    run(engine, f"create table {engine.render(build)} as select 5 as id")
    engine.publish(Publication("prod", "1", {at(engine, "orders", READERS): build}, moves=moves))
    run(engine, f"drop table {STORE}.orders__a")
    with pytest.raises(WarehouseError, match="orders__a is not what we left there"):
        engine.publish(Publication("prod", "2", {}, returns=moves))
    assert rows(engine, at(engine, "orders", READERS)) == [(5,)]


def test_a_name_that_a_query_makes_for_itself_is_no_table(engine: Engine) -> None:
    """A WITH hides the table of its name, also from the copy in the store; before it, and in itself, it does not."""
    run(
        engine,
        """
        use readers;
        create table orders as select 1 as x;
        create table lines as select 10 as x;
        create view a as with orders as (select x + 100 as x from orders), z as (select * from Orders)
            select (select x from z) as x, (select max(x) from lines) as y from orders;
        create view b as with recursive lines as (select 1 as x union all select x + 1 from lines where x < 3)
            select * from lines;
        create view c as select * from (with lines as (from a) select x from lines) as one, lines as two;
        use w.main
        """,
    )
    before = whole(engine)
    moves = moves_of(engine, "a", "b", "c")
    engine.publish(Publication("prod", "1", moves, moves=moves))
    assert whole(engine)[-1] == before[-1]
    engine.publish(Publication("prod", "2", {}, returns=moves))
    assert whole(engine) == before


def test_notes_of_numbered_releases_are_brought_forward(engine: Engine) -> None:
    """What was noted by number reads as text, and the next note may be any text."""
    notes = f"{STORE}.published"
    run(engine, f"create table {notes} (environment text primary key, release bigint, published_at timestamptz)")
    run(engine, f"insert into {notes} values ('prod', 7, now()), ('dev', 8, now())")
    assert engine.published() == {"prod": "7", "dev": "8"}
    engine.publish(Publication("prod", "9-it's", {}))
    assert engine.published() == {"prod": "9-it's", "dev": "8"}
    engine.publish(Publication("prod", "10-b", {}))
    engine.forget("dev")
    assert engine.published() == {"prod": "10-b"}


def test_names_differ_by_case_and_are_one(engine: Engine) -> None:
    run(engine, 'create table readers."Orders" as select 1 as x')
    before = whole(engine)
    ours, place = at(engine, "orders", READERS), at(engine, "orders__a")
    theirs = at(engine, "Orders", READERS)
    engine.publish(Publication("prod", "1", {ours: place}, moves={theirs: place}))
    assert rows(engine, ours) == [(1,)]
    engine.publish(Publication("prod", "2", {}, returns={ours: place}))
    assert whole(engine) == before


def test_a_session_is_left_where_it_was(engine: Engine) -> None:
    run(engine, "create table readers.orders as select 1 as x")
    moves = moves_of(engine, "orders")
    engine.publish(Publication("prod", "1", moves, moves=moves))
    with engine.session() as session:
        assert isinstance(session, DuckDBSession)
        assert session.fetch("select current_schema()").rows == (("main",),)
