"""Times a hundred checks of one table of 10 M x 20 beside dbt, Soda, Great Expectations, Pandera and SQL by hand.

Each is a process of its own, from its start to its end, on the same rows; they take turns, so that a busy machine is
busy for all. Printed are medians of the wall's clock and the processor, the most memory, and ratios to ours. All have
to find the same failures. Peers that are not installed are left out; `--install` puts each into an environment of its
own, outside of the checkout.

    python benchmarks/checks.py --install
    python benchmarks/checks.py --rows 100000 --rounds 1
    python benchmarks/checks.py --write            # benchmarks/results/checks.md and .json too
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from beside import DBT, DRYLAND
from checks_project import write_project
from checks_subject import COLUMNS, asked, write_table

ROWS, ROUNDS = 10_000_000, 5
HERE = Path(__file__).resolve().parent
PEERS = Path(os.environ.get("DRYLAND_PEERS", Path.home() / ".cache" / "dryland" / "peers"))
RESULTS = HERE / "results"
INSTALLED = {  # Great Expectations' DuckDB driver does not know newer ones yet
    "soda": ["soda-duckdb>=4,<5"],
    "expectations": ["great_expectations>=1,<2", "duckdb-engine", "sqlalchemy<2.1", "pandas<3"],
    "pandera_polars": ["pandera[polars]", "polars"],
}
SHOWN = {"soda": "soda-core", "expectations": "great-expectations", "pandera_polars": "pandera"}
OURS = "dryland check"

Found = dict[str, int | None]
"""The checks that fail, and how many rows do, where that is told."""


@dataclass(frozen=True, slots=True)
class Contender:
    """Who asks, in which words, and how its answer is read."""

    name: str
    command: tuple[str, ...]
    read: Callable[[str, Path], Found]
    folder: str


@dataclass(frozen=True, slots=True)
class Spent:
    """What one run took."""

    wall_s: float
    processor_s: float
    memory_mb: float


def main() -> None:
    """Make the table, let everybody ask in turn, and print."""
    told = _arguments()
    if told.install:
        _install()
        return
    with tempfile.TemporaryDirectory(prefix="dryland-checks-") as name:
        folder = Path(name)
        contenders = _prepared(folder, told.rows)
        began = os.getloadavg()[0]
        spent = _in_turns(contenders, folder, told.rounds)
    report = _report(spent, told, began)
    print(report)
    if told.write:
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / "checks.md").write_text(report + "\n")
        (RESULTS / "checks.json").write_text(json.dumps(_as_json(spent, told, began), indent=1) + "\n")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rows", type=int, default=int(os.environ.get("CHECKS_ROWS", ROWS)))
    parser.add_argument("--rounds", type=int, default=int(os.environ.get("CHECKS_ROUNDS", ROUNDS)))
    parser.add_argument("--write", action="store_true", help="keep the result in benchmarks/results")
    parser.add_argument("--install", action="store_true", help="install the peers, and do nothing else")
    return parser.parse_args()


def _install() -> None:
    installer = DRYLAND.with_name("uv")
    for name, packages in INSTALLED.items():
        python = PEERS / name / "bin" / "python"
        if not python.exists():
            subprocess.run([sys.executable, "-m", "venv", PEERS / name], check=True)
        asked_for = [*packages, f"duckdb=={version('duckdb')}"]
        subprocess.run([installer, "pip", "install", "--quiet", "--python", python, *asked_for], check=True)


# --- who asks ------------------------------------------------------------------------------------------------------


def _prepared(folder: Path, rows: int) -> list[Contender]:
    """The table, a project for us and one for dbt over it, and everybody who is installed."""
    apart = multiprocessing.get_context("spawn").Process(target=write_table, args=(folder, rows))
    apart.start()  # a process is told the memory of the one that started it as its own: this one stays small
    apart.join()
    assert apart.exitcode == 0
    for name in ("ours", "theirs"):
        write_project(folder / name)
        (folder / name / "warehouse.duckdb").symlink_to(folder / "warehouse.duckdb")
    inside = str(HERE / "checks_peers" / "dryland_inside.py")
    hand = str(HERE / "checks_peers" / "by_hand.py")
    found = [
        Contender(OURS, (str(DRYLAND), "check", "--again", "--json"), _read_ours, "ours"),
        Contender("  inside a process", (sys.executable, inside, "."), _read_last, "ours"),
        Contender("  with profile and content hash", (sys.executable, inside, ".", "profile"), _read_last, "ours"),
        Contender("by hand: all in one query", (sys.executable, hand, ".", "fused"), _read_last, "."),
        Contender("by hand: a query for each column", (sys.executable, hand, ".", "by_column"), _read_last, "."),
        Contender("by hand: the best form", (sys.executable, hand, ".", "best"), _read_last, "."),
    ]
    if DBT.exists():
        found.append(Contender(_dbt_version(), (str(DBT), "--no-version-check", "test"), _read_dbt, "theirs"))
    for name in INSTALLED:
        python = PEERS / name / "bin" / "python"
        if python.exists():
            script = str(HERE / "checks_peers" / f"{name}.py")
            found.append(Contender(_version_of(name), (str(python), script, "."), _read_last, "."))
    return found


def _version_of(name: str) -> str:
    code = f"import importlib.metadata as m; print(m.version({SHOWN[name]!r}))"
    said = subprocess.run([PEERS / name / "bin" / "python", "-c", code], capture_output=True, text=True, check=True)
    return f"{SHOWN[name]} {said.stdout.strip()}"


def _dbt_version() -> str:
    said = subprocess.run([DBT, "--version"], capture_output=True, text=True, check=True)
    match = re.search(r"installed: (\S+)", said.stdout)
    return f"dbt {match[1] if match else ''}"


def _read_last(said: str, _: Path) -> Found:
    return dict(json.loads(said.splitlines()[-1]))


def _read_ours(said: str, _: Path) -> Found:
    verdicts = json.loads(said)["verdicts"]
    assert len(verdicts) == len(asked())
    assert all(each["status"] in ("pass", "fail") for each in verdicts), verdicts
    names = {each.name for each in asked()}
    return {_named(each["check"], names): each["failures"] for each in verdicts if each["status"] == "fail"}


def _named(check: str, names: set[str]) -> str:
    return next(part for part in check.split(".") if part in names)


def _read_dbt(_: str, folder: Path) -> Found:
    results = json.loads((folder / "target" / "run_results.json").read_text())["results"]
    assert len(results) == len(asked())
    return {each["unique_id"].split(".")[2]: each["failures"] for each in results if each["status"] == "fail"}


# --- what it takes -------------------------------------------------------------------------------------------------


def _in_turns(contenders: Sequence[Contender], folder: Path, rounds: int) -> dict[str, list[Spent]]:
    spent: dict[str, list[Spent]] = {each.name: [] for each in contenders}
    agreed: Found = {}
    for turn in range(rounds):
        for each in contenders:
            one, found = _once(each, folder)
            spent[each.name].append(one)
            _compare(each.name, found, agreed)
            print(f"round {turn + 1}: {each.name} {one.wall_s:.2f} s", file=sys.stderr)
    return spent


def _once(contender: Contender, folder: Path) -> tuple[Spent, Found]:
    """One run with nothing remembered; its processor time and memory are those that the system noted."""
    at = folder / contender.folder
    for kept in ("target", "logs", ".dryland", ".cache"):
        shutil.rmtree(at / kept, ignore_errors=True)
    environment = {**os.environ, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "DRYLAND_CACHE": str(folder / ".cache")}
    with (folder / "said").open("w+") as said, (folder / "complained").open("w+") as complained:
        began = time.perf_counter()
        process = subprocess.Popen(contender.command, cwd=at, env=environment, stdout=said, stderr=complained)
        _, status, used = os.wait4(process.pid, 0)
        wall_s = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        complained.seek(0)
        answer = said.read()
        assert process.returncode in (0, 1) and answer, (contender.name, complained.read()[-3000:])
    spent = Spent(wall_s, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)
    return spent, contender.read(answer, at)


def _compare(name: str, found: Found, agreed: Found) -> None:
    """All find the same; of accepted values some count rows, some values."""
    if not agreed:
        agreed |= found
    assert found.keys() == agreed.keys(), (name, found.keys() ^ agreed.keys())
    for check, count in found.items():
        comparable = not check.startswith("accepted") and count is not None and agreed[check] is not None
        assert not comparable or count == agreed[check], (name, check, count, agreed[check])


# --- what is told --------------------------------------------------------------------------------------------------


def _report(spent: dict[str, list[Spent]], told: argparse.Namespace, load: float) -> str:
    lines = [
        f"# A hundred checks of {told.rows:,} rows x {len(COLUMNS)} columns", "",
        f"{datetime.now(UTC):%Y-%m-%d}, {_machine()}; load {load:.1f} before, {os.getloadavg()[0]:.1f} after. "
        f"Medians of {told.rounds} in turns, whole processes.", "",
        "| | seconds | of ours | processor | of ours | memory |", "|---|--:|--:|--:|--:|--:|",
    ]  # fmt: skip
    ours = _median(spent[OURS])
    for name, each in ((name, _median(runs)) for name, runs in spent.items()):
        walls, processors = each.wall_s / ours.wall_s, each.processor_s / ours.processor_s
        lines.append(
            f"| {name} | {each.wall_s:.2f} | {walls:.2f} x | {each.processor_s:.2f} | {processors:.2f} x "
            f"| {each.memory_mb:,.0f} MB |"
        )
    return "\n".join(lines)


def _as_json(spent: dict[str, list[Spent]], told: argparse.Namespace, load: float) -> object:
    medians = {name.strip(): asdict(_median(runs)) for name, runs in spent.items()}
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d}", "machine": _machine(), "load": load,
        "rows": told.rows, "columns": len(COLUMNS), "checks": len(asked()), "rounds": told.rounds, "medians": medians,
    }  # fmt: skip


def _machine() -> str:
    cores = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    return f"{cores}, dryland {version('dryland')}, duckdb {version('duckdb')}"


def _median(runs: Sequence[Spent]) -> Spent:
    """The middle of each measure; of memory the most."""
    return Spent(
        statistics.median(each.wall_s for each in runs),
        statistics.median(each.processor_s for each in runs),
        max(each.memory_mb for each in runs),
    )


if __name__ == "__main__":
    main()
