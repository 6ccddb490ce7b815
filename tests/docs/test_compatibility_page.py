"""The page on dbt's features and the harness that shows them are in step."""

from __future__ import annotations

import importlib
import os
import re
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "dbt-compatibility.md"
HARNESS = ROOT / "tests" / "conformance_dbt"
ROW = re.compile(
    r"^\| (?P<feature>[^|*]+) \| (?P<on_duckdb>[^|]+) \| (?P<on_postgres>[^|]+) \| `(?P<project>\w+)` \|$", re.MULTILINE
)
STATES = ("works", "differs on purpose: ", "not yet: ", "not there: ")


@pytest.fixture(scope="module")
def harness() -> tuple[ModuleType, ModuleType]:
    """The harness's own modules: what its projects say they show, and how the table is made of it."""
    with pytest.MonkeyPatch.context() as patched:
        patched.syspath_prepend(str(HARNESS))
        return importlib.import_module("story"), importlib.import_module("compatibility")


def rows() -> list[re.Match[str]]:
    found = list(ROW.finditer(PAGE.read_text()))
    assert len(found) > 40
    return found


def test_every_project_is_on_the_page_and_every_row_names_one() -> None:
    projects = {path.parent.name for path in HARNESS.glob("projects/*/steps.yml")}
    assert {row["project"] for row in rows()} == projects


def test_every_folder_of_the_harness_is_a_project() -> None:
    """A project without `steps.yml` would never be played."""
    folders = {path.name for path in (HARNESS / "projects").iterdir() if path.is_dir()}
    assert folders == {path.parent.name for path in HARNESS.glob("projects/*/steps.yml")}


def test_every_state_is_one_of_four() -> None:
    for row in rows():
        assert row["on_duckdb"].startswith(STATES), row[0]
        assert row["on_postgres"].startswith(STATES), row[0]


def test_every_project_can_be_played_somewhere() -> None:
    assert not [
        row[0] for row in rows() if row["on_duckdb"].startswith("not ") and row["on_postgres"].startswith("not ")
    ]


def test_no_feature_is_told_twice() -> None:
    features = [row["feature"] for row in rows()]
    assert sorted(set(features)) == sorted(features)


def test_the_table_says_what_the_harness_expects(harness) -> None:
    """`not yet` where the project must fail, `works` where it must not; `make update-cases` writes the table."""
    story, compatibility = harness
    table = compatibility.render_table(story.all_stories(), story.all_stories("postgres"))
    text = PAGE.read_text()
    if os.environ.get("UPDATE_CASES"):
        written = re.compile(r"^\| feature of dbt \|.*?(?=\n\n|\Z)", re.MULTILINE | re.DOTALL)
        PAGE.write_text(written.sub(lambda _: table, text))
    else:
        assert table in text, "the harness says something else; `make update-cases` writes the table"
