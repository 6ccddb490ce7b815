"""Checks say what dbt's tests say: the same status and the same number, in one scan per table."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from real_dbt import DBT, dbt

pytestmark = pytest.mark.medium

MODEL = """
select * from (values
    (1, 'new', 10.0, date '2026-01-01', 1),
    (2, 'paid', 20.0, date '2026-01-02', 2),
    (2, 'paid', null, date '2026-01-02', 2),
    (3, 'PAID', -5.0, null, 9),
    (null, null, 7.5, date '2026-01-04', null),
    (null, 'lost', 0.0, date '2026-01-05', 8)
) as t(id, status, amount, day, customer_id)
"""
CHECKS = """
models:
  - name: payments
    data_tests:
      - at_least_rows: {arguments: {rows: 6}}
      - at_least_rows: {name: too_many_rows, arguments: {rows: 60}, config: {severity: warn}}
    columns:
      - name: id
        data_tests:
          - not_null: {config: {severity: warn}}
          - not_null: {name: id_where, config: {where: "amount > 1"}}
          - not_null: {name: id_limited, config: {limit: 1}}
          - unique: {config: {severity: warn}}
          - unique: {name: id_unique_where, config: {where: "amount is not null"}}
          - unique: {name: id_rows, config: {severity: warn, fail_calc: "sum(n_records)"}}
          - unique: {name: id_between, config: {error_if: "between 2 and 9", warn_if: "in (1, 2)"}}
          - accepted_values:
              name: id_values
              arguments: {values: [1], quote: false}
              config: {severity: warn, fail_calc: "max(n_records)", where: "payments.id > 1"}
          - not_null: {name: id_related, config: {where: "customer_id in (select 8)"}}
      - name: status
        meta: {pii: true}
        data_tests:
          - accepted_values: {name: status_numbers, arguments: {values: [1, 2], quote: false}, config: {severity: warn}}
          - accepted_values: {arguments: {values: [new, paid]}, config: {severity: warn}}
          - accepted_values:
              name: status_counted
              arguments: {values: [new, paid]}
              config: {warn_if: ">1", error_if: ">2"}
          - accepted_values: {name: status_exact, arguments: {values: [new, paid, PAID, lost]}}
          - not_null: {name: status_tolerated, config: {error_if: ">1"}}
      - name: amount
        data_tests:
          - accepted_values: {arguments: {values: [10, 20, -5, 7.5, 0], quote: false}}
          - positive
      - name: day
        data_tests:
          - not_null: {name: day_exact, config: {error_if: "!= 1", warn_if: "!= 1"}}
      - name: customer_id
        data_tests:
          - relationships: {arguments: {to: ref('people'), field: person_id}, config: {severity: warn}}
          - relationships:
              name: people_twice
              arguments: {to: ref('people'), field: person_id}
              config: {limit: 1, fail_calc: "count(distinct from_field) + 1", error_if: ">2"}
          - relationships:
              name: people_where
              arguments: {to: ref('people'), field: person_id}
              config: {where: "status = 'paid'"}
"""
MACROS = """
{% test at_least_rows(model, rows) %}
select count(*) as found from {{ model }} having count(*) < {{ rows }}
{% endtest %}

{% test positive(model, column_name) %}
{{ config(severity='warn') }}
select * from {{ model }} where {{ column_name }} < 0
{% endtest %}
"""


def written(workspace: Any) -> Any:
    workspace.write("dbt_project.yml", "name: pay\nprofile: pay\nmodels: {pay: {+materialized: table}}\n")
    workspace.write("profiles.yml", "pay: {target: dev, outputs: {dev: {type: duckdb, path: warehouse.duckdb}}}\n")
    workspace.write("models/payments.sql", MODEL)
    workspace.write("models/people.sql", "select * from (values (1), (2), (3)) as t(person_id)")
    workspace.write("models/payments.yml", CHECKS)
    workspace.write("macros/tests.sql", MACROS)
    workspace.write(
        "tests/no_refunds_of_nothing.sql", "select id from {{ ref('payments') }} where amount = 0 and id > 0"
    )
    workspace.write(
        "tests/day_before_amount.sql",
        "{{ config(severity='warn') }}\nselect * from {{ ref('payments') }} where day is null",
    )
    return workspace


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory, workspace_at: Callable[[Path], Any]) -> tuple[Any, Any]:
    """The project, and what its first release said."""
    payments = written(workspace_at(tmp_path_factory.mktemp("payments")))
    return payments, payments.dryland("apply", "--yes", "--json", code=1).json


EXPECTED = {
    "at_least_rows_payments_6": ("pass", 0),
    "too_many_rows": ("warn", 1),
    "not_null_payments_id": ("warn", 2),
    "id_where": ("fail", 1),
    "id_limited": ("fail", 1),
    "unique_payments_id": ("warn", 1),
    "id_unique_where": ("pass", 0),
    "accepted_values_payments_status__new__paid": ("warn", 2),
    "id_rows": ("warn", 2),
    "id_between": ("warn", 1),
    "id_values": ("warn", 2),
    "id_related": ("fail", 1),
    "status_numbers": ("error", 0),
    "people_twice": ("warn", 2),
    "status_counted": ("warn", 2),
    "status_exact": ("pass", 0),
    "status_tolerated": ("warn", 1),
    "accepted_values_payments_amount__False__10__20___5__7_5__0": ("pass", 0),
    "positive_payments_amount": ("warn", 1),
    "day_exact": ("pass", 1),
    "relationships_payments_customer_id__person_id__ref_people_": ("warn", 2),
    "people_where": ("pass", 0),
    "no_refunds_of_nothing": ("pass", 0),
    "day_before_amount": ("warn", 1),
}


def test_every_kind_counts_as_it_should(checked) -> None:
    _, answer = checked
    assert {each["name"]: (each["status"], each["failures"]) for each in answer["verdicts"]} == EXPECTED


@pytest.mark.dbt
@pytest.mark.slow
@pytest.mark.skipif(not DBT.exists(), reason=f"dbt is missing: there is no {DBT}")
def test_dbt_says_the_same(workspace) -> None:
    for verb in ("run", "test"):
        dbt(written(workspace).root, verb)
    results = json.loads((workspace.root / "target" / "run_results.json").read_text())["results"]
    theirs = {each["unique_id"].split(".")[2]: (each["status"], each["failures"] or 0) for each in results}
    assert theirs == {name: (status, 0 if status == "pass" else count) for name, (status, count) in EXPECTED.items()}


def test_failing_rows_are_shown_and_a_column_of_persons_is_not(checked) -> None:
    _, answer = checked
    sample = next(each["sample"] for each in answer["verdicts"] if each["name"] == "id_where")
    assert len(sample) == 1
    assert (sample[0]["id"], float(sample[0]["amount"]), sample[0]["status"]) == (None, 7.5, "***")
    assert "lost" not in json.dumps(answer)


def test_a_verdict_is_not_asked_for_twice(checked) -> None:
    """A changed check is, and one that could not be asked."""
    payments, _ = checked
    payments.edit("models/payments.yml", 'config: {where: "amount > 1"}', 'config: {where: "amount > 2"}')
    again = payments.dryland("apply", "--yes", "--json", code=1).json
    assert {each["name"]: (each["status"], each["failures"]) for each in again["verdicts"]} == EXPECTED
    assert {each["name"] for each in again["verdicts"] if not each["cached"]} == {"id_where", "status_numbers"}


def test_a_pattern_after_a_tilde_is_compared_as_the_warehouse_compares_it(shop) -> None:
    """DuckDB 1 compares the whole text with it, DuckDB 2 looks for it anywhere; what our parser thinks is no matter."""
    shop.write(
        "macros/holds.sql", "{% test holds(model, e) %}select * from {{ model }} where not ({{ e }}){% endtest %}"
    )
    shop.write(
        "models/matched.yml",
        "models: [{name: stg_customers, data_tests: "
        "[{holds: {arguments: {e: \"name ~ 'A'\"}, config: {severity: warn}}}]}]",
    )
    shop.edit(
        "models/schema.yml",
        "  - name: stg_customers\n    columns:\n      - name: customer_id\n        data_tests: [unique, not_null]\n",
        "",
    )
    shop.dryland("apply", "--yes", code=0)
    expected = shop.sql("select count(*) from main.stg_customers where not (name ~ 'A')")[0][0]
    verdicts = shop.dryland("check", "--json").json["verdicts"]
    assert [each["failures"] for each in verdicts if each["name"].startswith("holds")] == [expected]
