"""A release is rolled back from a page: asked first, done once, and told how it went."""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from portal_shop import Portal, copied
from test_guard import live_of, token_on

pytestmark = pytest.mark.medium

HOLDS = "import duckdb, sys; c = duckdb.connect('warehouse.duckdb'); print('held', flush=True); sys.stdin.read()"


def roll_back(portal: Portal, number: int = 1) -> str:
    """Press the button; the page that tells how it went."""
    token = token_on(portal.page(f"/releases/{number}/rollback"))
    answer = portal.client.post(f"/releases/{number}/rollback", data={"token": token})
    assert answer.status_code == 303
    return str(answer.headers["location"])


def outcome(portal: Portal, path: str) -> str:
    """The page, once it has come to an end."""
    for _ in range(200):
        text = portal.page(path)
        if "Going back" not in text:
            return text
        time.sleep(0.05)
    raise AssertionError(text)


def test_the_page_before_says_what_would_change(own: Portal) -> None:
    text = own.page("/releases/1/rollback")
    assert "Back to release 1?" in text
    assert "Readers of prod see release 2 now." in text
    assert "Code of big_spenders" in text


def test_readers_see_the_older_release_again(own: Portal) -> None:
    text = outcome(own, roll_back(own))
    assert "Done: readers of prod see what they saw with release 1, as release 3." in text
    assert live_of(own) == 3
    assert "Readers see release 3" in own.page("/")
    assert "hostile" not in own.page("/datasets?state=good")
    log = [(each.person, each.via, each.action, each.outcome) for each in own.desk.state.audit(limit=2)]
    assert log == [("local", "", "rollback", "done"), ("local", "local", "rollback", "asked")]


def test_who_presses_twice_rolls_back_once(own: Portal) -> None:
    token = token_on(own.page("/releases/1/rollback"))
    places = {own.client.post("/releases/1/rollback", data={"token": token}).headers["location"] for _ in range(3)}
    for place in places:
        outcome(own, place)
    assert live_of(own) in (3, 4)
    assert len(places) <= 2


@pytest.mark.slow
def test_who_holds_the_warehouse_is_named(own: Portal) -> None:
    """Somebody is at work in the file: readers see what they saw, and the page says who it is."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDS],
        cwd=own.root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert holder.stdin and holder.stdout and holder.stdout.readline() == "held\n"
    try:
        place = roll_back(own)
        assert own.page("/datasets/big_spenders"), "pages answer without the warehouse"
        for _ in range(600):
            text = own.page(place)
            if "Going back" not in text:
                break
            time.sleep(0.05)
    finally:
        holder.communicate("")
    assert "could not be done" in text
    assert str(holder.pid) in text
    assert live_of(own) == 2
    assert "Done" in outcome(own, roll_back(own))


def test_nobody_is_kept_out_by_the_portal(own: Portal) -> None:
    """Between requests, and after a way back, the warehouse is free for everybody."""
    import duckdb

    own.page("/datasets/big_spenders")
    duckdb.connect(str(own.root / "warehouse.duckdb")).close()
    outcome(own, roll_back(own))
    duckdb.connect(str(own.root / "warehouse.duckdb")).close()


def test_a_release_that_was_never_live_is_not_offered(own: Portal) -> None:
    assert (
        "Bring readers back"
        not in own.page("/releases/2").partition("<main")[2].partition("This is what readers see")[2]
    )
    assert own.client.get("/releases/2/rollback").status_code == 409
    token = token_on(own.page("/releases/1/rollback"))
    assert own.client.post("/releases/2/rollback", data={"token": token}).status_code == 409
    assert own.client.post("/releases/77/rollback", data={"token": token}).status_code == 404


@pytest.mark.slow
def test_the_command_prints_its_address_and_stops_cleanly(history_once: Path) -> None:
    """A port that is free, one line with the address, and Ctrl-C."""
    import signal
    from http.client import HTTPConnection

    process = subprocess.Popen(
        [sys.executable, "-m", "dryland", "portal", "--port", "0"], cwd=history_once,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stdout
        line = process.stdout.readline()
        address = line.split()[4]
        for host, status in (("localhost", 200), ("evil.org", 421)):
            with closing(HTTPConnection(address.removeprefix("http://").rstrip("/"))) as connection:
                connection.request("GET", "/", headers={"Host": host})
                assert connection.getresponse().status == status
    finally:
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=20)
    assert process.returncode in (0, 130)
    assert "Traceback" not in said


@pytest.mark.slow
def test_the_command_serves_a_team(history_once: Path, tmp_path: Path) -> None:
    """Whoever comes to the machine's own address is led to the door, once somebody may come in."""
    import signal
    from http.client import HTTPConnection

    root = copied(history_once, tmp_path / "shop")
    words = [sys.executable, "-m", "dryland"]
    add = [*words, "access", "user", "add", "ada", "--role", "admin"]
    subprocess.run(add, cwd=root, input="several words that fit nowhere\n", text=True, check=True, capture_output=True)
    process = subprocess.Popen(
        [*words, "portal", "--port", "0", "--name", "data.example.org", "--behind-proxy", "10.0.0.1"], cwd=root,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stdout
        address = process.stdout.readline().split()[4].removeprefix("http://").rstrip("/")
        for host, path, status in (
            ("localhost", "/", 303), ("localhost", "/sign-in", 200), ("data.example.org", "/sign-in", 403),
            ("localhost", "/api/v1/health", 401), ("other.org", "/", 421),
        ):  # fmt: skip
            with closing(HTTPConnection(address)) as connection:
                connection.request("GET", path, headers={"Host": host})
                assert connection.getresponse().status == status, (host, path)
    finally:
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=20)
    assert process.returncode in (0, 130)
    assert "Traceback" not in said


def test_it_is_not_served_to_those_whom_nobody_knows(released: object) -> None:
    said = {
        ("--host", "0.0.0.0"): "is not served at 0.0.0.0 over plain http",
        ("--host", "0.0.0.0", "--plain-http"): "--name portal.example.org",
        ("--sign-in",): "dryland access user add NAME --role admin",
    }
    for words, why in said.items():
        answer = released.dryland("portal", *words, code=2)  # type: ignore[attr-defined]
        assert why in answer.err
