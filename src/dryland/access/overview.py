"""Tells who sees what of a dataset: every role, group and person that a rule names, column by column."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from dryland.access.person import ROLES, Person
from dryland.access.rights import Rights
from dryland.errors import RightsError
from dryland.plan.select import select_one
from dryland.project.project import Project
from dryland.state.records import Pointer
from dryland.state.store import State


def rights_of(project: Project, state: State, pointers: Mapping[str, Pointer], name: str) -> dict[str, Any]:
    """By person, how each column is seen: `plain`, a mask, or empty where it is not there for him."""
    dataset = select_one(project, name)
    rights = Rights(project, project.settings.access)
    columns = _columns(project, state, dataset, pointers.get(dataset))
    people = [
        {"who": who, "rule": _told(rights, person, dataset), "columns": _seen(rights, person, dataset, columns)}
        for who, person in _people(rights)
    ]
    return {"dataset": dataset, "columns": columns, "people": people}


def _columns(project: Project, state: State, dataset: str, pointer: Pointer | None) -> list[str]:
    """As they were built; else as the YAML lists them."""
    if pointer is not None:
        build = state.builds([pointer.build_key]).get(pointer.build_key)
        if build is not None and build.columns:
            return [column for column, _ in build.columns]
    return [column.name for column in project.nodes[dataset].columns]


def _people(rights: Rights) -> Iterator[tuple[str, Person]]:
    for role in ROLES:
        yield role, Person("", (role,))
    for group in rights.settings.groups:
        yield group, Person("", ("analyst",), (group,))
    named = {word for rule in rights.settings.rules for word in rule.to if word.startswith("person:")}
    for word in sorted(named):
        yield word, Person(word.removeprefix("person:"), ("analyst",))


def _told(rights: Rights, person: Person, dataset: str) -> str:
    sights = rights.sights(person, dataset)
    return f"dryland.yml:{sights.rule.line}" if sights.rule else "default"


def _seen(rights: Rights, person: Person, dataset: str, columns: list[str]) -> dict[str, str]:
    try:
        shown = rights.shown(person, dataset, columns)
    except RightsError:
        return {}
    return {column.name: column.mask or "plain" for column in shown}
