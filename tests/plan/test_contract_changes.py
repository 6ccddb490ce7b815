"""What differs between two contracts is told with what it does to readers."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dryland.plan.contract_diff import contract_diff
from dryland.plan.promise import Promise, contracted
from dryland.plan.promise_changes import promise_changes
from dryland.project.odcs.allowed import OPERATORS, Allowed, Stretch, parse_allowed
from dryland.project.odcs.read import parse_contract
from dryland.sql.type_change import type_change
from edited_cases import edited, read_cases, verify_said

pytestmark = pytest.mark.slow  # each releases a project

BASE = """\
apiVersion: v3.1.0
kind: DataContract
id: orders-contract
version: 1.0.0
status: active
description: {purpose: Orders as they came.}
schema:
  - name: orders
    properties:
      - name: order_id
        physicalType: integer
        primaryKey: true
      - name: amount
        physicalType: decimal(10, 2)
        logicalTypeOptions: {minimum: 0, maximum: 100}
      - name: status
        logicalType: string
        quality:
          - {metric: nullValues, mustBeLessThan: 5}
          - {metric: invalidValues, mustBe: 0, arguments: {validValues: [open, paid]}}
    quality:
      - {type: sql, query: "select count(*) from {object}", mustBeGreaterThan: 0}
slaProperties:
  - {property: latency, value: 2, unit: d}
  - {property: retention, value: 1, unit: y}
"""
FILE = Path(__file__).parents[1] / "cases" / "plan" / "contract_changes.txt"
CASES = read_cases(FILE)


def contract(text: str):
    found, problems = parse_contract(text, "c.odcs.yaml")
    assert not [each for each in problems if not each.is_advice]
    return found


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["title"])
def test_what_differs_is_told_with_what_it_does(case: re.Match[str]) -> None:
    found = contract_diff(contract(BASE), contract(edited(BASE, case["edits"])), "duckdb")
    said = "".join(f"=> {change.kind} {change}\n" for _, change in found.changes)
    verify_said(FILE, case, said)
    assert found.is_breaking == ("=> breaking" in said)


def test_a_dataset_that_is_gone_breaks_and_a_new_one_does_not() -> None:
    other = BASE.replace("name: orders", "name: baskets")
    found = contract_diff(contract(BASE), contract(other), "duckdb")
    assert [(name, change.kind) for name, change in found.changes] == [
        ("orders", "breaking"),
        ("baskets", "non-breaking"),
    ]


@pytest.mark.parametrize(("version", "is_raised"), [("2.0.0", True), ("v3", True), ("1.9.0", False), ("0.9", False)])
def test_the_first_number_of_the_version_says_that_it_breaks(version: str, is_raised: bool) -> None:
    found = contract_diff(contract(BASE), contract(BASE.replace("1.0.0", f"'{version}'")), "duckdb")
    assert found.is_raised == is_raised


def test_what_is_remembered_is_what_was_promised() -> None:
    [dataset] = contract(BASE).datasets
    promise = contracted(contract(BASE), dataset)
    again = Promise.from_json(promise.as_json())
    assert again == promise
    assert promise_changes(promise, again, "duckdb") == ()


# --- types -----------------------------------------------------------------------------------------------------------

INTEGERS = ("tinyint", "smallint", "integer", "bigint", "hugeint", "utinyint", "usmallint", "uinteger", "ubigint")
PLAIN = (*INTEGERS, "float", "double", "varchar", "date", "timestamp", "timestamptz", "boolean", "uuid", "json")
TYPES = st.one_of(
    st.sampled_from(PLAIN),
    st.integers(1, 38).flatmap(lambda p: st.integers(0, p).map(lambda s: f"decimal({p}, {s})")),
    st.integers(1, 300).map(lambda n: f"varchar({n})"),
    st.sampled_from(PLAIN).map(lambda kind: f"{kind}[]"),
    st.sampled_from(PLAIN).map(lambda kind: f"struct(a {kind})"),
    st.tuples(st.sampled_from(PLAIN), st.sampled_from(PLAIN)).map(lambda k: f"struct(a {k[0]}, b {k[1]})"),
)


@given(TYPES)
def test_a_type_is_the_same_as_itself(kind: str) -> None:
    assert type_change(kind, kind.upper(), "duckdb") == "same"
    assert type_change(kind, kind.replace(", ", ","), "duckdb") == "same"


@given(TYPES, TYPES)
def test_what_is_wider_one_way_is_narrower_the_other(old: str, new: str) -> None:
    there, back = type_change(old, new, "duckdb"), type_change(new, old, "duckdb")
    assert {"wider": "narrower", "narrower": "wider"}.get(there, there) == back


@given(TYPES, TYPES, TYPES)
def test_wider_than_wider_is_wider(one: str, two: str, three: str) -> None:
    steps = (type_change(one, two, "duckdb"), type_change(two, three, "duckdb"))
    if set(steps) <= {"same", "wider"}:
        assert type_change(one, three, "duckdb") in ("same", "wider")


DECIMALS = [f"decimal({p}, {s})" for p, s in ((3, 0), (3, 2), (5, 2), (9, 4), (18, 3), (38, 10))]


def ends(kind: str) -> tuple[str, ...]:
    """The least and the greatest value of a type of numbers."""
    if found := re.match(r"decimal\((\d+), (\d+)\)", kind):
        digits, scale = int(found[1]), int(found[2])
        number = f"{'9' * (digits - scale) or '0'}.{'9' * scale or '0'}"
        return f"-{number}", number
    bits = {"tinyint": 8, "smallint": 16, "integer": 32, "bigint": 64, "hugeint": 128}.get(kind.removeprefix("u"), 8)
    bits = {"utinyint": 8, "usmallint": 16, "uinteger": 32, "ubigint": 64}.get(kind, bits)
    return ("0", str(2**bits - 1)) if kind.startswith("u") else (str(-(2 ** (bits - 1))), str(2 ** (bits - 1) - 1))


@pytest.mark.parametrize("family", [INTEGERS, DECIMALS], ids=["integers", "decimals"])
def test_wider_types_hold_every_value_and_narrower_ones_do_not(family) -> None:
    """Asked of the warehouse: the ends of the old type as the new one."""
    with duckdb.connect() as connection:
        for old, new in product(family, family):
            texts = [f"try_cast(try_cast('{end}' as {old}) as {new})::varchar" for end in ends(old)]
            befores = [f"try_cast('{end}' as {old})::varchar" for end in ends(old)]
            found = connection.execute(f"select {', '.join(texts + befores)}").fetchone()
            assert found is not None
            pairs = list(zip(found[: len(texts)], found[len(texts) :], strict=True))
            is_held = all(
                now is not None and float(now) == float(was) and _scale(now) >= _scale(was) for now, was in pairs
            )
            assert is_held == (type_change(old, new, "duckdb") in ("same", "wider")), (old, new, found)


def _scale(number: str) -> int:
    return len(number.partition(".")[2])


# --- what is allowed -------------------------------------------------------------------------------------------------


def holds(allowed: Allowed, number: float) -> bool:
    return any(_holds(each, number) for each in allowed.stretches)


def _holds(each: Stretch, number: float) -> bool:
    above = each.low is None or number > each.low or (each.has_low and number == each.low)
    return above and (each.high is None or number < each.high or (each.has_high and number == each.high))


NUMBERS = st.integers(0, 6)
GRID = [number / 2 for number in range(-4, 20)]
BOUNDS = st.one_of(
    st.tuples(st.sampled_from([each for each in OPERATORS if "Between" not in each]), NUMBERS),
    st.tuples(
        st.sampled_from(["mustBeBetween", "mustNotBeBetween"]),
        st.tuples(NUMBERS, NUMBERS).map(lambda pair: sorted({*pair, pair[0] + 1})[:2]),
    ),
).map(lambda pair: parse_allowed(*pair))


@given(BOUNDS, BOUNDS)
@settings(max_examples=300)
def test_stricter_means_that_nothing_more_is_allowed(new: Allowed, old: Allowed) -> None:
    assert new.is_within(old) == all(holds(old, number) for number in GRID if holds(new, number))


@given(BOUNDS)
def test_counting_changes_nothing_for_numbers_that_can_be_counted(allowed: Allowed) -> None:
    counted = allowed.counted(is_whole=True)
    assert [holds(counted, n) for n in range(10)] == [holds(allowed, n) for n in range(10)]
    assert not holds(counted, -1)
    assert Allowed.from_json(counted.as_json()) == counted


@given(BOUNDS)
def test_a_number_of_failures_is_allowed_up_to_the_most(allowed: Allowed) -> None:
    if allowed.most is not None:
        assert [holds(allowed, n) for n in range(12)] == [n <= allowed.most for n in range(12)]
