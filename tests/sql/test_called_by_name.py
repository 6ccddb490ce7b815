"""A table that a query calls by its own name still answers to it when a build stands in its place."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest

from dryland.sql.substitute import substitute

NAMES = {'"db"."main"."ev"': '"db"."store"."ev__1"', '"db"."main"."main"': '"db"."store"."main__1"'}
STORE = '"db"."store"."ev__1"'


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ('select ev.id from "db"."main"."ev"', f'select ev.id from {STORE} as "ev"'),
        ('select EV.id, ev.* from a, "db"."main"."ev"', f'select EV.id, ev.* from a, {STORE} as "ev"'),
        ('select main.ev.id from "db"."main"."ev"', f'select "ev".id from {STORE} as "ev"'),
        (
            'select ev.a, "db"."main"."ev".b from "db"."main"."ev" where true',
            f'select ev.a, "ev".b from {STORE} as "ev" where true',
        ),
        (
            'select ev.id from "db"."main"."ev" -- all\nleft join "db"."main"."ev" x using (id)',
            f'select ev.id from {STORE} as "ev" -- all\nleft join {STORE} x using (id)',
        ),
        ('select max(ev.id) from "db"."main"."ev" group by 1', f'select max(ev.id) from {STORE} as "ev" group by 1'),
        ('update "db"."main"."ev" set a = 1 where ev.id = 2', f'update {STORE} as "ev" set a = 1 where ev.id = 2'),
        ('select main.id from "db"."main"."main"', 'select main.id from "db"."store"."main__1" as "main"'),
    ],
)
def test_it_gets_its_name_as_an_alias(sql: str, expected: str) -> None:
    assert substitute(sql, NAMES) == expected


@pytest.mark.parametrize(
    "sql",
    [
        'select id from "db"."main"."ev"', 'select e.id from "db"."main"."ev" e',
        'select e.id from "db"."main"."ev" as e',
        'select "db"."main"."ev".id from "db"."main"."ev"', "select 'ev.id' from \"db\".\"main\".\"ev\"",
        'select a /* ev.id */ from "db"."main"."ev"', 'select x.ev.id from "db"."main"."ev" x',
    ],
)  # fmt: skip
def test_others_do_not(sql: str) -> None:
    assert substitute(sql, NAMES) == sql.replace('"db"."main"."ev"', STORE)


def test_a_name_in_a_comment_within_a_comment_is_left_alone() -> None:
    sql = 'select 1 /* a /* "db"."main"."ev" */ "db"."main"."ev" */ as one /* * / */ from "db"."main"."ev"'
    assert substitute(sql, NAMES) == STORE.join(sql.rsplit('"db"."main"."ev"', 1))


def test_a_comment_that_holds_thousands_of_signs_is_no_work() -> None:
    sql = f'select 1 /* {"/ * " * 20_000} */ from "db"."main"."ev"'
    assert substitute(sql, NAMES).endswith(STORE)


@pytest.mark.parametrize(
    "sql",
    [
        'select ev.id, main.ev.n from "db"."main"."ev" order by 1',
        'with ev as (select ev.id + 1 as id from "db"."main"."ev") select ev.id from ev order by 1',
        'select o.id, (select max(ev.n) from "db"."main"."ev" where ev.id = o.id) from "db"."main"."ev" o order by 1',
    ],
)
def test_what_runs_gives_what_the_query_gives(sql: str, tmp_path: Any) -> None:
    with duckdb.connect(str(tmp_path / "db.duckdb")) as connection:
        connection.execute("create schema store; create table ev as select * from range(3) as t(id), range(2) as u(n)")
        before = connection.execute(sql).fetchall()
        connection.execute("create table store.ev__1 as from ev; drop table ev")
        assert connection.execute(substitute(sql, NAMES)).fetchall() == before
