"""What only moves pointers parses no SQL: verbs that do not need it do not wait for it to be imported."""

from __future__ import annotations

import pytest

NEEDLESS = ("sqlglot", "sqlalchemy.dialects.postgresql", "dryland.build.execute")


@pytest.mark.parametrize("verb", [("env", "create", "dev_ana"), ("rollback", "--yes")], ids=" ".join)
def test_pointers_are_moved_without_what_builds_need(released, verb) -> None:
    released.edit("models/marts/big_spenders.sql", "20", "30")
    released.dryland("apply", "--yes")
    done = released.process(*verb, PYTHONPROFILEIMPORTTIME="1")
    imported = {line.rpartition("|")[2].strip() for line in done.err.splitlines() if "|" in line}
    assert "dryland.release.publish" in imported
    assert not imported & set(NEEDLESS)
