"""Tells what contracts promise that nothing here checks, so that nobody relies on it."""

from __future__ import annotations

from collections.abc import Iterator

from dryland.project.odcs.contract import Contract
from dryland.project.odcs.durations import duration_s
from dryland.project.odcs.own_tests import ENGINE
from dryland.project.odcs.tables import Tables


def left_out(tables: Tables) -> Iterator[str]:
    """One sentence for each contract that promises what nothing here can check, with all of it by name."""
    for contract in tables.contracts:
        if contract.is_kept and (said := list(dict.fromkeys(_unchecked(tables, contract)))):
            place = contract.place.path
            yield f"{place} promises more than is checked: {', '.join(said)}"


def _unchecked(tables: Tables, contract: Contract) -> Iterator[str]:
    for dataset in contract.datasets:
        if not dataset.node:
            continue
        for rule, column in dataset.all_rules():
            where = f"of {column.name if column else dataset.name} (line {rule.place.line})"
            if rule.metric == "text":
                yield f"the text {where}"
            if rule.metric == "custom" and rule.engine.lower() != ENGINE:
                yield f"the rule for {rule.engine or 'another engine'} {where}"
        for each in dataset.all_references():
            if tables.named(each.to, contract) is None:
                yield f"the relationship to {each.to}, which is no model here (line {each.place.line})"
    for service in contract.services:
        is_dated = service.property == "latency" and "." in service.element
        if not is_dated or duration_s(service.value, service.unit) is None:
            yield f"the service level {service.property} (line {service.place.line})"
