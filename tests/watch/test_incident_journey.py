"""What verbs find becomes incidents, and what people do to them is remembered: the command line on a real project."""

from __future__ import annotations

import json

import pytest

pytestmark = pytest.mark.medium

JOURNAL = """
alerts:
  channels: [{name: journal, file: alerts.jsonl}]
  routes: [{name: all, to: journal}]
"""


@pytest.fixture
def watched(released):
    released.write("dryland.yml", JOURNAL)
    return released


def told(workspace) -> list[tuple[str, str]]:
    path = workspace.root / "alerts.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    return [(item["event"], item["incident"]["dataset"]) for line in lines for item in line["items"]]


def incidents(workspace, *words: str) -> list[dict]:
    return workspace.dryland("incident", "list", "--json", *words).json["incidents"]


def shown(workspace, number: int) -> dict:
    return workspace.dryland("incident", "show", str(number), "--json").json


def refuse(workspace) -> None:
    workspace.edit("models/staging/stg_orders.sql", "id as order_id", "1 as order_id")
    workspace.dryland("apply", "--yes", "-q", code=1)


def mend(workspace) -> None:
    workspace.edit("models/staging/stg_orders.sql", "1 as order_id", "id as order_id")


def test_a_refused_release_hits_no_reader_and_is_over_when_the_edit_is_taken_back(watched) -> None:
    refuse(watched)
    (one,) = incidents(watched)
    assert (one["dataset"], one["status"], one["were_readers_hit"], one["about"]) == (
        "stg_orders", "open", False, "release"
    )  # fmt: skip
    mend(watched)
    watched.dryland("plan")
    assert "incident 1 resolved" in watched.dryland("apply", "--yes").out
    assert told(watched) == [("opened", "stg_orders"), ("resolved", "stg_orders")]
    assert incidents(watched, "--open") == []


def test_refused_again_is_seen_again_and_refused_after_it_was_over_is_back(watched) -> None:
    refuse(watched)
    assert "incident 1 is still open" in watched.dryland("apply", "--yes", "-q", code=1).out
    assert shown(watched, 1)["problems"][0]["times"] == 2
    mend(watched)
    watched.dryland("apply", "--yes")
    refuse(watched)
    assert [each["id"] for each in incidents(watched)] == [1]
    assert [each["kind"] for each in shown(watched, 1)["history"]] == [
        "opened", "seen", "gone", "resolved", "seen", "reopened"
    ]  # fmt: skip
    assert [event for event, _ in told(watched)] == ["opened", "resolved", "reopened"]


def test_a_good_release_of_something_else_resolves_nothing_that_it_does_not_show(watched) -> None:
    refuse(watched)
    watched.edit("models/marts/big_spenders.sql", "revenue > 20", "revenue > 30")
    watched.dryland("apply", "--yes", "-q", "-s", "big_spenders")
    assert [each["id"] for each in incidents(watched, "--open")] == [1]


def test_a_check_that_fails_on_what_is_live_hits_readers_until_a_rollback(watched) -> None:
    watched.edit("models/marts/customer_orders.sql", "count(o.order_id) as orders", "nullif(count(*), 1) as orders")
    watched.dryland("apply", "--yes", "-q", "-m", "count anew")
    watched.edit(
        "models/schema.yml",
        "- name: revenue\n",
        "- name: orders\n        data_tests: [not_null]\n      - name: revenue\n",
    )
    assert "incident 1 opened" in watched.dryland("check", code=1).out
    one = shown(watched, 1)
    assert one["are_readers_hit"] and one["safe_at"] is None and one["probably"]["release"] == 2
    assert one["problems"][0]["evidence"]["rows"][0]["orders"] is None
    watched.dryland("check", code=1)
    assert shown(watched, 1)["problems"][0]["times"] == 1, "what is remembered of a table is no news"
    assert "incident 1 resolved" in watched.dryland("rollback", "--yes").out
    assert shown(watched, 1)["hit_s"] > 0


def test_a_check_that_leaves_the_project_takes_its_incident_along(watched) -> None:
    refused = "- name: orders\n        data_tests: [{accepted_values: {arguments: {values: [0]}}}]\n      "
    watched.edit("models/schema.yml", "- name: revenue\n", refused + "- name: revenue\n")
    assert "incident 1 opened" in watched.dryland("check", code=1).out
    watched.edit("models/schema.yml", refused, "")
    assert "incident 1 resolved" in watched.dryland("apply", "--yes").out


def test_an_environment_that_is_dropped_takes_its_incidents_along(watched) -> None:
    watched.write("dryland.yml", f"{JOURNAL}\nincidents: {{environments: [dev_ana]}}\n")
    watched.dryland("env", "create", "dev_ana")
    watched.edit("models/staging/stg_orders.sql", "id as order_id", "1 as order_id")
    watched.dryland("apply", "-e", "dev_ana", "--yes", "-q", code=1)
    assert [each["environment"] for each in incidents(watched, "--open")] == ["dev_ana"]
    assert told(watched) == [], "only the default environment alerts anybody unless a route says so"
    watched.dryland("env", "drop", "dev_ana", "--yes")
    assert incidents(watched, "--open") == []


def test_what_people_try_in_environments_of_their_own_is_no_incident(watched) -> None:
    """Unless incidents are asked for there: `incidents: {environments: [...]}`, or a route that names it."""
    watched.dryland("env", "create", "dev_ana")
    watched.edit("models/staging/stg_orders.sql", "id as order_id", "1 as order_id")
    watched.dryland("apply", "-e", "dev_ana", "--yes", "-q", code=1)
    assert incidents(watched) == []
    watched.write("dryland.yml", JOURNAL.replace("to: journal", "to: journal, environment: dev_ana"))
    assert "incident 1 opened" in watched.dryland("apply", "-e", "dev_ana", "--yes", "-q", code=1).out
    assert told(watched) == [("opened", "stg_orders")]


def test_a_warning_is_told_and_is_no_incident_unless_the_settings_say_so(watched) -> None:
    warned = "data_tests: [not_null, {accepted_values: {values: [1], severity: warn}}]\n"
    watched.edit("models/schema.yml", "data_tests: [not_null]\n", warned)
    watched.edit("models/marts/customer_orders.sql", "as revenue", "+ 1 as revenue")
    assert "1 warned" in watched.dryland("apply", "--yes", "-q").out
    assert incidents(watched) == []
    watched.write("dryland.yml", f"{JOURNAL}\nincidents: {{warnings: true}}\n")
    assert "incident 1 opened" in watched.dryland("check").out
    assert [(each["severity"], each["are_readers_hit"]) for each in incidents(watched)] == [("warn", True)]


def test_what_a_monitor_says_is_over_when_it_is_quiet_or_what_it_saw_is_gone(watched) -> None:
    from dryland.clock import utc_now
    from dryland.noting import note_findings
    from dryland.platform import Platform
    from dryland.watch.finding import Finding
    from dryland.watch.report import Quiet

    watched.edit("models/marts/customer_orders.sql", "as revenue", "* 9 as revenue")
    watched.dryland("apply", "--yes", "-q")

    def says(*quiet: Quiet, found: bool) -> None:
        with Platform.open(watched.root) as platform:
            finding = Finding("prod", "model.shop.customer_orders", "monitor", "mean_of_revenue", "error", utc_now(),
                              "9 times what is usual", release=2, evidence={"bounds": [1, 50]})  # fmt: skip
            note_findings(platform, "prod", [finding] if found else [], quiet, why="the monitor is quiet")

    says(found=True)
    (one,) = incidents(watched, "--open")
    assert one["title"] == "customer_orders: 9 times what is usual" and one["are_readers_hit"]
    says(Quiet("model.shop.customer_orders", "monitor", "mean_of_revenue"), found=False)
    assert incidents(watched, "--open") == []
    says(found=True)
    assert [each["id"] for each in incidents(watched, "--open")] == [1], "it is back"
    assert "incident 1 resolved" in watched.dryland("rollback", "--yes").out


def test_people_acknowledge_assign_comment_resolve_and_reopen(watched) -> None:
    refuse(watched)
    watched.dryland("incident", "ack", "1", "-m", "on it")
    watched.dryland("incident", "assign", "1", "bo")
    watched.dryland("incident", "comment", "1", "the seed is fine")
    watched.dryland("incident", "resolve", "1", "-m", "will not be released")
    watched.dryland("incident", "reopen", "1")
    one = shown(watched, 1)
    assert (one["status"], one["owner"]) == ("open", "bo")
    done = [(each["kind"], each["message"]) for each in one["history"]][1:]
    assert done == [
        ("acknowledged", "on it"), ("assigned", "bo"), ("commented", "the seed is fine"),
        ("resolved", "will not be released"), ("reopened", ""),
    ]  # fmt: skip
    assert all(each["who"] for each in one["history"][1:])
    assert incidents(watched, "--owner", "bo") and not incidents(watched, "--owner", "ana")
    assert incidents(watched, "--severity", "error") and not incidents(watched, "--severity", "warn")
    assert not incidents(watched, "-e", "dev")


def test_a_plan_names_what_is_open_of_what_it_would_publish_or_read(watched) -> None:
    refuse(watched)
    mend(watched)
    assert watched.dryland("plan", "--json").json["incidents"] == [], "nothing would be published"
    watched.edit("models/marts/big_spenders.sql", "revenue > 20", "revenue > 30")
    assert "incident 1" not in watched.dryland("plan").out, "it reads customer_orders, and nothing is wrong there"
    watched.edit("models/marts/customer_orders.sql", "as revenue", "+ 1 as revenue")
    said = watched.dryland("plan").out
    assert "incident 1 open, error: stg_orders: unique_stg_orders_order_id" in said and "never saw it" in said
    (one,) = watched.dryland("plan", "--json").json["incidents"]
    assert (one["id"], one["dataset"]) == (1, "stg_orders")


def test_what_cannot_be_done_is_told(watched) -> None:
    refuse(watched)
    watched.dryland("incident", "resolve", "1")
    assert "incident 1 is resolved already" in watched.dryland("incident", "resolve", "1", code=2).err
    assert "there is no incident 7" in watched.dryland("incident", "show", "7", code=2).err
    assert "has no route `nowhere`" in watched.dryland("alert", "test", "nowhere", code=2).err
    assert "is no stretch of time" in watched.dryland("incident", "mute", "stg_orders", "--for", "long", code=2).err


def test_a_window_of_maintenance_is_remembered_and_alerts_nobody(watched) -> None:
    made = watched.dryland("incident", "mute", "stg_orders+", "--for", "2h", "-m", "a move", "--json").json
    refuse(watched)
    assert told(watched) == [] and shown(watched, 1)["muted_by"] == made["id"]
    mend(watched)
    watched.dryland("apply", "--yes")
    assert told(watched) == [], "nobody heard that it was bad"
    watched.dryland("incident", "mute", "--end", str(made["id"]))
    assert watched.dryland("incident", "mute", "--list", "--json").json == {"mutes": []}


def test_a_route_can_be_tried_and_messages_are_listed(watched) -> None:
    assert "alerted journal: [prod] test: a test of the route all" in watched.dryland("alert", "test", "all").out
    (one,) = watched.dryland("alert", "list", "--json").json["deliveries"]
    assert (one["event"], one["status"], one["attempts"]) == ("test", "sent", 1)
    assert watched.dryland("alert", "send").out == "nothing is due\n"


def test_a_channel_that_fails_fails_no_release(watched) -> None:
    watched.write(
        "dryland.yml",
        """
        alerts:
          channels: [{name: chat, webhook: 'http://127.0.0.1:9/s3cret'}]
          routes: [{name: all, to: chat, severity: warn}, {name: every, to: chat}]
        """,
    )
    watched.write("dryland.yml", (watched.root / "dryland.yml").read_text() + "incidents: {warnings: true}\n")
    failing = "data_tests: [not_null, {accepted_values: {values: [1], severity: warn}}]\n"
    watched.edit("models/schema.yml", "data_tests: [not_null]\n", failing)
    watched.edit("models/marts/customer_orders.sql", "as revenue", "+ 1 as revenue")
    answer = watched.dryland("apply", "--yes", "-q")
    assert "Published release 2" in answer.out
    assert "could not alert chat" in answer.out and "Connection refused; it is tried again" in answer.out
    assert "s3cret" not in answer.out + answer.err
    assert "s3cret" not in watched.dryland("alert", "list").out


def test_what_is_a_person_s_is_in_no_message_and_not_in_the_memory(watched) -> None:
    watched.edit(
        "models/schema.yml",
        "description: One row per customer.\n    columns:\n",
        "description: One row per customer.\n    columns:\n      - {name: name, meta: {pii: true}, "
        "data_tests: [{accepted_values: {arguments: {values: [Zed]}}}]}\n",
    )
    watched.edit("models/marts/customer_orders.sql", "as revenue", "+ 1 as revenue")
    watched.dryland("apply", "--yes", "-q", code=1)
    assert told(watched) == [("opened", "customer_orders")]
    rows = shown(watched, 1)["problems"][0]["evidence"]["rows"]
    assert rows and {row["name"] for row in rows} == {"***"}
    assert "Chi" not in (watched.root / "alerts.jsonl").read_text()


def test_where_a_whole_dataset_is_about_persons_no_column_of_it_is_shown(watched) -> None:
    """Documented or not: nobody lists all columns of a dataset that he calls personal as a whole."""
    watched.edit(
        "models/schema.yml", "description: One row per customer.\n",
        "description: One row per customer.\n    meta: {pii: true}\n    data_tests: [{no_row_like: {prefix: Ch}}]\n",
    )  # fmt: skip
    watched.write(
        "macros/no_row_like.sql",
        "{% test no_row_like(model, prefix) %} select * from {{ model }} where name like '{{ prefix }}%' {% endtest %}",
    )
    watched.edit("models/marts/customer_orders.sql", "as revenue", "+ 1 as revenue")
    watched.dryland("apply", "--yes", "-q", code=1)
    rows = shown(watched, 1)["problems"][0]["evidence"]["rows"]
    assert rows and {value for row in rows for value in row.values()} == {"***"}
    assert "Chi" not in (watched.root / "alerts.jsonl").read_text()


def test_what_a_warehouse_quotes_of_a_person_is_masked(watched) -> None:
    """An error of a cast has the value in it."""
    watched.edit(
        "models/schema.yml", "- name: stg_customers\n    columns:\n",
        "- name: stg_customers\n    columns:\n      - {name: name, meta: {pii: true}}\n",
    )  # fmt: skip
    watched.edit("models/staging/stg_customers.sql", "name, country", "cast(name as integer) as name, country")
    watched.dryland("apply", "--yes", "-q", code=3)
    assert told(watched) == [("opened", "stg_customers")]
    assert "'***'" in shown(watched, 1)["title"]
    assert not {"Ana", "Bo", "Chi"} & set((watched.root / "alerts.jsonl").read_text().replace("'", " ").split())


def test_secrets_of_channels_are_kept_and_shown_nowhere(watched, monkeypatch) -> None:
    secrets = {name: f"s3cret-{name}" for name in ("HOOK", "KEY", "MAIL", "CHAT")}
    for name, value in secrets.items():
        monkeypatch.setenv(name, value)
    watched.write(
        "dryland.yml",
        """
        alerts:
          smtp: {host: 127.0.0.1, port: 9, user: ana, password: "{{ env_var('MAIL') }}"}
          channels:
            - {name: hook, webhook: "http://127.0.0.1:9/{{ env_var('HOOK') }}", secret: "{{ env_var('KEY') }}"}
            - {name: mail, email: ana@example.org}
            - {name: odd, webhook: "gopher://{{ env_var('CHAT') }}"}
          routes: [{name: all, to: [hook, mail, odd]}]
        """,
    )
    watched.edit("models/staging/stg_orders.sql", "id as order_id", "1 as order_id")
    answers = [
        watched.dryland("apply", "--yes", "-q", code=1),
        watched.dryland("alert", "list", "--json"),
        watched.dryland("incident", "show", "1", "--json"),
        watched.dryland("alert", "test", "all", code=3),
        watched.dryland("state", "dump", "dump.jsonl"),
    ]
    assert "could not alert odd: a webhook is an http or https address" in answers[0].out
    everything = (watched.root / "dump.jsonl").read_text() + "".join(each.out + each.err for each in answers)
    assert not [value for value in secrets.values() if value in everything]
