"""A meaning's versions change when something it reads does, and only then."""

from __future__ import annotations

from dryland.sql.analyse import analyse
from dryland.sql.meaning import WHOLE, Meaning
from dryland.sql.versions import evaluate, opaque, seed_meaning
from dryland.state.records import Versions

ORDERS = Versions("rows", {"id": "1", "amount": "2", "note": "3"})


def meaning(sql: str) -> Meaning:
    return analyse(sql, "duckdb", relations={"orders": "orders"}, schemas={"orders": ("id", "amount", "note")})


def moved(sql: str, after: Versions) -> set[str]:
    """Which parts of a query's outcome have another version when `orders` has."""
    old, new = (evaluate(meaning(sql), {"orders": each}) for each in (ORDERS, after))
    parts = {name for name in old.columns if old.of(name) != new.of(name)}
    return parts | ({"rows"} if old.rows != new.rows else set())


def with_columns(**columns: str) -> Versions:
    return Versions(ORDERS.rows, {**ORDERS.columns, **columns})


def test_a_column_moves_who_reads_it() -> None:
    sql = "select id, amount * 2 as doubled from orders"
    assert moved(sql, with_columns(amount="other")) == {"doubled"}
    assert moved(sql, with_columns(note="other")) == set()
    assert moved(sql, ORDERS) == set()


def test_a_filtered_column_moves_rows() -> None:
    assert moved("select id from orders where amount > 1", with_columns(amount="other")) == {"rows"}


def test_rows_move_rows() -> None:
    """Columns keep theirs: who reads any of them reads the rows as well."""
    assert moved("select id from orders", Versions("other", ORDERS.columns)) == {"rows"}


def test_a_subquery_in_a_column_reads_rows() -> None:
    sql = "select id, (select count(*) from orders) as n from orders"
    assert moved(sql, Versions("other", ORDERS.columns)) == {"rows", "n"}


def test_a_column_more_moves_nobody_who_names_columns() -> None:
    assert moved("select id from orders", with_columns(more="4")) == set()


def test_an_input_whose_columns_are_not_known_moves_every_reader_of_it() -> None:
    before, after = Versions("rows", {}, "whole"), Versions("rows", {}, "other")
    old, new = (evaluate(meaning("select id from orders"), {"orders": each}) for each in (before, after))
    assert old.of("id") != new.of("id")


def test_what_is_not_understood_moves_with_anything() -> None:
    model = opaque("hash", ["orders"], "a Python model")
    old = evaluate(model, {"orders": ORDERS})
    for after in (with_columns(note="other"), Versions("other", ORDERS.columns), with_columns(more="4")):
        new = evaluate(model, {"orders": after})
        assert old.rows != new.rows and old.of("any") != new.of("any")
    assert model.rows.reads == {("orders", WHOLE)}


def test_the_order_of_an_inputs_columns_moves_only_who_reads_it_as_a_whole() -> None:
    swapped = Versions(ORDERS.rows, dict(reversed(ORDERS.columns.items())))
    assert moved("select id, amount from orders", swapped) == set()
    model = opaque("hash", ["orders"], "a Python model")
    assert evaluate(model, {"orders": ORDERS}) != evaluate(model, {"orders": swapped})


def test_time_moves_everything_about_a_volatile_query() -> None:
    one, two = (
        evaluate(meaning("select id from orders"), {"orders": ORDERS}, salt=each) for each in ("day 1", "day 2")
    )
    assert one.rows != two.rows and one.of("id") != two.of("id")


def test_a_seed_is_its_values() -> None:
    before = evaluate(seed_meaning({"Id": "h1", "name": "h2"}, rows=3), {})
    other_name = evaluate(seed_meaning({"Id": "h1", "name": "h3"}, rows=3), {})
    longer = evaluate(seed_meaning({"Id": "h1", "name": "h2"}, rows=4), {})
    assert list(before.columns) == ["id", "name"]
    assert other_name.rows == before.rows and other_name.of("id") == before.of("id")
    assert other_name.of("name") != before.of("name")
    assert longer.rows != before.rows
