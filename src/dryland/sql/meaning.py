"""Decides what a query means: which parts of its inputs decide its rows, and which decide each column."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any

from dryland.values import dataclass

ROWS = "*rows*"  # stands for "which rows the input has"
WHOLE = "*"  # stands for "anything about the input"
EXTERNAL = "external:"  # prefix of inputs that the project does not know: hard-coded tables, files
Read = tuple[str, str]  # (unique id of an input, column name or ROWS or WHOLE)


def hash_of(*texts: str) -> str:
    """16 hex characters; no two different lists of texts are joined to the same input."""
    joined = "\x1f".join(texts)
    return hashlib.blake2b(joined.encode(), digest_size=8).hexdigest()


@dataclass(frozen=True, slots=True)
class Part:
    """One thing about a query's outcome: the hash of the code behind it, and what of the inputs it reads."""

    hash: str
    reads: frozenset[Read] = frozenset()

    def as_json(self) -> list[object]:
        """A compact JSON form, the same for equal parts."""
        return [self.hash, sorted(list(read) for read in self.reads)]

    @staticmethod
    def from_json(value: Sequence[Any]) -> Part:
        """The inverse of `as_json`."""
        return Part(str(value[0]), frozenset((str(unique_id), str(column)) for unique_id, column in value[1]))


@dataclass(frozen=True, slots=True)
class Meaning:
    """A query without its text.

    `rows` is what decides which rows come out; `columns[c]` what decides the values of `c`, in output order.
    `columns` is None when the analysis does not understand the query (`reason` says why): then `rows`
    covers everything and readers depend on the whole.
    """

    rows: Part
    columns: Mapping[str, Part] | None
    inputs: frozenset[str] = frozenset()
    volatile: tuple[str, ...] = ()  # names of volatile functions found, e.g. current_date
    reason: str = ""
    asked: Mapping[str, Part] = field(default_factory=dict, compare=False)  # of the query, where its table has others

    def as_json(self) -> dict[str, object]:
        """A compact JSON form, the same for equal meanings."""
        columns = None if self.columns is None else [[name, part.as_json()] for name, part in self.columns.items()]
        return {
            "rows": self.rows.as_json(),
            "columns": columns,
            "inputs": sorted(self.inputs),
            "volatile": list(self.volatile),
            "reason": self.reason,
        }

    @staticmethod
    def from_json(value: Mapping[str, Any]) -> Meaning:
        """The inverse of `as_json`."""
        listed = value["columns"]
        return Meaning(
            rows=Part.from_json(value["rows"]),
            columns=None if listed is None else {name: Part.from_json(part) for name, part in listed},
            inputs=frozenset(value["inputs"]),
            volatile=tuple(value["volatile"]),
            reason=str(value["reason"]),
        )


def reads_of(meaning: Meaning) -> dict[str, frozenset[str]]:
    """What a query reads of each input: its columns, or WHOLE; nothing where only the number of rows counts."""
    found: dict[str, set[str]] = {unique_id: set() for unique_id in meaning.inputs}
    for part in (meaning.rows, *(meaning.columns or {}).values(), *meaning.asked.values()):
        for unique_id, column in part.reads:
            found.setdefault(unique_id, set()).update(() if column == ROWS else (column,))
    return {unique_id: frozenset(columns) for unique_id, columns in found.items()}
