"""A build that two environments want at once is made once; garbage is not collected from under anybody's hands."""

from __future__ import annotations

import os
import signal

import pytest

from team import SHARED, hears, said, worlds

pytestmark = pytest.mark.slow  # processes, real servers


def runs_by_environment(team) -> dict[str, dict]:
    return {run["environment"]: run for run in team.at_work()["runs"]}


@worlds(*SHARED)
def test_of_two_that_want_the_same_build_one_makes_it_and_the_other_waits(team) -> None:
    with team.closed() as gate:
        team.write("models/slow.sql", f"select 7 as x where {gate}")
        team.write("models/c.sql", "select x from {{ ref('slow') }}")
        first = team.start("apply", "--yes", "-e", "dev_ana")
        team.until_builds("dev_ana")
        team.until(lambda: team.builds_of("b"))
        second = team.start("apply", "--yes", "-e", "dev_bo", "--threads", "1")
        told = hears(second, " waits: ")
        assert f"(pid {first.pid}, apply, run 1) since" in told
        assert told.endswith(" builds it for dev_ana\n")
    said(first)
    said(second)
    assert [len(team.builds_of(name)) for name in ("a", "b", "slow", "c")] == [1, 1, 1, 1]
    built = {name: run["said"] for name, run in runs_by_environment(team).items()}
    assert built["dev_ana"] == "release 1, 4 built"
    assert team.rows("select x from main__dev_bo.c") == team.rows("select x from main__dev_ana.c") == [(7,)]


@worlds(*SHARED)
def test_whoever_waits_for_a_build_makes_it_when_its_builder_dies(team) -> None:
    with team.closed() as gate:
        team.write("models/slow.sql", f"select 7 as x where {gate}")
        first = team.start("apply", "--yes", "-e", "dev_ana")
        team.until_builds("dev_ana")
        team.until(lambda: team.builds_of("b"))
        second = team.start("apply", "--yes", "-e", "dev_bo")
        hears(second, "slow waits: ")
        os.kill(first.pid, signal.SIGKILL)
        first.wait()
    said(second)
    assert team.rows("select x from main__dev_bo.slow") == [(7,)]
    assert len(team.builds_of("slow")) == 1
    assert {name: run["status"] for name, run in runs_by_environment(team).items()} == {
        "dev_ana": "lost", "dev_bo": "done",
    }  # fmt: skip


@worlds(*SHARED)
def test_a_build_that_one_could_not_make_is_tried_by_the_other(team) -> None:
    with team.closed() as gate:
        team.write("models/slow.sql", f"select 1 / (case when {gate} then 0 end) as x")
        first = team.start("apply", "--yes", "-e", "dev_ana")
        team.until_builds("dev_ana")
        second = team.start("apply", "--yes", "-e", "dev_bo")
        hears(second, "slow waits: ")
    assert "division by zero" in said(first, 3)
    assert "division by zero" in said(second, 3)


@worlds(*SHARED)
def test_gc_leaves_alone_what_others_are_making(team) -> None:
    """Candidates that are in no release yet, what is to be reused, and what a killed run left that is wanted again."""
    team.dryland("apply", "--yes")
    with team.closed() as gate:
        team.write("models/a.sql", "select 5 as x\n")
        team.write("models/slow.sql", f"select 7 as x where {gate}")
        first = team.start("apply", "--yes")
        team.until_builds()
        team.until(lambda: len(team.builds_of("b")) == 2)
        made = team.builds_of("a") + team.builds_of("b")
        assert "dropped 0 builds" in team.dryland("gc", "--yes", "--wait=0").out
        assert team.builds_of("a") + team.builds_of("b") == made
    said(first)
    assert team.rows("select x from b") == [(6,)]
    assert team.building() == []


@worlds(*SHARED)
def test_what_a_dead_run_made_is_collected(team) -> None:
    team.dryland("apply", "--yes")
    with team.closed() as gate:
        team.write("models/a.sql", "select 5 as x\n")
        team.write("models/slow.sql", f"select 7 as x where {gate}")
        first = team.start("apply", "--yes")
        team.until(lambda: len(team.builds_of("b")) == 2)
        os.kill(first.pid, signal.SIGKILL)
        first.wait()
        team.dryland("gc", "--yes", "--wait=0")
        assert [len(team.builds_of(name)) for name in ("a", "b", "slow")] == [1, 1, 0]
