"""A run is remembered however it ends, and a release knows the one before it."""

from __future__ import annotations

import pytest

from dryland.state.records import Run
from dryland.state.store import open_state


def last_run(workspace) -> Run:
    state = open_state(workspace.root / ".dryland/state.db")
    try:
        return state.runs(limit=1)[0]
    finally:
        state.close()


def releases(workspace) -> list[tuple[int, int | None, str]]:
    found = workspace.dryland("release", "list", "--json").json["releases"]
    return [(each["id"], each["parent"], each["status"]) for each in found]


@pytest.mark.slow
def test_a_release_follows_the_one_that_was_live(released) -> None:
    released.edit("models/marts/customer_orders.sql", "    c.name,\n", "    upper(c.name) as name,\n")
    released.dryland("apply", "--yes")
    assert releases(released) == [(2, 1, "live"), (1, None, "superseded")]
    run = last_run(released)
    assert (run.verb, run.status, run.summary["release"], run.summary["built"]) == ("apply", "done", 2, 1)


def test_a_publication_that_fails_is_remembered_with_its_run_and_changes_nothing(released) -> None:
    """Somebody makes a table under the new model's name while it is built."""
    before = released.content()
    released.write(
        "models/marts/late.sql",
        """
        {{ config(post_hook="create table main.late as select 'theirs' as whose") }}
        select 1 as one
        """,
    )
    answer = released.dryland("apply", "--yes", code=2)
    assert "did not make stand at main.late" in answer.err
    assert releases(released) == [(2, 1, "abandoned"), (1, None, "live")]
    run = last_run(released)
    assert run.status == "failed" and "late" in str(run.summary["error"])
    assert {name: rows for name, rows in released.content().items() if name != "late"} == before
    assert released.sql("select whose from main.late") == [("theirs",)]


def test_a_refused_run_is_remembered_and_is_no_release(released) -> None:
    released.edit("models/staging/stg_orders.sql", "id as order_id", "1 as order_id")
    released.dryland("apply", "--yes", code=1)
    run = last_run(released)
    assert (run.status, run.summary["status"], run.summary["release"]) == ("refused", "refused", None)
    assert [each for each in releases(released) if each[0] != 1] == []
