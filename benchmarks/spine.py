"""Times what the first page promises, on the segmentation example, beside real dbt in the same run.

`make bench` prints medians as a table and as JSON lines. dbt is measured when `.venv-dbt` (or DRYLAND_DBT) is there.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "examples" / "segmentation"
DBT = Path(os.environ.get("DRYLAND_DBT", ROOT / ".venv-dbt" / "bin" / "dbt"))
DRYLAND = Path(sys.executable).with_name("dryland")
ROUNDS = 5
CUSTOMERS, ORDERS = 22_000, 420_000
UNREAD = ("models/staging/stg_products.sql", "select\n    product_id,", "select\n    {n} as shelf, product_id,")


def main() -> None:
    """Make a world, release it with both tools, then time each promise."""
    with tempfile.TemporaryDirectory() as folder:
        ours, theirs = _projects(Path(folder))
        results = [*_cold(ours, theirs), *_warm(ours, theirs)]
    print(f"\n{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, ", end="")
    print(f"dryland {version('dryland')}, duckdb {version('duckdb')}, {CUSTOMERS:,} customers, {ORDERS:,} orders")
    for name, ours_s, theirs_s in results:
        ratio = f"{theirs_s / ours_s:6.1f} x" if theirs_s else "       -"
        beside = f"{theirs_s:8.2f} s" if theirs_s else "        -"
        print(f"{name:<46} {ours_s:8.2f} s {beside} {ratio}")
        print(json.dumps({"what": name, "dryland_s": ours_s, "dbt_s": theirs_s}), file=sys.stderr)


def _projects(folder: Path) -> tuple[Path, Path]:
    sys.path.insert(0, str(EXAMPLE))
    from world.generate import generate
    from world.ingest import ingest

    skipped = shutil.ignore_patterns("target", "logs", "shop", "*.duckdb*", "__pycache__", ".dryland")
    ours = Path(shutil.copytree(EXAMPLE, folder / "ours", ignore=skipped))
    generate(ours / "shop", customers=CUSTOMERS, orders=ORDERS)
    ingest(ours / "shop", ours / "warehouse.duckdb")
    return ours, Path(shutil.copytree(ours, folder / "theirs"))


def _cold(ours: Path, theirs: Path) -> list[tuple[str, float, float | None]]:
    first = _timed(lambda: _dryland(ours, "apply", "--yes", "-q"))
    return [("first build and all checks (dbt build)", first, _dbt(theirs, "build"))]


def _warm(ours: Path, theirs: Path) -> list[tuple[str, float, float | None]]:
    names = iter(range(10_000))
    return [
        ("dryland --help (dbt --help)", _median(lambda: _dryland(ours, "--help")), _dbt_median(theirs, "--help")),
        ("plan, nothing to do (dbt compile)", _median(lambda: _dryland(ours, "plan")), _dbt_median(theirs, "compile")),
        ("env create, all of prod", _median(lambda: _dryland(ours, "env", "create", f"dev_{next(names)}")), None),
        (
            "release one unread column (dbt build, all)",
            _median(lambda: _release_unread(ours, next(names))),
            _dbt(theirs, "build"),
        ),
        ("rollback", _median(lambda: _dryland(ours, "rollback", "--yes")), None),
    ]


def _release_unread(project: Path, number: int) -> None:
    path, old, new = UNREAD
    text = (EXAMPLE / path).read_text()
    assert old in text, path
    (project / path).write_text(text.replace(old, new.format(n=number)))
    _dryland(project, "apply", "--yes", "-q")


def _median(work: Callable[[], None]) -> float:
    return statistics.median(_timed(work) for _ in range(ROUNDS))


def _timed(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _dryland(project: Path, *words: str) -> None:
    subprocess.run([DRYLAND, *words], cwd=project, check=True, capture_output=True)


def _dbt_median(project: Path, *words: str) -> float | None:
    return statistics.median(_dbt(project, *words) or 0 for _ in range(ROUNDS)) if DBT.exists() else None


def _dbt(project: Path, *words: str) -> float | None:
    if not DBT.exists():
        return None
    environment = {**os.environ, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}
    command = [DBT, "--no-version-check", *words] if words != ("--help",) else [DBT, *words]
    return _timed(
        lambda: subprocess.run(command, cwd=project, env=environment, check=True, capture_output=True) and None
    )


if __name__ == "__main__":
    main()
