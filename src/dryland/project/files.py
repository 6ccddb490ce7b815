"""Reads what stands in a project's files, and lists what of it can be named."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from dryland.project import drafts as reading
from dryland.project.borrowed_patches import with_borrowed_patches
from dryland.project.docs import Docs
from dryland.project.drafts import Draft
from dryland.project.exposures import groups_of
from dryland.project.jinja.templates import Templates
from dryland.project.layout import Layout
from dryland.project.names import Candidate, Names
from dryland.project.naming import relations_of
from dryland.project.nodes import Source
from dryland.project.odcs.bind import bound
from dryland.project.odcs.contract import Contract
from dryland.project.odcs.read import contracts_in
from dryland.project.opening import Opening
from dryland.project.project import Warehouse
from dryland.project.properties import Properties, read_properties
from dryland.project.property_jinja import with_promises_rendered
from dryland.project.quoting import unquoted
from dryland.project.snapshots import read_snapshots
from dryland.project.sources import SourceReader, unique_sources
from dryland.project.unsupported import refuse
from dryland.project.uses import Group
from dryland.project.watching import Tell, Watching
from dryland.project.yaml_file import Mapped
from dryland.timings import timed
from dryland.values import dataclass

DESCRIBED = ("model", "seed", "snapshot", "analysis", "macro", "test")  # folders in which YAML and docs may stand

READERS = (
    ("models", reading.read_models),
    ("seeds", reading.read_seed_drafts),
    ("snapshots", read_snapshots),
)


@dataclass(frozen=True, slots=True)
class Files:
    """What stands in the files, before anything in them has found what it names."""

    layouts: tuple[Layout, ...]  # the project's own first, then those of its packages
    templates: Templates
    warehouse: Warehouse
    opening: Opening
    properties: Mapping[str, Properties]  # by package
    drafts: Mapping[str, Draft]
    docs: Docs
    contracts: tuple[Contract, ...] = ()

    @property
    def own(self) -> Layout:
        """The project's own layout."""
        return self.layouts[0]


@dataclass(frozen=True, slots=True)
class Named:
    """What can be named: nodes and where they are published, sources with the YAML of their tables, groups."""

    names: Names
    sources: Mapping[str, tuple[Source, Mapped]]
    groups: Mapping[str, Group]


def read_files(layouts: tuple[Layout, ...], templates: Templates, opening: Opening, watching: Watching) -> Files:
    """Every file of a project and its packages: YAML, docs, templates as far as they can be rendered alone, contracts.

    Raises:
        ProjectError: something in a file must be mended.
    """
    properties = {
        layout.name: with_promises_rendered(_properties(layout, watching), layout.name, templates) for layout in layouts
    }
    properties = with_borrowed_patches(layouts, properties)
    with timed("templates"):
        texts = [each for layout in layouts for each in reading.texts_of_models(layout)]
        with watching(2 * len(texts), "what models say") as tell:
            templates.prepare(texts, tell)
            drafts = reading.unique(_told(_drafts(layouts, properties, templates), tell))
    docs = Docs({package: each.docs for package, each in properties.items()}, layouts[0].name, templates)
    contracts = bound(contracts_in(opening.layout.root, opening.contract_paths), drafts, opening.warehouse.type)
    return Files(layouts, templates, opening.warehouse, opening, properties, drafts, docs, contracts)


def _told(drafts: Iterator[Draft], tell: Tell) -> Iterator[Draft]:
    for draft in drafts:
        yield draft
        tell(1)


@timed("YAML")
def _properties(layout: Layout, watching: Watching) -> Properties:
    folders = [folder for kind in DESCRIBED for folder in layout.folders(kind)]
    every = list(dict.fromkeys(folders))
    return read_properties(layout.root, every, layout.prefix, layout.folders("docs"), watching)


def _drafts(layouts: Sequence[Layout], properties: Mapping[str, Properties], templates: Templates) -> Iterator[Draft]:
    """Nodes as their own packages configure them; the project has the last word on those of packages."""
    own = layouts[0]
    for layout in layouts:
        refuse(properties[layout.name])
        for section, read in READERS:
            override = own.section(section) if layout is not own else {}
            yield from read(layout, properties[layout.name], templates, override)


@timed("names")
def named_in(files: Files) -> Named:
    """What can be named, and where all of it is published."""
    readers = (
        SourceReader(
            each,
            files.properties[each.name],
            files.templates,
            files.docs,
            files.warehouse.database,
            {} if each is files.own else files.own.section("sources"),
        )
        for each in files.layouts
    )
    declared = unique_sources(each for reader in readers for each in reader.sources())
    relations = relations_of(files.drafts.values(), files.templates, unquoted(files.own.raw.get("quoting")))
    candidates = (Candidate.of(draft) for draft in files.drafts.values())
    names = Names(candidates, (source for source, _ in declared.values()), files.own.name, relations)
    declared = {
        uid: (replace(source, seed=names.seeds.get(uid, "")), table) for uid, (source, table) in declared.items()
    }
    groups = {name: group for each in files.properties.values() for name, group in groups_of(each).items()}
    return Named(names, declared, groups)
