"""Models grow on PostgreSQL as they do under dbt-postgres, day by day."""

from __future__ import annotations

from typing import Any

import pytest
from test_incremental import CHANGES, DAYS, MACRO, PROJECT, WAYS, changing_models, model

pytestmark = pytest.mark.slow  # starts a server

OF_DUCKDB = {
    "merge_when_worth_it", "merge_of_few_new", "merge_of_few_new_without_key", "merge_of_sums", "merge_using",
    "merge_by_clauses", "merge_of_what_is_gone", "delete_insert_by_two_of_late_days",
}  # fmt: skip
"""What dbt-postgres does not know. We do it there, too."""
IN_OTHER_WORDS = {"merge_of_what_is_gone": ("'mode': 'star'", "'mode': 'by_name'")}
NULLS_DIFFER = [(1, 11, 3), (2, 25, 2), (3, 33, 3), (4, 40, 3), (None, 5, 1), (None, 6, 3)]
EXPECTED = {name: rows for name, (_, rows) in WAYS.items()} | {"delete_insert_by_a_row": NULLS_DIFFER}
UNABLE = "a_type_changed"  # dbt gives a column another type only where the server does so by itself
TYPES = {"INTEGER": "integer", "VARCHAR": "text"}


@pytest.fixture
def reader(postgres_server: Any, postgres: str) -> Any:
    with postgres_server.connect(postgres) as connection:
        connection.execute("create schema raw; create table raw.entries (id integer, amount integer, day integer)")
        yield connection


@pytest.fixture
def ledger(workspace: Any, postgres_server: Any, postgres: str, reader: Any) -> Any:
    settings = postgres_server.settings(postgres, threads=2)
    workspace.write("dbt_project.yml", PROJECT)
    workspace.write("profiles.yml", f"ledger: {{target: dev, outputs: {{dev: {settings!r}}}}}\n")
    workspace.write("macros/strategies.sql", MACRO)
    workspace.write("models/sources.yml", "sources:\n  - name: raw\n    schema: raw\n    tables: [{name: entries}]\n")
    return workspace


def models(ledger: Any, names: set[str]) -> None:
    for name in names:
        config = WAYS[name][0].replace(*IN_OTHER_WORDS.get(name, ("", "")))
        model(ledger, config, name=name)


def seen(reader: Any, names: Any) -> dict[str, list[tuple[Any, ...]]]:
    return {name: reader.execute(f"select t.* from main.{name} t order by 1, 2, 3").fetchall() for name in names}


def columns_of(reader: Any, name: str) -> list[tuple[str, str]]:
    query = """
        select attname, format_type(atttypid, atttypmod) from pg_attribute
        where attrelid = %s::regclass and attnum > 0 and not attisdropped order by attnum
    """
    return [(each, kind) for each, kind in reader.execute(query, [f"main.{name}"]).fetchall()]


def test_three_days_of_data(ledger: Any, reader: Any) -> None:
    models(ledger, set(WAYS))
    for number, rows in enumerate(DAYS):
        reader.execute(f"insert into raw.entries values {rows}")
        ledger.dryland("run" if number else "apply", "--yes")
    assert seen(reader, WAYS) == EXPECTED
    assert reader.execute("select count(*) from pg_tables where tablename like '%\\_\\_new'").fetchall() == [(0,)]


@pytest.mark.dbt
def test_dbt_has_the_same_rows(ledger: Any, reader: Any, dbt: Any) -> None:
    models(ledger, set(WAYS) - OF_DUCKDB)
    for rows in DAYS:
        reader.execute(f"insert into raw.entries values {rows}")
        dbt("run")
    names = set(WAYS) - OF_DUCKDB
    assert seen(reader, names) == {name: rows for name, rows in EXPECTED.items() if name in names}


def after_changes(reader: Any) -> dict[str, tuple[dict[str, str], list[dict[str, Any]]]]:
    """Columns by name, for dbt moves those of another type to the end, and rows."""
    found = {}
    for name in CHANGES:
        columns = dict(columns_of(reader, name))
        rows = reader.execute(f"select to_jsonb(t) from main.{name} t order by id, day, t::text").fetchall()
        found[name] = (columns, [row[0] for row in rows])
    return found


def expected_after_changes() -> dict[str, tuple[dict[str, str], list[dict[str, Any]]]]:
    found = {}
    for name, (_, _, columns, rows) in CHANGES.items():
        names = [column for column, _ in columns]
        found[name] = (
            {column: TYPES[kind] for column, kind in columns},
            [dict(zip(names, row, strict=True)) for row in rows],
        )
    return found


def days_with_a_change(reader: Any, first: Any, second: Any) -> None:
    for number, run in enumerate((first, second)):
        reader.execute(f"insert into raw.entries values {DAYS[number]}")
        run()


def test_columns_that_change(ledger: Any, reader: Any) -> None:
    changing_models(ledger)
    apply = ("apply", "--yes")
    days_with_a_change(
        reader, lambda: ledger.dryland(*apply), lambda: ledger.dryland(*apply, "--vars", "later: true")
    )  # fmt: skip
    assert after_changes(reader) == expected_after_changes()


@pytest.mark.dbt
def test_dbt_changes_the_same_columns(ledger: Any, reader: Any, dbt: Any) -> None:
    changing_models(ledger)
    days_with_a_change(reader, lambda: dbt("run"), lambda: dbt("run", "--vars", "later: true", "--exclude", UNABLE))
    found, expected = after_changes(reader), expected_after_changes()
    del found[UNABLE], expected[UNABLE]
    assert found == expected


def test_texts_may_get_longer_than_their_column_was(ledger: Any, reader: Any) -> None:
    """dbt widens such columns, whatever on_schema_change says."""
    word = "'abcdef'::varchar(9)"
    columns = "id, {{ var('word', \"'abc'::varchar(3)\") }} as word, day"
    model(ledger, "incremental_strategy='append'", columns, "words")
    days_with_a_change(
        reader, lambda: ledger.dryland("apply", "--yes"),
        lambda: ledger.dryland("apply", "--yes", "--vars", f'word: "{word}"'),
    )  # fmt: skip
    assert ("word", "character varying(9)") in columns_of(reader, "words")
    assert {row[0] for row in reader.execute("select word from main.words").fetchall()} == {"abc", "abcdef"}


def test_columns_that_only_a_capital_tells_apart_are_two(ledger: Any, reader: Any) -> None:
    """Of other types, too; and a name that is written without quotes is in lower case, as under dbt."""
    config = "incremental_strategy='merge', unique_key='ID', on_schema_change='fail', merge_update_columns=['DAY']"
    model(ledger, config, 'id, amount::text as "Id", day', "capitals")
    days_with_a_change(
        reader, lambda: ledger.dryland("apply", "--yes"), lambda: ledger.dryland("run", "--yes")
    )  # fmt: skip
    found = rows_of_two(reader)
    assert found == [("20", 2)]


def rows_of_two(reader: Any) -> list[tuple[Any, ...]]:
    """What is in the row whose key came again."""
    found: list[tuple[Any, ...]] = reader.execute('select "Id", day from main.capitals where id = 2').fetchall()
    return found


@pytest.mark.parametrize(("mode", "action"), [("star", "insert"), ("by_position", "insert"), ("by_name", "error")])
def test_a_clause_that_postgresql_does_not_have_is_refused(ledger: Any, mode: str, action: str) -> None:
    clause = f"{{'when_not_matched': [{{'action': '{action}', 'mode': '{mode}'}}]}}"
    model(ledger, f"incremental_strategy='merge', unique_key='id', merge_clauses={clause}")
    said = ledger.dryland("apply", "--yes", code=3)
    assert "which the warehouse does not have" in said.out + said.err
