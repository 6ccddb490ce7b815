"""Tests of anybody's share the scan of their table: those that group, compare tables, or look values up in lists."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlglot
from checking import Shop, made, open_shop

from dryland.check.scanning.long_lists import VALUES_FEW, looked_up
from dryland.engines.relation import Column

PAYMENTS, PEOPLE = '"w"."main"."payments"', '"w"."main"."people"'
GROUPED = f"select kind from {PAYMENTS} group by kind having count(*) > 1"
FEWER = (
    f"with a as (select count(*) as n from {PAYMENTS}), b as (select count(*) as n from {PEOPLE}) "
    "select a.n - b.n as more from a cross join b where a.n > b.n"
)
KINDS = " union all ".join(f"select 'kind {number}' as v" for number in range(30))
IN_LIST = f"select p.* from {PAYMENTS} p left join ({KINDS}) k on p.kind = k.v where k.v is null"
RANKED = f"select * from (select id, lag(id) over (order by id) as before from {PAYMENTS}) x where before = id"


@pytest.fixture
def shop() -> Iterator[Shop]:
    with open_shop() as opened:
        opened.table("SELECT range AS id, 'kind ' || (range % 40) AS kind FROM range(50)")
        opened.table("SELECT range AS id FROM range(48)", "people")
        yield opened


def test_groups_lists_and_other_tables_are_terms_of_one_scan(shop: Shop) -> None:
    checks = [made("own", name=name, rendered=sql) for name, sql in (("g", GROUPED), ("f", FEWER), ("l", IN_LIST))]
    outcome = shop.check(*checks)
    assert [verdict.failures for verdict in outcome.verdicts] == [10, 1, 10]
    scans = [each for each in shop.statements if "failing), " in each]
    assert len(scans) == 1 and "CASE WHEN" in scans[0] and "UNNEST" in scans[0]
    assert len(shop.statements) == len({*shop.statements, *scans})


def test_a_sum_of_failures_is_asked_in_the_scan(shop: Shop) -> None:
    summed = made("own", name="s", rendered=FEWER.replace("where a.n > b.n", ""), fail_calc="sum(more)")
    limited = made("own", name="l", rendered=FEWER, fail_calc="sum(more)", limit=1)
    assert [verdict.failures for verdict in shop.check(summed, limited).verdicts] == [2, 2]
    assert sum("SELECT sum(more) AS failures" in each for each in shop.statements) == 1


def test_what_looks_at_the_row_before_is_asked_alone(shop: Shop) -> None:
    assert shop.verdict(made("own", name="r", rendered=RANKED)).failures == 0
    assert any("lag(id)" in each for each in shop.statements)


def test_one_that_cannot_be_asked_spoils_no_other(shop: Shop) -> None:
    wrong = f"select kind from {PAYMENTS} group by kind having max(cast(kind as integer)) > 1"
    said = shop.check(made("own", name="w", rendered=wrong), made("own", name="g", rendered=GROUPED)).verdicts
    assert [verdict.status for verdict in said] == ["error", "fail"]
    assert said[1].failures == 10


@pytest.mark.parametrize(("kind", "is_looked_up"), [("VARCHAR", True), ("INTEGER", False)])
def test_only_texts_are_looked_up(kind: str, is_looked_up: bool) -> None:
    """A literal beside a number is a number; as a column of a table it would be text."""
    listed = ", ".join(f"'{number}'" for number in range(VALUES_FEW + 1))
    term = sqlglot.parse_one(f"COUNT_IF(x IN ({listed}))", dialect="duckdb")
    assert ("UNNEST" in looked_up(term, [Column("x", kind)]).sql("duckdb")) is is_looked_up
