"""A DuckDB file is shared politely, survives a kill, and is opened as its profile says."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import duckdb
import pytest
from opening import READERS, STORE, at, duckdb_at, kinds, make, opened, rows

from dryland.engines.publication import Publication
from dryland.engines.registry import Address, open_engine
from dryland.errors import ConfigError, DrylandError, WarehouseLockedError

pytestmark = pytest.mark.slow  # processes share a file

HOLD = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('held', flush=True); sys.stdin.readline()"
BEGINNING = f"""
import sys
from pathlib import Path
sys.path.insert(0, {str(Path(__file__).parent)!r})
from opening import READERS, STORE, at, make, duckdb_at, opened
from dryland.engines.publication import Publication
engine = opened(duckdb_at(Path(sys.argv[1])))
make(engine, "done", "select 1 as x")
"""


def started(script: str, argument: Path, says: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(argument)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None and process.stdout.readline() == f"{says}\n"
    return process


def released(process: subprocess.Popen[str]) -> None:
    process.communicate("go\n", timeout=30)


def test_a_file_that_another_process_holds_names_it_and_how_to_go_on(tmp_path: Path) -> None:
    holder = started(HOLD, tmp_path / "w.duckdb", "held")
    try:
        with pytest.raises(WarehouseLockedError) as raised:
            opened(duckdb_at(tmp_path), wait_s=0.1)
    finally:
        released(holder)
    assert raised.value.message.startswith(
        f"w.duckdb is held by process {holder.pid} ({sys.executable} -c import duckdb"
    )
    assert "wait for it, or stop it, and try again" in raised.value.hint
    assert raised.value.path == str(tmp_path / "w.duckdb")
    assert raised.value.exit_code == 3
    opened(duckdb_at(tmp_path), wait_s=0.1).close()


@pytest.mark.slow
def test_who_waits_is_told_once_and_gets_the_file(tmp_path: Path) -> None:
    holder = started(HOLD, tmp_path / "w.duckdb", "held")
    told: list[str] = []
    threading.Timer(1.4, released, [holder]).start()
    began = time.monotonic()
    engine = opened(duckdb_at(tmp_path), on_wait=told.append)
    engine.close()
    assert 1 < time.monotonic() - began < 10
    assert len(told) == 1
    assert f"waiting: w.duckdb is held by process {holder.pid}" in told[0]


def test_a_short_wait_is_not_worth_a_word(tmp_path: Path) -> None:
    holder = started(HOLD, tmp_path / "w.duckdb", "held")
    told: list[str] = []
    threading.Timer(0.2, released, [holder]).start()
    opened(duckdb_at(tmp_path), on_wait=told.append).close()
    assert told == []


def test_a_process_that_is_killed_while_it_builds_leaves_a_whole_file(tmp_path: Path) -> None:
    """What was there before is there, the half table is not, and building goes on."""
    half = "make(engine, 'half', 'select a.range as x from range(100000000) a, range(3) b')"
    process = started(f"{BEGINNING}\nprint('building', flush=True)\n{half}", tmp_path, "building")
    time.sleep(0.5)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    engine = opened(duckdb_at(tmp_path))
    try:
        assert kinds(engine, STORE) == {"done": "table"}
        assert rows(engine, at(engine, "done")) == [(1,)]
        assert rows(engine, make(engine, "half", "select 2 as x")) == [(2,)]
    finally:
        engine.close()


@pytest.mark.slow
def test_a_process_that_is_killed_while_it_publishes_leaves_one_release(tmp_path: Path) -> None:
    script = """
builds = {number: make(engine, f"b{number}", f"select {number} as x") for number in range(2)}
release = 0
while True:
    release += 1
    views = {at(engine, f"v{number}", READERS): builds[release % 2] for number in range(30)}
    engine.publish(Publication("prod", str(release), views))
    if release == 2:
        print("publishing", flush=True)
"""
    for attempt in range(2):
        process = started(BEGINNING + script, tmp_path, "publishing")
        time.sleep(0.05 + 0.03 * attempt)
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        engine = opened(duckdb_at(tmp_path))
        try:
            noted = int(engine.published()["prod"])
            assert noted >= 2
            seen = [rows(engine, at(engine, f"v{number}", READERS)) for number in range(30)]
            assert seen == [[(noted % 2,)]] * 30
        finally:
            engine.close()


def test_a_file_that_is_no_database_is_an_error_of_ours(tmp_path: Path) -> None:
    (tmp_path / "w.duckdb").write_text("this is not a database" * 100)
    with pytest.raises(DrylandError, match=r"w\.duckdb"):
        opened(duckdb_at(tmp_path))


def address(root: Path, **settings: object) -> Address:
    return Address({"type": "duckdb", **settings}, "w", root, STORE)


def test_a_relative_path_is_relative_to_the_project_and_its_folder_is_made(tmp_path: Path) -> None:
    open_engine("duckdb", address(tmp_path, path="deep/er/w.duckdb")).close()
    assert (tmp_path / "deep" / "er" / "w.duckdb").exists()


def test_a_warehouse_may_be_in_memory(tmp_path: Path) -> None:
    engine = open_engine("duckdb", address(tmp_path))
    engine.publish(Publication("prod", "1", {at(engine, "v", READERS): make(engine, "t")}))
    assert rows(engine, at(engine, "v", READERS)) == [(1,)]
    engine.close()
    assert list(tmp_path.iterdir()) == []


def test_settings_and_databases_beside_are_as_the_profile_says(tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "other's.duckdb")) as connection:
        connection.execute("create table t as select 8 as x")
    attach = [{"path": "other's.duckdb", "alias": "be side", "read_only": True}]
    engine = open_engine("duckdb", address(tmp_path, path="w.duckdb", settings={"threads": 2}, attach=attach))
    with engine.session() as session:
        assert session.fetch("select current_setting('threads')").rows == ((2,),)
        assert session.fetch('select x from "be side".main.t').rows == ((8,),)
        with pytest.raises(DrylandError, match="read-only"):
            session.execute('create table "be side".main.u as select 1 as x')
    assert engine.database == "w"
    engine.close()


def test_a_database_beside_that_is_not_there_lets_go_of_the_file(tmp_path: Path) -> None:
    attach = [{"path": "nowhere.duckdb", "read_only": True}]
    with pytest.raises(DrylandError, match="nowhere"):
        open_engine("duckdb", address(tmp_path, path="w.duckdb", attach=attach))
    with duckdb.connect(str(tmp_path / "w.duckdb")) as connection:  # another configuration: the first is closed
        assert connection.execute("select 1").fetchall() == [(1,)]


def test_an_unknown_setting_is_named_and_its_value_is_not(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="does not know: passwrod") as raised:
        open_engine("duckdb", address(tmp_path, path="w.duckdb", passwrod="hunter2"))
    assert "hunter2" not in str(raised.value)
    assert not (tmp_path / "w.duckdb").exists()


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["1", "2", ""], "INTEGER"), (["1", "3000000000"], "BIGINT"), (["1.5", "2"], "DOUBLE"), (["1", "x"], "VARCHAR"),
        (["2026-01-01", ""], "DATE"), (["2026-01-01 10:00:00"], "TIMESTAMP"), (["2026-01-01", "later"], "VARCHAR"),
        (["true", "False"], "BOOLEAN"), (["", ""], "INTEGER"), (["1_000"], "INTEGER"), (["nan"], "DOUBLE"),
        (["99999999999999999999"], "DECIMAL(21, 0)"), ([], "INTEGER"), (["007"], "INTEGER"),
    ],
)  # fmt: skip
def test_a_seeds_column_has_the_type_that_fits_all_its_values(tmp_path: Path, values: list[str], kind: str) -> None:
    file = tmp_path / "seed.csv"
    file.write_text("\n".join(["other;x", *(f"a;{value}" for value in values)]) + "\n")
    engine = open_engine("duckdb", address(tmp_path))
    try:
        assert engine.infer_seed_types(str(file), ";", {}) == {"other": "VARCHAR" if values else "INTEGER", "x": kind}
        assert engine.infer_seed_types(str(file), ";", {"X": "text"})["x"] == "text"
        with engine.session() as session:
            session.load_csv(at(engine, "loaded"), str(file), engine.infer_seed_types(str(file), ";", {}), ";")
        assert len(rows(engine, at(engine, "loaded"))) == len(values)
    finally:
        engine.close()
