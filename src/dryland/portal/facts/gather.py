"""Gathers a catalogue: from the metadata what was released and said, from the files what is written today.

The warehouse is not asked. Where a release says something of a dataset, that counts, for it is what readers see; the
files add what no release knows: sources, what checks are called, who uses what, and models that were not released yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from dryland.access.rights import Rights
from dryland.health.coverage import datasets as looked_after
from dryland.health.coverage import layer_of, own
from dryland.health.dataset import Standing
from dryland.health.report import Health, health_of
from dryland.plan.order import turned
from dryland.portal.facts.catalogue import Catalogue
from dryland.portal.facts.columns import column_names
from dryland.portal.facts.dataset import CheckStanding, Dataset, Parts, State
from dryland.project.nodes import Check
from dryland.project.project import Project
from dryland.state.records import Pointer, Verdict
from dryland.state.store import State as Store

VERDICTS_EACH = 4  # of a check, the newest: those of other environments may be among them


def gather(
    store: Store, project: Project | None, environment: str, *, now: datetime, trouble: str = "", default: str = "prod"
) -> Catalogue:
    """What an environment shows now, as of one moment of the metadata; `project` is None while it cannot be read."""
    with store.together():
        found = _Gathering(store, project, environment)
        datasets = found.datasets()
        health = found.health(datasets) if project else None
        if health:
            missing = {each.unique_id: each.missing for each in health.datasets}
            datasets = {uid: replace(each, missing=missing.get(uid, ())) for uid, each in datasets.items()}
        return Catalogue(
            environment, environment == default, store.release(found.live) if found.live is not None else None,
            datasets, project.exposures if project else {}, tuple(store.environments().values()), health, trouble,
            project.name if project else "", now, Rights(project, project.settings.access) if project else None,
        )  # fmt: skip


@dataclass
class _Gathering:
    store: Store
    project: Project | None
    environment: str
    live: int | None = field(init=False)
    pointers: Mapping[str, Pointer] = field(init=False)

    def __post_init__(self) -> None:
        known = self.store.environment(self.environment)
        self.live = known.live_release if known else None
        self.pointers = self.store.pointers(self.live) if self.live is not None else {}

    def datasets(self) -> dict[str, Dataset]:
        """All of them by unique id: sources first, then nodes in the order of the project, then what left it."""
        parts = self._parts()
        reads = {uid: self._reads(uid, parts) for uid in parts}
        readers = turned(reads)
        return {
            uid: self._dataset(uid, each, reads[uid], readers.get(uid, ()), self._checks_by_dataset.get(uid, ()))
            for uid, each in parts.items()
        }

    def health(self, datasets: Mapping[str, Dataset]) -> Health:
        """The same score as `dryland health`, of the verdicts that are shown here."""
        assert self.project is not None
        standings = {
            uid: Standing(
                uid in self.pointers or not self.pointers,
                tuple(check.name for check in each.failing),
                tuple(check.name for check in each.checks if check.status == "warn"),
                each.stale_since,
            )
            for uid, each in datasets.items()
            if uid in self.project.nodes
        }
        return health_of(looked_after(self.project, standings, own(self.project)))

    def _parts(self) -> dict[str, Parts]:
        store, pointers = self.store, self.pointers
        definitions = store.definitions({each.definition for each in pointers.values()})
        keys = {each.build_key for each in pointers.values()}
        builds, profiles = store.builds(keys), store.profiles(keys)
        nodes = self.project.nodes if self.project else {}
        sources = self.project.sources if self.project else {}
        found = {uid: Parts(source=each) for uid, each in sources.items() if not each.seed}
        for uid in dict.fromkeys((*nodes, *pointers)):
            pointer, node = pointers.get(uid), nodes.get(uid)
            if pointer is None and node is not None and node.materialized == "ephemeral":
                continue
            key = pointer.build_key if pointer else ""
            definition = definitions.get(pointer.definition) if pointer else None
            found[uid] = Parts(node, None, pointer, definition, builds.get(key), profiles.get(key))
        return found

    def _reads(self, unique_id: str, parts: Mapping[str, Parts]) -> tuple[str, ...]:
        """What it is made from; ephemeral models give way to what they read."""
        definition, node = parts[unique_id].definition, parts[unique_id].node
        meaning = definition.body.get("meaning") if definition else None
        if isinstance(meaning, Mapping):
            wanted: Iterable[str] = meaning["inputs"]
        else:
            wanted = self._seen_through(node.depends_on) if node else ()
        return tuple(each for each in dict.fromkeys(wanted) if each in parts and each != unique_id)

    def _seen_through(self, unique_ids: Iterable[str]) -> list[str]:
        nodes = self.project.nodes if self.project else {}
        found: dict[str, None] = {}
        ahead, met = list(unique_ids)[::-1], set()
        while ahead:
            each = ahead.pop()
            node = nodes.get(each)
            if node is not None and node.materialized == "ephemeral":
                if each not in met:
                    met.add(each)
                    ahead += node.depends_on[::-1]
            else:
                found[each] = None
        return list(found)

    def _dataset(
        self, uid: str, parts: Parts, reads: tuple[str, ...], readers: tuple[str, ...], checks: Iterable[CheckStanding]
    ) -> Dataset:
        described: Any = parts.node or parts.source
        told, pointer = parts.metadata, parts.pointer
        asked = tuple(checks)
        source = parts.source
        return Dataset(
            uid,
            f"{source.source_name}.{source.name}" if source else uid.split(".", 2)[-1],
            uid.partition(".")[0],
            layer_of(parts.node) if parts.node else "sources" if source else "",
            described.package if described else uid.split(".")[1],
            self._state(parts, asked),
            str(told.get("description") or (described.description if described else "")),
            str(told.get("owner") or (described.owner if described else "")),
            self._contact(str(told.get("group") or getattr(described, "group", ""))),
            tuple(told.get("tags") or (described.tags if described else ())),
            column_names(parts),
            reads,
            readers,
            self._exposures.get(uid, ()),
            asked,
            ".".join(pointer.published[1:]) if pointer else str(source.relation.name) if source else "",
            described.place.path if described else "",
            parts.profile.rows if parts.profile else None,
            parts.build.created_at if parts.build else None,
            pointer.stale_since if pointer else "",
            pointer.stale_reason if pointer else "",
            parts=parts,
        )

    def _state(self, parts: Parts, checks: tuple[CheckStanding, ...]) -> State:
        """The word for it: what is worst is said."""
        if any(check.says_no for check in checks):
            return "failing"
        if parts.pointer and parts.pointer.stale_since:
            return "stale"
        if parts.pointer is None and parts.source is None:
            return "unreleased"
        if any(check.status == "warn" for check in checks):
            return "warned"
        return "good" if any(check.status == "pass" for check in checks) else "unchecked"

    def _contact(self, group: str) -> str:
        known = self.project.groups.get(group) if self.project and group else None
        return str(known.owner.get("email") or known.owner.get("name") or "") if known else ""

    @cached_property
    def _exposures(self) -> Mapping[str, tuple[str, ...]]:
        if self.project is None:
            return {}
        project = self.project
        return turned({uid: project.models_behind(each.depends_on) for uid, each in project.exposures.items()})

    @cached_property
    def _checks_by_dataset(self) -> Mapping[str, list[CheckStanding]]:
        found: dict[str, list[CheckStanding]] = {}
        said = self.store.recent_verdicts(VERDICTS_EACH)
        if self.project is None:
            for unique_id, verdicts in said.items():
                if standing := self._unnamed(unique_id, verdicts):
                    found.setdefault(standing.dataset, []).append(standing)
            return found
        for unique_id, check in self.project.checks.items():
            verdict = next((each for each in said.get(unique_id, ()) if self._is_of_live(each, check)), None)
            for dataset in [check.node] if check.node else dict.fromkeys(check.refs):
                found.setdefault(dataset, []).append(_standing(check, dataset, verdict))
        return found

    def _is_of_live(self, verdict: Verdict, check: Check) -> bool:
        """Whether it speaks of the builds that readers see; what sources were like is of no environment."""
        if len(verdict.builds) != len(check.refs):
            return False
        pairs = zip(check.refs, verdict.builds, strict=True)
        return all(ref not in self.pointers or self.pointers[ref].build_key == key for ref, key in pairs)

    def _unnamed(self, unique_id: str, verdicts: Iterable[Verdict]) -> CheckStanding | None:
        """What a check said that no file tells more of."""
        for verdict in verdicts:
            if verdict.builds and all(key in self._nodes_by_key for key in verdict.builds):
                name = unique_id.split(".")[2] if unique_id.count(".") > 1 else unique_id
                node = self._nodes_by_key[verdict.builds[0]]
                return CheckStanding(unique_id, name, "", node, verdict=verdict)
        return None

    @cached_property
    def _nodes_by_key(self) -> Mapping[str, str]:
        return {pointer.build_key: node for node, pointer in self.pointers.items()}


def _standing(check: Check, dataset: str, verdict: Verdict | None) -> CheckStanding:
    return CheckStanding(
        check.unique_id, check.name, check.kind, dataset, check.column, check.severity, check.description,
        f"{check.place.path}:{check.place.line}", verdict,
    )  # fmt: skip
