"""Runs dbt in forks of one process that has imported it: started by dbt's own Python, a line of JSON in, a line out.

Each run is as good as a process of its own, but for the seconds that importing dbt and parsing its own macros take.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import sys
import tempfile
import traceback
from contextlib import chdir
from pathlib import Path
from typing import Any, NoReturn


def main() -> None:
    """Answer with the exit code of each run until stdin ends."""
    import dbt.adapters.duckdb
    import dbt.cli.main
    import dbt.task.build  # noqa: F401

    warm_up()
    for line in sys.stdin:
        request = json.loads(line)
        child = os.fork()
        if child == 0:
            _become(request)
            _end(_ended(request))
        _, status = os.waitpid(child, 0)
        print(json.dumps({"code": os.waitstatus_to_exitcode(status)}), flush=True)


def warm_up() -> None:
    """Parse a project of nothing: dbt has its own macros in each, and keeps them as it does for its tests."""
    from dbt.adapters.factory import cleanup_connections, reset_adapters
    from dbt.cli.main import dbtRunner
    from dbt_common.tests import enable_test_caching

    enable_test_caching()
    with tempfile.TemporaryDirectory() as folder, chdir(folder):
        Path("dbt_project.yml").write_text("name: nothing\nprofile: nothing\n")
        Path("profiles.yml").write_text("nothing: {outputs: {default: {type: duckdb}}}\n")
        parsed = dbtRunner().invoke(["--quiet", "--no-version-check", "--no-send-anonymous-usage-stats", "parse"])
        assert parsed.success, parsed.exception
    cleanup_connections()
    reset_adapters()
    gc.collect()
    gc.freeze()  # what stands so far is not looked through again and again: in a fork, that would copy it


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
