"""Where a column comes from, where it goes, and whom a change of it hits."""

from __future__ import annotations

from collections.abc import Mapping

from dryland.sql.analyse import analyse
from dryland.sql.column_lineage import downstream, readers_hit, upstream
from dryland.sql.meaning import ROWS, WHOLE, Meaning
from dryland.sql.versions import opaque

SHOP = {
    "orders": "select id, customer, amount from raw where amount > 0",
    "spending": "select customer, sum(amount) as spent, count(*) as bought from orders group by customer",
    "segments": "select customer, case when spent > 10 then 'high' else 'low' end as segment from spending",
    "labels": "select id, 'order ' || id as label from orders",
}


def meanings_of(queries: Mapping[str, str]) -> dict[str, Meaning]:
    """Each query may read those before it, by name."""
    found: dict[str, Meaning] = {}
    schemas: dict[str, tuple[str, ...]] = {"raw": ("id", "customer", "amount", "note")}
    for name, query in queries.items():
        found[name] = analyse(query, "duckdb", relations={each: each for each in (*queries, "raw")}, schemas=schemas)
        schemas[name] = tuple(found[name].columns or ())
    return found


def test_a_column_is_followed_to_where_it_comes_from() -> None:
    """Nearest first; filters and groupings decide rows, so they are not in a column's line."""
    assert upstream(("segments", "segment"), meanings_of(SHOP)) == (
        (("spending", "spent"), ("segments", "segment")),
        (("orders", "amount"), ("spending", "spent")),
        (("raw", "amount"), ("orders", "amount")),
    )


def test_a_column_is_followed_to_where_it_goes() -> None:
    assert downstream(("orders", "amount"), meanings_of(SHOP)) == (
        (("orders", "amount"), ("spending", "spent")),
        (("spending", "spent"), ("segments", "segment")),
    )


def test_a_constant_comes_from_nowhere() -> None:
    assert upstream(("c", "one"), meanings_of({"c": "select 1 as one from raw"})) == ()


def test_letter_case_of_the_asked_column_does_not_matter() -> None:
    assert upstream(("orders", "AMOUNT"), meanings_of(SHOP)) == ((("raw", "amount"), ("orders", "AMOUNT")),)


def test_a_node_that_is_not_understood_stands_in_the_line_as_a_whole() -> None:
    meanings = meanings_of(SHOP)
    meanings["forecast"] = opaque("hash", ["spending"], "a Python model")
    assert (("spending", "spent"), ("forecast", WHOLE)) in downstream(("spending", "spent"), meanings)
    up = upstream(("forecast", WHOLE), meanings)
    assert up[0] == (("spending", WHOLE), ("forecast", WHOLE))
    assert (("raw", "amount"), ("orders", "amount")) in up, "the line goes on behind it"


def test_a_changed_column_hits_only_who_reads_it() -> None:
    hit = readers_hit({"orders": ["amount"]}, meanings_of(SHOP))
    assert hit == {"spending": ("spent",), "segments": ("segment",)}


def test_changed_rows_hit_everything_downstream() -> None:
    hit = readers_hit({"orders": [ROWS]}, meanings_of(SHOP))
    assert hit == {
        "spending": ("customer", "spent", "bought"),
        "segments": ("customer", "segment"),
        "labels": ("id", "label"),
    }


def test_a_column_that_decides_rows_hits_every_column_of_its_reader() -> None:
    """Who groups by it has other rows."""
    hit = readers_hit({"orders": ["customer"]}, meanings_of(SHOP))
    assert hit["spending"] == ("customer", "spent", "bought")
    assert "labels" not in hit


def test_a_reader_that_is_not_understood_is_hit_by_anything() -> None:
    meanings = meanings_of(SHOP)
    meanings["forecast"] = opaque("hash", ["labels"], "a Python model")
    assert readers_hit({"labels": ["label"]}, meanings) == {"forecast": (WHOLE,)}
    assert readers_hit({"spending": ["spent"]}, meanings) == {"segments": ("segment",)}


def test_a_column_that_nobody_reads_hits_nobody() -> None:
    assert readers_hit({"raw": ["note"]}, meanings_of(SHOP)) == {}
    assert readers_hit({"spending": ["bought"]}, meanings_of(SHOP)) == {}
