"""Compares what environments, releases, plans and warehouses hold, down to rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dryland.choosing import chosen_nodes
from dryland.diff.asked import asked_by
from dryland.diff.difference import Comparison
from dryland.diff.places import Options, Places
from dryland.diff.standing import Standing, before_it, standing_after, standing_before, standing_in
from dryland.diff.warehouses import Shown, compare_warehouses, shown_on
from dryland.plan.choice import Choice
from dryland.plan.plan import Plan
from dryland.workshop import Workshop


def compared(
    workshop: Workshop, words: Sequence[str], *, before: str, after: str, choice: Choice, options: Options | None
) -> Comparison:
    """Two environments, releases or tables; `words` are those of `dryland diff`."""
    default = workshop.project.settings.default_environment
    asked = asked_by(
        words, before=before, after=after, default=default, environments=_environments(workshop),
        before_it=lambda place: before_it(workshop.state, place),
    )  # fmt: skip
    places = Places(workshop.project, workshop.engine, workshop.state, options or Options())
    if asked.tables:
        return places.compare_tables(*asked.tables)
    choice = replace(choice, include=(*choice.include, *asked.select))
    sides = standing_in(workshop.state, asked.before), standing_in(workshop.state, asked.after)
    return places.compare(*sides, chosen_nodes(workshop, choice, default))


def compared_across(
    here: Workshop, there: Workshop, names: tuple[str, str], words: Sequence[str], choice: Choice,
    options: Options | None,
) -> Comparison:  # fmt: skip
    """What an environment shows on two warehouses, which the project calls by these names."""
    is_named = bool(words) and words[0] in _environments(here)
    environment = words[0] if is_named else here.project.settings.default_environment
    models = words[1:] if is_named else words

    def shown(workshop: Workshop, name: str) -> Shown:
        found = standing_in(workshop.state, environment)
        label = f"{environment} on {name or workshop.written.warehouse.type}"
        standing = Standing(label, found.builds)
        return shown_on(workshop.engine, workshop.state, standing, workshop.written.settings.store_schema)

    only = chosen_nodes(here, replace(choice, include=(*choice.include, *models)), environment)
    sides = shown(here, names[0]), shown(there, names[1])
    return compare_warehouses(here.written, *sides, options or Options(), only)


def compared_with_plan(workshop: Workshop, plan: Plan) -> Comparison:
    """What readers see with what a plan would publish, as far as that is built already."""
    before = standing_before(workshop.state, plan)
    after = standing_after(plan, before)
    places = Places(workshop.project, workshop.engine, workshop.state, Options())
    return places.compare(before, after, after.moved_from(before))


def _environments(workshop: Workshop) -> set[str]:
    """The default one is always there, even before its first release."""
    return {workshop.project.settings.default_environment, *workshop.state.environments()}
