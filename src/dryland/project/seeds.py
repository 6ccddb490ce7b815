"""Reads a seed's file far enough to know what it means: its columns, their values' hashes, its rows."""

from __future__ import annotations

import csv
import hashlib
from pathlib import Path

from dryland.engines.seed_columns import column_names
from dryland.errors import ConfigError
from dryland.project.text_file import decoded
from dryland.values import dataclass


@dataclass(frozen=True, slots=True)
class SeedFile:
    """A CSV file's content, by column."""

    hashes: dict[str, str]  # column -> hash of its values in order
    rows: int
    file_hash: str


EMPTY_LINES: frozenset[str] = frozenset({"postgres"})
"""Kinds of warehouse on which an empty line is a row without values, for dbt and for us."""


def read_seed(path: Path, shown: str, delimiter: str = ",", *, kind: str = "") -> SeedFile:
    """Read the file once, verifying that every row has as many fields as the header; `kind` is the warehouse's.

    Raises:
        ConfigError: it is empty, ragged, repeats a column, or is not UTF-8 text.
    """
    content = path.read_bytes()
    text = decoded(content, shown)
    rows = csv.reader(text.splitlines(keepends=True), delimiter=delimiter, strict=True)
    header = column_names(next(rows, ()))
    if not header:
        raise ConfigError("the seed is empty.", path=shown, line=1, hint="its first line names the columns.")
    _verify_header(header, shown)
    hashers = [hashlib.blake2b(digest_size=8) for _ in header]
    count = 0
    try:
        for found in rows:
            row = found or ([""] * len(header) if kind in EMPTY_LINES else found)
            if not row:
                continue
            if len(row) != len(header):
                raise ConfigError(
                    f"the row has {_fields(len(row))}, the header {len(header)}.", path=shown, line=rows.line_num,
                    hint="is a delimiter missing, or a field with one not quoted?",
                )  # fmt: skip
            count += 1
            for hasher, value in zip(hashers, row, strict=True):
                hasher.update(f"{len(value)}:{value}".encode())
    except csv.Error as error:
        raise ConfigError(
            f"the CSV does not parse: {error}.", path=shown, line=rows.line_num, hint="is a quote left open?"
        ) from error
    hashes = {name: hasher.hexdigest() for name, hasher in zip(header, hashers, strict=True)}
    return SeedFile(hashes, count, content_hash(content))


def content_hash(content: bytes) -> str:
    """What a file's bytes are told by."""
    return hashlib.blake2b(content, digest_size=8).hexdigest()


def _fields(count: int) -> str:
    return f"{count} field{'' if count == 1 else 's'}"


def _verify_header(header: list[str], shown: str) -> None:
    seen: set[str] = set()
    for name in header:
        if name.lower() in seen:
            what = f"the column `{name}` is there twice, whatever its case."
            raise ConfigError(what, path=shown, line=1, hint="each column needs a name of its own.")
        seen.add(name.lower())
