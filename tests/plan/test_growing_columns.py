"""What an incremental model's table has after a build is said by `on_schema_change`, and so is what the plan says."""

from __future__ import annotations

import pytest

POLICIES = ("ignore", "append_new_columns", "sync_all_columns", "fail")
OTHER_QUERY = "its code changed, the columns of its table do not"
BEFORE = "select id, name from {raw.visits}"


def changes(plan) -> dict[str, tuple[tuple[str, ...], ...]]:
    """By name: columns that are added, removed and altered."""
    return {
        change.node.rpartition(".")[2]: (change.columns_added, change.columns_removed, change.columns_altered)
        for change in plan.changes
    }


@pytest.fixture
def grown(world):
    """Makes a released world whose incremental model has this policy."""

    def make(policy: str = ""):
        config = {"on_schema_change": policy} if policy else {}
        world.source("raw.visits", "id int, name text, page text")
        world.model("visits", BEFORE, materialized="incremental", config=config)
        world.model("all_of_it", "select * from {visits}").model("names", "select name from {visits}")
        world.apply()
        return world

    return make


def write(world, sql: str) -> None:
    world.model("visits", sql, materialized="incremental", config=world.nodes["model.p.visits"].config)


@pytest.mark.parametrize("policy", ["", "ignore"])
def test_a_new_column_that_is_ignored_is_not_added_and_readers_are_not_built(grown, policy: str) -> None:
    world = grown(policy)
    write(world, "select page, id, name from {raw.visits}")
    plan = world.apply()
    assert changes(plan) == {"visits": ((), (), ())}
    assert plan.nodes_to("build") == ("model.p.visits",)
    (change,) = plan.changes
    assert (change.reason, change.category, change.readers) == (OTHER_QUERY, "non_breaking", ())
    assert world.plan().is_empty
    assert any("visits is built without page" in note and "--full-refresh" in note for note in plan.notes)
    refresh = world.plan("run")
    assert set(refresh.nodes_to("build")) == {"model.p.all_of_it", "model.p.names"}, "the new generation has other rows"


def test_another_expression_of_a_column_that_is_ignored_is_other_code(grown) -> None:
    world = grown()
    write(world, "select id, name, page from {raw.visits}")
    world.apply()
    write(world, "select id, name, upper(page) as page from {raw.visits}")
    assert changes(world.plan()) == {"visits": ((), (), ())}


def test_a_full_refresh_takes_it_in_and_whoever_reads_all_of_it_has_it(grown) -> None:
    world = grown()
    write(world, "select page, id, name from {raw.visits}")
    plan = world.apply(full_refresh=True)
    assert changes(plan) == {"visits": (("page",), (), ()), "all_of_it": (("page",), (), ())}
    again = world.plan()
    assert again.is_empty and not again.notes


def test_a_full_refresh_of_others_does_not(grown) -> None:
    world = grown()
    write(world, "select page, id, name from {raw.visits}")
    world.apply()
    assert world.plan(full_refresh=True, only="names").is_empty


@pytest.mark.parametrize("policy", ["append_new_columns", "sync_all_columns"])
def test_a_new_column_is_the_last_one_wherever_the_query_gives_it(grown, policy: str) -> None:
    world = grown(policy)
    write(world, "select page, id, name from {raw.visits}")
    plan = world.apply()
    assert changes(plan) == {"visits": (("page",), (), ()), "all_of_it": (("page",), (), ())}
    assert list(plan.targets["model.p.all_of_it"].meaning.columns) == ["id", "name", "page"]
    assert world.plan().is_empty


@pytest.mark.parametrize("policy", ["ignore", "append_new_columns"])
def test_a_column_that_is_kept_is_not_removed(grown, policy: str) -> None:
    """Its readers go on, and see that new rows have none."""
    world = grown(policy)
    write(world, "select id from {raw.visits}")
    plan = world.apply()
    assert changes(plan)["visits"] == ((), (), ("name",))
    assert plan.changes[0].reader_columns == {"model.p.all_of_it": ("name",), "model.p.names": ("name",)}
    again = world.plan()
    assert again.is_empty
    assert any("visits keeps name, which new rows do not fill" in note for note in again.notes)
    full = world.plan(full_refresh=True, only="visits")
    assert changes(full) == {"visits": ((), ("name",), ())}


def test_a_column_that_is_dropped_is_removed(grown) -> None:
    world = grown("sync_all_columns")
    write(world, "select id from {raw.visits}")
    assert changes(world.plan())["visits"] == ((), ("name",), ())


@pytest.mark.parametrize("policy", POLICIES)
def test_another_order_in_the_query_is_no_other_table(grown, policy: str) -> None:
    world = grown(policy)
    write(world, "select name, id from {raw.visits}")
    plan = world.apply()
    assert changes(plan) == {"visits": ((), (), ())} and plan.changes[0].reason == OTHER_QUERY
    assert plan.nodes_to("build") == ("model.p.visits",)
    assert world.plan().is_empty


def test_what_the_build_will_refuse_is_told_as_the_query_has_it(grown) -> None:
    world = grown("fail")
    write(world, "select page, id, name from {raw.visits}")
    assert changes(world.plan())["visits"] == (("page",), (), ())


def test_a_source_that_has_another_column_is_refreshed_without_it(grown) -> None:
    """Nobody wrote other code: `run` goes on with what is live."""
    world = grown()
    write(world, "select * from {raw.visits}")
    world.apply()
    world.source("raw.visits", "id int, name text, page text, at timestamp")
    plan = world.apply("run", tokens={"raw.visits": "day 2"})
    assert "model.p.visits" in plan.nodes_to("build")
    assert world.plan("run", tokens={"raw.visits": "day 2"}).is_empty
