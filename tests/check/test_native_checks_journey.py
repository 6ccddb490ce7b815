"""Checks in `meta` stop a release, are chosen, cached and compared with what was released before."""

from __future__ import annotations

from typing import Any

import pytest

ORDERS = "order_id,customer,amount,ordered_on\n"
YAML = """
    models:
      - name: orders
        config:
          meta:
            checks:
              - volume: {min_change: -0.5, max_change: 1.0}
              - {row_count: {min_value: 1}, tags: [nightly]}
        columns:
          - name: amount
            config:
              meta:
                checks:
                  - drift: {of: mean, min_change: -0.5, max_change: 0.5}
"""


def seed(shop: Any, *amounts: float) -> None:
    rows = (f"{number},ana,{amount},2026-01-0{number % 9 + 1}\n" for number, amount in enumerate(amounts))
    (shop.root / "seeds" / "raw_orders.csv").write_text(ORDERS + "".join(rows))


@pytest.fixture
def shop(workspace: Any) -> Any:
    workspace.dryland("init", ".", "--name", "shop")
    workspace.write("models/models.yml", YAML)
    seed(workspace, 10, 11, 12)
    workspace.dryland("apply", "--yes")
    return workspace


def said(answer: Any) -> list[str]:
    return sorted(each["message"] for each in answer.json["verdicts"] if each["status"] == "fail")


def test_a_doubled_load_and_another_unit_are_stopped(shop: Any) -> None:
    """Nobody wrote a bound: what was released before is one."""
    seed(shop, *[10, 11, 12] * 3)
    assert said(shop.dryland("apply", "--yes", "--json", code=1)) == [
        "the number of rows changed by more than -50 % or +100 %"
    ]
    seed(shop, 1000, 1100, 1200)
    (message,) = said(shop.dryland("apply", "--yes", "--json", code=1))
    assert message == "mean of amount changed by more than -50 % or +50 %"
    assert shop.sql("select count(*), max(amount) from orders", "shop.duckdb") == [(3, 12)]


@pytest.mark.slow
def test_what_is_released_is_what_the_next_is_compared_with(shop: Any) -> None:
    """The median of the last builds: one that was refused is none of them."""
    seed(shop, *[10, 11, 12, 11, 10, 12])
    shop.dryland("apply", "--yes")
    seed(shop, *[10, 11] * 4)
    shop.dryland("apply", "--yes")  # 8 against the median of 3 and 6
    seed(shop, *[10, 11] * 50)
    shop.dryland("apply", "--yes", code=1)
    seed(shop, *[10, 11] * 50)
    assert said(shop.dryland("apply", "--yes", "--json", code=1)), "asked again, the answer is the same"


@pytest.mark.slow
def test_an_environment_without_history_is_compared_with_the_default_one(shop: Any) -> None:
    shop.dryland("env", "create", "dev")
    seed(shop, *[10, 11, 12] * 3)
    answer = shop.dryland("apply", "--yes", "--json", "-e", "dev", code=1)
    assert said(answer) == ["the number of rows changed by more than -50 % or +100 %"]


@pytest.mark.slow
def test_what_is_usual_in_one_environment_is_not_so_in_another(shop: Any) -> None:
    """The same build is asked again: dev was shown one that grew step by step."""
    shop.dryland("env", "create", "dev")
    for times in (2, 3):
        seed(shop, *[10, 11, 12] * times)
        shop.dryland("apply", "--yes", "-e", "dev")
    answer = shop.dryland("apply", "--yes", "--json", code=1)
    assert said(answer) == ["the number of rows changed by more than -50 % or +100 %"]


@pytest.mark.slow
def test_adding_a_check_builds_nothing(shop: Any) -> None:
    """Checks are no part of what a table means."""
    shop.edit("models/models.yml", "row_count: {min_value: 1}", "row_count: {min_value: 2}")
    assert shop.building() == []
    verdicts = shop.dryland("apply", "--yes", "--json").json["verdicts"]
    asked = {each["check"].split(".")[2]: each["status"] for each in verdicts if not each["cached"]}
    compared = [name for name in asked if name.startswith(("drift_", "volume_"))]
    assert len(compared) == 2, "what they are compared with may be other builds now"
    assert {name: status for name, status in asked.items() if name not in compared} == {"row_count_orders_2": "pass"}


@pytest.mark.slow
def test_checks_are_chosen_as_tests_are(shop: Any) -> None:
    (verdict,) = shop.dryland("check", "-s", "tag:nightly", "--json").json["verdicts"]
    assert verdict["check"].startswith("test.shop.row_count_orders_1.")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("entry", "message", "hint"),
    [
        ("rowcount: {min_value: 1}", "models/models.yml:6: there is no check `rowcount`.", "`row_count` exists."),
        ("row_count: {min: 1}", "models/models.yml:6: `row_count` takes no `min`.", "did you mean `min_value`?"),
        ("row_count", "models/models.yml:6: `row_count` needs `equals` or `min_value`", "row_count: {equals: ...}"),
        ("accepted_range: {min_value: 0}", "models/models.yml:6: `accepted_range` is about a column.", "column: ..."),
        ("relationships: {to: ref('x'), field: y}", "models/models.yml:6: ", "x"),
        ("not_null: {column: id, mostly: 99}", "`mostly: 99` of `not_null` is not what it takes", "such as 0.99"),
    ],
)
def test_a_check_that_cannot_be_asked_is_told_with_its_line(shop: Any, entry: str, message: str, hint: str) -> None:
    shop.edit("models/models.yml", "volume: {min_change: -0.5, max_change: 1.0}", entry)
    answer = shop.dryland("plan", code=2)
    assert message in answer.err
    assert hint in answer.err
