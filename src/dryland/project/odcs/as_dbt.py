"""Writes a contract as dbt's YAML: columns, types, constraints and tests that dbt itself understands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from dryland.project.odcs.bind import is_personal
from dryland.project.odcs.contract import Contract, Dataset, Field, Rule
from dryland.project.odcs.physical_type import physical_type
from dryland.project.odcs.write import yaml_text


def dbt_yaml(contract: Contract, dataset: Dataset, model: str) -> tuple[str, tuple[str, ...]]:
    """The YAML of one dataset under a model's name, and what dbt has no word for."""
    key = dataset.key
    lost = list(_lost(contract, dataset))
    composite = [{"type": "primary_key", "columns": list(key)}] if len(key) > 1 else []
    body = {
        "name": model,
        "description": dataset.description or contract.description,
        "config": {
            "contract": {"enforced": True},
            "meta": {"owner": contract.owner},
            "tags": list(dataset.tags),
        },
        "constraints": [*composite, *_unique_together(dataset)],
        "columns": [_column(column, key) for column in dataset.fields],
        "data_tests": [rule.implementation for rule in dataset.rules if _is_own(rule)],
    }
    return yaml_text({"version": 2, "models": [body]}), tuple(lost)


def _column(column: Field, key: tuple[str, ...]) -> dict[str, Any]:
    return {
        "name": column.name,
        "data_type": physical_type(column),
        "description": column.description,
        "config": {"meta": {"pii": True} if is_personal(column) else {}, "tags": list(column.tags)},
        "constraints": [{"type": "primary_key"}] if key == (column.name,) else [],
        "data_tests": list(_tests(column)),
    }


def _tests(column: Field) -> Iterator[Any]:
    if column.is_required:
        yield "not_null"
    if column.is_unique:
        yield "unique"
    for reference in column.references:
        if len(reference.columns) == 1:
            arguments = {"to": f"ref('{reference.to}')", "field": reference.fields[0]}
            yield {"relationships": {"arguments": arguments}}
    for rule in column.rules:
        if (test := _test(rule)) is not None:
            yield test


def _test(rule: Rule) -> Any:
    """One of dbt's own tests; None where it has none."""
    most = rule.allowed.most if rule.allowed is not None and rule.unit == "rows" else None
    config: dict[str, Any] = {"severity": "warn"} if rule.is_warning else {}
    if most:
        config |= {"error_if": f"> {most}", "warn_if": f"> {most}"}
    if _is_own(rule):
        return rule.implementation
    if rule.metric == "nullValues" and most is not None:
        return {"not_null": {"config": config}} if config else "not_null"
    if rule.metric == "duplicateValues" and most is not None:
        return {"unique": {"config": config}} if config else "unique"
    if rule.metric == "invalidValues" and most == 0 and "pattern" not in rule.arguments:
        return {"accepted_values": {"arguments": {"values": list(rule.arguments["validValues"])}, "config": config}}
    return None


def _unique_together(dataset: Dataset) -> Iterator[dict[str, Any]]:
    for rule in dataset.rules:
        if _is_unique_together(rule):
            yield {"type": "unique", "columns": list(rule.arguments["properties"])}


def _is_unique_together(rule: Rule) -> bool:
    return rule.metric == "duplicateValues" and rule.allowed is not None and rule.allowed.most == 0


def _is_own(rule: Rule) -> bool:
    return rule.metric == "custom" and rule.engine.lower() == "dbt"


def _lost(contract: Contract, dataset: Dataset) -> Iterable[str]:
    for rule, column in dataset.all_rules():
        is_kept = _test(rule) is not None if column else _is_unique_together(rule) or _is_own(rule)
        if not is_kept:
            yield f"{rule.metric} of {column.name if column else dataset.name} (line {rule.place.line})"
    for column in dataset.fields:
        if column.options:
            yield f"logicalTypeOptions of {column.name} (line {column.place.line})"
    for reference in dataset.all_references():
        if len(reference.columns) > 1:
            yield f"the relationship to {reference.to} (line {reference.place.line})"
    for service in contract.services_of(dataset):
        yield f"the service level {service.property} (line {service.place.line})"
