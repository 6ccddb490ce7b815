"""What cannot be built blocks what reads it, and nothing else."""

from __future__ import annotations


def test_a_release_whose_one_branch_fails_publishes_nothing_and_names_the_culprit(branches) -> None:
    branches.arrives("insert into raw.orders values (2, 'many')")
    answer = branches.dryland("apply", "--yes", code=3)
    steps = {line.split()[2]: line for line in answer.err.splitlines() if "/5" in line}
    assert steps["stg_orders"].startswith("✗") and "Could not convert" in steps["stg_orders"]
    assert steps["orders_total"].startswith("-") and steps["both"].startswith("-")
    assert steps["stg_visits"].startswith("✓") and steps["visits_total"].startswith("✓")
    assert "models/stg_orders.sql" in answer.out
    assert branches.sql("select count(*) from information_schema.tables where table_schema = 'main'") == [(0,)]


def test_the_next_apply_makes_only_what_failed(branches) -> None:
    for name in ("orders", "visits"):
        branches.edit("models/sources.yml", f"{{name: {name}}}", f"{{name: {name}, loaded_at_field: id}}")
    branches.arrives("insert into raw.orders values (2, 'many')")
    branches.dryland("apply", "--yes", code=3)
    branches.arrives("delete from raw.orders where amount = 'many'")
    steps = branches.dryland("apply", "--yes", "--json").json["steps"]
    built = {step["node"].rpartition(".")[2] for step in steps if step["action"] == "build"}
    assert built == {"stg_orders", "orders_total", "both"}
