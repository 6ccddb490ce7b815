"""The key is the strongest promise that somebody made, and that the table can keep."""

from __future__ import annotations

import pytest

from dryland.diff.asked import Asked, asked_by
from dryland.errors import UsageError

pytestmark = pytest.mark.slow  # each releases a project

PROMISES = {
    "nothing": ("", []),
    "check": ("columns: [{name: customer_id, data_tests: [unique]}]", ["customer_id"]),
    "check_of_some": ("columns: [{name: customer_id, data_tests: [{unique: {where: 1 = 1}}]}]", []),
    "grows": ("config: {unique_key: [customer_id, country]}", ["customer_id", "country"]),
    "expression": ("config: {unique_key: 'customer_id || country'}", []),
    "check_and_grows": (
        "config: {unique_key: country}, columns: [{name: customer_id, data_tests: [unique]}]", ["customer_id"],
    ),
    "primary": (
        "constraints: [{type: primary_key, columns: [customer_id, country]}], "
        "columns: [{name: customer_id, data_tests: [unique]}]", ["customer_id", "country"],
    ),
    "primary_column": ("columns: [{name: customer_id, constraints: [{type: primary_key}]}]", ["customer_id"]),
    "combination": (
        "data_tests: [{unique_combination_of_columns: {arguments: {combination_of_columns: [country, customer_id]}}}]",
        ["country", "customer_id"],
    ),
}  # fmt: skip
"""What the YAML of a model promises, and the key that follows."""


def test_the_key_is_inferred(workspace) -> None:
    workspace.write("dbt_project.yml", "name: shop\nprofile: shop\nmodels: {+materialized: table}\n")
    workspace.write("profiles.yml", "shop: {target: d, outputs: {d: {type: duckdb, path: warehouse.duckdb}}}\n")
    workspace.write(
        "tests/generic/combination.sql",
        "{% test unique_combination_of_columns(model, combination_of_columns) %} select 1 where false {% endtest %}",
    )
    listed = "\n".join(f"- {{name: {name}, {promise}}}" for name, (promise, _) in PROMISES.items())
    workspace.write("models/all.yml", f"models:\n{listed}\n")
    for environment, name in (("prod", "Ana"), ("dev", "Bo")):
        for model in PROMISES:
            query = f"select 1 as customer_id, 'pt' as country, '{name}' as name"
            workspace.write(f"models/{model}.sql", query)
        workspace.dryland("apply", "-e", environment, "--yes", "-q")
    tables = workspace.dryland("diff", "dev", "--json").json["tables"]
    assert {each["name"]: each["key"] for each in tables} == {name: key for name, (_, key) in PROMISES.items()}


def test_a_snapshot_is_told_apart_by_its_own_row(shop) -> None:
    shop.write(
        "snapshots/s.yml",
        """
        snapshots:
          - name: history
            relation: ref('stg_customers')
            config: {unique_key: customer_id, strategy: check, check_cols: all}
        """,
    )
    shop.dryland("apply", "--yes", "-q")
    shop.edit("models/staging/stg_customers.sql", "name,", "name || '!' as name,")
    shop.dryland("apply", "--yes", "-q")
    tables = {each["name"]: each for each in shop.dryland("diff", "--json").json["tables"]}
    assert tables["history"]["key"] == ["dbt_scd_id"]
    assert (tables["history"]["added"], tables["history"]["changed"]) == (3, 3)


ENVIRONMENTS = {"environments": ["prod", "dev", "pr_42"], "default": "prod", "before_it": lambda place: f"<{place}"}


@pytest.mark.parametrize(
    ("words", "told", "expected"),
    [
        ([], {}, Asked("<prod", "prod")),
        (["prod"], {}, Asked("<prod", "prod")),
        (["dev"], {}, Asked("prod", "dev")),
        (["7"], {}, Asked("<7", "7")),
        (["7", "dev"], {}, Asked("7", "dev")),
        (["orders", "dev", "visits"], {}, Asked("prod", "dev", ("orders", "visits"))),
        (["dev"], {"before": "pr_42"}, Asked("pr_42", "dev")),
        (["dev"], {"after": "pr_42"}, Asked("dev", "pr_42")),
        ([], {"before": "3"}, Asked("3", "prod")),
        ([], {"before": "3", "after": "dev"}, Asked("3", "dev")),
        (["a.b", "c.d.e"], {}, Asked(tables=("a.b", "c.d.e"))),
        (["models/a.sql", "c.d"], {}, Asked("<prod", "prod", ("models/a.sql", "c.d"))),
        (["a.b"], {}, Asked("<prod", "prod", ("a.b",))),
    ],
)
def test_words_are_understood(words, told, expected) -> None:
    assert asked_by(words, **told, **ENVIRONMENTS) == expected


@pytest.mark.parametrize(("words", "told"), [(["1", "2", "3"], {}), (["1", "dev"], {"after": "2"})])
def test_more_than_two_places_are_refused(words, told) -> None:
    with pytest.raises(UsageError, match="two places are compared, not 3"):
        asked_by(words, **told, **ENVIRONMENTS)
