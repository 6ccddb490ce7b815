"""Writes a benchmark's project as plain statements in their order: the floor, with nothing but DuckDB around them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from scale.model import RAW, SCHEMA, VARIABLES, Check, Model

CENTS = "cast(round({column} * 100) as bigint)"


class PlainWords:
    """Names and values as they are."""

    def model(self, name: str) -> str:
        """A name in the schema of models."""
        return f"{SCHEMA}.{name}"

    def raw(self, table: str) -> str:
        """A name in the schema of what was loaded."""
        return f"{RAW}.{table}"

    def variable(self, name: str) -> str:
        """Its value."""
        value = VARIABLES[name]
        return f"'{value}'" if isinstance(value, str) else str(value)

    def cents(self, column: str) -> str:
        """What the macro comes to."""
        return CENTS.format(column=column)

    def each(self, values: tuple[str, ...], form: str) -> str:
        """What the loop comes to."""
        return ",\n    ".join(form.format(text=f"'{value}'", name=value) for value in values)


def write_statements(folder: Path, models: Sequence[Model], *, checked: bool) -> None:
    """Write `statements.json`: the models as they come, then a query for each check, which counts what fails it."""
    folder.mkdir(parents=True, exist_ok=True)
    build = [f"create schema {SCHEMA}", *(_created(model) for model in models)]
    check = [_counted(model, each) for model in models for each in model.checks if checked]
    (folder / "statements.json").write_text(json.dumps([*build, *check], indent=0))


def _created(model: Model) -> str:
    kind = "view" if model.is_view else "table"
    return f"create {kind} {SCHEMA}.{model.name} as\n{model.query(PlainWords())}"


def _counted(model: Model, check: Check) -> str:
    return f"select count(*) from ({' '.join(_failing(f'{SCHEMA}.{model.name}', check))}) as failing"


def _failing(table: str, check: Check) -> Iterator[str]:
    column = check.column
    if check.kind == "unique":
        yield f"select {column} from {table} where {column} is not null group by {column} having count(*) > 1"
        return
    yield f"select {column} from {table} where"
    if check.kind == "not_null":
        yield f"{column} is null"
    elif check.kind == "accepted_values":
        yield f"{column} not in ({', '.join(repr(value) for value in check.values)})"
    elif check.kind == "relationships":
        there = f"select {check.field} from {SCHEMA}.{check.model}"
        yield f"{column} is not null and {column} not in ({there})"
    else:
        yield f"not {column} between {check.low} and {check.high}"
