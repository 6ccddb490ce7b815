"""Runs dbt in forks of one process that has imported it: started by dbt's own Python, a line of JSON in, a line out.

Each run is as good as a process of its own, but for the two seconds that importing dbt takes.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import sys
import traceback
from typing import Any, NoReturn


def main() -> None:
    """Answer with the exit code of each run until stdin ends."""
    import dbt.adapters.duckdb
    import dbt.cli.main
    import dbt.task.build  # noqa: F401

    for line in sys.stdin:
        request = json.loads(line)
        child = os.fork()
        if child == 0:
            _become(request)
            _end(_ended(request))
        _, status = os.waitpid(child, 0)
        print(json.dumps({"code": os.waitstatus_to_exitcode(status)}), flush=True)


def _become(request: dict[str, Any]) -> None:
    """The folder, environment, arguments and streams of the process that this stands for."""
    for stream, path in ((0, os.devnull), (1, request["out"]), (2, request["err"])):
        opened = os.open(path, os.O_RDONLY if stream == 0 else os.O_WRONLY | os.O_APPEND)
        os.dup2(opened, stream)
        os.close(opened)
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environment"])
    sys.argv = ["-c" if request["program"] else "dbt", *request["arguments"]]


def _ended(request: dict[str, Any]) -> int:
    try:
        _run(request)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(bool(end.code))
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


def _run(request: dict[str, Any]) -> None:
    if request["program"]:
        sys.path.insert(0, "")
        exec(compile(request["program"], "<string>", "exec"), {"__name__": "__main__"})
    else:
        from dbt.cli.main import cli

        cli()


def _end(code: int) -> NoReturn:
    """Let go of DuckDB's file, so that it is written; libraries' threads did not come along, and cannot be ended."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    atexit._run_exitfuncs()
    if DuckDBConnectionManager._ENV is not None:
        DuckDBConnectionManager._ENV.close()
        DuckDBConnectionManager._ENV = None
    gc.collect()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
