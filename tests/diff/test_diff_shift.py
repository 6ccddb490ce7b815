"""Distributions that moved are told, and those that did not are not, whatever sample is taken."""

from __future__ import annotations

import math
from dataclasses import replace

import duckdb
import pytest

from dryland.diff.compare import compare
from dryland.diff.difference import ColumnDifference
from dryland.diff.request import DiffRequest
from dryland.diff.side import Side
from dryland.diff.statistics import jensen_shannon, population_stability
from dryland.engines.duckdb_session import DuckDBSession
from dryland.engines.relation import Relation

pytestmark = pytest.mark.medium

ASKED = DiffRequest("t", "duckdb", ("id",))
BASE = "select i as id, i % 10 as n, ['x', 'y'][1 + i % 2] as t, i % 3 = 0 as f, date '2026-01-01' + (i % 30)::int as d"


@pytest.fixture(scope="module")
def session():
    with duckdb.connect() as connection:
        yield DuckDBSession(connection)


def columns(session: DuckDBSession, before: str, after: str, **asked) -> dict[str, ColumnDifference]:
    sides = []
    for name, query in (("b", before), ("a", after)):
        session.execute(f"CREATE OR REPLACE TABLE {name} AS {query}")
        relation = Relation("memory", "main", name)
        sides.append(Side(session, relation, session.columns([relation])[relation]))
    return {column.name: column for column in compare(*sides, replace(ASKED, **asked)).columns}


def test_numbers_are_measured_by_bins_of_before(session) -> None:
    """By hand: ten equal bins, of which half are empty afterwards and half hold twice as much."""
    found = columns(
        session, f"{BASE} from range(1000) t(i)", f"{BASE.replace('i % 10', 'i % 5')} from range(1000) t(i)"
    )
    shift = found["n"].shift
    by_hand = 5 * (0.1 * math.log(2)) + 5 * ((0.0005 - 0.1) * math.log(0.0005 / 0.1))
    assert shift.value == pytest.approx(by_hand, rel=1e-6)
    assert shift.level == "major"
    assert [(share.before, share.after) for share in shift.shares] == [(0.1, 0.2)] * 5 + [(0.1, 0.0)] * 5
    assert {at: (before, after) for at, before, after in shift.quantiles}[0.5] == ("4", "2")


def test_categories_are_measured_by_shares(session) -> None:
    found = columns(session, f"{BASE} from range(1000) t(i)", f"{BASE.replace('1 + i % 2', '1')} from range(1000) t(i)")
    p, q, m = (0.5, 0.5), (1.0, 0.0), (0.75, 0.25)
    terms = (share * math.log2(share / mean) for each in (p, q) for share, mean in zip(each, m, strict=True) if share)
    divergence = sum(terms) / 2
    assert found["t"].shift.value == pytest.approx(math.sqrt(divergence))
    assert [(share.label, share.before, share.after) for share in found["t"].shift.shares] == [
        ("x", 0.5, 1.0),
        ("y", 0.5, 0.0),
    ]


def test_only_columns_that_can_have_moved_are_looked_at(session) -> None:
    found = columns(
        session, f"{BASE} from range(1000) t(i)", f"{BASE.replace('i % 10', 'i % 5')} from range(1000) t(i)"
    )
    assert [name for name, column in found.items() if column.shift] == ["n"]


def test_dates_booleans_and_nulls_move_too(session) -> None:
    after = (
        BASE.replace("(i % 30)", "(40 + i % 30)")
        .replace("i % 3 = 0", "null::boolean")
        .replace("i % 10", "null::bigint")
    )
    found = columns(session, f"{BASE} from range(1000) t(i)", f"{after} from range(1000) t(i)")
    assert {name: column.shift.level for name, column in found.items() if column.shift} == {
        "n": "major",
        "f": "major",
        "d": "major",
    }
    assert found["n"].shift.shares[-1].label == "null"
    assert found["n"].shift.shares[-1].after == 1.0


def test_values_without_order_and_without_end_do_no_harm(session) -> None:
    odd = "case i % 4 when 0 then 'nan' when 1 then 'infinity' when 2 then '-infinity' else '1.5' end::double"
    when = "case when i % 2 = 0 then 'infinity' else '2026-01-01' end::timestamp"
    query = f"select i as id, {odd} as n, {when} as d, [i] as l, interval 1 day * i as s from range(1000) t(i)"
    moved = query.replace("'1.5'", "null").replace("'2026-01-01'", "'2027-01-01'").replace("[i]", "[i + 1]")
    found = columns(session, query, moved)
    assert {name for name, column in found.items() if column.shift} == {"n", "d"}
    assert all(math.isfinite(column.shift.value) for column in found.values() if column.shift)


def test_a_sample_of_keys_adds_no_noise(session) -> None:
    """Both sides' samples have the same rows: that one row in a hundred came moves little."""
    query = "select i as id, hash(i) % 1000 as n, 'name ' || (hash(i) % 5000) as t from range({rows}) t(i)"
    found = columns(session, query.format(rows=300_000), query.format(rows=303_000))
    assert all(column.shift.value < 0.05 for column in found.values() if column.shift)
    assert sum(1 for column in found.values() if column.shift) == 2


def test_a_table_of_which_little_changed_has_not_moved(session) -> None:
    """Fewer than one row in 200: the bound that the docstring of SHIFT_SHARE_MIN derives."""
    query = f"{BASE} from range({{rows}}) t(i)"
    found = columns(session, query.format(rows=10_000), query.format(rows=10_049))
    assert not any(column.shift for column in found.values())
    found = columns(session, query.format(rows=10_000), query.format(rows=10_050))
    assert {name for name, column in found.items() if column.shift} == {"n", "t", "f", "d"}


def test_few_rows_have_no_distribution(session) -> None:
    found = columns(session, f"{BASE} from range(50) t(i)", f"{BASE.replace('i % 10', '7')} from range(50) t(i)")
    assert not any(column.shift for column in found.values())
    found = columns(
        session, f"{BASE} from range(500) t(i)", f"{BASE.replace('i % 10', '7')} from range(500) t(i)", shifts=False
    )
    assert not any(column.shift for column in found.values())


def test_nothing_of_a_person_is_in_a_distribution(session) -> None:
    after = BASE.replace("'x', 'y'", "'y', 'z'").replace("i % 10", "i % 10 + 70")
    asked = {"persons": frozenset({"t", "n"}), "examples_max": 0}
    found = columns(session, f"{BASE} from range(1000) t(i)", f"{after} from range(1000) t(i)", **asked)
    for name in ("t", "n"):
        assert found[name].shift.level == "major"
        assert (found[name].shift.shares, found[name].shift.quantiles) == ((), ())


def test_measures_of_nothing_are_nothing() -> None:
    assert (population_stability([], []), population_stability([0], [1]), jensen_shannon(-1e-12)) == (0.0, 0.0, 0.0)
