"""A kept project is never an old one: every edit is seen, and nothing of another's is read."""

from __future__ import annotations

import os
from typing import Any

import pytest

from dryland.project import kept


def test_a_project_that_grows_is_planned_as_it_was_kept(one_table, monkeypatch) -> None:
    """Whether a strategy is the team's own is written down with the node: nothing has to be read for it again."""
    one_table.write("models/b.sql", "{{ config(materialized='incremental') }} select id from {{ ref('a') }}")
    one_table.write(
        "snapshots/c.sql",
        "{% snapshot c %}{{ config(strategy='check', unique_key='id', check_cols='all') }} "
        "select * from {{ ref('a') }}{% endsnapshot %}",
    )
    one_table.dryland("apply", "--yes")
    one_table.dryland("plan")
    monkeypatch.setattr(kept, "_loaded", lambda asked, shelf: pytest.fail("it was read again"))
    assert one_table.building() == []


@pytest.mark.parametrize("folder", ["logs", "target", "venv", ".hidden"])
def test_a_model_is_seen_in_a_folder_of_any_name(one_table, folder) -> None:
    one_table.write(f"models/{folder}/b.sql", "select 1 as id")
    one_table.building()
    one_table.write(f"models/{folder}/b.sql", "select 2 as id, 3 as other")
    one_table.dryland("apply", "--yes")
    assert one_table.sql("select * from b") == [(2, 3)]


@pytest.mark.parametrize(
    ("kind", "file", "text"), [("model", "b.sql", "select {} as id"), ("seed", "b.csv", "id\n{}\n")]
)
def test_a_folder_outside_of_the_project_is_looked_at(one_table, workspace_at, tmp_path, kind, file, text) -> None:
    inner = workspace_at(tmp_path / "inner")
    inner.write("dbt_project.yml", f"name: shop\nversion: '1.0'\nprofile: shop\n{kind}-paths: ['../shared']\n")
    inner.write("profiles.yml", (one_table.root / "profiles.yml").read_text())
    inner.write(f"../shared/{file}", text.format(1))
    inner.building()
    inner.write(f"../shared/{file}", text.format(22))
    inner.dryland("apply", "--yes")
    assert inner.sql("select * from b") == [(22,)]


@pytest.mark.parametrize("change", ["select 22 as id", None])
def test_what_changes_while_it_is_read_is_read_again(one_table, monkeypatch, change) -> None:
    one_table.write("models/b.sql", "select 1 as id")
    real, times = kept._loaded, iter([True])

    def slow(asked: Any, shelf: Any) -> Any:
        found = real(asked, shelf)
        if next(times, False):
            one_table.write("models/b.sql", change) if change else (one_table.root / "models/b.sql").unlink()
        return found

    monkeypatch.setattr(kept, "_loaded", slow)
    assert ("b" in one_table.building()) is bool(change)
    monkeypatch.setattr(kept, "_loaded", real)
    assert ("b" in one_table.building()) is bool(change)
    if change:
        one_table.dryland("apply", "--yes")
        assert one_table.sql("select * from b") == [(22,)]


def test_what_is_half_written_while_it_is_read_is_read_again(one_table, monkeypatch) -> None:
    real = kept._loaded
    states = iter(["select {{ 1", "select 22 as id"])

    def slow(asked: Any, shelf: Any) -> Any:
        """Somebody begins to write, and ends while we tell that what he wrote is wrong."""
        if text := next(states, ""):
            one_table.write("models/b.sql", text)
        try:
            return real(asked, shelf)
        finally:
            if text := next(states, ""):
                one_table.write("models/b.sql", text)

    monkeypatch.setattr(kept, "_loaded", slow)
    assert "b" in one_table.building()


def test_a_link_to_nowhere_hides_no_file(one_table) -> None:
    """Editors put such links beside the files that they have open."""
    for number in range(6):
        one_table.write(f"models/n{number}.sql", "select 1 as id")
        (one_table.root / f"models/.#n{number}.sql").symlink_to("nobody@nowhere.1")
    one_table.building()
    for number in range(6):
        one_table.write(f"models/n{number}.sql", "select 22 as id")
    one_table.dryland("apply", "--yes")
    assert [one_table.sql(f"select * from n{number}") for number in range(6)] == [[(22,)]] * 6


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="files have no owners here")
def test_what_somebody_else_wrote_is_not_unpickled(one_table, monkeypatch) -> None:
    one_table.building()
    monkeypatch.setattr(os, "getuid", lambda: 1_000_000)
    monkeypatch.setattr(kept.pickle, "loads", lambda text: pytest.fail("it was unpickled"))
    one_table.building()


def test_who_has_no_home_can_work(one_table, monkeypatch) -> None:
    def nobody(path: Any) -> Any:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(kept.Path, "expanduser", nobody)
    monkeypatch.delenv("DRYLAND_CACHE")
    assert one_table.building() == ["a"]


def test_what_appears_while_it_is_read_is_seen(one_table, monkeypatch) -> None:
    real = kept._loaded

    def slow(asked: Any, shelf: Any) -> Any:
        found = real(asked, shelf)
        if not (one_table.root / "models/c.sql").exists():
            one_table.write("models/c.sql", "select 3 as id")
        return found

    monkeypatch.setattr(kept, "_loaded", slow)
    assert "c" in one_table.building()
    monkeypatch.setattr(kept, "_loaded", real)
    assert "c" in one_table.building()
