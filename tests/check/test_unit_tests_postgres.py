"""Unit tests of a PostgreSQL project run in PostgreSQL, where division, rounding, dates and JSON are its own."""

from __future__ import annotations

import shutil
from typing import Any

import pytest
import yaml
from test_unit_tests import CASES, kept_verdicts, verdicts

from postgres_server import Server

pytestmark = pytest.mark.slow  # each runs unit tests of a project

OWN_SQL = {
    "models/stg.sql": {"[id, 2]": "array[id, 2]", "{'a': id, 'b': name}": "jsonb_build_object('a', id, 'b', name)"},
    "tests/fixtures/nine.sql": {"[1]": "array[1]"},
    "models/u.yml": {
        "'9' as id": "9 as id", "'2026-01-01' as on_day, [9,2]": "date '2026-01-01' as on_day, array[9,2]",
        "{'a': 9, 'b': 'x'}": "jsonb_build_object('a', 9, 'b', 'x')",
    },
}  # fmt: skip
"""What the cases say in DuckDB's SQL, and what says the same in PostgreSQL's."""
SOURCE = "create schema main; create table main.visits (visited_at timestamp, spent decimal(10, 2))"


def profile(server: Server, database: str, name: str) -> str:
    return yaml.safe_dump({name: {"target": "dev", "outputs": {"dev": server.settings(database)}}})


@pytest.fixture
def cases(workspace: Any, postgres_server: Server, postgres: str) -> Any:
    shutil.copytree(CASES, workspace.root, dirs_exist_ok=True)
    for path, texts in OWN_SQL.items():
        written = (workspace.root / path).read_text()
        for theirs, ours in texts.items():
            assert theirs in written
            written = written.replace(theirs, ours)
        workspace.write(path, written)
    name = next(iter(yaml.safe_load((CASES / "profiles.yml").read_text())))
    workspace.write("profiles.yml", profile(postgres_server, postgres, name))
    with postgres_server.connect(postgres) as connection:
        connection.execute(SOURCE)
    return workspace


@pytest.fixture
def small(workspace: Any, postgres_server: Server, postgres: str) -> Any:
    workspace.write("dbt_project.yml", "name: shop\nversion: '1.0'\nprofile: shop\n")
    workspace.write("profiles.yml", profile(postgres_server, postgres, "shop"))
    workspace.write("seeds/raw.csv", "id,name,amount\n1,Ana,1.5\n2,,2.5\n")
    workspace.write("models/paid.sql", "select id, name, amount * 2 as amount from {{ ref('raw') }}\n")
    return workspace


def test_every_form_gets_the_verdict_that_it_gets_on_duckdb(cases: Any) -> None:
    said = cases.dryland("test", "--json", code=1).json["verdicts"]
    assert {each["check"]: each["status"] for each in said} == kept_verdicts()["dryland"]


def test_sql_means_what_it_means_in_the_warehouse(small: Any, postgres_server: Server, postgres: str) -> None:
    """Where a translation to another database would give another answer, silently. Nothing is left behind."""
    small.write(
        "models/own.sql",
        "select id / 2 as half, to_char(day, 'FMMonth') as month, tags[1] as tag, doc ->> 'a' as a, "
        "doc @> '{\"a\": 1}' as has, round(id / 2.0) as rounded, day - interval '1 month' as before "
        "from {{ ref('typed') }}\n",
    )
    small.write(
        "models/typed.sql",
        "select 1 as id, date '2026-01-01' as day, array['a'] as tags, '{}'::jsonb as doc, now() as at\n",
    )
    small.write(
        "models/unit.yml",
        """
unit_tests:
  - name: it
    model: own
    given:
      - input: ref('typed')
        rows:
          - {id: 5, day: 2026-03-31, tags: [x, y], doc: {a: 1}}
          - {id: 3, day: 2026-03-31, tags: [], doc: '{"a": "b"}'}
    expect:
      rows:
        - {half: 2, month: March, tag: x, a: '1', has: true, rounded: 3, before: 2026-02-28}
        - {half: 1, month: March, tag: null, a: b, has: false, rounded: 2, before: 2026-02-28}
""",
    )
    found = verdicts(small, code=None)["it"]
    assert found["status"] == "pass", found
    with postgres_server.connect(postgres) as connection:
        left = "select count(*) from pg_class c join pg_namespace n on n.oid = relnamespace where relkind = 'r'"
        left += " and nspname not in ('pg_catalog', 'information_schema', 'pg_toast')"
        assert connection.execute(left.encode()).fetchone() == (0,)


def test_many_tests_of_a_model_are_asked_at_once(small: Any) -> None:
    """One fails: it is the only one that does."""
    tests = "\n".join(
        f"  - {{name: t{n}, model: paid, given: [{{input: ref('raw'), rows: [{{id: {n}, amount: {n}}}]}}], "
        f"expect: {{rows: [{{id: {n}, amount: {2 * n + (n == 7)}}}]}}}}"
        for n in range(12)
    )
    small.write("models/unit.yml", f"unit_tests:\n{tests}\n")
    found = verdicts(small, code=1)
    assert {name for name, each in found.items() if each["status"] != "pass"} == {"t7"}


def test_a_release_is_refused_and_a_verdict_kept(small: Any) -> None:
    small.write(
        "models/unit.yml",
        "unit_tests:\n  - {name: it, model: paid, given: [{input: ref('raw'), rows: [{id: 1, amount: 1.5}]}], "
        "expect: {rows: [{amount: 4}]}}\n",
    )
    assert "1 row is surplus" in small.dryland("apply", "--yes", code=1).out
    small.write("models/unit.yml", (small.root / "models/unit.yml").read_text().replace("amount: 4", "amount: 3.0"))
    small.dryland("apply", "--yes")
    assert verdicts(small)["it"]["cached"]
