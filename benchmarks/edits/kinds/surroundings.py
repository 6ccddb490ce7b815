"""Lists edits around the queries: seeds, variables, macros, configuration, files that come and go."""

from __future__ import annotations

from edits.edit import Variant, add, move, remove, swap, variant
from edits.kinds.places import (
    ACCOUNTS,
    ALERTS,
    AMOUNT_MACROS,
    COUNTRIES,
    DAILY,
    DAY_MACROS,
    ENRICHED,
    EVENTS,
    FIRST,
    HISTORY,
    INTERMEDIATE,
    ITEMS,
    KPIS,
    LABEL_MACROS,
    MARTS,
    MONTHLY,
    NAMED,
    PROJECT,
    RETENTION,
    RUNNING,
    STG_ITEMS,
    SUMMARY,
    TOP,
)  # fmt: skip

ALIASED = "{{{{ config(alias='{}') }}}}\nselect"

OF_SURROUNDINGS: tuple[Variant, ...] = (
    variant("seed: a value", "project", swap("seeds/country_codes.csv", "PT,Portugal,south", "PT,Portugal,west")),
    variant("seed: a value", "project", swap("seeds/country_codes.csv", "Japan,asia", "Japan,far east")),
    variant("seed: a value", "project", swap("seeds/segment_targets.csv", "90000", "95000")),
    variant("seed: a value", "project", swap("seeds/channel_costs.csv", "web,3", "web,4")),
    variant("seed: a value", "project", swap("seeds/status_labels.csv", "open,Open,false", "open,Still open,false")),
    variant("seed: a row that no filter lets through", "project", swap(
        "seeds/segment_targets.csv", "dormant,", "closed,Closed down,0\ndormant,",
    )),
    variant("seed: a row that no filter lets through", "project", swap(
        "seeds/country_codes.csv", "JP,", "KR,Korea,asia\nJP,",
    )),
    variant("seed: a row that no filter lets through", "project", swap(
        "seeds/holidays.csv", "2025-01-01,", "2026-01-01,New Year\n2025-01-01,",
    )),
    variant("seed: a row that no filter lets through", "project", swap(
        "seeds/channel_costs.csv", "partner,20", "fair,12\npartner,20",
    )),
    variant("seed: rows in another order", "project", swap(
        "seeds/status_labels.csv", "open,Open,false\npaid,Paid,true", "paid,Paid,true\nopen,Open,false",
    )),
    variant("seed: quotes", "project", swap("seeds/country_codes.csv", "Norway,north", '"Norway","north"')),
    variant("variable", "project", swap(PROJECT, 'first_day: "2025-01-01"', 'first_day: "2025-02-01"')),
    variant("variable", "project", swap(PROJECT, "big_amount: 400", "big_amount: 500")),
    variant("variable", "project", swap(PROJECT, "company_name: Estate", "company_name: Estate Ltd")),
    variant("variable", "project", swap(PROJECT, "lookback_days: 5", "lookback_days: 7")),
    variant("variable nobody reads", "project", swap(PROJECT, "  big_amount", "  small_amount: 10\n  big_amount")),
    variant("macro: other SQL", "project", swap(LABEL_MACROS, ", 1)", ", 2)")),
    variant("macro: other SQL", "project", swap(LABEL_MACROS, "'small'", "'little'")),
    variant("macro: other SQL", "project", swap(AMOUNT_MACROS, "(100 - {{", "(99 - {{")),
    variant("macro: other SQL", "project", swap(DAY_MACROS, "isodow(", "dayofweek(")),
    variant("macro: other SQL, same values", "project", swap(
        LABEL_MACROS, "    trim({{ column }})", "    trim(trim({{ column }}))",
    )),
    variant("macro: other SQL, same values", "project", swap(
        AMOUNT_MACROS, "{{ column }} / 100 as", "{{ column }} / 100.0 as",
    )),
    variant("macro nobody calls", "project", add("macros/more.sql", "{% macro more() %} 1 {% endmacro %}\n")),
    variant("materialisation", "staging", swap(STG_ITEMS, "select", "{{ config(materialized='table') }}\nselect")),
    variant("materialisation", "intermediate", swap(FIRST, "select", "{{ config(materialized='view') }}\nselect")),
    variant("materialisation", "intermediate", swap(NAMED, "ephemeral", "table")),
    variant("materialisation", "intermediate", swap(RUNNING, "select", "{{ config(materialized='view') }}\nselect")),
    variant("materialisation", "marts", swap(SUMMARY, "materialized='view'", "materialized='table'")),
    variant("materialisation", "marts", swap(EVENTS, "materialized='incremental'", "materialized='table'")),
    variant("model added", "marts", add(
        f"{MARTS}/mart_AREA__regions.sql",
        "select region, sum(amount) as amount from {{ ref('int_AREA__daily') }} group by region\n",
    )),
    variant("model added", "marts", add(
        f"{MARTS}/rpt_AREA__best.sql",
        "{{ config(materialized='view') }}\nselect * from {{ ref('mart_AREA__top_accounts') }} where place <= 3\n",
    )),
    variant("model added in between", "intermediate",
            add(f"{INTERMEDIATE}/int_AREA__countries.sql",
                "select country_code, country_name, region from {{ ref('country_codes') }}\n"),
            swap(ENRICHED, "ref('country_codes')", "ref('int_AREA__countries')")),
    variant("model added in between", "marts",
            add(f"{INTERMEDIATE}/int_AREA__items_sold.sql",
                "select item_id, sum(quantity) as quantity, sum(discounted_amount) as amount, "
                "max(price_gap) as gap_max\n"
                "from {{ ref('int_AREA__lines_priced') }}\ngroup by item_id\n"),
            swap(ITEMS, "    select item_id, sum(quantity) as quantity, sum(discounted_amount) as amount, "
                        "max(price_gap) as gap_max\n    from {{ ref('int_AREA__lines_priced') }}\n    group by item_id",
                 "    select * from {{ ref('int_AREA__items_sold') }}")),
    variant("leaf removed", "marts", remove(ALERTS)),
    variant("leaf removed", "marts", remove(TOP)),
    variant("leaf removed", "marts", remove(RETENTION)),
    variant("leaf removed", "marts", remove(HISTORY)),
    variant("file renamed, alias kept", "marts",
            move(COUNTRIES, f"{MARTS}/mart_AREA__by_country.sql"),
            swap(f"{MARTS}/mart_AREA__by_country.sql", "select", ALIASED.format("mart_AREA__countries"))),
    variant("file renamed, alias kept", "intermediate",
            move(RUNNING, f"{INTERMEDIATE}/int_AREA__rolling.sql"),
            swap(f"{INTERMEDIATE}/int_AREA__rolling.sql", "select", ALIASED.format("int_AREA__running")),
            swap(ALERTS, "int_AREA__running", "int_AREA__rolling")),
    variant("file moved", "marts", move(KPIS, f"{MARTS}/numbers/mart_AREA__kpis.sql")),
    variant("file moved", "intermediate", move(DAILY, f"{INTERMEDIATE}/days/int_AREA__daily.sql")),
    variant("other model read", "marts", swap(TOP, "ref('dim_AREA__accounts')", "ref('int_AREA__account_activity')")),
    variant("other model read", "marts", swap(MONTHLY, "ref('int_AREA__daily')", "ref('int_AREA__days')"),
            add(f"{INTERMEDIATE}/int_AREA__days.sql", "select * from {{ ref('int_AREA__daily') }}\n")),
    variant("materialisation", "marts", swap(
        ACCOUNTS, "with activity", "{{ config(materialized='view') }}\nwith activity",
    )),
)  # fmt: skip
"""What is in question here is whether a tool looks behind names and files."""
