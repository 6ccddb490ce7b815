"""The query that is told of a check is written once for all that are alike, and is what would be written for each."""

from __future__ import annotations

from dryland.artifacts.compiled import ALIKE, Compiler
from dryland.check.own_query import failing_rows_query
from dryland.platform import Platform

TESTS = """
models:
  - name: stg_orders
    columns:
      - name: status
        data_tests:
          - accepted_values: {arguments: {values: [new, "it's", dryland_the_table]}}
          - accepted_values: {name: by_number, arguments: {values: [1, 2], quote: false}}
          - not_null: {config: {where: "customer_id > 0"}}
      - name: customer_id
        data_tests:
          - relationships: {arguments: {to: ref('stg_customers'), field: customer_id}}
          - relationships: {name: another, arguments: {to: ref('stg_orders'), field: order_id}}
  - name: stg_customers
    columns:
      - name: name
        data_tests:
          - accepted_values: {arguments: {values: [new, "it's", dryland_the_table]}}
      - name: "odd [name]"
        data_tests: [unique, not_null]
"""


def test_patterns_are_what_each_would_be(shop) -> None:
    shop.write("models/more.yml", TESTS)
    shop.edit("models/schema.yml", "  - name: stg_customers\n", "  - name: stg_customers_\n")
    shop.edit("models/schema.yml", "  - name: stg_orders\n", "  - name: stg_orders_\n")
    with Platform.open(shop.root) as platform:
        compiler = Compiler(platform.project, lambda: platform.engine, "prod")
        alike = [check for check in platform.project.checks.values() if check.kind in ALIKE]
        assert len({check.kind for check in alike}) == len(ALIKE)
        for check in alike:
            called = f' AS "{platform.project.nodes[check.node].name}"'  # what only a condition would need
            each = failing_rows_query(check, compiler._request)
            assert (compiler.check(check) or "").replace(called, "") == each.replace(called, "")
        assert 0 < len(compiler._patterns) < len(alike)
