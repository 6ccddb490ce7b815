"""Renders the table of docs/dbt-compatibility.md from what the harness's projects show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from story import Feature, Story

HEADER = ("| feature of dbt | on DuckDB | on PostgreSQL | shown by |", "| --- | --- | --- | --- |")


def render_table(stories: Iterable[Story], on_postgres: Iterable[Story]) -> str:
    """One row for each feature, below a row for its area; areas and projects by name."""
    there = {story.name: story for story in on_postgres}
    lines = [*HEADER]
    area = ""
    for story in sorted(stories, key=lambda each: (each.area, each.name)):
        if story.area != area:
            area = story.area
            lines.append(f"| **{area}** | | | |")
        lines += _rows(story, there)
    return "\n".join(lines)


def _rows(story: Story, there: Mapping[str, Story]) -> Iterator[str]:
    other = there[story.name]
    for feature, same in zip(story.features, other.features, strict=True):
        yield f"| {feature.name} | {_state(story, feature)} | {_state(other, same)} | `{story.name}` |"


def _state(story: Story, feature: Feature) -> str:
    if story.not_here:
        return f"not there: {story.not_here}"
    if story.not_yet:
        return f"not yet: {story.not_yet}"
    return f"differs on purpose: {feature.differs}" if feature.differs else "works"
