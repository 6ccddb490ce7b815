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
from published import Published, read_published, rows_only_in
from story import PROJECTS, read_story

SAME = Published("main.t", ("w", "main", "t"), (("a", "INTEGER"), ("b", "VARCHAR")), 2, 99, (("", "words"),))


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
    seen, seen_same, seen_other = (read_published(each, {})["main.t"] for each in (one, same, other))
    assert seen.content == seen_same.content
    assert seen.content != seen_other.content
    assert rows_only_in(one, other, seen, ()) == (["(2, None)"], ["(1, 'x')"])


def test_only_what_is_blotted_out_is_not_compared(tmp_path: Path) -> None:
    one = copy_of(tmp_path / "one", "create table t as select 1 as a, 1 as moment")
    other = copy_of(tmp_path / "other", "create table t as select 1 as a, 2 as moment")
    read = [read_published(each, {"main.t": ("moment",)}) for each in (one, other)]
    assert not list(different_relations(*read))
    assert list(different_relations(*(read_published(each, {"main.t": ("a",)}) for each in (one, other))))


def test_readers_do_not_look_into_the_store(tmp_path: Path) -> None:
    one = copy_of(
        tmp_path / "one", "create schema dryland_store", "create table dryland_store.t_1 as select 1 as a",
        "create schema other", "create view other.t as select * from dryland_store.t_1",
    )  # fmt: skip
    assert list(read_published(one, {})) == ["other.t"]


def test_a_view_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    one = copy_of(tmp_path / "one", "create table u as select 1 as a", "create view t as from u", "drop table u")
    assert "does not exist" in read_published(one, {})["main.t"].error


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


@pytest.mark.parametrize("path", sorted(PROJECTS.glob("*/steps.yml")), ids=lambda path: path.parent.name)
def test_every_project_can_be_played(path: Path) -> None:
    """Its steps are readable, and everything that is not compared has a reason."""
    story = read_story(path.parent)
    assert story.features
    assert story.rounds
    assert all(blot.reason for blot in story.blots)
    assert (path.parent / "dbt_project.yml").read_text().startswith(f"name: {story.name}\n")


def test_a_word_that_nothing_knows_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "steps.yml").write_text("area: A\nshows: [x]\nrounds: [{name: first, seqel: []}]\n")
    with pytest.raises(AssertionError, match="Round has no seqel"):
        read_story(tmp_path)
