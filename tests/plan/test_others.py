"""Views of others that are bound to what we publish: a plan says which it hits, and which would be torn off."""

from __future__ import annotations

import pytest

from dryland.engines.relation import BoundView, Relation
from dryland.plan.others import names_hit, with_others
from dryland.plan.plan import Change, Plan, Step

ORDERS, OTHER = Relation("w", "main", "orders"), Relation("w", "main", "other")
PUBLISHED = {"model.s.orders": ORDERS, "model.s.other": OTHER}


def view(*columns: str, can_be_bound_anew: bool = True) -> BoundView:
    return BoundView(Relation("w", "analyst", "v"), ORDERS, columns, can_be_bound_anew)


def planned(*steps: Step, **change: object) -> Plan:
    changed = Change("model.s.orders", "changed", "non_breaking", **change)  # type: ignore[arg-type]
    return Plan("prod", "apply", (changed,), steps)


def test_only_names_that_change_are_asked_about() -> None:
    assert names_hit(planned(), PUBLISHED) == {ORDERS}
    assert names_hit(planned(), {}) == frozenset()


def test_who_reads_what_is_altered_is_hit_and_stays() -> None:
    plan = with_others(planned(columns_altered=("name",)), PUBLISHED, [view("name")])
    assert (plan.changes[0].others, plan.changes[0].category, plan.torn) == (("analyst.v",), "breaking", ())


def test_who_reads_something_else_is_told_and_not_broken() -> None:
    plan = with_others(planned(columns_altered=("name",), columns_removed=("note",)), PUBLISHED, [view("id")])
    assert (plan.changes[0].others, plan.changes[0].category, plan.torn) == (("analyst.v",), "non_breaking", ())


@pytest.mark.parametrize(
    ("bound", "said"),
    [
        (view("id", "name", "note"), "analyst.v reads name, note of main.orders, which go"),
        (view("note"), "analyst.v reads note of main.orders, which goes"),
        (view("id", can_be_bound_anew=False), "analyst.v cannot be bound to main.orders anew"),
    ],
)
def test_who_reads_what_goes_is_torn_off(bound: BoundView, said: str) -> None:
    (problem,) = with_others(planned(columns_removed=("name", "note")), PUBLISHED, [bound]).torn
    assert problem.startswith(said)


def test_who_reads_a_name_that_goes_is_torn_off() -> None:
    step = Step("model.s.orders", "drop", "it left the project", relation=ORDERS)
    assert with_others(planned(step), PUBLISHED, [view("id")]).torn == ("analyst.v reads main.orders, which goes",)


def test_a_plan_without_such_views_is_the_plan_that_it_was() -> None:
    plan = planned(columns_removed=("name",))
    assert with_others(plan, PUBLISHED, []) is plan
