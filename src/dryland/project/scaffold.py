"""Starts a project, or adds Dryland's own file to a dbt project that is there."""

from __future__ import annotations

import re
from pathlib import Path

from dryland.errors import UsageError

SETTINGS = """\
# What dbt has no word for. Everything here is optional; these are the defaults.
# volatile: run                # how often now() counts as moved: run, hour or day
# views_over_sources: live     # pinned keeps them as tables, so that their readers are gated too
# retention: {releases: 10}    # how far back a rollback can go
"""

PROJECT = {
    ".gitignore": "*.duckdb\n*.duckdb.wal\ntarget/\nlogs/\n",
    "dbt_project.yml": """\
name: {name}
version: "1.0"
profile: {name}
models:
  {name}:
    +materialized: table
""",
    "profiles.yml": """\
{name}:
  target: dev
  outputs:
    dev: {{type: duckdb, path: {name}.duckdb, schema: main, threads: 4}}
""",
    "seeds/raw_orders.csv": """\
order_id,customer,amount,ordered_on
1,ana,20.50,2026-01-01
2,bo,7.25,2026-01-03
3,ana,5.00,2026-01-05
""",
    "models/orders.sql": """\
select order_id, customer, amount, cast(ordered_on as date) as ordered_on
from {{{{ ref('raw_orders') }}}}
""",
    "models/customers.sql": """\
select customer, count(*) as orders, sum(amount) as revenue
from {{{{ ref('orders') }}}}
group by customer
""",
    "models/models.yml": """\
models:
  - name: orders
    description: One row per order.
    columns:
      - name: order_id
        data_tests: [unique, not_null]
  - name: customers
    description: One row per customer.
    columns:
      - name: customer
        data_tests: [unique, not_null]
""",
}


def scaffold(root: Path, name: str) -> tuple[Path, ...]:
    """Write what is missing and return it; files that exist are never changed.

    Raises:
        UsageError: the folder holds something that is no dbt project.
    """
    name = re.sub(r"\W+", "_", name).strip("_").lower() or "project"
    wanted = {"dryland.yml": SETTINGS}
    if not (root / "dbt_project.yml").exists():
        others = [path.name for path in root.iterdir() if not path.name.startswith(".")] if root.exists() else []
        if others:
            raise UsageError(
                f"{root.resolve()} is not empty and has no dbt_project.yml.",
                hint="name a new folder: dryland init my-project",
            )
        wanted = {path: text.format(name=name) for path, text in PROJECT.items()} | wanted
    written = []
    for path, text in wanted.items():
        file = root / path
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
            written.append(file)
    return tuple(written)
