"""Lists what warehouses do differently when tables are made and grown, each as its dbt adapter does it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from dryland.values import dataclass

SIZE = re.compile(r"\s*\([^)]*\)")  # of a type: `(10, 2)`
POSTGRES_KINDS: Mapping[str, str] = {
    '"char"': "text", "bpchar": "text", "character": "text", "character varying": "text", "name": "text",
    "double precision": "real", "smallint": "integer", "time with time zone": "time without time zone",
}  # fmt: skip
"""Types that psycopg2, and so dbt-postgres, takes for one: it looks at types without their sizes."""


def postgres_kind(kind: str) -> str:
    """What a contract compares of a type of PostgreSQL.

    >>> postgres_kind("character varying(5)[]"), postgres_kind("numeric(10,2)"), postgres_kind("smallint")
    ('text[]', 'numeric', 'integer')
    """
    bare = SIZE.sub("", kind)
    element = bare.removesuffix("[]")
    return POSTGRES_KINDS.get(element, element) + bare[len(element) :]


@dataclass(frozen=True, slots=True)
class Ways:
    """One warehouse's ways."""

    kind: Callable[[str], str] = str  # what a contract compares of a type
    folds_columns: bool = False  # a column that YAML names in capitals may be one in lower case
    widens_texts: bool = False  # a column of texts that get longer grows, whatever on_schema_change says
    casts_to_alter: bool = False  # a column gets another type only if told how
    matches_null_rows: bool = True  # in a key of several columns written as one text, nulls are equal
    merges_batches: bool = False  # a batch takes the place of rows with its keys, not of a stretch of time
    merge_hint: str = ""  # for whose warehouse is too old to merge
    merge_words: frozenset[str] = frozenset({"by_name", "by_position", "star", "explicit", "error"})


WAYS: Mapping[str, Ways] = {
    "duckdb": Ways(),
    "postgres": Ways(
        kind=postgres_kind,
        folds_columns=True,
        widens_texts=True,
        casts_to_alter=True,
        matches_null_rows=False,
        merges_batches=True,
        merge_hint="MERGE takes PostgreSQL 15, and rows that are gone from the source 17; delete+insert does with any.",
        merge_words=frozenset({"by_name", "explicit"}),
    ),
}
