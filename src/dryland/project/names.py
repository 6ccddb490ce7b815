"""Finds what `ref` and `source` name."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping

from dryland.engines.relation import Relation
from dryland.errors import UnknownNameError
from dryland.project.drafts import Draft
from dryland.project.jinja.cte import cte_name
from dryland.project.jinja.state import Scope
from dryland.project.model_versions import latest_version
from dryland.project.nodes import Source
from dryland.values import dataclass


@dataclass(frozen=True, slots=True)
class Candidate:
    """A node that a name may mean."""

    unique_id: str
    name: str
    package: str
    version: str
    latest: str  # the version that the bare name means
    is_enabled: bool
    is_ephemeral: bool

    @staticmethod
    def of(draft: Draft) -> Candidate:
        """The node that a draft becomes."""
        return Candidate(
            draft.unique_id, draft.name, draft.package, draft.version, latest_version(draft.patch), draft.is_enabled,
            draft.config.get("materialized") == "ephemeral",
        )  # fmt: skip


class Names:
    """Everything that can be referred to. Templates ask it."""

    def __init__(
        self,
        candidates: Iterable[Candidate],
        sources: Iterable[Source],
        project: str,
        relations: Mapping[str, Relation],
    ) -> None:
        self._project = project
        self.relations = relations  # of every node that is wanted, by unique id
        self._by_name: dict[str, list[Candidate]] = {}
        for candidate in candidates:
            self._by_name.setdefault(candidate.name, []).append(candidate)
        self._sources: dict[tuple[str, str], list[Source]] = {}
        for source in sources:
            self._sources.setdefault((source.source_name, source.name), []).append(source)
        seeds = {found.folded: uid for uid, found in relations.items() if uid.startswith("seed.")}
        declared = [each for found in self._sources.values() for each in found]
        # source -> the seed that it is: both are the same table
        self.seeds = {each.unique_id: seeds[each.relation.folded] for each in declared if each.relation.folded in seeds}

    def ref(self, name: str, package: str, version: str, asking: Scope) -> tuple[str, Relation | str]:
        """The node that a ref names: of the project first, then the asking package's, then any, as in dbt.

        Raises:
            UnknownNameError: nothing of that name; says the nearest.
        """
        candidates = [each for each in self._by_name.get(name, ()) if not package or each.package == package]
        enabled = [each for each in candidates if each.is_enabled]
        if not enabled:
            raise self._unknown(name, package, bool(candidates))
        chosen = self._preferred(enabled, asking.package)
        versioned = [each for each in enabled if each.package == chosen.package]
        wanted = version or chosen.latest
        exact = next((each for each in versioned if each.version == wanted), None)
        if exact is None:
            there = ", ".join(each.version for each in versioned)
            raise UnknownNameError(f"`{name}` has no version {wanted}.", hint=f"it has: {there}.")
        if exact.is_ephemeral:
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

    def _preferred(self, candidates: list[Candidate], package: str) -> Candidate:
        order = {package: 1, self._project: 0}
        return min(candidates, key=lambda each: order.get(each.package, 2))

    def _unknown(self, name: str, package: str, disabled: bool) -> UnknownNameError:
        full = f"{package}.{name}" if package else name
        if disabled:
            return UnknownNameError(f"`{full}` is disabled.", hint="its configuration says enabled: false.")
        near = difflib.get_close_matches(name, self._by_name, n=1)
        return UnknownNameError(
            f"refers to `{full}`, which no model defines.",
            hint=f"`{near[0]}` exists." if near else "is the file missing, or its package?",
        )
