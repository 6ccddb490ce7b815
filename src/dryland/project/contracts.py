"""Reads contracts: which models have one, and whether it can be kept at all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from dryland.errors import ConfigError
from dryland.project.nodes import Node

TYPES = ("check", "not_null", "unique", "primary_key", "foreign_key", "custom")
GROWING_POLICIES = ("append_new_columns", "fail")
Constraint = Mapping[str, Any]


def has_contract(node: Node) -> bool:
    """Whether the columns that the YAML gives are a promise; as for dbt only where a table or view is made of them."""
    return is_promised(node) and node.kind == "model" and node.materialized != "ephemeral"


def is_promised(node: Node) -> bool:
    """Whether the configuration says `contract: {enforced: true}`, or its short form `contract: true`."""
    contract = node.config.get("contract")
    return bool(contract.get("enforced")) if isinstance(contract, Mapping) else bool(contract)


def constraints_of(node: Node) -> Iterator[tuple[str, Constraint]]:
    """Every constraint with the column it is written at; empty for those of the whole model."""
    for column in node.columns:
        yield from ((column.name, constraint) for constraint in column.constraints)
    yield from (("", constraint) for constraint in node.constraints)


def verify_contracts(nodes: Iterable[Node]) -> None:
    """Refuse contracts that nothing can keep, as dbt does when it reads the project.

    Raises:
        ConfigError: the model is no SQL or has no columns, or its constraints contradict each other.
    """
    for node in nodes:
        if node.kind == "model":
            _verify_primary_key(node)
        if has_contract(node):
            _verify(node)


def _verify(node: Node) -> None:
    if node.language != "sql":
        raise refused(node, "it is no SQL model", "take `contract` out; data tests work for Python models too.")
    if not node.columns:
        raise refused(node, "it has no `columns` in YAML", "list every column with its name and data_type.")
    untyped = [column.name for column in node.columns if not column.data_type]
    if untyped:
        raise refused(node, f"no data_type is given for {', '.join(untyped)}", "give every column its data_type.")
    policy = node.config.get("on_schema_change") or "ignore"
    if node.materialized == "incremental" and policy not in GROWING_POLICIES:
        raise refused(node, f"on_schema_change is `{policy}`", f"choose {' or '.join(GROWING_POLICIES)}.")
    for _, constraint in constraints_of(node):
        if constraint.get("type") not in TYPES:
            raise refused(
                node, f"`{constraint.get('type')}` is no type of constraint", f"there are {', '.join(TYPES)}."
            )


def _verify_primary_key(node: Node) -> None:
    """A table has one, contract or not."""
    keys = [column for column, constraint in constraints_of(node) if constraint.get("type") == "primary_key"]
    at_columns = [column for column in keys if column]
    if len(at_columns) > 1 or (at_columns and len(keys) > 1):
        raise refused(
            node, f"it has more than one primary key ({', '.join(column or 'of the model' for column in keys)})",
            "write one over several columns at the model: {type: primary_key, columns: [...]}.",
        )  # fmt: skip


def refused(node: Node, why: str, hint: str) -> ConfigError:
    """The error of a contract that cannot be kept, at the YAML that gives it."""
    place = node.patch or node.place
    return ConfigError(
        f"the contract of `{node.name}` cannot be kept: {why}.", path=place.path, line=place.line, hint=hint
    )
