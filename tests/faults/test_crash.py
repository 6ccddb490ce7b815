"""Killed in any way at any moment, nothing is half done; and what is half done would be noticed."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, nullcontext
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from crash.deeds import Deed, next_apply
from crash.ground import Broken, Ground
from crash.invariants import broken_memories, garbage
from crash.kinds import KINDS, Kind
from crash.mill import IDS
from crash.play import Round, play
from crash.reader import READS, wrong_with
from crash.shown import QUERIES, after, contents
from crash.stretch import PLACES, ROUNDS_PER_KILL, Stretch, Wanted, wanted
from crash.told import as_markdown, problems_in
from crash.warehouses import duckdb_at, memory_of, sqlite_at

ROOT = Path(__file__).parents[2]
SEED = 20261122
KILLS = {"duckdb": 3, "postgres": 2, "postgres-metadata": 2}  # of each kind; `make bench-crash` plays hundreds
NO_MOUNT, FILES = "duckdb where nobody may mount", "disk: files may not grow"
WAREHOUSE, METADATA = "warehouse.duckdb", ".dryland/state.db"
GC = Deed("gc", ("gc", "--yes"), "")


def test_what_a_release_shows_follows_from_the_one_before() -> None:
    first = after(None, 1, 1)
    other_code, more_data = after(first, 2, 1), after(first, 1, 2)
    assert contents(first).keys() == QUERIES.keys()
    assert other_code.growing == first.growing, "old rows keep their mark"
    assert len(more_data.growing) == 2 * len(IDS) and len(more_data.kept) == 2 * len(IDS)
    assert [mark for mark, _ in after(other_code, 2, 2).appended] == [100_001, 200_001, 200_002]
    assert after(first, 1, 1).appended == first.appended, "a refresh over what is known adds nothing"


def look(**other: int) -> list[tuple[str, str, Any]]:
    """What a reader sees of release 300002, but for some relations."""
    right = {"mark": 300_002, "code": 3, "batch": 2, "grown": 9, "least": 1}
    return [(kind, name, other.get(f"{kind}_{name}", right[kind])) for kind, name, _ in READS]


def test_a_reader_takes_one_release_for_whole_and_nothing_else() -> None:
    assert wrong_with(look()) == ""
    for other in ({"mark_bulk": 300_001}, {"code_marks": 2}, {"batch_kept": 1}, {"grown_growing": 5}):
        assert next(iter(other)).partition("_")[2] in wrong_with(look(**other))
    assert "guarded" in wrong_with(look(least_guarded=-1))


@pytest.fixture(scope="module")
def grounds() -> Iterator[Callable[[str], Ground]]:
    """A released mill at each place, made when it is first asked for."""
    with ExitStack() as stack:
        made: dict[str, Ground] = {}

        def ground(name: str) -> Ground:
            if name not in made:
                folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="crash-")))
                folder.chmod(0o755)  # the server has an account of its own, which cannot reach pytest's folders
                with mock.patch("os.geteuid", return_value=1) if name == NO_MOUNT else nullcontext():
                    place = PLACES["duckdb" if name == NO_MOUNT else name](folder)
                made[name] = stack.enter_context(Ground(place, folder, random.Random(f"{SEED}-{name}")))
            return made[name]

        yield ground


PLAYED = [
    (place, kind)
    for place in PLACES
    for kind in KINDS
    if kind.name != FILES and (place != "duckdb" or kind.name.startswith(("process: SIGKILL", "disk")))
]


@pytest.mark.slow
@pytest.mark.timeout(240)
@pytest.mark.parametrize(
    ("place", "kind"),
    [*PLAYED, (NO_MOUNT, next(kind for kind in KINDS if kind.name == FILES))],
    ids=lambda each: each if isinstance(each, str) else each.name,
)
def test_whatever_is_killed_nothing_is_half_done(grounds: Callable[[str], Ground], place: str, kind: Kind) -> None:
    ground, done = grounds(place), Counter[tuple[str, str]]()
    if kind.name == "disk: full" and not any(disk.is_small for disk in ground.place.disks):
        pytest.skip("only root may mount a disk that is small")
    kills = KILLS.get(place, 3)
    for number in range(1, kills * ROUNDS_PER_KILL):
        played = play(ground, number, done, [kind])
        assert not played.broken, f"{played}\n{played.said}"
        if sum(done.values()) >= kills:
            return
    raise AssertionError(f"only {done} in {number} rounds")


@pytest.fixture
def mill(grounds: Callable[[str], Ground]) -> Iterator[Ground]:
    """A mill on DuckDB with two releases, which is as it was when a test is through with it."""
    ground = grounds("duckdb")
    ground.prepare(deed := next_apply(ground.standing()))
    assert ground.done(deed, []) == []
    root = ground.place.root
    files = {path: path.read_bytes() for path in (root / WAREHOUSE, root / METADATA)}
    yield ground
    for path, content in files.items():
        path.write_bytes(content)
        for beside in path.parent.glob(f"{path.name}[-.]*"):
            beside.unlink()


def tampered(ground: Ground, warehouse: str = "", metadata: str = "") -> None:
    """Do what no crash may do; `{name}` stands for the build that readers see under a name."""
    with ground.place.memory() as ask:
        memory = memory_of(ask)
    shown = {each["node"].split(".")[2]: each["build_key"] for each in memory.pointers[memory.live["prod"] or 0]}
    places = {name: f"dryland_store.{memory.builds[key]['relation']}" for name, key in shown.items()}
    if warehouse:
        with duckdb_at(ground.place.root / WAREHOUSE, read_only=False) as connection:
            connection.execute(warehouse.format(**places))
    if metadata:
        with sqlite_at(ground.place.root / METADATA) as connection:
            connection.execute(metadata)
            connection.commit()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("warehouse", "metadata", "invariant"),
    [
        ("drop view main.totals_view", "", "one release"),
        ("create or replace view main.now as select batch, mark - 100000 as mark from {now}", "", "one release"),
        ("delete from {growing} where row_id = 11", "", "one release"),
        ("delete from {growing} where row_id = 11", "", "kept"),
        ("insert into {kept} from {kept}", "", "kept"),
        ("drop table {bulk}", "", "kept"),
        ("", "delete from verdicts", "verdicts"),
        ("", "delete from builds", "kept"),
    ],
)
def test_what_a_crash_might_leave_would_be_noticed(mill: Ground, warehouse: str, metadata: str, invariant: str) -> None:
    allowed = {"prod": (mill.shown["prod"],)}
    assert mill.looked(allowed, [], None)[1] == []
    tampered(mill, warehouse, metadata)
    broken = mill.looked(allowed, [], None)[1]
    assert invariant in {each.invariant for each in broken}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("warehouse", "metadata"),
    [
        ("update dryland_store.published set release = '999-0' where environment = 'prod'", ""),
        ("", "update releases set status = 'publishing' where status = 'live'"),
        ("", "update environments set live_release = 1"),
    ],
)
def test_memories_that_differ_would_be_noticed(mill: Ground, warehouse: str, metadata: str) -> None:
    tampered(mill, warehouse, metadata)
    with mill.place.warehouse() as ask, mill.place.memory() as ask_memory:
        assert list(broken_memories(ask, memory_of(ask_memory)))


@pytest.mark.slow
def test_what_a_dead_run_leaves_would_be_noticed(mill: Ground) -> None:
    assert mill.start(GC).end() == 0
    tampered(mill, "create table dryland_store.left__0123456789abcdef as select 1 as one")
    with mill.place.warehouse() as ask, mill.place.memory() as ask_memory:
        assert garbage(ask, memory_of(ask_memory)) == ["left__0123456789abcdef"]


@pytest.mark.slow
def test_the_harness_runs_as_it_is_called(tmp_path: Path) -> None:
    command = [sys.executable, ROOT / "benchmarks" / "crash.py", "--kills", "6", "--places", "duckdb", "--seed", "3"]
    command += ["--write", "--results", tmp_path, "--jobs", "2"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    kept = json.loads((tmp_path / "crash.json").read_text())
    assert kept["seed"] == 3 and kept["kills"] == 6 and "# 6 kills: nothing is broken" in done.stdout


def test_what_is_broken_is_told_with_the_seed_that_repeats_it() -> None:
    broken = Broken("kept", "after the kill", "a table is gone")
    played = Round("DuckDB", 4, "disk: full", "gc", landed=True, where="9 bytes left", broken=(broken,))
    stretch = Stretch(Wanted("duckdb", "7-duckdb-0", 1), (played,), 3, 0, 1.0)
    assert len(problems_in([stretch])) == 1
    text = as_markdown([stretch], 7, "here")
    assert (
        "# 1 kills: 1 thing is broken" in text and "duckdb, seed 7-duckdb-0, round 4: disk: full 9 bytes left" in text
    )


def test_kills_are_shared_out_to_all_places_and_each_folder_has_a_seed_of_its_own() -> None:
    shares = wanted(500, list(PLACES), 7)
    assert sum(each.kills for each in shares) == 500 and {each.place for each in shares} == set(PLACES)
    assert len({each.seed for each in shares}) == len(shares) and shares == wanted(500, list(PLACES), 7)
