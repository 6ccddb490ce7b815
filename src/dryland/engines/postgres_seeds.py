"""Infers the types of a seed's columns, in the words of dbt's adapter for PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from dryland.engines.seed_types import infer_types as infer

WORDS: Mapping[str, str] = {
    "INTEGER": "integer", "BIGINT": "bigint", "DOUBLE": "double precision", "DATE": "date",
    "TIMESTAMP": "timestamp without time zone", "BOOLEAN": "boolean", "VARCHAR": "text",
}  # fmt: skip


def infer_types(path: Path, delimiter: str, declared: Mapping[str, str]) -> dict[str, str]:
    """Column name -> PostgreSQL's type; what is declared is taken as it is."""
    fixed = {name.lower() for name in declared}
    found = infer(path, delimiter, declared)
    return {name: kind if name.lower() in fixed else _word(kind) for name, kind in found.items()}


def _word(kind: str) -> str:
    return WORDS.get(kind, kind.replace("DECIMAL", "numeric"))
