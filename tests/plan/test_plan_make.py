"""A plan names what changed, whom that hits and what is to be done, and nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dryland.engines.relation import Column, Found, Relation
from dryland.errors import UsageError
from dryland.project.nodes import ColumnDoc, Rendered
from dryland.sql.meaning import ROWS

ORDERS = "select id as order_id, customer, {amount}, note from {raw.orders}"


def done(plan, action: str) -> list[str]:
    return [node.rpartition(".")[2] for node in plan.nodes_to(action)]


def change_of(plan, name: str):
    return next(change for change in plan.changes if change.node.rpartition(".")[2] == name)


def said(plan) -> dict[str, str]:
    return {
        change.node.rpartition(".")[2]: " ".join([change.change, change.category]).strip() for change in plan.changes
    }


def with_orders(world, amount: str):
    return world.model("stg_orders", f"select id as order_id, customer, {amount}, note from {{raw.orders}}")


# --- apply -----------------------------------------------------------------------------------------------------------


def test_the_first_plan_adds_builds_and_publishes_everything_inputs_first(shop) -> None:
    plan = shop.plan()
    assert set(said(plan).values()) == {"added"}
    assert set(done(plan, "build")) == {"stg_orders", "stg_customers", "revenue", "big"}
    assert done(plan, "build") == done(plan, "publish")
    assert done(plan, "build").index("revenue") > done(plan, "build").index("stg_orders")
    assert plan.checks == ("test.p.unique_orders", "test.p.relationship")
    assert not plan.is_empty


def test_a_plan_of_what_is_released_is_empty(released) -> None:
    plan = released.plan()
    assert plan.is_empty and plan.changes == () and plan.checks == () and plan.notes == ()
    assert {step.reason for step in plan.steps} == {"unchanged"}


def test_formatting_comments_and_alias_names_are_no_change(released) -> None:
    released.model(
        "big", "-- the big ones\nSELECT x.customer_id,\n  x.revenue FROM {revenue} AS x\nWHERE (x.revenue > 20)"
    )
    plan = released.plan()
    assert plan.is_empty and plan.changes == ()


def test_time_passing_is_no_change_of_code(released) -> None:
    released.model("today", "select customer_id, current_date as day from {revenue}")
    released.apply(volatile_token="monday")
    plan = released.plan(volatile_token="tuesday", tokens={"raw.orders": "day 2"})
    assert plan.is_empty


def test_a_column_that_nobody_reads_is_one_build_and_breaks_nothing(released) -> None:
    plan = with_orders(released, "amount, amount * 2 as twice").plan()
    assert done(plan, "build") == done(plan, "publish") == ["stg_orders"]
    assert said(plan) == {"stg_orders": "changed non_breaking"}
    assert change_of(plan, "stg_orders").columns_added == ("twice",)
    assert change_of(plan, "stg_orders").readers == ()
    altered = released.model(
        "stg_orders", "select id as order_id, customer, amount, upper(note) as note from {raw.orders}"
    )
    assert said(altered.plan()) == {"stg_orders": "changed non_breaking"}


def test_a_column_that_readers_use_hits_them_their_readers_and_the_exposures(released) -> None:
    plan = with_orders(released, "amount * 2 as amount").plan()
    assert done(plan, "build") == ["stg_orders", "revenue", "big"]
    change = change_of(plan, "stg_orders")
    assert said(plan) == {"stg_orders": "changed breaking", "revenue": "rebuilt", "big": "rebuilt"}
    assert change.columns_altered == ("amount",)
    assert change.readers == ("model.p.revenue", "model.p.big")
    assert change.reader_columns == {"model.p.revenue": ("revenue",), "model.p.big": ("customer_id", "revenue")}
    assert change.exposures == ("exposure.p.board",)
    assert change.reason == "its code changed"
    assert "amount * 2" in change.sql_after and "amount * 2" not in change.sql_before
    assert change_of(plan, "revenue").reason == "reads stg_orders (amount)"
    assert change_of(plan, "revenue").columns_altered == ("revenue",)


def test_a_removed_column_hits_those_who_read_it_when_they_were_released(released) -> None:
    """Their new code cannot read it any more; what is live does."""
    released.model("stg_customers", "select id as customer_id, name from {raw.customers}")
    assert said(released.plan()) == {"stg_customers": "changed non_breaking"}
    released.model("stg_customers", "select id as customer_id, country from {raw.customers}")
    released.model("revenue", released.nodes["model.p.revenue"].raw.replace("c.name", "c.country"))
    change = change_of(released.plan(), "stg_customers")
    assert (change.category, change.columns_removed) == ("breaking", ("name",))
    assert change.reader_columns["model.p.revenue"] == ("customer_id", "name", "revenue") or change.readers


def test_other_rows_are_breaking_even_where_no_reader_is_known(released) -> None:
    released.exposures.clear()
    plan = released.model("big", "select customer_id, revenue from {revenue} where revenue > 30").plan()
    change = change_of(plan, "big")
    assert (change.category, change.rows_altered, change.columns_altered) == ("breaking", True, ())


def test_the_order_of_columns_is_a_change_that_breaks_nothing(released) -> None:
    plan = released.model("big", "select revenue, customer_id from {revenue} where revenue > 20").plan()
    assert said(plan) == {"big": "changed non_breaking"}
    assert change_of(plan, "big").reason == "the order of its columns changed"


def test_documentation_is_released_without_a_build(released) -> None:
    released.change("big", description="Big ones.", owner="ana", columns=(ColumnDoc("revenue", "In euro."),))
    plan = released.plan()
    assert said(plan) == {"big": "changed metadata"}
    assert (done(plan, "build"), done(plan, "publish")) == ([], ["big"])
    released.apply()
    assert released.plan().is_empty


def test_a_new_or_changed_check_must_speak_before_its_node_is_published_again(released) -> None:
    plan = released.check("unique_orders", "stg_orders", version="2").plan()
    assert said(plan) == {"stg_orders": "changed metadata"}
    assert done(plan, "build") == []
    assert "test.p.unique_orders" in plan.checks
    released.apply()
    assert released.plan().is_empty


def test_checks_of_nodes_that_stay_need_not_speak(released) -> None:
    released.check("source_check", "raw.orders").check("board_check", "big").check("world_check")
    released.apply()
    plan = released.model("big", "select customer_id, revenue from {revenue} where revenue > 30").plan()
    assert plan.checks == ("test.p.board_check", "test.p.world_check")
    assert "test.p.source_check" in with_orders(released, "amount + 1 as amount").plan().checks


@pytest.mark.parametrize(
    "config",
    [
        {"unique_key": "order_id"}, {"on_schema_change": "append_new_columns"},
        {"indexes": [{"columns": ["order_id"]}]},
        {"contract": {"enforced": True}},
    ],
)  # fmt: skip
def test_configuration_that_shapes_the_table_is_a_build_and_nobody_else_s(released, config) -> None:
    plan = released.change("stg_orders", config=config).plan()
    assert done(plan, "build") == ["stg_orders"]
    assert said(plan) == {"stg_orders": "changed non_breaking"}
    assert change_of(plan, "stg_orders").reason == "its configuration changed"


@pytest.mark.parametrize(
    "config", [{"alias": "x"}, {"schema": "y"}, {"contract": {"enforced": False}}, {"docs": {"show": False}}]
)
def test_configuration_that_names_or_describes_is_no_build(released, config) -> None:
    assert released.change("stg_orders", config=config).plan().is_empty


def test_a_hook_and_a_materialization_are_part_of_the_table(released) -> None:
    assert done(released.change("big", post_hooks=(Rendered("grant select on x to y"),)).plan(), "build") == ["big"]
    released.change("big", post_hooks=())
    assert done(released.change("big", materialized="view").plan(), "build") == ["big"]


def test_a_renamed_node_keeps_its_build(released) -> None:
    plan = released.change("big", relation=Relation("db", "finance", "big_ones")).plan()
    assert said(plan) == {"big": "renamed breaking"}
    assert done(plan, "build") == []
    (step,) = [step for step in plan.steps if step.action == "publish"]
    assert step.relation == Relation("db", "finance", "big_ones")
    assert step.reason == "published as finance.big_ones instead of main.big"


def test_a_removed_node_is_dropped_last_and_hits_its_readers(released) -> None:
    released.remove("big")
    released.exposures.clear()
    plan = released.plan()
    assert said(plan) == {"big": "removed non_breaking"}
    assert plan.steps[-1].action == "drop"
    assert plan.steps[-1].relation == Relation("db", "main", "big")
    released.apply()
    assert released.plan().is_empty
    released.model("leaf", "select 1 as customer_id, 2 as revenue").remove("revenue")
    assert said(released.plan())["revenue"] == "removed non_breaking"


def test_a_removed_node_that_is_still_read_in_the_environment_is_breaking(released) -> None:
    released.model("big", "select order_id as customer_id, amount as revenue from {stg_orders}").remove("revenue")
    change = change_of(released.plan(), "revenue")
    assert (change.category, change.readers, change.exposures) == ("breaking", ("model.p.big",), ())


def test_a_build_that_exists_anywhere_is_reused(released) -> None:
    first = released.deployed
    with_orders(released, "amount * 2 as amount").apply()
    plan = with_orders(released, "amount").plan()
    assert done(plan, "build") == []
    assert done(plan, "publish") == ["stg_orders", "revenue", "big"]
    assert {step.reason for step in plan.steps if step.node == "model.p.revenue" and step.action == "reuse"} == {
        "built before, in run 1"
    }
    assert {n: p.build_key for n, p in released.released(plan).pointers.items()} == {
        n: p.build_key for n, p in first.pointers.items()
    }


def test_an_equal_outcome_that_is_known_is_passed_on(released) -> None:
    """Early cut-off: once a changed input came out the same, its readers find their own old builds."""
    key = released.deployed.pointers["model.p.stg_orders"].build_key
    before = released.deployed.builds[key].versions
    plan = with_orders(released, "amount + 0 as amount").plan()
    new = next(step.key for step in plan.steps if step.action == "build")
    build = replace(released.deployed.builds[key], key=new, versions=before)
    released.deployed = replace(released.deployed, builds={**released.deployed.builds, new: build})
    plan = released.plan()
    assert done(plan, "build") == []
    assert said(plan) == {"stg_orders": "changed breaking"}
    released.deployed = released.released(plan)
    assert released.plan().is_empty
    assert released.plan("run").notes == ()


def test_a_view_that_somebody_dropped_is_made_again_without_being_a_change(released) -> None:
    kept = tuple(each for each in released.deployed.found if each.relation.name != "big")
    released.deployed = replace(released.deployed, found=kept)
    plan = released.plan()
    assert (done(plan, "publish"), plan.changes) == (["big"], ())
    assert plan.steps[-1].reason == "its view is gone"


def test_a_build_that_is_gone_is_made_again(released) -> None:
    key = released.deployed.pointers["model.p.big"].build_key
    released.deployed = replace(
        released.deployed, builds={k: b for k, b in released.deployed.builds.items() if k != key}
    )
    plan = released.plan()
    assert next((step.action, step.reason) for step in plan.steps if step.node == "model.p.big") == (
        "build",
        "its build is gone",
    )


def test_what_somebody_else_made_under_our_names_is_in_the_way(shop) -> None:
    theirs = Found(Relation("db", "main", "big"), "table")
    their_view = Found(Relation("db", "main", "revenue"), "view", "CREATE VIEW revenue AS SELECT 1")
    other = Found(Relation("db", "main", "unrelated"), "table")
    shop.deployed = replace(shop.deployed, found=(theirs, their_view, other))
    assert set(shop.plan().in_the_way) == {theirs.relation, their_view.relation}


def test_another_environment_publishes_to_schemas_of_its_own(shop) -> None:
    shop.deployed = replace(shop.deployed, environment="dev_ana")
    assert {step.relation.schema for step in shop.plan().steps if step.action == "publish"} == {"main__dev_ana"}


def test_an_adopted_table_is_taken_the_place_of(released) -> None:
    pointer = released.deployed.pointers["model.p.big"]
    definition = replace(released.deployed.definitions[pointer.definition], body={"adopted": True})
    pointers = {**released.deployed.pointers, "model.p.big": replace(pointer, definition=definition.id)}
    released.deployed = replace(
        released.deployed, pointers=pointers, definitions={**released.deployed.definitions, definition.id: definition}
    )
    plan = released.plan()
    assert change_of(plan, "big").reason == "takes the place of what stood there"
    assert done(plan, "publish") == ["big"]


def test_the_columns_of_a_source_are_code(released) -> None:
    released.columns["source.raw.orders"] = (
        Column("id", "int"), Column("customer", "int"), Column("amount", "decimal"), Column("note", "text"),
        Column("x", "int"),
    )  # fmt: skip
    plan = released.plan()
    assert said(plan) == {"stg_orders": "rebuilt", "revenue": "rebuilt", "big": "rebuilt"}
    assert change_of(plan, "stg_orders").columns_altered == ("amount",)
    assert change_of(plan, "stg_orders").reason == "reads raw.orders"


def test_all_columns_of_a_source_that_grew_say_so(world) -> None:
    world.source("raw.a", "x int").model("copy", "select * from {raw.a}").apply()
    world.columns["source.raw.a"] += (Column("y", "int"),)
    change = change_of(world.plan(), "copy")
    assert (change.reason, change.columns_added) == ("what it reads has other columns", ("y",))


# --- selection -------------------------------------------------------------------------------------------------------


def test_only_selected_nodes_are_considered(released) -> None:
    with_orders(released, "amount * 2 as amount")
    plan = released.plan(only="stg_orders")
    assert {step.node for step in plan.steps} == {"model.p.stg_orders"}
    released.deployed = released.released(plan)
    assert done(released.plan(), "build") == ["revenue", "big"]
    assert released.plan(only="stg_orders").is_empty


def test_a_selected_reader_is_built_on_what_is_released(released) -> None:
    with_orders(released, "amount * 2 as amount").model(
        "big", "select customer_id, revenue from {revenue} where revenue > 30"
    )
    plan = released.plan(only="big")
    assert done(plan, "build") == ["big"]
    released.deployed = released.released(plan)
    assert done(released.plan(), "build") == ["stg_orders", "revenue", "big"]


def test_a_selection_drops_nothing(released) -> None:
    assert released.remove("big").plan(only="revenue").is_empty


def test_a_selected_reader_of_something_unreleased_is_a_usage_error(shop) -> None:
    with pytest.raises(UsageError) as caught:
        shop.plan(only="revenue")
    assert (
        caught.value.message
        == "`revenue` reads stg_customers, stg_orders, which are neither selected nor released to prod."
    )
    assert caught.value.hint == "select what it needs as well: -s +revenue"


# --- run -------------------------------------------------------------------------------------------------------------


def test_run_builds_what_is_downstream_of_a_source_that_moved(released) -> None:
    plan = released.plan("run", tokens={"raw.orders": "day 2"})
    assert done(plan, "build") == ["stg_orders", "revenue", "big"]
    assert set(said(plan).values()) == {"moved"}
    assert change_of(plan, "stg_orders").reason == "reads raw.orders"
    assert change_of(plan, "revenue").reason.startswith("reads stg_orders (rows")
    released.deployed = released.released(plan)
    assert released.plan("run", tokens={"raw.orders": "day 2"}).is_empty


def test_run_after_apply_has_nothing_to_do(released) -> None:
    assert released.plan("run").is_empty


def test_apply_leaves_data_that_moved_to_run(released) -> None:
    assert released.plan(tokens={"raw.orders": "day 2"}).is_empty


def test_what_apply_builds_is_built_on_today_s_data(released) -> None:
    with_orders(released, "amount * 2 as amount").apply(tokens={"raw.orders": "day 2"})
    assert released.plan("run", tokens={"raw.orders": "day 2"}).is_empty


def test_what_apply_leaves_keeps_its_data_until_the_next_run(released) -> None:
    released.model("big", "select customer_id, revenue from {revenue} where revenue > 30").apply(
        tokens={"raw.orders": "day 2"}
    )
    assert done(released.plan("run", tokens={"raw.orders": "day 2"}), "build") == ["stg_orders", "revenue", "big"]


def test_run_does_not_release_code(released) -> None:
    with_orders(released, "amount * 2 as amount").model("new", "select 1 as x")
    plan = released.plan("run", tokens={"raw.orders": "day 2", "raw.customers": "day 2"})
    assert done(plan, "build") == ["stg_customers"]
    assert plan.notes[0] == "1 nodes are not released yet (new): dryland apply"
    assert plan.notes[1].startswith("stg_orders, revenue, big differ from what is released")
    kept = {node: released.deployed.pointers[node] for node in ("model.p.stg_orders", "model.p.revenue")}
    released.deployed = released.released(plan)
    assert {node: released.deployed.pointers[node] for node in kept} == kept


def test_run_does_not_release_documentation(released) -> None:
    released.change("stg_orders", description="Orders.").apply("run", tokens={"raw.orders": "day 2"})
    assert said(released.plan(tokens={"raw.orders": "day 2"})) == {"stg_orders": "changed metadata"}


def test_run_takes_nothing_away(released) -> None:
    assert released.remove("big").plan("run").is_empty


def test_volatile_nodes_are_rebuilt_at_the_grain_of_the_token(released) -> None:
    released.model("today", "select customer_id, current_date as day from {revenue}").apply(volatile_token="monday")
    assert released.plan("run", volatile_token="monday").is_empty
    plan = released.plan("run", volatile_token="tuesday")
    assert done(plan, "build") == ["today"]
    assert change_of(plan, "today").reason.startswith("reads the clock: current_date")
    assert any("today uses current_date" in note for note in plan.notes)


def test_a_table_that_nobody_declared_moves_with_every_run(world) -> None:
    world.model("copy", "select x from other.things").apply(now="1")
    assert world.plan(now="2").is_empty
    plan = world.plan("run", now="2")
    assert done(plan, "build") == ["copy"]
    assert any("other.things: read without being declared" in note for note in plan.notes)


# --- incremental -----------------------------------------------------------------------------------------------------


def incremental(world, factor: int = 1):
    sql = f"select id, amount * {factor} as amount from {{raw.orders}}"
    grown = sql + " where id > (select max(id) from {this})"
    world.model("events", sql, incremental=grown, materialized="incremental", config={"unique_key": "id"})
    return world


@pytest.fixture
def growing(world):
    world.source("raw.orders", "id int, amount double")
    incremental(world).model("total", "select sum(amount) as total from {events}").apply()
    return world


def test_an_incremental_model_reads_itself_without_that_being_an_input(growing) -> None:
    assert growing.plan().is_empty
    assert growing.plan("run").is_empty


def test_each_generation_has_a_key_of_its_own(growing) -> None:
    keys = {growing.deployed.pointers["model.p.events"].build_key}
    for day in ("day 2", "day 3"):
        growing.apply("run", tokens={"raw.orders": day})
        assert growing.plan("run", tokens={"raw.orders": day}).is_empty
        keys.add(growing.deployed.pointers["model.p.events"].build_key)
    assert len(keys) == 3


def test_a_code_change_keeps_old_rows_and_says_so(growing) -> None:
    plan = incremental(growing, 2).plan()
    assert done(plan, "build") == ["events", "total"]
    assert "existing rows of events keep the old logic; --full-refresh rebuilds them" in plan.notes
    refresh = growing.plan(full_refresh=True)
    assert not any("old logic" in note for note in refresh.notes)
    assert [s.key for s in plan.steps if s.action == "build"] != [s.key for s in refresh.steps if s.action == "build"]


def test_a_full_refresh_after_a_code_change_reaches_the_readers(growing) -> None:
    """The code is live already; rows of the old logic are still in the table, and in what was made of it."""
    incremental(growing, 2).apply()
    assert growing.plan(full_refresh=True).is_empty
    plan = growing.plan(full_refresh=True, only="events total")
    assert done(plan, "build") == ["events", "total"]
    growing.deployed = growing.released(plan)
    assert growing.plan().is_empty and growing.plan("run").is_empty


def test_a_model_that_never_refreshes_in_full_does_not(growing) -> None:
    growing.change("events", config={"unique_key": "id", "full_refresh": False})
    assert growing.plan(full_refresh=True, only="events total").is_empty


# --- ephemeral, opaque and pinned -----------------------------------------------------------------------------------


def test_an_ephemeral_model_is_part_of_its_readers(world) -> None:
    world.source("raw.a", "x int, y int").model("inner_one", "select x, y from {raw.a}", materialized="ephemeral")
    world.model("middle", "select x + 1 as x, y from {inner_one}", materialized="ephemeral")
    world.model("reader", "select x from {middle}").apply()
    assert set(world.deployed.pointers) == {"model.p.reader"}
    world.model("inner_one", "select x, y + 1 as y from {raw.a}", materialized="ephemeral")
    assert world.plan().is_empty
    world.model("inner_one", "select x * 2 as x, y from {raw.a}", materialized="ephemeral")
    plan = world.plan()
    assert done(plan, "build") == ["reader"]
    assert "x * 2" in change_of(plan, "reader").sql_after


def test_an_exposure_on_an_ephemeral_model_is_hit_through_it(world) -> None:
    world.source("raw.a", "x int").model("base", "select x from {raw.a}")
    world.model("inner_one", "select x from {base}", materialized="ephemeral").exposure("board", "inner_one").apply()
    change = change_of(world.model("base", "select x + 1 as x from {raw.a}").plan(), "base")
    assert (change.category, change.exposures) == ("breaking", ("exposure.p.board",))


def test_a_python_model_depends_on_the_whole_of_what_it_reads(released) -> None:
    released.model("forecast", "select {stg_orders}", language="python", template_hash="1").apply()
    plan = with_orders(released, "amount, 1 as extra").plan()
    assert done(plan, "build") == ["stg_orders", "forecast"]
    assert done(released.change("forecast", template_hash="2").plan(only="forecast"), "build") == ["forecast"]


def test_a_template_that_asks_the_warehouse_counts_as_a_whole(released) -> None:
    node = released.model("pivot", "select 1 as x from {stg_orders}").nodes["model.p.pivot"]
    released.change("pivot", rendered=replace(node.rendered, needs_warehouse=True))
    plan = released.apply()
    assert any("pivot counts as a whole (it queries the warehouse while it renders)" in note for note in plan.notes)
    assert done(with_orders(released, "amount, 1 as extra").plan(), "build") == ["stg_orders", "pivot"]
    released.change("pivot", rendered=replace(node.rendered, sql="select 2 as x", needs_warehouse=True))
    assert "pivot" in done(released.plan(), "build")


def test_a_live_view_over_a_source_is_named_and_can_be_pinned(new_world) -> None:
    def view(**settings):
        world = new_world(**settings).source("raw.a", "x int")
        return world.model("v", "select x from {raw.a}", materialized="view").plan()

    assert any("v is a live view over sources" in note for note in view().notes)
    assert view(views_over_sources="pinned").notes == ()
    assert view().targets["model.p.v"].config_hash != view(views_over_sources="pinned").targets["model.p.v"].config_hash


def test_a_seed_is_hit_column_by_column(world) -> None:
    world.seed("countries", {"code": "h1", "name": "h2"}).model("codes", "select code from {countries}").apply()
    assert done(world.seed("countries", {"code": "h1", "name": "h3"}).plan(), "build") == ["countries"]
    assert done(world.seed("countries", {"code": "h4", "name": "h3"}).plan(), "build") == ["countries", "codes"]


def test_targets_tell_the_executor_what_each_node_is_to_become(released) -> None:
    plan = with_orders(released, "amount * 2 as amount").plan()
    assert list(plan.targets) == list(released.plan().targets)
    assert (
        plan.targets["model.p.stg_customers"].definition
        == released.deployed.pointers["model.p.stg_customers"].definition
    )
    assert plan.definitions["model.p.stg_orders"].id == plan.targets["model.p.stg_orders"].definition
    assert ROWS in {column for _, column in plan.targets["model.p.big"].meaning.rows.reads}
