"""Lists edits of text that mean nothing: comments, layout, names inside a query, what is said about tables."""

from __future__ import annotations

from edits.edit import Variant, rename, shout, squeeze, swap, variant
from edits.kinds.places import (
    ACCOUNTS,
    ALERTS,
    CATEGORIES,
    CHANNELS,
    COMPANY,
    COUNTRIES,
    DAILY,
    DAY_MACROS,
    ENRICHED,
    EVENTS,
    FIRST,
    KPIS,
    LABEL_MACROS,
    LINES,
    MONTHLY,
    PRICED,
    PROPERTIES,
    RETENTION,
    STG_ACCOUNTS,
    STG_EVENTS,
    STG_LINES,
    VALUED,
)  # fmt: skip

OF_TEXT: tuple[Variant, ...] = (
    variant("comment", "staging", swap(STG_EVENTS, "-- what happened, without drafts", "-- one row for each event")),
    variant("comment", "intermediate", swap(DAILY, "group by", "-- one row for each day and region\ngroup by")),
    variant("comment", "intermediate", swap(VALUED, "with events", "{# valued at today's prices #}\nwith events")),
    variant("comment", "marts", swap(EVENTS, "select\n", "select -- grows each day\n")),
    variant("comment", "company", swap(f"{COMPANY}/int_all__daily.sql", "{% for", "-- all areas\n{% for")),
    variant("layout", "staging", shout(STG_ACCOUNTS)),
    variant("layout", "intermediate", squeeze(VALUED)),
    variant("layout", "marts", squeeze(COUNTRIES)),
    variant("layout", "marts", shout(RETENTION)),
    variant("layout", "company", squeeze(f"{COMPANY}/company_weekdays.sql")),
    variant("name of a CTE", "staging", rename(STG_ACCOUNTS, "renamed", "tidied")),
    variant("name of a CTE", "intermediate", rename(ENRICHED, "valued", "events")),
    variant("name of a CTE", "marts", rename(ACCOUNTS, "activity", "by_account")),
    variant("name of a CTE", "marts", rename(RETENTION, "starts", "cohorts")),
    variant("alias of a table", "marts", rename(LINES, "lines", "l")),
    variant("alias of a table", "marts", rename(CHANNELS, "costs", "c")),
    variant("alias of a table", "company", rename(f"{COMPANY}/company_weekdays.sql", "dates", "d")),
    variant("order of WHERE parts", "staging", swap(
        STG_EVENTS, """happened_at >= cast('{{ var("first_day") }}' as timestamp)\n    and status <> 'draft'""",
        """status <> 'draft'\n    and happened_at >= cast('{{ var("first_day") }}' as timestamp)""",
    )),
    variant("order of WHERE parts", "intermediate", swap(
        DAILY, "event_kind <> 'visit'\n    and amount > 0", "amount > 0\n    and event_kind <> 'visit'",
    )),
    variant("order of WHERE parts", "marts", swap(
        COUNTRIES, "event_status in ('paid', 'sent')\n    and country_name is not null",
        "country_name is not null\n    and event_status in ('paid', 'sent')",
    )),
    variant("order of WHERE parts", "marts", swap(
        ALERTS, "amount * 3 > amount_7_days\n    and amount > 100", "amount > 100\n    and amount * 3 > amount_7_days",
    )),
    variant("same thing, other words", "staging", swap(STG_EVENTS, "status <> 'draft'", "status != 'draft'")),
    variant("same thing, other words", "intermediate", swap(PRICED, "inner join", "join")),
    variant("same thing, other words", "intermediate", swap(
        DAILY, "group by happened_on, happened_month, region", "group by region, happened_on, happened_month",
    )),
    variant("same thing, other words", "intermediate", swap(
        VALUED, "lines.event_id = events.event_id", "events.event_id = lines.event_id",
    )),
    variant("same thing, other words", "marts", swap(MONTHLY, "group by 1", "group by happened_month")),
    variant("same thing, other words", "marts", swap(KPIS, "event_count > 0", "0 < event_count")),
    variant("same thing, other words", "marts", swap(COUNTRIES, "in ('paid', 'sent')", "in ('sent', 'paid')")),
    variant("description", "staging", swap(PROPERTIES, "Accounts of AREA, one row each.", "Who buys in AREA.")),
    variant("description", "marts", swap(PROPERTIES, "What kind of customer it is.", "Its segment, as sales sees it.")),
    variant("description", "marts", swap(PROPERTIES, "meta: {owner: finance}", "meta: {owner: controlling}")),
    variant("tag", "marts", swap(PROPERTIES, "tags: [facts]", "tags: [facts, daily]")),
    variant("tag", "marts", swap(CATEGORIES, "select", "{{ config(tags=['weekly']) }}\nselect")),
    variant("test", "staging", swap(
        PROPERTIES, "  - name: stg_AREA__events\n    description: What accounts of AREA did.\n    columns:\n",
        "  - name: stg_AREA__events\n    description: What accounts of AREA did.\n    columns:\n"
        "      - name: account_id\n        data_tests: [not_null]\n",
    )),
    variant("test", "marts", swap(PROPERTIES, "data_tests: [unique]", "data_tests: [unique, not_null]")),
    variant("macro: argument renamed", "project", rename(LABEL_MACROS, "whole", "total")),
    variant("macro: argument renamed", "project", rename(DAY_MACROS, "column", "moment")),
    variant("macro: same SQL", "project", swap(
        LABEL_MACROS, "'big'", "{# the board's own words #}'big'",
    )),
    variant("macro: same SQL", "project", swap(
        DAY_MACROS, "cast(date_trunc('month', {{ column }}) as date)",
        "cast(\n        date_trunc('month', {{ column }}) as date\n    )",
    )),
    variant("macro: same SQL", "project", swap(
        "macros/amounts.sql", "(100 - {{ percent }})", "( 100 - {{ percent }} )",
    )),
    variant("comment", "staging", swap(STG_LINES, "where", "-- returned parcels have no quantity\nwhere")),
    variant("layout", "intermediate", shout(FIRST)),
)  # fmt: skip
"""What is in question here is whether a tool sees that nothing changed."""
