"""What the arguments of checks hold of SQL is said anew, and nothing else of them."""

from __future__ import annotations

import pytest

from dryland.translation.check_arguments import sql_arguments, translated_arguments
from dryland.translation.tables import Known

KNOWN = Known({"a": "INTEGER", "day": "DATE", "name": "VARCHAR"})


@pytest.mark.parametrize(
    ("name", "given", "said"),
    [
        ("expression", "hour(day) = 0", 'CAST(FLOOR(EXTRACT(HOUR FROM "day")) AS BIGINT) = 0'),
        ("expression", ">= 0", ">= 0"),
        ("row_condition", "name < 'b'", '"name" COLLATE "C" < \'b\''),
        ("min_value", "a // 2", '"a" / NULLIF(2, 0)'),
        ("min_value", "2026-01-01", "2026-01-01"),
        ("min_value", 3, 3),
        ("values", ["a / 2"], ["a / 2"]),
        ("query", "from {table} select day where a / 2 > 1", None),
    ],
)
def test_an_argument_is_said_anew_if_it_is_sql(name: str, given: object, said: object) -> None:
    found, problems = translated_arguments({name: given}, written="duckdb", known=KNOWN)
    assert not problems
    if said is None:
        assert "{table} AS" in found[name]
        assert 'CAST("dryland_checked"."a" AS DOUBLE PRECISION) / 2' in found[name]
    else:
        assert found[name] == said


def test_arguments_of_packages_that_hold_sql_are_known_by_their_names_there() -> None:
    assert {"expression", "row_condition", "query", "unexpected_rows_query", "min_value"} <= sql_arguments()


def test_what_has_no_translation_is_told() -> None:
    _, problems = translated_arguments({"expression": "list_sum([a]) > 0"}, written="duckdb", known=KNOWN)
    assert [problem.what for problem in problems] == [
        "there is no translation of the function `list_sum` (`LIST_SUM([dryland_checked.a])`)."
    ]
