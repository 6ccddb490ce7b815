"""Selectors choose what dbt would choose."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dryland.errors import SelectorError
from dryland.plan.select import select
from dryland.project.load import load_project
from dryland.project.nodes import Project

CASE = Path(__file__).parents[1] / "cases" / "plan" / "selectors"
ANSWERS = json.loads((CASE / "answers.json").read_text())  # what `dbt ls` of dbt-core 1.11 says of this project
EVERYTHING = frozenset({"model", "seed", "snapshot", "source", "test", "exposure"})


@pytest.fixture(scope="module")
def project() -> Project:
    return load_project(CASE, environment={})


def without_hashes(unique_ids) -> list[str]:
    generic = [uid.rpartition(".")[0] if uid.startswith("test.") and uid.count(".") == 3 else uid for uid in unique_ids]
    return sorted(generic)


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda a: f"{a['select']} - {a.get('exclude', '')}".rstrip(" -"))
def test_a_selector_chooses_what_dbt_chooses(project, answer) -> None:
    exclude = [answer["exclude"]] if "exclude" in answer else []
    try:
        chosen = select(project, [answer["select"]], exclude, kinds=EVERYTHING)
    except SelectorError:
        chosen = ()  # where dbt only warns that nothing matches
    assert without_hashes(chosen) == answer["chosen"]


def names(project: Project, *include: str, exclude: tuple[str, ...] = (), **more) -> list[str]:
    return [unique_id.split(".", 2)[2] for unique_id in select(project, include, exclude, **more)]


def test_nothing_included_is_everything_in_topological_order(project) -> None:
    order = names(project)
    assert set(order) == {unique_id.split(".", 2)[2] for unique_id in project.nodes}
    for unique_id, node in project.nodes.items():
        for read in node.depends_on:
            if read in project.nodes:
                assert order.index(read.split(".", 2)[2]) < order.index(unique_id.split(".", 2)[2])


def test_words_may_come_apart_or_together(project) -> None:
    assert names(project, "customers revenue") == names(project, "customers", "revenue") == ["customers", "revenue"]


@pytest.mark.parametrize(
    ("selector", "message", "hint"),
    [
        ("custmers", "`custmers` matches nothing.", "`customers` exists."),
        ("+marts.revenu", "`+marts.revenu` matches nothing.", "`revenue` exists."),
        ("tag:dayly", "`tag:dayly` matches nothing.", "`daily` exists."),
        ("source:raw.order", "`source:raw.order` matches nothing.", "`raw.orders` exists."),
        ("tags:daily", "`tags:daily`: there is no selector method `tags`.", "did you mean `tag`?"),
        ("zzzz", "`zzzz` matches nothing.", "dryland ls"),
        ("@orders+", "`@orders+`: `@` takes descendants along already.", "`@orders`"),
        ("+", "`+` names nothing to select.", "for example"),
        ("source:raw", "`source:raw` selects only source, no model or seed.", "`source:raw+`"),
        ("exposure:board", "`exposure:board` selects only exposure, no model or seed.", "`+exposure:board`"),
        ("config:table", "`config:table` does not say which setting.", "config.materialized"),
        ("resource_type:modle", "there is no resource type `modle`.", "model"),
        ("version:newest", "there is no version `newest`.", "latest"),
        ("state:modified", "`state:modified` is not known here.", "there are"),
    ],
)
def test_a_selector_that_is_wrong_says_so_and_what_is_near(project, selector, message, hint) -> None:
    with pytest.raises(SelectorError) as caught:
        select(project, [selector])
    assert caught.value.message == message
    assert hint in caught.value.hint
    assert caught.value.exit_code == 2


def test_a_mistyped_exclude_is_an_error_too(project) -> None:
    """Otherwise what one meant to leave out would be built."""
    with pytest.raises(SelectorError, match="custmers"):
        select(project, [], ["custmers"])


STATES = {
    "new": frozenset({"model.shop.revenue"}),
    "modified": frozenset({"model.shop.revenue", "model.shop.customers"}),
}


def test_states_come_from_the_caller_and_take_operators(project) -> None:
    assert names(project, "state:new", states=STATES) == ["revenue"]
    assert names(project, "state:new+", states=STATES) == ["revenue", "revenue_by_country"]
    assert names(project, "state:modified,tag:core", states=STATES) == ["customers"]
    assert "revenue" not in names(project, "state:old", states=STATES)
    assert "customers" not in names(project, "state:unmodified", states=STATES)


def test_nothing_modified_is_an_answer_not_a_mistake(project) -> None:
    assert names(project, "state:modified", states={"new": frozenset(), "modified": frozenset()}) == []
    assert names(project, "result:error", results={}) == []
    assert names(project, "result:error+", results={"error": frozenset({"model.shop.revenue"})})[0] == "revenue"


def test_an_empty_overlap_is_an_answer(project) -> None:
    assert names(project, "tag:core,tag:crm") == []


def test_a_check_is_chosen_with_what_it_reads(project) -> None:
    chosen = select(project, ["revenue"], kinds=frozenset({"test"}))
    assert {project.checks[unique_id].name for unique_id in chosen} == {"no_orphans", "revenue_has_customers"}
