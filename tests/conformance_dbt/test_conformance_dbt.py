"""What dbt makes of a project, Dryland makes of it: relation by relation, verdict by verdict."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from dbt_process import DBT, DbtProcess
from play import play
from story import Story, all_stories

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


def parameter(story: Story) -> object:
    """A project; one that Dryland cannot do yet must fail, so that nobody forgets to say when it can."""
    marks = [pytest.mark.xfail(reason=story.not_yet, raises=AssertionError, strict=True)] if story.not_yet else []
    return pytest.param(story, id=story.name, marks=marks)


@pytest.mark.parametrize("story", [parameter(story) for story in all_stories()])
def test_the_same_outcome(story: Story, dbt: DbtProcess, tmp_path: Path) -> None:
    played = play(story, dbt, tmp_path)
    assert not played.differences, "\n".join(played.differences)
    assert played.relations + played.verdicts + played.lists, "nothing was compared"
