"""Runs dbt commands one after the other in one process: started by dbt's own Python, a line of JSON in, a line out."""

from __future__ import annotations

import gc
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parents[1]))
OUTPUT_MAX = 6000  # characters of what dbt printed, when it failed


def main() -> None:
    """Answer until stdin ends; what dbt and the models print goes to a file, so that stdout holds only answers."""
    with os.fdopen(os.dup(1), "w") as answers, tempfile.TemporaryFile("w+") as printed:
        os.dup2(printed.fileno(), 1)
        os.dup2(printed.fileno(), 2)
        from dbt.cli.main import dbtRunner

        from real_dbt_server import warm_up

        warm_up()
        runner = dbtRunner()
        for line in sys.stdin:
            printed.seek(0)
            printed.truncate()
            answer = _answer(runner, json.loads(line))
            sys.stdout.flush()
            printed.seek(0)
            text = "" if answer["success"] else printed.read()[-OUTPUT_MAX:]
            print(json.dumps({**answer, "printed": text}), file=answers, flush=True)


def _answer(runner: Any, request: dict[str, Any]) -> dict[str, Any]:
    before = dict(os.environ)
    os.chdir(request["folder"])
    os.environ.update(request["environment"])
    try:
        result = runner.invoke(request["arguments"])
    finally:
        os.environ.clear()
        os.environ.update(before)
        _let_go()
    listed = [str(each) for each in result.result] if isinstance(result.result, list) else []
    return {"success": bool(result.success), "exception": str(result.exception or ""), "listed": listed}


def _let_go() -> None:
    """Close connections, and DuckDB's file, which the adapter would keep open for the process's life."""
    from dbt.adapters.factory import cleanup_connections, reset_adapters

    duckdb = sys.modules.get("dbt.adapters.duckdb.connections")
    if duckdb is not None and duckdb.DuckDBConnectionManager._ENV is not None:
        duckdb.DuckDBConnectionManager._ENV.close()
        duckdb.DuckDBConnectionManager._ENV = None
    cleanup_connections()
    reset_adapters()
    gc.collect()


if __name__ == "__main__":
    main()
