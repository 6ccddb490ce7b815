"""Describes a column of a PostgreSQL table to templates, in the words of dbt-postgres."""

from __future__ import annotations

import re

from dryland.project.jinja.columns import ColumnValue

SIZED = re.compile(
    r"(?P<kind>[^(\[]+)(?:\((?P<first>\d+)(?:,(?P<second>-?\d+))?\))?(?P<rest>[^\[]*)(?P<array>(?:\[\])*)"
)
ARRAY, OWN = "ARRAY", "USER-DEFINED"  # what the information schema says of arrays, and of types that somebody made
INTERVAL = "interval"  # of whatever parts
BUILT_IN = frozenset(
    """
    bigint|bit|bit varying|boolean|box|bytea|character|character varying|cidr|circle|date|datemultirange|daterange
    |double precision|inet|int4multirange|int4range|int8multirange|int8range|integer|interval|json|jsonb|jsonpath|line
    |lseg|macaddr|macaddr8|money|name|numeric|nummultirange|numrange|oid|path|pg_lsn|pg_snapshot|point|polygon|real
    |regclass|regcollation|regconfig|regdictionary|regnamespace|regoper|regoperator|regproc|regprocedure|regrole
    |regtype|smallint|text|time with time zone|time without time zone|timestamp with time zone
    |timestamp without time zone|tsmultirange|tsquery|tsrange|tstzmultirange|tstzrange|tsvector|txid_snapshot|uuid|xid
    |xid8|xml
    """.replace("\n    ", "")
    .strip()
    .split("|")
)
PLAIN_TEXT = frozenset({"text", "character varying"})
TEXTS = frozenset({"character varying", "character", "bit", "bit varying"})
DIGITS = {
    "smallint": (16, 0), "integer": (32, 0), "bigint": (64, 0), "real": (24, None), "double precision": (53, None),
}  # fmt: skip
"""Type -> binary digits and scale, as the information schema has them."""

ANSWERED = {
    "smallint": "INTEGER", "integer": "INTEGER", "bigint": "LONGINTEGER", "oid": "INTEGER",
    "numeric": "DECIMAL", "real": "FLOAT", "double precision": "FLOAT", "boolean": "BOOLEAN",
    "text": "STRING", "character varying": "STRING", "character": "STRING", "name": "STRING", "bytea": "BINARY",
    "date": "DATE", "interval": "INTERVAL", "time without time zone": "TIME", "time with time zone": "TIME",
    "timestamp without time zone": "DATETIME", "timestamp with time zone": "DATETIMETZ",
    "json": "JSON", "jsonb": "JSONB", "uuid": "UUID",
}  # fmt: skip
"""Type -> what the driver of dbt-postgres calls it in the answer of a query."""


class PostgresColumn(ColumnValue):
    """A column of a table on PostgreSQL: dbt's `api.Column`."""

    @classmethod
    def found(cls, name: str, kind: str) -> PostgresColumn:
        """A column by the name of its type with all that belongs to it, as `format_type` gives it.

        >>> column = PostgresColumn.found("price", "numeric(10,2)")
        >>> column.dtype, column.data_type, PostgresColumn.found("seen", "timestamp(3) with time zone").dtype
        ('numeric', 'numeric(10,2)', 'timestamp with time zone')
        >>> [PostgresColumn.found("x", kind).dtype for kind in ("text[]", "raw.mood", "interval day to second(3)")]
        ['ARRAY', 'USER-DEFINED', 'interval']
        """
        parts = SIZED.fullmatch(kind)
        if parts is None:
            return cls(name, kind)
        if parts["array"]:
            return cls(name, ARRAY)
        dtype = _bare(parts)
        if dtype not in BUILT_IN:
            return cls(name, OWN)
        if dtype in TEXTS:
            return cls(name, dtype, int(parts["first"]) if parts["first"] else None)
        precision, scale = DIGITS.get(dtype, (None, None))
        if dtype == "numeric" and parts["first"]:
            precision, scale = int(parts["first"]), int(parts["second"] or 0)
        return cls(name, dtype, None, precision, scale)

    @classmethod
    def of_answer(cls, name: str, kind: str) -> PostgresColumn:
        """A column of a query's answer, which the driver tells without its size."""
        parts = SIZED.fullmatch(kind)
        bare = _bare(parts) if parts else kind
        said = ANSWERED.get(bare, bare)
        return cls(name, f"{said}ARRAY" if parts and parts["array"] else said)

    @property
    def data_type(self) -> str:
        """Its type as dbt writes it in SQL: text of any length has none."""
        kind = self.dtype.lower()
        if kind == "text" or (kind in PLAIN_TEXT and self.char_size is None):
            return self.dtype
        return super().data_type

    expanded_data_type = data_type


def _bare(parts: re.Match[str]) -> str:
    """A type's name without its sizes."""
    name = (parts["kind"].rstrip() + parts["rest"]).strip()
    return INTERVAL if name.startswith(f"{INTERVAL} ") else name
