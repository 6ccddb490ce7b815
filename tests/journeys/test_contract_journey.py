"""A data contract holds a model to what it promises, and a release to what readers were promised before."""

from __future__ import annotations

import re
import shutil

import pytest

from real_dbt import DBT, dbt

CONTRACT = """\
apiVersion: v3.1.0
kind: DataContract
id: customers-contract
name: Customers
version: 1.0.0
status: active
team: {name: sales}
schema:
  - name: customer_orders
    properties:
      - name: customer_id
        physicalType: integer
        primaryKey: true
      - name: name
        logicalType: string
      - name: orders
        physicalType: bigint
      - name: revenue
        physicalType: double
        logicalTypeOptions: {minimum: 0}
"""
PATH = "contracts/customers.odcs.yaml"
TOLD = "customProperties: [{property: readersTold, value: {2.0.0: [%s]}}]\n"


@pytest.fixture(scope="module")
def promised_once(tmp_path_factory, workspace_at, _released_once):
    """Where the sample project was released once with a contract of its customers."""
    root = tmp_path_factory.mktemp("promised")
    shutil.copytree(_released_once, root, dirs_exist_ok=True)
    made = workspace_at(root)
    made.write(PATH, CONTRACT)
    made.dryland("apply", "--yes", "-q")
    return root


@pytest.fixture
def promised(workspace, promised_once):
    """The sample project, released with a contract of its customers."""
    shutil.copytree(promised_once, workspace.root, dirs_exist_ok=True)
    return workspace


def refusal(workspace, *arguments: str) -> dict:
    error = workspace.dryland("plan", "--json", *arguments, code=2).json
    assert error["error"] == "ContractError"
    return error


def notes(workspace, *arguments: str) -> list[str]:
    return [each for each in workspace.dryland("plan", "--json", *arguments).json["notes"] if "break" in each]


# --- the gate --------------------------------------------------------------------------------------------------------

RULES = {  # a rule of the column v, and rows of which it is true and of which it is not
    "required: true": ("1, 2", "1, null"),
    "unique: true": ("1, 2, null, null", "1, 1"),
    "quality: [{metric: nullValues, mustBeLessThan: 2}]": ("1, null", "null, null"),
    "quality: [{metric: nullValues, mustBeLessThan: 50, unit: percent}]": ("1, 2, null", "1, null"),
    "quality: [{metric: nullValues, mustBeGreaterThan: 0}]": ("1, null", "1, 2"),
    "quality: [{metric: missingValues, arguments: {missingValues: [null, '0']}, mustBe: 0}]": ("1, 2", "1, 0"),
    "quality: [{metric: invalidValues, arguments: {validValues: [1, 2]}, mustBe: 0}]": ("1, 2, null", "1, 3"),
    "quality: [{metric: invalidValues, arguments: {validValues: [1]}, mustBeLessThan: 2}]": ("1, 3", "3, 4"),
    "quality: [{metric: invalidValues, arguments: {pattern: '^1'}, mustBe: 0}]": ("1, 12, null", "1, 21"),
    "quality: [{metric: duplicateValues, mustBeLessOrEqualTo: 1}]": ("1, 1, 1, 2", "1, 1, 2, 2"),
    "quality: [{metric: duplicateValues, mustBeLessThan: 30, unit: percent}]": ("1, 1, 2, 3, null, null", "1, 1, 2"),
    "quality: [{type: sql, query: 'select max({property}) from {object}', mustBeBetween: [1, 5]}]": ("4", "5"),
    "quality: [{type: sql, query: 'select ${column} is null from ${table}', mustBe: false}]": ("4", "null"),
    "logicalTypeOptions: {minimum: 1, exclusiveMaximum: 5}": ("1, 4, null", "1, 5"),
    "logicalTypeOptions: {multipleOf: 5}": ("5, -10, null", "6"),
    "quality: [{type: custom, engine: dbt, implementation: not_null}]": ("1", "null"),
}


def rows(values: str) -> str:
    return " union all ".join(f"select cast({each} as integer) as v, 'x' as w" for each in values.split(", "))


@pytest.fixture
def small(workspace):
    workspace.write("dbt_project.yml", "name: small\nprofile: small\nmodels: {+materialized: table}\n")
    workspace.write("profiles.yml", "small: {target: dev, outputs: {dev: {type: duckdb, path: warehouse.duckdb}}}\n")
    return workspace


@pytest.mark.slow
def test_every_rule_is_kept_by_the_gate(small) -> None:
    """Each rule in a model of its own: all hold, and then none does."""
    head, _, _ = CONTRACT.partition("schema:")
    objects = ""
    for number, (rule, (good, _)) in enumerate(RULES.items()):
        objects += f"  - name: m{number}\n    properties:\n      - name: v\n        physicalType: integer\n"
        kind = "        logicalType: integer\n" if "Options" in rule else ""
        objects += f"{kind}        {rule}\n      - {{name: w, logicalType: string}}\n"
        small.write(f"models/m{number}.sql", rows(good))
    small.write(PATH, f"{head}schema:\n{objects}")
    assert f"{len(RULES)} checks passed" in small.dryland("apply", "--yes", "-q").out

    for number, (_, bad) in enumerate(RULES.values()):
        small.write(f"models/m{number}.sql", rows(bad))
    said = small.dryland("apply", "--yes", "-q", code=1).out
    failed = set(re.findall(r"fail \S+ on m(\d+)", said))
    assert [rule for number, rule in enumerate(RULES) if str(number) not in failed] == []
    assert "contracts/customers.odcs.yaml:" in said


@pytest.mark.slow
def test_rules_of_a_whole_table_are_kept(small) -> None:
    text = CONTRACT.replace("customer_orders", "m").replace(
        "        primaryKey: true\n", "        primaryKey: true\n", 1
    )
    text = text[: text.index("      - name: customer_id")] + (
        "      - {name: v, physicalType: integer, primaryKey: true, primaryKeyPosition: 2}\n"
        "      - {name: w, logicalType: string, primaryKey: true, primaryKeyPosition: 1}\n"
        "    quality: [{metric: rowCount, mustBeBetween: [1, 4]}]\n"
        "    relationships: [{from: [m.v, m.w], to: [parents.v, parents.w]}]\n"
    )
    small.write(PATH, text)
    small.write("models/parents.sql", rows("1, 2, 3, 4"))
    small.write("models/m.sql", rows("1, 2"))
    small.dryland("apply", "--yes", "-q")
    for values, failing in (("1, 1", "w_v_unique"), ("1, 2, 3, 4", "row_count"), ("1, 9", "v_w_relationship")):
        small.write("models/m.sql", rows(values))
        assert f"fail contract_m_{failing} " in small.dryland("apply", "--yes", "-q", code=1).out


def test_late_data_warns_and_is_published(small) -> None:
    text = CONTRACT[: CONTRACT.index("schema:")].replace("customer_orders", "m")
    text += "schema: [{name: m, properties: [{name: at, logicalType: timestamp}]}]\n"
    small.write(PATH, text + "slaProperties: [{property: latency, value: 2, unit: h, element: m.at}]\n")
    small.write("models/m.sql", "select timezone('UTC', now()) - interval 1 hour as at")
    assert "warned" not in small.dryland("apply", "--yes", "-q").out
    small.write("models/m.sql", "select timezone('UTC', now()) - interval 3 hour as at")
    assert "warn contract_m_at_latency on m" in small.dryland("apply", "--yes", "-q").out


def test_a_model_that_gives_other_columns_is_refused(promised) -> None:
    promised.edit("models/marts/customer_orders.sql", "count(o.order_id)", "cast(count(o.order_id) as integer)")
    said = promised.dryland("apply", "--yes", "-q", code=3)
    assert "orders is INTEGER in the query and BIGINT in the contract" in said.err + said.out


def test_rows_that_offend_are_shown_without_what_is_about_persons(promised) -> None:
    promised.edit(PATH, "      - name: name\n", "      - name: name\n        classification: restricted\n")
    promised.edit("models/marts/customer_orders.sql", "coalesce(sum(o.amount), 0)", "-coalesce(sum(o.amount), 0)")
    said = promised.dryland("apply", "--yes", "-q", code=1).out
    assert "fail contract_customer_orders_revenue_range on customer_orders" in said
    assert "Ana" not in said


# --- what readers were promised --------------------------------------------------------------------------------------


def test_a_promise_that_is_kept_is_no_news(promised) -> None:
    assert promised.dryland("plan").out.startswith("Nothing to do")
    promised.edit(PATH, "        physicalType: double\n", "        physicalType: double\n        required: true\n")
    assert promised.dryland("apply", "--yes", "-q").code == 0
    assert notes(promised) == []


def test_a_promise_that_is_another_is_a_modified_contract(promised) -> None:
    assert promised.dryland("ls", "-s", "state:modified.contract", "--json").json["nodes"] == []
    promised.edit(PATH, "{minimum: 0}", "{minimum: 1}")
    [node] = promised.dryland("ls", "-s", "state:modified.contract", "--json").json["nodes"]
    assert node["name"] == "customer_orders"


def test_breaking_a_promise_is_refused_with_what_and_whom_it_hits(promised) -> None:
    promised.edit(PATH, "{minimum: 0}", "{minimum: -5}")
    error = refusal(promised)
    [broken] = error["broken"]
    assert (error["path"], error["line"]) == (PATH, 5)
    assert broken["changes"] == [
        {"column": "revenue", "what": "its values may be at least -5 instead of at least 0", "why": "it promises less"}
    ]
    assert broken["readers"] == ["big_spenders", "exposure spenders_dashboard"]
    assert "raise the contract's version to 2.0.0" in error["hint"]
    assert "{2.0.0: [big_spenders, spenders_dashboard]}" in error["hint"]
    assert "would be broken" in promised.dryland("apply", "--yes", code=2).err


def test_a_reader_of_other_columns_is_not_hit(promised) -> None:
    promised.edit(PATH, "      - name: orders\n        physicalType: bigint\n", "")
    error = refusal(promised)
    [broken] = error["broken"]
    assert broken["changes"][0]["what"] == "the column is removed"
    assert error["hint"] == "keep the promise, or raise the contract's version to 2.0.0."
    assert broken["readers"] == []


def test_a_version_that_is_raised_and_readers_that_are_told_let_it_go_on(promised) -> None:
    promised.edit(PATH, "{minimum: 0}", "{minimum: -5}")
    promised.edit(PATH, "version: 1.0.0", "version: 1.1.0")
    assert not refusal(promised)["hint"].startswith("tell")
    promised.edit(PATH, "version: 1.1.0", "version: 2.0.0")
    assert refusal(promised)["broken"][0]["untold"] == ["big_spenders", "spenders_dashboard"]
    promised.edit(PATH, "schema:", TOLD % "Ana" + "schema:")
    assert refusal(promised)["broken"][0]["untold"] == ["big_spenders"]
    promised.edit(PATH, "[Ana]", "[ana@example.org, Big_Spenders]")
    assert notes(promised) == [
        "Customers 2.0.0 breaks what 1.0.0 promised of customer_orders: "
        "revenue: its values may be at least -5 instead of at least 0"
    ]
    promised.dryland("apply", "--yes", "-q")
    promised.edit(PATH, "{minimum: -5}", "{minimum: -6}")
    assert refusal(promised)["broken"][0]["version"] == "2.0.0"


def test_readers_with_the_same_owner_need_no_telling(promised) -> None:
    promised.edit(PATH, "{minimum: 0}", "{minimum: -5}")
    promised.edit(PATH, "version: 1.0.0", "version: 2.0.0")
    promised.edit(PATH, "schema:", TOLD % "spenders_dashboard" + "schema:")
    promised.edit(
        "models/marts/big_spenders.sql", "materialized='view'", "materialized='view', meta={'owner': 'Sales'}"
    )
    assert notes(promised)


def test_who_was_told_of_an_older_version_was_not_told_of_this_one(promised) -> None:
    promised.edit(PATH, "{minimum: 0}", "{minimum: -5}")
    promised.edit(PATH, "version: 1.0.0", "version: 2.0.0")
    promised.edit(PATH, "schema:", (TOLD % "big_spenders, Ana").replace("2.0.0", "1.0.0") + "schema:")
    assert refusal(promised)["broken"][0]["untold"] == ["big_spenders", "spenders_dashboard"]


@pytest.mark.slow
def test_a_contract_does_not_go_away_in_silence(promised) -> None:
    text = (promised.root / PATH).read_text()
    (promised.root / PATH).unlink()
    assert refusal(promised)["broken"][0]["changes"][0]["what"] == "nothing is promised of it any more"
    promised.write(PATH, text)
    promised.edit(PATH, "status: active", "status: retired")
    assert refusal(promised)
    promised.edit(PATH, "version: 1.0.0", "version: 2.0.0")
    promised.edit(PATH, "schema:", TOLD % "big_spenders, Ana" + "schema:")
    promised.dryland("apply", "--yes", "-q")
    (promised.root / PATH).unlink()
    assert notes(promised) == []


def test_a_dataset_does_not_go_away_in_silence(promised) -> None:
    promised.edit(PATH, "status: active", "status: retired")
    for name in ("customer_orders", "big_spenders"):
        (promised.root / "models" / "marts" / f"{name}.sql").unlink()
    yaml = (promised.root / "models" / "schema.yml").read_text()
    promised.write("models/schema.yml", yaml[: yaml.index("  - name: customer_orders")])
    [broken] = refusal(promised)["broken"]
    assert broken["changes"][0]["what"] == "the dataset is gone"
    promised.edit(PATH, "version: 1.0.0", "version: 2.0.0")
    promised.dryland("apply", "--yes", "-q")


def test_elsewhere_a_break_is_only_noted(promised) -> None:
    promised.dryland("env", "create", "dev")
    promised.edit(PATH, "{minimum: 0}", "{minimum: -5}")
    [note] = notes(promised, "-e", "dev")
    assert note.startswith("this breaks the contract of customer_orders, and prod would refuse it: revenue: its values")
    promised.dryland("apply", "--yes", "-q", "-e", "dev")


def test_what_is_not_selected_is_not_asked(promised) -> None:
    promised.edit(PATH, "{minimum: 0}", "{minimum: -5}")
    promised.dryland("plan", "-s", "stg_orders")
    refusal(promised, "-s", "customer_orders")


def test_a_refresh_releases_no_promise(promised) -> None:
    promised.edit(PATH, "{minimum: 0}", "{minimum: -5}")
    promised.dryland("run", "--yes", "-q")
    assert refusal(promised)


# --- dbt's own contracts ---------------------------------------------------------------------------------------------

PRICES = """\
models:
  - name: prices
    latest_version: 1
    config: {contract: {enforced: true}}
    columns:
      - {name: id, data_type: integer, constraints: [{type: not_null}]}
      - {name: price, data_type: double}
    versions: [{v: 1}, {v: 2}]
"""


@pytest.fixture
def priced(small):
    for name in ("prices_v1", "prices_v2"):
        small.write(f"models/{name}.sql", "select cast(1 as integer) as id, cast(2 as double) as price")
    small.write("models/prices.yml", PRICES)
    small.dryland("apply", "--yes", "-q")
    return small


def test_a_version_of_a_model_does_not_change_what_it_promises(priced) -> None:
    """As for dbt; the one that is not the latest yet may."""
    priced.edit("models/prices.yml", ", constraints: [{type: not_null}]", "")
    error = refusal(priced)
    assert [each["dataset"] for each in error["broken"]] == ["prices.v1"]
    assert error["broken"][0]["changes"][0]["what"] == "null values: 0 is promised no more"
    assert error["hint"].startswith("dbt's way is a new version of the model")


def test_a_contract_without_versions_may_break_and_the_plan_says_so(priced) -> None:
    priced.write(
        "models/prices.yml",
        PRICES.replace("    latest_version: 1\n", "").replace("    versions: [{v: 1}, {v: 2}]\n", ""),
    )
    (priced.root / "models" / "prices_v2.sql").unlink()
    (priced.root / "models" / "prices_v1.sql").rename(priced.root / "models" / "prices.sql")
    priced.write(
        "models/schema.yml",
        "exposures: [{name: shelf, type: dashboard, owner: {name: bo}, depends_on: [ref('prices')]}]\n",
    )
    priced.dryland("apply", "--yes", "-q", code=None)
    priced.edit("models/prices.yml", "      - {name: price, data_type: double}\n", "")
    assert notes(priced) == [
        "this breaks dbt's contract of prices: price: the column is removed; it hits exposure shelf"
    ]


# --- the verb --------------------------------------------------------------------------------------------------------


def test_what_is_exported_can_be_taken_in_again(released) -> None:
    first = released.dryland("contract", "export", "stg_orders", "-o", "out/orders.odcs.yaml")
    assert first.out == "wrote out/orders.odcs.yaml\n"
    text = (released.root / "out" / "orders.odcs.yaml").read_text()
    assert "to: stg_customers.customer_id" in text
    assert released.dryland("contract", "lint", "out/orders.odcs.yaml").out == "nothing to mend\n"
    assert released.dryland("contract", "import", "out/orders.odcs.yaml").out == "wrote contracts/orders.odcs.yaml\n"
    assert released.dryland("contract", "export", "stg_orders").out == text
    assert released.dryland("contract", "diff", "contracts/orders.odcs.yaml").code == 0
    released.dryland("apply", "--yes", "-q")
    assert released.dryland("contract", "diff", "contracts/orders.odcs.yaml").out == "nothing differs\n"


def test_what_is_exported_as_a_contract_and_taken_in_as_dbt_is_the_same(released) -> None:
    text = released.dryland("contract", "export", "stg_orders").out
    released.write("out/orders.odcs.yaml", text)
    said = released.dryland("contract", "import", "out/orders.odcs.yaml", "--as-dbt", code=2)
    assert "models/schema.yml:7 describes `stg_orders` already." in said.err
    yaml = (released.root / "models" / "schema.yml").read_text()
    start, end = yaml.index("  - name: stg_orders"), yaml.index("  - name: customer_orders")
    released.write("models/schema.yml", yaml[:start] + yaml[end:])
    released.dryland("contract", "import", "out/orders.odcs.yaml", "--as-dbt")
    assert (released.root / "models" / "staging" / "stg_orders_contract.yml").exists()
    assert released.dryland("contract", "export", "stg_orders").out == text
    released.dryland("apply", "--yes", "-q")


@pytest.mark.slow
@pytest.mark.dbt
@pytest.mark.skipif(not DBT.exists(), reason=f"dbt is missing: there is no {DBT}; set DRYLAND_DBT to one")
def test_what_is_taken_in_as_dbt_is_kept_by_dbt(shop) -> None:
    """And a folder of contracts does not disturb it."""
    text = CONTRACT.replace("      - name: name\n", "      - name: name\n        classification: pii\n")
    shop.write("in/customers.odcs.yaml", text)
    shop.write(PATH, text.replace("customers-contract", "other").replace("status: active", "status: draft"))
    yaml = (shop.root / "models" / "schema.yml").read_text()
    start, end = yaml.index("  - name: customer_orders"), yaml.index("exposures:")
    shop.write("models/schema.yml", yaml[:start] + yaml[end:])
    shop.dryland("contract", "import", "in/customers.odcs.yaml", "--as-dbt")
    done = dbt(shop.root, *(command := ("build", "--profiles-dir", ".", "--no-use-colors")))
    assert "ERROR=0" in done.stdout, done.stdout
    assert "customer_orders_contract.yml" not in done.stdout, "dbt has something to say of it"
    shop.edit("models/marts/customer_orders.sql", "count(o.order_id) as orders", "'many' as orders")
    done = dbt(shop.root, *command)
    assert "This model has an enforced contract that failed" in done.stdout


def test_checks_that_the_standard_does_not_know_come_along_as_dbt_writes_them(released) -> None:
    released.edit("models/schema.yml", "- name: revenue\n", "- name: revenue\n        meta: {pii: true}\n")
    tests = "[not_null, {accepted_values: {arguments: {values: [1]}, config: {severity: warn, where: revenue > 0}}}]"
    table = "[{unique: {arguments: {column_name: customer_id || name}, config: {error_if: '> 9'}}}]"
    released.edit("models/schema.yml", "One row per customer.", f"One row per customer.\n    data_tests: {table}")
    released.edit("models/schema.yml", "data_tests: [not_null]", f"data_tests: {tests}")
    released.write("c.odcs.yaml", released.dryland("contract", "export", "customer_orders").out)
    yaml = (released.root / "models" / "schema.yml").read_text()
    end = yaml.index("exposures:")
    released.write("models/schema.yml", yaml[: yaml.index("  - name: customer_orders")] + yaml[end:])
    assert "classification: pii" in (released.root / "c.odcs.yaml").read_text()
    assert "column_name: customer_id || name" in (released.root / "c.odcs.yaml").read_text()
    released.dryland("contract", "import", "c.odcs.yaml")
    said = released.dryland("apply", "--yes", "-q").out
    assert "warn accepted_values_customer_orders_revenue__1 on customer_orders" in said


def test_an_import_that_does_not_fit_leaves_nothing_behind(released) -> None:
    released.write("in/customers.odcs.yaml", CONTRACT.replace("customer_orders", "customers"))
    said = released.dryland("contract", "import", "in/customers.odcs.yaml", "--model", "nobody", code=2)
    assert "there is no model `nobody`." in said.err
    released.edit("models/schema.yml", "- name: revenue\n", "- name: revenue\n        data_type: varchar\n")
    said = released.dryland("contract", "import", "in/customers.odcs.yaml", "--model", "customer_orders", code=1)
    assert said.out.startswith("nothing was written\nmodels/schema.yml:")
    assert "they do not agree: `revenue` is double there, and varchar here." in said.out
    assert not (released.root / "contracts" / "customers.odcs.yaml").exists()


def test_lint_tells_everything_and_exits_1(promised) -> None:
    promised.edit(PATH, "status: active", "statsu: active")
    promised.edit(PATH, "logicalType: string", "logicalType: text")
    said = promised.dryland("contract", "lint", code=1)
    assert said.out.splitlines()[-1] == "2 to mend, 0 to know"
    assert f"{PATH}:6: error: `statsu` is no key of a contract." in said.out
    assert promised.dryland("contract", "lint", PATH, "--json", code=1).json["errors"] == 2
    assert "`statsu` is no key" in promised.dryland("plan", code=2).err


def test_lint_says_whether_the_models_fit(promised) -> None:
    promised.edit("models/schema.yml", "- name: revenue\n", "- name: revenue\n        data_type: varchar\n")
    said = promised.dryland("contract", "lint", code=1)
    assert "they do not agree: `revenue` is double there, and varchar here." in said.out


def test_diff_exits_1_when_the_version_does_not_say_that_it_breaks(promised) -> None:
    promised.edit(PATH, "{minimum: 0}", "{minimum: -5}")
    said = promised.dryland("contract", "diff", PATH, code=1)
    assert said.out.startswith("breaking  customer_orders.revenue: its values may be at least -5")
    promised.write("old.odcs.yaml", CONTRACT)
    assert promised.dryland("contract", "diff", "old.odcs.yaml", PATH, "--json", code=1).json["breaking"] is True
    promised.edit(PATH, "version: 1.0.0", "version: 2.0.0")
    assert promised.dryland("contract", "diff", PATH).out.endswith("it breaks, and the version says so\n")
