"""Exports a model as a data contract: what its YAML, dbt's contract and its checks promise already."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from dryland.project.contracts import constraints_of
from dryland.project.nodes import Check, ColumnDoc, Node
from dryland.project.odcs.types import logical_type
from dryland.project.odcs.write import yaml_text
from dryland.project.project import Project
from dryland.values import dataclass

STANDARD = "v3.1.0"
FIRST = "1.0.0"
SAID_BY_COLUMNS = ("not_null", "unique", "relationships")  # with words of their own
TABLES = {"view": "view"}  # everything else is a table to readers


def exported(node: Node, project: Project, columns: Mapping[str, str]) -> str:
    """A contract for a model, as YAML; `columns` are those of its last build, with types, in their order.

    What is promised already stays as strict as it is; the version is the first one.
    """
    own = [check for check in project.checks.values() if check.node == node.unique_id]
    written = _Writing(node, project, columns, own)
    return yaml_text(written.contract())


@dataclass(frozen=True, slots=True)
class _Writing:
    """What is known of one model."""

    node: Node
    project: Project
    built: Mapping[str, str]
    checks: list[Check]

    def contract(self) -> dict[str, Any]:
        name = f"{self.node.name}_v{self.node.version}" if self.node.version else self.node.name
        return {
            "apiVersion": STANDARD,
            "kind": "DataContract",
            "id": f"{self.node.package}.{name}",
            "name": name,
            "version": FIRST,
            "status": "active",
            "team": {"name": self.node.owner},
            "schema": [self.object(name)],
        }

    def object(self, name: str) -> dict[str, Any]:
        is_renamed = self.node.relation.name != name
        keys = [str(each) for kind in ("primary_key",) for each in self._columns_of(kind)]
        return {
            "name": name,
            "physicalName": self.node.relation.name if is_renamed else "",
            "physicalType": TABLES.get(self.node.materialized, "table"),
            "description": self.node.description,
            "tags": list(dict.fromkeys(self.node.tags)),
            "properties": [self.property(column, keys) for column in self._columns()],
            "relationships": list(self._composite_keys()),
            "quality": [*self._unique_together(), *self._conditions(""), *self._rules("")],
        }

    def property(self, column: ColumnDoc, keys: list[str]) -> dict[str, Any]:
        kinds = {str(each.get("type")) for each in column.constraints}
        is_key = column.name in keys
        own = [check for check in self.checks if check.column.lower() == column.name.lower()]
        return {
            "name": column.name,
            "primaryKey": is_key or None,
            "primaryKeyPosition": keys.index(column.name) + 1 if is_key else None,
            "logicalType": logical_type(column.data_type, self.project.warehouse.type),
            "physicalType": column.data_type,
            "description": column.description,
            "required": "not_null" in kinds or any(_is_plain(each, "not_null") for each in own) or None,
            "unique": "unique" in kinds or any(_is_plain(each, "unique") for each in own) or None,
            "classification": "pii" if column.meta.get("pii") else "",
            "tags": list(column.tags),
            "relationships": [*self._references(own), *self._foreign_keys(column)],
            "quality": [*self._conditions(column.name), *self._rules(column.name)],
        }

    def _columns(self) -> Iterator[ColumnDoc]:
        """Those of the last build, or of the YAML before there is one; types are those that are written, if any."""
        documented = {column.name.lower(): column for column in self.node.columns}
        for name, kind in self.built.items():
            column = documented.pop(name.lower(), ColumnDoc(name))
            yield ColumnDoc(
                column.name, column.description, column.data_type or kind, column.meta, column.tags, column.constraints
            )
        yield from (column for column in documented.values() if not self.built)

    def _columns_of(self, kind: str) -> Iterator[str]:
        for column, constraint in constraints_of(self.node):
            if constraint.get("type") == kind:
                yield from (column,) if column else (constraint.get("columns") or ())

    def _references(self, checks: Iterable[Check]) -> Iterator[dict[str, Any]]:
        for check in checks:
            if _is_plain(check, "relationships"):
                yield {"to": f"{self._object(str(check.arguments['to']))}.{check.arguments['field']}"}

    def _foreign_keys(self, column: ColumnDoc) -> Iterator[dict[str, Any]]:
        for check in self.checks:
            if check.kind == "foreign_key" and check.column.lower() == column.name.lower():
                for constraint in column.constraints:
                    if constraint.get("type") == "foreign_key" and constraint.get("to_columns"):
                        yield {"to": f"{self._object(check.refs[-1])}.{constraint['to_columns'][0]}"}

    def _composite_keys(self) -> Iterator[dict[str, Any]]:
        foreign = [check for check in self.checks if check.kind == "foreign_key" and not check.column]
        keys = [each for each in self.node.constraints if each.get("type") == "foreign_key" and each.get("to_columns")]
        for check, constraint in zip(foreign, keys, strict=False):
            ours, theirs = self.node.name, self._object(check.refs[-1])
            yield {
                "from": [f"{ours}.{each}" for each in constraint.get("columns") or ()],
                "to": [f"{theirs}.{each}" for each in constraint["to_columns"]],
            }

    def _object(self, unique_id: str) -> str:
        if unique_id in self.project.nodes:
            return self.project.nodes[unique_id].name
        return self.project.sources[unique_id].name

    def _unique_together(self) -> Iterator[dict[str, Any]]:
        for constraint in self.node.constraints:
            if constraint.get("type") == "unique":
                properties = list(constraint.get("columns") or ())
                yield {"metric": "duplicateValues", "arguments": {"properties": properties}, "mustBe": 0}

    def _conditions(self, column: str) -> Iterator[dict[str, Any]]:
        for at, constraint in constraints_of(self.node):
            if at == column and constraint.get("type") == "check" and constraint.get("expression"):
                query = f"select count(*) from {{object}} where not ({constraint['expression']})"
                yield {"name": str(constraint.get("name") or ""), "type": "sql", "query": query, "mustBe": 0}

    def _rules(self, column: str) -> Iterator[dict[str, Any]]:
        """Checks that no other word of the standard says."""
        for check in self.checks:
            is_said = column and any(_is_plain(check, kind) for kind in SAID_BY_COLUMNS)
            if check.column.lower() == column.lower() and check.kind != "foreign_key" and not is_said:
                yield _rule(check)


def _rule(check: Check) -> dict[str, Any]:
    said = {"description": check.description, "severity": "warning" if check.severity == "warn" else ""}
    if check.kind == "accepted_values" and _is_unconditional(check) and "quote" not in check.arguments:
        valid = {"validValues": list(check.arguments["values"])}
        return {"metric": "invalidValues", "arguments": valid, "mustBe": 0, **said}
    if check.kind in ("not_null", "unique") and _is_unconditional(check):
        metric = "nullValues" if check.kind == "not_null" else "duplicateValues"
        return {"metric": metric, "mustBe": 0, **said}
    return {
        "type": "custom",
        "engine": "dbt",
        "description": check.description,
        "implementation": _implementation(check),
    }


def _implementation(check: Check) -> Any:
    """The test as an entry of dbt's YAML."""
    arguments = {key: value for key, value in check.arguments.items() if key != "to_name"}
    if check.kind == "relationships" and "to_name" in check.arguments:
        arguments["to"] = check.arguments["to_name"]
    config = {key: value for key, value in check.config.items() if key in ("severity", "where", "limit", "warn_if",
              "error_if", "fail_calc")}  # fmt: skip
    body = {"arguments": arguments, "config": config}
    return {check.kind: {key: value for key, value in body.items() if value}} if any(body.values()) else check.kind


def _is_unconditional(check: Check) -> bool:
    return not check.where and check.limit is None and check.error_if == "!= 0" and check.warn_if == "!= 0"


def _is_plain(check: Check, kind: str) -> bool:
    return check.kind == kind and check.severity == "error" and _is_unconditional(check)
