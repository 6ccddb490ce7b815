"""Says what changed and whom it hits, down to columns and exposures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from dryland.plan.plan import Category, Change, ChangeKind, Step, Target
from dryland.plan.request import Deployed
from dryland.project.nodes import Project
from dryland.sql.column_lineage import readers_hit
from dryland.sql.difference import PartsChanged, changed_parts
from dryland.sql.meaning import ROWS, WHOLE, Meaning
from dryland.state.records import Definition, Pointer


def changes_of(
    project: Project,
    meanings: Mapping[str, Meaning],
    deployed: Deployed,
    targets: Mapping[str, Target],
    steps: Iterable[Step],
    verb: Literal["apply", "run"],
) -> tuple[Change, ...]:
    """One change for each node that is built, published anew or dropped."""
    return _Comparison(project, meanings, deployed, targets, verb).changes(tuple(steps))


@dataclass
class _Comparison:
    project: Project
    meanings: Mapping[str, Meaning]
    deployed: Deployed
    targets: Mapping[str, Target]
    verb: Literal["apply", "run"]

    def changes(self, steps: tuple[Step, ...]) -> tuple[Change, ...]:
        moved = {step.node: step for step in steps if step.action == "publish"}
        removed = [step.node for step in steps if step.action == "drop"]
        found = [self._change(node, step) for node, step in moved.items()]
        return (*found, *(self._removed(node) for node in removed))

    def _change(self, node: str, step: Step) -> Change:
        pointer = self.deployed.pointers.get(node)
        if pointer is None:
            return Change(node, "added", sql_after=self._sql(node), reason="new")
        before = self.deployed.definitions.get(pointer.definition)
        target = self.targets[node]
        if target.definition == pointer.definition:
            return self._not_its_own(node, step, pointer, target)
        if before is None or "meaning" not in before.body:
            return self._hit(node, PartsChanged(rows_altered=True), "takes the place of what stood there", before)
        old = Meaning.from_json(before.body["meaning"])  # type: ignore[arg-type]
        parts = changed_parts(old, target.meaning)
        same_config = before.body.get("config") == target.config_hash
        if not parts and same_config:
            if step.key != pointer.build_key:
                return self._not_its_own(node, step, pointer, target)
            return Change(node, "changed", "metadata", "documentation or checks")
        reason = "its code changed" if parts else "its configuration changed"
        return self._hit(node, parts, reason, before)

    def _not_its_own(self, node: str, step: Step, pointer: Pointer, target: Target) -> Change:
        """Its own code is as before: an input moved it, or its name did."""
        if step.key == pointer.build_key:
            return Change(node, "renamed" if "published as" in step.reason else "rebuilt", "", step.reason)
        kind: ChangeKind = "moved" if self.verb == "run" else "rebuilt"
        culprits = [name for name in sorted(target.meaning.inputs) if self._moved(name)]
        names = ", ".join(self.project.name_of(name) for name in culprits[:3]) + (", ..." if len(culprits) > 3 else "")
        return Change(node, kind, "", f"reads {names}" if names else "an input changed")

    def _moved(self, unique_id: str) -> bool:
        pointer, target = self.deployed.pointers.get(unique_id), self.targets.get(unique_id)
        if unique_id not in self.meanings:
            return self.verb == "run"
        if pointer is None or target is None:
            return True
        return pointer.code != target.code if self.verb == "apply" else pointer.data != target.data

    def _hit(self, node: str, parts: PartsChanged, reason: str, before: Definition | None) -> Change:
        columns = {*parts.altered, *parts.removed}
        if parts.rows_altered:
            columns |= {ROWS}
            if self.meanings[node].columns is None:
                columns |= {WHOLE}
        readers = self._readers({node: columns}) if columns else {}
        exposures = self._exposures({node, *readers}) if columns else ()
        category: Category = "breaking" if readers or exposures else "non_breaking"
        return Change(
            node=node,
            change="changed",
            category=category,
            reason=reason,
            columns_added=parts.added,
            columns_removed=parts.removed,
            columns_altered=parts.altered,
            rows_altered=parts.rows_altered,
            readers=tuple(readers),
            reader_columns=readers,
            exposures=exposures,
            sql_before=before.sql if before else "",
            sql_after=self._sql(node),
        )

    def _readers(self, changed: Mapping[str, Iterable[str]]) -> dict[str, tuple[str, ...]]:
        """Readers that exist in the environment, by what they read now or read before; in topological order."""
        hit = readers_hit(changed, self.meanings)
        before = readers_hit(changed, self._meanings_before)
        merged = {node: hit.get(node) or before[node] for node in {**hit, **before}}
        order = [node for node in self.meanings if node in merged]
        return {node: merged[node] for node in order if node in self.deployed.pointers}

    @cached_property
    def _meanings_before(self) -> dict[str, Meaning]:
        """What the environment's nodes meant when they were released, in topological order."""
        found = {}
        for node in self.meanings:
            pointer = self.deployed.pointers.get(node)
            definition = self.deployed.definitions.get(pointer.definition) if pointer else None
            if definition is not None and "meaning" in definition.body:
                found[node] = Meaning.from_json(definition.body["meaning"])  # type: ignore[arg-type]
        return found

    def _exposures(self, nodes: set[str]) -> tuple[str, ...]:
        return tuple(uid for uid, exposure in self.project.exposures.items() if nodes & set(exposure.depends_on))

    def _removed(self, node: str) -> Change:
        before = self.deployed.definitions.get(self.deployed.pointers[node].definition)
        exposures = self._exposures({node})
        category: Category = "breaking" if exposures else "non_breaking"
        return Change(node, "removed", category, "no longer in the project", exposures=exposures, sql_before=before.sql if before else "")

    def _sql(self, node: str) -> str:
        own = self.project.nodes[node]
        return own.rendered.sql or own.raw
