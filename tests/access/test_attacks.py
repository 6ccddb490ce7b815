"""No query of the console does what it must not, on either warehouse: it is refused, or it is harmless."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from shop_desk import PEOPLE, PLAIN, rows

from attacks import ATTACKS, KEPT_APART, filled_in
from dryland.access.desk import Desk
from dryland.access.guard import Language, guarded
from dryland.access.person import LOCAL
from dryland.engines.protocol import Engine
from dryland.engines.read_only import Bounds
from dryland.errors import DrylandError, QueryError, RefusedQueryError, RightsError

pytestmark = pytest.mark.medium


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """With a file that nobody may read."""
    inside = tmp_path / "files"
    inside.mkdir()
    (inside / "secret.csv").write_text("a\nfile-canary\n")
    return inside


def world(desk: Desk, engine: Engine) -> tuple[object, ...]:
    """What must not change."""
    relations = engine.list_relations([(engine.database, schema) for schema in ("main", "dryland_store", "public")])
    with engine.session() as session:
        notes = session.fetch("select * from main.private_notes").rows
    return (
        notes,
        sorted((str(each.relation), each.kind) for each in relations),
        rows(desk, "select * from orders", LOCAL),
    )


def test_there_are_attacks_enough_for_each_engine() -> None:
    for engine in ("duckdb", "postgres"):
        assert sum(kind in ("", engine) for _, kind, _ in ATTACKS) >= 120
    assert len({sql for _, _, sql in ATTACKS}) == len(ATTACKS)


def test_no_attack_gets_through(desk: Desk, warehouse: Engine, folder: Path) -> None:
    before, through, refused = world(desk, warehouse), [], 0
    for title, engine, sql in ATTACKS:
        if engine not in ("", warehouse.dialect):
            continue
        began = time.monotonic()
        try:
            said = repr(rows(desk, filled_in(sql, folder), PLAIN))
        except (RefusedQueryError, RightsError) as error:
            said, refused = str(error), refused + 1
        except QueryError as error:
            said = f"{error} {error.sql}"
        if any(word in said for word in KEPT_APART if word not in sql) or time.monotonic() - began > 3:
            through.append((title, said[:300]))
    assert through == []
    assert refused >= 100
    assert world(desk, warehouse) == before
    assert [each.name for each in folder.iterdir()] == ["secret.csv"]


def test_attacks_are_refused_before_the_warehouse_hears_of_them(desk: Desk, warehouse: Engine, folder: Path) -> None:
    """What the warehouse is asked at all has passed the guard, and reads nothing but views of this person's."""
    heard = []
    for title, engine, sql in ATTACKS:
        if engine in ("", warehouse.dialect):
            try:
                heard.append((title, desk.explained(PLAIN, filled_in(sql, folder)).sql))
            except DrylandError:
                continue
    words = ("payroll", "secrets", "private_notes", "dryland_store", "pg_catalog", "information_schema", "secret.csv")
    assert [(title, sql) for title, sql in heard if any(f'"{word}"' in sql for word in words)] == []
    assert len(heard) < 40


def test_the_second_wall_stands_without_the_first(desk: Desk, warehouse: Engine, folder: Path) -> None:
    """Whatever reaches the warehouse changes nothing there and reads no file; rows are for the first wall."""
    before, through = world(desk, warehouse), []
    for title, engine, sql in ATTACKS:
        if engine not in ("", warehouse.dialect) or title in ("nested too deep", "too long"):
            continue
        try:
            with warehouse.read_only(filled_in(sql, folder), Bounds(timeout_s=0.5)) as stream:
                said = repr(list(stream.blocks()))
        except DrylandError as error:
            said = str(error).replace(sql, "")
        if "file-canary" in said:
            through.append(title)
    assert through == []
    assert world(desk, warehouse) == before
    assert [each.name for each in folder.iterdir()] == ["secret.csv"]


@pytest.mark.parametrize("person", ["viewer", "nobody"])
def test_who_may_not_ask_is_told_nothing_of_a_query(desk: Desk, person: str) -> None:
    for sql in ("select 1", "select * from payroll", "drop table x", "select ("):
        with pytest.raises(RightsError, match="takes the right to `query`"):
            rows(desk, sql, PEOPLE[person])


@pytest.mark.parametrize("dialect", ["duckdb", "postgres"])
@pytest.mark.parametrize(
    "sql",
    ["select " + "- " * 9_000 + "1", "select " + "not " * 9_000 + "true", "select 1" + "::int" * 9_000,
     "select " + "[" * 9_000, "select " + "case when 1 then " * 4_000, "select a" + ".b" * 9_000,
     "select * from " + "(select * from " * 3_000 + "t" + ")" * 3_000, "select 1" + " union select 1" * 5_000,
     "select 1" + " + 1" * 12_000, "select " + "f(" * 9_000, "with a as (" * 3_000, "select '" + "''" * 40_000],
)  # fmt: skip
def test_what_is_hard_to_parse_is_refused_in_moments(sql: str, dialect: str) -> None:
    began = time.monotonic()
    with pytest.raises(RefusedQueryError):
        guarded(sql, Language(dialect))
    assert time.monotonic() - began < 10


@pytest.mark.parametrize(
    "sql",
    ["select array_agg(  order by order_id) orders", "select upper(", "select from where", "select json_extract(a, )",
     "select 'select * from t', true, order_id from orders qualify row_number() over (partition by a desc) = 1",
     "select case end", "select * from", "select a from orders order by", "select interval", "select cast(a as )"],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_and_nothing_else(
    desk: Desk, sql: str, capfd: pytest.CaptureFixture[str]
) -> None:  # fmt: skip
    with pytest.raises((RefusedQueryError, RightsError, QueryError)):
        rows(desk, sql)
    with pytest.raises(RefusedQueryError):
        rows(desk, "explain analyze select 'a value'")
    assert "a value" not in "".join(capfd.readouterr())
