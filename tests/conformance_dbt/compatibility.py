"""Renders the table of docs/dbt-compatibility.md from what the harness's projects show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from story import Feature, Story

HEADER = ("| feature of dbt | state | shown by |", "| --- | --- | --- |")


def render_table(stories: Iterable[Story]) -> str:
    """One row for each feature, below a row for its area; areas and projects by name."""
    lines = [*HEADER]
    area = ""
    for story in sorted(stories, key=lambda each: (each.area, each.name)):
        if story.area != area:
            area = story.area
            lines.append(f"| **{area}** | | |")
        lines += _rows(story)
    return "\n".join(lines)


def _rows(story: Story) -> Iterator[str]:
    for feature in story.features:
        yield f"| {feature.name} | {_state(story, feature)} | `{story.name}` |"


def _state(story: Story, feature: Feature) -> str:
    if story.not_yet:
        return f"not yet: {story.not_yet}"
    return f"differs on purpose: {feature.differs}" if feature.differs else "works"
