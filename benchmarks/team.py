"""Lets a whole team work on one PostgreSQL at once: four engineers, two CI jobs, a scheduler, and readers.

    team.py                     ten minutes, and the table
    team.py --seconds 60        one
    team.py --write             and the result is kept in benchmarks/results

Engineers edit models in clones of their own, release them to environments of their own, and push. CI jobs release what
was pushed to prod. The scheduler loads rows and refreshes prod. Everybody uses the command, and waits for his turn with
`--wait`. At the end everything that was pushed is released once more, and prod must be, row by row, what the same code
and the same rows give in an empty database where one process does it all. It ends with an error if that is not so, or a
reader met an error.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))  # where a real PostgreSQL is started from PyPI

from record import add_result_arguments, our_versions_told, record, when_and_where  # noqa: E402
from team_at_work.office import opened_office  # noqa: E402
from team_at_work.people import Done, work_for  # noqa: E402

from postgres_server import running_server  # noqa: E402

HEADINGS = ("who", "commands", "of these refused by a lease", "planned again", "had to wait", "a command takes")


def main() -> None:
    """Work, compare, print, and say no to what must not be."""
    told = _arguments()
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="dryland-team-") as name, running_server({}) as server:
        office = opened_office(Path(name), server)
        done = work_for(office, told.seconds)
        releases = office.releases()
        different = office.different_from_serial()
        pushed = office.commits()
    text = _markdown(done, told.seconds, releases, pushed, different, load)
    record("team", text, {"people": [_plain(each) for each in done], "different": different}, told)
    errors = [error for each in done for error in each.errors]
    if different or errors:
        raise SystemExit(f"different from a serial history: {different}; errors: {errors[:5]}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=600)
    add_result_arguments(parser)
    return parser.parse_args()


def _plain(done: Done) -> dict[str, object]:
    """As JSON, without every single time."""
    return {key: value for key, value in asdict(done).items() if key != "took_s"}


def _markdown(
    done: list[Done], seconds: float, releases: dict[str, int], pushed: int, different: list[str], load: float
) -> str:  # fmt: skip
    lines = [
        "# A team at work",
        "",
        f"{when_and_where(load)} {our_versions_told()}",
        "",
        f"Four engineers, two CI jobs, a scheduler and two readers on one PostgreSQL, with the metadata in it, for "
        f"{seconds:.0f} s.",
        "",
        f"| {' | '.join(HEADINGS)} | errors |",
        f"|{' --- |' * (len(HEADINGS) + 1)}",
    ]
    for each in done:
        lines.append(
            f"| {each.who} | {each.commands:,} | {each.refused} | {each.planned_again} | {each.waited} "
            f"| {each.middle_s:.2f} s | {len(each.errors)} |"
        )
    listed = ", ".join(f"{name} {count}" for name, count in sorted(releases.items()))
    verdict = f"different in {', '.join(different)}" if different else "equal, row by row"
    lines += ["", f"Releases: {listed}; {pushed} commits pushed. Prod beside a serial history: {verdict}."]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
