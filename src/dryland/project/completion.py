"""Completes drafts into nodes: once all names are known, templates get their final SQL."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from dryland.engines.relation import Relation
from dryland.errors import DuplicateError, UnknownNameError, UnsupportedError
from dryland.project.config import as_list
from dryland.project.config_place import place_of
from dryland.project.docs import Docs
from dryland.project.drafts import Draft
from dryland.project.external_file import EXTERNAL
from dryland.project.incremental_macro import strategy_hash
from dryland.project.jinja.context import NOWHERE
from dryland.project.jinja.templates import Templates
from dryland.project.model_versions import latest_version
from dryland.project.names import Names
from dryland.project.nodes import Node, Rendered
from dryland.project.own_materializations import own_materialization, refuse_own
from dryland.project.python_model import code_hash
from dryland.project.rendering import rendered_hooks, rendered_model
from dryland.project.seeds import read_seed
from dryland.project.snapshot_strategy import own_strategy, strategy_call, verify_snapshot
from dryland.project.snapshots import without_lines_above
from dryland.project.table_options import table_options
from dryland.project.uses import Group
from dryland.values import dataclass


@dataclass(frozen=True, slots=True)
class Completion:
    """Knows every name, and makes nodes."""

    names: Names
    templates: Templates
    docs: Docs
    groups: Mapping[str, Group]

    def node(self, draft: Draft) -> Node:
        """The node that a draft becomes."""
        config, patch = draft.config, draft.patch
        place = patch.place if patch else draft.place
        meta = config.get("meta") or {}
        group = str(config.get("group") or "")
        return Node(
            unique_id=draft.unique_id,
            kind=draft.kind,
            name=draft.name,
            package=draft.package,
            place=draft.place,
            language=draft.language,  # type: ignore[arg-type]
            raw=draft.raw,
            relation=self.names.relations[draft.unique_id],
            fqn=draft.fqn,
            config=config,
            description=self.docs.described(patch.body.get("description") if patch else "", place, draft.package),
            columns=self.docs.columns(patch.body.get("columns"), patch.name, place, draft.package) if patch else (),
            tags=tuple(str(tag) for tag in as_list(config.get("tags"))),
            meta=meta,
            owner=str(meta.get("owner") or (self.groups[group].owner.get("name", "") if group in self.groups else "")),
            group=group,
            access=str(config.get("access") or "protected"),
            version=draft.version,
            is_latest=draft.version == latest_version(patch),
            constraints=tuple(dict(each) for each in (patch.body.get("constraints") if patch else None) or ()),
            pre_hooks=rendered_hooks(draft, "pre-hook", self.names, self.templates),
            post_hooks=rendered_hooks(draft, "post-hook", self.names, self.templates),
            patch=patch.place if patch else None,
            **table_options(draft, self.templates.warehouse_kind),
            **self.contents(draft),
        )

    def contents(self, draft: Draft) -> dict[str, Any]:
        """What depends on the language: SQL and its incremental form, Python, or a seed's file."""
        if draft.kind != "model":
            refuse_own(draft.kind, self.templates)
        if draft.kind == "seed":
            return _seed(draft, self.templates.macros.adapter)
        _verify_header(draft)
        if draft.kind == "snapshot":
            return self._snapshot(draft)
        materialized = str(draft.config.get("materialized") or "view")
        own = own_materialization(draft, materialized, self.templates)
        if draft.language == "python":
            return self._python(draft, materialized)
        return self._sql(draft, materialized) | own

    def _python(self, draft: Draft, materialized: str) -> dict[str, Any]:
        refs = [self._python_ref(draft, *key, line=line) for key, line in draft.python.refs.items()]
        sources = [self._python_source(draft, *key, line=line) for key, line in draft.python.sources.items()]
        return {
            "materialized": materialized if materialized in ("incremental", EXTERNAL) else "table",
            "file_hash": draft.file_hash,
            "template_hash": code_hash(draft.raw, draft.config),
            "strategy_hash": strategy_hash(draft, materialized, self.templates),
            "rendered": Rendered("", {}, tuple(refs), tuple(sources), self.names.seeds_of(sources)),
        }

    def _sql(self, draft: Draft, materialized: str) -> dict[str, Any]:
        templates = self.templates.speaking(str(draft.config.get("dialect") or ""))
        rendered = rendered_model(draft, self.names, templates, is_anew=templates is not self.templates)
        incremental = None
        if materialized == "incremental" and draft.state and draft.state.may_ask_incremental:
            incremental = rendered_model(draft, self.names, templates, is_incremental=True)
        elif materialized == "incremental":
            incremental = rendered
        return {
            "materialized": materialized,
            "file_hash": draft.file_hash,
            "rendered": rendered,
            "rendered_incremental": incremental,
            "template_hash": self.templates.late_hash(draft.raw, draft.config),
            "strategy_hash": strategy_hash(draft, materialized, self.templates),
        }

    def _snapshot(self, draft: Draft) -> dict[str, Any]:
        verify_snapshot(draft, self.templates)
        call, code = strategy_call(str(draft.config["strategy"])), without_lines_above(draft.raw)
        is_own = own_strategy(self.templates, str(draft.config["strategy"]), draft.package) is not None
        return {
            "materialized": "snapshot",
            "file_hash": draft.file_hash,
            "rendered": rendered_model(draft, self.names, self.templates),
            "template_hash": self.templates.late_hash(code, draft.config),
            "strategy_hash": self.templates.late_hash(call, draft.config) if is_own else "",
        }

    def _python_ref(self, draft: Draft, name: str, package: str, version: str, line: int) -> str:
        try:
            return self.names.ref(name, package, version, asking=draft.scope)[0]
        except UnknownNameError as error:
            raise UnknownNameError(error.message, hint=error.hint, path=draft.place.path, line=line) from error

    def _python_source(self, draft: Draft, source: str, table: str, line: int) -> str:
        try:
            return self.names.declared(source, table, asking=draft.scope).unique_id
        except UnknownNameError as error:
            raise UnknownNameError(error.message, hint=error.hint, path=draft.place.path, line=line) from error


def verify_relations(nodes: Iterable[Node]) -> None:
    """Two nodes must not be published under one name.

    Raises:
        DuplicateError: two are; names both files.
    """
    seen: dict[Relation, Node] = {}
    for node in nodes:
        if node.materialized == "ephemeral":
            continue
        other = seen.setdefault(node.relation, node)
        if other is not node:
            raise DuplicateError(
                f"{other.place.path} and {node.place.path} are both published as {node.relation}.",
                path=node.place.path,
                line=1,
                hint="give one of them an `alias` or another `schema`.",
            )


def _verify_header(draft: Draft) -> None:
    """A header is written when the project is read; dbt puts no table's name in it, either.

    Raises:
        UnsupportedError: it names one.
    """
    if NOWHERE in str(draft.config.get("sql_header") or ""):
        raise UnsupportedError(
            f"the sql_header of `{draft.name}` names a table.", **place_of("sql_header", draft),
            hint="a pre_hook runs on the same connection, right before the header, and knows them all.",
        )  # fmt: skip


def _seed(draft: Draft, kind: str) -> dict[str, Any]:
    path = draft.layout.root / draft.place.path.removeprefix(draft.layout.prefix)
    seed = read_seed(path, draft.place.path, str(draft.config.get("delimiter", ",")), kind=kind)
    return {
        "materialized": "seed",
        "file_hash": seed.file_hash,
        "seed_hashes": seed.hashes,
        "seed_rows": seed.rows,
        "file": path,
    }
