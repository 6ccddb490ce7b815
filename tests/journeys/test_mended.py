"""Data that is mended where it stands reaches readers once, and bad data never comes back."""

from __future__ import annotations

import pytest


@pytest.fixture
def watched(workspace):
    """A source that says when it was loaded; one model checks it, one trusts it, one reads the checked one."""
    workspace.write("dbt_project.yml", "name: w\nprofile: w\nmodels: {w: {+materialized: table}}\n")
    workspace.write("profiles.yml", "w: {target: dev, outputs: {dev: {type: duckdb, path: warehouse.duckdb}}}\n")
    workspace.write(
        "models/models.yml",
        """
        sources: [{name: raw, schema: raw, tables: [{name: paid, loaded_at_field: at}]}]
        models:
          - name: checked
            columns: [{name: amount, data_tests: [{accepted_values: {arguments: {values: [10, 12], quote: false}}}]}]
        """,
    )
    workspace.write("models/checked.sql", "select id, amount from {{ source('raw', 'paid') }}")
    workspace.write("models/trusted.sql", "select sum(amount) as total from {{ source('raw', 'paid') }}")
    workspace.write("models/reader.sql", "select max(amount) as most from {{ ref('checked') }}")
    workspace.arrives(
        "create schema raw", "create table raw.paid as select 1 as id, 10 as amount, timestamp '2026-01-01' as at"
    )
    workspace.dryland("apply", "--yes")
    return workspace


def seen(workspace) -> tuple[int, int]:
    return workspace.sql("select (select total from trusted), (select most from reader)")[0]


def stale(workspace) -> set[str]:
    return {row["name"] for row in workspace.dryland("ls", "--json").json["nodes"] if row["stale"]}


@pytest.mark.slow
def test_rows_that_are_mended_where_they_stand_stay_mended(watched) -> None:
    """The load time and the number of rows are as before, so only its being stale tells that it may be another."""
    watched.arrives("insert into raw.paid values (2, 99, timestamp '2026-01-02')")
    watched.dryland("run", "--yes", code=1)
    assert (seen(watched), stale(watched)) == ((109, 10), {"checked", "reader"})
    watched.arrives("update raw.paid set amount = 12 where amount = 99")
    for _ in range(4):
        watched.dryland("run", "--yes")
        assert (seen(watched), stale(watched)) == ((22, 12), set())
    assert "Nothing moved" in watched.dryland("plan", "--run").out
    watched.arrives("insert into raw.paid values (3, 10, timestamp '2026-01-03')")
    watched.dryland("run", "--yes")
    assert seen(watched) == (32, 12)


@pytest.mark.slow
def test_a_check_further_down_has_the_source_read_again_too(watched) -> None:
    """What is stale reads the source through another node, which is itself thought good."""
    watched.edit("models/models.yml", "- name: checked\n", "- name: reader\n")
    watched.edit("models/models.yml", "name: amount", "name: most")
    watched.dryland("apply", "--yes")
    watched.arrives("insert into raw.paid values (2, 99, timestamp '2026-01-02')")
    watched.dryland("run", "--yes", code=1)
    assert (seen(watched), stale(watched)) == ((109, 10), {"reader"})
    watched.arrives("update raw.paid set amount = 12 where amount = 99")
    watched.dryland("run", "--yes")
    assert (seen(watched), stale(watched)) == ((22, 12), set())


def test_what_is_built_on_old_rows_is_as_old_as_they_are(watched) -> None:
    watched.arrives("insert into raw.paid values (2, 99, timestamp '2026-01-02')")
    watched.dryland("run", "--yes", code=1)
    watched.edit("models/reader.sql", "max(amount) as most", "max(amount) as most, min(amount) as least")
    watched.dryland("apply", "--yes")
    assert stale(watched) == {"checked", "reader"}


@pytest.mark.slow
def test_a_verdict_over_a_table_that_nobody_declared_is_asked_again(watched) -> None:
    watched.arrives("create table raw.limits as select 5 as low")
    watched.write("tests/low.sql", "select * from {{ ref('checked') }} where amount < (select low from raw.limits)")
    watched.dryland("apply", "--yes")
    watched.arrives("update raw.limits set low = 11")
    watched.edit("models/reader.sql", "max(amount) as most", "max(amount) as most, 1 as one")
    watched.dryland("apply", "--yes")  # nothing that the test reads
    watched.edit("models/checked.sql", "id, amount", "id, amount, 1 as one")
    assert "low" in watched.dryland("apply", "--yes", code=1).out


def test_a_view_over_a_source_goes_on_with_the_code_that_was_released(watched) -> None:
    """Two views may show the same rows today and others tomorrow: equal rows do not stop the wave there."""
    watched.write(
        "models/v1.sql", "{{ config(materialized='view') }} select id, amount from {{ source('raw', 'paid') }}"
    )
    watched.write("models/v2.sql", "{{ config(materialized='view') }} select sum(amount) as total from {{ ref('v1') }}")
    watched.dryland("apply", "--yes")
    watched.write(
        "models/v1.sql",
        "{{ config(materialized='view') }} select id, amount from {{ source('raw', 'paid') }} where amount > 0",
    )
    watched.dryland("apply", "--yes")
    watched.arrives("insert into raw.paid values (2, -5, timestamp '2026-01-02')")
    assert watched.sql("select (select sum(amount) from v1), (select total from v2)") == [(10, 10)]


@pytest.mark.slow
def test_a_test_that_prints_the_clock_is_no_change_and_is_asked_each_time(watched) -> None:
    watched.write("tests/new.sql", "select * from {{ ref('checked') }} where '{{ run_started_at }}' < '2020'")
    watched.dryland("apply", "--yes")
    assert "Nothing to do" in watched.dryland("plan").out
    assert "Nothing moved" in watched.dryland("plan", "--run").out


@pytest.mark.slow
def test_a_release_that_was_refused_for_its_data_goes_out_when_that_is_mended(watched) -> None:
    watched.arrives("insert into raw.paid values (2, 99, timestamp '2026-01-02')")
    watched.edit("models/checked.sql", "id, amount", "id, amount, 1 as one")
    for _ in range(2):
        watched.dryland("apply", "--yes", code=1)
    watched.arrives("update raw.paid set amount = 12 where amount = 99")
    watched.dryland("apply", "--yes")
    assert watched.sql("select max(amount), max(one) from checked") == [(12, 1)]
    assert "Nothing to do" in watched.dryland("plan").out


def test_what_was_built_beside_a_refused_model_is_not_built_again(watched) -> None:
    """Whoever mends their own code waits for that alone."""
    watched.edit("models/trusted.sql", "sum(amount) as total", "sum(amount) as total, 1 as one")
    watched.edit("models/checked.sql", "id, amount", "id, amount + 50 as amount")
    watched.dryland("apply", "--yes", code=1)
    watched.edit("models/checked.sql", "amount + 50 as amount", "amount + 2 as amount")
    steps = watched.dryland("apply", "--yes", "--json").json["steps"]
    built = {step["node"].rpartition(".")[2] for step in steps if step["action"] == "build"}
    assert "checked" in built and "trusted" not in built


@pytest.mark.slow
def test_a_day_that_is_loaded_again_is_read_again(watched) -> None:
    """Taken out and put in once more, mended: the source says the same as it did of the bad rows."""
    watched.arrives("insert into raw.paid values (2, 99, timestamp '2026-01-02')")
    watched.dryland("run", "--yes", code=1)
    watched.arrives("delete from raw.paid where id = 2")
    watched.dryland("run", "--yes")
    watched.arrives("insert into raw.paid values (2, 12, timestamp '2026-01-02')")
    watched.dryland("run", "--yes")
    assert (seen(watched), stale(watched)) == ((22, 12), set())
