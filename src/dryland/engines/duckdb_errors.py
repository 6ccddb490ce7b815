"""Tells DuckDB's errors in our words."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb

from dryland.errors import DrylandError, QueryError, WarehouseError, WarehouseLockedError

HOLDER = re.compile(r"Conflicting lock is held in (?P<program>.+?) \(PID (?P<pid>\d+)\)")
CAUSE = re.compile(r"^(Error when converting|Expected Number of Columns|Missing Columns|Value with).*$", re.MULTILINE)
LINE = re.compile(r"^LINE (\d+):", re.MULTILINE)


def explained(error: duckdb.Error, sql: str = "", lines_before: int = 0) -> DrylandError:
    """The error to raise in place of the driver's; `lines_before` were sent before the statement, and are not of it."""
    text = str(error).strip()
    first = text.splitlines()[0] if text else type(error).__name__
    if isinstance(error, duckdb.TransactionException) or "write-write conflict" in text:
        return QueryError(first, sql=sql, transient=True)
    if isinstance(error, duckdb.IOException | duckdb.OutOfMemoryException | duckdb.FatalException):
        return WarehouseError(first, hint="is there room on the disk, and is the file whole?")
    found = LINE.search(text)
    return QueryError(
        _with_cause(first, text), sql=sql, sql_line=int(found[1]) - lines_before if found else None, hint=_hint(text)
    )


def lock_conflict(error: duckdb.Error, path: Path) -> WarehouseLockedError | None:
    """The error when another process holds the file, with that process named, or this one; None for any other."""
    text = str(error)
    if "different configuration" in text:
        return WarehouseLockedError(
            f"{path.name} is open in this very process, for something else.",
            hint="DuckDB opens a file once in a process, to write or to read alone: close the one before the other.",
            path=path,
        )
    if "lock on file" not in text:
        return None
    found = HOLDER.search(text)
    who = _process(int(found["pid"]), found["program"]) if found else "another process"
    return WarehouseLockedError(
        f"{path.name} is held by {who}.",
        hint="DuckDB lets one process write at a time: wait for it, or stop it, and try again.",
        path=path,
    )


def _process(pid: int, program: str) -> str:
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return f"process {pid} ({program})"
    command = " ".join(word.decode(errors="replace") for word in words if word)
    return f"process {pid} ({command[:120]})"


def _with_cause(first: str, text: str) -> str:
    """Of a CSV file the first line says only where; a later one says what."""
    found = CAUSE.search(text)
    return f"{first}: {found[0]}" if found and "CSV Error" in first else first


def _hint(text: str) -> str:
    """DuckDB's own advice, where it gives one."""
    for line in text.splitlines()[1:]:
        if line.startswith(("Candidate", "Did you mean", "HINT")):
            return line
    return ""
