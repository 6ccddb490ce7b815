"""Reads the tests of a project: data tests, whoever says them, and unit tests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dryland.project.data_tests import TestMaker
from dryland.project.ephemeral import seen_through
from dryland.project.files import Files, Named
from dryland.project.fixtures import FixtureReader
from dryland.project.foreign_keys import foreign_keys
from dryland.project.native_checks import native_checks
from dryland.project.nodes import Check, Node
from dryland.project.odcs.own_tests import own_tests
from dryland.project.tested import Tested
from dryland.project.unit_test import UnitTest
from dryland.project.unit_tests import UnitTestReader, models_by_name
from dryland.project.watching import Watching, unwatched


def checks_in(
    files: Files, named: Named, nodes: Mapping[str, Node], watching: Watching = unwatched
) -> Iterator[Check]:  # fmt: skip
    """Every data test: of YAML, in files of its own, and what constraints, `meta` and contracts say."""
    layouts = {layout.name: layout for layout in files.layouts}
    prefixes = {layout.name: layout.prefix for layout in files.layouts}
    sources = {uid: source for uid, (source, _) in named.sources.items()}
    maker = TestMaker(
        layouts, files.templates, named.names, files.docs, lambda each: seen_through([each], nodes), files.own.name
    )
    with watching(len(nodes), "what is checked") as tell:
        for node in nodes.values():
            patch = files.drafts[node.unique_id].patch
            if patch:
                yield from maker.of_entry(patch.body, Tested.node(node, patch, prefixes))
            tell(1)
    for source, table in named.sources.values():
        yield from maker.of_entry(table, Tested.source(source, prefixes))
    for layout in files.layouts:
        yield from maker.singular(layout, files.properties[layout.name])
    yield from native_checks(nodes.values(), files.drafts, sources.values(), named.names, prefixes)
    yield from foreign_keys(nodes.values(), sources, named.names)
    for body, node, patch in own_tests(files.contracts, nodes):
        yield from maker.of_entry(body, Tested.node(node, patch, prefixes))


def unit_tests_in(files: Files, named: Named, nodes: Mapping[str, Node]) -> Iterator[UnitTest]:
    """Unit tests as their own packages configure them; the project has the last word on those of packages."""
    for layout in files.layouts:
        if files.properties[layout.name].unit_tests:
            override = files.own.section("unit_tests") if layout is not files.own else {}
            fixtures = FixtureReader.of(layout, files.templates, nodes)
            models = models_by_name(files.drafts.values(), layout.name)
            properties = files.properties[layout.name]
            yield from UnitTestReader(layout, properties, fixtures, models, named.names, files.docs, override).tests()
