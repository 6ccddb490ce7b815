"""Writes a benchmark's project for dbt, which is the one that Dryland reads, too."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from files import write_files

from scale.as_sql import CENTS
from scale.graph import EVENTS
from scale.model import RAW, SCHEMA, VARIABLES, Check, Model

MACROS = "macros/cents.sql"
IN_A_FOLDER = 20
FILES = {
    "dbt_project.yml": "\n".join(
        [
            "name: scale", 'version: "1.0"', "profile: scale", "vars:",
            *(f"  {name}: {value!r}" for name, value in VARIABLES.items()),
            "models:", "  scale:", "    +materialized: table", "",
        ]
    ),
    "profiles.yml": f"""\
scale:
  target: prod
  outputs:
    prod: {{type: duckdb, path: warehouse.duckdb, schema: {SCHEMA}, threads: 4}}
    dev: {{type: duckdb, path: warehouse.duckdb, schema: {SCHEMA}_dev, threads: 4}}
""",
    MACROS: "{% macro cents(column) -%}\n" + CENTS.format(column="{{ column }}") + "\n{%- endmacro %}\n",
    "macros/within.sql": """\
{% test within(model, column_name, low, high) %}
select * from {{ model }} where not ({{ column_name }} >= {{ low }} and {{ column_name }} <= {{ high }})
{% endtest %}
""",
    "models/sources.yml": "\n".join(
        [
            "version: 2", "sources:", f"  - name: {RAW}", f"    schema: {RAW}", "    tables:",
            *(f"      - name: {name}\n        description: The {name} as they were loaded." for name in EVENTS),
            "      - name: customers", "        description: The customers as they were loaded.", "",
        ]
    ),
}  # fmt: skip


class DbtWords:
    """Everything in Jinja."""

    def model(self, name: str) -> str:
        """A `ref`."""
        return f"{{{{ ref('{name}') }}}}"

    def raw(self, table: str) -> str:
        """A `source`."""
        return f"{{{{ source('{RAW}', '{table}') }}}}"

    def variable(self, name: str) -> str:
        """A `var`, in quotes where it is a text."""
        asked = f"{{{{ var('{name}') }}}}"
        return f"'{asked}'" if isinstance(VARIABLES[name], str) else asked

    def cents(self, column: str) -> str:
        """A call of the macro."""
        return f"{{{{ cents('{column}') }}}}"

    def each(self, values: tuple[str, ...], form: str) -> str:
        """A loop over a list."""
        body = form.format(text="'{{ value }}'", name="{{ value }}")
        listed = ", ".join(repr(value) for value in values)
        return f"{{%- for value in [{listed}] %}}\n    {body}{{{{ ',' if not loop.last }}}}\n    {{%- endfor %}}"


def write_dbt(folder: Path, models: Sequence[Model], *, checked: bool) -> None:
    """Write the project, with a properties file for each twenty models, as projects have them."""
    files = dict(FILES)
    for place, group in _placed(models):
        files |= {f"{place}/{model.name}.sql": dbt_text(model) for model in group}
        files[f"{place}/_models.yml"] = _properties(group, checked=checked)
    write_files(folder, files)


def dbt_text(model: Model) -> str:
    """A model's file."""
    config = "{{ config(materialized='view') }}\n\n" if model.is_view else ""
    return config + model.query(DbtWords())


def _placed(models: Sequence[Model]) -> Iterator[tuple[str, tuple[Model, ...]]]:
    for layer in ("staging", "intermediate", "marts"):
        left = iter([model for model in models if model.layer == layer])
        at = 0
        while group := tuple(islice(left, IN_A_FOLDER)):
            yield f"models/{layer}/part_{at:03}", group
            at += 1


def _properties(models: Sequence[Model], *, checked: bool) -> str:
    lines = ["version: 2", "", "models:"]
    for model in models:
        lines += [f"  - name: {model.name}", f"    description: One of the {model.layer} models.", "    columns:"]
        for column in model.columns:
            lines += [f"      - name: {column}", f"        description: The {column.replace('_', ' ')}."]
            tests = [line for each in model.checks if each.column == column for line in _test(each)]
            lines += ["        data_tests:", *tests] if tests and checked else []
    return "\n".join([*lines, ""])


def _test(check: Check) -> list[str]:
    if check.kind in ("not_null", "unique"):
        return [f"          - {check.kind}"]
    arguments = {
        "accepted_values": [f"values: [{', '.join(check.values)}]"],
        "relationships": [f"to: ref('{check.model}')", f"field: {check.field}"],
        "within": [f"low: {check.low}", f"high: {check.high}"],
    }[check.kind]
    return [
        f"          - {check.kind}:",
        "              arguments:",
        *(f"                {each}" for each in arguments),
    ]
