"""A table that stands under its key is complete, so it is taken as it is and never made twice."""

from __future__ import annotations

import shutil


def actions(workspace) -> dict[str, str]:
    steps = workspace.dryland("apply", "--yes", "--json").json["steps"]
    return {step["node"].rpartition(".")[2]: step["action"] for step in steps}


def test_a_table_that_nobody_told_of_is_not_made_again(released) -> None:
    """A run that was killed between its table and its note of it leaves such tables."""
    tables = "select table_name, table_oid from duckdb_tables() where schema_name = 'dryland_store' order by 1"
    before, rows = released.sql(tables), released.content()
    shutil.rmtree(released.root / ".dryland")
    assert set(actions(released).values()) == {"reuse"}
    assert released.sql(tables) == before
    assert released.content() == rows


def test_a_table_that_is_gone_is_made_again_though_it_was_told_of(released) -> None:
    rows = released.content()
    (gone,) = released.sql("select table_name from duckdb_tables() where table_name like 'stg_orders__%'")[0]
    released.arrives(f'drop table dryland_store."{gone}"')
    assert actions(released)["stg_orders"] == "build"
    assert released.sql(f"select count(*) from duckdb_tables() where table_name = '{gone}'") == [(1,)]
    assert released.content() == rows


def test_a_generation_whose_table_is_gone_is_made_from_nothing_when_told(released) -> None:
    """Not by itself: it may have held rows that no source has any more."""
    released.write(
        "models/marts/grows.sql",
        """
        {{ config(materialized='incremental', unique_key='order_id') }}
        select order_id, amount from {{ ref('stg_orders') }}
        {% if is_incremental() %} where amount > 6 {% endif %}
        """,
    )
    actions(released)
    (gone,) = released.sql("select table_name from duckdb_tables() where table_name like 'grows__%'")[0]
    released.arrives(f'drop table dryland_store."{gone}"')
    assert "--full-refresh starts from nothing" in released.dryland("apply", "--yes", code=2).err
    released.dryland("apply", "--yes", "--full-refresh")
    assert released.sql("select count(*) from main.grows") == [(4,)]
    assert "Nothing to do" in released.dryland("plan").out


def test_a_table_that_came_out_empty_is_stopped_again_when_it_is_found_again(released) -> None:
    """It was refused for its rows, and it has no others by now."""
    released.write("models/marts/last.sql", "select order_id from {{ ref('stg_orders') }}\n")
    released.dryland("apply", "--yes")
    rows = released.content()
    released.write("models/marts/last.sql", "select order_id from {{ ref('stg_orders') }} where false\n")
    for _ in range(2):
        assert "last came out empty" in released.dryland("apply", "--yes", code=1).out
        assert released.content() == rows
