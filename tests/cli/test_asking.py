"""Verbs that ask: questions in SQL, limits, names of versions, and what cannot be a model."""

from __future__ import annotations

import pytest

from dryland.build.progress import Event
from dryland.cli.progress import bar, line

pytestmark = pytest.mark.slow  # each releases a project


@pytest.mark.parametrize(
    ("question", "rows"),
    [
        ("values (1), (2)", [[1], [2]]),
        ("(values (1))", [[1]]),
        ("select count(*) from stg_orders;", [[4]]),
        ("from (values (1)) v", [[1]]),
        ("pivot (select customer_id from stg_orders) on customer_id in (1, 2) using count(*)", [[2, 1]]),
        ("unpivot (select 1 as a, 2 as b) on a, b into name n value v", [["a", 1], ["b", 2]]),
    ],
)
def test_whatever_gives_rows_and_only_reads_is_a_question(released, question: str, rows: list[list[object]]) -> None:
    answer = released.dryland("query", "--json", question).json["rows"]
    assert [row[-len(rows[0]) :] for row in answer] == rows


def test_a_pivot_reads_the_environment_that_is_asked(released) -> None:
    released.dryland("env", "create", "dev")
    released.edit("models/staging/stg_orders.sql", "amount,", "amount * 2 as amount,")
    released.dryland("apply", "--yes", "-e", "dev")
    for environment, amount in (("prod", 25.5), ("dev", 51.0)):
        question = "pivot (select customer_id, amount from stg_orders) on customer_id in (1) using sum(amount)"
        assert released.dryland("query", "--json", "-e", environment, question).json["rows"][0][-1] == amount


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("describe stg_orders", "DESCRIBE"), ("summarize stg_orders", "SUMMARIZE"), ("explain select 1", "EXPLAIN"),
        ("insert into stg_orders values (1)", "INSERT"), ("create table t as select 1", "CREATE"),
        ("call pragma_version()", "CALL"), ("copy stg_orders to 'x.csv'", "COPY"), ("attach 'x.db'", "ATTACH"),
    ],
)  # fmt: skip
def test_what_is_no_question_is_told_as_a_reader_needs_it(released, statement: str, kind: str) -> None:
    ask = released.process if kind == "EXPLAIN" else released.dryland  # only in a process of its own does sqlglot warn
    said = ask("query", statement, code=2).err
    assert said == f"error: expected a query, found {kind}.\nhint: ask with one SELECT; it may only read.\n"


def test_a_limit_counts_rows(released) -> None:
    for words in (["query", "--limit", "-1", "select 1"], ["release", "list", "--limit", "-3"]):
        assert "is not in the range" in released.dryland(*words, code=2).err


def test_metadata_is_dumped_to_a_file(released) -> None:
    assert ". is a folder." in released.dryland("state", "dump", ".", code=3).err
    assert ". is a folder." in released.dryland("state", "load", ".", code=3).err


@pytest.mark.parametrize(
    ("model", "said"),
    [
        ("", "is empty"), ("-- later", "is empty"), ("{# later #}\n{% set x = 1 %};", "is empty"),
        ("select 1; select 2", "is several statements"),
        ("{{ config(materialized='incremental') }}select 1 as a {% if is_incremental() %}; select 2{% endif %}",
         "is several statements"),
        ("create table x as select 1", "starts with CREATE"), ("insert into x select 1", "starts with INSERT"),
    ],
)  # fmt: skip
def test_what_cannot_be_a_model_is_refused_by_the_plan(shop, model: str, said: str) -> None:
    shop.write("models/odd.sql", model)
    answer = shop.dryland("plan", code=2)
    assert f"error: models/odd.sql: the model {said}" in answer.err
    assert "hint: a model is one SELECT" in answer.err


def test_an_ephemeral_model_that_nobody_reads_may_be_empty(shop) -> None:
    """As in dbt: it makes nothing. Whoever reads it gets nothing to read."""
    shop.write("models/odd.sql", "{{ config(materialized='ephemeral') }}")
    shop.dryland("plan")
    shop.write("models/reader.sql", "select * from {{ ref('odd') }}")
    assert "error: models/odd.sql: the model is empty" in shop.dryland("plan", code=2).err


def test_semicolons_are_fine_where_they_end_or_stand_in_text(shop) -> None:
    hook = "{{ config(post_hook='create table if not exists main.one as select 1; drop table main.one;') }}"
    shop.write("models/odd.sql", f"{hook}\nselect ';' as a -- ;\n;;\n")
    shop.dryland("apply", "--yes", "-s", "odd")
    assert shop.sql("select a from odd") == [(";",)]


@pytest.fixture
def versions(shop):
    """A model of three versions; the second is the latest."""
    shop.write("models/prices_v1.sql", "select 1 as a")
    shop.write("models/prices_v2.sql", "select 2 as a, 3 as b")
    shop.write("models/prices_v10.sql", "select 4 as a")
    shop.write("models/reader.sql", "select a from {{ ref('prices') }}")
    shop.write(
        "models/prices.yml", "models:\n  - {name: prices, latest_version: 2, versions: [{v: 1}, {v: 2}, {v: 10}]}\n"
    )
    return shop


def test_the_bare_name_of_versions_means_the_latest(versions) -> None:
    assert versions.dryland("show", "prices").out.startswith("prices.v2  table, models/prices_v2.sql")
    assert versions.dryland("show", "prices.v1").out.startswith("prices.v1  table, models/prices_v1.sql")
    versions.write("models/prices.yml", "models:\n  - {name: prices, versions: [{v: 1}, {v: 2}, {v: 10}]}\n")
    assert versions.dryland("show", "prices").out.startswith("prices.v10  table")


@pytest.mark.parametrize(
    ("target", "tree"),
    [
        ("prices", "  └─ reader"), ("prices.v2", "  └─ reader"), ("prices.v1", "  nothing"),
        ("prices.a", "  └─ reader.a"), ("prices.v2.A", "  └─ reader.a"), ("prices.b", "  nothing"),
        ("prices.v1.a", "  nothing"), ("stg_orders.Order_ID", "  └─ customer_orders.orders"),
    ],
)  # fmt: skip
def test_lineage_follows_a_version_and_its_columns(versions, target: str, tree: str) -> None:
    assert versions.dryland("lineage", "--down", target).out.splitlines() == [f"{target} goes to", tree]


def test_lineage_of_a_column_that_a_version_lacks(versions) -> None:
    said = versions.dryland("lineage", "prices.v1.b", code=2).err
    assert said == "error: prices.v1 has no column `b`.\nhint: it has a.\n"
    assert "matches nothing" in versions.dryland("lineage", "prizes.v1", code=2).err


def test_progress_names_versions_with_their_model() -> None:
    node = "model.shop.prices.v1"
    assert " 1/2 prices.v1 (build" in line(Event("step_finished", node, "build", "done", 1, 2))
    assert bar(Event("step_started", node, "build", "", 1, 2, (node, "seed.shop.orders")), 1.0).endswith(
        "prices.v1, orders"
    )
