"""What checks said is remembered of all that holds the same rows for good, and asked again of all else."""

from __future__ import annotations

import pytest

CHECKS = """
    version: 2
    models:
      - {name: a, columns: [{name: id, data_tests: [not_null]}]}
      - {name: over_a, columns: [{name: id, data_tests: [not_null]}]}
      - {name: over_that, columns: [{name: id, data_tests: [not_null]}]}
      - {name: over_source, columns: [{name: id, data_tests: [not_null]}]}
      - {name: over_both, columns: [{name: id, data_tests: [not_null]}]}
    """
SOURCES = "sources: [{name: ext, tables: [{name: t}]}]"


@pytest.fixture
def views(one_table):
    one_table.arrives("create schema ext", "create table ext.t as select 1 as id")
    one_table.write("models/sources.yml", SOURCES)
    one_table.write("models/over_a.sql", "select id from {{ ref('a') }}")
    one_table.write("models/over_that.sql", "select id + 1 as id from {{ ref('over_a') }}")
    one_table.write("models/over_source.sql", "select id from {{ source('ext', 't') }}")
    one_table.write("models/over_both.sql", "select id from {{ ref('over_source') }} join {{ ref('a') }} using (id)")
    one_table.write("models/checks.yml", CHECKS)
    one_table.dryland("apply", "--yes")
    return one_table


def cached(views) -> dict[str, bool]:
    said = views.dryland("check", "--json", code=None).json["verdicts"]
    return {each["check"].split("not_null_")[1].split("_id")[0]: each["cached"] for each in said}


def test_a_view_of_tables_is_not_asked_again_and_one_of_sources_is(views) -> None:
    remembered = {"a": True, "over_a": True, "over_that": True, "over_source": False, "over_both": False}
    assert cached(views) == remembered
    views.arrives("insert into ext.t values (null)")
    assert cached(views) == remembered
    assert "fail not_null_over_source_id" in views.dryland("check", code=1).out


def test_a_view_of_a_table_that_moved_is_another(views) -> None:
    views.write("models/a.sql", "{{ config(materialized='table') }} select nullif(1, 1) as id")
    views.write("models/checks.yml", CHECKS.replace("data_tests: [not_null]", "data_tests: []", 1))  # of `a` itself
    said = views.dryland("apply", "--yes", code=1).out
    assert "fail not_null_over_a_id" in said
    assert cached(views)["over_a"] is True


def test_nothing_is_imported_to_ask_what_is_remembered(views) -> None:
    """Once the project and the text of its checks are kept, what was said is answered from the metadata."""
    views.dryland("check")
    done = views.process("check", "-s", "a", "over_a", PYTHONPROFILEIMPORTTIME="1")
    imported = {line.rpartition("|")[2].strip() for line in done.err.splitlines() if "|" in line}
    assert "dryland.check.remembered" in imported
    assert sorted(imported & {"sqlglot", "dryland.check.run_checks"}) == []
