"""What a newcomer gets wrong is told before anything is built, with its file, its line and what is near."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.slow  # each reads a project anew

UNIT_TEST = """
unit_tests:
  - name: counts
    model: customer_orders
    given:
      - input: ref('stg_customers')
        rows: [{customer_id: 1, name: Ana}]
      - input: ref('stg_orders')
        rows: [{order_id: 1, customer_id: 1, amount: 2}]
    expect:
      rows: [{customer_id: 1, orders: 1}]
"""


# --- configuration of nothing ---------------------------------------------------------------------------------------


def warnings_of(shop) -> list[str]:
    return [line for line in shop.dryland("plan").err.splitlines() if line.startswith("warning: ")]


def test_a_folder_of_dbt_project_yml_that_is_none_is_told_with_the_one_that_is_near(shop) -> None:
    shop.edit("dbt_project.yml", "    +materialized", "    stagin: {+tags: [a]}\n    +materialized")
    assert warnings_of(shop) == [
        "warning: dbt_project.yml:6 `models: shop.stagin` configures nothing: there is no such folder or name; "
        "`staging` exists"
    ]


@pytest.mark.parametrize(
    ("section", "path"),
    [
        ("seeds", "seeds: shop.raw"), ("snapshots", "snapshots: shop.raw"), ("sources", "sources: shop.raw"),
        ("data_tests", "data_tests: shop.raw"), ("tests", "tests: shop.raw"), ("unit_tests", "unit_tests: shop.raw"),
        ("exposures", "exposures: shop.raw"), ("metrics", "metrics: shop.raw"),
        ("semantic-models", "semantic-models: shop.raw"), ("saved-queries", "saved-queries: shop.raw"),
    ],
)  # fmt: skip
def test_every_section_is_looked_at(shop, section: str, path: str) -> None:
    shop.edit("dbt_project.yml", "models:", f"{section}:\n  shop:\n    raw:\n      +enabled: true\nmodels:")
    (warning,) = warnings_of(shop)
    assert warning.startswith(f"warning: dbt_project.yml:6 `{path}` configures nothing")


def test_a_package_that_is_not_there_is_told(shop) -> None:
    shop.edit("dbt_project.yml", "models:", "models:\n  shopp: {+enabled: true}")
    assert warnings_of(shop) == [
        "warning: dbt_project.yml:5 `models: shopp` configures nothing: there is no such folder or name; `shop` exists"
    ]


def test_a_section_about_what_there_is_none_of_is_told(shop) -> None:
    shop.edit("dbt_project.yml", "models:", "snapshots:\n  +enabled: true\nmodels:")
    assert warnings_of(shop) == ["warning: dbt_project.yml:4 `snapshots:` configures what the project has none of"]


@pytest.mark.parametrize(
    "text",
    [
        "seeds: {shop: {raw_orders: {+column_types: {id: bigint}}}}",  # a name
        "data_tests: {shop: {unique_stg_orders_order_id: {+severity: warn}}}",
        "exposures: {shop: {+enabled: true}}",
        "sources: {shop: {raw: {+enabled: false}}}",  # it switches off what would be found under it
        "seeds: {shop: {raw_spare: {+enabled: false}}}",
        "snapshots: {}",
    ],
)
def test_what_configures_something_is_not_told(shop, text: str) -> None:
    shop.write("models/sources.yml", "sources: [{name: raw, tables: [{name: lines}]}]")
    shop.write("seeds/raw_spare.csv", "id\n1\n")
    shop.edit("dbt_project.yml", "models:", f"{text}\nmodels:")
    assert warnings_of(shop) == []


# --- exposures ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "message", "hint"),
    [
        ("type: dashboard", "type: dashbord", "`dashbord` is no type of an exposure.", "did you mean `dashboard`?"),
        ("type: dashboard", "type: x", "`x` is no type of", "there are dashboard, notebook, analysis, ml, application"),
        (
            "type: dashboard",
            "type: ml\n    maturity: hi",
            "`hi` is no maturity of an exposure.",
            "did you mean `high`?",
        ),
        ("type: dashboard", "label: a", "`spenders_dashboard` has no type.", "there are dashboard"),
        ("email:", "mail:", "", ""),
        ("{name: Ana, email: ana@example.org}", "{}", "has no owner with a name or an email.", "owner: {name"),
    ],
)
def test_an_exposure_is_of_a_type_that_dbt_has_and_has_an_owner(shop, old: str, new: str, message: str, hint: str):
    shop.edit("models/schema.yml", old, new)
    told = shop.dryland("plan", code=2 if message else 0).err
    assert message in told
    assert hint in told
    assert not message or "error: models/schema.yml:2" in told


# --- unit tests -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("slip", "message"),
    [
        ("ref('stg_order')", "the input `ref('stg_order')` of the unit test `counts` refers to `stg_order`, which no"),
        ("source('raw', 'orders')", "the input `source('raw', 'orders')` of the unit test `counts` refers to"),
    ],
)
def test_an_input_of_a_unit_test_that_is_nowhere_is_refused_by_the_plan(shop, slip: str, message: str) -> None:
    shop.write("models/unit.yml", UNIT_TEST.replace("ref('stg_orders')", slip))
    told = shop.dryland("plan", code=2).err
    assert told.startswith(f"error: models/unit.yml:7: {message}")
    if "ref" in slip:
        assert "hint: `stg_orders` exists." in told
        assert message in shop.dryland("test", code=1).out
        assert "will build" in shop.dryland("plan", "-s", "+stg_orders").out
    assert "customer_orders" in shop.dryland("ls").out  # as dbt: what is not asked for does not stop one from looking


@pytest.mark.slow
def test_plan_and_release_count_checks_and_unit_tests_apart(shop) -> None:
    shop.write("models/unit.yml", UNIT_TEST)
    assert "will build 6, publish 6, check 8, unit-test 1" in shop.dryland("plan").out
    told = shop.dryland("apply", "--yes").out
    assert "6 built; 8 checks passed; 1 unit tests passed; " in told
    shop.edit("models/unit.yml", "orders: 1}", "orders: 7}")
    shop.edit("models/marts/customer_orders.sql", "coalesce(sum(o.amount), 0)", "coalesce(sum(o.amount), 1)")
    assert "unit-test 1" in shop.dryland("plan").out
    assert " 0 built; 0 unit tests passed, 1 said no; " in shop.dryland("apply", "--yes", code=1).out


# --- the profile, lineage -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("slip", "hint"), [("thread: 4", "did you mean `threads`?"), ("token: abcdef", "it knows attach, config_options")]
)
def test_an_unknown_setting_of_a_profile_is_told_with_its_line_and_without_its_value(shop, slip: str, hint: str):
    shop.write(
        "profiles.yml",
        f"""
        shop:
          target: dev
          outputs:
            dev:
              type: duckdb
              path: warehouse.duckdb
              {slip}
        """,
    )
    told = shop.dryland("plan", code=2).err
    key, _, value = slip.partition(": ")
    assert told.startswith(
        f"error: profiles.yml:7: the `duckdb` profile has settings that Dryland does not know: {key}"
    )
    assert f"hint: {hint}" in told
    assert value not in told.replace("profiles.yml", "")


def test_an_unknown_setting_in_dryland_yml_is_told_with_its_line(shop) -> None:
    shop.write("dryland.yml", "warehouse:\n  type: duckdb\n  paht: warehouse.duckdb\n")
    assert shop.dryland("plan", code=2).err.startswith("error: dryland.yml:3: the `duckdb` profile has settings")


@pytest.mark.slow
def test_a_column_that_a_python_model_does_not_have_is_told(shop) -> None:
    shop.write("models/py.py", 'def model(dbt, session):\n    return dbt.ref("stg_orders")\n')
    assert "py.amout comes from" in shop.dryland("lineage", "py.amout").out  # nobody knows its columns yet
    shop.dryland("apply", "--yes")
    assert shop.dryland("lineage", "py.amout", code=2).err == (
        "error: py has no column `amout`.\nhint: did you mean `amount`?\n"
    )
    assert "py.Amount comes from" in shop.dryland("lineage", "py.Amount").out
