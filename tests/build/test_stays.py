"""A table stays when a new build would repeat it, and never for the promise of a version: what went into it counts."""

from __future__ import annotations

import pytest

EVENTS = [(1, 5, "a"), (2, 6, "a"), (3, 7, "b")]


@pytest.fixture
def chain(workspace):
    """A source, a view over it, a view over that, and a table on each; not released yet."""
    workspace.write("dbt_project.yml", "name: chain\nprofile: chain\nmodels: {chain: {+materialized: table}}\n")
    workspace.write("profiles.yml", "chain: {target: dev, outputs: {dev: {type: duckdb, path: warehouse.duckdb}}}\n")
    workspace.write("models/sources.yml", "sources: [{name: raw, schema: raw, tables: [{name: events}]}]\n")
    view = "{{ config(materialized='view') }} "
    workspace.write(
        "models/v.sql", view + "select id, amount, kind from {{ source('raw', 'events') }} where amount > 0"
    )
    workspace.write("models/w.sql", view + "select id, amount from {{ ref('v') }}")
    workspace.write("models/t.sql", "select sum(amount) as total from {{ ref('v') }}")
    workspace.write("models/u.sql", "select max(amount) as highest from {{ ref('w') }}")
    workspace.arrives("create schema raw", "create table raw.events (id int, amount int, kind varchar)")
    arrive(workspace, *EVENTS)
    return workspace


def arrive(workspace, *rows: tuple[int, int, str]) -> None:
    workspace.arrives(*(f"insert into raw.events values {row}" for row in rows))


def made(workspace, *command: str) -> set[str]:
    """What a command really built."""
    steps = workspace.dryland(*(command or ("apply",)), "--yes", "--json").json["steps"]
    return {step["node"].rpartition(".")[2] for step in steps if step["action"] == "build"}


def one(workspace, query: str):
    return workspace.sql(query)[0][0]


def lets_through(workspace, amount: int) -> None:
    """The view has another filter: of what has arrived first, all pass by amounts up to 4."""
    file = workspace.root / "models/v.sql"
    file.write_text(file.read_text().partition("where")[0] + f"where amount > {amount}\n")


# Views over sources


def test_a_table_stays_over_a_view_that_shows_the_same_rows(chain) -> None:
    made(chain)
    lets_through(chain, 1)
    assert made(chain) == {"v", "w"}
    assert chain.building() == []


def test_it_follows_the_new_view_once_rows_arrive_that_tell_them_apart(chain) -> None:
    made(chain)
    lets_through(chain, 4)
    made(chain)
    arrive(chain, (4, 3, "c"), (5, 9, "c"))
    made(chain, "run")
    assert chain.sql("select total from main.t") == [(27,)]
    assert chain.sql("select highest from main.u") == [(9,)]


@pytest.mark.slow
def test_what_is_published_of_views_over_views_is_the_new_code_at_once(chain) -> None:
    """The view over the edited one reads the new one from the next row on, though both show the same today."""
    made(chain)
    lets_through(chain, 4)
    made(chain)
    arrive(chain, (4, 3, "c"))
    assert chain.sql("select id from main.w order by 1") == [(1,), (2,), (3,)]


@pytest.mark.slow
def test_the_old_code_after_rows_arrived_is_not_the_old_table(chain) -> None:
    made(chain)
    lets_through(chain, 4)
    made(chain)
    arrive(chain, (4, 3, "c"))
    made(chain, "run")
    lets_through(chain, 0)
    assert made(chain) == {"v", "w", "t"}, "the highest is the highest of both"
    assert chain.sql("select total from main.t") == [(21,)]
    made(chain, "run")
    assert chain.sql("select total from main.t") == [(21,)]


@pytest.mark.slow
def test_a_table_stays_through_several_edits_of_its_view(chain) -> None:
    made(chain)
    for amount in (1, 2, 3):
        lets_through(chain, amount)
        assert made(chain) == {"v", "w"}
    arrive(chain, (4, 3, "c"))
    lets_through(chain, 2)
    assert made(chain) == {"v", "w", "t", "u"}
    assert chain.sql("select total from main.t") == [(21,)]


def test_a_table_that_was_made_after_its_view_was_looked_at_does_not_stay(chain) -> None:
    """Rows came, the table was edited and read them, and they went: the view shows what it showed, the table not."""
    made(chain)
    arrive(chain, (4, 30, "c"))
    chain.edit("models/t.sql", "sum(amount)", "sum(amount) + 0")
    assert made(chain) == {"t"}
    assert chain.sql("select total from main.t") == [(48,)]
    chain.arrives("delete from raw.events where id = 4")
    lets_through(chain, 1)
    assert made(chain) == {"v", "w", "t"}
    assert chain.sql("select total from main.t") == [(18,)]


@pytest.mark.slow
def test_whoever_asks_for_data_has_views_read_again(chain) -> None:
    made(chain)
    assert made(chain, "run") == {"v", "w", "t", "u"}


@pytest.mark.slow
def test_a_view_that_shows_what_it_showed_is_compared_with_the_old_one_as_it_is_now(chain) -> None:
    """Rows that only the old code lets through arrived: the table is made anew of the new one, and knows it."""
    made(chain)
    arrive(chain, (4, 1, "c"))
    lets_through(chain, 1)
    assert "t" in made(chain)
    assert chain.sql("select total from main.t") == [(18,)]


@pytest.mark.slow
def test_other_environments_get_their_own_rows(chain) -> None:
    """The same edit, first in a branch, then, with more rows there, where everybody reads."""
    made(chain)
    chain.dryland("env", "create", "branch")
    lets_through(chain, 1)
    assert made(chain, "apply", "--env", "branch") == {"v", "w"}
    arrive(chain, (4, 1, "c"), (5, 2, "c"))
    made(chain)
    assert chain.sql("select total from main.t") == [(20,)]
    assert chain.sql("select total from main__branch.t") == [(18,)]
    made(chain, "run", "--env", "branch")
    assert chain.sql("select total from main__branch.t") == [(20,)]


@pytest.mark.slow
def test_what_rolls_back_shows_its_own_code(chain) -> None:
    made(chain)
    lets_through(chain, 4)
    made(chain)
    chain.dryland("rollback", "--yes")
    arrive(chain, (4, 3, "c"))
    assert one(chain, "select count(*) from main.w") == 4
    lets_through(chain, 0)
    made(chain, "run")
    assert one(chain, "select total from main.t") == 21


# Tables whose columns are read one by one


@pytest.fixture
def columns(chain):
    """A table of three columns, and readers of one, two, all, and of none."""
    for name in ("v", "w", "t", "u"):
        (chain.root / f"models/{name}.sql").unlink()
    chain.write("models/i.sql", "select id, amount, kind from {{ source('raw', 'events') }}")
    chain.write("models/of_one.sql", "select max(amount) as top from {{ ref('i') }}")
    chain.write("models/of_two.sql", "select kind, sum(amount) as total from {{ ref('i') }} group by kind")
    chain.write("models/of_all.sql", "select * from {{ ref('i') }}")
    chain.write("models/of_none.sql", "select count(*) as events from {{ ref('i') }}")
    made(chain)
    return chain


def reads(workspace, query: str) -> set[str]:
    workspace.write("models/i.sql", query)
    return made(workspace) - {"i"}


ROWS = "{{ source('raw', 'events') }}"


def test_who_reads_other_columns_than_those_that_changed_stays(columns) -> None:
    """Another filter could have let other rows through: only what came out tells."""
    query = f"select id + 1 as id, amount, kind from {ROWS} where amount > 1"
    assert reads(columns, query) == {"of_all"}


def test_columns_that_hold_the_same_apart_and_not_together_are_another_table(columns) -> None:
    query = f"select id, 12 - amount as amount, kind from {ROWS} where amount > 1"
    assert reads(columns, query) == {"of_two", "of_all"}  # 7, 6, 5 instead of 5, 6, 7
    assert columns.sql("select * from main.of_two order by 1") == [("a", 13), ("b", 5)]
    query = f"select id, amount, case when id = 1 then 'b' else 'a' end as kind from {ROWS}"
    assert reads(columns, query) == {"of_two", "of_all"}
    assert columns.sql("select * from main.of_two order by 1") == [("a", 13), ("b", 5)]


@pytest.mark.slow
def test_as_many_rows_are_the_same_to_who_counts_them(columns) -> None:
    assert reads(columns, f"select id, amount * 2 as amount, 'x' as kind from {ROWS} where amount > 1") == {
        "of_one", "of_two", "of_all",
    }  # fmt: skip


@pytest.mark.slow
def test_other_rows_are_read_by_all(columns) -> None:
    """Even of equal values, the least of the columns once more; only who asks for the highest sees none of it."""
    query = f"select id, amount, kind from {ROWS} union all select 1, 5, 'a'"
    assert reads(columns, query) == {"of_two", "of_all", "of_none"}
    assert one(columns, "select events from main.of_none") == 4


@pytest.mark.slow
def test_another_type_of_equal_values_is_another_column(columns) -> None:
    query = f"select id, cast(amount as bigint) as amount, kind from {ROWS} where amount > 1"
    assert reads(columns, query) == {"of_one", "of_two", "of_all"}
    assert one(columns, "select typeof(top) from main.of_one") == "BIGINT"


@pytest.mark.slow
def test_a_column_that_changes_twice_is_compared_with_what_was_read(columns) -> None:
    """The reader stayed while its input moved on: what it was made of is what the next edit has to give."""
    first, second = f"select id + 1 as id, amount, kind from {ROWS} where amount > 1", "amount + 1 as amount"
    assert reads(columns, first) == {"of_all"}
    assert reads(columns, first.replace("amount,", f"{second},")) == {"of_one", "of_two", "of_all"}
    assert one(columns, "select top from main.of_one") == 8
    assert "of_one" in reads(columns, first)
    assert one(columns, "select top from main.of_one") == 7


@pytest.mark.slow
def test_a_view_over_tables_alone_stops_the_wave_of_a_refresh_too(columns) -> None:
    columns.write("models/still.sql", "{{ config(materialized='view') }} select amount from {{ ref('i') }}")
    columns.write("models/over.sql", "select sum(amount) as total from {{ ref('still') }}")
    made(columns)
    assert made(columns, "run") == {"i", "still"}
    arrive(columns, (4, 3, "c"))
    assert "over" in made(columns, "run")
    assert one(columns, "select total from main.over") == 21


def test_a_reader_that_was_not_made_of_what_readers_see_follows(chain) -> None:
    """Rows arrive, another column of a table is edited and brings them along; a refresh then gives the same table."""
    chain.write("models/i.sql", "select amount, kind from {{ ref('v') }}")
    chain.write("models/reader.sql", "select sum(amount) as total from {{ ref('i') }}")
    made(chain)
    arrive(chain, (4, 3, "c"))
    chain.edit("models/i.sql", "kind from", "upper(kind) as kind from")
    made(chain)
    made(chain, "run")
    assert one(chain, "select sum(amount) from main.i") == one(chain, "select total from main.reader") == 21


# Tables that grow


@pytest.fixture
def growing(chain):
    """A table, and one that appends what it gives, as no other: a second time would show."""
    chain.write("models/i.sql", "select id, amount from {{ source('raw', 'events') }}")
    chain.write(
        "models/g.sql",
        "{{ config(materialized='incremental', incremental_strategy='append') }} select id, amount from {{ ref('i') }}",
    )
    made(chain)
    return chain


def test_what_grows_stays_when_what_it_reads_came_out_as_it_was(growing) -> None:
    growing.edit("models/i.sql", "amount from", "amount + 0 as amount from")
    assert made(growing) == {"i"}
    assert one(growing, "select count(*) from main.g") == 3


@pytest.mark.slow
def test_what_grows_is_fed_when_rows_came(growing) -> None:
    growing.edit("models/i.sql", "amount from", "amount + 0 as amount from")
    made(growing)
    arrive(growing, (4, 3, "c"))
    assert "g" in made(growing, "run")
    assert one(growing, "select count(*) from main.g") == 7  # it appends all of it: so it was written
    assert "g" in made(growing, "run"), "whoever asks for data has it read again"


@pytest.mark.slow
def test_what_grows_is_fed_by_new_code_of_its_own_and_by_other_values(growing) -> None:
    growing.edit("models/g.sql", "select id, amount", "select id, amount * 1 as amount")
    assert made(growing) == {"g"}
    growing.edit("models/i.sql", "amount from", "amount + 1 as amount from")
    assert made(growing) == {"i", "g"}
    assert one(growing, "select count(*) from main.g") == 9


@pytest.mark.slow
def test_what_grows_is_fed_when_its_configuration_changed_with_its_input(growing) -> None:
    growing.edit("models/i.sql", "amount from", "amount + 0 as amount from")
    growing.edit("models/g.sql", "strategy='append'", "strategy='append', on_schema_change='append_new_columns'")
    assert made(growing) == {"i", "g"}


@pytest.mark.slow
def test_a_full_refresh_is_made_as_it_was_asked_for(growing) -> None:
    growing.edit("models/i.sql", "amount from", "amount + 0 as amount from")
    growing.write("models/of_g.sql", "select max(amount) as top from {{ ref('g') }}")
    assert made(growing, "apply", "--full-refresh") == {"i", "g", "of_g"}
    growing.edit("models/i.sql", "amount + 0", "amount * 1")
    assert made(growing, "apply", "--full-refresh") == {"i", "g"}, "its reader stays, for the rows are the same"


@pytest.mark.slow
def test_a_snapshot_stays_when_what_it_reads_came_out_as_it_was(growing) -> None:
    growing.write(
        "snapshots/remembered.sql",
        """
        {% snapshot remembered %}
        {{ config(unique_key='id', strategy='check', check_cols=['amount'], target_schema='main') }}
        select id, amount from {{ ref('i') }}
        {% endsnapshot %}
        """,
    )
    made(growing)
    growing.edit("models/i.sql", "amount from", "amount + 0 as amount from")
    assert made(growing) == {"i"}
    growing.edit("models/i.sql", "amount + 0", "amount + 1")
    assert made(growing) == {"i", "g", "remembered"}
    assert one(growing, "select count(*) from main.remembered") == 6


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("interval 1 month", "interval 30 day"),
        ("[interval 1 month]", "[interval 30 day]"),
        ("interval 24 hour", "interval 1 day"),
        ("0.0::double", "-0.0::double"),
        ("0.0::float", "-0.0::float"),
        ("null::integer[]", "[]::integer[]"),
        ("[['a'], ['b']]", "[['a', 'b']]"),
        ("null::struct(n integer)", "{'n': null::integer}"),
        ("{'n': 0.0::double}", "{'n': -0.0::double}"),
    ],
)
def test_what_only_a_hash_takes_for_the_same_is_read_again(chain, before, after) -> None:
    """The warehouse hashes both alike, and who reads them sees the difference."""
    chain.write("models/up.sql", f"select {before} as a")
    chain.write("models/down.sql", "select a::varchar as shown from {{ ref('up') }}")
    chain.dryland("apply", "--yes")
    first = chain.sql("select shown from main.down")
    chain.edit("models/up.sql", before, after)
    chain.dryland("apply", "--yes")
    assert chain.sql("select shown from main.down") != first
    assert chain.sql("select shown from main.down") == chain.sql(f"select ({after})::varchar")


def test_of_which_type_a_value_is_in_a_union_is_read_again(chain) -> None:
    """The text is that of the value alone."""
    chain.write("models/up.sql", "select union_value(a := 1)::union(a integer, b integer) as u")
    chain.write("models/down.sql", "select union_tag(u)::varchar as tag from {{ ref('up') }}")
    chain.dryland("apply", "--yes")
    chain.edit("models/up.sql", "a := 1", "b := 1")
    chain.dryland("apply", "--yes")
    assert one(chain, "select tag from main.down") == "b"


def test_who_reads_a_column_that_is_spelled_otherwise_spells_it_so(chain) -> None:
    chain.write("models/up.sql", "select 1 as id, 2 as n")
    chain.write("models/down.sql", "select id from {{ ref('up') }}")
    chain.dryland("apply", "--yes")
    chain.edit("models/up.sql", "1 as id, 2", "1 as ID, 3")
    chain.dryland("apply", "--yes")
    assert one(chain, "select column_name from information_schema.columns where table_name = 'down'") == "ID"
