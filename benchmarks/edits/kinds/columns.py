"""Lists edits of columns: added, dropped, renamed, moved, computed otherwise."""

from __future__ import annotations

from edits.edit import Variant, rename, swap, variant
from edits.kinds.places import (
    ACCOUNTS,
    ACTIVITY,
    ALERTS,
    CHANGES,
    CHANNELS,
    COMPANY,
    DAILY,
    EVENTS,
    FIRST,
    ITEMS,
    LINES,
    MONTHLY,
    PRICED,
    RUNNING,
    SEGMENTS,
    SNAPSHOT,
    STG_ACCOUNTS,
    STG_EVENTS,
    STG_ITEMS,
    STG_LINES,
    SUMMARY,
    VALUED,
)  # fmt: skip

OF_COLUMNS: tuple[Variant, ...] = (
    variant("column added", "staging", swap(STG_EVENTS, "    note\n", "    note,\n    length(note) as note_length\n")),
    variant("column added", "staging", swap(STG_ITEMS, "    category,", "    category,\n    price_cents,")),
    variant("column added", "intermediate", swap(
        VALUED, "    events.amount,", "    events.amount,\n    extract(hour from events.happened_at) as happened_hour,",
    )),
    variant("column added", "intermediate", swap(
        DAILY, "    sum(amount) as amount,", "    sum(amount) as amount,\n    max(amount) as amount_max,",
    )),
    variant("column added", "marts", swap(
        MONTHLY, "    sum(amount) as amount,", "    sum(amount) as amount,\n    count(*) as day_count,",
    )),
    variant("column added", "marts", swap(EVENTS, "    line_count,", "    line_count,\n    happened_month,")),
    variant("column added", "marts", swap(ITEMS, "items.list_price,", "items.list_price,\n    items.is_active,")),
    variant("column added", "company", swap(
        f"{COMPANY}/company_regions.sql", "sum(amount) as amount", "sum(amount) as amount, max(amount) as day_max",
    )),
    variant("column added", "project", swap(SNAPSHOT, "select id, name,", "select id, name, email,")),
    variant("column nobody reads dropped", "staging", swap(STG_ACCOUNTS, "        lower(email) as email,\n", "")),
    variant("column nobody reads dropped", "staging", swap(STG_EVENTS, "    channel,\n    note\n", "    channel\n")),
    variant("column nobody reads dropped", "intermediate", swap(
        FIRST, "    event_id as first_event_id,\n", "",
    )),
    variant("column nobody reads dropped", "intermediate", swap(
        RUNNING, "as amount_7_days,\n    sum(amount) over (partition by region order by happened_on) as amount_so_far",
        "as amount_7_days",
    )),
    variant("column nobody reads dropped", "intermediate", swap(
        VALUED, "    coalesce(lines.lines_amount, 0) as lines_amount,\n", "",
    )),
    variant("column nobody reads dropped", "marts", swap(ITEMS, "as amount,\n    sold.gap_max", "as amount")),
    variant("column renamed, with its readers", "staging",
            swap(STG_EVENTS, "kind as event_kind", "kind as kind_of_event"),
            swap(VALUED, "    events.event_kind,", "    events.kind_of_event as event_kind,"),
            swap(CHANGES, "where event_kind in", "where kind_of_event in")),
    variant("column renamed, with its readers", "staging",
            swap(STG_ITEMS, "as list_price", "as price"),
            swap(PRICED, "items.list_price", "items.price"),
            swap(ITEMS, "items.list_price", "items.price as list_price")),
    variant("column renamed, with its readers", "intermediate",
            swap(PRICED, "as discounted_amount", "as net_amount"),
            swap(ITEMS, "sum(discounted_amount)", "sum(net_amount)"),
            swap(LINES, "lines.discounted_amount", "lines.net_amount as discounted_amount")),
    variant("column renamed, with its readers", "intermediate",
            swap(RUNNING, "as amount_7_days", "as amount_of_week"), rename(ALERTS, "amount_7_days", "amount_of_week")),
    variant("column renamed, with its readers", "intermediate", rename(ACTIVITY, "last_day", "last_on")),
    variant("column renamed, with its readers", "intermediate", rename(DAILY, "account_count", "accounts")),
    variant("column renamed, with its readers", "marts",
            swap(MONTHLY, "as refund_share", "as refund_percent"), rename(SUMMARY, "refund_share", "refund_percent")),
    variant("column renamed, with its readers", "marts", swap(ACCOUNTS, "as segment_label", "as segment_title")),
    variant("columns reordered", "staging", swap(
        STG_ITEMS, "    category,\n    {{ in_units('price_cents') }} as list_price,\n",
        "    {{ in_units('price_cents') }} as list_price,\n    category,\n",
    )),
    variant("columns reordered", "intermediate", swap(
        DAILY, "happened_on,\n    happened_month,\n    region,", "region,\n    happened_on,\n    happened_month,",
    )),
    variant("columns reordered", "intermediate", swap(
        ACTIVITY, "    events.first_day,\n    events.last_day", "    events.last_day,\n    events.first_day",
    )),
    variant("columns reordered", "marts", swap(
        SEGMENTS, "    targets.label,\n    targets.target,", "    targets.target,\n    targets.label,",
    )),
    variant("columns reordered", "marts", swap(
        LINES, "    lines.category,\n    lines.quantity,", "    lines.quantity,\n    lines.category,",
    )),
    variant("expression, other values", "staging", swap(STG_EVENTS, "    note\n", "    upper(note) as note\n")),
    variant("expression, other values", "staging", swap(
        STG_LINES, "quantity * {{ in_units('price_cents') }}", "(quantity - 1) * {{ in_units('price_cents') }}",
    )),
    variant("expression, other values", "intermediate", swap(
        PRICED, "items.list_price - lines.unit_price", "abs(items.list_price - lines.unit_price)",
    )),
    variant("expression, other values", "intermediate", swap(
        ACTIVITY, "coalesce(events.amount, 0)", "coalesce(round(events.amount), 0)",
    )),
    variant("expression, other values", "intermediate", swap(FIRST, "channel as first", "upper(channel) as first")),
    variant("expression, other values", "marts", swap(ITEMS, "max(price_gap)", "min(price_gap)")),
    variant("expression, other values", "company", swap(
        f"{COMPANY}/company_monthly.sql", "happened_month) as growth", "happened_month desc) as growth",
    )),
    variant("expression, same values", "staging", swap(STG_ACCOUNTS, "upper(country)", "upper(trim(country))")),
    variant("expression, same values", "intermediate", swap(
        VALUED, "coalesce(lines.quantity, 0)", "ifnull(lines.quantity, 0)",
    )),
    variant("expression, same values", "intermediate", swap(
        DAILY, "case when event_kind = 'refund' then amount else 0 end",
        "case event_kind when 'refund' then amount else 0 end",
    )),
    variant("expression, same values", "intermediate", swap(
        RUNNING, "order by happened_on) as", "order by happened_on asc rows unbounded preceding) as",
    )),
    variant("expression, same values", "marts", swap(CHANNELS, "sum(events.amount) as", "sum(events.amount + 0) as")),
    variant("type", "staging", swap(STG_LINES, "    quantity,", "    cast(quantity as integer) as quantity,")),
    variant("type", "intermediate", swap(
        VALUED, "coalesce(lines.line_count, 0)", "cast(coalesce(lines.line_count, 0) as integer)",
    )),
    variant("type", "marts", swap(CHANNELS, "count(*) as event_count", "cast(count(*) as integer) as event_count")),
    variant("window frame", "intermediate", swap(RUNNING, "between 6 preceding", "between 13 preceding")),
    variant("window frame", "intermediate", swap(PRICED, "lag(lines.unit_price)", "lag(lines.unit_price, 2)")),
    variant("window frame", "intermediate", swap(
        RUNNING, "6 preceding and current row", "3 preceding and 3 following",
    )),
)  # fmt: skip
"""What is in question here is whether a tool knows who reads which column."""
