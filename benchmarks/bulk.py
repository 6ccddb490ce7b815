"""Times how a large table gets into PostgreSQL and out of it: Dryland, beside COPY, ADBC and dlt alone.

    bulk.py                       five million rows, each way three times in turn
    bulk.py --rows 300000 --rounds 1
    bulk.py --write               and the result is kept in benchmarks/results

Into: an Arrow table becomes a table that stands whole or not at all. Out: a table becomes an Arrow table, and a file.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote

import duckdb
import psycopg
from psycopg import conninfo

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))  # where a real PostgreSQL is started from PyPI

from peers import OF_BULK, install, is_installed, python_of, versions_of  # noqa: E402
from record import add_result_arguments, our_versions_told, record, when_and_where  # noqa: E402

from postgres_server import Server, running_server  # noqa: E402

COLUMNS = """
    range::bigint AS id, (range * 7919 % 100000)::integer AS a, (range % 1000)::smallint AS b, range / 7.0 AS c,
    range % 1000000 / 4.0 AS d, 'customer ' || range % 50000 AS e, md5(range::text) AS f,
    date '2020-01-01' + (range % 2000)::integer AS g, timestamp '2020-01-01' + to_seconds(range) AS h,
    range % 3 = 0 AS i, CASE WHEN range % 10 <> 0 THEN 'x' || range END AS j, (range % 77)::double AS k
"""
TYPES = {
    "id": "bigint", "a": "integer", "b": "smallint", "c": "double precision", "d": "double precision", "e": "text",
    "f": "text", "g": "date", "h": "timestamp", "i": "boolean", "j": "text", "k": "double precision",
}  # fmt: skip
DLT = """
import json, sys, time
import dlt, pyarrow.parquet as parquet
source, where = sys.argv[1:]
pipeline = dlt.pipeline("bulk", destination=dlt.destinations.postgres(json.loads(where)), dataset_name="of_dlt")
began = time.perf_counter()
pipeline.run(dlt.resource(lambda: iter([parquet.read_table(source)]), name="rows"), write_disposition="replace")
print(time.perf_counter() - began)
"""
BLOCK = 1 << 20


def main() -> None:
    """Time every way, round by round, and print the table."""
    told = _arguments()
    if told.install:
        install(tuple(OF_BULK))
        return
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="dryland-bulk-") as name, running_server({}) as server:
        folder = Path(name)
        data = duckdb.sql(f"SELECT {COLUMNS} FROM range({told.rows})").to_arrow_table()
        ways = _ways(server, folder, data)
        took: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(told.rounds):
            for name, way in ways.items():
                took[name].append(_timed(way))
        _verify(server, told.rows)
    record("bulk", _markdown(took, told, load), took, told)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    add_result_arguments(parser)
    return parser.parse_args()


def _timed(way: Callable[[], float | None]) -> float:
    began = time.perf_counter()
    told = way()
    return time.perf_counter() - began if told is None else told


def _ways(server: Server, folder: Path, data: Any) -> dict[str, Callable[[], float | None]]:
    """Everything that is timed, in the order in which it is done: the first makes what others read."""
    database = server.new_database()
    where = conninfo.make_conninfo(**server.address(database))
    ways: dict[str, Callable[[], float | None]] = {
        "into: Dryland, with ADBC": _load(server, database, data, with_adbc=True),
        "into: Dryland, without": _load(server, database, data, with_adbc=False),
        "into: ADBC alone": lambda: _ingest(where, data),
        "into: COPY of a CSV file that is there": lambda: _copy_in(where, folder, data),
        "out, as Arrow: Dryland, with ADBC": _read(server, database, with_adbc=True),
        "out, as Arrow: Dryland, without": _read(server, database, with_adbc=False),
        "out, as Arrow: ADBC alone": lambda: _fetch(where),
        "out, to a CSV file: Dryland": _write(server, database, folder / "ours.csv"),
        "out, to a CSV file: COPY alone": lambda: _copy_out(where, folder / "theirs.csv", "csv, header"),
        "out, to a file: binary COPY alone": lambda: _copy_out(where, folder / "theirs.bin", "binary"),
        "out, to a Parquet file: Dryland": _write(server, database, folder / "ours.parquet"),
    }
    _prepare_csv(folder, data)
    if is_installed("dlt"):
        ways["into: dlt with pyarrow"] = lambda: _dlt(folder, server, database)
    return ways


def _session(server: Server, database: str, work: Callable[[Any, Any], None]) -> None:
    from dryland.engines.registry import Address, open_engine
    from dryland.engines.relation import Relation

    engine = open_engine("postgres", Address(server.settings(database), database, ROOT, "dryland_store"))
    try:
        with engine.session() as session:
            work(session, Relation(database, "dryland_store", "rows"))
    finally:
        engine.close()


def _with_adbc(way: Callable[[], None], wanted: bool) -> Callable[[], None]:
    from dryland.engines import postgres_arrow

    def switched() -> None:
        real, postgres_arrow.is_there = postgres_arrow.is_there, lambda: wanted
        try:
            way()
        finally:
            postgres_arrow.is_there = real

    return switched


def _load(server: Server, database: str, data: Any, *, with_adbc: bool) -> Callable[[], None]:
    def work(session: Any, table: Any) -> None:
        with session.transaction():
            session.load(table, data)

    return _with_adbc(lambda: _session(server, database, work), with_adbc)


def _read(server: Server, database: str, *, with_adbc: bool) -> Callable[[], None]:
    def work(session: Any, table: Any) -> None:
        session.table(table).to_arrow_table()

    return _with_adbc(lambda: _session(server, database, work), with_adbc)


def _write(server: Server, database: str, path: Path) -> Callable[[], None]:
    def work(session: Any, table: Any) -> None:
        session.copy_to_file('SELECT * FROM "dryland_store"."rows"', str(path))

    return lambda: _session(server, database, work)


def _prepare_csv(folder: Path, data: Any) -> None:
    with duckdb.connect() as bench:
        bench.register("given", data)
        bench.execute(f"COPY given TO '{folder / 'rows.csv'}' (FORMAT csv, HEADER false)")
        bench.execute(f"COPY given TO '{folder / 'rows.parquet'}' (FORMAT parquet)")


def _copy_in(where: str, folder: Path, _: Any) -> None:
    columns = ", ".join(f"{name} {kind}" for name, kind in TYPES.items())
    with psycopg.connect(where) as connection, connection.cursor() as cursor:
        cursor.execute(f"drop table if exists by_copy; create table by_copy ({columns})")
        with (folder / "rows.csv").open("rb") as file, cursor.copy("copy by_copy from stdin (format csv)") as copy:
            while block := file.read(BLOCK):
                copy.write(block)


def _ingest(where: str, data: Any) -> None:
    from adbc_driver_postgresql import dbapi

    with dbapi.connect(where) as connection, connection.cursor() as cursor:
        cursor.adbc_ingest("by_adbc", data, mode="replace")
        connection.commit()


def _fetch(where: str) -> None:
    from adbc_driver_postgresql import dbapi

    with dbapi.connect(where) as connection, connection.cursor() as cursor:
        cursor.execute('select * from "dryland_store"."rows"')
        cursor.fetch_arrow_table()


def _copy_out(where: str, path: Path, how: str) -> None:
    statement = f'copy "dryland_store"."rows" to stdout (format {how})'
    with (
        psycopg.connect(where) as connection, connection.cursor() as cursor, cursor.copy(statement) as copy,
        path.open("wb") as file,
    ):  # fmt: skip
        file.writelines(copy)


def _dlt(folder: Path, server: Server, database: str) -> float:
    host = quote(server.folder, safe="")  # dlt makes an address of it
    address = {"database": database, "username": server.user, "password": "none", "host": host, "port": 5432}
    words = [str(python_of("dlt")), "-c", DLT, str(folder / "rows.parquet"), json.dumps(address)]
    quietly = {**os.environ, "RUNTIME__DLTHUB_TELEMETRY": "false", "DLT_DATA_DIR": str(folder / "dlt")}
    done = subprocess.run(words, capture_output=True, text=True, check=False, env=quietly, cwd=folder)
    if done.returncode:
        raise SystemExit(f"dlt: {done.stderr[-2000:]}")
    return float(done.stdout.split()[-1])


def _verify(server: Server, rows: int) -> None:
    """What came in is what was sent, whichever way it came."""
    with server.connect(f"w{1}") as connection:
        for table in ('"dryland_store"."rows"', "by_adbc", "by_copy"):
            found = connection.execute(f"select count(*), sum(a), count(j), max(f) from {table}").fetchone()
            assert found and found[0] == rows, (table, found)


def _markdown(took: Mapping[str, list[float]], told: argparse.Namespace, load: float) -> str:
    versions = [f"dlt {versions_of('dlt', 'dlt')[0]}"] if "into: dlt with pyarrow" in took else []
    versions.append("ADBC" if find_spec("adbc_driver_postgresql") else "no ADBC")
    lines = [
        "# Large tables into PostgreSQL and out of it",
        "",
        f"{when_and_where(load)} {our_versions_told()}; {', '.join(versions)}.",
        "",
        f"{told.rows:,} rows of {len(TYPES)} columns; the middle of {told.rounds} rounds, and all of them.",
        "",
        "| way | seconds | rounds |",
        "| --- | ---: | --- |",
    ]
    for name, seconds in sorted(took.items()):
        lines.append(f"| {name} | {statistics.median(seconds):.1f} | {', '.join(f'{each:.1f}' for each in seconds)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
