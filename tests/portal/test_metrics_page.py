"""The page of metrics says what `dryland metrics` says, beside targets; scrapers and programs get the same."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from portal_shop import HOSTILE, Portal
from prometheus_client.parser import text_string_to_metric_families

from dryland.portal.facts.measures import measures_of
from dryland.state.incident_records import Incident, Symptom
from dryland.state.observed import Scored
from dryland.watch.targets import TARGETS

pytestmark = pytest.mark.medium


def samples(text: str) -> dict[str, list[Any]]:
    return {family.name: family.samples for family in text_string_to_metric_families(text)}


def by_dataset(text: str, family: str) -> dict[str, float]:
    return {each.labels["dataset"]: each.value for each in samples(text)[family]}


def test_the_page_has_every_measure_beside_its_target(looked_at: Portal) -> None:
    page = looked_at.page("/measures")
    for words in ("Lead time", "Release frequency", "Change failure rate", "Time to detect", "Time to restore"):
        assert words in page
    assert page.count("Target: ") == len(TARGETS)
    assert "2.0 a week" not in page, "two releases in thirteen weeks are no two a week"
    assert "0.2 a week" in page


def test_the_worst_datasets_come_first_with_the_reason(looked_at: Portal) -> None:
    page = looked_at.page("/measures")
    worst = page[page.index('id="worst"') :]
    assert worst.index("big_spenders") < worst.index("customer_orders") or "customer_orders" not in worst
    assert "checks −" in worst
    assert "documentation −" in worst
    assert HOSTILE not in page


def test_the_scores_are_those_of_the_command(own: Portal) -> None:
    told = own.desk.library.platform.metrics(since=timedelta(weeks=13)).as_dict()
    answer = own.get("/api/v1/metrics").json()
    said = {own.desk.library.platform.project.name_of(each["unique_id"]): each["score"] for each in answer["datasets"]}
    assert said == {name: each["value"] for name, each in told["datasets"].items()}
    values = {each["name"]: each["value"] for each in answer["measures"]}
    assert values["releases"] == told["releases"]["releases_per_week"]
    assert values["quality"] == told["score"]
    assert len(answer["week_begins"]) == 13
    assert [each["score"] for each in answer["datasets"]] == sorted(said.values()), "the worst first"


def incident_of(dataset: str, portal: Portal) -> Incident:
    at = portal.desk.now - timedelta(hours=3)
    symptom = Symptom(dataset, "check", "test.x", "error", "wrong", at, at, since=at - timedelta(minutes=30))
    return Incident(0, "prod", "data", "open", "error", dataset, at, symptoms=(symptom,))


def test_an_open_incident_costs_points_and_is_measured(own: Portal) -> None:
    before = own.get("/api/v1/datasets/customer_orders").json()["unique_id"]
    score = {each["unique_id"]: each["score"] for each in own.get("/api/v1/metrics").json()["datasets"]}[before]
    own.desk.state.add_incidents([incident_of(before, own)] * 9)  # more than there are already
    own.desk.library._shelves.clear()
    answer = own.get("/api/v1/metrics").json()
    found = next(each for each in answer["datasets"] if each["unique_id"] == before)
    assert (found["score"], found["lost"]["incident"]) == (score - 20, 20)
    detect = next(each for each in answer["measures"] if each["name"] == "time_to_detect")
    assert (detect["value"], detect["is_reached"]) == (1800, False)
    assert "open incident −20" in own.page("/datasets/customer_orders")
    text = own.page("/metrics")
    opened = {each.labels["severity"]: each.value for each in samples(text)["dryland_open_incidents"]}
    assert opened["error"] == sum(each.severity == "error" for each in own.desk.state.incidents("prod", is_open=True))
    assert [each.value for each in samples(text)["dryland_time_to_detect_seconds"]] == [1800]
    told = own.desk.library.platform.metrics(since=timedelta(weeks=13)).as_dict()
    assert told["datasets"]["customer_orders"]["value"] == score - 20


def test_scrapers_get_what_a_parser_reads(looked_at: Portal) -> None:
    answer = looked_at.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    found = samples(answer.text)
    catalogue = looked_at.desk.library.current("prod")
    shown = {uid: each for uid, each in catalogue.datasets.items() if each.parts.pointer}
    assert by_dataset(answer.text, "dryland_dataset_rows") == {
        uid: each.rows for uid, each in shown.items() if each.rows is not None
    }
    assert by_dataset(answer.text, "dryland_dataset_failing_checks")["model.shop.big_spenders"] == 1
    assert [(each.labels, each.value) for each in found["dryland_release"]] == [({"environment": "prod"}, 2)]
    assert "dryland_last_run_success" in found
    assert looked_at.get("/metrics?env=nothing", 404)


def test_scrapes_that_come_close_together_cost_no_query(looked_at: Portal, monkeypatch: Any) -> None:
    at = looked_at.desk.now
    monkeypatch.setattr(looked_at.desk.library, "now", lambda: at)
    first = looked_at.page("/metrics")
    monkeypatch.setattr(looked_at.desk.state, "runs", None)
    assert looked_at.page("/metrics") == first
    monkeypatch.setattr(looked_at.desk.library, "now", lambda: at + timedelta(seconds=30))
    monkeypatch.undo()
    assert looked_at.page("/metrics")


def test_a_stretch_of_time_is_chosen_by_its_address(looked_at: Portal) -> None:
    assert len(looked_at.get("/api/v1/metrics?weeks=4").json()["week_begins"]) == 4
    looked_at.get("/measures?weeks=0", 422)
    looked_at.get("/measures?weeks=99999999999999999999", 422)
    assert json.loads(looked_at.page("/api/v1/metrics?weeks=520"))["measures"]


def test_measures_are_taken_once_for_all_who_ask_within_seconds(looked_at: Portal) -> None:
    catalogue, at = looked_at.desk.library.current("prod"), looked_at.desk.now
    first = measures_of(looked_at.desk.state, catalogue, 13, at)
    assert measures_of(looked_at.desk.state, catalogue, 13, at) is first


def test_a_score_has_a_trend_on_the_page_of_metrics_and_of_its_dataset(own: Portal) -> None:
    dataset = own.get("/api/v1/datasets/customer_orders").json()["unique_id"]
    assert "Score, week by week" not in own.page("/datasets/customer_orders"), "of one week there is no trend"
    long_ago = own.desk.now - timedelta(days=16)
    own.desk.state.put_scored([Scored("prod", dataset, long_ago, (0.0, 1.0, 0.0))])
    own.desk.library._shelves.clear()
    quality = {each["name"]: each["weeks"] for each in own.get("/api/v1/metrics").json()["measures"]}["quality"]
    assert quality[:-3] == [None] * 10 and quality[-3:-1] == [25, 25]
    page = own.page("/datasets/customer_orders")
    score = {each["unique_id"]: each["score"] for each in own.get("/api/v1/metrics").json()["datasets"]}[dataset]
    assert f"Score, week by week: 3 values, from 25 to {score}" in page
