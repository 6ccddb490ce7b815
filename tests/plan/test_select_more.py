"""Every method, the operators, selectors.yml and the tests that come along: chosen as `dbt ls` chooses."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import click
import pytest

from dryland.cli import each_selector_named
from dryland.cli.options import select_test_options
from dryland.errors import SelectorError, UsageError
from dryland.plan.choice import Choice, Known
from dryland.plan.select import select, select_any, select_checks, select_unit_tests
from dryland.project.load import load_project
from dryland.project.project import Project

CASE = Path(__file__).parents[1] / "cases" / "plan" / "selectors_more"
ANSWERS = json.loads((CASE / "answers.json").read_text())  # what `dbt ls` of dbt-core 1.11 says of this project


@pytest.fixture(scope="module")
def project() -> Project:
    return load_project(CASE, environment={})


def choice_of(ask: str) -> Choice:
    """What the command line makes of these words."""
    found: list[Choice] = []

    def keep(choice: Choice) -> None:
        found.append(choice)

    command: Any = click.command()(select_test_options(keep))
    command.main(each_selector_named(["ls", *shlex.split(ask)])[1:], standalone_mode=False)
    return found[0]


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: answer["ask"])
def test_what_dbt_lists_is_chosen(project, answer) -> None:
    try:
        chosen = select_any(project, choice_of(answer["ask"]))
    except SelectorError:  # where dbt warns that nothing matches
        chosen = ()
    listed = [each for each in chosen if "--resource-type" in answer["ask"] or not each.startswith("analysis.")]
    assert sorted(listed) == answer["chosen"]


def test_nodes_come_first_and_in_the_order_of_their_work(project) -> None:
    chosen = select_any(project, ["+by_country"])
    nodes = [each for each in chosen if each in project.nodes]
    assert list(chosen[: len(nodes)]) == nodes == list(select(project, ["+by_country"]))
    assert nodes.index("model.shop.revenue") < nodes.index("model.shop.by_country")


def names(unique_ids: tuple[str, ...]) -> set[str]:
    return {unique_id.split(".")[2] for unique_id in unique_ids}


def test_checks_are_chosen_by_themselves_or_with_what_they_look_at(project) -> None:
    assert names(select_checks(project, ["test_name:not_null"])) == {
        "not_null_customers_id", "source_not_null_raw_customers_id",
    }  # fmt: skip
    assert names(select_checks(project, ["by_country"])) == {"no_orphans"}
    assert names(select_checks(project, Choice(("by_country",), indirect="cautious"))) == set()


def test_unit_tests_are_chosen_by_themselves_or_with_their_model(project) -> None:
    assert names(select_unit_tests(project, ["customers"])) == {"customers"}
    assert len(select_unit_tests(project, ["unit_test:orders_ok"])) == 4


def test_results_come_from_outside_and_take_operators(project) -> None:
    known = Known(results={"error": frozenset({"model.shop.revenue"})})
    assert select(project, ["result:error+"], known=known) == ("model.shop.revenue", "model.shop.by_country")
    assert select(project, ["result:success"], known=known) == ()


def test_fresher_sources_come_from_outside(project) -> None:
    known = Known(fresher=frozenset({"source.shop.raw.customers"}))
    assert "model.shop.customers" in select(project, ["source_status:fresher+"], known=known)


@pytest.mark.parametrize("ask", ["-s result:failed", "-s source_status:older", "-s state:odd"])
def test_an_odd_word_is_an_error(project, ask) -> None:
    with pytest.raises(SelectorError):
        select(project, choice_of(ask))


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        ("--selector words -s a", "--selector names a whole selection: it does not go with --select or --exclude."),
        ("--resource-type modle", "there is no resource type `modle`."),
    ],
)
def test_options_that_make_no_sense_together_are_refused(ask, message) -> None:
    with pytest.raises(UsageError) as caught:
        choice_of(ask)
    assert caught.value.message == message


def test_a_selector_that_is_not_there_says_what_is_near(project) -> None:
    with pytest.raises(SelectorError) as caught:
        select(project, Choice(selector="word"))
    assert caught.value.hint == "did you mean `words`?"
