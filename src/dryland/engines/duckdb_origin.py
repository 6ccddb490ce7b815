"""Knows what makes somebody's table or view what it is, and makes it again just so.

The rows alone are not the table: its keys, defaults, conditions, indexes and comments are its owner's too. They are
kept as the comment of the copy in the store, so they last exactly as long as the copy does.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, field

from dryland.engines.duckdb_catalogue import Catalogue, Standing
from dryland.engines.duckdb_names import folded, literal, quoted, rendered
from dryland.engines.duckdb_session import DuckDBSession
from dryland.engines.relation import Relation
from dryland.values import dataclass

_NAME = r'(?:"(?:[^"]|"")+"|[^\s."(;]+)'
_QUALIFIED = rf"(?:{_NAME}\.){{0,2}}{_NAME}"
OBJECT = re.compile(rf"CREATE (?P<kind>TABLE|VIEW) {_QUALIFIED}(?P<rest>.*)", re.DOTALL)
INDEX = re.compile(rf"(?P<how>CREATE (?:UNIQUE )?INDEX {_NAME}) ON {_QUALIFIED}(?P<rest>.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Index:
    """An index of a table."""

    name: str
    sql: str
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Origin:
    """What a table or view is, but for its rows."""

    name: str  # as its maker wrote it
    kind: str
    sql: str
    comment: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)  # column -> its comment
    indexes: tuple[Index, ...] = ()

    def as_text(self) -> str:
        """What is kept with the copy in the store, read back by `from_copy`."""
        return json.dumps(asdict(self))

    @staticmethod
    def from_copy(copy: Standing) -> Origin:
        """What the copy in the store was made of."""
        value = json.loads(copy.comment)
        indexes = tuple(Index(**each) for each in value.pop("indexes"))
        return Origin(**value, indexes=indexes)

    def at(self, place: Relation) -> Relation:
        """The name to make it again under, at the place where it was."""
        return Relation(place.database, place.schema, self.name)

    def statements(self, place: Relation, rows: Relation | None = None) -> Iterator[str]:
        """Make it again, a table with the rows of another; names in it mean what they meant in its own schema."""
        made = OBJECT.fullmatch(self.sql)
        assert made, self.sql
        name = rendered(self.at(place))
        yield f"USE {quoted(place.database)}.{quoted(place.schema)}"
        yield f"CREATE {made['kind']} {name}{made['rest']}"
        if rows is not None and self.kind == "table":
            yield f"INSERT INTO {name} FROM {rendered(rows)}"
        for index in self.indexes:
            made = INDEX.fullmatch(index.sql)
            assert made, index.sql
            yield f"{made['how']} ON {name}{made['rest']}"
        yield from self._comments(place)

    def _comments(self, place: Relation) -> Iterator[str]:
        name = rendered(self.at(place))
        if self.comment:
            yield f"COMMENT ON {self.kind.upper()} {name} IS {literal(self.comment)}"
        for column, comment in self.columns.items():
            yield f"COMMENT ON COLUMN {name}.{quoted(column)} IS {literal(comment)}"
        for index in self.indexes:
            if index.comment:
                there = rendered(Relation(place.database, place.schema, index.name))
                yield f"COMMENT ON INDEX {there} IS {literal(index.comment)}"


def read_origins(session: DuckDBSession, names: Iterable[Relation], catalogue: Catalogue) -> dict[Relation, Origin]:
    """What each of these is."""
    indexes: dict[Relation, list[Index]] = {}
    for *there, name, sql, comment in session.fetch(
        "SELECT database_name, schema_name, table_name, index_name, sql, comment FROM duckdb_indexes() ORDER BY ALL"
    ).rows:
        indexes.setdefault(folded(Relation(*there)), []).append(Index(name, (sql or "").rstrip(";"), comment or ""))
    columns: dict[Relation, dict[str, str]] = {}
    for *there, name, comment in session.fetch(
        "SELECT database_name, schema_name, table_name, column_name, comment FROM duckdb_columns() "
        "WHERE comment IS NOT NULL ORDER BY ALL"
    ).rows:
        columns.setdefault(folded(Relation(*there)), {})[name] = comment
    found = {}
    for name in names:
        standing, key = catalogue[name], folded(name)
        found[name] = Origin(
            standing.name, standing.kind, standing.sql.rstrip(";"), standing.comment,
            columns.get(key, {}), tuple(indexes.get(key, ())),
        )  # fmt: skip
    return found
