"""The story of $180,000, seen by who is on call: bad rows arrive, the owner hears of it, and when it is over."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("dlt", reason="the demo extra is not installed: dlt is missing")
pytest.importorskip("sklearn", reason="the demo extra is not installed: scikit-learn is missing")

from world.generate import advance, repair
from world.ingest import ingest

from alert_servers import Hook, Mailbox, hook_server, mail_server

pytestmark = pytest.mark.slow
FATAL = ("models/features/fct_active_customers.sql", "interval '7 days'", "interval '90 days'")
MONITOR = """        monitors:
          metrics:
            - { name: share active, sql: avg(cast(is_active as integer)), max_change: 50%, severity: error }
"""
ALERTS = """
portal_url: http://127.0.0.1:8080
alerts:
  smtp: {{host: 127.0.0.1, port: {mail}, sender: dryland@shop.example}}
  channels:
    - {{name: insight, email: insight@shop.example}}
    - {{name: chat, webhook: "{{{{ env_var('CHAT') }}}}", secret: "{{{{ env_var('CHAT_SECRET') }}}}"}}
  routes:
    - {{name: insight, owner: customer-insight, to: insight}}
    - {{name: everybody, to: chat}}
"""


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with mail_server() as box:
        yield box


@pytest.fixture
def chat() -> Iterator[Hook]:
    with hook_server() as hook:
        yield hook


@pytest.fixture
def shop(released_once: Path, tmp_path: Path, workspace_at, mailbox: Mailbox, chat: Hook, monkeypatch) -> Any:
    shop = workspace_at(Path(shutil.copytree(released_once, tmp_path / "project")))
    monkeypatch.setenv("CHAT", chat.url)
    monkeypatch.setenv("CHAT_SECRET", "k3y")
    (shop.root / "dryland.yml").write_text(ALERTS.format(mail=mailbox.port))
    return shop


def shown(shop: Any, number: int) -> dict[str, Any]:
    return shop.dryland("incident", "show", str(number), "--json").json


def told(hook: Hook) -> list[tuple[str, str]]:
    bodies = [json.loads(body) for _, body in hook.posts]
    return [(item["event"], item["incident"]["dataset"]) for body in bodies for item in body["items"]]


def test_the_fatal_edit_is_an_incident_that_no_reader_is_hit_by(shop, mailbox: Mailbox, chat: Hook) -> None:
    shop.edit(*FATAL)
    began = time.monotonic()
    answer = shop.dryland("apply", "--yes", "-q", code=1)
    told_after_s = time.monotonic() - began
    assert "incident 1 opened (customer-insight): dryland incident show 1" in answer.out
    one = shown(shop, 1)
    assert (one["status"], one["severity"], one["owner"]) == ("open", "error", "customer-insight")
    assert one["dataset"] == "fct_active_customers" and not one["were_readers_hit"] and one["hit_s"] == 0
    assert {"customers_360", "kpis", "campaign_audience"} <= {each["name"] for each in one["hit"]["datasets"]}
    assert {each["name"] for each in one["hit"]["exposures"]} >= {"campaign", "dashboard"}
    assert one["hit"]["columns"] == ["is_active"]
    assert "the edit of fct_active_customers" in one["probably"]["what"]
    (mail,) = mailbox.mails
    text = mail.get_body(("plain",)).get_content()
    assert mail["To"] == "insight@shop.example" and "fct_active_customers" in mail["Subject"]
    assert "readers: never saw it" in text and "http://127.0.0.1:8080/incidents/1" in text and "campaign" in text
    assert told(chat) == [("opened", "fct_active_customers")]
    assert one["detect_s"] < 30 and told_after_s < 30
    print(f"from the edit to incident and alert: {told_after_s:.2f} s")  # seen with -s
    path, seven, ninety = FATAL
    shop.edit(path, ninety, seven)
    assert "incident 1 resolved" in shop.dryland("apply", "--yes", "-q").out
    assert told(chat)[1:] == [("resolved", "fct_active_customers")]
    assert "resolved" in mailbox.mails[1]["Subject"]


def test_bad_rows_that_arrive_are_one_incident_until_they_are_repaired(shop, mailbox: Mailbox, chat: Hook) -> None:
    """Nulls, duplicates and a third of the volume fail dozens of checks downstream; people hear of few causes."""
    advance(shop.root / "shop", corrupt="all")
    ingest(shop.root / "shop", shop.root / "warehouse.duckdb")
    arrived = time.monotonic()
    outcome = shop.dryland("run", "--yes", "--json", code=1).json
    known_after_s = time.monotonic() - arrived
    failing = [each for each in outcome["verdicts"] if each["status"] in ("fail", "error")]
    opened = [each for each in outcome["incidents"] if each["change"] == "opened"]
    assert 0 < len(opened) < len(failing)
    one = shown(shop, opened[0]["id"])
    assert not one["were_readers_hit"], "they keep the last good data"
    assert one["probably"]["what"].startswith("the load of 20") and one["probably"]["source"].startswith("source.")
    assert one["arrived_at"] < one["seen_at"] and 0 < one["detect_s"] < 60, "the load says when it was"
    events = [json.loads(body)["event"] for _, body in chat.posts]
    assert len(events) == 1, "one message, however many causes"
    print(f"{len(failing)} checks said no: {len(opened)} incidents, known {known_after_s:.2f} s after the load,")
    repair(shop.root / "shop")
    ingest(shop.root / "shop", shop.root / "warehouse.duckdb")
    again = shop.dryland("run", "--yes", "--json").json
    assert {each["id"] for each in again["incidents"] if each["change"] == "resolved"} == {e["id"] for e in opened}
    assert all(event == "resolved" for event, _ in told(chat)[len(opened) :])
    print(f"resolved {shown(shop, opened[0]['id'])['resolve_s']:.2f} s after they were seen")


def test_bad_data_that_went_live_are_found_by_a_check_and_gone_after_a_rollback(shop, mailbox: Mailbox) -> None:
    path, check = (
        "models/features/features.yml",
        "          - share_between: { arguments: { at_least: 0.05, at_most: 0.35 } }\n",
    )
    shop.edit(path, check, "")
    shop.edit(path, MONITOR, "")
    shop.edit(*FATAL)
    shop.dryland("apply", "--yes", "-q", "-m", "widen the window")
    live = shop.content()
    shop.edit(
        path,
        "name: is_active\n        description: '{{ doc(\"active\") }}'\n        data_tests:\n          - not_null\n",
        "name: is_active\n        description: '{{ doc(\"active\") }}'\n        data_tests:\n          - not_null\n"
        + check,
    )
    answer = shop.dryland("check", "-s", "fct_active_customers", code=1)
    assert "incident 1 opened (customer-insight)" in answer.out
    one = shown(shop, 1)
    assert one["are_readers_hit"] and one["safe_at"] is None
    assert one["probably"]["what"].startswith("release 2 (widen the window)")
    assert one["probably"]["do"] == "`dryland rollback -e prod` brings back what they saw before"
    assert "readers: see it now" in mailbox.mails[0].get_body(("plain",)).get_content()
    answer = shop.dryland("rollback", "--yes")
    assert "incident 1 resolved" in answer.out
    assert shop.content() != live
    over = shown(shop, 1)
    assert over["status"] == "resolved" and over["hit_s"] >= over["resolve_s"] > 0
    assert "saw it for" in mailbox.mails[1].get_body(("plain",)).get_content()
