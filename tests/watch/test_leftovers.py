"""A verb that is killed before its incidents are written down leaves them to whoever comes next."""

from __future__ import annotations

import signal
import subprocess
import sys
from typing import Any

import pytest

KILLED_IN = """
import os, signal, sys
import {module} as module

def killed(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

module.{function} = killed
from dryland.cli import main
sys.argv = ["dryland", {words}]
main()
"""
WARNED = "data_tests: [not_null, {accepted_values: {values: [1], severity: warn}}]\n"
BEFORE_NOTING = ("dryland.applying", "note_outcome")
BEFORE_THE_END = ("dryland.release.carry_out", "_note_end")


def killed(workspace: Any, place: tuple[str, str], *words: str) -> None:
    """Run a verb that is killed at a place."""
    script = KILLED_IN.format(module=place[0], function=place[1], words=", ".join(map(repr, words)))
    done = subprocess.run([sys.executable, "-c", script], cwd=workspace.root, capture_output=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()


def incidents(workspace: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = workspace.dryland("incident", "list", "--json").json["incidents"]
    return found


@pytest.fixture
def warned(released: Any) -> Any:
    """A project whose next release shows readers something that a check warns of."""
    released.write("dryland.yml", "incidents: {warnings: true}\n")
    released.edit("models/schema.yml", "data_tests: [not_null]\n", WARNED)
    released.edit("models/marts/customer_orders.sql", "as revenue", "+ 1 as revenue")
    return released


@pytest.mark.slow
@pytest.mark.parametrize("place", [BEFORE_NOTING, BEFORE_THE_END], ids=["noting", "end"])
def test_what_a_killed_release_showed_is_noted_by_the_next_verb_once(warned: Any, place: tuple[str, str]) -> None:
    killed(warned, place, "apply", "--yes", "-q")
    assert incidents(warned) == []
    assert "Nothing to do" in warned.dryland("apply", "--yes", "-q").out, "the release itself stands"
    (one,) = incidents(warned)
    assert (one["dataset"], one["severity"], one["are_readers_hit"]) == ("customer_orders", "warn", True)
    warned.dryland("apply", "--yes", "-q")
    shown = warned.dryland("incident", "show", "1", "--json").json
    assert [each["kind"] for each in shown["history"]] == ["opened"], "nobody notes it a second time"


@pytest.mark.slow
def test_what_was_refused_is_noted_although_it_is_mended_by_then(released: Any) -> None:
    """The gate kept readers from it, the verb was killed, and the next one finds everything well."""
    released.edit("models/staging/stg_orders.sql", "id as order_id", "1 as order_id")
    killed(released, BEFORE_NOTING, "apply", "--yes", "-q")
    assert incidents(released) == []
    released.edit("models/staging/stg_orders.sql", "1 as order_id", "id as order_id")
    released.dryland("apply", "--yes", "-q")
    (one,) = incidents(released)
    assert (one["dataset"], one["were_readers_hit"], one["about"]) == ("stg_orders", False, "release")
    assert one["status"] == "resolved"


@pytest.mark.slow
def test_what_a_killed_release_mended_is_over_after_the_next_verb(released: Any) -> None:
    released.edit("models/staging/stg_orders.sql", "id as order_id", "1 as order_id")
    released.dryland("apply", "--yes", "-q", code=1)
    released.edit("models/staging/stg_orders.sql", "1 as order_id", "id + 1 as order_id")
    killed(released, BEFORE_NOTING, "apply", "--yes", "-q")
    assert [each["status"] for each in incidents(released)] == ["open"]
    released.dryland("apply", "--yes", "-q")
    assert [each["status"] for each in incidents(released)] == ["resolved"]


BEFORE_THE_DROP = ("dryland.release.carry_out", "_drop_refused")
BEFORE_ITS_END = ("dryland.release.environments", "_drop_kept_failures")
BEFORE_IT_IS_FILLED = ("dryland.release.carry_out", "fill")


def environments(workspace: Any) -> list[str]:
    return [each["name"] for each in workspace.dryland("env", "list", "--json").json["environments"]]


@pytest.mark.slow
@pytest.mark.parametrize("verb", [("apply", "--yes", "-q"), ("gc", "--yes")], ids=["apply", "gc"])
@pytest.mark.parametrize("place", [BEFORE_THE_DROP, BEFORE_ITS_END], ids=["drop", "end"])
def test_what_was_kept_of_a_refused_release_goes_with_the_next_verb(released: Any, place: Any, verb: Any) -> None:
    """A good release has answered it, and the process was killed while it dropped what was kept."""
    released.edit("models/staging/stg_orders.sql", "id as order_id", "1 as order_id")
    released.dryland("apply", "--yes", "-q", code=1)
    released.dryland("gc", "--yes")
    assert environments(released) == ["prod", "prod_refused"], "nothing has answered it yet"
    released.edit("models/staging/stg_orders.sql", "1 as order_id", "id + 1 as order_id")
    killed(released, place, "apply", "--yes", "-q")
    assert environments(released) == ["prod", "prod_refused"]
    released.dryland(*verb)
    assert environments(released) == ["prod"]


@pytest.mark.slow
def test_what_was_to_be_kept_of_a_refused_release_and_was_not_is_gone_after_gc(released: Any) -> None:
    released.edit("models/staging/stg_orders.sql", "id as order_id", "1 as order_id")
    killed(released, BEFORE_IT_IS_FILLED, "apply", "--yes", "-q")
    assert environments(released) == ["prod", "prod_refused"]
    released.dryland("gc", "--yes")
    assert environments(released) == ["prod"]
