"""Whoever asked to be told is told how it ended, and a release is out before anybody hears of it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

JOURNAL = "notifications:\n  - {name: journal, file: journal.jsonl, on: [published, refused, blocked, failed]}\n"


@pytest.fixture
def telling(released):
    released.write("dryland.yml", JOURNAL)
    return released


def hears_ctrl_c() -> None:
    """What a shell starts in the background is deaf to it, and so would be what we start."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def told(workspace) -> list[tuple[str, str]]:
    lines = (workspace.root / "journal.jsonl").read_text().splitlines()
    return [(line["event"], line["error"]) for line in map(json.loads, lines)]


def test_a_release_that_goes_out_is_told(telling) -> None:
    telling.edit("models/marts/customer_orders.sql", "    c.name,\n", "    upper(c.name) as name,\n")
    telling.dryland("apply", "--yes")
    assert told(telling) == [("published", "")]


def test_what_the_gate_refuses_is_told(telling) -> None:
    telling.edit("models/staging/stg_orders.sql", "id as order_id", "1 as order_id")
    telling.dryland("apply", "--yes", code=1)
    assert told(telling) == [("refused", "")]


def test_a_hook_that_fails_is_told_with_its_reason(telling) -> None:
    telling.edit("dbt_project.yml", "profile: shop\n", 'profile: shop\non-run-start: "select * from nowhere"\n')
    telling.edit("models/marts/customer_orders.sql", "    c.name,\n", "    upper(c.name) as name,\n")
    telling.dryland("apply", "--yes", code=3)
    [(event, error)] = told(telling)
    assert event == "failed" and "on-run-start failed" in error and "nowhere" in error


@pytest.mark.slow
def test_ctrl_c_while_a_webhook_hangs_says_that_the_release_is_out(released) -> None:
    asked = threading.Event()
    go_on = threading.Event()

    class Hanging(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.set()
            go_on.wait(20)

    server = HTTPServer(("127.0.0.1", 0), Hanging)
    thread = threading.Thread(target=server.handle_request)
    thread.start()
    released.write(
        "dryland.yml", f"notifications:\n  - {{name: slow, webhook: 'http://127.0.0.1:{server.server_port}/'}}\n"
    )
    released.edit("models/marts/customer_orders.sql", "    c.name,\n", "    upper(c.name) as name,\n")
    process = subprocess.Popen(
        [sys.executable, "-m", "dryland", "apply", "--yes"], cwd=released.root, text=True, stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env={**os.environ, "NO_COLOR": "1"},
        preexec_fn=hears_ctrl_c,
    )  # fmt: skip
    try:
        assert asked.wait(20)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=20)
    finally:
        go_on.set()
        process.kill()
        thread.join()
        server.server_close()
    assert "Interrupted while exporting and notifying; release 2 is published." in err
    assert process.returncode == 130
    assert released.sql("select name from customer_orders where customer_id = 1") == [("ANA",)]
