"""Files that `.dbtignore` names are no part of a project, as for dbt."""

from __future__ import annotations

import pytest

MODELS = {"core": False, "old/gone": True, "old/kept": False, "scratch_core": True, "tried.bak": True}


@pytest.fixture
def ignoring(shop):
    shop.write(".dbtignore", "# not ours\nmodels/old/*\n!models/old/kept.sql\nscratch_*\n*.bak.sql\nmodels/old.yml\n")
    for name in MODELS:
        shop.write(f"models/{name}.sql", "select 1 as n" if not MODELS[name] else "{{ not jinja")
    shop.write("models/old.yml", "not: [yaml")
    return shop


def names(workspace) -> set[str]:
    return {line.rpartition(".")[2] for line in workspace.dryland("ls", "--resource-type", "model").out.split()}


def test_they_are_neither_read_nor_listed(ignoring) -> None:
    assert {"core", "kept"} <= names(ignoring)
    assert not {"gone", "scratch_core", "bak"} & names(ignoring)


def test_what_it_says_by_now_counts_for_a_kept_project(ignoring) -> None:
    assert "core" in names(ignoring)
    ignoring.edit(".dbtignore", "scratch_*", "core.sql\nscratch_*")
    assert "core" not in names(ignoring)
    ignoring.edit(".dbtignore", "core.sql\n", "")
    assert "core" in names(ignoring)


def test_a_pattern_that_is_none_is_told(ignoring) -> None:
    ignoring.write(".dbtignore", "!\n")
    said = ignoring.dryland("ls", code=2).err
    assert ".dbtignore" in said and "hint" in said
