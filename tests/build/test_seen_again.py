"""A table stays when all that changed in its inputs is what its query leaves out, and never when it could see it."""

from __future__ import annotations

from typing import Any

import pytest

from dryland.build import seen_again
from dryland.build.portion_question import answers

READERS = {
    "paid": "select id, amount from {events} where kind = 'paid'",
    "named": "select e.id, k.label from {events} e left join {kinds} k on k.kind = e.kind",
    "shown": "select l.id, k.label from {live} l join {kinds} k on l.kind = k.kind",
    "heavy": "with w as (select * from {kinds}) select label from w where weight >= 3 and label is not null",
    "nameless": "select e.id from {events} e left join {kinds} k on k.kind = e.kind where k.weight is null",
    "totals": "select (select count(*) from {events} where amount > 5) as n, (select max(weight) from {kinds}) as top",
}
SEED = "kind,label,weight\nhuge,Huge,9\npaid,Paid,3\nopen,Open,1\n"
MODEL_ROWS = {"events": "select id, kind, amount from {{ source('raw', 'events') }}"}


@pytest.fixture(params=["duckdb", pytest.param("postgres", marks=pytest.mark.slow)])
def estate(request: Any) -> Any:
    """Events as a table and as a view, a seed of their kinds, and what reads them; released."""
    if request.param == "postgres":
        workspace = request.getfixturevalue("pg_shop")
        for path in (*workspace.root.glob("models/**/*.*"), *workspace.root.glob("seeds/*")):
            path.unlink()
    else:
        workspace = request.getfixturevalue("workspace")
        workspace.write("profiles.yml", "shop: {target: dev, outputs: {dev: {type: duckdb, path: warehouse.duckdb}}}\n")
    workspace.write("dbt_project.yml", "name: shop\nprofile: shop\nmodels: {shop: {+materialized: table}}\n")
    workspace.write("models/sources.yml", "sources: [{name: raw, schema: raw, tables: [{name: events}]}]\n")
    workspace.write("models/events.sql", MODEL_ROWS["events"])
    workspace.write("models/live.sql", "{{ config(materialized='view') }} " + MODEL_ROWS["events"])
    workspace.write("seeds/kinds.csv", SEED)
    for name, query in READERS.items():
        workspace.write(f"models/{name}.sql", refs(query))
    workspace.arrives("create schema raw", "create table raw.events (id int, kind varchar(9), amount int)")
    workspace.arrives(
        "insert into raw.events values (1, 'paid', 10), (2, 'open', 7), (3, 'paid', 4), (4, 'lost', 9), (5, 'odd', 1)"
    )
    made(workspace)
    return workspace


def refs(query: str) -> str:
    return query.format(**{name: f"{{{{ ref('{name}') }}}}" for name in ("events", "kinds", "live")})


def made(workspace: Any, verb: str = "apply") -> set[str]:
    """What a command really built; what readers see after it is what their queries give."""
    steps = workspace.dryland(verb, "--yes", "--json").json["steps"]
    for name, query in READERS.items():
        if (workspace.root / f"models/{name}.sql").exists():
            rows = workspace.sql(query.format(events="main.events", kinds="main.kinds", live="main.live"))
            assert sorted(rows, key=repr) == sorted(workspace.sql(f"select * from main.{name}"), key=repr), name
    return {step["node"].rpartition(".")[2] for step in steps if step["action"] == "build"}


def test_a_row_that_nobody_lets_through_builds_nobody(estate) -> None:
    estate.write("seeds/kinds.csv", SEED + "gone,Not any more,0\n")
    assert made(estate) == {"kinds"}
    assert estate.building() == []


def test_a_row_that_some_see_builds_those(estate) -> None:
    estate.write("seeds/kinds.csv", SEED + "lost,Lost,2\n")
    assert made(estate) == {"kinds", "named", "shown", "nameless"}
    estate.write("seeds/kinds.csv", SEED + "lost,Lost,2\nrare,Rare,10\n")
    assert made(estate) - {"shown"} == {"kinds", "heavy", "totals"}


def test_a_value_in_a_row_that_is_left_out(estate) -> None:
    estate.write("seeds/kinds.csv", SEED.replace("Open,1", "Open,2"))
    assert made(estate) == {"kinds", "nameless"}, "it reads the value of the row that it finds"
    estate.write("seeds/kinds.csv", SEED.replace("Open,1", "Still open,2"))
    assert made(estate) == {"kinds", "named", "shown"}


@pytest.mark.slow
def test_a_condition_may_be_true_or_false_or_neither(estate) -> None:
    """Only where it is true a row counts: from NULL to false, and to NULL for another reason, nothing changes."""
    heavy = []
    for line in ("paid,One,", "paid,,4", "paid,Three,1", "paid,Four,3"):
        estate.write("seeds/kinds.csv", SEED.replace("paid,Paid,3", line))
        heavy.append("heavy" in made(estate))
    assert heavy == [True, False, False, True]


def test_who_filters_is_built_for_the_rows_that_pass(estate) -> None:
    estate.edit("models/events.sql", "select id", "select distinct id")
    estate.edit("models/events.sql", "amount from", "case when kind = 'open' then 6 else amount end as amount from")
    assert made(estate) == {"events"}
    estate.edit("models/events.sql", "then 6", "then 5")
    assert made(estate) == {"events", "totals"}
    estate.edit("models/events.sql", "kind = 'open' then 5", "kind = 'paid' then amount + 1")
    assert made(estate) == {"events", "paid", "totals"}


def test_keys_of_a_view_count_as_it_was_when_its_reader_was_made(estate) -> None:
    """A kind comes, and an event of that kind: what the view shows by now tells nothing of what it showed."""
    estate.arrives("insert into raw.events values (6, 'gone', 2)")
    estate.write("seeds/kinds.csv", SEED + "gone,Not any more,0\n")
    assert made(estate) == {"kinds", "shown"}, "the table of events is what it was, and its readers stay"
    made(estate, "run")
    assert ("Not any more",) in estate.sql("select label from main.named")


def test_keys_that_left_a_view_count_for_who_was_made_of_them(estate) -> None:
    estate.arrives("delete from raw.events where kind = 'open'")
    estate.write("seeds/kinds.csv", SEED.replace("Open,1", "Still open,1"))
    assert made(estate) == {"kinds", "named", "shown"}


@pytest.mark.slow
def test_a_view_that_shows_other_rows_to_some(estate) -> None:
    """Of its readers, who was made in the run that looked at it stays where it leaves out what the view left out."""
    estate.write("models/of_live.sql", "select id from {{ ref('live') }} where kind = 'paid' and amount > 5")
    assert made(estate) == {"of_live"}
    estate.edit("models/live.sql", "'events') }}", "'events') }} where amount > 2")
    assert made(estate) == {"live", "of_live"}, "what the view showed to this one nobody looked at"
    estate.edit("models/live.sql", "amount > 2", "amount > 4")
    assert made(estate) == {"live", "shown"}
    estate.arrives("insert into raw.events values (7, 'paid', 30)")
    estate.edit("models/live.sql", "amount > 4", "amount > 3")
    assert "of_live" in made(estate)
    assert sorted(estate.sql("select id from main.of_live")) == [(1,), (7,)]


def test_a_refresh_stops_at_rows_that_are_left_out(estate) -> None:
    made(estate, "run")
    estate.arrives("insert into raw.events values (8, 'lost', 1)")
    assert made(estate, "run") == {"events", "live", "named", "shown", "nameless"}


@pytest.mark.parametrize("estate", ["duckdb"], indirect=True)
def test_a_condition_that_fails_on_new_rows_is_told_of_its_reader(estate) -> None:
    """To compare fails for the same reason, and says nothing."""
    estate.write("models/codes.sql", "select 'true' as code")
    estate.write("models/high.sql", "select count(*) as n from {{ ref('codes') }} where code")
    made(estate)
    estate.edit("models/codes.sql", "'true'", "'seven'")
    answer = estate.dryland("apply", "--yes", code=3)
    assert "models/high.sql" in answer.err + answer.out
    estate.edit("models/codes.sql", "'seven'", "'t'")
    assert made(estate) == {"codes"}


def test_what_grows_is_asked_for_all_it_reads(estate) -> None:
    estate.write(
        "models/grows.sql",
        "{{ config(materialized='incremental', unique_key='id') }} select id, amount from {{ ref('events') }} "
        "{% if is_incremental() %} where amount > 5 {% endif %}",
    )
    made(estate)
    estate.edit("models/events.sql", "amount from", "case when amount < 3 then 2 else amount end as amount from")
    assert made(estate) == {"events", "grows"}


@pytest.mark.slow
@pytest.mark.parametrize("estate", ["duckdb"], indirect=True)
def test_readers_that_see_the_same_ask_once(estate, monkeypatch) -> None:
    for number in range(5):
        estate.write(
            f"models/paid_{number}.sql", refs(READERS["paid"]).replace("id, amount", f"id + {number} as id, amount")
        )
    made(estate)
    asked = []
    monkeypatch.setattr(seen_again, "answers", lambda session, sql: asked.append(sql) or answers(session, sql))
    estate.edit("models/events.sql", "amount from", "case when kind = 'odd' then 2 else amount end as amount from")
    assert made(estate) == {"events"}
    assert len(asked) == len(set(asked)) == 2, "what is paid, and the totals"


@pytest.mark.parametrize("estate", ["duckdb"], indirect=True)
def test_nobody_compares_where_building_looks_at_fewer_rows(estate, monkeypatch) -> None:
    """As if every table had so many rows that it matters: what makes little of much is made as soon as compared."""
    estate.write("models/best.sql", refs("select max(weight) as top from {kinds} where label is not null"))
    made(estate)
    monkeypatch.setattr(seen_again, "FEW", 0)
    estate.write("seeds/kinds.csv", SEED + "gone,Not any more,0\n")
    built = made(estate)
    assert "best" in built and "named" not in built


@pytest.mark.parametrize("estate", ["duckdb"], indirect=True)
def test_who_sets_its_session_finds_other_rows_than_a_comparison(estate) -> None:
    """Its letters have no case; who compares in a session of its own would find none of the rows that it read."""
    header = "{% call set_sql_header(config) %} set default_collation = 'nocase'; {% endcall %}"
    ends = "{{ config(post_hook=\"set default_collation = ''\") }}"
    estate.write("models/any_case.sql", header + ends + " select id from {{ ref('events') }} where kind = 'ODD'")
    made(estate)
    assert estate.sql("select id from main.any_case") == [(5,)]
    estate.edit("models/events.sql", "select id", "select case when kind = 'odd' then 50 else id end as id")
    assert "any_case" in made(estate)
    assert estate.sql("select id from main.any_case") == [(50,)]


@pytest.mark.parametrize("estate", ["duckdb"], indirect=True)
def test_a_macro_may_look_at_rows_that_are_left_out_later(estate) -> None:
    with (estate.root / "dbt_project.yml").open("a") as file:
        file.write("on-run-start: create or replace macro placed(x) as row_number() over (order by x)\n")
    estate.write(
        "models/third.sql",
        "with w as (select id, placed(amount) as place from {{ ref('events') }}) select id, place from w where id = 3",
    )
    made(estate)
    assert estate.sql("select place from main.third") == [(2,)]
    estate.edit("models/events.sql", "amount from", "case when kind = 'odd' then 30 else amount end as amount from")
    assert "third" in made(estate)
    assert estate.sql("select place from main.third") == [(1,)]


def test_equal_values_of_another_collation_are_others(estate) -> None:
    """Nothing that is known of a column tells its collation, and who reads it may sort and compare otherwise."""
    collation = '"C"' if "Postgres" in type(estate).__name__ else "nocase"
    spoken = "select id, {kind} as kind from {{{{ source('raw', 'events') }}}}"
    estate.write("models/spoken.sql", spoken.format(kind="kind"))
    estate.write("models/passed.sql", "select id, kind from {{ ref('spoken') }}")
    estate.write("models/loud.sql", "select id, kind = 'ODD' as is_odd from {{ ref('passed') }}")
    made(estate)
    assert estate.sql("select is_odd from main.loud where id = 5") == [(False,)]
    estate.write("models/spoken.sql", spoken.format(kind=f"kind collate {collation}"))
    assert made(estate) >= {"spoken", "passed", "loud"}
    assert estate.sql("select is_odd from main.loud where id = 5") == [(collation == "nocase",)]
