"""The demo is the first thing that people see: it plays to its end, and what it proposes works."""

from __future__ import annotations

import re
import shlex

import pytest

pytest.importorskip("dlt", reason="the demo extra is not installed: dlt is missing")
pytest.importorskip("sklearn", reason="the demo extra is not installed: scikit-learn is missing")

pytestmark = pytest.mark.slow


def test_the_demo_tells_its_story_and_leaves_a_project_to_play_with(workspace, workspace_at) -> None:
    played = workspace.process("demo", "--dir", "mine", "--customers", "6000", "--orders", "120000")
    assert "share_between_fct_active_customers" in played.out
    assert "refused: nothing was published" in played.out
    assert "prod is exactly as it was: 27 views, content hashes compared" in played.out
    assert re.search(r"the corrupt day +stopped in [\d.]+ s; (\d+) of \1 stale datasets unchanged", played.out)
    assert re.search(r"rollback +[\d.]+ s, row for row", played.out)
    assert re.search(
        r"incident 4 \(customer-insight\): fct_active_customers: share active .* is 0\.\d+; allowed", played.out
    )
    assert re.search(r"told on_call of incident 4 [\d.]+ s after it arrived", played.out)
    assert re.search(r"incident 4 resolved: release \d+ brought back what readers saw before", played.out)
    assert re.search(r"told to the CRM's webhook +8 messages", played.out)
    assert re.search(r"told to who is on call +5 messages", played.out)
    assert "CHANGED" not in played.out and "NOT E" not in played.out

    mine = workspace_at(workspace.root / "mine")
    assert "Nothing to do" in mine.process("plan").out
    proposed = [line.split("   ")[0].strip() for line in played.out.partition("Yours to play with")[2].splitlines()[1:]]
    assert len(proposed) == 7 and proposed[-1].startswith("dryland portal")
    mine.process("ls")
    assert "raw.orders.ordered_at" in mine.process(*shlex.split(proposed[1])[1:]).out
    mine.edit("models/features/fct_active_customers.sql", "interval '7 days'", "interval '90 days'")
    assert "+    coalesce(max(orders.order_date)" in mine.process("plan", "--sql").out
    mine.process(*shlex.split(proposed[3])[1:], code=1)
    assert mine.process(*shlex.split(proposed[4])[1:]).code == 0
    assert "first release" in mine.process("release", "list").out


def test_a_folder_with_something_in_it_is_left_alone(workspace) -> None:
    workspace.write("mine/diary.txt", "dear diary")
    answer = workspace.process("demo", "--dir", "mine", code=2)
    assert "mine is not empty" in answer.err and "--dir" in answer.err
    assert [path.name for path in (workspace.root / "mine").iterdir()] == ["diary.txt"]
