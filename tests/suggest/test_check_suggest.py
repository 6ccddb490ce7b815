"""`dryland check suggest` proposes what a table passes and does not have, and writes exactly that."""

from __future__ import annotations

import json
import shutil
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

pytestmark = pytest.mark.slow  # each releases a project

CUSTOMERS = """
    select i as customer_id, 'c' || i || '@example.org' as email, (array['de', 'pt', 'no'])[1 + i % 3] as country,
        case when i % 100 = 0 then null else 'Name ' || i end as full_name, 'secret ' || (i % 4) as password_kind
    from range(1200) t(i)
    """
LINES = """
    select i // 3 as order_id, i % 3 as line, (i * 7) % 1200 as customer_id,
        (array['new', 'paid', 'on'])[1 + i % 3] as status, i % 5 + 1 as rating_code,
        cast(i % 90 as decimal(10, 2)) / 4 as net, i % 7 as tax, cast(i % 90 as decimal(10, 2)) / 4 + i % 7 as gross,
        i % 11 - 5 as "Delta", date '2026-01-01' + cast(i % 50 as int) as ordered_on,
        date '2026-01-01' + cast(i % 50 + i % 5 as int) as shipped_on, (i % 100) / 100.0 as discount_rate,
        md5(cast(i as text)) as token, [i] as tags
    from range(3000) t(i)
    """
SCHEMA = """\
    version: 2

    models:
      # people
      - name: customers
        columns:
          - name: customer_id   # the key
            data_tests: [unique,  not_null]
          - name: email
            meta: {pii: true}
          - name: password_kind
            meta: {pii: true}
      - name: lines
        description: >
          Lines of orders.

    """


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, workspace_at: Callable[[Path], Any]) -> Path:
    shop = workspace_at(tmp_path_factory.mktemp("made"))
    shop.write("dbt_project.yml", "name: shop\nversion: '1'\nprofile: shop\nmodels: {shop: {+materialized: table}}\n")
    shop.write("profiles.yml", "shop: {target: dev, outputs: {dev: {type: duckdb, path: warehouse.duckdb}}}\n")
    shop.write("models/customers.sql", CUSTOMERS)
    shop.write("models/lines.sql", LINES)
    shop.write(
        "models/eyes/paid.sql", "{{ config(materialized='view') }} select * from {{ ref('lines') }} where tax > 1"
    )
    shop.write("models/schema.yml", SCHEMA)
    shop.dryland("apply", "--yes")
    return shop.root  # type: ignore[no-any-return]


@pytest.fixture
def shop(workspace: Any, made: Path) -> Any:
    shutil.copytree(made, workspace.root, dirs_exist_ok=True)
    return workspace


def proposed(shop: Any, *words: str) -> dict[tuple[str, str], dict[str, Any]]:
    """By column and check."""
    said = shop.dryland("check", "suggest", *words, "--json").json
    return {(each["column"], each["check"]): each for model in said["models"] for each in model["checks"]}


def test_a_table_gets_the_checks_that_its_data_speaks_for(shop: Any) -> None:
    found = proposed(shop, "lines")
    given = {key: each["arguments"] for key, each in found.items()}
    assert given["", "unique"] == {"columns": ["order_id", "line"]}
    assert given["order_id", "not_null"] == {}
    assert given["customer_id", "relationships"] == {"to": "ref('customers')", "field": "customer_id"}
    assert given["status", "accepted_values"] == {"values": ["new", "on", "paid"]}
    assert given["rating_code", "accepted_values"] == {"values": [1, 2, 3, 4, 5], "quote": False}
    assert given["discount_rate", "accepted_range"] == {"min_value": 0, "max_value": 1}
    assert given["net", "accepted_range"] == {"min_value": 0, "max_value": 200}
    assert given["token", "value_length"] == {"equals": 32}
    assert found["order_id", "not_null"]["evidence"] == "0 nulls in 3,000 rows"


def test_columns_that_go_together_are_seen(shop: Any) -> None:
    said = shop.dryland("check", "suggest", "lines", "--json").json["models"][0]["checks"]
    conditions = {each["arguments"]["expression"] for each in said if each["check"] == "expression_is_true"}
    assert conditions == {"shipped_on >= ordered_on", "gross >= net", "abs(gross - (net + tax)) < 0.01"}


def test_one_row_among_many_is_enough(shop: Any) -> None:
    """The sample may miss it, and the estimate of distinct values does: all rows are asked before anything is said."""
    shop.write(
        "models/large.sql",
        """
        select case when i = 39 then 40 else i end as large_id,
            case when i = 777 then -1 else i % 1200 end as customer_id,
            date '2026-01-01' as started_on, date '2026-01-01' + cast(case when i = 5003 then -1 else i % 9 end as int)
                as ended_on,
            case when i = 779 then 'nobody' else 'c' || i || '@example.org' end as contact,
            i % 50 as base, i % 7 as tax, case when i = 780 then 1000 else i % 50 + i % 7 end as total
        from range(40000) t(i)
        """,
    )
    shop.dryland("apply", "--yes")
    said = shop.dryland("check", "suggest", "large", "--at-least", "guess", "--json").json["models"][0]["checks"]
    kinds = {each["check"] for each in said}
    assert kinds == {"row_count", "not_null", "accepted_range"}


@pytest.mark.parametrize("key", [("token", "accepted_values"), ("order_id", "unique"), ("order_id", "accepted_range")])
def test_ids_and_free_values_are_let_alone(shop: Any, key: tuple[str, str]) -> None:
    assert key not in proposed(shop, "lines", "--at-least", "guess")


def test_what_is_written_is_exactly_that_and_passes(shop: Any) -> None:
    """The file keeps every line that it had; nothing more is proposed after; each check says yes."""
    before = (shop.root / "models/schema.yml").read_text()
    said = shop.dryland("check", "suggest", "lines", "customers", "--at-least", "guess", "--write", "--json").json
    after = (shop.root / "models/schema.yml").read_text()
    rest = iter(after.splitlines())
    assert all(line in rest for line in before.splitlines() if "meta: {pii" not in line)
    count = sum(len(model["checks"]) for model in said["models"])
    assert count > 20
    told = shop.dryland("check", "--json").json["verdicts"]
    assert len(told) == count + 2
    assert {each["status"] for each in told} == {"pass"}
    again = shop.dryland("check", "suggest", "lines", "customers", "--at-least", "guess", "--json").json
    assert [model["checks"] for model in again["models"]] == [[], []]


def test_nothing_is_written_unless_told(shop: Any) -> None:
    before = (shop.root / "models/schema.yml").read_bytes()
    said = shop.dryland("check", "suggest", "lines")
    assert (shop.root / "models/schema.yml").read_bytes() == before
    assert "\n+++ b/models/schema.yml\n" in said.out
    assert "+          - accepted_values:\n" in said.out
    assert "nothing is written: --write puts it into models/schema.yml" in said.err


def test_no_value_of_a_person_is_shown_or_written(shop: Any) -> None:
    said = shop.dryland("check", "suggest", "customers", "--at-least", "guess", "--write")
    written = (shop.root / "models/schema.yml").read_text()
    assert "secret" not in said.out + said.err + written
    assert "@example" not in said.out + said.err + written
    assert proposed_in(written, "email") == ["unique", "not_null", {"format": {"format": "email"}}]


def test_what_is_made_of_a_persons_column_is_a_persons_too(shop: Any) -> None:
    """Under another name, behind a model that says nothing of it."""
    shop.write("models/steps.sql", "select customer_id, country, password_kind as kind from {{ ref('customers') }}")
    shop.write("models/ends.sql", "select country, 'a ' || kind as level, 'x' as flag from {{ ref('steps') }}")
    shop.dryland("apply", "--yes")
    found = proposed(shop, "ends", "--at-least", "guess")
    assert {column for column, check in found if check == "accepted_values"} == {"country", "flag"}
    assert ("level", "not_null") in found


def proposed_in(text: str, column: str) -> list[Any]:
    """What a column of customers has."""
    columns = next(each for each in yaml.safe_load(text)["models"] if each["name"] == "customers")["columns"]
    entry = next(each for each in columns if each["name"] == column)
    meta = entry.get("meta") or entry.get("config", {}).get("meta") or {}
    return [*entry.get("data_tests", ()), *meta.get("checks", ())]


def test_few_nulls_are_a_share(shop: Any) -> None:
    found = proposed(shop, "customers", "--at-least", "guess")["full_name", "not_null"]
    assert found["arguments"] == {"mostly": 0.98}
    assert found["sure"] == "guess"
    assert found["entry"] == {"not_null": {"mostly": 0.98}}


def test_what_is_there_under_another_name_is_not_proposed(shop: Any) -> None:
    """A package's check of the same sort is as good."""
    columns = """
            columns:
              - name: status
                data_tests: [{accepted_values: {arguments: {values: [new, paid, 'on', lost]}}}]
              - name: net
                config: {meta: {checks: [{expect_column_values_to_be_between: {min_value: -1, max_value: 1000}}]}}
            config:
              meta: {checks: [{unique_combination_of_columns: {combination_of_columns: [line, order_id]}}]}
        """
    shop.edit(
        "models/schema.yml",
        "      Lines of orders.\n",
        f"      Lines of orders.\n{textwrap.indent(textwrap.dedent(columns).lstrip(), '    ')}",
    )
    found = proposed(shop, "lines")
    assert not {("status", "accepted_values"), ("net", "accepted_range"), ("", "unique")} & found.keys()
    assert ("tax", "accepted_range") in found


def test_a_view_without_yaml_gets_a_file_of_its_own(shop: Any) -> None:
    shop.dryland("check", "suggest", "paid", "--write")
    said = yaml.safe_load((shop.root / "models/eyes/paid.yml").read_text())
    assert said["models"][0]["name"] == "paid"
    assert {"name": "Delta", "data_tests": ["not_null"]}.items() <= said["models"][0]["columns"][8].items()


def test_a_column_that_is_a_word_of_sql_is_quoted_where_it_is_described(shop: Any) -> None:
    """dbt's own tests would not run otherwise."""
    shop.write("models/eyes/words.sql", 'select i as "left", i as "order", i as "Delta" from range(50) t(i)')
    shop.dryland("apply", "--yes")
    shop.dryland("check", "suggest", "words", "--write")
    said = yaml.safe_load((shop.root / "models/eyes/words.yml").read_text())["models"][0]["columns"]
    assert {each["name"]: each.get("quote") for each in said} == {"left": True, "order": True, "Delta": None}
    assert shop.dryland("check", "-s", "words").out.endswith("0 said no\n")


def test_a_model_is_described_where_the_others_of_its_folder_are(shop: Any) -> None:
    shop.write(
        "models/more.sql", "select i as more_id, (array['it''s', 'no'])[1 + i % 2] as state from range(500) t(i)"
    )
    shop.dryland("apply", "--yes")
    shop.dryland("check", "suggest", "more", "--at-least", "guess", "--write")
    assert not (shop.root / "models/more.yml").exists()
    said = yaml.safe_load((shop.root / "models/schema.yml").read_text())["models"][-1]
    assert said["name"] == "more"
    assert {"accepted_values": {"arguments": {"values": ["it''s", "no"]}}} in said["columns"][1]["data_tests"]
    assert shop.dryland("check", "-s", "more").out.endswith("0 said no\n")


def test_a_file_that_cannot_be_added_to_stays_as_it_is(shop: Any) -> None:
    """A list that two columns share would change both."""
    shop.write(
        "models/schema.yml",
        """
        models:
          - name: lines
            columns:
              - name: net
                data_tests: &shared [unique]
              - name: tax
                data_tests: *shared
        """,
    )
    before = (shop.root / "models/schema.yml").read_bytes()
    said = shop.dryland("check", "suggest", "lines", "--write", code=2)
    assert "cannot be added to" in said.err
    assert (shop.root / "models/schema.yml").read_bytes() == before


def test_a_file_goes_back_when_the_project_would_be_another(shop: Any) -> None:
    """Here one check is announced, and more are written."""
    from dryland.errors import UsageError
    from dryland.platform import Platform
    from dryland.project.edits import put
    from dryland.project.written_checks import edits_for

    before = (shop.root / "models/schema.yml").read_bytes()
    with Platform.open(shop.root) as platform:
        node = platform.project.nodes["model.shop.lines"]
        edits = edits_for(platform.project, [(node, platform.suggest_checks("lines").written)])
        with pytest.raises(UsageError, match="would be new instead of 1"):
            put(platform.project, edits, {node.unique_id: 1}, platform.reread)
    assert (shop.root / "models/schema.yml").read_bytes() == before
    assert sorted(path.name for path in (shop.root / "models").iterdir()) == [
        "customers.sql",
        "eyes",
        "lines.sql",
        "schema.yml",
    ]


def test_a_file_goes_back_when_the_project_cannot_be_read_any_more(shop: Any) -> None:
    """The message is about what was tried, and not about a line that is not there any more."""
    from dryland.errors import UsageError
    from dryland.platform import Platform
    from dryland.project.edits import put
    from dryland.project.written_checks import WrittenCheck, edits_for

    before = (shop.root / "models/schema.yml").read_bytes()
    check = WrittenCheck("accepted_values", "status", {"values": ["{{ var('nobody') }}"]})
    with Platform.open(shop.root) as platform:
        node = platform.project.nodes["model.shop.lines"]
        edits = edits_for(platform.project, [(node, [check])])
        with pytest.raises(UsageError, match=r"models/schema.yml: left as it was, .* the var `nobody` is not set"):
            put(platform.project, edits, {node.unique_id: 1}, platform.reread)
    assert (shop.root / "models/schema.yml").read_bytes() == before


def test_what_somebody_else_writes_meanwhile_stays(shop: Any) -> None:
    """When the project would be another, only what was written here is taken back."""
    from dryland.errors import UsageError
    from dryland.platform import Platform
    from dryland.project.edits import put
    from dryland.project.written_checks import edits_for

    file = shop.root / "models/schema.yml"
    with Platform.open(shop.root) as platform:
        node = platform.project.nodes["model.shop.lines"]
        written = platform.suggest_checks("lines").written
        edits = edits_for(platform.project, [(node, written)])

        def meanwhile() -> Any:
            file.write_text("models: [{name: lines, description: mine}]\n")
            return platform.reread()

        with pytest.raises(UsageError, match="left as it was"):
            put(platform.project, edits, {node.unique_id: len(written)}, meanwhile)
    assert "mine" in file.read_text()


def test_what_holds_for_all_versions_is_not_written_of_one(shop: Any) -> None:
    """It is shown, and nothing breaks: dbt's YAML says of a model what holds for each of its versions."""
    yaml_of = "models:\n  - name: paid\n    latest_version: 2\n    versions: [{v: 1}, {v: 2}]\n"
    shop.write("models/eyes/paid.yml", yaml_of)
    (shop.root / "models/eyes/paid.sql").rename(shop.root / "models/eyes/paid_v1.sql")
    shop.write("models/eyes/paid_v2.sql", "select * from {{ ref('lines') }} where tax > 2")
    shop.dryland("apply", "--yes")
    assert "nothing is written" not in shop.dryland("check", "suggest", "paid.v2").err
    said = shop.dryland("check", "suggest", "paid.v2", "--write", code=2)
    assert "`paid` has several versions: what is written of it is asked of each of them." in said.err
    assert (shop.root / "models/eyes/paid.yml").read_text() == yaml_of


def test_a_file_that_is_read_only_stays_as_it_is(shop: Any) -> None:
    file = shop.root / "models/schema.yml"
    before = file.read_bytes()
    file.chmod(0o444)
    assert "schema.yml is read-only" in shop.dryland("check", "suggest", "lines", "--write", code=2).err
    assert file.read_bytes() == before


def test_a_file_behind_a_link_is_written_where_it_is(shop: Any) -> None:
    link, file = shop.root / "models/schema.yml", shop.root / "described.txt"
    link.rename(file)
    link.symlink_to(file)
    shop.dryland("check", "suggest", "lines", "--write")
    assert link.is_symlink()
    assert "accepted_values" in file.read_text()


def test_what_nobody_released_has_no_table_to_look_at(shop: Any) -> None:
    shop.write("models/new.sql", "select 1 as a")
    assert "`new` is not released" in shop.dryland("check", "suggest", "new", code=2).err
    said = shop.dryland("check", "suggest", "new", "lines")
    assert "left out: `new` is not released" in said.err
    assert "lines: " in said.out


def test_builds_before_speak_too(shop: Any) -> None:
    """Rows that grew give bounds; a column that had nulls once is but a guess."""
    shop.write(
        "models/grown.sql", "select i as grown_id, case when i = 3 then null else i end as amount from range(100) t(i)"
    )
    for rows in (110, 130, 150):
        shop.dryland("apply", "--yes", "-s", "grown")
        shop.write("models/grown.sql", f"select i as grown_id, i as amount from range({rows}) t(i)")
    shop.dryland("apply", "--yes", "-s", "grown")
    found = proposed(shop, "grown", "--at-least", "guess")
    assert found["", "volume"]["arguments"] == {"min_change": -0.2, "max_change": 0.8}
    assert found["grown_id", "not_null"]["evidence"] == "0 nulls in 150 rows, 4 builds"
    assert (found["amount", "not_null"]["sure"], found["amount", "not_null"]["evidence"]) == (
        "guess", "0 nulls in 150 rows, but some in 1 of 3 builds before",
    )  # fmt: skip


def test_a_time_that_moves_with_the_builds_is_to_stay_fresh(shop: Any) -> None:
    """It was five hours old at most, and may be twelve; what lies in the future moves with nothing."""
    for hours in (5, 3, 2):
        shop.write(
            "models/visits.sql",
            f"""
            select i as visit_id, (now() at time zone 'UTC') - to_hours({hours}) - to_minutes(i) as seen_at,
                date '2126-01-01' as expires_on
            from range(50) t(i)
            """,
        )
        shop.dryland("apply", "--yes", "-s", "visits")
    found = proposed(shop, "visits")
    assert found["seen_at", "freshness"]["entry"] == {"freshness": {"within": "12 hours", "severity": "warn"}}
    assert "newer in 2 builds of 2" in found["seen_at", "freshness"]["evidence"]
    assert ("expires_on", "freshness") not in found


def test_a_diff_for_machines_has_no_colours(shop: Any) -> None:
    assert "\\u001b" not in shop.dryland("check", "suggest", "lines", "--json").out


def test_json_has_the_file_and_each_entry(shop: Any) -> None:
    said = json.loads(shop.dryland("check", "suggest", "lines", "--json").out)
    assert said["written"] is False
    assert [each["path"] for each in said["files"]] == ["models/schema.yml"]
    status = next(each for each in said["models"][0]["checks"] if each["check"] == "accepted_values")
    assert status["entry"] == {"accepted_values": {"arguments": {"values": ["new", "on", "paid"]}}}
