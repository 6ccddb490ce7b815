"""Selectors choose what dbt would choose."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from dryland.errors import SelectorError
from dryland.plan.choice import Known
from dryland.plan.select import select
from dryland.project.load import load_project
from dryland.project.project import Project

CASE = Path(__file__).parents[1] / "cases" / "plan" / "selectors"
ANSWERS = json.loads((CASE / "answers.json").read_text())  # what `dbt ls` of dbt-core 1.11 says of this project
NODES = ("model.", "seed.")


@pytest.fixture(scope="module")
def project() -> Project:
    return load_project(CASE, environment={})


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda a: f"{a['select']} - {a.get('exclude', '')}".rstrip(" -"))
def test_a_selector_chooses_what_dbt_chooses(project, answer) -> None:
    exclude = [answer["exclude"]] if "exclude" in answer else []
    nodes = [unique_id for unique_id in answer["chosen"] if unique_id.startswith(NODES)]
    others = {unique_id.partition(".")[0] for unique_id in answer["chosen"]} - {"test"}  # dbt brings tests along
    try:
        assert sorted(select(project, [answer["select"]], exclude)) == nodes
    except SelectorError as error:  # where dbt warns that nothing matches, or lists what is no node
        assert nodes == []
        assert others <= set(re.findall(r"\w+", error.message.partition(" selects only ")[2])), error


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
        ("results:error", "`results:error`: there is no selector method `results`.", "did you mean `result`?"),
        ("zzzz", "`zzzz` matches nothing.", "dryland ls"),
        ("@orders+", "`@orders+`: `@` takes descendants along already.", "`@orders`"),
        ("+", "`+` names nothing to select.", "for example"),
        ("source:raw", "`source:raw` selects only source, no model or seed.", "`source:raw+`"),
        ("test_name:unique", "`test_name:unique` selects only test, no model or seed.", "`+test_name:unique`"),
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
    assert names(project, "state:new", known=Known(STATES)) == ["revenue"]
    assert names(project, "state:new+", known=Known(STATES)) == ["revenue", "revenue_by_country"]
    assert names(project, "state:modified,tag:core", known=Known(STATES)) == ["customers"]
    assert "revenue" not in names(project, "state:old", known=Known(STATES))
    assert "customers" not in names(project, "state:unmodified", known=Known(STATES))


def test_nothing_modified_is_an_answer_not_a_mistake(project) -> None:
    assert names(project, "state:modified", known=Known({"new": frozenset(), "modified": frozenset()})) == []


def test_an_empty_overlap_is_an_answer(project) -> None:
    assert names(project, "tag:core,tag:crm") == []


def test_what_checks_read_is_chosen_through_them(project) -> None:
    """Checks themselves are chosen with the nodes they speak of, never alone."""
    (check,) = [check for check in project.checks.values() if check.name == "no_orphans"]
    read = {unique_id.split(".", 2)[2] for unique_id in check.refs if unique_id in project.nodes}
    assert set(names(project, "1+no_orphans")) == read
