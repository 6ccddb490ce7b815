"""Compares two versions of a data contract, dataset by dataset."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dryland.plan.promise import Promise, contracted
from dryland.plan.promise_changes import CLASSES, PromiseChange, promise_changes
from dryland.project.odcs.contract import Contract, Dataset, major_of
from dryland.project.project import Project
from dryland.values import dataclass

REMOVED = PromiseChange("breaking", "", "the dataset is removed", "whoever reads it fails")
ADDED = PromiseChange("non-breaking", "", "the dataset is new", "nobody reads it yet")
LET_GO = PromiseChange("breaking", "", "nobody is held to it any more", "readers rely on it")
TAKEN_ON = PromiseChange("non-breaking", "", "models are held to it now", "it promises more")


@dataclass(frozen=True, slots=True)
class ContractDiff:
    """What differs, by dataset, and whether the version says so."""

    old_version: str
    new_version: str
    changes: tuple[tuple[str, PromiseChange], ...]

    @property
    def is_breaking(self) -> bool:
        """Whether readers get less."""
        return any(change.kind == "breaking" for _, change in self.changes)

    @property
    def is_raised(self) -> bool:
        """Whether the new version's first number is greater."""
        before, now = major_of(self.old_version), major_of(self.new_version)
        return now is not None and (before is None or now > before)


def contract_diff(old: Contract, new: Contract, dialect: str = "") -> ContractDiff:
    """What a new version of a contract promises in another way."""
    status = _status(old, new)
    found = [*((old.title, each) for each in status), *_datasets(_promises(old), _promises(new), dialect)]
    return ContractDiff(old.version, new.version, _in_order(found))


def diff_to_released(released: Mapping[str, Promise], contract: Contract, project: Project) -> ContractDiff:
    """What a contract promises in another way than what readers were last promised; `released` is by node.

    Datasets of other contracts are left out, and those that were never released are new.
    """
    nodes = _nodes(contract, project)
    kept = contract.datasets if contract.is_kept else ()
    now = {nodes.get(each.name, each.name): contracted(contract, each) for each in kept}
    before = {node: each for node, each in released.items() if each.contract == contract.id or node in now}
    names = {node: name for name, node in nodes.items()}
    found = _datasets(before, now, project.warehouse.type)
    changes = [(names.get(node, node.rpartition(".")[2]), change) for node, change in found]
    version = next((each.version for each in before.values() if each.version), "")
    return ContractDiff(version, contract.version, _in_order(changes))


def _nodes(contract: Contract, project: Project) -> dict[str, str]:
    """Dataset to node: as the project's own file of this contract has it, or else by name."""
    own = next((each for each in project.contracts if each.id == contract.id), None)
    known = {each.name: each.node for each in own.datasets} if own else {}
    nodes = {node.name: uid for uid, node in project.nodes.items()}
    found = {each.name: known.get(each.name) or nodes.get(_key(each), "") for each in contract.datasets}
    return {name: node for name, node in found.items() if node}


def _promises(contract: Contract) -> dict[str, Promise]:
    return {_key(each): contracted(contract, each) for each in contract.datasets}


def _key(dataset: Dataset) -> str:
    return dataset.model or dataset.physical_name or dataset.name


def _status(old: Contract, new: Contract) -> tuple[PromiseChange, ...]:
    if old.is_kept == new.is_kept:
        return ()
    return (LET_GO,) if old.is_kept else (TAKEN_ON,)


def _datasets(
    old: Mapping[str, Promise], new: Mapping[str, Promise], dialect: str
) -> Iterator[tuple[str, PromiseChange]]:
    for name, promise in old.items():
        changes = promise_changes(promise, new[name], dialect) if name in new else (REMOVED,)
        yield from ((name, change) for change in changes)
    yield from ((name, ADDED) for name in new if name not in old)


def _in_order(found: list[tuple[str, PromiseChange]]) -> tuple[tuple[str, PromiseChange], ...]:
    return tuple(sorted(found, key=lambda each: CLASSES.index(each[1].kind)))
