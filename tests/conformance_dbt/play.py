"""Plays a project of the harness: dbt works in one copy, Dryland in another, and after each round both are compared."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml
from dbt_process import DbtAnswer, DbtProcess, words
from differences import Judgement, different_judgements, different_relations, judgements_of_dbt, judgements_of_ours
from dryland_commands import OurAnswer, dryland, dryland_works, parse_json
from published import Published, Warehouse, rows_only_in
from story import Round, Story

PACKAGES = ("packages.yml", "dependencies.yml")
BUG = 70  # how the command ends when it is our fault: never what a round expects
LISTING = ("ls", "--output", "json", "--output-keys", "unique_id")
LISTED = ("model", "seed", "snapshot")
FAILURES_OR_KEPT = ("_dbt_test__audit.", "__prod_refused.")  # schemas that a refusal fills, in parts of their names


class StoryError(Exception):
    """The project itself is wrong: dbt does something else than its rounds say."""


@dataclass(frozen=True, slots=True)
class Played:
    """What came out of a story: what was compared, and every difference as a sentence."""

    story: Story
    relations: int = 0  # compared, over all rounds; what somebody else made is compared and not counted
    verdicts: int = 0
    lists: int = 0
    differences: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()  # where only dbt has to fail, and what Dryland did


@dataclass(slots=True)
class Stage:
    """Two copies of a project, and what was found so far."""

    story: Story
    dbt: DbtProcess
    warehouse: Warehouse
    theirs: Path
    ours: Path
    foreign: set[str] = field(default_factory=set)  # relations that somebody else made
    relations: int = 0
    verdicts: int = 0
    lists: int = 0
    notes: list[str] = field(default_factory=list)

    def seen(self, copy: Path) -> dict[str, Published]:
        """What readers of a copy see."""
        return self.warehouse.published(copy, self.blotted, self.story.sorted_columns)

    @property
    def blotted(self) -> dict[str, tuple[str, ...]]:
        """The columns that are not compared, by relation."""
        return {blot.relation: blot.columns for blot in self.story.blots}


def play(story: Story, dbt: DbtProcess, folder: Path, warehouse: Warehouse) -> Played:
    """Play every round; the first one that differs is the last.

    Raises:
        StoryError: dbt does something else than the story says.
    """
    stage = Stage(story, dbt, warehouse, folder / "dbt", folder / "dryland")
    with warehouse.standing(stage.theirs, stage.ours):
        _set_the_stage(stage)
        differences: list[str] = []
        for step in story.rounds:
            differences = [f"{story.name}, round `{step.name}`: {each}" for each in _differences(stage, step)]
            if differences:
                break
    return Played(story, stage.relations, stage.verdicts, stage.lists, tuple(differences), tuple(stage.notes))


def _set_the_stage(stage: Stage) -> None:
    output = {**stage.warehouse.target(), **stage.story.profile}
    profile = {"conformance": {"target": "dev", "outputs": {"dev": output}}}
    for copy in (stage.theirs, stage.ours):
        shutil.copytree(stage.story.folder, copy, ignore=shutil.ignore_patterns("steps.yml"))
        (copy / "profiles.yml").write_text(yaml.safe_dump(profile))
        _edit(stage.story, copy)
    if any((stage.theirs / name).exists() for name in PACKAGES):
        answer = stage.dbt.run(stage.theirs, "deps")
        if not answer.success:
            raise StoryError(f"{stage.story.name}: dbt deps: {answer.reason}")


def _differences(stage: Stage, step: Round) -> list[str]:
    """Everything that differs after a round."""
    for copy in (stage.theirs, stage.ours):
        _change(stage, step, copy)
    before = stage.seen(stage.ours)
    if step is stage.story.rounds[0]:
        stage.foreign |= before.keys()
    with stage.warehouse.at_work_in(stage.theirs):
        theirs = [stage.dbt.run(stage.theirs, *words(each), environment=step.environment) for each in step.dbt]
    _expect(step, theirs)
    with stage.warehouse.at_work_in(stage.ours):
        ours = dryland_works(stage.ours, step.dryland, step.environment)
    found = list(_different_verdicts(stage, theirs, ours))
    if ours.code == BUG:
        return [*found, f"Dryland has a bug: {ours.error}"]
    if step.refused or step.both_fail:
        return [*found, *_published_in_spite(stage, before, ours)]
    if step.dbt_fails:
        stage.notes.append(f"{stage.story.name}, round `{step.name}`: dbt fails, Dryland ends with {ours.code}")
        return found
    if ours.code:
        return [*found, f"Dryland ended with {ours.code}: {ours.error}"]
    return [*found, *_different_relations(stage), *_different_lists(stage, step)]


def _change(stage: Stage, step: Round, copy: Path) -> None:
    """What happens before the round: files are edited, and somebody else writes to the warehouse."""
    _edit(step, copy)
    stage.warehouse.change(copy, step.sql)


def _edit(said: Story | Round, copy: Path) -> None:
    for path, text in said.files.items():
        if text is None:
            (copy / path).unlink()
        else:
            (copy / path).parent.mkdir(parents=True, exist_ok=True)
            (copy / path).write_text(text)
    for path, (old, new) in said.replace.items():
        before = (copy / path).read_text()
        if old not in before:
            raise StoryError(f"{said.name}: {path} does not contain {old!r}")
        (copy / path).write_text(before.replace(old, new))


def _expect(step: Round, theirs: Iterable[DbtAnswer]) -> None:
    """dbt fails where the round says so, and nowhere else."""
    failed = next((answer for answer in theirs if not answer.success), None)
    is_to_fail = bool(step.refused or step.dbt_fails or step.both_fail)
    if failed and not is_to_fail:
        raise StoryError(f"{step.name}: dbt failed, and the round does not say so: {failed.reason}")
    if not failed and is_to_fail:
        raise StoryError(f"{step.name}: dbt was to fail, and did not")


def _different_verdicts(stage: Stage, theirs: Iterable[DbtAnswer], ours: OurAnswer) -> Iterator[str]:
    said: dict[str, Judgement] = {}
    for answer in theirs:
        said |= judgements_of_dbt(answer.results)
    stage.verdicts += len(said)
    yield from different_judgements(said, judgements_of_ours(ours.verdicts))


def _published_in_spite(stage: Stage, before: Mapping[str, Published], ours: OurAnswer) -> Iterator[str]:
    """Where dbt leaves bad tables or half of the work, Dryland says no and readers keep what they had."""
    if not ours.code:
        yield "Dryland published what dbt found bad"
    for name, sentence in different_relations(before, stage.seen(stage.ours)):
        if not any(part in name for part in FAILURES_OR_KEPT):
            yield f"refused, and yet {name} is not what it was: {sentence}"


def _different_relations(stage: Stage) -> Iterator[str]:
    dbt, ours = stage.seen(stage.theirs), stage.seen(stage.ours)
    stage.relations += len(dbt.keys() - stage.foreign)
    for name, sentence in different_relations(dbt, ours):
        rows = ""
        if "rows" in sentence:
            blotted = stage.blotted.get(name, ())
            read = stage.warehouse.rows
            there, here = rows_only_in(read(stage.theirs, dbt[name], blotted), read(stage.ours, ours[name], blotted))
            rows = f"\n    only dbt:     {'; '.join(there)}\n    only Dryland: {'; '.join(here)}"
        yield f"{name}: {sentence}{rows}"


def _different_lists(stage: Stage, step: Round) -> Iterator[str]:
    """Both choose the same models, seeds and snapshots by a selector."""
    kinds = [word for kind in LISTED for word in ("--resource-types", kind)]
    for selector, ours_selector in step.lists:
        stage.lists += 1
        with stage.warehouse.at_work_in(stage.theirs):
            answer = stage.dbt.run(stage.theirs, *LISTING, *kinds, *words(selector), environment=step.environment)
        theirs = {json.loads(each)["unique_id"] for each in answer.listed}
        with stage.warehouse.at_work_in(stage.ours):
            code, out, err = dryland(stage.ours, "ls", "--json", *words(ours_selector), **step.environment)
        ours = {each["node"] for each in parse_json(out).get("nodes", [])}
        if theirs != ours:
            only = f"only dbt {sorted(theirs - ours)}, only Dryland {sorted(ours - theirs)}"
            yield f"`{selector}`: {only} {err if code else ''}"
