"""Names and values are never taken for SQL: whatever stands in them, the result is right and nothing else happens."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import yaml

pytestmark = pytest.mark.slow  # each releases a project

TEXTS = {
    "double quotes": 'x"; drop table canary; --',
    "single quotes": "x'; drop table canary; --",
    "both, and a comment": """'"*/ drop table canary; /*""",
    "dollars": "x$$; drop table canary; $$",
    "backslashes": "x\\'; drop table canary; --\\",
    "places of drivers": "%s %(x)s ? :x $1 {0} {x}",
    "right to left": "\u202eatad\u202c \u05d0\u200f",
    "beyond the plane": "\U0001f986 e\u0301 \ufdd0",
    "blanks and lines": "a\n\tb \n c",
    "a blank before and after": " x ",
}
"""What may stand in a name or value, and is meant as it is."""

Ask = Callable[[str], list[tuple[Any, ...]]]


@contextmanager
def duckdb_at(shop: Any, fixture: Any) -> Iterator[Ask]:
    shop.arrives("create schema raw", "create table canary (x int)", "insert into canary values (7)")
    yield lambda query: shop.sql(query)


@contextmanager
def postgres_at(shop: Any, fixture: Any) -> Iterator[Ask]:
    server, database = fixture("postgres_server"), fixture("postgres")
    output = server.settings(database, search_path="main, public")
    shop.write("profiles.yml", str(yaml.safe_dump({"shop": {"target": "dev", "outputs": {"dev": output}}})))
    with server.connect(database) as somebody:
        somebody.execute("create schema main; create schema raw; create table main.canary as select 7 as x")
        somebody.execute("create table public.canary as select 7 as x")
        yield lambda query: somebody.execute(query).fetchall()


PLACES = {"duckdb": duckdb_at, "postgres": postgres_at}


@pytest.fixture(params=PLACES)
def place(request: pytest.FixtureRequest, shop: Any) -> Iterator[Ask]:
    """The sample project on an engine, with a table that nobody is to touch."""
    with PLACES[request.param](shop, request.getfixturevalue) as ask:
        yield ask
        assert ask("select x from main.canary") == [(7,)]


def quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def as_yaml(value: object) -> str:
    """By libyaml where it is there: PyYAML itself needs a second for a megabyte."""
    return str(yaml.dump(value, Dumper=getattr(yaml, "CSafeDumper", yaml.SafeDumper)))


def literal(text: str) -> str:
    return "E'" + text.replace("\\", "\\\\").replace("'", "''").replace("\n", "\\n").replace("\r", "\\r") + "'"


@pytest.mark.parametrize("title", TEXTS)
def test_names_and_values_are_taken_as_they_are(title: str, place: Ask, shop: Any) -> None:
    """As column, alias, value of a check, seed, description, tag, comment, key, unit test and variable at once."""
    text = TEXTS[title]
    rows = io.StringIO()
    csv.writer(rows, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows([["id", "said"], [1, text]])
    (shop.root / "seeds" / "said.csv").write_text(rows.getvalue(), newline="")
    shop.write("models/odd.sql", f"select id as {quoted(text)}, said from {{{{ ref('said') }}}}")
    shop.write("models/grown.sql", """
        {{ config(materialized='incremental', unique_key=var('quoted'), alias=var('key') ~ '2') }}
        select * from {{ ref('odd') }}
        """)  # fmt: skip
    properties = {
        "seeds": [{"name": "said", "config": {"column_types": {"id": "integer"}}}],
        "models": [
            {
                "name": "odd", "description": text, "config": {"tags": [text], "meta": {"owner": text},
                                                               "persist_docs": {"relation": True, "columns": True}},
                "columns": [
                    {"name": text, "quote": True, "description": text, "data_tests": ["unique", "not_null"]},
                    {"name": "said", "data_tests": [{"accepted_values": {"arguments": {"values": [text, "other"]}}}],
                     "description": text},
                ],
            },
            {"name": "grown", "columns": [{"name": "said", "data_tests": ["not_null"]}]},
        ],
        "unit_tests": [
            {"name": "keeps", "model": "odd", "given": [{"input": "ref('said')", "rows": [{"id": 2, "said": text}]}],
             "expect": {"rows": [{text: 2, "said": text}]}},
        ],
    }  # fmt: skip
    shop.write("models/odd.yml", str(yaml.safe_dump(properties, allow_unicode=True)))
    given = ("--vars", str(yaml.safe_dump({"key": text, "quoted": quoted(text)})))
    shop.dryland("apply", "--yes", "--quiet", *given)
    assert place(f"select said, {quoted(text)} from main.odd") == [(text, 1)]
    assert place(f"select said from main.{quoted((text + '2').strip())}") == [(text,)]
    (shop.root / "seeds" / "said.csv").write_text(rows.getvalue() + '"2","other"\n', newline="")
    shop.dryland("apply", "--yes", "--quiet", *given)
    assert place(f"select count(*) from main.{quoted((text + '2').strip())}") == [(2,)]
    checked = shop.dryland("check", "--json", *given).json
    assert all(each["status"] == "pass" for each in checked["verdicts"]), checked
    shop.dryland("test", *given)
    shop.dryland("apply", "-e", "dev_x", "--yes", "--quiet", *given)
    assert shop.dryland("diff", "dev_x", "--json", "--key", text, "odd", *given, code=None).code in (0, 2)
    shop.dryland("artifacts", *given)
    shop.dryland("rollback", "--yes", *given)
    assert place("select said from main.odd") == [(text,)]
    shop.dryland("env", "drop", "dev_x", "--yes", *given)
    shop.dryland("gc", "--yes", *given)


@pytest.mark.parametrize("title", ["double quotes", "single quotes", "blanks and lines", "1 MB"])
def test_words_of_the_command_line_are_found_or_refused(title: str, place: Ask, shop: Any) -> None:
    """Selectors, environments, releases, messages and targets."""
    text = TEXTS.get(title, "x" * 1_000_000)
    shop.dryland("apply", "--yes", "--quiet", "--message", text, code=None)
    for words in (
        ("ls", "-s", text), ("ls", "-s", f"tag:{text}"), ("plan", "-s", f"config.alias:{text}+"), ("show", text),
        ("plan", "-e", text), ("apply", "-e", text, "--yes"), ("env", "create", text), ("env", "drop", text, "--yes"),
        ("rollback", text, "--yes"), ("diff", text), ("diff", "--key", text, "stg_orders"), ("lineage", text),
        ("release", "show", text), ("ls", "--target", text), ("ls", "--selector", text), ("check", "-s", text),
        ("query", text), ("ls", "--vars", text), ("ls", "--exclude", text), ("ls", "--state", text),
        ("plan", "--event-time-start", text), ("ls", "-C", text), ("ls", "--profiles-dir", text),
    ):  # fmt: skip
        answer = shop.dryland(*words, code=None)
        assert answer.code in (0, 1, 2, 3) and "bug in Dryland" not in answer.err, (words[:2], answer.err[:2000])


@pytest.mark.parametrize("title", ["double quotes", "single quotes", "backslashes", "1 MB", "nothing"])
def test_names_that_a_project_gives_are_used_as_they_are_or_refused(title: str, place: Ask, shop: Any) -> None:
    """Schemas, roles, indexed columns, keys, groups, strategies: each by itself, since one may be refused."""
    text = {**TEXTS, "1 MB": "x" * 1_000_000, "nothing": ""}[title]
    base = {"name": "odd"}
    shop.write("models/odd.sql", "select 1 as id, 2 as n")
    for config in (
        {"schema": text}, {"alias": text}, {"database": text}, {"grants": {"select": [text]}},
        {"indexes": [{"columns": [text]}], "materialized": "table"}, {"indexes": [{"columns": ["id"], "type": text}]},
        {"materialized": "incremental", "unique_key": text}, {"materialized": text}, {"tags": text},
        {"materialized": "incremental", "incremental_strategy": text}, {"group": text}, {"unlogged": text},
    ):  # fmt: skip
        shop.write("models/odd.yml", as_yaml({"models": [{**base, "config": config}]}))
        answer = shop.dryland("apply", "--yes", "--quiet", code=None)
        assert answer.code in (0, 1, 2, 3) and "bug in Dryland" not in answer.err, (list(config), answer.err[:3000])


@pytest.mark.parametrize("title", ["double quotes", "single quotes", "backslashes", "nothing"])
def test_names_of_sources_are_used_as_they_are_or_refused(title: str, place: Ask, shop: Any) -> None:
    text = TEXTS.get(title, "")
    for part in ({"name": text}, {"name": "s", "schema": text}, {"name": "s", "database": text}):
        source = {**part, "tables": [{"name": "t", "identifier": text, "loaded_at_field": text,
                                      "freshness": {"warn_after": {"count": 1, "period": "day"}}}]}  # fmt: skip
        shop.write("models/s.yml", str(yaml.safe_dump({"sources": [source]})))
        shop.write("models/reads.sql", f"select * from {{{{ source({source['name']!r}, 't') }}}}")
        for verb in (("apply", "--yes", "--quiet"), ("freshness",), ("run", "--yes", "--quiet")):
            answer = shop.dryland(*verb, code=None)
            assert answer.code in (0, 1, 2, 3) and "bug in Dryland" not in answer.err, (part, answer.err[:3000])


@pytest.mark.parametrize(
    "name", ['o"dd', "o'dd; drop table canary", "odd--", "o{{ 1 }}dd", "o\\dd", "o dd", "\u202eodd"]
)
def test_files_of_any_name_are_models_or_refused(name: str, place: Ask, shop: Any) -> None:
    shop.write(f"models/{name}.sql", "select 1 as id")
    answer = shop.dryland("apply", "--yes", "--quiet", code=None)
    assert answer.code in (0, 2) and "bug in Dryland" not in answer.err, answer
    if answer.code == 0:
        assert place(f"select id from main.{quoted(name)}") == [(1,)]


@pytest.mark.parametrize("head", ['a"b', "a'b; drop table canary", "a\nb", "", " a ", "A", "%s", "{{ x }}", "x" * 70])
def test_seeds_with_any_heading_are_loaded_or_refused(head: str, place: Ask, shop: Any) -> None:
    rows = io.StringIO()
    csv.writer(rows, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows([["id", head], [1, "v"]])
    (shop.root / "seeds" / "odd.csv").write_text(rows.getvalue(), newline="")
    answer = shop.dryland("apply", "--yes", "--quiet", code=None)
    assert answer.code in (0, 1, 2, 3) and "bug in Dryland" not in answer.err, answer
    if answer.code == 0:
        assert [tuple(map(str, row)) for row in place("select * from main.odd")] == [("1", "v")]
