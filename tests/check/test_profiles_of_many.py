"""Many small tables are measured in one statement, and each profile is the one that it has by itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from checking import STORE, Listening
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dryland.check.scanning.many import scan_many
from dryland.check.scanning.scan import ScanRequest, scan
from dryland.engines.protocol import Engine
from dryland.engines.registry import Address, open_engine
from dryland.engines.relation import Relation
from dryland.errors import WarehouseError

QUERIES = {
    "numbers": "select range as id, range / 3.0 as share, range::decimal(9, 2) as price from range(50)",
    "texts": "select 'a' || range as name, null::text as nothing, range as id from range(1, 20)",
    "moments": "select date '2024-01-01' + range::int as day, timestamp '2024-01-01' as at from range(9)",
    "odd": """select 1.5::double as "Sel ect", 'nan'::double as "k", -0.0::double as c0, true as "a""b" """,
    "nested": "select [1, 2] as list, {'a': 1} as struct, map {'k': 2} as map, 'a'::enum('a', 'b') as mood",
    "other nested": "select [range::text] as list, {'b': range} as struct, 'c'::enum('c', 'd') as mood from range(3)",
    "empty": "select 1 as id, 'x' as name, date '2024-01-01' as day, 1.5::double as share where false",
    "nulls only": "select null::int as id, null::date as day, uuid() as u from range(4)",
    "infinite": "select 'infinity'::date as day, '-infinity'::timestamp as at, 'inf'::float as f, 12::hugeint as h",
    "zoned": "select timestamptz '2024-01-01 10:00:00+02' as at, time '10:00' as clock, interval 2 days as took",
    "blob": "select 'b'::blob as b, 1::utinyint as small from range(3)",
}


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    root: Path = tmp_path_factory.mktemp("many")
    engine = open_engine("duckdb", Address({"type": "duckdb", "path": "w.duckdb"}, "w", root, STORE))
    with engine.session() as session:
        for name, query in QUERIES.items():
            session.create_table_as(Relation(engine.database, STORE, name), query)
        session.create_view(Relation(engine.database, STORE, "a view"), QUERIES["texts"])
        session.create_view(Relation(engine.database, STORE, "unreadable"), "select 'x'::int as id from range(2)")
    yield engine
    engine.close()


def requests(engine: Engine, names: list[str]) -> list[ScanRequest]:
    relations = [Relation(engine.database, STORE, name) for name in names]
    columns = engine.columns(relations)
    return [ScanRequest(each, columns[each], persons=frozenset({"name"})) for each in relations]


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from([*QUERIES, "a view"]), min_size=1, max_size=12, unique=True))
def test_each_profile_is_the_one_it_has_by_itself(engine: Engine, names: list[str]) -> None:
    asked = requests(engine, names)
    with engine.session() as session:
        listening = Listening(session)
        together = scan_many(listening, asked, "duckdb")
        assert len(listening.asked) == 1
        assert together == tuple(scan(session, each, "duckdb").profile for each in asked)


def test_what_cannot_be_read_spoils_the_question(engine: Engine) -> None:
    with engine.session() as session, pytest.raises(WarehouseError, match="Could not convert string 'x'"):
        scan_many(session, requests(engine, ["numbers", "unreadable"]), "duckdb")
