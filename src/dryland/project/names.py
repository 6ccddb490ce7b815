"""Finds what `ref` and `source` name, and works out where each node is published."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from dryland.engines.relation import Relation
from dryland.errors import UnknownNameError
from dryland.project.drafts import Draft
from dryland.project.jinja.relation import cte_name
from dryland.project.jinja.state import Scope
from dryland.project.jinja.templates import Templates
from dryland.project.jinja.world import Pass
from dryland.project.model_versions import latest_version
from dryland.project.nodes import Source


class Names:
    """Everything that can be referred to. The loader fills it, templates ask it."""

    def __init__(
        self,
        drafts: Mapping[str, Draft],
        sources: Mapping[str, Source],
        project: str,
        unquoted: frozenset[str] = frozenset(),
    ) -> None:
        self._unquoted = unquoted
        self._drafts = drafts
        self._sources: dict[tuple[str, str], list[Source]] = {}
        for source in sources.values():
            self._sources.setdefault((source.source_name, source.name), []).append(source)
        self._project = project
        self._by_name: dict[str, list[Draft]] = {}
        for draft in drafts.values():
            self._by_name.setdefault(draft.name, []).append(draft)
        self.relations: dict[str, Relation] = {}
        self.seeds: dict[str, str] = {}  # source -> the seed that it is: both are the same table

    def place(self, templates: Templates) -> None:
        """Work out every node's relation by the project's own naming macros."""
        for draft in self._drafts.values():
            if draft.is_enabled:
                found = self._relation(draft, templates)
                self.relations[draft.unique_id] = replace(found, unquoted=self._unquoted)
        seeds = {found.folded: uid for uid, found in self.relations.items() if self._drafts[uid].kind == "seed"}
        declared = (source for sources in self._sources.values() for source in sources)
        self.seeds = {each.unique_id: seeds[each.relation.folded] for each in declared if each.relation.folded in seeds}

    def ref(self, name: str, package: str, version: str, asking: Scope) -> tuple[str, Relation | str]:
        """The node that a ref names: of the project first, then the asking package's, then any, as in dbt.

        Raises:
            UnknownNameError: nothing of that name; says the nearest.
        """
        candidates = [d for d in self._by_name.get(name, ()) if not package or d.package == package]
        enabled = [draft for draft in candidates if draft.is_enabled]
        if not enabled:
            raise self._unknown(name, package, bool(candidates))
        chosen = self._preferred(enabled, asking.package)
        versioned = [draft for draft in enabled if draft.package == chosen.package]
        wanted = version or latest_version(chosen.patch)
        exact = next((draft for draft in versioned if draft.version == wanted), None)
        if exact is None:
            there = ", ".join(draft.version for draft in versioned)
            raise UnknownNameError(f"`{name}` has no version {wanted}.", hint=f"it has: {there}.")
        if exact.config.get("materialized") == "ephemeral":
            return exact.unique_id, cte_name(self.relations[exact.unique_id])
        return exact.unique_id, self.relations[exact.unique_id]

    def source(self, source: str, table: str, asking: Scope) -> tuple[str, Relation]:
        """What stands behind a source: the source, or the seed of the project that it is.

        Raises:
            UnknownNameError: nothing of that name; says the nearest.
        """
        found = self.declared(source, table, asking)
        return self.seeds.get(found.unique_id, found.unique_id), found.relation

    def declared(self, source: str, table: str, asking: Scope) -> Source:
        """The source that a call names.

        Raises:
            UnknownNameError: nothing of that name; says the nearest.
        """
        declared = self._sources.get((source, table))
        if declared is None:
            known = [".".join(key) for key in self._sources]
            near = difflib.get_close_matches(f"{source}.{table}", known, n=1)
            raise UnknownNameError(
                f"refers to the source `{source}.{table}`, which no YAML declares.",
                hint=f"`{near[0]}` exists." if near else "declare it under `sources:` in a YAML file of the models.",
            )
        order = {asking.package: 1, self._project: 0}
        return min(declared, key=lambda each: order.get(each.package, 2))

    def seeds_of(self, sources: Iterable[str]) -> dict[str, str]:
        """Of these sources, by unique id, those that are a seed."""
        return {each: self.seeds[each] for each in sources if each in self.seeds}

    def _preferred(self, drafts: list[Draft], package: str) -> Draft:
        order = {package: 1, self._project: 0}
        return min(drafts, key=lambda draft: order.get(draft.package, 2))

    def _unknown(self, name: str, package: str, disabled: bool) -> UnknownNameError:
        full = f"{package}.{name}" if package else name
        if disabled:
            return UnknownNameError(f"`{full}` is disabled.", hint="its configuration says enabled: false.")
        near = difflib.get_close_matches(name, self._by_name, n=1)
        return UnknownNameError(
            f"refers to `{full}`, which no model defines.",
            hint=f"`{near[0]}` exists." if near else "is the file missing, or its package?",
        )

    def _relation(self, draft: Draft, templates: Templates) -> Relation:
        config = draft.config
        node = SimpleNamespace(
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

        def named(macro: str, value: object) -> str:
            own = draft.package if templates.macros.find(macro, draft.package) else ""  # over the project's, as in dbt
            return str(templates.call(macro, draft.scope, config, Pass(), value, node, package=own)[0]).strip()

        found = Relation(
            named("generate_database_name", config.get("database")),
            named("generate_schema_name", config.get("schema")),
            named("generate_alias_name", config.get("alias")),
        )
        return _as_targeted(found, config) if draft.kind == "snapshot" else found


def _as_targeted(found: Relation, config: Mapping[str, Any]) -> Relation:
    """Where `target_schema` and `target_database` send a snapshot: there exactly, whatever the naming macros say."""
    database, schema = (str(config.get(f"target_{part}") or "") for part in ("database", "schema"))
    return Relation(database or found.database, schema or found.schema, found.name)
