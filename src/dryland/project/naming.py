"""Works out where each node is published, by the project's own naming macros."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from types import SimpleNamespace
from typing import Any

from dryland.engines.relation import Relation
from dryland.project.drafts import Draft
from dryland.project.jinja.templates import Templates
from dryland.project.jinja.world import Pass

PARTS = ("database", "schema", "alias")


def relations_of(drafts: Iterable[Draft], templates: Templates, unquoted: frozenset[str]) -> dict[str, Relation]:
    """The relation of every node that is wanted, by unique id; `unquoted` are the parts that the project quotes not."""
    naming = Naming(templates)
    return {draft.unique_id: replace(naming.relation(draft), unquoted=unquoted) for draft in drafts if draft.is_enabled}


class Naming:
    """Asks the macros `generate_database_name`, `generate_schema_name` and `generate_alias_name`."""

    def __init__(self, templates: Templates) -> None:
        self._templates = templates
        self._is_dbts_own = cache(self._is_dbts_own_macro)

    def relation(self, draft: Draft) -> Relation:
        """Where a node is published."""
        found = Relation(*(self._named(part, draft) for part in PARTS))
        return _as_targeted(found, draft.config) if draft.kind == "snapshot" else found

    def _named(self, part: str, draft: Draft) -> str:
        macro, value = f"generate_{part}_name", draft.config.get(part)
        if value is None and not draft.version and self._is_dbts_own(macro, draft.package):
            return draft.name if part == "alias" else str(self._templates.target.get(part)).strip()  # as most do
        own = draft.package if self._templates.macros.find(macro, draft.package) else ""  # before the project's
        said, _ = self._templates.call(macro, draft.scope, draft.config, Pass(), value, _told(draft), package=own)
        return str(said).strip()

    def _is_dbts_own_macro(self, macro: str, package: str) -> bool:
        macros = self._templates.macros
        return not macros.is_replaced(macro) and macros.find(macro, package) is None


def _told(draft: Draft) -> SimpleNamespace:
    """What such a macro knows of the node."""
    config = draft.config
    return SimpleNamespace(
        name=draft.name,
        version=draft.version,
        package_name=draft.package,
        fqn=list(draft.fqn),
        config=config,
        resource_type=draft.kind,
        unique_id=draft.unique_id,
        path=draft.place.path,
        tags=config.get("tags") or [],
        original_file_path=draft.place.path,
        meta=config.get("meta") or {},
        schema="",
        alias=config.get("alias") or draft.name,
    )


def _as_targeted(found: Relation, config: Mapping[str, Any]) -> Relation:
    """Where `target_schema` and `target_database` send a snapshot: there exactly, whatever the naming macros say."""
    database, schema = (str(config.get(f"target_{part}") or "") for part in ("database", "schema"))
    return Relation(database or found.database, schema or found.schema, found.name)
