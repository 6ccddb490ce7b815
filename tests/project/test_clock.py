"""What a template prints of the clock counts as `now()` does: no change of code, and refreshed by `run`."""

from __future__ import annotations

import re

import pytest

from dryland.project.jinja import clock
from dryland.project.load import load_project
from dryland.project.nodes import Rendered

HELD = "01234567-89ab-4cde-8f01-23456789abcd"
UNIQUE = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
AUDITED = """
select
    order_id,
    '{{ run_started_at }}' as ran_at,  -- not '{{ run_started_at }}'
    cast('{{ modules.datetime.datetime.now().strftime('%Y-%m-%d') }}' as date) as day,
    {{ run_started_at.year }} as year,
    'run_{{ invocation_id }}' as run_id
from {{ ref('stg_orders') }}
"""
YEARS = """
select {% for year in range(2024, run_started_at.year + 1) %} {{ year }} as y{{ year }}, {% endfor %} 1 as one
"""


def rendered_now(workspace, text: str) -> Rendered:
    workspace.write("models/timed.sql", text)
    return load_project(workspace.root, environment={"HOME": str(workspace.root)}).nodes["model.shop.timed"].rendered


@pytest.mark.parametrize(
    ("text", "still", "told"),
    [
        ("select '{{ run_started_at }}' as a", "select '2001-02-03 04:05:06.789012+00:00' as a", "run_started_at"),
        ("select {{ run_started_at.year }} as a", "select 2001 as a", "run_started_at"),
        ("select '{{ invocation_id }}' as a", "select '01234567-89ab-4cde-8f01-23456789abcd' as a", "invocation_id"),
        (
            "select '{{ modules.datetime.datetime.utcnow().date() }}' as a", "select '2001-02-03' as a",
            "modules.datetime.datetime.now",
        ),
        (
            "select '{{ modules.datetime.date.today().year }}' as a", "select '2001' as a",
            "modules.datetime.datetime.now",
        ),
        ("select 1 -- {{ invocation_id }}", "select 1 -- 01234567-89ab-4cde-8f01-23456789abcd", "invocation_id"),
        # what is written depends on the clock: a fixed moment would hide it
        ("select '{{ run_started_at.strftime('%A') }}' as a", "", "run_started_at"),
        ("select 1 as y{{ run_started_at.year }}", "", "run_started_at"),
        ('select 1 as "y {{ run_started_at.year }}"', "", "run_started_at"),
        ("select {% if run_started_at.year > 2025 %}'new'{% else %}'old'{% endif %} as a", "", "run_started_at"),
        ("select 1 {% if run_started_at.year < 2020 %}, 2 {% endif %}", "", "run_started_at"),
        ("select 'run_{{ run_started_at.strftime('%b') }}' as a", "", "run_started_at"),
        ("select '{{ 'made' if run_started_at.year < 2020 else 'mail' }}' as a", "", "run_started_at"),
        ("select {{ 100 if run_started_at.year < 2010 else 1000 }} as a", "", "run_started_at"),
        ("select '{{ [run_started_at.date(), modules.datetime.date(2024, 1, 1)] | min }}' as a", "", "run_started_at"),
        ("{% if run_started_at.year < 2020 %}{{ 1 / 0 }}{% endif %} select 1", "", "run_started_at"),
        (YEARS, "", "run_started_at"),
    ],
)  # fmt: skip
def test_the_clock_is_held_still_where_it_is_only_printed(shop, text: str, still: str, told: str) -> None:
    rendered = rendered_now(shop, text)
    assert rendered.volatile == (told,)
    assert rendered.still == still
    assert HELD not in rendered.sql
    assert "2001" not in UNIQUE.sub("", rendered.sql)  # which may have any digits


@pytest.mark.parametrize("name", ["abcdefab-1ab1-4ab1-8bca-abcdefabcdef", "11111111-1111-4111-8111-111111111111"])
@pytest.mark.parametrize(
    ("text", "still"),
    [
        ("run_{{ invocation_id }}", f"run_{HELD}"),
        ("{{ invocation_id | upper }}", HELD.upper()),
        ("{{ invocation_id[:8] }}", HELD[:8]),
    ],
)
def test_an_id_without_digits_is_an_id(shop, monkeypatch, name: str, text: str, still: str) -> None:
    monkeypatch.setattr(clock.uuid, "uuid4", lambda: name)
    assert rendered_now(shop, f"select '{text}' as a").still == f"select '{still}' as a"


@pytest.mark.parametrize(
    "text",
    ["select 1 as a", "{% do log(run_started_at) %}select 1 as a", "select '{{ modules.datetime.date(2026, 1, 1) }}'",
     "{% if run_started_at %}select 1 as a{% endif %}"],
)  # fmt: skip
def test_what_prints_nothing_of_the_clock_is_not_volatile(shop, text: str) -> None:
    rendered = rendered_now(shop, text)
    assert (rendered.volatile, rendered.still) == ((), "")


def test_a_macro_that_prints_the_clock_is_seen(shop) -> None:
    shop.write("macros/audit.sql", "{% macro audit() %}'{{ run_started_at }}' as ran_at{% endmacro %}")
    assert rendered_now(shop, "select {{ audit() }}").volatile == ("run_started_at",)


@pytest.mark.slow
def test_columns_for_auditors_are_no_change_and_are_refreshed(shop) -> None:
    hook = "{{ config(post_hook=\"create table if not exists main.log as select '{{ invocation_id }}' as id\") }}"
    shop.write("models/audited.sql", hook + AUDITED)
    shop.write("models/passing.sql", "{{ config(materialized='ephemeral') }}select '{{ run_started_at }}' as seen")
    shop.write("models/reader.sql", "select order_id, ran_at from {{ ref('audited') }}")
    shop.write("models/through.sql", "select seen from {{ ref('passing') }}")
    shop.write("models/years.sql", YEARS)
    shop.dryland("apply", "--yes")
    before = shop.sql("select max(ran_at), max(run_id) from audited")[0]
    assert before[0].startswith("20") and len(before[1]) == len("run_") + 36
    assert shop.sql("select max(ran_at) from reader") == [(before[0],)]
    assert "Nothing to do" in shop.dryland("plan").out

    shop.dryland("run", "--yes")
    after = shop.sql("select max(ran_at), max(run_id) from audited")[0]
    assert after[0] > before[0] and after[1] != before[1]
    assert shop.sql("select max(ran_at), max(seen) from reader, through") == [(after[0], after[0])]
    assert "Nothing to do" in shop.dryland("plan").out

    shop.edit("models/audited.sql", "run_{{", "ran_{{")
    assert [
        (change["node"], change["columns_altered"]) for change in shop.dryland("plan", "--json").json["changes"]
    ] == [("model.shop.audited", ["run_id"])]


def test_a_template_that_asks_the_warehouse_outside_execute_plans_and_builds(shop) -> None:
    """As in dbt, where the adapter answers with nothing while it parses."""
    shop.write(
        "models/asking.sql",
        "{%- set columns = adapter.get_columns_in_relation(ref('stg_orders')) -%}\n"
        "{%- set me, nothing = load_relation(this), adapter.get_relation(this.database, this.schema, 'nowhere') -%}\n"
        "select {% for column in columns %}{{ column.name }} as x_{{ column.name }}, {% endfor %}"
        "'{{ nothing }}' as other from {{ ref('stg_orders') }}",
    )
    shop.dryland("apply", "--yes")
    assert "Nothing to do" in shop.dryland("plan").out
    assert shop.sql("select x_order_id, x_amount, other from asking order by 1 limit 1") == [(10, 20.5, "None")]


def test_checks_that_print_the_clock_are_held_still_too(shop) -> None:
    shop.write(
        "tests/generic/fresh.sql", "{% test fresh(model) %}select '{{ run_started_at }}' from {{ model }}{% endtest %}"
    )
    shop.write("tests/late.sql", "select '{{ run_started_at }}' from {{ ref('stg_orders') }}")
    shop.write("models/more.yml", "models: [{name: big_spenders, data_tests: [fresh]}]")
    checks = load_project(shop.root, environment={"HOME": str(shop.root)}).checks.values()
    written = {check.kind: check.rendered for check in checks if check.rendered}
    assert written.keys() == {"fresh", "singular"}
    for rendered in written.values():
        assert rendered.volatile == ("run_started_at",)
        assert rendered.still.startswith("select '2001-02-03 04:05:06.789012+00:00' from ")
