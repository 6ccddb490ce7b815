"""Prints the harness as a table: projects, features, relations and verdicts compared, differences.

`report.py [--on postgres] [project ...]`
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from dbt_process import DbtProcess
from on_duckdb import OnDuckDB
from on_postgres import OnPostgres
from play import Played, StoryError, play
from published import Warehouse
from story import all_stories

from postgres_server import running_server


def main(arguments: Sequence[str]) -> int:
    """Play the projects with these names, or all; 1 when something differs that is said to work."""
    kind, names = (arguments[1], arguments[2:]) if arguments[:1] == ["--on"] else ("duckdb", arguments)
    wanted = set(names)
    played: list[Played] = []
    print(f"{'project':28} features relations verdicts lists differences  seconds")
    with warehouse_of(kind) as warehouse, DbtProcess() as dbt, tempfile.TemporaryDirectory() as folder:
        for story in all_stories(kind):
            if wanted and story.name not in wanted:
                continue
            if story.not_here:
                print(f"{story.name:28} not on {kind}: {story.not_here}")
                continue
            started = time.perf_counter()
            try:
                each = play(story, dbt, Path(folder) / story.name, warehouse)
            except StoryError as error:
                each = Played(story, differences=(f"the story is wrong: {error}",))
            played.append(each)
            print(
                _row(each) + f" {time.perf_counter() - started:8.1f}" + (" (not yet)" if story.not_yet else ""),
                flush=True,
            )
            for sentence in (*each.differences, *each.notes):
                print(f"    {sentence}")
    working = [each for each in played if not each.story.not_yet]
    print(_total(working))
    return int(any(each.differences for each in working))


@contextmanager
def warehouse_of(kind: str) -> Iterator[Warehouse]:
    """Where to play: a file for each copy, or a server that is started for all."""
    if kind == "duckdb":
        yield OnDuckDB()
        return
    with running_server() as server:
        yield OnPostgres(server)


def _row(each: Played) -> str:
    counts = (len(each.story.features), each.relations, each.verdicts, each.lists, len(each.differences))
    return f"{each.story.name:28} " + " ".join(f"{n:{w}}" for n, w in zip(counts, (8, 9, 8, 5, 11), strict=True))


def _total(played: Iterable[Played]) -> str:
    each = list(played)
    features = sum(len(one.story.features) for one in each)
    relations, verdicts = sum(one.relations for one in each), sum(one.verdicts for one in each)
    differences = sum(len(one.differences) for one in each)
    return (
        f"{len(each)} projects, {features} features: {relations} relations and {verdicts} verdicts compared, "
        f"{differences} differences"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
