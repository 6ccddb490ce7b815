"""A Python model returns a frame of any kind; one that raises is named with its line, and nothing moves."""

from __future__ import annotations

import pytest

MODELS = {
    "pandas": "orders.df().assign(amount=lambda frame: frame.amount * 2)[['order_id', 'amount']]",
    "polars": "orders.pl().select('order_id', orders.pl()['amount'] * 2)",
    "arrow": "session.sql('select order_id, amount * 2 as amount from orders').arrow()",
    "relation": "session.sql('select order_id, amount * 2 as amount from orders')",
}


def model(body: str) -> str:
    return f"def model(dbt, session):\n    orders = dbt.ref('stg_orders')\n    return {body}\n"


@pytest.mark.parametrize("kind", MODELS)
def test_every_kind_of_frame_becomes_a_table(released, kind: str) -> None:
    released.write("models/marts/doubled.py", model(MODELS[kind]))
    released.dryland("apply", "--yes")
    rows = released.sql("select order_id, amount from main.doubled order by 1")
    assert [(number, float(amount)) for number, amount in rows] == [(10, 41.0), (11, 10.0), (12, 14.5), (13, 200.0)]
    assert "Nothing to do" in released.dryland("plan").out


def test_a_python_model_is_built_again_when_what_it_reads_or_says_changes(released) -> None:
    released.write("models/marts/doubled.py", model(MODELS["relation"]))
    released.dryland("apply", "--yes")
    released.write("models/marts/doubled.py", "# a comment is not code\n" + model(MODELS["relation"]))
    assert "Nothing to do" in released.dryland("plan").out
    released.edit("models/marts/doubled.py", "amount * 2", "amount * 3")
    assert [each["node"] for each in released.dryland("plan", "--json").json["changes"]] == ["model.shop.doubled"]
    released.dryland("apply", "--yes")
    released.edit("models/staging/stg_orders.sql", "amount,", "amount + 1 as amount,")
    changed = {each["node"] for each in released.dryland("plan", "--json").json["changes"]}
    assert "model.shop.doubled" in changed


def test_configuration_and_checks_hold_for_python_too(released) -> None:
    released.write(
        "models/marts/doubled.py",
        """
        def model(dbt, session):
            dbt.config(materialized="table", meta={"factor": 5})
            factor = dbt.config.get("factor")
            orders = dbt.ref("stg_orders").df()
            orders["amount"] = orders["amount"] * factor
            orders.loc[0, "order_id"] = None
            return orders
        """,
    )
    released.write(
        "models/marts/doubled.yml", "models: [{name: doubled, columns: [{name: order_id, data_tests: [not_null]}]}]"
    )
    answer = released.dryland("apply", "--yes", code=1)
    assert "1 row has no order_id" in answer.out


def test_one_that_returns_no_frame_is_told_what_it_may_return(released) -> None:
    released.write("models/marts/doubled.py", model("42"))
    answer = released.dryland("apply", "--yes", code=3)
    assert "cannot make a table of 'int'" in answer.out
    assert "pandas" in answer.out


def test_one_that_does_not_parse_is_named_with_its_line(released) -> None:
    released.write("models/marts/doubled.py", "def model(dbt, session):\n    return (\n")
    answer = released.dryland("plan", code=2)
    assert "models/marts/doubled.py:2" in answer.err
