"""Scores monitors on synthetic histories with faults of known truth, beside Elementary's z-score method.

score_monitors.py                     150 datasets, and the table
score_monitors.py --datasets 20       fewer
score_monitors.py --write             and the result is kept in benchmarks/results
"""

from __future__ import annotations

import argparse
import os
import time

from monitors.contenders import CONTENDERS
from monitors.faults import LASTING, VOLUME_30
from monitors.histories import JUDGED_DAYS, LEARNING_DAYS
from monitors.scoring import Score, plain, scored
from record import add_result_arguments, our_versions_told, record, when_and_where


def main() -> None:
    """Make histories, let everybody judge them, and print."""
    told = _arguments()
    load, began = os.getloadavg()[0], time.process_time()
    scores = scored(CONTENDERS, datasets=told.datasets, seed=told.seed)
    text = _markdown(scores, told.datasets, load, time.process_time() - began)
    record("monitors", text, {"datasets": told.datasets, "seed": told.seed, "scores": [*map(plain, scores)]}, told)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--datasets", type=int, default=150)
    parser.add_argument("--seed", type=int, default=7)
    add_result_arguments(parser)
    return parser.parse_args()


def _markdown(scores: list[Score], datasets: int, load: float, took_s: float) -> str:
    names = [score.name for score in scores]
    lines = [
        "# Monitors on histories of known truth", "", f"{when_and_where(load)} {our_versions_told()}", "",
        f"{datasets} datasets of {LEARNING_DAYS} days to learn from and {JUDGED_DAYS} to judge, each without a fault "
        f"and once with each kind of fault; {took_s:.0f} s of processor time for all. Datasets differ in level, week, "
        "trend, month ends, holidays (which are listed), noise of 1 to 8 % with and without memory and tails, days "
        "on which nobody looked, outliers of the past, and whether rows stay. Each has 6 columns, and all monitors "
        "are on as they are by default. A monitor that tells the same day after day is one alarm.", "",
        f"| | {' | '.join(names)} |", f"| --- |{' --- |' * len(names)}",
        _row("false alarms per dataset and 90 days", [f"{score.per_90_days:.2f}" for score in scores]),
        _row("of these of volume", [f"{score.per_90_days_of('volume'):.2f}" for score in scores]),
        _row("datasets without one", [_share(plain(score)["datasets_without_any"]) for score in scores]),
        _row("precision, with one fault each", [_share(score.precision) for score in scores]),
        _row("recall, 30 % volume faults", [_share(score.recall(VOLUME_30)) for score in scores]),
    ]  # fmt: skip
    for kind, days in LASTING.items():
        cells = [f"{_share(score.recall([kind]))}, after {score.delay(kind):.1f}" for score in scores]
        lines.append(_row(f"{kind} ({days} day{'s' if days > 1 else ''})", cells))
    lines += ["", "Recall while the fault lasts, and after how many refreshes: 0 is the first that has it."]
    return "\n".join(lines)


def _row(name: str, cells: list[str]) -> str:
    return f"| {name} | {' | '.join(cells)} |"


def _share(value: float) -> str:
    return f"{value:.1%}".replace("%", " %")


if __name__ == "__main__":
    main()
