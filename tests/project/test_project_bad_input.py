"""A project that cannot be read says what, where and what to do: message, file, line and hint."""

from __future__ import annotations

import os
import re
import traceback
from pathlib import Path

import pytest

from dryland.errors import CycleError, DrylandError
from dryland.platform import Platform
from dryland.project.load import load_project
from dryland.project.project import Project

PROJECT = {
    "dbt_project.yml": "name: shop\nprofile: shop\nmodels:\n  shop:\n    +materialized: table\n",
    "profiles.yml": "shop:\n  target: dev\n  outputs:\n    dev: {type: duckdb, path: shop.duckdb}\n",
    "models/orders.sql": "select 1 as order_id, 2 as amount\n",
    "models/customers.sql": "select order_id\nfrom {{ ref('orders') }}\n",
    "models/models.yml": "models:\n  - name: orders\n    columns:\n      - name: order_id\n",
    "macros/money.sql": "{% macro euro(x) %}{{ x }} * 0.9{% endmacro %}\n",
    "seeds/countries.csv": "code,name\npt,Portugal\nse,Sweden\n",
}
FILE = Path(__file__).parents[1] / "cases" / "project" / "bad_input.txt"
CASE = re.compile(
    r"^# (?P<title>.+)\n(?P<files>(?:--- .+\n(?:(?!--- |=> |# ).*\n)*)+)(?P<said>(?:=> .+\n)+)", re.MULTILINE
)
CASES = list(CASE.finditer(FILE.read_text()))


@pytest.fixture
def shop(workspace):
    """A project that can be read."""
    for path, text in PROJECT.items():
        workspace.write(path, text)
    return workspace


def read(workspace, **environment: str) -> Project:
    return load_project(workspace.root, environment={"HOME": str(workspace.root), **environment})


def refused(workspace, **environment: str) -> DrylandError:
    with pytest.raises(DrylandError) as caught:
        project = read(workspace, **environment)
        forms = [form for node in project.nodes.values() for form in (node.rendered, *node.pre_hooks, *node.post_hooks)]
        forms += [check.rendered for check in project.checks.values() if check.rendered]
        for form in forms:
            if form.trouble is not None:
                raise form.trouble  # as the plan does that would use it: plan.writable
    return caught.value


def told(error: DrylandError) -> str:
    hint = f"=> hint: {error.hint}\n" if error.hint else ""
    return f"=> {type(error).__name__} {error.location}\n=> {error.message}\n{hint}"


def test_every_case_of_the_file_is_read() -> None:
    assert len(CASES) == len(re.findall(r"^=> \w+Error ", FILE.read_text(), re.MULTILINE)) > 70


def test_the_project_without_a_mistake_can_be_read(shop) -> None:
    """Every case is this one and its mistake."""
    project = read(shop)
    assert len(project.nodes) == 3
    assert project.warnings == ()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["title"])
def test_what_is_wrong_is_said_with_its_place_and_what_to_do(shop, case: re.Match[str]) -> None:
    for part in re.split(r"^--- ", case["files"], flags=re.MULTILINE)[1:]:
        path, _, text = part.partition("\n")
        (shop.root / path).parent.mkdir(parents=True, exist_ok=True)
        (shop.root / path).write_text(text)
    error = refused(shop)
    if os.environ.get("UPDATE_CASES"):
        FILE.write_text(FILE.read_text().replace(case[0], case[0].replace(case["said"], told(error))))
        return
    assert told(error) == case["said"]
    assert error.exit_code == 2


def test_no_profiles_at_all(shop) -> None:
    (shop.root / "profiles.yml").unlink()
    error = refused(shop)
    assert error.message == f"there is no profiles.yml in {shop.root}."
    assert error.hint.startswith("dbt looks in --profiles-dir, DBT_PROFILES_DIR, the project's folder and ~/.dbt")


def test_a_folder_without_a_project(workspace) -> None:
    error = refused(workspace)
    assert error.message == f"there is no dbt_project.yml in {workspace.root}."
    assert "`dryland init` starts one." in error.hint


def test_a_seed_that_is_no_text(shop) -> None:
    (shop.root / "seeds" / "countries.csv").write_bytes(b"code,name\npt,\xff\n")
    error = refused(shop)
    assert error.location == "seeds/countries.csv:2"
    assert error.message == "the file is not UTF-8 text: invalid start byte at byte 13."
    assert error.hint == "save it as UTF-8."


def test_a_model_that_is_no_text(shop) -> None:
    (shop.root / "models" / "new.sql").write_bytes(b"select 1 as one,\n'\xff' as two\n")
    error = refused(shop)
    assert error.location == "models/new.sql:2"
    assert error.message == "the file is not UTF-8 text: invalid start byte at byte 18."
    assert error.hint == "save it as UTF-8."


def test_models_that_need_each_other_are_named_in_order(shop) -> None:
    """A circle is the plan's to find: only there all dependencies are known."""
    shop.write("models/orders.sql", "select *\nfrom {{ ref('baskets') }}")
    shop.write("models/baskets.sql", "select *\nfrom {{ ref('customers') }}")
    with Platform.open(shop.root) as platform, pytest.raises(CycleError) as caught:
        platform.plan()
    error = caught.value
    assert error.cycle[0] == error.cycle[-1]
    assert set(error.cycle) == {"orders", "baskets", "customers"}
    assert error.message == f"models need each other: {' -> '.join(error.cycle)}."
    assert error.path in {f"models/{name}.sql" for name in error.cycle}
    assert "take one of these refs out" in error.hint


def test_properties_of_a_model_that_is_not_there_are_told_and_not_lost(shop) -> None:
    """dbt warns of it: a project with an old entry still runs."""
    shop.write(
        "models/old.yml", "models:\n\n  - name: customer\n    columns:\n      - name: id\n        tests: [unique]\n"
    )
    shop.write("seeds/seeds.yml", "seeds:\n  - name: prices\n")
    project = read(shop)
    assert project.warnings == (
        "models/old.yml:3 describes `customer`, which no file defines; `customers` exists; its 1 check is not run",
        "seeds/seeds.yml:2 describes `prices`, which no file defines",
    )
    assert project.checks == {}


def test_what_is_read_over_is_told(shop) -> None:
    shop.write("models/more.yml", "saved_queries:\n  - {name: monthly, query_params: {}, exports: [{name: e}]}\n")
    shop.edit("dbt_project.yml", "    +materialized: table\n", "    +materialized: table\n    +our_team: data\n")
    assert read(shop).warnings == (
        "dbt_project.yml:6 `our_team` is no configuration of dbt's: only a macro that asks for it will see it",
        "models/more.yml:2 exports of saved queries are not made: `monthly`",
    )


def test_what_is_asked_in_vain_is_told_with_the_names_of_who_asks(shop) -> None:
    """Until it has an effect, nobody shall rely on it."""
    shop.edit(
        "dbt_project.yml", "    +materialized: table\n", "    +materialized: table\n    +grants: {select: [bi]}\n"
    )
    shop.write(
        "models/raw.yml",
        "sources: [{name: raw, freshness: {warn_after: {count: 1, period: day}}, tables: [{name: a}]}]",
    )
    for number in range(4):
        shop.write(
            f"models/m{number}.sql",
            "{{ config(materialized='ephemeral', contract={'enforced': true}) }} select 1",
        )
    assert [warning for warning in read(shop).warnings if "models/" not in warning] == [
        "contracts are kept for tables and views of models only: m0, m1, m2 and 1 more",
        "grants have no effect on duckdb, which has no roles: customers, m0, m1 and 3 more",
    ]


@pytest.mark.parametrize(
    ("config", "kept", "schema"),
    [
        ("{store_failures: true}", True, "dbt_test__audit"),
        ("{store_failures: true, schema: bad_rows}", True, "bad_rows"),
        ("{store_failures: true, store_failures_as: ephemeral}", False, "dbt_test__audit"),
        ("{store_failures_as: table}", True, "dbt_test__audit"),
        ("{}", False, "dbt_test__audit"),
    ],
)
def test_where_failing_rows_are_kept(shop, config: str, kept: bool, schema: str) -> None:
    shop.write("models/new.sql", "select 1 as x")
    shop.write(
        "models/new.yml", f"models: [{{name: new, data_tests: [{{unique: {{column_name: x, config: {config}}}}}]}}]"
    )
    [check] = read(shop).checks.values()
    assert (check.store_failures, check.failures_schema) == (kept, schema)


def test_a_check_on_a_column_that_is_not_there_is_refused(shop) -> None:
    """Columns are known when the model is built, so the gate says it."""
    shop.edit("models/models.yml", "- name: order_id\n", "- name: order_di\n        data_tests: [not_null]\n")
    with Platform.open(shop.root) as platform:
        outcome = platform.apply(platform.plan())
    said = str(outcome)
    assert "not_null asks for column `order_di`, which orders does not have; `order_id` exists" in said
    assert platform_names_nothing(shop)


def platform_names_nothing(workspace) -> bool:
    with Platform.open(workspace.root) as platform:
        return platform.pointers() == {}


SECRET = "hunter2-of-the-warehouse"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("models/new.sql", "select {{ modules.datetime.datetime.strptime(env_var('PLAIN_TOKEN'), '%Y') }}"),
        ("models/new.sql", "select {{ env_var('PLAIN_TOKEN') | int(default=none) + 1 }}"),
        ("models/new.sql", "{{ exceptions.raise_compiler_error('bad ' ~ env_var('PLAIN_TOKEN')) }}"),
        ("models/new.sql", "select * from {{ ref(env_var('PLAIN_TOKEN')) }}"),
        ("models/new.sql", "{{ config(materialized=env_var('PLAIN_TOKEN')) }} select 1"),
        ("models/new.sql", "{{ config(alias=var(env_var('PLAIN_TOKEN'))) }} select 1"),
        ("models/new.yml", "models:\n  - name: orders\n    config: {materialized: \"{{ env_var('PLAIN_TOKEN') }}\"}\n"),
        ("profiles.yml", "shop:\n  target: \"{{ env_var('DBT_ENV_SECRET_T') }}\"\n  outputs: {dev: {type: duckdb}}\n"),
        ("profiles.yml", "shop:\n  target: d\n  outputs:\n    d: {type: \"{{ env_var('DBT_ENV_SECRET_T') }}\"}\n"),
        (
            "profiles.yml",
            "shop:\n  target: d\n  outputs:\n    d: {type: duckdb, threads: \"{{ env_var('DBT_ENV_SECRET_T') }}\"}\n",
        ),
        (
            "profiles.yml",
            "shop:\n  target: d\n  outputs:\n    d: {type: duckdb, x: \"{{ env_var('PLAIN_TOKEN') + 1 }}\"}\n",
        ),
        ("dryland.yml", "warehouse: {type: \"{{ env_var('DBT_ENV_SECRET_T') }}\"}\n"),
        ("dryland.yml", "state: \"{{ env_var('DBT_ENV_SECRET_T') | as_number }}\"\n"),
    ],
)
def test_no_error_repeats_what_the_environment_said(shop, path: str, text: str) -> None:
    if path == "models/new.yml":
        (shop.root / "models" / "models.yml").unlink()
    shop.write(path, text)
    error = refused(shop, PLAIN_TOKEN=SECRET, DBT_ENV_SECRET_T=SECRET)
    everything = "".join(traceback.format_exception(error)) + repr(error) + repr(error.as_dict()) + repr(error.args)
    assert SECRET not in everything
    assert "hunter2" not in everything


def test_no_repr_shows_a_secret(shop) -> None:
    shop.write(
        "profiles.yml",
        "shop:\n  target: dev\n  outputs:\n    dev: {type: duckdb, path: s.duckdb, "
        "settings: {token: \"{{ env_var('DBT_ENV_SECRET_T') }}\"}}\n",
    )
    shop.write(
        "dryland.yml",
        """
        state: "postgresql://me:{{ env_var('DBT_ENV_SECRET_T') }}@host/db"
        exports: [{name: out, model: orders, to: "sqlite:///{{ env_var('DBT_ENV_SECRET_T') }}"}]
        notifications: [{name: hook, webhook: "https://example.org/{{ env_var('DBT_ENV_SECRET_T') }}"}]
        """,
    )
    project = read(shop, DBT_ENV_SECRET_T=SECRET)
    assert project.warehouse.settings["settings"]["token"] == SECRET
    assert project.settings.state_url.endswith(f":{SECRET}@host/db")
    assert project.settings.exports[0].to.endswith(SECRET)
    assert project.settings.notifications[0].webhook.endswith(SECRET)
    assert SECRET not in repr(project)
    assert SECRET not in repr(project.templates)
    assert SECRET not in repr(vars(project.templates))


def test_a_short_value_of_the_environment_does_not_eat_the_message(shop) -> None:
    """`dev` and `1` are no secrets, and hiding them would hide what was said."""
    shop.write("models/new.sql", "select '{{ env_var('REGION') }}' from {{ ref('ordrs') }}")
    assert refused(shop, REGION="s").message == "refers to `ordrs`, which no model defines."
