"""Holds a manifest as pieces of JSON: after an edit of one model, one of them is made, and the rest is as it was.

It is tens of megabytes of a large project, so what was edited since is kept beside it, and not all of it again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import field, replace
from typing import Any

from dryland.artifacts.compiled import Compiler
from dryland.artifacts.files import as_json
from dryland.artifacts.installation import dbt_macro_folders
from dryland.artifacts.invocation import Invocation
from dryland.artifacts.manifest import children_of, edited_node, manifest
from dryland.artifacts.semantic_manifest import semantic_manifest
from dryland.digest import digest
from dryland.project.keeping import keep, recalled
from dryland.values import dataclass

APART = ("metadata", "nodes", "parent_map", "child_map")


@dataclass(frozen=True, slots=True)
class Nodes(Mapping[str, Mapping[str, Any]]):
    """The nodes of a manifest, each read from its JSON when somebody looks at it."""

    texts: Mapping[str, str]
    read: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # what matters of some that were looked at

    def __getitem__(self, unique_id: str) -> Mapping[str, Any]:
        if unique_id in self.read:
            return self.read[unique_id]
        found: Mapping[str, Any] = json.loads(self.texts[unique_id])
        return found

    def __contains__(self, unique_id: object) -> bool:
        return unique_id in self.texts

    def __iter__(self) -> Iterator[str]:
        return iter(self.texts)

    def __len__(self) -> int:
        return len(self.texts)


@dataclass(frozen=True, slots=True)
class Piece:
    """One node of a manifest, as of one file."""

    text: str
    parents: list[str]
    file: str  # hash of the node's file


@dataclass(frozen=True, slots=True)
class Pieces:
    """A manifest, and what tells whether it still is that of its project."""

    nodes: Nodes
    parents: Mapping[str, list[str]]
    rest: str  # the other sections
    semantic: str  # the whole semantic manifest
    files: Mapping[str, str]  # unique id of a node -> hash of its file

    @staticmethod
    def of(compiler: Compiler, invocation: Invocation) -> Pieces:
        """Of a manifest that is made from the whole project."""
        whole = manifest(compiler, invocation)
        rest = as_json({name: section for name, section in whole.items() if name not in APART})
        return Pieces(
            Nodes({uid: as_json(node) for uid, node in whole["nodes"].items()}),
            whole["parent_map"],
            rest.removeprefix("{").removesuffix("}"),
            as_json(semantic_manifest(whole)),
            {uid: node.file_hash for uid, node in compiler.project.nodes.items()},
        )

    def edited(self, compiler: Compiler) -> Pieces | None:
        """As the models say now whose texts alone changed; None when it has to be made anew."""
        nodes = compiler.project.nodes
        hashes = {uid: nodes[uid].file_hash for uid, hashed in self.files.items() if nodes[uid].file_hash != hashed}
        if not hashes:
            return self
        parts = compiler.project.parts_of(hashes.keys())
        if parts is None:  # they are read with everything else
            return None
        made = {uid: edited_node(self.nodes[uid], parts, compiler) for uid in hashes}
        return self.put_in(
            {uid: Piece(as_json(node), sorted(node["depends_on"]["nodes"]), hashes[uid]) for uid, node in made.items()}
        )

    def put_in(self, pieces: Mapping[str, Piece]) -> Pieces:
        """The same with other pieces of some nodes; those of nodes that it does not have are left out."""
        there = {uid: piece for uid, piece in pieces.items() if uid in self.files}
        if not there:
            return self
        return replace(
            self,
            nodes=Nodes({**self.nodes.texts, **{uid: piece.text for uid, piece in there.items()}}),
            parents={**self.parents, **{uid: piece.parents for uid, piece in there.items()}},
            files={**self.files, **{uid: piece.file for uid, piece in there.items()}},
        )

    def edits_of(self, before: Pieces) -> dict[str, Piece]:
        """The pieces that are of other files than those of the manifest before."""
        changed = [uid for uid, file in self.files.items() if before.files.get(uid) != file]
        return {uid: Piece(self.nodes.texts[uid], self.parents[uid], self.files[uid]) for uid in changed}

    @property
    def sources(self) -> Mapping[str, Mapping[str, Any]]:
        """The sources of the manifest."""
        found: Mapping[str, Mapping[str, Any]] = json.loads(f"{{{self.rest}}}")["sources"]
        return found

    def texts(self, metadata: Mapping[str, Any]) -> Iterator[str]:
        """The file, in parts."""
        yield f'{{"metadata": {as_json(metadata)}, "nodes": {{'
        for number, (uid, text) in enumerate(self.nodes.texts.items()):
            yield f"{', ' if number else ''}{as_json(uid)}: "
            yield text
        yield f'}}, {self.rest}, "parent_map": {as_json(self.parents)}, '
        yield f'"child_map": {as_json(children_of(self.parents))}}}'


def manifest_pieces(compiler: Compiler, invocation: Invocation) -> Pieces:
    """Those that are kept beside the project, brought up to date, or made from the whole of it."""
    project = compiler.project
    if project.kept is None or compiler.asks:
        return Pieces.of(compiler, invocation)
    place = project.kept.beside(f"{digest(compiler.environment)}.manifest")
    of = digest([project.kept.first, str(dbt_macro_folders(invocation.variables))])
    whole: Pieces | None = recalled(place, of)
    edits = place.with_name(f"{place.name}.edits")
    before = whole and whole.put_in(recalled(edits, of) or {})
    found = before and before.edited(compiler)
    if found is None:
        found = Pieces.of(compiler, invocation)
        keep(place, of, found)
    elif whole is not None and found is not before:
        keep(edits, of, found.edits_of(whole))
    return found
