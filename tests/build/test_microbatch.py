"""A microbatch model is built batch by batch, and each batch takes the place of what was there of its time."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dryland.project.batches import Batching

PROFILE = (
    "traffic: {target: dev, outputs: {dev: {type: duckdb, path: \"{{ env_var('WAREHOUSE', 'warehouse.duckdb') }}\"}}}\n"
)
DAYS_AGO = "(modules.datetime.datetime.now(modules.pytz.utc) - modules.datetime.timedelta(days={}))"
SOURCES = """
sources:
  - name: raw
    schema: raw
    tables:
      - {name: events, config: {event_time: seen_at}}
      - name: pages
models:
  - {name: views, config: {event_time: seen_at, materialized: view}}
  - {name: passing, config: {event_time: seen_at, materialized: ephemeral}}
"""
DAILY = """
{{ config(materialized='incremental', incremental_strategy='microbatch', event_time='seen_at', batch_size='day',
    begin=DAYS_AGO.strftime('%Y-%m-%d')) }}
select
    seen_at, id, n,
    {{ is_incremental() }} as is_incremental,
    '{{ this.name }}' as name,
    '{{ model.batch.id if model.batch }}' as batch,
    '{{ model.batch.event_time_start.isoformat() if model.batch }}' as starts,
    (select count(*) from {{ source('raw', 'pages') }}) as pages,
    (select count(*) from {{ ref('views') }}) as seen,
    (select count(*) from {{ ref('passing') }}) as passing,
    (select count(*) from {{ ref('views').render() }}) as ever
from {{ source('raw', 'events') }} as events
""".replace("DAYS_AGO", DAYS_AGO.format(5))
MONTHLY = """
{{ config(materialized='incremental', incremental_strategy='microbatch', event_time='seen_at', batch_size='month',
    begin=DAYS_AGO.strftime('%Y-%m-15'), lookback=2, on_schema_change='append_new_columns',
    incremental_predicates=['n > 1'], post_hook='delete from {{ this }} where id = 77') }}
select seen_at, id, n {% if var('more', false) %}, n * 2 as twice {% endif %}
from {{ ref('views') }}
""".replace("DAYS_AGO", DAYS_AGO.format(120))
HOURLY = """
{{ config(materialized='incremental', incremental_strategy='microbatch', event_time='seen_at', batch_size='hour',
    begin=DAYS_AGO.strftime('%Y-%m-%d'), lookback=30) }}
select seen_at::timestamptz as seen_at, count(*) over () as in_the_hour, id from {{ source('raw', 'events') }}
""".replace("DAYS_AGO", DAYS_AGO.format(2))
SHIFTED = """
{{ config(materialized='incremental', incremental_strategy='microbatch', event_time='seen_at', batch_size='day',
    begin=DAYS_AGO.strftime('%Y-%m-%d')) }}
select seen_at + interval 20 hour as seen_at, id, {{ model.batch.id if model.batch else 0 }} as batch
from {{ source('raw', 'events') }}
""".replace("DAYS_AGO", DAYS_AGO.format(3))
MODELS = ("daily", "monthly", "hourly", "shifted")


@pytest.fixture
def log(workspace) -> Any:
    workspace.write("dbt_project.yml", "name: traffic\nprofile: traffic\nversion: '1.0'\n")
    workspace.write("profiles.yml", PROFILE)
    workspace.write("models/sources.yml", SOURCES)
    workspace.write("models/views.sql", "select * from {{ source('raw', 'events') }}\n")
    workspace.write("models/passing.sql", "select * from {{ source('raw', 'events') }}\n")
    workspace.write("models/daily.sql", DAILY)
    events(workspace)
    return workspace


def events(log, warehouse: str = "warehouse.duckdb") -> None:
    """One every seven hours, for half a year until tomorrow."""
    now = datetime.now(UTC).replace(tzinfo=None, minute=10, second=0, microsecond=0)
    log.arrives(
        "create schema raw",
        "create table raw.pages as select 1 as id",
        "create table raw.events as select timestamp "
        f"'{now}' - interval (i * 7) hour as seen_at, i::int as id, (i % 4)::int as n from range(-3, 600) t(i)",
        warehouse=warehouse,
    )


def something_happens(log, warehouse: str = "warehouse.duckdb") -> None:
    log.arrives(
        "update raw.events set n = n + 10 where id % 3 = 0", "delete from raw.events where id % 5 = 0",
        warehouse=warehouse,
    )  # fmt: skip


def seen(log, table: str, warehouse: str = "warehouse.duckdb") -> Any:
    columns = log.sql(f"select column_name, column_type from (describe main.{table})", warehouse)
    return columns, log.sql(f"from main.{table} order by all", warehouse)


def test_a_run_makes_the_batch_of_now_again_and_those_it_looks_back_on(log) -> None:
    """Of older days the rows stay as they are, though their source says something else by now."""
    log.dryland("apply", "--yes")
    before = log.sql("select id, n from main.daily")
    today = datetime.now(UTC).replace(tzinfo=None, hour=0, minute=0, second=0, microsecond=0)
    something_happens(log)
    log.dryland("run", "--yes")
    yesterday = f"timestamp '{today - timedelta(days=1)}'"
    old = log.sql(f"select id, n from main.daily where seen_at < {yesterday}")
    assert set(old) < set(before) and any(id_ % 5 == 0 for id_, _ in old)
    window = f"seen_at >= {yesterday} and seen_at < timestamp '{today + timedelta(days=1)}'"
    assert log.sql(f"select id, n from main.daily where {window} order by all") == log.sql(
        f"select id, n from raw.events where {window} order by all"
    )


def test_inputs_with_an_event_time_are_read_for_the_batch_only(log) -> None:
    """Not so those without one, and those of which the template asks for every row."""
    log.dryland("apply", "--yes")
    found = log.sql(
        "select batch, count(*), min(seen), max(passing), min(pages), min(ever) from main.daily group by all"
    )
    assert len(found) == 6
    assert all((rows, rows, 1, 603) == (seen, passing, pages, ever) for _, rows, seen, passing, pages, ever in found)


def test_templates_see_their_batch(log) -> None:
    log.dryland("apply", "--yes")
    found = log.sql(
        "select distinct batch, starts, strftime(seen_at, '%Y%m%d'), is_incremental from main.daily order by 1"
    )
    assert all(
        batch == day and starts == f"{day[:4]}-{day[4:6]}-{day[6:]}T00:00:00+00:00" for batch, starts, day, _ in found
    )
    assert [is_incremental for *_, is_incremental in found] == [False, True, True, True, True, True]


@pytest.mark.dbt
@pytest.mark.slow
def test_dbt_makes_the_same_batches(log, dbt) -> None:
    log.write("models/monthly.sql", MONTHLY)
    log.write("models/hourly.sql", HOURLY)
    log.write("models/shifted.sql", SHIFTED)
    events(log, "dbt.duckdb")
    for number, variables in enumerate(("{}", "{}", "{more: true}")):
        if number == 1:
            something_happens(log)
            something_happens(log, "dbt.duckdb")
        log.dryland("run" if number == 1 else "apply", "--yes", "--vars", variables)
        dbt("run", "--vars", variables)
        for model in MODELS:
            assert seen(log, model) == seen(log, model, "dbt.duckdb"), (number, model)


def test_rows_of_another_time_than_their_batch_are_left_out(log) -> None:
    """As in dbt: they would be in the place of rows that another batch makes."""
    log.write("models/shifted.sql", SHIFTED)
    log.dryland("apply", "--yes", "-s", "shifted")
    found = log.sql("select batch::varchar, strftime(seen_at, '%Y%m%d') from main.shifted")
    assert found and all(batch == day for batch, day in found)


def test_a_full_refresh_starts_again_from_begin(log) -> None:
    log.dryland("apply", "--yes")
    something_happens(log)
    log.dryland("apply", "--yes", "--full-refresh", "-s", "daily")
    assert log.sql("select count(*) from main.daily where id % 5 = 0") == [(0,)]


def test_days_that_are_asked_for_are_made_again_and_no_others(log) -> None:
    log.dryland("apply", "--yes")
    before = log.sql("select id, n, seen_at from main.daily")
    today = datetime.now(UTC).replace(tzinfo=None, hour=0, minute=0, second=0, microsecond=0)
    start, end = today - timedelta(days=4), today - timedelta(days=2)
    something_happens(log)
    log.dryland("run", "--yes", "--event-time-start", f"{start + timedelta(hours=5)}", "--event-time-end", f"{end}")
    kept = [row for row in before if not start <= row[2] < end]
    mended = log.sql(f"select id, n, seen_at from raw.events where seen_at >= '{start}' and seen_at < '{end}'")
    assert sorted(log.sql("select id, n, seen_at from main.daily")) == sorted([*kept, *mended])
    assert {row[0] for row in before} - {row[0] for row in mended} - {row[0] for row in kept}


@pytest.mark.slow
def test_a_full_refresh_of_some_days_keeps_no_others(log) -> None:
    """As in dbt, which starts the table again and makes these batches only; the plan says so."""
    log.dryland("apply", "--yes")
    today = datetime.now(UTC).date()
    window = ("--event-time-start", str(today - timedelta(days=3)), "--event-time-end", str(today - timedelta(days=1)))
    answer = log.dryland("apply", "--yes", "--full-refresh", "-s", "daily", *window)
    assert "daily starts again, with the batches of" in answer.err
    days = {day for (day,) in log.sql("select distinct seen_at::date from main.daily")}
    assert days == {today - timedelta(days=3), today - timedelta(days=2)}


def test_time_passing_makes_batches(log) -> None:
    """What was in the future comes into the last batch without anything having arrived."""
    note = "daily uses batches up to now: `dryland run` rebuilds it when one begins"
    assert note in log.dryland("plan").out


def test_another_event_time_of_an_input_is_another_query(log) -> None:
    log.dryland("apply", "--yes")
    for old, new in (("seen_at", "seen_at + interval 1 hour"), ("interval 1 hour", "interval 2 hour")):
        views = "{name: views, config: {event_time: "
        log.edit(
            "models/sources.yml",
            views + "seen_at" if old == "seen_at" else old,
            views + new if old == "seen_at" else new,
        )
        steps = log.dryland("plan", "--json").json["steps"]
        assert [step["node"] for step in steps if step["action"] == "build"] == ["model.traffic.daily"]
        log.dryland("apply", "--yes")


REFUSED = {
    "event_time='seen_at', ": ("", "has no event_time"),
    "batch_size='day'": ("batch_size='week'", "has the batch_size `week`"),
    "batch_size='day',": ("batch_size='day', unique_key='id',", "has a unique_key, and whole batches are replaced"),
    f"begin={DAYS_AGO.format(5)}.strftime('%Y-%m-%d')": ("lookback=1", "has no begin"),
    "%Y-%m-%d": ("soon", "has the begin `soon`"),
    "batch_size='day', ": ("batch_size='day', lookback='x', ", "has the lookback `x`"),
}


@pytest.mark.parametrize("old", REFUSED)
def test_a_model_that_does_not_say_how_it_is_cut_is_refused(log, old: str) -> None:
    new, said = REFUSED[old]
    log.write("models/daily.sql", DAILY.replace("\n    begin", " begin"))
    log.edit("models/daily.sql", old, new)
    answer = log.dryland("plan", code=2)
    assert said in answer.err and "models/daily.sql" in answer.err


CUTS = {
    "hour": ("2026-03-01 02:30", "2026-03-01 00:10", ["20260301T00", "20260301T01", "20260301T02"]),
    "day": ("2026-03-01 02:30", "2026-02-27 05:00", ["20260227", "20260228", "20260301"]),
    "month": ("2026-03-01 00:00", "2025-11-15", ["202511", "202512", "202601", "202602"]),
    "year": ("2026-03-01", "2024-06-01", ["2024", "2025", "2026"]),
}


@pytest.mark.parametrize("size", CUTS)
def test_batches_are_whole_stretches_of_time(size: str) -> None:
    now, begin, ids = CUTS[size]
    batching = Batching("seen_at", size, datetime.fromisoformat(begin).replace(tzinfo=UTC))
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)
    first, later = (batching.batches(moment, is_first=is_first) for is_first in (True, False))
    assert [batch.id for batch in first] == ids
    assert [batch.id for batch in later] == ids[-2:]
    assert all(one.end == other.start for one, other in itertools.pairwise(first))
    assert first[-1].end >= moment


def test_before_its_begin_a_model_has_one_batch_without_rows() -> None:
    batching = Batching("seen_at", "day", datetime(2030, 1, 1, tzinfo=UTC))
    (only,) = batching.batches(datetime(2026, 1, 1, 5, tzinfo=UTC), is_first=True)
    assert only.start > only.end
