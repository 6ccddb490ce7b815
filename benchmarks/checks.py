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
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from checks_contenders import OURS, Contender, Found, contenders
from checks_project import write_project
from checks_subject import COLUMNS, asked, write_table
from peers import OF_CHECKS, install
from process import COMPLAINED, SAID, Spent, apart, middle_of, spend
from record import add_result_arguments, machine, our_versions_told, record, today, when_and_where

ROWS, ROUNDS = 10_000_000, 5


def main() -> None:
    """Make the table, let everybody ask in turn, and print."""
    told = _arguments()
    if told.install:
        install(tuple(OF_CHECKS))
        return
    with tempfile.TemporaryDirectory(prefix="dryland-checks-") as name:
        folder = Path(name)
        _prepare(folder, told.rows)
        before = os.getloadavg()[0]
        spent = _in_turns(contenders(), folder, told.rounds)
    record("checks", _as_markdown(spent, told, before), _as_json(spent, told, before), told)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rows", type=int, default=int(os.environ.get("CHECKS_ROWS", ROWS)))
    parser.add_argument("--rounds", type=int, default=int(os.environ.get("CHECKS_ROUNDS", ROUNDS)))
    add_result_arguments(parser)
    return parser.parse_args()


def _prepare(folder: Path, rows: int) -> None:
    """The table, and a project for us and one for dbt over it."""
    apart(write_table, folder, rows)
    for name in ("ours", "theirs"):
        write_project(folder / name)
        (folder / name / "warehouse.duckdb").symlink_to(folder / "warehouse.duckdb")


def _in_turns(who: Sequence[Contender], folder: Path, rounds: int) -> dict[str, list[Spent]]:
    spent: dict[str, list[Spent]] = {each.name: [] for each in who}
    agreed: Found = {}
    for turn in range(rounds):
        for each in who:
            one, found = _once(each, folder)
            spent[each.name].append(one)
            _compare(each.name, found, agreed)
            print(f"round {turn + 1}: {each.name} {one.wall_s:.2f} s", file=sys.stderr)
    return spent


def _once(contender: Contender, folder: Path) -> tuple[Spent, Found]:
    """One run with nothing remembered; many end with 1 where a check fails."""
    at = folder / contender.folder
    for kept in ("target", "logs", ".dryland", ".cache"):
        shutil.rmtree(at / kept, ignore_errors=True)
    environment = {"DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "DRYLAND_CACHE": str(at / ".cache")}
    spent = spend(contender.command, at, environment, codes=(0, 1))
    answer = (at / SAID).read_text()
    assert answer, (contender.name, (at / COMPLAINED).read_text()[-3000:])
    return spent, contender.read(answer, at)


def _compare(name: str, found: Found, agreed: Found) -> None:
    """All find the same; of accepted values some count rows, some values."""
    if not agreed:
        agreed |= found
    assert found.keys() == agreed.keys(), (name, found.keys() ^ agreed.keys())
    for check, count in found.items():
        comparable = not check.startswith("accepted") and count is not None and agreed[check] is not None
        assert not comparable or count == agreed[check], (name, check, count, agreed[check])


def _as_markdown(spent: dict[str, list[Spent]], told: argparse.Namespace, load: float) -> str:
    lines = [
        f"# A hundred checks of {told.rows:,} rows x {len(COLUMNS)} columns", "",
        f"{when_and_where(load)} Medians of {told.rounds} in turns, whole processes. {our_versions_told()}.", "",
        "| | seconds | of ours | processor | of ours | memory |", "|---|--:|--:|--:|--:|--:|",
    ]  # fmt: skip
    ours = middle_of(spent[OURS])
    for name, each in ((name, middle_of(runs)) for name, runs in spent.items()):
        walls, processors = each.wall_s / ours.wall_s, each.processor_s / ours.processor_s
        lines.append(
            f"| {name} | {each.wall_s:.2f} | {walls:.2f} x | {each.processor_s:.2f} | {processors:.2f} x "
            f"| {each.memory_mb:,.0f} MB |"
        )
    return "\n".join(lines)


def _as_json(spent: dict[str, list[Spent]], told: argparse.Namespace, load: float) -> object:
    medians = {name.strip(): asdict(middle_of(runs)) for name, runs in spent.items()}
    return {
        "date": today(), "machine": f"{machine()}, {our_versions_told()}", "load": load,
        "rows": told.rows, "columns": len(COLUMNS), "checks": len(asked()), "rounds": told.rounds, "medians": medians,
    }  # fmt: skip


if __name__ == "__main__":
    main()
