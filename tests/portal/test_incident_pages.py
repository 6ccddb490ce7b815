"""An incident is followed from a page to its cause, by people and by programs, and nobody sees what is not for him."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from portal_shop import Portal
from test_guard import token_on

from dryland.access.person import LOCAL, Person
from dryland.access.rights import Rights
from dryland.portal.facts.answers import Answers
from dryland.portal.incidents.evidence import Evidence
from dryland.portal.rows.sight import Sight
from dryland.project.access_rules import AccessSettings, Rule

pytestmark = pytest.mark.medium


def press(portal: Portal, path: str, code: int = 303, page: str = "/incidents/1", **given: str) -> Any:
    """Send a form of a page."""
    answer = portal.client.post(path, data={"token": token_on(portal.page(page)), **given})
    assert answer.status_code == code, answer.text[:500]
    return answer


HIDDEN = "what was said is for those who may read it"


def details(portal: Portal, number: int = 1) -> dict[str, Any]:
    found: dict[str, Any] = portal.get(f"/api/v1/incidents/{number}").json()
    return found


def test_the_page_says_what_broke_who_is_hit_and_what_did_it(story: Portal) -> None:
    text = story.page("/incidents/1")
    assert "active_customers: active_means_within_a_week: 1 row fails" in text
    assert "Readers see it now, since" in text
    assert "release 3 (widen the window)" in text
    assert "-where o.ordered_on &gt;" in text and "interval &#39;90 days&#39;" in text, "the edit itself is shown"
    assert "Roll back to release 2" in text
    assert "Rows: 2 before, 3 in these (+50.0 %)." in text
    assert all(name in text for name in ("voucher mailing", "voucher_costs", "campaign"))


def test_of_a_refused_release_the_edit_is_shown_against_what_readers_see(released: Any, tmp_path: Path) -> None:
    from portal_shop import portal_of

    released.edit("models/staging/stg_orders.sql", "id as order_id", "1 as order_id")
    released.dryland("apply", "--yes", "-q", code=1)
    with portal_of(released.root) as portal:
        text = portal.page("/incidents/1")
        released.edit("models/staging/stg_orders.sql", "1 as order_id", "id as order_id")
        released.dryland("apply", "--yes", "-q")
        assert '<span class="added">+    1 as order_id,</span>' in portal.page("/incidents/1"), "also when it is over"
    assert "Readers never saw it: it was kept from them." in text and "Roll back to" not in text
    assert '<span class="removed">-    id as order_id,</span>' in text
    assert '<span class="added">+    1 as order_id,</span>' in text
    assert "3 columns measure the same." in text, "the candidate is compared with what readers see"


def test_rows_show_what_fails_and_nothing_of_a_person(story: Portal) -> None:
    (problem,) = details(story)["problems"]
    assert problem["evidence"]["rows"] == [{"customer_id": 1, "name": "***", "last_order": "2026-01-02", "orders": 2}]
    assert "2026-01-02" in story.page("/incidents/1") and ">Ana<" not in story.page("/incidents/1").split("evidence")[2]


def test_what_a_rule_keeps_from_somebody_is_in_no_row_that_he_sees(story: Portal) -> None:
    """Hidden, masked, or of a dataset that is not for him: the values are not there."""
    project, catalogue = story.desk.library.project, story.desk.library.current("prod")
    (symptom,) = story.desk.state.incident(1).symptoms  # type: ignore[union-attr]
    viewer = Person("vera", ("viewer",))

    def rows(*rules: Rule, person: Person = viewer) -> Any:
        under = replace(catalogue, rights=Rights(project, AccessSettings(rules=rules)), _worked_out=Answers())
        return Evidence(Sight(person, under)).rows(symptom)

    assert rows()[0]["orders"] == 2 and rows()[0]["name"] == "***"
    assert rows(Rule(("viewer",), hide=("orders",)))[0]["orders"] == "***"
    assert rows(Rule(("viewer",), masks={"last_order": "hash"}))[0]["last_order"] == "***"
    assert rows(Rule(("viewer",), is_denial=True)) == ()
    assert rows(person=Person("nobody")) == ()
    assert rows(person=LOCAL)[0]["name"] == "***", "what is a person's is masked for everybody"


def test_what_a_check_makes_of_columns_is_shown_where_all_of_them_are(story: Portal) -> None:
    project, catalogue = story.desk.library.project, story.desk.library.current("prod")
    (symptom,) = story.desk.state.incident(1).symptoms  # type: ignore[union-attr]
    made = replace(symptom, evidence={"rows": [{"how_many": 3}]})
    values = Evidence(Sight(LOCAL, catalogue))
    assert values.rows(made) == (), "it may be made of a name"
    harmless = replace(made, dataset="model.shop.stg_orders")
    known = next(each for each in project.checks if "unique_stg_orders_order_id" in each)
    assert values.rows(replace(harmless, subject=known)) == ({"how_many": 3},)
    assert values.rows(replace(harmless, subject="test.shop.gone")) == (), "nobody knows what that read"


def test_words_of_a_check_are_for_who_sees_what_it_looked_at(
    story: Portal, asking_as: Callable[[Person], None]
) -> None:
    """The warehouse says values when it cannot do something with them; what monitors say is made of measures."""
    whole = details(story)
    asking_as(Person("vera", ("viewer",), scopes=frozenset({"look"})))
    said = details(story)
    told, hidden = whole["problems"][0]["message"], said["problems"][0]["message"]
    assert told not in json.dumps(said) and HIDDEN in hidden and HIDDEN in said["title"]
    assert told not in story.page("/incidents/1") + story.page("/incidents") + story.page("/")
    assert "customer_orders has 9 rows" in story.page("/incidents")


def test_filters_and_counts(story: Portal) -> None:
    assert [each["id"] for each in story.get("/api/v1/incidents").json()["incidents"]] == [1, 2], "errors come first"

    def shown(**asked: str) -> list[int]:
        return [each["id"] for each in story.client.get("/api/v1/incidents", params=asked).json()["incidents"]]

    assert shown(severity="warn") == [2] and shown(owner="ana") == [1] and shown(status="resolved") == []
    assert shown(where="*") == [1, 2]
    text = story.page("/incidents?severity=warn")
    assert "customer_orders has 9 rows" in text and "active_means_within_a_week" not in text
    partial = story.get("/incidents", **{"hx-request": "true"}).text
    assert "<html" not in partial and "hx-get" in partial and "active_means" in partial


@pytest.mark.parametrize("path", ["/", "/datasets/active_customers", "/releases/3"])
def test_where_people_are_they_see_what_is_open(story: Portal, path: str) -> None:
    assert 'href="/incidents/1">active_customers: active_means_within_a_week' in story.page(path)


def test_a_dataset_that_is_well_and_a_release_that_did_nothing_show_none(story: Portal) -> None:
    assert "/incidents/1" not in story.page("/datasets/stg_orders") + story.page("/releases/2")


def test_programs_get_what_the_commands_say(story: Portal, workspace_at: Callable[[Path], Any]) -> None:
    workspace = workspace_at(story.root)
    assert details(story, 2) == workspace.dryland("incident", "show", "2", "--json").json
    listed = workspace.dryland("incident", "list", "--json").json["incidents"]
    assert sorted(story.get("/api/v1/incidents").json()["incidents"], key=lambda each: -each["id"]) == listed
    delivered = workspace.dryland("alert", "list", "--json").json
    assert story.get("/api/v1/deliveries").json() == {**delivered, "mutes": []}
    mine = workspace.dryland("monitor", "list", "--json", "-s", "big_spenders").json
    assert story.get("/api/v1/monitors/big_spenders").json()["monitors"] == mine["monitors"]
    assert story.get("/api/v1/monitors").json()["pages"] == 1


def test_people_look_after_it_and_that_is_remembered(own_story: Portal) -> None:
    press(own_story, "/incidents/1/acknowledge")
    press(own_story, "/incidents/1/assign", message="bo")
    press(own_story, "/incidents/1/comment", message="<b>the mailing is stopped</b>")
    press(own_story, "/incidents/1/resolve")
    text = own_story.page("/incidents/1")
    assert "&lt;b&gt;the mailing is stopped&lt;/b&gt;" in text and "It is not over" in text
    press(own_story, "/incidents/1/resolve", code=409)
    press(own_story, "/incidents/1/comment", code=422)
    press(own_story, "/incidents/1/bury", code=404)
    press(own_story, "/incidents/77/resolve", code=404)
    press(own_story, "/incidents/1/reopen")
    one = details(own_story)
    assert (one["status"], one["assignee"]) == ("open", "bo")
    done = [each["kind"] for each in one["history"]]
    assert done == ["opened", "acknowledged", "assigned", "commented", "resolved", "reopened"]


def test_whom_it_concerns_is_alerted_after_the_answer(own_story: Portal) -> None:
    press(own_story, "/incidents/1/resolve")
    lines = [json.loads(line) for line in (own_story.root / "alerts.jsonl").read_text().splitlines()]
    assert [(item["event"], item["incident"]["id"]) for line in lines for item in line["items"]][-1] == ("resolved", 1)
    assert "resolved" in own_story.page("/incidents/alerts")


def test_programs_do_the_same(own_story: Portal) -> None:
    answer = own_story.client.post("/api/v1/incidents/1/assign", json={"message": "bo"})
    assert answer.json()["assignee"] == "bo"
    assert own_story.client.post("/api/v1/incidents/1/reopen", json={}).status_code == 409
    assert own_story.client.post("/api/v1/incidents/1/bury", json={}).status_code == 422
    assert own_story.client.post("/api/v1/incidents/9/resolve", json={}).status_code == 404
    elsewhere = {"origin": "https://evil.example", "sec-fetch-site": "cross-site"}
    assert own_story.client.post("/api/v1/incidents/1/resolve", json={}, headers=elsewhere).status_code == 403


def test_a_form_without_its_token_changes_nothing(story: Portal) -> None:
    for path in ("/incidents/1/resolve", "/incidents/1/mute", "/monitors/alerts/0", "/incidents/alerts/mutes/1/end"):
        assert story.client.post(path, data={"hours": "1", "feedback": "expected"}).status_code == 403
    assert details(story)["status"] == "open"


def test_who_may_only_look_is_shown_no_button_and_refused(story: Portal, asking_as: Callable[[Person], None]) -> None:
    asking_as(Person("vera", ("viewer",)))
    text = story.page("/incidents/1")
    assert "Roll back to" not in text and 'action="/incidents/' not in text and "Comment" not in text
    for path in ("/incidents/1/resolve", "/incidents/1/mute", "/monitors/alerts/0", "/incidents/alerts/mutes/1/end"):
        assert story.client.post(path, data={"token": "none"}).status_code == 403
    assert story.client.post("/api/v1/incidents/1/resolve", json={}).status_code == 403
    assert details(story)["status"] == "open"


def test_nobody_is_alerted_of_what_is_muted_until_somebody_ends_that(own_story: Portal) -> None:
    press(own_story, "/incidents/1/mute", hours="4", message="known")
    press(own_story, "/incidents/1/mute", hours="99", code=422)
    (mute,) = own_story.get("/api/v1/deliveries").json()["mutes"]
    assert (mute["selector"], mute["environment"]) == ("active_customers+", "prod")
    press(own_story, f"/incidents/alerts/mutes/{mute['id']}/end", page="/incidents/alerts")
    assert own_story.get("/api/v1/deliveries").json()["mutes"] == []
    press(own_story, "/incidents/alerts/mutes/77/end", code=404)
    press(own_story, f"/incidents/alerts/mutes/{2**64}/end", code=422)
    assert own_story.page("/incidents/alerts?status=nothing%00") and own_story.page("/incidents/99999999999999", 404)
    own_story.get("/api/v1/deliveries?status=nothing", 422)


def test_an_incident_is_shown_in_its_own_environment(own_story: Portal) -> None:
    from dryland.platform import Platform

    with Platform.open(own_story.root) as platform:
        platform.create_environment("dev_ana")
    assert own_story.get("/incidents/1?env=dev_ana", 303).headers["location"] == "/incidents/1?env=prod"
    assert "Nothing went wrong here yet" in own_story.page("/incidents?env=dev_ana")
    assert "active_means" in own_story.page("/incidents?env=dev_ana&where=*")


def test_what_a_monitor_told_is_answered(own_story: Portal) -> None:
    text = own_story.page("/monitors")
    assert re.search(r"customer_orders has 9 rows; usual is \d to \d\.", text)
    page = own_story.page("/monitors/customer_orders")
    assert 'class="band"' in page and 'class="told"' in page and "<polygon" in page
    (alert,) = own_story.get("/api/v1/monitors/customer_orders").json()["alerts"]
    path = f"/monitors/alerts/{alert['alert']}"
    press(own_story, path, code=422, feedback="never mind")
    press(own_story, "/monitors/alerts/none", code=422, feedback="expected")
    press(own_story, "/monitors/alerts/00ff", code=404, feedback="expected")
    press(own_story, path, feedback="expected")
    (alert,) = own_story.get("/api/v1/monitors/customer_orders").json()["alerts"]
    assert alert["feedback"] == "expected"
    assert "expected" in own_story.page("/monitors/customer_orders?backtest=1")
    own_story.page("/monitors/nothing_like_that", 404)


def test_a_rollback_from_the_incident_ends_it(own_story: Portal) -> None:
    from test_roll_back import outcome, roll_back

    assert "Done" in outcome(own_story, roll_back(own_story, 2))
    one = details(own_story)
    assert one["status"] == "resolved" and one["hit_s"] > 0
    text = own_story.page("/incidents/1")
    assert "Readers saw it for" in text and "Roll back to" not in text


def test_measures_of_columns_are_for_who_sees_the_columns(story: Portal) -> None:
    """A mean is made of values, and a segment's name is one."""
    project, catalogue = story.desk.library.project, story.desk.library.current("prod")
    rule = Rule(("viewer",), hide=("revenue",))
    under = replace(catalogue, rights=Rights(project, AccessSettings(rules=(rule,))), _worked_out=Answers())
    sight = Sight(Person("vera", ("viewer",)), under)
    seen = {each: sight.measures(WATCHED, each) for each in MEASURES}
    assert seen == MEASURES
    assert all(Sight(LOCAL, under).measures(WATCHED, each) for each in MEASURES)


WATCHED = "model.shop.customer_orders"
MEASURES = {
    "volume": True, "freshness": True, "schema": True, "nulls:revenue": True, "mean:revenue": False,
    "quantiles:revenue": False, "volume:revenue=7.25": False, "mean:customer_id": True, "metric:total": False,
}  # fmt: skip
