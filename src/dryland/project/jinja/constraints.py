"""Writes constraints as CREATE TABLE has them, from what YAML says of a model and its columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def column_constraints(columns: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Each column with its type and constraints.

    >>> column_constraints({"id": {"name": "id", "data_type": "int", "constraints": [{"type": "not_null"}]}})
    ['id int not null']
    """
    return [
        " ".join(
            [_name(column), str(column["data_type"]), *filter(None, map(_of_column, column.get("constraints") or ()))]
        )
        for column in columns.values()
    ]


def model_constraints(constraints: Sequence[Mapping[str, Any]]) -> list[str]:
    """Each constraint over the whole table.

    >>> model_constraints([{"type": "primary_key", "columns": ["a", "b"]}])
    ['primary key (a, b)']
    """
    return [text for text in map(_of_model, constraints) if text]


def _name(column: Mapping[str, Any]) -> str:
    name = str(column["name"])
    return '"' + name.replace('"', '""') + '"' if column.get("quote") else name


def _of_column(constraint: Mapping[str, Any]) -> str:
    kind, expression = str(constraint["type"]), str(constraint.get("expression") or "")
    if kind == "foreign_key":
        return f"references {_referred(constraint)}"
    if kind == "check":
        return f"check ({expression})" if expression else ""
    if kind == "custom":
        return expression
    return f"{kind.replace('_', ' ')} {expression}".strip()


def _of_model(constraint: Mapping[str, Any]) -> str:
    kind, expression = str(constraint["type"]), str(constraint.get("expression") or "")
    prefix = f"constraint {constraint['name']} " if constraint.get("name") else ""
    columns = ", ".join(map(str, constraint.get("columns") or ()))
    if kind == "foreign_key":
        return f"{prefix}foreign key ({columns}) references {_referred(constraint)}"
    if kind == "check":
        return f"{prefix}check ({expression})" if expression else ""
    if kind == "custom":
        return f"{prefix}{expression}" if expression else ""
    return f"{prefix}{kind.replace('_', ' ')}{' ' + expression if expression else ''} ({columns})"


def _referred(constraint: Mapping[str, Any]) -> str:
    """The table and columns of a foreign key; DuckDB takes no database before it."""
    if not (constraint.get("to") and constraint.get("to_columns")):
        return str(constraint.get("expression") or "")
    parts = str(constraint["to"]).split(".")
    table = ".".join(parts[1:] if len(parts) > 2 else parts)
    return f"{table} ({', '.join(map(str, constraint['to_columns']))})"
