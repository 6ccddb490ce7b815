"""An environment has one writer at a time; whoever comes second is told who, and waits if he likes."""

from __future__ import annotations

import os
import signal
import time

import pytest

from team import LEASE_S, SHARED, WORLDS, said, worlds

pytestmark = pytest.mark.slow  # processes, real servers


@worlds(*SHARED)
def test_whoever_comes_second_is_told_who_is_at_work(team) -> None:
    team.dryland("apply", "--yes")
    with team.closed() as gate:
        team.write("models/slow.sql", f"select 1 as x where {gate}")
        first = team.start("apply", "--yes")
        held = team.until_builds()
        who = f"prod is held by {held['who']} (pid {first.pid}, apply, run 2) since {held['since'][:10]}"
        team.write("models/slow.sql", "select 2 as x\n")
        for words in (["apply"], ["rollback"], ["env", "drop", "prod_refused"]):
            answer = team.dryland(*words, "--yes", "--wait=0", code=3)
            assert who in answer.err
            assert "hint: --wait waits for it; `dryland runs` shows who is at work." in answer.err
        told = team.dryland("rollback", "--yes", "--json", "--wait=0", code=3).json
        assert (told["error"], told["holder"]["pid"], told["holder"]["verb"]) == ("HeldError", first.pid, "apply")
    said(first)


@worlds(*SHARED)
def test_whoever_waits_goes_on_from_what_the_first_left(team) -> None:
    with team.closed() as gate:
        team.write("models/slow.sql", f"select 1 as x where {gate}")
        first = team.start("apply", "--yes")
        team.until_builds()
        team.write("models/a.sql", "select 7 as x\n")
        second = team.start("apply", "--yes", "--wait")
        waiting = team.until(lambda: team.at_work()["waiting"])
        assert [(each["verb"], each["pid"]) for each in waiting] == [("apply", second.pid)]
        assert "waits" in team.dryland("runs").out
    said(first)
    told = said(second)
    assert "waiting: prod is held by" in told and f"(pid {first.pid}, apply, run 1)" in told
    assert "prod was released to since this plan was made. Planning again." in told
    assert team.rows("select x from b") == [(8,)]
    assert team.at_work()["holding"] == team.at_work()["waiting"] == []


@worlds(*SHARED)
def test_different_environments_go_on_in_parallel(team) -> None:
    team.dryland("apply", "--yes")
    with team.closed() as gate:
        team.write("models/slow.sql", f"select 1 as x where {gate}")
        first = team.start("apply", "--yes", "-e", "dev_ana")
        team.until_builds("dev_ana")
        (team.root / "models/slow.sql").unlink()
        team.write("models/a.sql", "select 3 as x\n")
        team.dryland("apply", "--yes", "--wait=0")
        team.dryland("env", "create", "dev_bo", "--wait=0")
        team.dryland("rollback", "--yes", "--wait=0")
        team.dryland("env", "drop", "dev_bo", "--yes", "--wait=0")
        assert first.poll() is None
    said(first)
    assert team.rows("select x from a") == team.rows("select x from main__dev_ana.a") == [(1,)]


@worlds(*WORLDS)
def test_after_a_kill_the_next_one_goes_on_at_once(team) -> None:
    team.dryland("apply", "--yes")
    team.write("models/slow.sql", f"select 2 as x where {team.nap(30)}")
    first = team.start("apply", "--yes")
    team.until_builds()
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    runs = team.at_work()
    assert (runs["holding"], [run["status"] for run in runs["runs"]]) == ([], ["lost", "done"])
    (team.root / "models/slow.sql").write_text("select 3 as x")
    began = time.monotonic()
    team.dryland("apply", "--yes", "--wait=0")
    assert time.monotonic() - began < 5
    assert team.rows("select x from slow") == [(3,)]


@worlds("postgres+postgres", "postgres+sqlite")
def test_whoever_was_paused_for_too_long_publishes_nothing(team) -> None:
    """Another took over, and released: what the first comes back with is of another time."""
    team.with_short_leases()
    team.dryland("apply", "--yes")
    with team.closed() as gate:
        team.write("models/a.sql", f"select 10 as x where {gate}")
        first = team.start("apply", "--yes")
        team.until_one_stands_before_it()
        os.kill(first.pid, signal.SIGSTOP)
    team.write("models/a.sql", "select 20 as x\n")
    answer = team.dryland("apply", "--yes", "--wait=0", code=3)
    assert "prod is held by" in answer.err
    team.dryland("apply", "--yes", f"--wait={3 * LEASE_S + 5}")
    assert team.rows("select x from b") == [(21,)]
    os.kill(first.pid, signal.SIGCONT)
    told = said(first, 3)
    assert team.rows("select x from b") == [(21,)]
    assert "prod was taken over" in told or "terminating connection" in told, told
    assert team.building() == []


@worlds(*WORLDS)
def test_whoever_was_paused_and_missed_by_nobody_goes_on(team) -> None:
    team.with_short_leases()
    team.dryland("apply", "--yes")
    team.write("models/a.sql", f"select 10 as x where {team.nap(1)}")
    first = team.start("apply", "--yes")
    team.until_builds()
    os.kill(first.pid, signal.SIGSTOP)
    time.sleep(1.5 * LEASE_S)
    os.kill(first.pid, signal.SIGCONT)
    said(first)
    assert team.rows("select x from b") == [(11,)]


@worlds("duckdb+sqlite", "postgres+postgres")
def test_a_refused_release_keeps_its_candidates_under_the_same_lease(team) -> None:
    team.write("models/a.yml", "models: [{name: a, columns: [{name: x, tests: [not_null]}]}]\n")
    team.dryland("apply", "--yes")
    team.write("models/a.sql", "select cast(null as integer) as x\n")
    team.dryland("apply", "--yes", code=1)
    assert "prod_refused" in team.dryland("env", "list").out
    team.write("models/a.sql", "select 5 as x\n")
    team.dryland("apply", "--yes")
    assert "prod_refused" not in team.dryland("env", "list").out
