"""Times projects of a hundred to ten thousand models, and draws how what is asked of us grows with them.

Peers take part where they are named; one that runs out of time at some size is left out from there on.

    python benchmarks/scale/growth.py --sizes 100,1000 --rounds 1
    python benchmarks/scale/growth.py --peers dbt --write     # benchmarks/results/growth.md, .json and .svg too
"""

from __future__ import annotations

import argparse
import math
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from peers import OF_SCALE, install
from record import record

from scale.compare import add_scale_arguments, circumstances
from scale.graph import models
from scale.measure import measure
from scale.plot import Line, draw
from scale.report import Circumstances, Measured, as_data, head
from scale.rows import ROWS, chosen
from scale.stage import Stage
from scale.tools import OURS, TOOLS

SIZES, ROUNDS = (100, 1_000, 5_000, 10_000), 3
ASKED = ("load_cold", "load_warm", "first_checked", "plan_cold", "plan", "leaf", "environment")
MEASURES = {"processor_s": "seconds of processor", "wall_s": "seconds", "memory_mb": "MB of memory"}

Sized = Mapping[int, Sequence[Measured]]


def main() -> None:
    """Measure each size, print, draw, and keep it if that is wanted."""
    told = _arguments()
    if told.install:
        install(tuple(OF_SCALE))
        return
    before = os.getloadavg()[0]
    found: dict[int, list[Measured]] = {}
    around: dict[int, Circumstances] = {}
    for size in told.sizes:
        with tempfile.TemporaryDirectory(prefix="dryland-growth-", dir=told.folder) as name:
            stage = Stage(Path(name) / "stage", models(size), told.limit_s)
            tools = [TOOLS[each] for each in (OURS, *told.peers) if each not in _out_of_time(found)]
            found[size] = measure(stage, tools, chosen(told.rows or ASKED), told.rounds)
        around[size] = circumstances(stage, told.rounds, tools, before)
    data = {size: as_data(measured, around[size]) for size, measured in found.items()}
    record("growth", _markdown(found, around[told.sizes[0]]), data, told)
    if told.write:
        for measure_name, words in MEASURES.items():
            (told.results / f"growth_{measure_name}.svg").write_text(_drawn(found, measure_name, words))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--sizes", type=lambda text: tuple(map(int, text.split(","))), default=SIZES)
    add_scale_arguments(parser)
    parser.set_defaults(rounds=ROUNDS, peers=())
    return parser.parse_args()


def _out_of_time(found: Sized) -> set[str]:
    return {each.tool for measured in found.values() for each in measured if each.note}


def _markdown(found: Sized, around: Circumstances) -> str:
    power = "`growth` is the power of the number of models between the last two sizes: 1 is in step with it."
    tables = (line for name, words in MEASURES.items() for line in _table(found, name, words))
    return "\n".join([*head("How it grows", around, power), *tables])


def _table(found: Sized, measure_name: str, words: str) -> Iterator[str]:
    sizes = list(found)
    yield f"![{words}](growth_{measure_name}.svg)"
    yield ""
    yield f"| {words} | {' | '.join(f'{size:,}' for size in sizes)} | growth |"
    yield f"|---|{'--:|' * len(sizes)}--:|"
    for line in _lines(found, measure_name):
        values = dict(line.points)
        cells = [f"{values[size]:,.1f}" if size in values else "-" for size in sizes]
        yield f"| {line.name} | {' | '.join(cells)} | {_power(line)} |"
    yield ""


def _lines(found: Sized, measure_name: str) -> list[Line]:
    lines: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for row in ROWS:
        for size, measured in found.items():
            for each in measured:
                if each.row == row and each.runs:
                    named = row.title if each.tool == OURS else f"{row.title} ({each.tool})"
                    lines.setdefault((named, row.name), []).append((size, getattr(each.middle, measure_name)))
    return [Line(name, family, tuple(points)) for (name, family), points in lines.items()]


def _power(line: Line) -> str:
    if len(line.points) < 2:
        return "-"
    (x_before, y_before), (x, y) = line.points[-2:]
    return f"{math.log(y / y_before) / math.log(x / x_before):.2f}"


def _drawn(found: Sized, measure_name: str, words: str) -> str:
    title = f"{words.capitalize()} as projects grow"
    return draw(title, _lines(found, measure_name), across="models, with five checks each", up=words)


if __name__ == "__main__":
    main()
