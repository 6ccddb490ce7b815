"""Writes a benchmark's project for SQLMesh, in SQLMesh's own words: MODEL blocks, audits in them, macros in Python."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from files import write_files

from scale.as_sql import CENTS
from scale.graph import EVENTS
from scale.model import RAW, SCHEMA, VARIABLES, Check, Model

MACROS = "macros/cents.py"
OF_CUSTOMERS = {
    "id": "bigint", "referred_by": "bigint", "name": "text", "status": "text", "region": "text",
    "credit": "decimal(12, 2)", "joined_on": "date",
}  # fmt: skip
OF_EVENTS = {
    "id": "bigint", "customer_id": "bigint", "status": "text", "region": "text", "amount": "double",
    "quantity": "bigint", "happened_on": "timestamp",
}  # fmt: skip
CONFIG = """\
gateways:
  local:
    connection:
      type: duckdb
      database: warehouse.duckdb
      concurrent_tasks: 4
default_gateway: local
model_defaults:
  dialect: duckdb
  start: 2024-01-01
variables:
"""
FILES = {
    "config.yaml": CONFIG + "".join(f"  {name}: {value!r}\n" for name, value in VARIABLES.items()),
    MACROS: f'''\
from sqlmesh import macro


@macro()
def cents(evaluator, column):
    return f"{CENTS}"
''',
    "audits/relationships.sql": """\
AUDIT (
  name relationships
);

SELECT * FROM @this_model WHERE NOT @column IS NULL AND NOT @column IN (SELECT @field FROM @to)
""",
}


class SqlmeshWords:
    """SQLMesh's macros, which are SQL as well."""

    def model(self, name: str) -> str:
        """A name in the schema of models."""
        return f"{SCHEMA}.{name}"

    def raw(self, table: str) -> str:
        """A name of an external model."""
        return f"{RAW}.{table}"

    def variable(self, name: str) -> str:
        """A variable of the configuration."""
        return f"@VAR('{name}')"

    def cents(self, column: str) -> str:
        """A call of the macro."""
        return f"@cents({column})"

    def each(self, values: tuple[str, ...], form: str) -> str:
        """`@EACH` over a list."""
        listed = ", ".join(f"'{value}'" for value in values)
        return f"@EACH([{listed}], value -> {form.format(text='value', name='@{value}')})"


def write_sqlmesh(folder: Path, models: Sequence[Model], *, checked: bool) -> None:
    """Write the project: a file for each model, with its audits in it."""
    files = {f"models/{model.layer}/{model.name}.sql": sqlmesh_text(model, checked=checked) for model in models}
    write_files(folder, {**FILES, "external_models.yaml": _external(), **files})


def sqlmesh_text(model: Model, *, checked: bool) -> str:
    """A model's file."""
    own = f"{SCHEMA}.{model.name}"
    described = ",\n".join(f"    {column} = 'The {column.replace('_', ' ')}.'" for column in model.columns)
    audits = ",\n".join(f"    {_audit(each)}" for each in model.checks)
    needed = ", ".join(sorted({f"{SCHEMA}.{each.model}" for each in model.checks if each.model} - {own}))
    depends = f",\n  depends_on ({needed})" if needed else ""  # else an audit would read what readers see
    audited = f"{depends},\n  audits (\n{audits}\n  )" if checked else ""
    return f"""\
MODEL (
  name {own},
  kind {"VIEW" if model.is_view else "FULL"},
  description 'One of the {model.layer} models.',
  column_descriptions (
{described}
  ){audited}
);

{model.query(SqlmeshWords())}"""


def _external() -> str:
    lines: list[str] = []
    for name in ("customers", *EVENTS):
        columns = OF_CUSTOMERS if name == "customers" else OF_EVENTS
        lines += [f"- name: {RAW}.{name}", "  columns:", *(f"    {column}: {kind}" for column, kind in columns.items())]
    return "\n".join([*lines, ""])


def _audit(check: Check) -> str:
    listed = ", ".join(f"'{value}'" for value in check.values)
    to = f"{SCHEMA}.{check.model}"
    return {
        "not_null": f"not_null(columns := ({check.column}))",
        "unique": f"unique_values(columns := ({check.column}))",
        "accepted_values": f"accepted_values(column := {check.column}, is_in := ({listed}))",
        "relationships": f"relationships(column := {check.column}, to := {to}, field := {check.field})",
        "within": f"accepted_range(column := {check.column}, min_v := {check.low}, max_v := {check.high})",
    }[check.kind]
