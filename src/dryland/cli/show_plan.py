"""Renders a plan for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import click

from dryland.plan.plan import Change, Plan
from dryland.plan.render import sql_diff
from dryland.project.project import Project

SYMBOLS = {"added": ("+", "green"), "changed": ("~", "yellow"), "removed": ("-", "red"), "rebuilt": (">", "blue"),
           "moved": (">", "blue"), "renamed": ("=", "cyan")}  # fmt: skip
CATEGORIES = {"breaking": "red", "non_breaking": "green", "metadata": "cyan"}
SHOWN_MAX = 30  # changes of a kind that is listed in full; the first release of a big project would scroll away


def plan_lines(plan: Plan, project: Project, *, sql: bool = False, explain: bool = False) -> Iterator[str]:
    """The plan, line by line."""
    if plan.is_empty:
        yield _nothing(plan)
        yield from _notes(plan)
        return
    yield click.style(f"{plan.environment}: ", bold=True) + (_counts(plan.changes) or "views are made again")
    for kind in SYMBOLS:
        same = [change for change in plan.changes if change.change == kind]
        for change in same[:SHOWN_MAX]:
            yield from _change(change, project)
            if sql and change.change == "changed" and change.sql_before != change.sql_after:
                yield from _diff(change)
        if len(same) > SHOWN_MAX:
            yield f"  ... and {len(same) - SHOWN_MAX} more {kind}"
    if explain:
        yield from _steps(plan, project)
    yield ""
    yield _work(plan, project)
    yield from _notes(plan)
    yield from _untranslated(plan, project)
    if plan.in_the_way:
        yield click.style("in the way: ", fg="red") + ", ".join(str(relation) for relation in plan.in_the_way)
        yield "  Dryland did not make these. `--adopt` moves them into the store; a rollback brings them back."
    for problem in plan.torn:
        yield click.style("in the way: ", fg="red") + problem


def _untranslated(plan: Plan, project: Project) -> Iterator[str]:
    """What the warehouse has no words for, with what to do about it."""
    if not plan.untranslated:
        return
    head = f"not translated from {project.settings.dialect or 'its dialect'} to {project.warehouse.type}:"
    yield click.style(head, fg="red")
    for each in plan.untranslated:
        yield f"  {each.line}"
        if each.hint:
            yield f"    hint: {each.hint}"
    yield "  Nothing is applied until this is mended, or left out (--exclude)."


def _nothing(plan: Plan) -> str:
    if plan.verb == "run":
        return f"Nothing moved in {plan.environment}."
    said = plan.environment if plan.only is None else f"what is selected of {plan.environment}"
    return f"Nothing to do: {said} is what the project says."


def _counts(changes: tuple[Change, ...]) -> str:
    counted: Counter[str] = Counter(change.change for change in changes)
    return ", ".join(f"{counted[kind]} {kind}" for kind in SYMBOLS if counted[kind])


def _change(change: Change, project: Project) -> Iterator[str]:
    symbol, colour = SYMBOLS[change.change]
    category = (
        f" {click.style(change.category.replace('_', '-'), fg=CATEGORIES[change.category])}" if change.category else ""
    )
    reason = "" if change.change == "added" else click.style(f"  {change.reason}", dim=True)
    yield f"  {click.style(symbol, fg=colour)} {project.name_of(change.node)}{category}{reason}"
    for word, columns in (
        ("adds", change.columns_added),
        ("removes", change.columns_removed),
        ("alters", change.columns_altered),
    ):
        if columns:
            yield f"      {word} {', '.join(columns)}"
    if change.name_before:
        yield f"      published as {change.name_after} instead of {change.name_before}"
    if change.rows_altered and change.change in ("changed", "rebuilt"):
        yield "      alters which rows there are"
    for reader, columns in change.reader_columns.items():
        yield f"      hits {project.name_of(reader)}: {', '.join(columns)}"
    for exposure in change.exposures:
        yield f"      hits exposure {click.style(project.name_of(exposure), bold=True)}"
    for view in change.others:
        yield f"      hits {click.style(view, bold=True)}, a view of somebody else"


def _diff(change: Change) -> Iterator[str]:
    colours = {"+": "green", "-": "red", "@": "cyan"}
    for line in sql_diff(change).splitlines():
        yield "      " + click.style(line, fg=colours.get(line[:1]))


def _steps(plan: Plan, project: Project) -> Iterator[str]:
    yield ""
    for step in plan.steps:
        key = f"  {step.key}" if step.key else ""
        yield f"  {step.action:<8}{project.name_of(step.node)}  {click.style(step.reason + key, dim=True)}"


def _work(plan: Plan, project: Project) -> str:
    from dryland.plan.compose import with_ephemeral  # a plan without work is told without SQL

    counted: Counter[str] = Counter(step.action for step in plan.steps)
    words = [f"{action} {counted[action]}" for action in ("build", "reuse", "publish", "drop") if counted[action]]
    words += [f"check {len(plan.checks)}"] if plan.checks else []
    built = with_ephemeral(plan.nodes_to("build") if plan.verb == "apply" else (), project)
    tests = sum(test.model in built for test in project.unit_tests.values())
    return "will " + ", ".join([*words, *([f"unit-test {tests}"] if tests else [])])


def _notes(plan: Plan) -> Iterator[str]:
    for note in plan.notes:
        yield click.style("note: ", fg="cyan") + note
