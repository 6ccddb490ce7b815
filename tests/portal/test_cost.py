"""What a dataset cost is told from builds and verdicts that were recorded, and adds up to what was spent."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from portal_shop import Portal

from dryland.portal.facts.cost import DAYS, costs_of, dearest
from dryland.portal.facts.library import Library


def test_the_parts_are_the_whole(looked_at: Portal) -> None:
    library: Library = looked_at.desk.library
    catalogue, state = library.current("prod"), library.state
    costs = costs_of(state, catalogue, library.now())
    since = library.now() - timedelta(days=DAYS)
    built, checked = state.built_since(since), state.checked_since(since)
    assert sum(cost.build_s for cost in costs.values()) == pytest.approx(sum(each.seconds for each in built.values()))
    assert sum(cost.check_s for cost in costs.values()) == pytest.approx(sum(each.seconds for each in checked.values()))
    assert sum(each.seconds for each in built.values()) > 0
    assert costs["model.shop.stg_orders"].shared_s > 0 == costs["model.shop.customer_orders"].shared_s
    assert costs["model.shop.big_spenders"].builds == 2
    assert costs["model.shop.customer_orders"].builds == 1
    assert sum(share for _, _, share in dearest(costs)) <= 1.000001


def test_pages_tell_it(looked_at: Portal) -> None:
    text = looked_at.page("/datasets/big_spenders").partition('id="cost"')[2].partition("</section>")[0]
    assert re.search(r"In 30 days it was built 2 times in [\d.]+ \w+; its checks took [\d.]+ \w+", text)
    assert "it was built once" in looked_at.page("/datasets/customer_orders")
    assert "What took most in 30 days" in looked_at.page("/")
    history = looked_at.page("/datasets/customer_orders").partition('id="history"')[2]
    assert re.search(r'<td class="number">[\d.]+ m?s</td>', history)
