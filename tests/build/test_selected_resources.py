"""A template may print what the run is about; it is written when that is known."""

from __future__ import annotations

NAMES = "select '{{ selected_resources | reject('in', tests()) | sort | join(' ') }}' as names"
MACROS = """
{% macro tests() %}{% set found = [] %}{% for each in selected_resources if each.startswith('test.') %}
{% do found.append(each) %}{% endfor %}{{ return(found) }}{% endmacro %}
{% macro selected_names() %}NAMES{% endmacro %}
""".replace("NAMES", NAMES)
HOOK = "insert into {{ this }} values ('{{ tests() | length }} tests')"


def names(shop) -> list[str]:
    return [name for (name,) in shop.sql("select names from main.chosen")]


def test_a_model_prints_all_that_there_is_or_what_was_selected(shop) -> None:
    shop.write("macros/selected.sql", MACROS)
    shop.write("models/marts/chosen.sql", "{{ selected_names() }}")
    shop.dryland("apply", "--yes")
    (found,) = names(shop)
    assert found.split() == sorted(
        [f"model.shop.{name}" for name in ("big_spenders", "chosen", "customer_orders", "stg_customers", "stg_orders")]
        + ["seed.shop.raw_customers", "seed.shop.raw_orders"]
    )
    assert "Nothing to do" in shop.dryland("plan").out
    shop.write("models/marts/chosen.sql", "{{ selected_names() }} /* again */ where 1 = 1")
    shop.dryland("apply", "--yes", "-s", "chosen", "stg_orders")
    assert names(shop) == ["model.shop.chosen model.shop.stg_orders"]


def test_a_hook_knows_the_tests_that_come_along(shop) -> None:
    shop.write("macros/selected.sql", MACROS)
    shop.write("models/marts/chosen.sql", f"{{{{ config(post_hook=\"{HOOK}\") }}}}\nselect 'a' as names")
    shop.dryland("apply", "--yes", "-s", "+customer_orders", "chosen")
    assert sorted(names(shop)) == ["8 tests", "a"]
