"""`dryland freshness` says of sources what `dbt source freshness` says, and keeps it where dbt's tools look."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from dryland.errors import ConfigError
from dryland.project.load import load_project
from real_dbt import DBT, dbt

NOW = "(now() at time zone 'utc')::timestamp"
SOURCES = """
    sources:
      - name: raw
        schema: raw
        loaded_at_field: loaded
        freshness: {warn_after: {count: 1, period: hour}, error_after: {count: 1, period: day}}
        tables:
          - {name: old}
          - {name: older, identifier: oldest, freshness: {warn_after: {count: 3, period: hour}, filter: "id > 1"}}
          - {name: switched_off, identifier: old, freshness: null}
          - {name: no_error, identifier: oldest, freshness: {error_after: null, filter: "id > 1"}}
          - name: patient
            identifier: old
            config:
              freshness: {warn_after: {count: 5, period: day}, error_after: {count: 9, period: day}}
              loaded_at_field: loaded - interval 1 day
          - {name: empty}
          - {name: zoned}
          - {name: asked, identifier: old, loaded_at_query: "select max(loaded) - interval 2 hour from {{ this }}"}
          - {name: filtered, identifier: old, freshness: {filter: "id = 1"}}
          - {name: half_said, identifier: old, freshness: {warn_after: {count: 900}}}
      - name: silent
        schema: raw
        tables: [{name: old}]
      - name: from_above
        schema: raw
        loaded_at_field: loaded
        tables:
          - {name: old}
          - {name: nothing, identifier: old, config: {freshness: null}}
    """
BROKEN = """
    sources:
      - name: bad
        schema: raw
        loaded_at_field: loaded
        freshness: {warn_after: {count: 1, period: hour}}
        tables:
          - {name: missing}
          - {name: wrong_column, identifier: old, loaded_at_field: nope}
          - {name: without_field, identifier: old, loaded_at_field: null}
          - {name: text}
          - {name: fine, identifier: old}
    """


@pytest.fixture
def sources(workspace):
    workspace.write(
        "dbt_project.yml",
        """
        name: shop
        profile: shop
        sources:
          shop:
            from_above: {+freshness: {warn_after: {count: 90, period: minute}}}
        """,
    )
    workspace.write(
        "profiles.yml", "shop: {target: dev, outputs: {dev: {type: duckdb, path: warehouse.duckdb, schema: main}}}\n"
    )
    workspace.write("models/orders.sql", "select * from {{ source('raw', 'old') }}\n")
    workspace.write("models/sources.yml", SOURCES)
    workspace.arrives(
        "create schema raw",
        f"create table raw.old as select 1 as id, {NOW} - interval 5 hour as loaded "
        f"union all select 2, {NOW} - interval 2 hour",
        f"create table raw.oldest as select 1 as id, {NOW} - interval 1 minute as loaded "
        f"union all select 2, {NOW} - interval 30 hour",
        "create table raw.empty as select * from raw.old where false",
        "create table raw.zoned as select 1 as id, now() - interval 30 minute as loaded",
        "create table raw.text as select 1 as id, 'soon' as loaded",
    )
    return workspace


def statuses(answer) -> dict[str, str]:
    return {each["name"]: each["status"] for each in answer.json["sources"]}


EXPECTED = {
    "raw.old": "warn", "raw.older": "error", "raw.no_error": "warn", "raw.patient": "pass", "raw.empty": "error",
    "raw.zoned": "pass", "raw.asked": "warn", "raw.filtered": "warn", "raw.half_said": "warn", "from_above.old": "warn",
}  # fmt: skip


def test_every_source_that_demands_it_is_judged(sources) -> None:
    assert statuses(sources.dryland("freshness", "--json", code=1)) == EXPECTED


def test_one_query_asks_all(sources, monkeypatch) -> None:
    from dryland.engines.duckdb_session import DuckDBSession

    asked: list[str] = []
    fetch = DuckDBSession.fetch

    def noted(self, sql, *arguments, **named):
        asked.append(sql)
        return fetch(self, sql, *arguments, **named)

    monkeypatch.setattr(DuckDBSession, "fetch", noted)
    sources.dryland("freshness", code=1)
    assert len([sql for sql in asked if "loaded" in sql]) == 1


def test_people_see_a_table_and_how_many_are_too_old(sources) -> None:
    out = sources.dryland("freshness", "-s", "source:raw.old", "source:raw.empty", "source:raw.zoned", code=1).out
    lines = out.splitlines()
    assert lines[0].split() == ["source", "newest", "age", "status"]
    assert "never" in next(line for line in lines if line.startswith("raw.empty"))
    assert "2 h 0 min" in next(line for line in lines if line.startswith("raw.old"))
    assert "3 sources: 1 fresh, 1 warned, 1 too old" in lines


def test_a_warning_is_no_failure(sources) -> None:
    assert statuses(sources.dryland("freshness", "-s", "source:raw.old", "--json")) == {"raw.old": "warn"}


def test_where_nobody_demands_anything_nothing_is_asked(sources) -> None:
    assert "no source that is chosen" in sources.dryland("freshness", "-s", "source:silent").out


def test_what_cannot_be_asked_says_why_and_keeps_no_other_from_being_asked(sources) -> None:
    sources.write("models/sources.yml", BROKEN)
    sources.write("models/orders.sql", "select 1 as id\n")
    answer = sources.dryland("freshness", "--json", code=1)
    found = {each["name"]: each for each in answer.json["sources"]}
    assert found["bad.fine"]["status"] == "warn"
    assert found["bad.fine"]["error"] is None
    assert "missing does not exist" in found["bad.missing"]["error"]
    assert "nope" in found["bad.wrong_column"]["error"]
    assert "loaded_at_field" in found["bad.without_field"]["error"]
    assert "`soon` is no time" in found["bad.text"]["error"]
    assert "1 warned, 4 could not be asked" in sources.dryland("freshness", code=1).out


def test_the_project_is_no_longer_told_that_it_has_no_effect(sources) -> None:
    assert "freshness" not in sources.dryland("plan").err


def test_only_sources_that_got_newer_rows_are_fresher(sources) -> None:
    """`source_status:fresher` compares two sources.json, as dbt does."""
    sources.dryland("freshness", code=1)
    (sources.root / "target" / "sources.json").rename(sources.root / "before.json")
    (sources.root / "kept").mkdir()
    (sources.root / "before.json").rename(sources.root / "kept" / "sources.json")
    sources.arrives("insert into raw.zoned values (3, now())")
    sources.dryland("freshness", code=1)
    answer = sources.dryland("ls", "-s", "source_status:fresher", "--state", "kept", "--json")
    assert [each["node"] for each in answer.json["others"]] == ["source.shop.raw.zoned"]
    told = sources.dryland("ls", "-s", "source_status:fresher", code=2).err
    assert "compares two sources.json" in told


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ("{warn_after: {count: 1, period: week}}", "`warn_after` has a count and a period (minute, hour, day); found"),
        ("{error_after: 12}", "`error_after` has a count and a period (minute, hour, day); found `12`."),
        ("{warn_afer: {count: 1, period: day}}", "`warn_afer` is not a key of `freshness`."),
        ("daily", "`freshness` is a mapping, not `daily`."),
    ],
)
def test_a_slip_says_where(sources, said, message) -> None:
    sources.write(
        "models/sources.yml", f"sources:\n  - name: raw\n    freshness: {said}\n    tables: [{{name: old}}]\n"
    )
    with pytest.raises(ConfigError) as caught:
        load_project(sources.root, environment={})
    assert caught.value.message.startswith(message)
    assert caught.value.path == "models/sources.yml"


def test_a_field_and_a_query_at_one_place_contradict_each_other(sources) -> None:
    sources.write(
        "models/sources.yml",
        "sources:\n  - name: raw\n    tables: [{name: old, loaded_at_field: a, loaded_at_query: select 1}]\n",
    )
    with pytest.raises(ConfigError, match="the table has a loaded_at_field and a loaded_at_query"):
        load_project(sources.root, environment={})


@pytest.mark.dbt
@pytest.mark.slow
@pytest.mark.skipif(not DBT.exists(), reason=f"dbt is not installed: {DBT} is missing")
def test_dbt_says_the_same_of_the_same_data(sources) -> None:
    """Status, criteria and age, in a file of the same form."""
    answer = dbt(sources.root, "source", "freshness", "--target-path", "theirs")
    assert answer.returncode == 1, answer.stdout
    sources.dryland("freshness", code=1)
    theirs, ours = (
        {
            each["unique_id"]: each
            for each in json.loads((sources.root / folder / "sources.json").read_text())["results"]
        }
        for folder in ("theirs", "target")
    )
    assert theirs.keys() == ours.keys()
    for unique_id, their in theirs.items():
        our = ours[unique_id]
        assert our.keys() == their.keys()
        assert (our["status"], our["max_loaded_at"]) == (their["status"], their["max_loaded_at"])
        assert our["criteria"]["filter"] == their["criteria"]["filter"]
        between = _moment(our["snapshotted_at"]) - _moment(their["snapshotted_at"])
        assert our["max_loaded_at_time_ago_in_s"] - their["max_loaded_at_time_ago_in_s"] == pytest.approx(
            between.total_seconds(), abs=1
        )


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
