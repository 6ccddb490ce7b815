"""Lists what is measured: rows of the result, in an order in which each finds what it needs.

Rows of one group take turns: a leaf is released, then that is rolled back, then both again.
"""

from __future__ import annotations

from dataclasses import dataclass

ONCE_IN_A_WHILE = 3


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that is asked of every tool that can do it."""

    name: str
    title: str
    verb: str
    group: str
    prepare: str = ""
    """What is done before, untimed: forget, start_over, edit_leaf, edit_macro or put_back."""
    is_checked: bool = True
    rounds_max: int = 1_000
    needs_built: bool = True


ROWS = (
    Row("load_cold", "load, nothing cached", "load", "load", "forget", needs_built=False),
    Row("load_warm", "load, everything cached", "load", "load", needs_built=False),
    Row(
        "first", "first build of a loaded project, without checks", "release", "first", "start_over",
        is_checked=False, rounds_max=ONCE_IN_A_WHILE, needs_built=False,
    ),
    Row(
        "first_checked", "first build of a loaded project, with all checks", "release", "first_checked", "start_over",
        rounds_max=ONCE_IN_A_WHILE, needs_built=False,
    ),
    Row("plan", "nothing changed: plan", "plan", "plan"),
    Row("release", "nothing changed: release (dbt builds all again)", "release_all", "release", rounds_max=1),
    Row("leaf", "one leaf changed: built, checked, published", "release_changed", "leaf", "edit_leaf"),
    Row("leaf_back", "that rolled back", "back", "leaf", "put_back"),
    Row("environment", "new environment, all of production", "new_environment", "environment"),
    Row(
        "everything", "everything changed: built, checked, published", "release_changed", "everything", "edit_macro",
        rounds_max=1,
    ),
    Row("everything_back", "all of that rolled back", "back", "everything", "put_back", rounds_max=1),
    Row("plan_cold", "nothing changed: plan, nothing cached", "plan", "plan_cold", "forget"),  # others find a cache
)  # fmt: skip


def chosen(names: tuple[str, ...]) -> tuple[Row, ...]:
    """These rows and those that they cannot do without; all if none is named."""
    if not names:
        return ROWS
    unknown = set(names) - {row.name for row in ROWS}
    assert not unknown, f"there is no row {', '.join(sorted(unknown))}"
    wanted = {row.name for row in ROWS if row.name in names}
    wanted |= {"first_checked"} if any(row.needs_built for row in ROWS if row.name in wanted) else set()
    groups = {row.group for row in ROWS if row.name in wanted and row.group in ("leaf", "everything")}
    return tuple(row for row in ROWS if row.name in wanted or row.group in groups)
