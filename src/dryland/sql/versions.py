"""Fills a meaning's inputs in: what readers of the outcome depend on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from dryland.digest import digest
from dryland.sql.meaning import ROWS, WHOLE, Meaning, Part, Read
from dryland.state.records import Versions


def evaluate(meaning: Meaning, inputs: Mapping[str, Versions], *, salt: str = "") -> Versions:
    """The versions of a query's outcome, given those of its inputs; `salt` stands for the clock of volatile ones."""
    resolved: dict[Read, str] = {}

    def version(part: Part) -> str:
        reads = [[*read, resolved.setdefault(read, _resolve(read, inputs))] for read in sorted(part.reads)]
        return digest([part.hash, reads, salt])

    rows = version(meaning.rows)
    if meaning.columns is None:
        return Versions(rows, {}, rows)
    return Versions(rows, {name: version(part) for name, part in meaning.columns.items()})


def opaque(text_hash: str, inputs: Iterable[str], reason: str) -> Meaning:
    """The meaning of what cannot be analysed: any change of its text or of anything it reads is a change of all."""
    names = frozenset(inputs)
    return Meaning(Part(text_hash, frozenset((name, WHOLE) for name in names)), None, names, reason=reason)


def seed_meaning(column_hashes: Mapping[str, str], rows: int) -> Meaning:
    """The meaning of a seed: its rows are how many there are, each column its own values in order."""
    columns = {
        name.lower(): Part(hashed if name == name.lower() else digest([name, hashed]))
        for name, hashed in column_hashes.items()
    }
    return Meaning(Part(digest(["seed", rows])), columns)


def _resolve(read: Read, inputs: Mapping[str, Versions]) -> str:
    unique_id, column = read
    versions = inputs[unique_id]
    if column == ROWS:
        return versions.rows
    return versions.whole if column == WHOLE else versions.of(column)
