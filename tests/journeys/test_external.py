"""Files are sources and outputs like tables: what was not checked is not read, and what did not move is not built."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dryland.build import external
from dryland.release import deliver_files

PEOPLE = "id,name\n1,ana\n2,bo\n"
TO_CSV = "{{ config(materialized='external', location='out/sales.csv') }}"
SALES = TO_CSV + " select id, name from {{ source('files', 'people') }}"


@pytest.fixture
def files(workspace: Any) -> Any:
    """A source that is a file, a checked model whose rows go to a file, and a reader of it. Not released yet."""
    workspace.write("dbt_project.yml", "{name: files, profile: files, models: {+materialized: table}}")
    workspace.write(
        "profiles.yml", "files: {outputs: {default: {type: duckdb, path: warehouse.duckdb, external_root: lake}}}"
    )
    workspace.write("data/people.csv", PEOPLE)
    workspace.write("models/sales.sql", SALES)
    workspace.write("models/reader.sql", "select count(*) as people from {{ ref('sales') }}")
    workspace.write(
        "models/files.yml",
        """
        sources:
          - name: files
            config: {external_location: "data/{name}.csv"}
            tables:
              - {name: people, columns: [{name: id, data_tests: [unique]}]}
        models:
          - name: sales
            columns: [{name: name, data_tests: [not_null]}]
        """,
    )
    return workspace


def text(workspace: Any, path: str = "out/sales.csv") -> str:
    return str((workspace.root / path).read_text())


def built(workspace: Any) -> list[str]:
    """What the next apply would build."""
    steps = json.loads(workspace.dryland("plan", "--json").out)["steps"]
    return [step["node"] for step in steps if step["action"] == "build"]


def stored(workspace: Any) -> list[Path]:
    return sorted((workspace.root / "warehouse.duckdb.files").iterdir())


# --- sources ---------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_file_that_did_not_move_is_not_read_again(files: Any) -> None:
    files.dryland("apply", "--yes")
    assert "Nothing" in files.dryland("run", "--yes").out
    files.write("data/people.csv", PEOPLE + "3,chi\n")
    assert "Nothing" not in files.dryland("run", "--yes").out
    assert files.sql("from reader") == [(3,)]
    files.edit("data/people.csv", "chi", "eva")
    files.dryland("run", "--yes")
    assert files.sql("select name from sales where id = 3") == [("eva",)]


def test_checks_on_a_file_stop_what_reads_it(files: Any) -> None:
    files.dryland("apply", "--yes")
    files.write("data/people.csv", PEOPLE + "2,again\n")
    files.dryland("run", "--yes", code=1)
    assert files.sql("from reader") == [(2,)]


def test_lineage_goes_through_to_the_file(files: Any) -> None:
    files.dryland("apply", "--yes")
    assert "files.people.name" in files.dryland("lineage", "sales.name").out


@pytest.mark.parametrize("location", ["read_csv(['data/{name}.csv'], header = true)", "data/{name}*.csv"])
@pytest.mark.slow
def test_files_in_a_call_or_a_pattern_are_known_as_well(files: Any, location: str) -> None:
    files.edit("models/files.yml", "data/{name}.csv", location)
    files.dryland("apply", "--yes")
    assert "Nothing" in files.dryland("run", "--yes").out
    files.write("data/people.csv", PEOPLE + "3,chi\n")
    files.dryland("run", "--yes")
    assert files.sql("from reader") == [(3,)]


def test_two_readings_of_files_in_one_query_are_told_apart(files: Any) -> None:
    """A call that reads an undeclared file is not the declared one beside it."""
    files.edit("models/files.yml", "data/{name}.csv", "read_csv('data/{name}.csv')")
    files.write(
        "models/sales.sql",
        SALES + " union all from read_csv('data/more.csv')",
    )
    files.write("data/more.csv", "id,name\n7,more\n")
    files.dryland("apply", "--yes")
    files.write("data/more.csv", "id,name\n7,more\n8,more\n")
    files.dryland("run", "--yes")
    assert files.sql("from reader") == [(4,)]


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ('{external_location: "data/{nme}.csv"}', "stands for nothing: 'nme'"),
        ("{external_location: data/x.csv, formatter: mine}", "no formatter `mine`"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(files: Any, said: str, message: str) -> None:
    files.edit("models/files.yml", '{external_location: "data/{name}.csv"}', said)
    error = files.dryland("plan", code=2).err
    assert message in error
    assert "models/files.yml:5" in error


# --- models ----------------------------------------------------------------------------------------------------------


def test_the_file_has_the_rows_that_readers_see(files: Any) -> None:
    said = files.dryland("apply", "--yes")
    assert text(files) == PEOPLE
    assert files.sql("from sales order by id") == [(1, "ana"), (2, "bo")]
    assert "wrote sales to out/sales.csv" in said.out
    assert "wrote" not in files.dryland("apply", "--yes").out


def test_rows_that_fail_their_checks_never_stand_at_the_location(files: Any) -> None:
    files.dryland("apply", "--yes")
    files.write("data/people.csv", "id,name\n1,\n")
    files.dryland("run", "--yes", code=1)
    assert text(files) == PEOPLE
    assert files.sql("from sales order by id") == [(1, "ana"), (2, "bo")]


def test_a_rollback_brings_the_file_back(files: Any) -> None:
    files.dryland("apply", "--yes")
    files.edit("models/sales.sql", "id, name", "id + 10 as id, name")
    files.dryland("apply", "--yes")
    assert text(files).startswith("id,name\n11,ana\n")
    files.dryland("rollback", "--yes")
    assert text(files) == PEOPLE
    assert files.sql("select min(id) from sales") == [(1,)]


@pytest.mark.slow
def test_what_a_crash_left_undone_is_done_next_time(files: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    files.dryland("apply", "--yes")
    files.edit("models/sales.sql", "id, name", "id + 10 as id, name")
    with monkeypatch.context() as patch:
        patch.setattr(deliver_files, "_delivered", lambda *_: "")
        files.dryland("apply", "--yes")
    assert text(files) == PEOPLE
    assert files.sql("select min(id) from sales") == [(11,)]
    said = files.dryland("apply", "--yes").out
    assert "Nothing" in said
    assert text(files).startswith("id,name\n11,ana\n")


def test_a_build_whose_file_is_gone_is_built_again(files: Any) -> None:
    files.dryland("apply", "--yes")
    (file,) = stored(files)
    file.unlink()
    assert built(files) == ["model.files.sales"]
    files.dryland("apply", "--yes")
    assert files.sql("select count(*) from sales") == [(2,)]


def test_only_the_default_environment_writes_to_the_location(files: Any) -> None:
    files.dryland("apply", "--yes")
    files.dryland("env", "create", "dev")
    files.edit("models/sales.sql", "id, name", "id + 10 as id, name")
    files.dryland("apply", "-e", "dev", "--yes")
    assert files.sql("select min(id) from main__dev.sales") == [(11,)]
    assert text(files) == PEOPLE


def test_garbage_collection_takes_files_too(files: Any) -> None:
    files.write("dryland.yml", "retention: {releases: 1}\n")
    files.dryland("apply", "--yes")
    files.edit("models/sales.sql", "id, name", "id + 10 as id, name")
    files.dryland("apply", "--yes")
    assert len(stored(files)) == 2
    files.dryland("gc", "--yes")
    assert len(stored(files)) == 1
    assert files.sql("select min(id) from sales") == [(11,)]


def test_a_folder_of_partitions_is_exchanged_as_a_whole(files: Any) -> None:
    files.write(
        "models/sales.sql",
        "{{ config(materialized='external', options={'partition_by': 'name'}) }} from {{ source('files', 'people') }}",
    )
    files.dryland("apply", "--yes")
    place = files.root / "lake" / "sales"
    assert sorted(each.name for each in place.iterdir()) == ["name=ana", "name=bo"]
    files.write("data/people.csv", "id,name\n1,ana\n3,chi\n")
    files.dryland("run", "--yes")
    assert sorted(each.name for each in place.iterdir()) == ["name=ana", "name=chi"]
    assert sorted(each.name for each in place.parent.iterdir()) == ["sales"]
    with duckdb.connect() as reader:
        assert reader.execute(f"select * from '{place}/*/*.parquet' order by id").fetchall() == [(1, "ana"), (3, "chi")]


def test_a_table_of_no_rows_keeps_its_columns(files: Any) -> None:
    files.write(
        "models/sales.sql",
        TO_CSV.replace("sales.csv", "none.parquet") + " select 1::tinyint as id, 'x' as name limit 0",
    )
    files.dryland("apply", "--yes")
    assert files.sql("select column_type from (describe sales)") == [("TINYINT",), ("VARCHAR",)]
    assert files.sql("from sales") == []
    with duckdb.connect() as reader:  # as dbt-duckdb leaves it
        assert reader.execute(f"from '{files.root}/out/none.parquet'").fetchall() == [(None, None)]


def test_a_location_that_cannot_be_written_is_told_and_changes_nothing(files: Any) -> None:
    files.write("out", "a file where the folder should be")
    said = files.dryland("apply", "--yes").out
    assert "did not write sales to out/sales.csv" in said
    assert files.sql("from reader") == [(2,)]


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ("location='s3://bucket/sales.parquet'", "writes local files only"),
        ("location='out/x.xlsx'", "xlsx, which is no format"),
        ("glue_register=true", "registered (glue_register)"),
        ("plugin='delta'", "registered (plugin)"),
        ("options={'append': true}", "would add files"),
        ("options=['x']", "keys and values"),
    ],
)
def test_what_cannot_be_written_is_refused_with_its_place(files: Any, config: str, message: str) -> None:
    files.write(
        "models/sales.sql", "{{ config(\n    materialized='external',\n    " + config + "\n) }}\nselect 1 as id"
    )
    error = files.dryland("plan", code=2).err
    assert message in error
    assert "models/sales.sql:3" in error


@pytest.mark.slow
def test_a_killed_build_leaves_nothing_that_is_taken_for_a_build(files: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is written before the view that makes it a build; what lies there already is written anew."""
    files.dryland("plan")
    real = external._view

    def torn(*_: Any) -> Any:
        for file in stored(files):
            file.write_text("torn")
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(external, "_view", torn)
        files.dryland("apply", "--yes", code=130)
    assert not (files.root / "out").exists()
    assert external._view is real
    files.dryland("apply", "--yes")
    assert text(files) == PEOPLE
