"""Defines what is promised of a dataset, wherever it is written: columns, guarantees, service levels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field, replace
from typing import Any

from dryland.project.contracts import Constraint, constraints_of, has_contract
from dryland.project.nodes import Node
from dryland.project.odcs.allowed import NOTHING_MORE, Allowed
from dryland.project.odcs.contract import Contract, Dataset, Field, Rule
from dryland.project.odcs.physical_type import physical_type
from dryland.project.odcs.ranges import length_of, range_of
from dryland.project.project import Project
from dryland.state.records import Definition
from dryland.values import dataclass

PROMISE = "promise"  # in a definition's body


@dataclass(frozen=True, slots=True)
class Guarantee:
    """One thing that readers can rely on."""

    about: str  # the column; empty is the table
    kind: str  # ODCS's name of a metric or option, or of a constraint
    of: str = ""  # what tells it from others of its kind: a unit, a pattern, a query, the columns of a key
    allowed: Allowed | None = None
    values: tuple[str, ...] | None = None  # the only ones that there are
    is_warning: bool = False

    @property
    def id(self) -> tuple[str, str, str]:
        """Equal for the same question, whatever answer is promised."""
        return self.about, self.kind, self.of


@dataclass(frozen=True, slots=True)
class ServiceLevel:
    """A service level of a dataset."""

    word: str  # ODCS's: latency, retention, ...
    value: Any
    unit: str = ""
    element: str = ""
    driver: str = ""

    @property
    def id(self) -> tuple[str, str, str]:
        """Equal for the same question."""
        return self.word, self.element, self.driver


@dataclass(frozen=True, slots=True)
class Promise:
    """Everything that is promised of one dataset."""

    columns: Mapping[str, str] = field(default_factory=dict)  # name -> type
    guarantees: tuple[Guarantee, ...] = ()
    services: tuple[ServiceLevel, ...] = ()
    contract: str = ""  # id of the data contract; empty for one of dbt's
    title: str = ""
    version: str = ""
    told: Mapping[str, str] = field(default_factory=dict)  # what people read: descriptions, owner, status

    def as_json(self) -> dict[str, Any]:
        """The JSON form, read back by `Promise.from_json`."""
        return {
            "contract": self.contract,
            "title": self.title,
            "version": self.version,
            "columns": dict(self.columns),
            "guarantees": [_guarantee_json(each) for each in self.guarantees],
            "services": [[each.word, each.value, each.unit, each.element, each.driver] for each in self.services],
            "told": dict(self.told),
        }

    @staticmethod
    def from_json(value: Mapping[str, Any]) -> Promise:
        """The inverse of `as_json`."""
        return Promise(
            columns=dict(value["columns"]),
            guarantees=tuple(_guarantee(each) for each in value["guarantees"]),
            services=tuple(ServiceLevel(*each) for each in value["services"]),
            contract=str(value["contract"]),
            title=str(value["title"]),
            version=str(value["version"]),
            told=dict(value["told"]),
        )


def promise_in(definition: Definition | None) -> Promise | None:
    """What was promised of a node when it was released."""
    said = definition.body.get(PROMISE) if definition else None
    return Promise.from_json(said) if isinstance(said, Mapping) else None


def promise_of(node: Node, project: Project) -> Promise | None:
    """What is promised of a node: by a data contract, or by dbt's; None when nothing is."""
    if not has_contract(node):
        return None
    if node.unique_id in project.contracted:
        promise = contracted(*project.contracted[node.unique_id])
        return replace(promise, guarantees=_each_once((*promise.guarantees, *_constraints(node))))
    columns = {column.name.lower(): column.data_type for column in node.columns}
    return Promise(columns, _each_once(_constraints(node)), version=node.version)


def contracted(contract: Contract, dataset: Dataset) -> Promise:
    """What a data contract promises of a dataset."""
    services = contract.services_of(dataset)
    told = {
        "status": contract.status, "owner": contract.owner, "description": dataset.description,
        "purpose": contract.description,
        **{f"description of {column.name}": column.description for column in dataset.fields},
        **{f"classification of {column.name}": column.classification for column in dataset.fields},
    }  # fmt: skip
    return Promise(
        columns={column.name.lower(): physical_type(column) for column in dataset.fields},
        guarantees=_each_once(_guarantees(dataset)),
        services=tuple(ServiceLevel(e.property, e.value, e.unit, e.element, e.driver) for e in services),
        contract=contract.id,
        title=contract.title,
        version=contract.version,
        told={key: text for key, text in told.items() if text},
    )


def _guarantees(dataset: Dataset) -> Iterator[Guarantee]:
    key = dataset.key
    for column in dataset.fields:
        name = column.name.lower()
        if column.is_required or column.name in key:
            yield Guarantee(name, "nullValues", allowed=NOTHING_MORE)
        if column.is_unique or key == (column.name,):
            yield Guarantee(name, "duplicateValues", allowed=NOTHING_MORE)
        yield from _of_options(column, name)
    if len(key) > 1:
        yield _unique_together(key)
    for rule, asked in dataset.all_rules():
        if rule.metric != "text":
            yield _of_rule(rule, asked.name.lower() if asked else "")
    for reference in dataset.all_references():
        of = f"{', '.join(reference.columns)} -> {reference.to} ({', '.join(reference.fields)})".lower()
        about = reference.columns[0].lower() if len(reference.columns) == 1 else ""
        yield Guarantee(about, "relationship", of)


def _of_options(column: Field, name: str) -> Iterator[Guarantee]:
    if (allowed := range_of(column)) is not None:
        yield Guarantee(name, "values", allowed=allowed)
    if (allowed := length_of(column)) is not None:
        yield Guarantee(name, "length", allowed=allowed)
    for key in ("pattern", "multipleOf"):
        if column.options.get(key) is not None:
            yield Guarantee(name, key, str(column.options[key]))


def _of_rule(rule: Rule, about: str) -> Guarantee:
    if rule.metric == "custom":
        return Guarantee(about, "custom", f"{rule.engine}: {rule.implementation}", is_warning=rule.is_warning)
    allowed, of, values = rule.allowed, rule.query, None
    if rule.metric != "sql" and allowed is not None:
        allowed = allowed.counted(is_whole=rule.unit != "percent")
        of = "percent" if rule.unit == "percent" and allowed != NOTHING_MORE else ""
    if listed := rule.arguments.get("validValues"):
        values = tuple(sorted(str(each) for each in listed))
    for key in ("pattern", "missingValues"):
        if rule.arguments.get(key) is not None:
            of = f"{of} {rule.arguments[key]}".strip()
    if properties := rule.arguments.get("properties"):
        return replace(_unique_together(tuple(properties), of), allowed=allowed, is_warning=rule.is_warning)
    return Guarantee(about, rule.metric, of, allowed, values, rule.is_warning)


def _unique_together(columns: tuple[str, ...], of: str = "") -> Guarantee:
    named = ", ".join(sorted(str(each).lower() for each in columns))
    return Guarantee("", "duplicateValues", f"{named} {of}".strip(), NOTHING_MORE)


def _constraints(node: Node) -> Iterator[Guarantee]:
    """What dbt's contract guarantees besides columns and types."""
    for column, constraint in constraints_of(node):
        yield from _of_constraint(column, constraint)


def _of_constraint(column: str, constraint: Constraint) -> Iterator[Guarantee]:
    kind = str(constraint.get("type") or "")
    columns = (column,) if column else tuple(str(each) for each in constraint.get("columns") or ())
    if kind in ("not_null", "primary_key"):
        yield from (Guarantee(each.lower(), "nullValues", allowed=NOTHING_MORE) for each in columns)
    if kind in ("unique", "primary_key") and columns:
        is_one = len(columns) == 1
        yield (
            Guarantee(columns[0].lower(), "duplicateValues", allowed=NOTHING_MORE)
            if is_one
            else _unique_together(columns)
        )
    if kind not in ("not_null", "unique", "primary_key"):
        said = [str(constraint.get(key) or "") for key in ("expression", "to", "to_columns")]
        yield Guarantee(column.lower(), kind, " ".join(part for part in (", ".join(columns), *said) if part))


def _each_once(guarantees: Any) -> tuple[Guarantee, ...]:
    """The strictest of those that ask the same."""
    found: dict[tuple[str, str, str], Guarantee] = {}
    for each in guarantees:
        other = found.get(each.id)
        found[each.id] = each if other is None or is_at_least(each, other) else other
    return tuple(found[key] for key in sorted(found))


def is_at_least(new: Guarantee, old: Guarantee) -> bool:
    """Whether the one gives readers all that the other does."""
    if new.is_warning and not old.is_warning:
        return False
    if old.values is not None and (new.values is None or not set(new.values) <= set(old.values)):
        return False
    return old.allowed is None or (new.allowed is not None and new.allowed.is_within(old.allowed))


def _guarantee_json(each: Guarantee) -> list[Any]:
    allowed = each.allowed.as_json() if each.allowed else None
    return [each.about, each.kind, each.of, allowed, list(each.values) if each.values is not None else None,
            each.is_warning]  # fmt: skip


def _guarantee(value: Any) -> Guarantee:
    about, kind, of, allowed, values, is_warning = value
    numbers = Allowed.from_json(allowed) if allowed is not None else None
    return Guarantee(about, kind, of, numbers, tuple(values) if values is not None else None, is_warning)
