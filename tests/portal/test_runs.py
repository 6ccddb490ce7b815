"""A run is followed while it goes on, and told step by step when it has ended."""

from __future__ import annotations

import os
import re
from dataclasses import replace

from portal_shop import Portal

from dryland.platform import Platform
from dryland.portal.drawing.gantt import gantt
from dryland.state.work import scope_of


def test_each_step_stands_where_it_began(looked_at: Portal) -> None:
    """What reads another begins after it, in the record and in the picture."""
    steps = {step.node: step for step in looked_at.desk.state.steps(1)}
    read, reads = steps["model.shop.stg_orders"], steps["model.shop.customer_orders"]
    assert read.started_at.timestamp() + read.duration_s <= reads.started_at.timestamp()
    run = looked_at.desk.state.run(1)
    assert run is not None
    drawn = gantt(steps.values(), run.started_at, {})
    assert drawn is not None
    bars = {bar.node: bar for bar in drawn.bars}
    assert bars[read.node].x + bars[read.node].width <= bars[reads.node].x + 2.1
    assert len(re.findall(r'<rect class="bar done"', looked_at.page("/runs/1"))) == len(bars) == len(steps)


def test_a_run_that_goes_on_says_who_and_what_was_made(own: Portal) -> None:
    """The page asks again by itself until the run has ended."""
    with Platform.open(own.root) as platform, platform.holding(scope_of("prod"), "run"):
        run = platform.state.begin_run("run", "prod", os.getpid())
        assert "Nothing was finished yet." in own.page(f"/runs/{run.id}")
        known = platform.state.all_builds()
        build = next(each for each in known.values() if each.node == "model.shop.stg_orders")
        assert build.duration_s > 0, "how long it took to make is remembered with it"
        mine = replace(build, key="new", run_id=run.id, created_at=run.started_at, began_s=0.5, duration_s=1.5)
        platform.state.put_build(mine)
        text = own.page(f"/runs/{run.id}")
        assert "stg_orders: 1.5 s, from 500 ms" in text and '<rect class="bar done"' in text, "drawn as it goes on"
        assert 'hx-trigger="every 1s"' in text
        assert "stg_orders" in text
        work = own.page("/").partition("At work now")[2].partition("</section>")[0]
        assert re.search(r"<strong>run</strong> on prod", work), work
        platform.state.finish_run(run.id, "failed", {"error": "the disk is full"})
    ended = own.page(f"/runs/{run.id}")
    assert "the disk is full" in ended
    assert "hx-trigger" not in ended


def test_a_run_whose_process_is_gone_is_lost(own: Portal) -> None:
    with Platform.open(own.root) as platform:
        run = platform.state.begin_run("apply", "prod", 1)
    assert "lost" in own.page(f"/runs/{run.id}")
