"""Templates that ask the warehouse what to write: models, ephemeral models, tests."""

from __future__ import annotations

import json

import pytest

KINDS = """
    {% macro kinds_of(relation, column) %}
      {% set found = run_query('select distinct ' ~ column ~ ' from ' ~ relation ~ ' order by 1') %}
      {{ return(found.columns[0].values() if execute else []) }}
    {% endmacro %}
    """
PIVOT = """
    select customer_id
    {% for kind in kinds_of(ref('raw_customers'), 'country') %}
      , count(*) filter (where country = '{{ kind }}') as is_{{ kind }}
    {% endfor %}
    from (select id as customer_id, country from {{ ref('raw_customers') }}) group by 1
    """


def test_what_a_model_asks_is_answered_by_what_it_will_read(shop) -> None:
    """Not by what readers see now: its columns follow the seed of the same release."""
    shop.write("macros/kinds.sql", KINDS)
    shop.write("models/marts/by_country.sql", PIVOT)
    shop.dryland("apply", "--yes")
    assert [column for (column, *_) in shop.sql("describe by_country")] == ["customer_id", "is_ng", "is_pt", "is_se"]
    assert "Nothing to do" in shop.dryland("plan").out
    shop.edit("seeds/raw_customers.csv", "3,Chi,ng", "3,Chi,ie")
    shop.dryland("apply", "--yes")
    assert [column for (column, *_) in shop.sql("describe by_country")] == ["customer_id", "is_ie", "is_pt", "is_se"]


@pytest.mark.parametrize("is_listed", [False, True], ids=["at once", "listed before"])
def test_an_ephemeral_model_may_ask_too(shop, is_listed) -> None:
    """Who lists the models first cannot ask yet, and keeps nothing that a release would have to know better."""
    shop.write("macros/kinds.sql", KINDS)
    shop.write("models/marts/by_country.sql", "{{ config(materialized='ephemeral') }}" + PIVOT)
    shop.write("models/marts/reader.sql", "select * from {{ ref('by_country') }}")
    if is_listed:
        shop.dryland("ls")
    shop.dryland("apply", "--yes")
    assert [column for (column, *_) in shop.sql("describe reader")] == ["customer_id", "is_ng", "is_pt", "is_se"]
    manifest = json.loads((shop.root / "target" / "manifest.json").read_text())
    assert "is_ng" in manifest["nodes"]["model.shop.reader"]["compiled_code"]


def test_a_model_that_grows_asks_the_rows_so_far(shop) -> None:
    shop.write(
        "models/marts/grown.sql",
        """
        {{ config(materialized='incremental') }}
        select order_id, amount from {{ ref('stg_orders') }}
        {% if is_incremental() %}
          {% set newest = run_query('select max(order_id) from ' ~ this) %}
          where order_id > {{ newest.columns[0].values()[0] if execute else 0 }}
        {% endif %}
        """,
    )
    shop.dryland("apply", "--yes")
    assert shop.sql("select count(*), count(distinct order_id) from grown") == [(4, 4)]
    with (shop.root / "seeds/raw_orders.csv").open("a") as file:
        file.write("14,1,3.0,2026-01-10\n")
    shop.dryland("apply", "--yes")
    assert shop.sql("select count(*), count(distinct order_id) from grown") == [(5, 5)]


@pytest.mark.slow
def test_what_is_asked_of_undeclared_tables_is_asked_again_by_every_refresh(shop) -> None:
    """Nothing tells that such a table moved; the answer is part of the build's name."""
    shop.write("macros/kinds.sql", KINDS)
    shop.arrives("create schema side", "create table side.kinds as select 'a' as kind")
    shop.write(
        "models/marts/outside.sql",
        "select 1 as x {% for k in kinds_of('side.kinds', 'kind') %}, '{{ k }}' as is_{{ k }}{% endfor %}",
    )
    shop.dryland("apply", "--yes")
    assert [column for (column, *_) in shop.sql("describe outside")] == ["x", "is_a"]
    shop.arrives("insert into side.kinds values ('b')")
    assert "Nothing to do" in shop.dryland("plan").out  # the code is as it was
    shop.dryland("run", "--yes")
    assert [column for (column, *_) in shop.sql("describe outside")] == ["x", "is_a", "is_b"]
    shop.dryland("run", "--yes")
    assert [column for (column, *_) in shop.sql("describe outside")] == ["x", "is_a", "is_b"]


TEXT_COLUMNS = """
    {% test no_empty_text(model) %}
      select * from {{ model }} where false
      {% for column in adapter.get_columns_in_relation(model) if column.is_string() %}
        or trim({{ column.quoted }}) = ''
      {% endfor %}
    {% endtest %}
    """


def test_a_test_that_looks_at_columns_looks_at_the_candidate(released) -> None:
    """It would pass on what readers see now: the column is new."""
    released.write("tests/generic/no_empty_text.sql", TEXT_COLUMNS)
    released.edit(
        "models/schema.yml", "  - name: stg_orders\n", "  - name: stg_orders\n    data_tests: [no_empty_text]\n"
    )
    released.dryland("apply", "--yes")
    released.edit("models/staging/stg_orders.sql", "    amount,", "    amount, '' as note,")
    answer = released.dryland("apply", "--yes", code=1)
    assert "no_empty_text" in answer.out and "4 rows fail" in answer.out


@pytest.mark.slow
def test_a_test_in_a_file_may_ask_as_well(shop) -> None:
    shop.write("macros/kinds.sql", KINDS)
    shop.write(
        "tests/known_countries.sql",
        """
        {% set kinds = kinds_of(ref('stg_customers'), 'country') %}
        select 1 where {{ kinds | length }} <> 3
        """,
    )
    shop.dryland("apply", "--yes")
    shop.edit("seeds/raw_customers.csv", "3,Chi,ng", "3,Chi,pt")
    assert "known_countries" in shop.dryland("apply", "--yes", code=1).out


def test_a_question_that_fails_names_the_macros_and_the_line_of_its_sql(shop) -> None:
    shop.write("macros/kinds.sql", KINDS)
    shop.write("models/marts/by_country.sql", PIVOT.replace("'country'", "'cuntry'"))
    answer = shop.dryland("apply", "--yes", code=3)
    assert "models/marts/by_country.sql:2" in answer.out
    assert "at macros/kinds.sql:2 in kinds_of" in answer.out
    assert ">    1 | select distinct cuntry from" in answer.out
