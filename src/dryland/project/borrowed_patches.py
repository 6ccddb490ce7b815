"""Gives nodes what other packages say of them: YAML may describe, configure and test a model of any package."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from dryland.project.config import from_project
from dryland.project.layout import Layout
from dryland.project.properties import Patch, Properties, files_below

KINDS = (("models", "model", (".sql", ".py")), ("seeds", "seed", (".csv",)))  # section, folders, endings


def with_borrowed_patches(
    layouts: Sequence[Layout], properties: Mapping[str, Properties]
) -> dict[str, Properties]:  # fmt: skip
    """The same, with an entry about a node that its package does not have standing beside the nodes it means.

    What a package says of its own node goes first, and entries without any such node stay where they are.
    """
    found = dict(properties)
    for section, kind, endings in KINDS:
        wanted = {layout.name: frozenset(_wanted(layout, layouts[0], section, kind, endings)) for layout in layouts}
        for layout in layouts:
            for patch in list(getattr(properties[layout.name], section).values()):
                if patch.name not in wanted[layout.name]:
                    _lend(patch, layout.name, section, wanted, found)
    return found


def _lend(
    patch: Patch, lender: str, section: str, wanted: Mapping[str, frozenset[str]], found: dict[str, Properties]
) -> None:
    for package, names in wanted.items():
        own: Mapping[str, Patch] = getattr(found[package], section)
        if patch.name in names and patch.name not in own:
            lent = {**own, patch.name: replace(patch, package=lender)}
            left = {name: each for name, each in getattr(found[lender], section).items() if name != patch.name}
            found[package], found[lender] = _with(found[package], section, lent), _with(found[lender], section, left)
            return


def _with(properties: Properties, section: str, patches: dict[str, Patch]) -> Properties:
    if section == "seeds":
        return replace(properties, seeds=patches)
    return replace(properties, models=patches)


def _wanted(layout: Layout, own: Layout, section: str, kind: str, endings: tuple[str, ...]) -> Iterator[str]:
    """Names of a package's files that no dbt_project.yml switches off."""
    for folder in layout.folders(kind):
        for path in files_below(layout.root, [folder], endings):
            fqn = (layout.name, *path.relative_to(layout.root / folder).parent.parts, path.stem)
            told = from_project(layout.section(section), fqn)
            if layout is not own:
                told |= from_project(own.section(section), fqn)
            if told.get("enabled", True):
                yield path.stem
