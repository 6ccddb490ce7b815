"""How good data was is remembered whenever a verb changed it, and told week by week."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from incident_values import NOON, Clock, incident

from dryland.errors import DrylandError
from dryland.platform import Platform
from dryland.state.observed import Scored
from dryland.watch.quality_score import points_of
from dryland.watch.score_trend import means_at, scores_at

pytestmark = pytest.mark.medium

DAY = timedelta(days=1)
ORDERS = "model.shop.orders"
CUSTOMERS = "model.shop.customer_orders"

shares = st.sampled_from([0.0, 0.25, 0.5, 1.0])
scored_values = st.builds(
    Scored, st.just("prod"), st.sampled_from("abc"), st.integers(0, 20).map(lambda day: NOON + day * DAY),
    st.one_of(st.none(), st.tuples(shares, shares, shares)),
)  # fmt: skip


@given(st.lists(scored_values, max_size=12, unique_by=lambda each: (each.dataset, each.at)))
def test_each_moment_has_what_was_remembered_last(drawn: list[Scored]) -> None:
    seen = sorted(drawn, key=lambda each: each.at)
    moments = [NOON + day * DAY for day in range(0, 25, 3)]
    for moment, found in zip(moments, scores_at(seen, [], moments), strict=True):
        last = {each.dataset: each.parts for each in seen if each.at <= moment}
        assert found == {name: points_of(parts, has_incident=False) for name, parts in last.items() if parts}


def test_an_incident_costs_points_for_as_long_as_it_was_open() -> None:
    good = [Scored("prod", name, NOON - DAY, (1.0, 1.0, 1.0)) for name in (ORDERS, CUSTOMERS)]
    began = incident()
    joined = replace(began.symptoms[0], dataset=CUSTOMERS, first_at=NOON + DAY, gone_at=NOON + 2 * DAY)
    over = replace(began, symptoms=(*began.symptoms, joined), status="resolved", resolved_at=NOON + 5 * DAY)
    days = [NOON + day * DAY for day in (-3, -0.5, 0.5, 1.5, 3, 6)]
    assert means_at(good, [over], days) == (None, 100, 90, 80, 90, 100)
    assert means_at(good, [began], days[-1:]) == (90,), "it is open still"


def scores_of(shop: Any, at: Any) -> dict[str, Any]:
    with Platform.open(shop.root) as platform:
        platform.clock = lambda: at
        return platform.metrics(since=timedelta(weeks=4)).as_dict()


def test_the_trend_has_what_releases_changed(shop: Any) -> None:
    clock = Clock()

    def release() -> None:
        with Platform.open(shop.root) as platform:
            platform.clock = clock
            platform.apply(platform.plan())

    release()
    first = scores_of(shop, clock.at + DAY)
    assert first["score_weeks"] == [None, None, None, first["score"]]
    clock.goes_on(days=8)
    shop.edit("models/marts/customer_orders.sql", "c.name,", "upper(c.name) as name,")
    shop.edit(
        "models/schema.yml", "- name: customer_orders",
        "- name: customer_orders\n    meta: {owner: ana}",
    )  # fmt: skip
    release()
    second = scores_of(shop, clock.at + DAY)
    assert second["datasets"]["customer_orders"]["value"] > first["datasets"]["customer_orders"]["value"]
    assert second["score_weeks"][-2:] == [first["score"], second["score"]]
    with Platform.open(shop.root) as platform:
        assert len(platform.state.scored("prod", [CUSTOMERS])) == 2, "one for each change"
        assert len(platform.state.scored("prod", ["model.shop.stg_orders"])) == 1, "and none for what stayed as it was"


def test_what_checks_say_of_live_data_and_a_way_back_are_in_the_trend(shop: Any) -> None:
    clock = Clock()

    def parts() -> list[float]:
        with Platform.open(shop.root) as platform:
            return [each.parts[0] for each in platform.state.scored("prod", [CUSTOMERS]) if each.parts]

    def do(work: Any) -> None:
        clock.goes_on(days=1)
        with Platform.open(shop.root) as platform:
            platform.clock = clock
            work(platform)

    do(lambda platform: platform.apply(platform.plan()))
    assert parts() == [1.0]
    warns = (
        "data_tests: [not_null, {accepted_values: {arguments: {values: [21], quote: false}, config: {severity: warn}}}]"
    )
    text = (shop.root / "models/schema.yml").read_text()
    head, _, tail = text.rpartition("data_tests: [not_null]")
    shop.write("models/schema.yml", f"{head}{warns}{tail}")
    do(lambda platform: platform.check())
    assert parts() == [1.0, 0.9], "three checks of weight three, and one of weight one that warns"
    shop.edit("models/marts/customer_orders.sql", "coalesce(sum(o.amount), 0)", "21.0")
    do(lambda platform: platform.apply(platform.plan()))
    assert parts() == [1.0, 0.9, 1.0]
    do(lambda platform: platform.rollback())
    assert parts() == [1.0, 0.9, 1.0, 0.9], "readers see again what a check warns of"


@pytest.mark.parametrize("question", ["marks", "scored", "put_scored"])
def test_that_scores_cannot_be_noted_stops_nothing(
    shop: Any, monkeypatch: pytest.MonkeyPatch, question: str
) -> None:  # fmt: skip
    from dryland.state.store import State

    def fails(*_: Any, **__: Any) -> Any:
        raise DrylandError("no room")

    monkeypatch.setattr(State, question, fails)
    with Platform.open(shop.root) as platform:
        assert platform.apply(platform.plan()).status == "published"


def test_what_people_try_out_is_not_scored(shop: Any) -> None:
    with Platform.open(shop.root) as platform:
        platform.apply(platform.plan())
        known = len(platform.state.scored("prod"))
        platform.create_environment("dev_ana")
        platform.apply(platform.plan("dev_ana"))
        assert platform.state.scored("dev_ana") == []
        assert len(platform.state.scored("prod")) == known > 0
