"""Times what the first page promises, on the segmentation example, beside real dbt in the same run.

`make bench` prints medians as a table and as JSON lines. dbt is measured when `.venv-dbt` (or DRYLAND_DBT) is there.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from beside import Result, dbt, dbt_median, dryland, median, report, timed
from peers import ROOT

EXAMPLE = ROOT / "examples" / "segmentation"
CUSTOMERS, ORDERS = 22_000, 420_000
UNREAD = ("models/staging/stg_products.sql", "select\n    product_id,", "select\n    {n} as shelf, product_id,")


def main() -> None:
    """Make a world, release it with both tools, then time each promise."""
    with tempfile.TemporaryDirectory() as folder:
        ours, theirs = _projects(Path(folder))
        results = [*_cold(ours, theirs), *_warm(ours, theirs)]
    report(results, f"{CUSTOMERS:,} customers, {ORDERS:,} orders")


def _projects(folder: Path) -> tuple[Path, Path]:
    sys.path.insert(0, str(EXAMPLE))
    from world.generate import generate
    from world.ingest import ingest

    skipped = shutil.ignore_patterns("target", "logs", "shop", "*.duckdb*", "__pycache__", ".dryland")
    ours = Path(shutil.copytree(EXAMPLE, folder / "ours", ignore=skipped))
    generate(ours / "shop", customers=CUSTOMERS, orders=ORDERS)
    ingest(ours / "shop", ours / "warehouse.duckdb")
    return ours, Path(shutil.copytree(ours, folder / "theirs"))


def _cold(ours: Path, theirs: Path) -> list[Result]:
    first = timed(lambda: dryland(ours, "apply", "--yes", "-q"))
    return [("first build and all checks (dbt build)", first, dbt(theirs, "build"))]


def _warm(ours: Path, theirs: Path) -> list[Result]:
    names = iter(range(10_000))
    return [
        ("dryland --help (dbt --help)", median(lambda: dryland(ours, "--help")), dbt_median(theirs, "--help")),
        ("plan, nothing to do (dbt compile)", median(lambda: dryland(ours, "plan")), dbt_median(theirs, "compile")),
        ("env create, all of prod", median(lambda: dryland(ours, "env", "create", f"dev_{next(names)}")), None),
        (
            "release one unread column (dbt build, all)",
            median(lambda: _release_unread(ours, next(names))),
            dbt(theirs, "build"),
        ),
        ("rollback", median(lambda: dryland(ours, "rollback", "--yes")), None),
    ]


def _release_unread(project: Path, number: int) -> None:
    path, old, new = UNREAD
    text = (EXAMPLE / path).read_text()
    assert old in text, path
    (project / path).write_text(text.replace(old, new.format(n=number)))
    dryland(project, "apply", "--yes", "-q")


if __name__ == "__main__":
    main()
