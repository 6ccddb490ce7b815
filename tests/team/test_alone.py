"""Whoever works alone hardly notices that others could be there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from dryland.platform import Platform

pytestmark = pytest.mark.medium

OF_WORK = ("writers", "leases", "claims")


@contextmanager
def about_work() -> Iterator[list[str]]:
    """Statements to the metadata about who is at work."""
    heard: list[str] = []

    def executed(_: object, __: object, statement: str, *___: object) -> None:
        if any(f" {table}" in statement.replace("\n", " ") for table in OF_WORK):
            heard.append(" ".join(statement.split()))

    sa.event.listen(sa.engine.Engine, "before_cursor_execute", executed)
    try:
        yield heard
    finally:
        sa.event.remove(sa.engine.Engine, "before_cursor_execute", executed)


def test_a_plan_asks_nobody_who_is_at_work(released) -> None:
    released.edit("models/marts/big_spenders.sql", "20", "30")
    with about_work() as heard, Platform.open(released.root) as platform:
        assert not platform.plan().is_empty
        assert not platform.plan("dev").is_empty
    assert heard == []


def test_a_release_of_one_model_takes_a_handful_of_statements(released) -> None:
    """Two small transactions, and a look within those that begin and complete the release."""
    released.edit("models/marts/big_spenders.sql", "20", "30")
    with Platform.open(released.root) as platform:
        plan = platform.plan()
        with about_work() as heard:
            assert platform.apply(plan).release is not None
    assert len(heard) <= 11, heard
    assert not [each for each in heard if "claims" in each and not each.startswith("DELETE")], "nothing is claimed"


def test_what_is_over_leaves_nobody_at_work(released) -> None:
    released.edit("models/marts/big_spenders.sql", "20", "30")
    released.dryland("apply", "--yes")
    released.dryland("env", "create", "dev")
    released.dryland("env", "drop", "dev", "--yes")
    released.dryland("rollback", "--yes")
    told = released.dryland("runs")
    assert told.out.startswith("nobody is at work\n\nrun  verb   on    status")
    found = released.dryland("runs", "--json", "--limit", "1").json
    assert (found["holding"], found["waiting"]) == ([], [])
    (run,) = found["runs"]
    assert (run["run"], run["verb"], run["environment"], run["status"], run["pid"]) == (
        2, "apply", "prod", "done", os.getpid(),
    )  # fmt: skip
    assert run["said"].startswith("release 2") and "@" in run["who"]


def test_runs_are_told_while_somebody_is_at_work(released) -> None:
    with Platform.open(released.root) as platform, platform.holding_environment("prod", "apply"):
        out = released.dryland("runs").out.splitlines()
        assert out[0].split() == ["on", "verb", "who", "pid", "run", "since", "(UTC)", "heard", "of"]
        assert out[1].split()[:5] == ["prod", "at", "work", "apply", *out[1].split()[4:5]]
        assert str(os.getpid()) in out[1] and "s ago" in out[1]


def test_a_project_without_a_release_has_no_runs(shop) -> None:
    assert shop.dryland("runs").out == "nobody is at work\n"


def test_a_failure_gives_the_lease_back(released) -> None:
    with Platform.open(released.root) as platform:
        with pytest.raises(ZeroDivisionError), platform.holding_environment("prod", "apply"):
            raise ZeroDivisionError
        assert platform.at_work().holding == ()
        with platform.holding_environment("prod", "apply"), platform.holding_environment("prod", "rollback"):
            assert [each.writer.verb for each in platform.at_work().holding] == ["apply"]
        assert platform.at_work().holding == ()


@pytest.mark.parametrize(
    ("line", "is_refused"),
    [
        ("state: postgresql://ana:secret@host/team", True),
        ("state: postgresql://ana@host/team?password=secret", True),
        ("state: postgresql://ana@host/team?sslmode=require&sslpassword=secret", True),
        ("state: \"postgresql://ana:{{ env_var('PASSWORD') }}@host/team\"", False),
        ("state: postgresql://ana@host/team?service=team", False),
        ("state: sqlite:///a:b@c.db", False),
    ],
)
def test_a_password_in_the_file_is_refused(released, line: str, is_refused: bool) -> None:
    from dryland.project.settings import PASSWORD

    assert bool(PASSWORD.search(line)) is is_refused
    if is_refused:
        released.write("dryland.yml", f"{line}\n")
        answer = released.dryland("plan", code=2)
        assert "dryland.yml:1: `state` has a password in it." in answer.err
        assert "secret" not in answer.err
