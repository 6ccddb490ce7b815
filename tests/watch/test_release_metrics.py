"""How releases went is computed from when readers saw what, and is said from facts alone."""

from __future__ import annotations

import json
import subprocess
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dryland.state.records import Publication, Run
from dryland.watch.quality_score import Seen, score_of
from dryland.watch.release_metrics import release_metrics, weekly

NOON = datetime(2026, 11, 2, 12)  # noqa: DTZ001 - as moments are remembered
DAY = timedelta(days=1)


def published(day: float, kind: Any, number: int, first: datetime | None = None) -> Publication:
    summary = {"first_commit_at": f"{first.isoformat()}+00:00"} if first else {}
    return Publication(number, "prod", kind, NOON + day * DAY, None, "ana", "c", summary)


def refused(day: float) -> Run:
    return Run(1, "apply", "prod", "refused", NOON + day * DAY)


def test_what_a_team_did_in_two_weeks() -> None:
    seen = [
        published(0, "apply", 1, NOON - 2 * DAY), published(1, "run", 2), published(2, "apply", 3, NOON + 1 * DAY),
        published(2.5, "rollback", 4), published(7, "apply", 5, NOON + 6.5 * DAY), published(8, "apply", 6),
    ]  # fmt: skip
    found = release_metrics(seen, [refused(3), refused(30)], since=NOON - DAY, until=NOON + 13 * DAY)
    assert (found.releases, found.refreshes, found.refused, found.taken_back) == (4, 1, 1, 1)
    assert found.releases_per_week == 2.0
    assert found.lead_time_s == 86_400.0
    assert (found.change_failure_rate, found.refused_rate) == (0.25, 0.2)
    assert found.time_to_restore_s == 43_200.0


def test_going_back_twice_takes_one_release_back() -> None:
    seen = [
        published(0, "apply", 1),
        published(1, "apply", 2),
        published(2, "rollback", 3),
        published(3, "rollback", 4),
    ]
    assert release_metrics(seen, [], since=NOON, until=NOON + 9 * DAY).taken_back == 1


def test_nothing_is_said_of_nothing() -> None:
    found = release_metrics([], [], since=NOON, until=NOON + DAY)
    assert (found.change_failure_rate, found.lead_time_s, found.time_to_restore_s, found.refused_rate) == (None,) * 4


@given(st.lists(st.tuples(st.floats(0, 89.99), st.sampled_from(["apply", "run", "rollback"])), max_size=30))
def test_weeks_add_up_to_the_whole(drawn: list[tuple[float, str]]) -> None:
    seen = [published(day, kind, number) for number, (day, kind) in enumerate(sorted(drawn))]
    span = {"since": NOON, "until": NOON + 90 * DAY}
    whole, weeks = release_metrics(seen, [], **span), weekly(seen, [], **span)
    assert sum(week.releases for week in weeks) == whole.releases
    assert sum(week.refreshes for week in weeks) == whole.refreshes
    assert [week.until for week in weeks[:-1]] == [week.since for week in weeks[1:]]
    assert (weeks[0].since, weeks[-1].until) == (whole.since, whole.until)


@given(
    st.lists(st.tuples(st.sampled_from(["error", "warn"]), st.sampled_from(["pass", "warn", "fail"])), max_size=9),
    st.booleans(), st.booleans(), st.booleans(),
)  # fmt: skip
def test_a_score_is_within_bounds_and_worse_news_never_raise_it(
    checks: list[Any], is_stale: bool, has_owner: bool, has_incident: bool
) -> None:
    seen = Seen(tuple(checks), is_stale, has_owner, has_incident=has_incident)
    score = score_of(seen).value
    assert 0 <= score <= 100
    for worse in (
        Seen((*checks, ("error", "fail")), is_stale, has_owner, has_incident=has_incident),
        Seen(tuple(checks), True, has_owner, has_incident=has_incident),
        Seen(tuple(checks), is_stale, False, has_incident=has_incident),
        Seen(tuple(checks), is_stale, has_owner, has_incident=True),
    ):
        assert score_of(worse).value <= score


def git(workspace: Any, *words: str, at: str = "") -> None:
    dated = {"GIT_COMMITTER_DATE": at, "GIT_AUTHOR_DATE": at} if at else {}
    names = {f"GIT_{role}_{what}": "ana@x" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    words = ("git", "-C", str(workspace.root), *words)
    subprocess.run(words, check=True, capture_output=True, env={**names, **dated, "PATH": "/usr/bin:/bin"})


@pytest.mark.slow
def test_a_story_is_told_from_the_first_commit_to_the_rollback(shop: Any) -> None:
    """Two commits of yesterday are released together: the first of them says how long it took."""
    git(shop, "init", "-q")
    git(shop, "add", "models", "seeds", "dbt_project.yml")
    git(shop, "commit", "-qm", "one", at="2026-01-01T00:00:00Z")
    shop.dryland("apply", "--yes")
    for day, text in ((1, "upper(c.name) as name,"), (2, "lower(c.name) as name,")):
        shop.edit("models/marts/customer_orders.sql", "c.name," if day == 1 else "upper(c.name) as name,", text)
        git(shop, "commit", "-qam", "more", at=f"2026-02-0{day}T00:00:00Z")
    shop.dryland("apply", "--yes")
    firsts = [each["summary"]["first_commit_at"] for each in _publications(shop)]
    assert firsts == ["2026-01-01T00:00:00+00:00", "2026-02-01T00:00:00+00:00"]
    shop.dryland("rollback", "--yes")
    shop.edit("seeds/raw_orders.csv", "11,1,5.00", "10,1,5.00")
    shop.dryland("apply", "--yes", code=1)
    told = shop.dryland("metrics", "--json").json["releases"]
    assert (told["releases"], told["taken_back"], told["refused"]) == (2, 1, 1)
    assert told["change_failure_rate"] == 0.5 and 0 < told["time_to_restore_s"] < 60
    assert "taken back       50 %" in shop.dryland("metrics").out


def _publications(workspace: Any) -> list[dict[str, Any]]:
    file = workspace.root / "metadata.jsonl"
    workspace.dryland("state", "dump", str(file))
    rows = [json.loads(line) for line in file.read_text().splitlines()[1:]]
    return [row for table, row in rows if table == "publications"]


def test_how_everything_stands_is_told_to_prometheus(released: Any) -> None:
    from prometheus_client.parser import text_string_to_metric_families

    text = released.dryland("metrics", "--prometheus").out
    found = {
        (sample.name, *(sample.labels[name] for name in sorted(sample.labels, reverse=True))): sample.value
        for family in text_string_to_metric_families(text) for sample in family.samples
    }  # fmt: skip
    assert found["dryland_release", "prod"] == 1
    assert found["dryland_dataset_rows", "prod", "model.shop.customer_orders"] == 3
    assert found["dryland_dataset_stale", "prod", "model.shop.customer_orders"] == 0
    assert found["dryland_last_run_success", "apply", "prod"] == 1
    assert 0 <= found["dryland_dataset_age_seconds", "prod", "model.shop.customer_orders"] < 86_400


def test_a_span_that_is_none_is_refused(shop: Any) -> None:
    assert "no stretch of time" in shop.dryland("metrics", "--since", "soon", code=2).err
