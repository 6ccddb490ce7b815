"""Describes the parts of a table's name to templates: what they are, which are printed and quoted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dryland.project.jinja.state import current

PARTS = ("database", "schema", "identifier")

CLASSES: Mapping[str, str] = {"duckdb": "DuckDBRelation", "postgres": "PostgresRelation"}
"""Kind of warehouse -> what dbt's adapter calls its relations."""

RENAMED: Mapping[str, frozenset[str]] = {"postgres": frozenset({"table", "view"})}
"""Kind of warehouse -> the types of relations that dbt's adapter renames and replaces."""


def own_kind() -> str:
    """The kind of warehouse that the template at hand is for."""
    return str(current().context["target"].get("type"))


@dataclass(frozen=True)
class Policy:
    """Something that is so, or not, for each part of a name: whether it is printed, or quoted."""

    database: bool = True
    schema: bool = True
    identifier: bool = True

    def changed(self, given: Mapping[str, Any]) -> Policy:
        """The same but for the parts that are given."""
        return Policy(*(getattr(self, part) if given.get(part) is None else bool(given[part]) for part in PARTS))


@dataclass(frozen=True)
class Path:
    """The parts of a name as dbt tells them: None where one is missing."""

    database: str | None
    schema: str | None
    identifier: str | None


class ByName(Mapping[str, Any]):
    """Something whose attributes templates may also take by name: dbt's relations are mappings, and packages ask."""

    def __getitem__(self, name: str) -> Any:
        if not isinstance(name, str) or name.startswith("_") or not hasattr(self, name):
            raise KeyError(name)
        return getattr(self, name)

    def __iter__(self) -> Iterator[str]:
        return iter(PARTS)

    def __len__(self) -> int:
        return len(PARTS)

    def get(self, key: str, default: Any = None) -> Any:
        """One of its attributes; `metadata` tells what it is."""
        return {"type": CLASSES.get(own_kind(), "Relation")} if key == "metadata" else super().get(key, default)


@dataclass(frozen=True)
class InformationSchema:
    """The information schema of a database, or one view of it."""

    database: str
    information_schema_view: str = ""

    schema = identifier = None

    def __str__(self) -> str:
        quoted = '"' + self.database.replace('"', '""') + '"' if self.database else ""
        return ".".join(part for part in (quoted, "INFORMATION_SCHEMA", self.information_schema_view) if part)

    render = __str__

    def replace(self, information_schema_view: str = "", **_: Any) -> InformationSchema:
        """Another view of it."""
        return InformationSchema(self.database, information_schema_view)

    def include(self, **_: Any) -> InformationSchema:
        """Itself: it is always printed in full."""
        return self

    incorporate = quote = include
