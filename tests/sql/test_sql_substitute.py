"""Names are put into a query's text, and every other character stays as the user wrote it."""

from __future__ import annotations

import time

import duckdb
import pytest

from dryland.sql.substitute import statement, substitute, with_ctes

NAMES = {'"db"."s"."a"': '"db"."store"."a__1"', '"db"."s"."ab"': '"db"."store"."ab__2"', "s.c": "store.c__3"}


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ('from "db"."s"."a"', 'from "db"."store"."a__1"'),
        ('from "db"."s"."ab"', 'from "db"."store"."ab__2"'),
        ('("db"."s"."a"),"db"."s"."ab";', '("db"."store"."a__1"),"db"."store"."ab__2";'),
        ('select "db"."s"."a"."id"', 'select "db"."store"."a__1"."id"'),
        ("from s.c, s.c as x", "from store.c__3, store.c__3 as x"),
        ("select s.c.id from s.c", "select store.c__3.id from store.c__3"),
        ("1*s.c.id", "1*store.c__3.id"),
    ],
)
def test_a_name_is_replaced_where_it_stands(sql: str, expected: str) -> None:
    assert substitute(sql, NAMES) == expected


@pytest.mark.parametrize(
    "sql",
    [
        "from s.cc", "from ss.c", "from x.s.c", "from s.c_1", "from s.c$", 'from "x"."db"."s"."a"',
        'from "db"."s"."a""b"', "select 's.c'", "select 'it''s s.c'", "select e'\\' s.c'",
        "-- from s.c", "select 1 -- it's\n, 's.c'",
        "/* from s.c\n s.c */ select 1", "select $$ s.c $$", "select $x$ s.c $$ s.c $x$", 'select "x s.c"',
        'select "it\'s s.c"', "from `s.c`",
    ],
)  # fmt: skip
def test_a_name_inside_something_else_is_left_alone(sql: str) -> None:
    """Inside a longer name, a string or a comment."""
    assert substitute(sql, NAMES) == sql


def test_what_follows_a_string_or_a_comment_is_replaced_again() -> None:
    sql = "select 'it''s' as x, -- don't\n \"it's\" from s.c /* ' */ join s.c on '--' <> ''"
    assert substitute(sql, NAMES) == sql.replace("s.c", "store.c__3")


def test_names_are_replaced_all_at_once() -> None:
    """What was put in is not looked at again: two tables may swap their names."""
    assert substitute("from a.a join b.b", {"a.a": "b.b", "b.b": "a.a"}) == "from b.b join a.a"


def test_nothing_to_replace_leaves_the_text() -> None:
    assert substitute("from s.c", {}) == substitute("from s.c", {"": "x"}) == "from s.c"


def test_many_names_are_no_work() -> None:
    """Templates that ask may name any table of a project: ten thousand of them are looked up, not searched for."""
    names = {f'"db"."s"."t{number}"': f"x{number}" for number in range(10_000)}
    began = time.process_time()
    for number in range(100):
        assert substitute(f'select * from "db"."s"."t{number}"', names) == f"select * from x{number}"
    assert time.process_time() - began < 3


def test_a_call_is_replaced_as_a_whole() -> None:
    """Sources that are files are calls; other names beside them are replaced too, and strings are left alone."""
    names = {"read_csv('a.csv')": "store.a", "s.c": "store.c"}
    sql = "select 's.c' from read_csv('a.csv') join s.c on read_csv('a.csv').id = s.c.id -- read_csv('a.csv')"
    assert substitute(sql, names) == (
        "select 's.c' from store.a join store.c on store.a.id = store.c.id -- read_csv('a.csv')"
    )
    assert substitute("from xread_csv('a.csv')", names) == "from xread_csv('a.csv')"


def test_a_quote_behind_a_name_belongs_to_it() -> None:
    assert substitute('from s.c"x"', NAMES) == 'from s.c"x"'
    assert substitute('from "db"."s"."a"union from s.c', NAMES) == 'from "db"."store"."a__1"union from store.c__3'


def test_ctes_go_in_front() -> None:
    sql = with_ctes("select n from one", [("one", "select 1 as n -- first\n;")], "duckdb")
    assert duckdb.sql(sql).fetchall() == [(1,)]


@pytest.mark.parametrize(
    "sql",
    [
        "with two as (select n + 1 as n from one) select n from two",
        "-- said before\nWITH two AS (select n + 1 as n from one) select n from two",
        "with recursive two as (select n + 1 as n from one) select n from two",
    ],
)
def test_ctes_join_those_that_are_there(sql: str) -> None:
    ctes = [("zero", "select 0 as n"), ("one", "with x as (select n from zero) select n + 1 as n from x")]
    assert duckdb.sql(with_ctes(sql, ctes, "duckdb")).fetchall() == [(2,)]


def test_no_ctes_leave_the_text() -> None:
    assert with_ctes("select 1 -- x", [], "duckdb") == "select 1 -- x"


@pytest.mark.parametrize("end", [";", " ; ; ", "\n-- the end", "; -- the end\n", " /* end; */ ;"])
def test_a_statement_ends_with_its_last_word(end: str) -> None:
    """So that it can stand in parentheses."""
    assert statement(f"select ';' as x{end}") == "select ';' as x"


def test_nothing_is_no_statement() -> None:
    assert statement(" -- only talk\n;") == ""
