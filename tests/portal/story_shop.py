"""The edit that cost a campaign: a segment keeps 90 days in place of 7, readers see it, and a check finds it later."""

from __future__ import annotations

from pathlib import Path
from typing import Any

SEGMENT = """
select o.customer_id, c.name, max(o.ordered_on) as last_order, count(*) as orders
from {{ ref('stg_orders') }} o
join {{ ref('stg_customers') }} c on c.customer_id = o.customer_id
where o.ordered_on > (select max(ordered_on) from {{ ref('stg_orders') }}) - interval '7 days'
group by o.customer_id, c.name
"""
PROMISE = """
select * from {{ ref('active_customers') }}
where last_order <= (select max(last_order) from {{ ref('active_customers') }}) - interval '7 days'
"""
WATCHED = "model.shop.customer_orders"
ROUTES = """
portal_url: http://127.0.0.1:8765
alerts:
  channels: [{name: journal, file: alerts.jsonl}]
  routes: [{name: everything, to: journal}]
"""


def make_story(workspace: Any) -> None:
    """Three releases, and one incident of which the last release is the cause."""
    workspace.write("dryland.yml", ROUTES)
    workspace.write("models/marts/active_customers.sql", SEGMENT)
    workspace.write(
        "models/marts/campaign.sql", "select customer_id, orders >= 2 as is_regular from {{ ref('active_customers') }}"
    )
    workspace.write(
        "models/marts/active_customers.yml",
        """
        version: 2
        models:
          - name: active_customers
            description: Who ordered in the last seven days.
            config: {meta: {owner: Ana, consumers: [voucher mailing]}}
            columns:
              - {name: customer_id, data_tests: [unique, not_null]}
              - {name: name, config: {meta: {pii: true}}}
              - {name: last_order}
          - name: campaign
            config: {meta: {owner: Marketing}}
        exposures:
          - name: voucher_costs
            type: dashboard
            owner: {name: Finance, email: finance@example.org}
            depends_on: [ref('campaign')]
        """,
    )
    workspace.dryland("apply", "--yes", "-q", "-m", "who ordered in the last week")
    workspace.edit("models/marts/active_customers.sql", "interval '7 days'", "interval '90 days'")
    workspace.dryland("apply", "--yes", "-q", "-m", "widen the window")
    workspace.write("tests/active_means_within_a_week.sql", PROMISE)
    workspace.dryland("check", code=1)


def watch_a_month(root: Path) -> None:
    """A month in which there were three customers each day, and a night on which there are nine."""
    from datetime import timedelta

    from dryland.clock import utc_now
    from dryland.noting import note_noticed
    from dryland.platform import Platform
    from dryland.state.observed import Observation
    from dryland.watch.monitor_findings import findings

    with Platform.open(root) as platform:
        now = utc_now()
        seen = [
            Observation("prod", WATCHED, now - timedelta(days=days), {"rows": 3, "verb": "run"})
            for days in range(30, 0, -1)
        ]
        last = Observation("prod", WATCHED, now, {"rows": 9, "verb": "run"}, 3)
        platform.state.put_observations([*seen, last])
        note_noticed(platform, "prod", findings(platform.state, platform.project, [last]), [WATCHED])
