"""Warehouse and metadata that do not fit each other are noticed, and nothing that readers see is lost to it."""

from __future__ import annotations

import shutil

import pytest


def changed(workspace, name: str = "upper") -> None:
    workspace.edit("models/marts/customer_orders.sql", "    c.name,\n", f"    {name}(c.name) as name,\n")


def built(workspace, *arguments: str) -> set[str]:
    steps = workspace.dryland("apply", "--yes", "--json", *arguments).json["steps"]
    return {step["node"].rpartition(".")[2] for step in steps if step["action"] == "build"}


def test_a_warehouse_that_is_gone_is_built_anew(released) -> None:
    before = released.content()
    (released.root / "warehouse.duckdb").unlink()
    assert "its build is gone" in released.dryland("plan", "--explain").out
    released.dryland("apply", "--yes")
    assert released.content() == before
    assert "Nothing to do" in released.dryland("plan").out


@pytest.mark.slow
def test_a_warehouse_brought_back_from_a_copy_is_brought_up_to_date(released) -> None:
    shutil.copy(released.root / "warehouse.duckdb", released.root / "copy.duckdb")
    changed(released)
    released.dryland("apply", "--yes")
    before = released.content()
    shutil.copy(released.root / "copy.duckdb", released.root / "warehouse.duckdb")
    assert "the warehouse shows another release" in released.dryland("plan", "--explain").out
    assert "shows release 1 of prod" in released.dryland("gc", "--yes", code=2).err
    assert built(released) == {"customer_orders"}
    assert released.content() == before
    assert "Nothing to do" in released.dryland("plan").out


def test_metadata_brought_back_from_a_copy_is_brought_up_to_date(released) -> None:
    shutil.copytree(released.root / ".dryland", released.root / "copy")
    changed(released)
    released.dryland("apply", "--yes")
    before = released.content()
    shutil.rmtree(released.root / ".dryland")
    shutil.copytree(released.root / "copy", released.root / ".dryland")
    assert "shows release 2 of prod" in released.dryland("gc", "--yes", code=2).err
    assert released.content() == before
    released.dryland("apply", "--yes")
    assert released.content() == before
    released.dryland("gc", "--yes")
    assert released.content() == before


def test_without_its_metadata_nothing_is_cleaned_up_behind_readers(released) -> None:
    before = released.content()
    shutil.rmtree(released.root / ".dryland")
    answer = released.dryland("gc", "--yes", code=2)
    assert "the warehouse shows release 1 of prod, which this metadata does not know" in answer.err
    assert "dryland apply" in answer.err
    released.dryland("apply", "--yes")
    released.dryland("gc", "--yes")
    assert released.content() == before
    assert "Nothing to do" in released.dryland("plan").out


@pytest.mark.slow
def test_without_its_metadata_an_incremental_model_does_not_start_from_nothing_by_itself(released) -> None:
    """Rows that have left the source are in the table that readers see, and nowhere else."""
    released.write(
        "models/marts/book.sql",
        "{{ config(materialized='incremental', unique_key='order_id') }} select order_id from {{ ref('stg_orders') }}",
    )
    released.dryland("apply", "--yes")
    released.edit("seeds/raw_orders.csv", "10,1,20.50,2026-01-01\n", "")
    released.dryland("apply", "--yes")
    kept = released.sql("select order_id from book order by 1")
    assert (10,) in kept
    shutil.rmtree(released.root / ".dryland")
    answer = released.dryland("apply", "--yes", code=2)
    assert "book grew from build to build" in answer.err and "--full-refresh" in answer.err
    assert released.sql("select order_id from book order by 1") == kept
    released.dryland("apply", "--yes", "--full-refresh")
    assert (10,) not in released.sql("select order_id from book")


@pytest.mark.slow
def test_an_older_warehouse_does_not_make_an_incremental_model_forget(released) -> None:
    """Its last generation is not in the copy; an older one is, and can be gone back to."""
    released.write(
        "models/marts/book.sql",
        "{{ config(materialized='incremental', unique_key='order_id') }} select order_id from {{ ref('stg_orders') }}",
    )
    released.dryland("apply", "--yes")
    shutil.copy(released.root / "warehouse.duckdb", released.root / "copy.duckdb")
    released.edit("seeds/raw_orders.csv", "10,1,20.50,2026-01-01\n", "")
    released.dryland("apply", "--yes")
    shutil.copy(released.root / "copy.duckdb", released.root / "warehouse.duckdb")
    answer = released.dryland("apply", "--yes", code=2)
    assert "book grew from build to build" in answer.err and "dryland rollback RELEASE" in answer.err
    released.dryland("rollback", "--yes", "2")
    released.dryland("apply", "--yes")
    assert (10,) in released.sql("select order_id from book")
    assert "Nothing to do" in released.dryland("plan").out


def test_two_warehouses_of_one_name_are_two(released) -> None:
    released.write(
        "profiles.yml",
        """
        shop:
          target: dev
          outputs:
            dev: {type: duckdb, path: warehouse.duckdb, schema: main}
            live: {type: duckdb, path: live/warehouse.duckdb, schema: main}
        """,
    )
    assert "`live` is another place" in released.dryland("plan", "-t", "live", code=2).err


@pytest.fixture
def two_targets(released):
    """One file, two targets of two schemas, as developers of dbt have them."""
    released.write(
        "profiles.yml",
        """
        shop:
          target: dev
          outputs:
            dev: {type: duckdb, path: warehouse.duckdb, schema: main, threads: 4}
            other: {type: duckdb, path: warehouse.duckdb, schema: other, threads: 4}
            same: {type: duckdb, path: warehouse.duckdb, schema: main, threads: 2}
            copy: {type: duckdb, path: copies/warehouse.duckdb, schema: main, threads: 4}
        """,
    )
    return released


def test_another_target_does_not_move_the_readers_of_this_one(two_targets) -> None:
    before = two_targets.content()
    for verb in (["plan"], ["apply", "--yes"], ["gc", "--yes"], ["query", "select 1"]):
        answer = two_targets.dryland(*verb, "-t", "other", code=2)
        assert "the metadata is of the target `dev` (database warehouse in warehouse.duckdb, schema main)" in answer.err
        assert "dryland.yml: state:" in answer.err
    assert two_targets.content() == before
    assert "Nothing to do" in two_targets.dryland("plan", "-t", "same").out
    copied = two_targets.dryland("plan", "-t", "copy", code=2).err
    assert "another place (database warehouse in copies/warehouse.duckdb, schema main)" in copied


def test_a_target_with_metadata_of_its_own_is_a_warehouse_of_its_own(two_targets) -> None:
    """As the hint says."""
    before = two_targets.content()
    two_targets.write(
        "dryland.yml",
        """
        state: "sqlite:///.dryland/{{ target.name }}.db"
        store_schema: "dryland_{{ target.name }}"
        """,
    )
    two_targets.dryland("apply", "--yes", "-t", "other")
    two_targets.dryland("gc", "--yes", "-t", "other")
    assert two_targets.content("other") == before
    assert two_targets.content() == before


def test_a_schema_that_is_renamed_in_the_profile_moves_with_the_next_release(two_targets) -> None:
    """The same target means the same readers: the team wants them elsewhere."""
    before = two_targets.content()
    two_targets.edit("profiles.yml", "schema: main, threads: 4", "schema: mart, threads: 4")
    assert (
        "published as mart.customer_orders instead of main.customer_orders"
        in two_targets.dryland("plan", "--explain").out
    )
    two_targets.dryland("apply", "--yes")
    assert two_targets.content("mart") == before
