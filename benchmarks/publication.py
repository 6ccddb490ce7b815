"""Releases a project again and again while readers read it, on PostgreSQL: Dryland, and dbt beside it.

    publication.py                      thirty seconds of each, and the table
    publication.py --write              and the result is kept in benchmarks/results
    publication.py --seconds 5 --models 10 --without-dbt

Every table says in each of its rows which release it is of. Readers ask for five tables in one query, in a tight loop,
and note how long it took, what went wrong, and whether an answer mixed releases. One more keeps a cursor open for a
while, reads on slowly, closes it and opens another. It ends with an error when a reader of ours met anything of that.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))  # where a real PostgreSQL is started from PyPI

from peers import DBT, DRYLAND, is_installed, versions_of  # noqa: E402
from record import add_result_arguments, our_versions_told, record, when_and_where  # noqa: E402

from postgres_server import Server, running_server  # noqa: E402

ASKED_AT_ONCE = 5
CURSOR_S = 2.0  # for which the slow reader keeps his cursor open
MODEL = "select g as id, {{{{ var('release') }}}} as release, md5(g::text) as note from generate_series(1, {rows}) as g"
SAFELY: Mapping[str, str] = {"max_connections": "100"}  # the server otherwise as it comes


@dataclass(frozen=True, slots=True)
class Heard:
    """What one reader met."""

    waits_s: tuple[float, ...]
    errors: tuple[str, ...]
    mixtures: int


@dataclass(frozen=True, slots=True)
class Played:
    """What all readers met while one tool released."""

    tool: str
    releases: int
    release_s: float  # the middle
    queries: int
    errors: int
    kinds: tuple[str, ...]  # of errors, the first few
    mixtures: int
    middle_ms: float
    slowest_ms: float
    cursors: int


def main() -> None:
    """Play both, print the table, and say no to what must not be."""
    told = _arguments()
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="dryland-publication-") as name, running_server(SAFELY) as server:
        tools = ["Dryland"] + (["dbt"] if is_installed("dbt") and not told.without_dbt else [])
        played = [play(tool, server, Path(name) / tool, told) for tool in tools]
    record("publication", as_markdown(played, told, load), [asdict(each) for each in played], told)
    ours = played[0]
    if ours.errors or ours.mixtures:
        raise SystemExit(f"a reader met {ours.errors} errors and {ours.mixtures} mixtures: {ours.kinds}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--models", type=int, default=50)
    parser.add_argument("--rows", type=int, default=1_000)
    parser.add_argument("--readers", type=int, default=4)
    parser.add_argument("--without-dbt", action="store_true")
    add_result_arguments(parser)
    return parser.parse_args()


def play(tool: str, server: Server, folder: Path, told: argparse.Namespace) -> Played:
    """Release with one tool for a while, with readers all the time."""
    database = server.new_database()
    _write_project(folder, server.settings(database), told)
    command = _release(tool, folder)
    command(1)
    context = get_context("spawn")
    stop, answers = context.Event(), context.Queue()
    where = server.address(database)
    people = [
        context.Process(target=read, args=(where, told.models, number, stop, answers)) for number in range(told.readers)
    ]
    people.append(context.Process(target=read_slowly, args=(where, stop, answers)))
    for each in people:
        each.start()
    took, until = [], time.monotonic() + told.seconds
    try:
        while time.monotonic() < until:
            began = time.monotonic()
            command(len(took) + 2)
            took.append(time.monotonic() - began)
    finally:
        stop.set()
        heard = [answers.get(timeout=60) for _ in people]
        for each in people:
            each.join()
        server.drop_database(database)
    return _summed(tool, took, heard[:])


def _write_project(folder: Path, settings: Mapping[str, Any], told: argparse.Namespace) -> None:
    (folder / "models").mkdir(parents=True)
    project = {
        "name": "p", "version": "1.0", "profile": "p", "models": {"p": {"+materialized": "table"}},
        "vars": {"release": 0}, "flags": {"send_anonymous_usage_stats": False},
    }  # fmt: skip
    (folder / "dbt_project.yml").write_text(json.dumps(project))
    (folder / "profiles.yml").write_text(json.dumps({"p": {"target": "dev", "outputs": {"dev": dict(settings)}}}))
    for number in range(told.models):
        (folder / "models" / f"m{number}.sql").write_text(MODEL.format(rows=told.rows))


def _release(tool: str, folder: Path) -> Any:
    """What releases number so and so."""
    verbs = {"Dryland": [str(DRYLAND), "apply", "--yes"], "dbt": [str(DBT), "run", "--profiles-dir", str(folder)]}

    def command(number: int) -> None:
        words = [*verbs[tool], "--vars", json.dumps({"release": number})]
        done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"{' '.join(words)}: {done.stdout[-2000:]}{done.stderr[-2000:]}")

    return command


def read(where: Mapping[str, str], models: int, seed: int, stop: Event, answers: Queue[Heard]) -> None:
    """Ask for five tables at once, again and again."""
    import psycopg

    chance, waits, errors, mixtures = random.Random(seed), [], [], 0
    connection = psycopg.connect(**where, autocommit=True)
    while not stop.is_set():
        asked = chance.sample(range(models), min(ASKED_AT_ONCE, models))
        tables = " union all ".join(f"select release from main.m{number}" for number in asked)
        began = time.perf_counter()
        try:
            found = connection.execute(f"select distinct release from ({tables}) as t").fetchall()
        except psycopg.Error as error:
            errors.append(str(error).splitlines()[0])
        else:
            mixtures += len(found) != 1
        waits.append(time.perf_counter() - began)
    connection.close()
    answers.put(Heard(tuple(waits), tuple(errors), mixtures))


def read_slowly(where: Mapping[str, str], stop: Event, answers: Queue[Heard]) -> None:
    """Keep a cursor open, read on, close it, and open another; each of them sees one release."""
    import psycopg

    errors, mixtures, cursors = [], 0, 0
    with psycopg.connect(**where, autocommit=True) as connection:
        while not stop.is_set():
            seen: set[int] = set()
            try:
                with connection.transaction(), connection.cursor(name="slow") as cursor:
                    cursor.execute("select release from main.m0")
                    for _ in range(10):
                        seen |= {release for (release,) in cursor.fetchmany(50)}
                        time.sleep(CURSOR_S / 10)
                    seen |= {release for (release,) in cursor.fetchall()}
            except psycopg.Error as error:
                errors.append(str(error).splitlines()[0])
            mixtures += len(seen) > 1
            cursors += 1
            stop.wait(CURSOR_S / 2)
    answers.put(Heard((), tuple(errors), mixtures))


def _summed(tool: str, took: Sequence[float], heard: Sequence[Heard]) -> Played:
    waits = [wait for each in heard for wait in each.waits_s]
    errors = [error for each in heard for error in each.errors]
    return Played(
        tool, len(took), statistics.median(took), len(waits), len(errors), tuple(sorted(set(errors))[:3]),
        sum(each.mixtures for each in heard), statistics.median(waits) * 1000, max(waits) * 1000,
        sum(not each.waits_s for each in heard),
    )  # fmt: skip


def as_markdown(played: Sequence[Played], told: argparse.Namespace, load: float) -> str:
    """The table."""
    lines = [
        "# Publication under load",
        "",
        f"{when_and_where(load)} {our_versions_told()}"
        + (f"; dbt {' '.join(versions_of('dbt', 'dbt-core', 'dbt-postgres'))}" if len(played) > 1 else ""),
        "",
        f"{told.models} tables of {told.rows:,} rows on PostgreSQL, released again and again for {told.seconds:.0f} s, "
        f"by commands of their own. {told.readers} readers ask for {ASKED_AT_ONCE} tables in one query, in a tight "
        f"loop; one more keeps a cursor open for {CURSOR_S:.0f} s at a time.",
        "",
        "| | releases | one takes | queries answered | errors | mixtures | a query takes | the slowest |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for each in played:
        lines.append(
            f"| {each.tool} | {each.releases} | {each.release_s:.1f} s | {each.queries:,} | {each.errors:,} "
            f"| {each.mixtures:,} | {each.middle_ms:.1f} ms | {each.slowest_ms:,.0f} ms |"
        )
    lines += [f"\n{each.tool}'s readers were told: {'; '.join(each.kinds)}" for each in played if each.kinds]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
