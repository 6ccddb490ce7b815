"""Forks `dryland` from a process that has imported all of it, so that a kill falls into its work and not into imports.

Reads requests from stdin, a line of JSON each; answers with the process's id when it runs, and with how it ended.
Between the statements that a verb sends it can be told to die: those are the exact points.
"""

from __future__ import annotations

import gc
import importlib
import itertools
import json
import os
import pkgutil
import resource
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

CRASHED = 70  # an error that nobody expected: a traceback was printed


def serve() -> None:
    """Fork for every request, one after the other."""
    _import_all()
    gc.freeze()
    _say({"ready": True})
    for line in sys.stdin:
        request = json.loads(line)
        pid = os.fork()
        if not pid:
            _become(request)
        _say({"pid": pid})
        _, status = os.waitpid(pid, 0)
        _say({"code": os.waitstatus_to_exitcode(status)})


def _say(what: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def _import_all() -> None:
    import dryland

    for found in pkgutil.walk_packages(dryland.__path__, "dryland."):
        if not found.name.endswith("__main__") and ".examples" not in found.name:
            importlib.import_module(found.name)
    for name in ("sqlalchemy.dialects.sqlite", "sqlalchemy.dialects.postgresql.psycopg", "duckdb", "psycopg"):
        importlib.import_module(name)


def _become(request: dict[str, Any]) -> None:
    """Be the command; never returns."""
    code = CRASHED
    try:
        os.chdir(request["folder"])
        os.environ.update(request["environment"])
        said = os.open(request["said"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        for stream in (1, 2):
            os.dup2(said, stream)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        if request.get("file_bytes_max"):
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (request["file_bytes_max"],) * 2)
        passed = _count_points(request.get("die_at"))
        code = _run(request["arguments"])
        Path(request["points"]).write_text(str(next(passed)))
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _run(arguments: list[str]) -> int:
    from dryland.cli import main

    try:
        main(arguments)
    except SystemExit as stop:
        return int(stop.code or 0)
    return 0


def _count_points(die_at: int | None) -> Any:
    """Count what is sent to metadata and warehouse, and die before the one that is named."""
    import duckdb
    import psycopg
    from sqlalchemy import Engine, event

    numbers = itertools.count(1)

    def passing(*_: Any) -> None:
        if next(numbers) == die_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def announced(method: Callable[..., Any]) -> Callable[..., Any]:
        def announce(*words: Any, **named: Any) -> Any:
            passing()
            return method(*words, **named)

        return announce

    event.listen(Engine, "before_cursor_execute", passing)
    event.listen(Engine, "commit", passing)
    for driver in (duckdb.DuckDBPyConnection, psycopg.Cursor):
        driver.execute = announced(driver.execute)  # type: ignore[method-assign]
    return numbers


if __name__ == "__main__":
    serve()
