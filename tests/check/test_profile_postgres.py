"""Profiles of PostgreSQL tables: the hash tells what readers tell apart, and large tables are not sorted to count."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from checking import STORE, Shop, made, open_shop

from dryland.check.dialects import family
from dryland.check.scanning.scan import ScanRequest, scan
from dryland.engines.relation import Relation
from dryland.state.records import Profile
from postgres_server import Server

SETTINGS = (
    "timezone = 'Asia/Kathmandu'", "datestyle = 'German'", "extra_float_digits = -15", "bytea_output = 'escape'",
    "intervalstyle = 'iso_8601'",
)  # fmt: skip


@pytest.fixture(scope="module")
def shop(postgres_server: Server) -> Iterator[Shop]:
    name = postgres_server.new_database()
    with open_shop(postgres_server.settings(name, search_path="public")) as opened:
        with opened.engine.session() as session:
            session.execute("create type mood as enum ('happy', 'sad')")
            session.execute("create type pair as (n int, at timestamptz)")
            session.execute("create domain age as int")
        yield opened
    postgres_server.drop_database(name)


def profile(shop: Shop, query: str, *settings: str) -> Profile:
    relation = shop.table(query)
    with shop.engine.session() as session:
        for setting in settings:
            session.execute(f"set {setting}")
        columns = session.columns([relation])[relation]
        found = scan(session, ScanRequest(relation, columns), "postgres").profile
        for setting in settings:
            session.execute(f"reset {setting.partition(' ')[0]}")
    assert found is not None
    return found


def content(shop: Shop, query: str, *settings: str) -> str:
    return profile(shop, query, *settings).content_hash


EVERY = """select 1::smallint as si, 2 as i, 3::bigint as b, 1.50::numeric as n, 1.50::numeric(10,2) as nn,
    0.1::real as r, 0.1::float8 as d, true as f, 'a' as t, 'a'::varchar(3) as v, 'a'::char(3) as c, 'a'::name as na,
    date '2026-01-01' as day, time '10:00' as tm, '10:00+02'::timetz as ttz, timestamp '2026-01-01 10:00' as ts,
    timestamptz '2026-01-01 10:00+00' as tz, '1 month'::interval as s, '\\xff'::bytea as by,
    '00000000-0000-0000-0000-000000000001'::uuid as u, '{"a": 1.0}'::json as j, '{"a": 1.0}'::jsonb as jb,
    array['a', null] as ta, array[1.0] as ra, array[timestamptz '2026-01-01 10:00+00'] as tza, '[1,2)'::int4range as ir,
    tstzrange('2026-01-01 10:00+00', null) as tr, '10.0.0.1'::inet as ip, '1.00'::money as mo, b'01' as bi,
    point '(0.1,2)' as po, 'a b'::tsvector as tv, 'happy'::mood as e, 5::age as ag, null::text as nothing"""


def test_every_type_has_a_hash_that_no_setting_decides(shop: Shop) -> None:
    plain = content(shop, EVERY)
    for setting in SETTINGS:
        assert content(shop, EVERY, setting) == plain, setting


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1.0::numeric", "1.00::numeric"), ("0.0::float8", "'-0.0'::float8"), ("''", "null::text"), ("'a'", "'a '"),
        ("'1 month'::interval", "'30 days'::interval"), ("array['a,b']", "array['a','b']"),
        ("'{\"a\":1}'::json", "'{\"a\": 1}'::json"), ("'{\"a\": 1.0}'::jsonb", "'{\"a\": 1.00}'::jsonb"),
        ("array[null]::text[]", "array['NULL']"), ("'\\x00'::bytea", "''::bytea"), ("'happy'::mood", "'sad'::mood"),
        ("'10:00+02'::timetz", "'08:00+00'::timetz"), ("0::bigint", "4294967297::bigint"),
        ("(1, null)::pair", "(2, null)::pair"), ("0.1::float8", "0.10000000000000002::float8"),
    ],
)  # fmt: skip
def test_what_readers_tell_apart_has_another_hash(shop: Shop, one: str, other: str) -> None:
    assert content(shop, f"select {one} as x") != content(shop, f"select {other} as x")


def test_rows_that_swap_values_are_seen_and_their_order_is_not(shop: Shop) -> None:
    """PostgreSQL's own hash of a row is linear in those of its values: in a sum these two would cancel out."""
    rows = "select * from (values (1, 'x'), (2, 'y')) as t (a, b)"
    assert content(shop, rows) == content(shop, f"{rows} order by a desc")
    assert content(shop, rows) != content(shop, "select * from (values (1, 'y'), (2, 'x')) as t (a, b)")
    assert content(shop, rows) != content(shop, f"{rows} union all {rows}")


def test_floats_of_any_size_have_a_mean(shop: Shop) -> None:
    found = profile(shop, "select * from (values (1e200::float8, 1e38::real), (3e200, 1e-38)) as t (x, y)")
    assert found.columns["x"]["mean"] == 2e200


def test_of_a_large_table_values_are_counted_without_sorting_it(shop: Shop) -> None:
    """By what ANALYZE saw, or a sample of the values: one scan, and one look at the catalogue."""
    shop.table(
        "select i as id, i % 7 as few, 'v' || i % 50000 as some, md5(i::text) as many, null::int as nothing, "
        "case when i % 2 = 0 then i end as half from generate_series(1, 200000) as s(i)"
    )
    exact = {"id": 200_000, "few": 7, "some": 50_000, "many": 200_000, "nothing": 0, "half": 100_000}
    relation = Relation(shop.engine.database, STORE, "payments__0123456789abcdef")
    with shop.engine.session() as session:
        session.execute(f"analyze {shop.engine.render(relation)}")
    found = shop.check(made("not_null", "id"), profile=True)
    assert len(shop.statements) == 2
    assert shop.statements[1].count("COUNT(DISTINCT") == 5  # not of `few`, of which the estimate is sure
    assert found.profile is not None
    for name, count in exact.items():
        distinct = found.profile.columns[name]["distinct"]
        assert isinstance(distinct, int) and abs(distinct - count) <= count * 0.1, name


def test_a_table_without_columns_has_a_profile(shop: Shop) -> None:
    with shop.engine.session() as session:
        session.execute(f"create table {STORE}.nothing ()")
        relation = Relation(shop.engine.database, STORE, "nothing")
        found = scan(session, ScanRequest(relation, ()), "postgres").profile
        session.drop([(relation, "table")])
    assert found is not None and found.rows == 0


def test_types_are_told_by_their_names(shop: Shop) -> None:
    """An enum may be called as a type begins, and is none for that."""
    others = ("date_kind", "int4range", "datemultirange", "text[]", "interval", "money", "numbers", '"Text"', "json")
    known = {
        "numeric(10,2)": "number", "double precision": "number", "character varying(3)": "text", '"char"': "text",
        "timestamp(3) with time zone": "moment", "boolean": "boolean",
    }  # fmt: skip
    assert {kind: family(kind) for kind in others} == dict.fromkeys(others, "other")
    assert {kind: family(kind) for kind in known} == known
    assert profile(shop, "select 'happy'::mood as m").columns["m"] == {"nulls": 0}
