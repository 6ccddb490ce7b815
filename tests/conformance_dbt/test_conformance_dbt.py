"""What dbt makes of a project, Dryland makes of it: relation by relation, verdict by verdict, on every warehouse."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from dbt_process import DBT, DbtProcess
from on_duckdb import OnDuckDB
from on_postgres import OnPostgres
from play import play
from published import Warehouse
from story import Story, all_stories

from postgres_server import Server

pytestmark = [
    pytest.mark.dbt,
    pytest.mark.slow,
    pytest.mark.skipif(not DBT.exists(), reason=f"dbt is missing: there is no {DBT}"),
]


@pytest.fixture(scope="module")
def dbt() -> Iterator[DbtProcess]:
    """One process of dbt for all projects."""
    with DbtProcess() as process:
        yield process


def parameters(warehouse: str) -> list[object]:
    """The projects that there are on a kind of warehouse.

    One that Dryland cannot do yet must fail, so that nobody forgets to say when it can.
    """
    return [_parameter(story) for story in all_stories(warehouse) if not story.not_here]


def _parameter(story: Story) -> object:
    marks = [pytest.mark.xfail(reason=story.not_yet, raises=AssertionError, strict=True)] if story.not_yet else []
    return pytest.param(story, id=story.name, marks=marks)


@pytest.mark.parametrize("story", parameters("duckdb"))
def test_the_same_outcome(story: Story, dbt: DbtProcess, tmp_path: Path) -> None:
    _verify(story, dbt, tmp_path, OnDuckDB())


@pytest.mark.parametrize("story", parameters("postgres"))
def test_the_same_outcome_on_postgres(
    story: Story, dbt: DbtProcess, tmp_path: Path, postgres_server: Server
) -> None:  # fmt: skip
    _verify(story, dbt, tmp_path, OnPostgres(postgres_server))


def _verify(story: Story, dbt: DbtProcess, folder: Path, warehouse: Warehouse) -> None:
    played = play(story, dbt, folder, warehouse)
    assert not played.differences, "\n".join(played.differences)
    assert played.relations + played.verdicts + played.lists, "nothing was compared"
