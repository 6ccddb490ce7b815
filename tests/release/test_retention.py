"""What is collected as garbage takes along what was said of it; what was said of code goes with its time."""

from __future__ import annotations

import json

import pytest

UNIT = """
unit_tests:
  - name: big_ones_only
    model: big_spenders
    given:
      - input: ref('customer_orders')
        rows: [{customer_id: 1, revenue: 20}, {customer_id: 2, revenue: 121}]
    expect:
      rows: [{customer_id: 2}]
"""


def said(workspace) -> list[str]:
    """Check hashes of what is remembered of unit tests, oldest first."""
    workspace.dryland("state", "dump", "metadata.jsonl")
    lines = [json.loads(line) for line in (workspace.root / "metadata.jsonl").read_text().splitlines()]
    rows = [line[1] for line in lines if isinstance(line, list) and line[0] == "verdicts"]
    return [row["body"]["check_hash"] for row in sorted(rows, key=lambda row: row["at"]) if not row["body"]["builds"]]


@pytest.mark.slow
def test_old_verdicts_of_unit_tests_go_with_the_releases_of_their_time(released) -> None:
    released.write("models/unit.yml", UNIT)
    released.write("dryland.yml", "retention: {releases: 1}\n")
    for number in (30, 40, 50):
        released.edit("models/marts/big_spenders.sql", "revenue >", f"revenue > {number} and revenue >")
        released.dryland("apply", "--yes")
    first, second, third = said(released)
    released.dryland("gc", "--yes", "--dry-run")
    assert said(released) == [first, second, third]
    released.dryland("gc", "--yes")
    assert said(released) == [third]
    (verdict,) = released.dryland("test", "--json").json["verdicts"]
    assert verdict["cached"], "the newest is remembered"
