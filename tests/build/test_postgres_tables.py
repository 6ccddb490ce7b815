"""Every materialisation stands on PostgreSQL: planned, released, refreshed, refused and rolled back."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.slow  # starts a server

MODELS = {
    "orders": """
        select entries.id, entries."Kind" as kind, raw.entries.at, entries.tags
        from {{ source('raw', 'entries') }} left join {{ source('raw', 'Entries') }} as other on other.id = entries.id
        """,
    "late": "{{ config(materialized='ephemeral') }} select * from {{ ref('orders') }} where orders.id > 1",
    "shown": "{{ config(materialized='view') }} select l.* from {{ ref('late') }} l",
    "promised": """
        {{ config(pre_hook="create table if not exists raw.seen (n int)", sql_header="set local search_path = raw;",
            post_hook="insert into raw.seen select count(*) from {{ this }}") }}
        select count(*) as n, kind as word, 'x' as constant, id::smallint as id from {{ ref('orders') }} group by 2, 4
        """,
    "grown": """
        {{ config(materialized='incremental', unique_key='id', incremental_strategy='merge') }}
        select id, kind, at from {{ ref('orders') }}
        {% if is_incremental() %} where at > (select max(at) from {{ this }}) {% endif %}
        """,
    "batches": """
        {{ config(materialized='incremental', incremental_strategy='microbatch', unique_key='id', event_time='at',
            batch_size='month', begin=modules.datetime.date.today().strftime('%Y-01-01')) }}
        select id, at from {{ ref('timed') }} where timed.id > 0
        """,
    "timed": "{{ config(event_time='at') }} select id, at from {{ ref('orders') }}",
    "whole": "select to_jsonb(o) as j, count(*) over () from {{ ref('orders') }} as o",
    "tags": "select o.id, t.tag, t.n from {{ ref('orders') }} o, unnest(o.tags) with ordinality as t(tag, n)",
    "quoted": 'select id as "Id", -id as id from {{ ref("orders") }}',
}
SCHEMA = """
sources:
  - name: raw
    tables: [{name: entries}, {name: Entries}]
models:
  - name: promised
    config: {contract: {enforced: true}}
    constraints:
      - {type: primary_key, columns: [id]}
      - {type: check, name: has_words, expression: "length(word) > 0"}
    columns:
      - {name: ID, data_type: int, constraints: [{type: not_null}]}
      - {name: word, data_type: varchar(3)}
      - {name: constant, data_type: text, constraints: [{type: check, expression: "constant <> 'no'"}]}
      - {name: n, data_type: bigint}
"""
PYTHON = """
def model(dbt, session):
    found = dbt.ref("promised").df()
    found["twice"] = found["id"] * 2
    return found[["id", "twice"]]
"""
YEAR = "date_trunc('year', now())"


@pytest.fixture
def reader(postgres_server: Any, postgres: str) -> Any:
    with postgres_server.connect(postgres) as connection:
        connection.execute(
            f"""
            create schema raw;
            create table raw.entries (id int, "Kind" text, at timestamptz, tags text[]);
            create table raw."Entries" (id int);
            insert into raw.entries values (1, 'a', {YEAR}, '{{x,y}}'), (2, 'b', {YEAR} + interval '1 hour', '{{}}');
            """
        )
        yield connection


@pytest.fixture
def firm(workspace: Any, postgres_server: Any, postgres: str, reader: Any) -> Any:
    settings = postgres_server.settings(postgres, threads=2)
    workspace.write("dbt_project.yml", "name: firm\nprofile: firm\nversion: '1.0'\nmodels: {+materialized: table}\n")
    workspace.write("profiles.yml", f"firm: {{target: dev, outputs: {{dev: {settings!r}}}}}\n")
    workspace.write("models/schema.yml", SCHEMA)
    workspace.write("models/doubled.py", PYTHON)
    for name, text in MODELS.items():
        workspace.write(f"models/{name}.sql", text)
    return workspace


def rows(reader: Any, query: str) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = reader.execute(query).fetchall()
    return found


def test_a_project_of_every_kind_of_table(firm: Any, reader: Any) -> None:
    """Released, refreshed, and brought back."""
    firm.dryland("apply", "--yes")
    assert rows(reader, "select id, kind from main.shown") == [(2, "b")]
    assert rows(reader, "select * from main.promised order by id") == [(1, "a", "x", 1), (2, "b", "x", 1)]
    assert rows(reader, "select id, tag, n from main.tags order by n") == [(1, "x", 1), (1, "y", 2)]
    assert rows(reader, "select count, j ->> 'kind' from main.whole order by 2") == [(2, "a"), (2, "b")]
    assert rows(reader, "select id, twice from main.doubled order by id") == [(1, 2), (2, 4)]
    assert rows(reader, "select n from raw.seen") == [(2,)]
    reader.execute(f"insert into raw.entries values (3, 'c', {YEAR} + interval '2 hours', null)")
    reader.execute("update raw.entries set \"Kind\" = 'z' where id = 1")
    firm.dryland("run", "--yes")
    assert rows(reader, "select id, kind from main.grown order by id") == [(1, "a"), (2, "b"), (3, "c")]
    assert rows(reader, 'select "Id", id from main.quoted order by 1') == [(1, -1), (2, -2), (3, -3)]
    firm.dryland("rollback", "1", "--yes")
    assert rows(reader, "select count(*) from main.grown") == [(2,)]


def test_only_what_reads_a_column_is_built_again(firm: Any) -> None:
    """Also where two columns differ in nothing but a capital."""
    firm.write("models/of_big.sql", 'select q."Id" as one from {{ ref("quoted") }} q')
    firm.write("models/of_small.sql", 'select q.id as one from {{ ref("quoted") }} q')
    firm.dryland("apply", "--yes")
    firm.edit("models/quoted.sql", 'id as "Id"', 'id + 1 as "Id"')
    assert firm.building() == ["quoted", "of_big"]


def test_a_contract_takes_what_dbt_takes_for_the_same_type(firm: Any, reader: Any) -> None:
    """A smallint for an int, a text for a varchar; the table has what was promised."""
    firm.dryland("apply", "--yes")
    kinds = "select attname::text, format_type(atttypid, atttypmod) from pg_attribute where attrelid = 'main.promised'"
    assert rows(reader, f"{kinds}::regclass and attnum > 0 order by attnum") == [
        ("id", "integer"), ("word", "character varying(3)"), ("constant", "text"), ("n", "bigint"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("count(*) as n", "count(*)::numeric as n", "n is numeric in the query and bigint in the contract"),
        ("kind as word", "'' as word", "a row breaks the contract of `promised`"),
        ("kind as word", "kind || '-long' as word", "value too long for type character varying(3)"),
    ],
)
def test_a_contract_that_is_not_kept_is_refused(firm: Any, reader: Any, old: str, new: str, said: str) -> None:
    firm.dryland("apply", "--yes")
    firm.edit("models/promised.sql", old, new)
    answer = firm.dryland("apply", "--yes", code=None)
    assert answer.code and said in answer.out + answer.err
    assert rows(reader, "select count(*) from main.promised") == [(2,)]


def test_batches_without_a_key_are_refused_as_under_dbt(firm: Any) -> None:
    firm.edit("models/batches.sql", "unique_key='id', ", "")
    answer = firm.dryland("apply", "--yes", code=None)
    assert answer.code and "has no unique_key" in answer.out + answer.err


def test_a_question_is_answered_in_the_words_of_who_asks(firm: Any) -> None:
    """Not in those that a parser makes of them: `ceiling` is not `ceil`."""
    firm.dryland("apply", "--yes")
    answer = firm.dryland("query", "select date_part('year', at) as y, ceiling(1.2) from Orders limit 1", "--json")
    assert answer.json["columns"] == ["y", "ceiling"]
