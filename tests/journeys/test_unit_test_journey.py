"""What a unit test says no to is not built, and who passed is not asked twice."""

from __future__ import annotations

import json

import pytest

UNIT = """
unit_tests:
  - name: adds_up
    model: customer_orders
    config: {tags: [quick]}
    given:
      - input: ref('stg_customers')
        rows: [{customer_id: 1, name: Ana}]
      - input: ref('stg_orders')
        rows: [{order_id: 1, customer_id: 1, amount: 5}, {order_id: 2, customer_id: 1, amount: 7}]
    expect:
      rows: [{name: Ana, orders: 2, revenue: 12}]
  - name: big_ones_only
    model: big_spenders
    given:
      - input: ref('customer_orders')
        rows: [{customer_id: 1, revenue: 20}, {customer_id: 2, revenue: 21}]
    expect:
      rows: [{customer_id: 2}]
"""
WRONG = ("coalesce(sum(o.amount), 0)", "coalesce(max(o.amount), 0)")


@pytest.fixture
def tested(released):
    released.write("models/unit.yml", UNIT)
    return released


def names(answer) -> list[str]:
    return [verdict["name"] for verdict in answer.json["verdicts"]]


def test_what_fails_is_refused_before_anything_is_built(tested) -> None:
    before = tested.content("dryland_store")
    tested.edit("models/marts/customer_orders.sql", *WRONG)
    said = tested.dryland("apply", "--yes", code=1).out
    assert "fail adds_up on customer_orders: 1 row differs in revenue (expected → actual)" in said
    assert "12.0 → 7.0" in said
    assert "models/unit.yml:2" in said
    assert "Refused: prod is unchanged. 0 built;" in said
    assert "customer_orders  adds_up: 1 row differs" in said
    assert tested.content("dryland_store") == before
    assert tested.sql("select max(revenue) from main.customer_orders") == [(100.0,)]


def test_a_mended_model_goes_out_and_its_tests_are_counted(tested) -> None:
    tested.edit("models/marts/customer_orders.sql", *WRONG)
    tested.dryland("apply", "--yes", code=1)
    tested.edit("models/marts/customer_orders.sql", *WRONG[::-1])
    tested.edit("models/marts/customer_orders.sql", "count(o.order_id)", "count(distinct o.order_id)")
    outcome = tested.dryland("apply", "--yes", "--json").json
    said = {verdict["name"]: verdict["status"] for verdict in outcome["verdicts"]}
    assert outcome["status"] == "published"
    assert said["adds_up"] == "pass"


def test_a_refusal_is_told_and_remembered_as_a_run(tested) -> None:
    tested.write("dryland.yml", "notifications: [{name: journal, file: journal.jsonl, on: [refused]}]\n")
    tested.edit("models/marts/customer_orders.sql", *WRONG)
    tested.dryland("apply", "--yes", code=1)
    assert [json.loads(line)["event"] for line in (tested.root / "journal.jsonl").read_text().splitlines()] == [
        "refused"
    ]


def test_a_refresh_asks_no_unit_test(tested) -> None:
    """The code that is live passed already, or was released without."""
    tested.edit("models/unit.yml", "revenue: 12", "revenue: 13")
    tested.dryland("run", "--yes")


def test_a_part_of_the_project_waits_for_its_own_tests_only(tested) -> None:
    tested.edit("models/unit.yml", "revenue: 12", "revenue: 13")
    tested.edit("models/staging/stg_customers.sql", "name, country", "upper(name) as name, country")
    tested.dryland("apply", "--yes", code=1)
    tested.dryland("apply", "--yes", "-s", "stg_customers")


def test_who_passed_is_not_asked_again(tested) -> None:
    assert "2 unit tests: 2 passed; " in tested.dryland("test").out
    assert "2 are as they were when they passed" in tested.dryland("test").out
    tested.edit("models/unit.yml", "revenue: 20}", "revenue: 19}")
    assert "1 are as they were" in tested.dryland("test").out


def test_who_failed_is_asked_again(tested) -> None:
    tested.edit("models/unit.yml", "revenue: 12", "revenue: 13")
    for _ in range(2):
        said = tested.dryland("test", "--json", "-s", "adds_up", code=1).json["verdicts"]
        assert [(verdict["status"], verdict["cached"]) for verdict in said] == [("fail", False)]


@pytest.mark.parametrize(
    ("words", "chosen"),
    [
        (["-s", "customer_orders"], ["adds_up"]),
        (["-s", "customer_orders+"], ["adds_up", "big_ones_only"]),
        (["-s", "tag:quick"], ["adds_up"]),
        (["-s", "unit_test:big*"], ["big_ones_only"]),
        (["-s", "test_type:unit"], ["adds_up", "big_ones_only"]),
        (["-s", "resource_type:unit_test", "--exclude", "customer_orders"], ["big_ones_only"]),
        (["-s", "adds_up", "big_spenders"], ["adds_up", "big_ones_only"]),
        (["-s", "stg_orders"], []),
    ],
)
def test_tests_are_chosen_by_themselves_and_by_their_models(tested, words, chosen) -> None:
    assert names(tested.dryland("test", "--json", *words)) == chosen


def test_a_selector_that_matches_nothing_is_told(tested) -> None:
    assert "matches nothing" in tested.dryland("test", "-s", "unit_test:none", code=2).err


def test_no_test_is_told_as_such(released) -> None:
    assert released.dryland("test").out == "no unit test is chosen\n"
