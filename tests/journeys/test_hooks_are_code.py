"""A hook that changes rows is code: who reads them is built anew when it changes, and nobody when it changes none."""

from __future__ import annotations

import pytest

HEAD = '{{{{ config(post_hook="{hook}") }}}}\nselect'
RAISE = "update {{ this }} set amount = amount + 1000"


def hooked(shop, hook: str) -> None:
    text = (shop.root / "models/staging/stg_orders.sql").read_text()
    shop.write("models/staging/stg_orders.sql", HEAD.format(hook=hook) + text[text.index("select") + len("select") :])


def revenue(shop) -> float:
    ((found,),) = shop.sql("select sum(revenue) from customer_orders")
    return float(found)


def steps(shop, action: str) -> set[str]:
    found = shop.dryland("plan", "--json").json["steps"]
    return {step["node"].rpartition(".")[2] for step in found if step["action"] == action}


@pytest.fixture
def raised(shop):
    """Four orders of 132.75, each raised by 1000 after its model was built."""
    hooked(shop, RAISE)
    shop.dryland("apply", "--yes")
    assert revenue(shop) == 4132.75
    return shop


def test_readers_show_what_another_hook_makes_of_the_rows(raised) -> None:
    hooked(raised, RAISE.replace("1000", "2000"))
    assert steps(raised, "build") == {"stg_orders", "customer_orders", "big_spenders"}
    raised.dryland("apply", "--yes")
    assert revenue(raised) == 8132.75
    assert "Nothing to do" in raised.dryland("plan").out


def test_the_plan_says_that_rows_may_differ_and_whom_that_hits(raised) -> None:
    hooked(raised, RAISE.replace("1000", "2000"))
    told = raised.dryland("plan").out
    assert "~ stg_orders breaking  its hooks changed" in told
    assert "hits customer_orders" in told and "hits exposure spenders_dashboard" in told


def test_a_hook_that_is_gone_leaves_no_trace(raised) -> None:
    """The build from before it was written is there still."""
    raised.edit("models/staging/stg_orders.sql", f'{{{{ config(post_hook="{RAISE}") }}}}', "")
    raised.dryland("apply", "--yes")
    assert revenue(raised) == 132.75


def test_a_macro_that_writes_the_hook_is_part_of_it(shop) -> None:
    shop.write("macros/raised.sql", "{% macro raised() %}update {{ this }} set amount = amount + 1000{% endmacro %}")
    hooked(shop, "{{ raised() }}")
    shop.dryland("apply", "--yes")
    shop.edit("macros/raised.sql", "1000", "3000")
    shop.dryland("apply", "--yes")
    assert revenue(shop) == 12132.75


def test_a_hook_of_another_form_that_leaves_the_rows_alone_builds_no_reader(raised) -> None:
    """What comes out equal keeps its version."""
    hooked(raised, RAISE + " where true")
    assert "1 built, 2 reused" in raised.dryland("apply", "--yes").out
    assert revenue(raised) == 4132.75


def test_what_a_hook_says_of_a_table_is_no_row_of_it(shop) -> None:
    """Comments, grants and indexes: the node is built with them, its readers read the same."""
    hooked(shop, "comment on table {{ this }} is 'orders'")
    shop.dryland("apply", "--yes")
    hooked(shop, "comment on table {{ this }} is 'all orders'")
    assert steps(shop, "build") == {"stg_orders"}
    assert "breaking" not in shop.dryland("plan").out.replace("non-breaking", "")
