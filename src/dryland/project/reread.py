"""Reads single models again, where nothing else in the project can tell the difference.

The text of a model decides its own node. Others see of it what it configures, what it says to people, and what it tells
through the graph: where one of these is another, or may be, everything is read again.
"""

from __future__ import annotations

import pickle
from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import NoReturn

from dryland.errors import DrylandError
from dryland.project.access import verify_access
from dryland.project.batches import verify_batches
from dryland.project.completion import Completion
from dryland.project.contracts import verify_contracts
from dryland.project.databases import verify_databases
from dryland.project.docs import Docs
from dryland.project.drafts import Draft, configured, scanned
from dryland.project.external_file import verify_external
from dryland.project.graph.parts import Parts
from dryland.project.jinja.templates import Templates
from dryland.project.jinja.variables import EnvironmentVariables
from dryland.project.keeping import Shelf
from dryland.project.names import Names
from dryland.project.nodes import Node
from dryland.project.opening import Asked, Beginning, read_beginning
from dryland.project.project import Project
from dryland.project.text_file import read_text
from dryland.project.unit_tests import asks_incremental
from dryland.values import dataclass


@dataclass(frozen=True, slots=True)
class Drafts:
    """What has to be known to read a model again: all names, and each model before its file was read."""

    names: Names
    models: Mapping[str, bytes]  # by path of the file
    paths: Mapping[str, str]  # unique id -> path

    @staticmethod
    def of(project: Project) -> Drafts | None:
        """Those of a project that was just read; None when nothing of it may be read alone."""
        templates, parts = project.templates, project.parts
        if templates.looked_around or templates.looked_at_the_clock:
            return None
        loud = {said.place.partition(":")[0] for said in templates.said}
        alone = [each for each in parts.drafts.values() if _stands_alone(each) and each.place.path not in loud]
        paths = {each.unique_id: _path(each) for each in alone}
        return Drafts(parts.names, {paths[each.unique_id]: _bare(each) for each in alone}, paths)


@dataclass
class Rereading:
    """Reads models of one project again; what all of them need is read once."""

    drafts: Drafts
    asked: Asked
    shelf: Shelf

    def nodes(self, project: Project, paths: Collection[str]) -> dict[str, Node] | None:
        """The nodes that stand in these files now, by path; None when everything has to be read again."""
        if any(path not in self.drafts.models for path in paths):
            return None
        try:
            found = {path: self._node(path, project) for path in paths}
        except (DrylandError, _SeenError):  # everything is read again, and tells of it
            return None
        templates = self._templates
        if templates.said or templates.looked_at_the_clock or templates.looked_around:
            return None
        nodes = {path: node for path, node in found.items() if node is not None}
        return nodes if len(nodes) == len(found) else None

    def parts(self, unique_ids: Collection[str]) -> Parts | None:
        """What these models were read from; None when one of them cannot be read alone."""
        if any(each not in self.drafts.paths for each in unique_ids):
            return None
        drafts = {each: self._draft(self.drafts.paths[each]) for each in unique_ids}
        opening, templates = self._beginning.opening, self._templates
        docs = Docs({}, opening.layout.name, templates)
        return Parts(
            self._beginning.layouts, {}, drafts, {}, {}, self.drafts.names, docs, templates, opening.warehouse
        )  # fmt: skip

    @property
    def environment_asked(self) -> Mapping[str, str | None]:
        """The environment variables that were asked for on the way, with their values."""
        return self._templates.environment_asked

    @cached_property
    def _beginning(self) -> Beginning:
        return read_beginning(self.asked, EnvironmentVariables(self.asked.environment), self.shelf)

    @property
    def _templates(self) -> Templates:
        return self._beginning.templates

    def _draft(self, path: str) -> Draft:
        """The draft as its file says now."""
        bare: Draft = pickle.loads(self.drafts.models[path])  # noqa: S301 - of the user's own cache
        layout = next(each for each in self._beginning.layouts if each.name == bare.package)
        config = configured(layout.section("models"), bare.fqn, bare.patch, self._templates)
        text = read_text(Path(path), bare.place.path)
        return scanned(replace(bare, layout=layout, raw=text, config=config), self._templates)

    def _node(self, path: str, project: Project) -> Node | None:
        """The node as its file says now; None when others would see the difference."""
        draft = self._draft(path)
        before = project.nodes[draft.unique_id]
        if repr(draft.config) != repr(before.config):  # which tells 1 from true, and sees the order of keys
            return None
        self._templates.graph = _seen
        completion = Completion(self.drafts.names, self._templates, Docs({}, "", self._templates), {})
        node = replace(before, raw=draft.raw, **completion.contents(draft))
        if asks_incremental(node) != asks_incremental(before):  # its unit tests have to say what to answer
            return None
        verify_contracts([node])
        warehouse = self._beginning.opening.warehouse
        verify_external([node], warehouse)
        verify_batches([node], warehouse.type)
        verify_databases([node], project.sources, warehouse)
        verify_access({**project.nodes, node.unique_id: node}, (), (), self._beginning.layouts)
        return node


class _SeenError(Exception):
    """A template looks at the whole project."""


def _seen() -> NoReturn:
    raise _SeenError


def _stands_alone(draft: Draft) -> bool:
    """Ephemeral models are part of their readers; the file of anything else has a node to itself."""
    return (
        draft.kind == "model" and draft.language == "sql" and draft.is_enabled
        and draft.config.get("materialized") != "ephemeral"
    )  # fmt: skip


def _path(draft: Draft) -> str:
    return str(draft.layout.root / draft.place.path.removeprefix(draft.layout.prefix))


def _bare(draft: Draft) -> bytes:
    return pickle.dumps(replace(draft, layout=None, raw="", sql="", config={}, state=None))  # type: ignore[arg-type]
