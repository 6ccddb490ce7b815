"""Has DuckDB write down and let go of what it keeps in memory, while all that is built is small.

Tables that were made stay in memory until the room is needed for something else, and there is room for four fifths of
the machine. Of a thousand small tables that nobody reads again soon, that is more than all else a build needs.
"""

from __future__ import annotations

import threading
import time
from contextlib import suppress

import duckdb

from dryland.engines.duckdb_names import literal
from dryland.engines.protocol import Others

KEPT_MAX = 32 * 2**20  # bytes, until they are written down: each time DuckDB writes of all tables what they are
PAUSE = 1  # times as long as that took: of ten thousand tables it takes long
USED = """
    SELECT sum(memory_usage_bytes)::BIGINT, (sum(memory_usage_bytes) FILTER (tag = 'BASE_TABLE'))::BIGINT
    FROM duckdb_memory()
"""


class Memory:
    """When a connection let go of what it keeps, and when it may do so again."""

    def __init__(self) -> None:
        self._again_at = 0.0
        self._writing: threading.Thread | None = None

    def write_down(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Begin to write down what is in memory, beside what the process does next; closing the file would wait for it.

        The connection is closed.
        """
        self._writing = threading.Thread(target=_write_down, args=(connection,), daemon=True)
        self._writing.start()

    def wait(self) -> None:
        """Wait until that is done."""
        if self._writing is not None:
            self._writing.join()

    def spare(self, connection: duckdb.DuckDBPyConnection, others: Others) -> None:
        """Write down what is in memory when it is much and nobody else writes, and let go of it when nobody else asks.

        For a moment there is no more room than all else takes up: a statement that asked for some just then would fail.
        What is wrong with the file is said to whoever needs it next.
        """
        if time.monotonic() < self._again_at or _used(connection)[0] <= KEPT_MAX:
            return
        with suppress(duckdb.Error), others.no_writers() as is_quiet:
            if is_quiet:
                began = time.monotonic()
                with suppress(duckdb.TransactionException):  # somebody else has not committed yet
                    connection.execute("CHECKPOINT")
                with others.alone() as is_alone:
                    if is_alone:
                        _let_go(connection)
                ended = time.monotonic()
                self._again_at = ended + PAUSE * (ended - began)


def _write_down(connection: duckdb.DuckDBPyConnection) -> None:
    with connection, suppress(duckdb.Error):  # in the way of somebody: then it is done when the file is closed
        connection.execute("CHECKPOINT")


def _let_go(connection: duckdb.DuckDBPyConnection) -> None:
    """Of tables that are on disk as well: DuckDB does so where there is no room for them."""
    used, on_disk = _used(connection)
    limit = str(connection.execute("SELECT current_setting('memory_limit')").fetchall()[0][0])
    try:
        with suppress(duckdb.OutOfMemoryException):  # some of it is in use
            connection.execute(f"SET GLOBAL memory_limit = '{used - on_disk} bytes'")
    finally:
        connection.execute(f"SET GLOBAL memory_limit = {literal(_as_said(limit))}")


def _used(connection: duckdb.DuckDBPyConnection) -> tuple[int, int]:
    """Bytes that are used at all, and those of tables that are on disk."""
    used, on_disk = connection.execute(USED).fetchall()[0]
    return int(used), int(on_disk or 0)


def _as_said(limit: str) -> str:
    """A limit that DuckDB says in the same words: it cuts all after the first decimal off, and none is 16 EiB.

    >>> _as_said("18.8 GiB"), _as_said("512 bytes"), _as_said("16383.9 PiB")
    ('18.85 GiB', '512 bytes', 'none')
    """
    number, _, unit = limit.partition(" ")
    if unit == "PiB":
        return "none"
    return f"{number}5 {unit}" if "." in number else limit
