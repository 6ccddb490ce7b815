"""What monitors saw is kept for as long as the team says, and cleaned up with the rest."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from dryland.platform import Platform
from dryland.state.observed import Observation


def test_gc_forgets_what_was_seen_too_long_ago(released: Any) -> None:
    released.write("dryland.yml", "retention: {observations: 30}\n")
    with Platform.open(released.root) as platform:
        seen = platform.state.observations("prod")
        assert "model.shop.customer_orders" in seen, "a release leaves an observation of what it built"
        (one,) = seen["model.shop.customer_orders"]
        assert one.body["rows"] == 3 and one.release == 1 and one.build_key
        assert one.body["columns"]["revenue"]["nulls"] == 0.0
        for days in (29, 31):
            platform.state.put_observations([Observation("prod", "model.shop.a", one.at - timedelta(days=days))])
        platform.gc()
        (kept,) = platform.state.observations("prod")["model.shop.a"]
        assert kept.at == one.at - timedelta(days=29)
