"""The harness sees what differs: a comparison that finds nothing has looked."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
import yaml
from differences import (
    Judgement,
    different_judgements,
    different_relations,
    judgements_of_dbt,
    judgements_of_ours,
)  # fmt: skip
from on_duckdb import OnDuckDB
from on_postgres import WAREHOUSE, OnPostgres
from published import Published, rows_only_in
from story import OVERRIDES, PROJECTS, read_story

from postgres_server import Server

SAME = Published("main.t", ("w", "main", "t"), (("a", "INTEGER"), ("b", "VARCHAR")), 2, 99, (("", "words"),))


HERE = OnDuckDB()


def copy_of(folder: Path, *statements: str) -> Path:
    folder.mkdir()
    output = {"type": "duckdb", "path": "warehouse.duckdb"}
    (folder / "profiles.yml").write_text(
        yaml.safe_dump({"conformance": {"target": "dev", "outputs": {"dev": output}}})
    )  # fmt: skip
    with duckdb.connect(str(folder / "warehouse.duckdb")) as connection:
        for statement in statements:
            connection.execute(statement)
    return folder


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"columns": (("b", "VARCHAR"), ("a", "INTEGER"))}, "columns differ"),
        ({"columns": (("a", "BIGINT"), ("b", "VARCHAR"))}, "columns differ"),
        ({"rows": 3}, "2 rows, ours 3"),
        ({"content": 98}, "not the same ones"),
        ({"comments": ()}, "comments differ"),
        ({"error": "gone"}, "cannot be read"),
        ({"grants": (("ana", "select"),)}, "grants differ"),
        ({"storage": (("index", "btree (a)"),)}, "tables differ"),
    ],
)
def test_each_part_of_a_relation_is_compared(changed, told: str) -> None:
    assert not list(different_relations({"t": SAME}, {"t": SAME}))
    [(name, sentence)] = different_relations({"t": SAME}, {"t": replace(SAME, **changed)})
    assert name == "t"
    assert told in sentence


def test_a_relation_that_only_one_makes_is_told() -> None:
    assert list(different_relations({"t": SAME}, {})) == [("t", "only dbt makes it")]
    assert list(different_relations({}, {"t": SAME})) == [("t", "only Dryland makes it")]


def test_content_is_the_rows_whatever_their_order(tmp_path: Path) -> None:
    one = copy_of(tmp_path / "one", "create table t as select * from (values (1, 'x'), (2, null)) v(a, b)")
    same = copy_of(tmp_path / "same", "create view t as select * from (values (2, null), (1, 'x')) v(a, b)")
    other = copy_of(tmp_path / "other", "create table t as select * from (values (1, 'x'), (1, 'x')) v(a, b)")
    seen, seen_same, seen_other = (HERE.published(each, {})["main.t"] for each in (one, same, other))
    assert seen.content == seen_same.content
    assert seen.content != seen_other.content
    assert rows_only_in(*(HERE.rows(each, seen, ()) for each in (one, other))) == (["(2, None)"], ["(1, 'x')"])


def test_only_what_is_blotted_out_is_not_compared(tmp_path: Path) -> None:
    one = copy_of(tmp_path / "one", "create table t as select 1 as a, 1 as moment")
    other = copy_of(tmp_path / "other", "create table t as select 1 as a, 2 as moment")
    read = [HERE.published(each, {"main.t": ("moment",)}) for each in (one, other)]
    assert not list(different_relations(*read))
    assert list(different_relations(*(HERE.published(each, {"main.t": ("a",)}) for each in (one, other))))


def test_the_order_of_columns_counts_but_where_it_does_not(tmp_path: Path) -> None:
    one = copy_of(tmp_path / "one", "create table t as select 1 as a, 'x' as b")
    other = copy_of(tmp_path / "other", "create table t as select 'x' as b, 1 as a")
    assert list(different_relations(*(HERE.published(each, {}) for each in (one, other))))
    assert not list(different_relations(*(HERE.published(each, {}, ["main.t"]) for each in (one, other))))


def test_readers_do_not_look_into_the_store(tmp_path: Path) -> None:
    one = copy_of(
        tmp_path / "one", "create schema dryland_store", "create table dryland_store.t_1 as select 1 as a",
        "create schema other", "create view other.t as select * from dryland_store.t_1",
    )  # fmt: skip
    assert list(HERE.published(one, {})) == ["other.t"]


def test_a_view_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    one = copy_of(tmp_path / "one", "create table u as select 1 as a", "create view t as from u", "drop table u")
    assert "does not exist" in HERE.published(one, {})["main.t"].error


def test_verdicts_are_compared_by_name_status_and_failures() -> None:
    results = [
        {"unique_id": "test.shop.not_null_t_a.1a2b", "status": "warn", "failures": 2},
        {"unique_id": "unit_test.shop.t.adds_up", "status": "pass", "failures": 0},
        {"unique_id": "test.shop.later.1a2b", "status": "skipped", "failures": None},
        {"unique_id": "model.shop.t", "status": "success", "failures": None},
    ]
    dbt = judgements_of_dbt(results)
    assert dbt == {"not_null_t_a": Judgement("warn", 2), "t.adds_up": Judgement("pass", 0)}
    ours = judgements_of_ours([{"check": each["unique_id"], **each} for each in results[:2]])
    assert not list(different_judgements(dbt, ours))
    for otherwise in (Judgement("pass", 2), Judgement("warn", 3)):
        assert len(list(different_judgements(dbt, {**ours, "not_null_t_a": otherwise}))) == 1
    assert "Dryland nothing" in next(different_judgements(dbt, {"t.adds_up": ours["t.adds_up"]}))


def test_a_singular_test_is_named_as_it_is() -> None:
    assert list(judgements_of_ours([{"check": "test.shop.no_gaps", "status": "pass", "failures": 0}])) == ["no_gaps"]


@pytest.mark.parametrize("warehouse", OVERRIDES)
@pytest.mark.parametrize("path", sorted(PROJECTS.glob("*/steps.yml")), ids=lambda path: path.parent.name)
def test_every_project_can_be_played(path: Path, warehouse: str) -> None:
    """Its steps are readable, and everything that is not compared has a reason."""
    story = read_story(path.parent, warehouse)
    assert story.features
    assert story.rounds
    assert all(blot.reason for blot in story.blots)
    assert all(story.sorted_columns.values())
    assert (path.parent / "dbt_project.yml").read_text().startswith(f"name: {story.name}\n")


def test_a_word_that_nothing_knows_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "steps.yml").write_text("area: A\nshows: [x]\nrounds: [{name: first, seqel: []}]\n")
    with pytest.raises(AssertionError, match="Round has no seqel"):
        read_story(tmp_path)


def test_what_a_warehouse_needs_takes_the_place_of_the_rest(tmp_path: Path) -> None:
    (tmp_path / "steps.yml").write_text(
        "area: A\nshows: [x]\nprofile: {attach: [a]}\non_postgres: {profile: {}, files: {m.sql: null}}\n"
        "rounds: [{name: first, sql: [one], on_postgres: {sql: [two]}}]\n"
    )
    there, here = read_story(tmp_path), read_story(tmp_path, "postgres")
    assert (there.profile, there.files, there.rounds[0].sql) == ({"attach": ["a"]}, {}, ("one",))
    assert (here.profile, here.files, here.rounds[0].sql) == ({}, {"m.sql": None}, ("two",))


SEEN_ON_POSTGRES = (
    "create table plain (id integer primary key, name character varying(10), amounts numeric(10,2)[])",
    "insert into plain values (1, 'x', '{1.5}'), (2, null, null)",
    "create unlogged table quick as select 1 as id",
    "create index named_by_somebody on quick using hash (id)",
    "comment on column plain.name is 'who'",
    "grant select on plain to reporter",
    "grant insert on plain to public",
)


@pytest.mark.slow
def test_postgres_is_seen_as_readers_see_it(tmp_path: Path, postgres_server: Server) -> None:
    here = OnPostgres(postgres_server)
    with here.standing(tmp_path):
        here.change(tmp_path, SEEN_ON_POSTGRES)
        seen = here.published(tmp_path, {})
        assert list(here.rows(tmp_path, seen["main.quick"], ())) == [("1",)]
    plain, quick = seen["main.plain"], seen["main.quick"]
    assert plain.columns == (("id", "integer"), ("name", "character varying(10)"), ("amounts", "numeric(10,2)[]"))
    assert (plain.rows, plain.comments) == (2, (("name", "who"),))
    assert plain.grants == (("public", "insert"), ("reporter", "select"))
    assert plain.storage == (("unique index", "btree (id)"),)
    assert quick.storage == (("index", "hash (id)"), ("table", "unlogged"))


@pytest.mark.slow
def test_a_view_over_the_store_has_the_indexes_of_its_build(tmp_path: Path, postgres_server: Server) -> None:
    here = OnPostgres(postgres_server)
    with here.standing(tmp_path):
        here.change(
            tmp_path,
            ("create schema dryland_store", "create table dryland_store.t_1 as select 1 as id",
             "create index i on dryland_store.t_1 (id)", "create view t as select * from dryland_store.t_1"),
        )  # fmt: skip
        seen = here.published(tmp_path, {})
    assert list(seen) == ["main.t"]
    assert seen["main.t"].storage == (("index", "btree (id)"),)


@pytest.mark.slow
def test_two_copies_work_under_one_name(tmp_path: Path, postgres_server: Server) -> None:
    """Rows hold names of databases: what prints `target.database` prints the same in both."""
    here, copies = OnPostgres(postgres_server), (tmp_path / "one", tmp_path / "other")
    with here.standing(*copies):
        for number, copy in enumerate(copies):
            with here.at_work_in(copy), postgres_server.connect(WAREHOUSE) as connection:
                connection.execute("create table t as select %s as n, current_database()::text as name", [number])
        found = [here.rows(copy, here.published(copy, {})["main.t"], ()) for copy in copies]
    assert [list(each) for each in found] == [[("0", "'warehouse'")], [("1", "'warehouse'")]]
