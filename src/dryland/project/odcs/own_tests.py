"""Finds dbt's own tests in contracts: rules of type custom whose engine is dbt."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from dryland.errors import ConfigError
from dryland.project.nodes import Node
from dryland.project.odcs.contract import Contract, Dataset, Rule
from dryland.project.properties import Patch
from dryland.project.yaml_file import Listed, Mapped, parse_yaml

ENGINE = "dbt"


def own_tests(contracts: Iterable[Contract], nodes: Mapping[str, Node]) -> Iterator[tuple[Mapped, Node, Patch]]:
    """What such rules ask, as an entry of dbt's YAML, with the node and the place that it stands for.

    Raises:
        ConfigError: one has no form of dbt's.
    """
    for contract in contracts:
        for dataset in contract.datasets if contract.is_kept else ():
            node = nodes.get(dataset.node)
            body = _entry(dataset)
            if node is not None and body:
                yield body, node, Patch(node.name, dataset.place, body)


def _entry(dataset: Dataset) -> Mapped:
    body = _mapped({}, dataset.place.line)
    if tests := _tests(dataset.rules):
        body["data_tests"] = tests
    columns = [
        _mapped({"name": column.name, "data_tests": tests}, column.place.line)
        for column in dataset.fields
        if (tests := _tests(column.rules))
    ]
    if columns:
        body["columns"] = columns
    return body


def _tests(rules: Iterable[Rule]) -> Listed:
    own = [rule for rule in rules if rule.metric == "custom" and rule.engine.lower() == ENGINE]
    found = Listed(_written(rule) for rule in own)
    found.lines = [rule.place.line for rule in own]
    return found


def _written(rule: Rule) -> Any:
    """A name, or a mapping; a text is YAML in YAML."""
    if not isinstance(rule.implementation, str):
        return rule.implementation
    try:
        return parse_yaml(rule.implementation, rule.place.path) if ":" in rule.implementation else rule.implementation
    except ConfigError as error:
        raise ConfigError(error.message, path=rule.place.path, line=rule.place.line, hint=error.hint) from error


def _mapped(body: Mapping[str, Any], line: int) -> Mapped:
    made = Mapped(body)
    made.line = line
    return made
