"""Lists edits that decide which rows there are: filters, joins, groups, unions."""

from __future__ import annotations

from edits.edit import Variant, swap, variant
from edits.kinds.places import (
    ACCOUNTS,
    ALERTS,
    CATEGORIES,
    CHANGES,
    CHANNELS,
    COMPANY,
    COUNTRIES,
    DAILY,
    ENRICHED,
    FIRST,
    HISTORY,
    ITEMS,
    KPIS,
    MONTHLY,
    PRICED,
    RETENTION,
    SEGMENTS,
    STATUSES,
    STG_ACCOUNTS,
    STG_EVENTS,
    STG_ITEMS,
    STG_LINES,
    TOP,
    VALUED,
)  # fmt: skip

OF_ROWS: tuple[Variant, ...] = (
    variant("filter, other rows", "staging", swap(STG_EVENTS, "status <> 'draft'", "status not in ('draft', 'open')")),
    variant("filter, other rows", "staging", swap(STG_ACCOUNTS, "status <> 'test'", "status = 'active'")),
    variant("filter, other rows", "staging", swap(STG_LINES, "quantity > 0", "quantity > 1")),
    variant("filter, other rows", "intermediate", swap(VALUED, "<> 'lost'", "<> 'returned'")),
    variant("filter, other rows", "intermediate", swap(DAILY, "amount > 0", "amount > 10")),
    variant("filter, other rows", "intermediate", swap(FIRST, "amount > 0", "amount > 0 and event_kind = 'order'")),
    variant("filter, other rows", "marts", swap(COUNTRIES, "in ('paid', 'sent')", "in ('paid', 'sent', 'open')")),
    variant("filter, other rows", "marts", swap(CATEGORIES, "group by", "where channel <> 'phone'\ngroup by")),
    variant("filter, other rows", "marts", swap(ALERTS, "amount > 100", "amount > 250")),
    variant("filter, other rows", "company", swap(
        f"{COMPANY}/company_regions.sql", "where region is not null", "where region in ('north', 'south')",
    )),
    variant("filter, same rows", "staging", swap(STG_LINES, "quantity > 0", "quantity >= 1")),
    variant("filter, same rows", "staging", swap(STG_ACCOUNTS, "status <> 'test'", "status <> 'test' and id >= 0")),
    variant("filter, same rows", "intermediate", swap(VALUED, "<> 'lost'", "not in ('lost', 'stolen')")),
    variant("filter, same rows", "intermediate", swap(FIRST, "amount > 0", "amount > 0 and account_id is not null")),
    variant("filter, same rows", "intermediate", swap(DAILY, "amount > 0", "amount > 0 and happened_on is not null")),
    variant("filter, same rows", "marts", swap(ITEMS, "items.is_active", "items.is_active and items.list_price > 0")),
    variant("filter, same rows", "marts", swap(SEGMENTS, "targets.target > 0", "targets.target > 100")),
    variant("filter, same rows", "marts", swap(HISTORY, "status <> 'test'", "status in ('active', 'closed')")),
    variant("constant", "intermediate", swap(PRICED, "'lines.line_amount', 5", "'lines.line_amount', 7")),
    variant("constant", "intermediate", swap(CHANGES, "('order', 'refund')", "('order', 'refund', 'visit')")),
    variant("constant", "marts", swap(ACCOUNTS, "2000", "2500")),
    variant("constant", "marts", swap(TOP, "limit 25", "limit 30")),
    variant("constant", "marts", swap(KPIS, "event_count > 0", "event_count > 2")),
    variant("constant", "marts", swap(COUNTRIES, "having count(*) > 1", "having count(*) > 5")),
    variant("constant", "company", swap(f"{COMPANY}/company_top.sql", "limit 50", "limit 40")),
    variant("join type, other rows", "intermediate", swap(VALUED, "left join lines", "join lines")),
    variant("join type, other rows", "intermediate", swap(
        ENRICHED, "join {{ ref('int_AREA__accounts_named') }}", "left join {{ ref('int_AREA__accounts_named') }}",
    )),
    variant("join type, other rows", "marts", swap(CHANNELS, "left join", "right join")),
    variant("join type, same rows", "intermediate", swap(PRICED, "inner join", "left join")),
    variant("join type, same rows", "intermediate", swap(ENRICHED, "left join countries", "join countries")),
    variant("join type, same rows", "marts", swap(
        ACCOUNTS, "left join {{ ref('segment_targets') }}", "join {{ ref('segment_targets') }}",
    )),
    variant("join type, same rows", "company", swap(
        f"{COMPANY}/company_weekdays.sql", "join {{ ref('dim_dates') }}", "left join {{ ref('dim_dates') }}",
    )),
    variant("distinct", "staging", swap(STG_ITEMS, "select\n", "select distinct\n")),
    variant("distinct", "intermediate", swap(
        VALUED, "select\n    events.event_id,", "select distinct\n    events.event_id,",
    )),
    variant("distinct", "marts", swap(RETENTION, "select distinct account_id", "select account_id")),
    variant("distinct", "marts", swap(COUNTRIES, "count(distinct account_id)", "count(account_id)")),
    variant("groups", "marts", swap(MONTHLY, "    happened_month,\n", "    happened_month,\n    region,\n"),
            swap(MONTHLY, "group by 1", "group by 1, 2")),
    variant("groups", "marts", swap(STATUSES, "group by changes.state, labels.label", "group by all")),
    variant("union", "intermediate", swap(CHANGES, "union all", "union")),
    variant("union", "marts", swap(
        KPIS, "union all\nselect 'lines'",
        "union all\nselect 'days', cast(count(*) as decimal(18, 2))\nfrom {{ ref('int_AREA__daily') }}\n"
        "union all\nselect 'lines'",
    )),
    variant("order of the result", "marts", swap(
        COUNTRIES, "having count(*) > 1", "having count(*) > 1\norder by amount desc",
    )),
    variant("order of the result", "marts", swap(TOP, "order by amount desc, account_id\nlimit",
                                                 "order by amount, account_id\nlimit")),
    variant("which row is first", "intermediate", swap(
        FIRST, "order by happened_at, event_id", "order by happened_at desc, event_id",
    )),
)  # fmt: skip
"""What is in question here is whether a tool notices that rows came out as they were."""
