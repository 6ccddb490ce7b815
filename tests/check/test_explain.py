"""What answers a check can be read before anything is asked."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.slow

BEFORE, AFTER = "name: revenue\n        data_tests: [not_null]", "name: revenue\n        data_tests: [not_null, CHECK]"
AT_LEAST = """
    {% test at_least(model, column_name, bound) %}
    with validation as (select ({{ column_name }} >= {{ bound }}) as expression from {{ model }})
    select * from validation where not (expression = true)
    {% endtest %}
    """
ORPHANS = "select o.* from {{ ref('stg_orders') }} o anti join {{ ref('stg_customers') }} using (customer_id)"


def explained(shop) -> dict[str, tuple[str, str]]:
    answers = shop.dryland("check", "--explain", "--json").json["checks"]
    return {each["check"].split(".")[2]: (each["how"], each["shows"] or each["failures"]) for each in answers}


def test_a_test_of_the_teams_own_shares_the_scan(released) -> None:
    """A macro that picks rows says no more than a condition, and minimum and maximum may show that none fails."""
    released.write("macros/at_least.sql", AT_LEAST)
    released.edit("models/schema.yml", BEFORE, AFTER.replace("CHECK", "at_least: {bound: -5}"))
    released.write("tests/orphans.sql", ORPHANS)
    said = explained(released)
    assert said["at_least_customer_orders__5__revenue"] == ("shown", 'COALESCE(MIN("revenue") >= -5, TRUE)')
    assert said["not_null_customer_orders_revenue"] == ("counted", 'COUNT(*) - COUNT("revenue")')
    assert said["orphans"][0] == "alone"
    text = released.dryland("check", "--explain").out
    assert "customer_orders, in one scan:\n" in text
    assert text.partition("by queries of their own:\n")[2].split()[-1] == "orphans"


def test_what_is_shown_is_counted_when_it_fails(released) -> None:
    released.write("macros/at_least.sql", AT_LEAST)
    released.edit("models/schema.yml", BEFORE, AFTER.replace("CHECK", "at_least: {bound: 11}"))
    verdicts = released.dryland("check", "--json", code=1).json["verdicts"]
    (failed,) = [each for each in verdicts if each["status"] == "fail"]
    least = released.sql("select count(*) from customer_orders where not (revenue >= 11)")[0][0]
    assert (failed["failures"], failed["message"]) == (least, f"{least} rows fail" if least != 1 else "1 row fails")
    assert len(failed["sample"]) == least
