"""What is remembered of values is shown to whoever may see what is behind it, and to nobody else."""

from __future__ import annotations

from dataclasses import replace

import pytest
from portal_shop import Portal

from dryland.access.person import LOCAL, Person
from dryland.access.rights import Rights
from dryland.portal.facts.answers import Answers
from dryland.portal.facts.catalogue import Catalogue
from dryland.portal.rows.sight import Sight, datasets_behind
from dryland.portal.texts import TEXTS
from dryland.project.access_rules import AccessSettings, Rule
from dryland.state.records import Run, Verdict

ANALYST, ENGINEER, NOBODY = (
    Person("ana", ("analyst",)),
    Person("eve", ("engineer",)),
    Person("nobody", ("viewer",), scopes=frozenset({"look"})),
)
HIDDEN = TEXTS["words_hidden"]


@pytest.fixture
def catalogue(looked_at: Portal) -> Catalogue:
    return looked_at.desk.library.current("prod")


def under(catalogue: Catalogue, *rules: Rule) -> Catalogue:
    """The same under rules."""
    assert catalogue.rights
    rights = Rights(catalogue.rights.project, AccessSettings(rules=rules))
    return replace(catalogue, rights=rights, _worked_out=Answers())


def said(catalogue: Catalogue, name: str) -> Verdict:
    check = next(uid for uid in datasets_behind(catalogue) if name in uid)
    return Verdict(check, "h", ("k",), "fail", 3, "Ana is 3 times", ({"name": "Ana"},))


def test_a_check_over_several_datasets_is_for_who_sees_all_of_them(catalogue: Catalogue) -> None:
    verdict = said(catalogue, "relationships_stg_orders")
    behind = {dataset.name for dataset, _ in datasets_behind(catalogue)[verdict.check]}
    assert behind == {"stg_orders", "stg_customers"}
    sight = Sight(ANALYST, catalogue)
    assert (sight.message(verdict), sight.rows(verdict)) == (verdict.message, verdict.sample)
    for rule in (
        Rule(("analyst",), "stg_customers", hide=("name",)),
        Rule(("analyst",), "stg_customers", masks={"name": "hash"}),
        Rule(("analyst",), "stg_customers", is_denial=True),
    ):
        shut = Sight(ANALYST, under(catalogue, rule))
        assert (shut.message(verdict), shut.rows(verdict)) == ("3 rows", ())
        assert Sight(LOCAL, under(catalogue, rule)).rows(verdict) == verdict.sample


def test_a_check_of_one_column_is_told_to_who_sees_that_column(catalogue: Catalogue) -> None:
    other = under(catalogue, Rule(("analyst",), "customer_orders", masks={"name": "hash"}))
    verdict = said(catalogue, "not_null_customer_orders_revenue")
    assert Sight(ANALYST, other).message(verdict) == verdict.message
    assert Sight(ANALYST, other).rows(verdict) == (), "a row has the other columns, too"
    own = under(catalogue, Rule(("analyst",), "customer_orders", masks={"revenue": "null"}))
    assert Sight(ANALYST, own).message(verdict) == "3 rows"


def test_words_of_the_warehouse_are_for_who_sees_the_dataset(catalogue: Catalogue) -> None:
    words = "could not convert 'ana@example.org'"
    assert Sight(ANALYST, catalogue).words("model.shop.stg_orders", words) == words
    assert Sight(ANALYST, catalogue).words("model.shop.hostile", words) == HIDDEN
    assert Sight(ANALYST, catalogue).words("model.shop.gone", words) == HIDDEN
    assert Sight(LOCAL, catalogue).words("model.shop.hostile", words) == words
    names = Sight(ANALYST, catalogue)
    assert names.words("model.shop.hostile", "evil_values: 1 row is '2'") == f"evil_values: {HIDDEN}"
    assert names.words("model.shop.hostile", "ana@example.org: is no number") == HIDDEN
    above = "reads stg_orders, raw_orders, which is blocked"
    assert names.words("model.shop.hostile", above) == above
    assert names.words("model.shop.hostile", "reads ana@example.org, which is blocked") == HIDDEN
    assert Sight(NOBODY, catalogue).words("model.shop.stg_orders", "") == ""


def test_how_a_run_failed_is_for_who_runs(catalogue: Catalogue, looked_at: Portal) -> None:
    moment = looked_at.desk.now
    failed = Run(1, "run", "prod", "failed", moment, summary={"error": "could not convert 'ana@example.org'"})
    done = Run(2, "run", "prod", "done", moment, summary={"release": 7})
    assert Sight(ANALYST, catalogue).said_of(failed) == HIDDEN
    assert "convert" in Sight(ENGINEER, catalogue).said_of(failed)
    assert Sight(ANALYST, catalogue).said_of(done) == "release 7"


def test_nobody_sees_values_while_nobody_can_tell_who_may(catalogue: Catalogue) -> None:
    """The files cannot be read, or a rule is about nothing any more: a denial may have been renamed."""
    dataset = catalogue.datasets["model.shop.customer_orders"]
    for blind in (replace(catalogue, rights=None), under(catalogue, Rule(("*",), "renamed", is_denial=True))):
        assert Sight(ANALYST, blind).columns(dataset) == frozenset()
        assert Sight(LOCAL, blind).columns(dataset) == frozenset(dataset.columns)


def test_who_may_not_query_is_not_led_to_the_console(looked_at: Portal, asking_as: object) -> None:
    assert 'href="/query"' in looked_at.page("/owners")
    asking_as(Person("vic", ("viewer",)))  # type: ignore[operator]
    assert 'href="/query"' not in looked_at.page("/owners")
    assert "/query?sql" not in looked_at.page("/datasets/customer_orders")
