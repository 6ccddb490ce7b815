"""Lets a SQLite file hold what transactions promise, for several processes at once."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import sqlalchemy as sa

PATIENCE_S = 10.0  # for another process to let go of the file
PAUSE_S = 0.02
BEGIN = "begin"  # execution option of ours: the statement that opens a transaction
READING: Mapping[str, Any] = {BEGIN: "BEGIN"}


def open_sqlite(path: str | Path) -> sa.Engine:
    """The file, made when it is not there; Python's driver opens transactions late, and none for reads.

    Writers line up before they read: one that starts as a reader is turned away when another wrote meanwhile.
    """
    url = str(path) if "://" in str(path) else f"sqlite:///{path}"
    engine = sa.create_engine(url, connect_args={"timeout": PATIENCE_S})

    def connect(connection: Any, _: object) -> None:
        connection.isolation_level = None  # the driver begins nothing on its own
        _write_ahead(connection)
        connection.execute("PRAGMA synchronous = NORMAL")  # WAL survives a kill; a power cut costs a rebuild

    def begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql(connection.get_execution_options().get(BEGIN, "BEGIN IMMEDIATE"))

    sa.event.listen(engine, "connect", connect)
    sa.event.listen(engine, "begin", begin)
    return engine


def _write_ahead(connection: Any) -> None:
    """Readers do not wait for writers then. SQLite waits for no lock while it changes the journal, so we do."""
    began = time.monotonic()
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() - began > PATIENCE_S:
                raise
            time.sleep(PAUSE_S)
        else:
            return
