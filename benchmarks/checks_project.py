"""Writes the dbt project in which `checks.py` asks its hundred checks, of Dryland and of dbt alike."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from checks_subject import TABLE, Asked, asked
from files import write_files

FILES = {
    "dbt_project.yml": "name: checked\nprofile: checked\nmodel-paths: [models]\nmacro-paths: [macros]\n",
    "profiles.yml": "checked: {target: dev, outputs: {dev: {type: duckdb, path: warehouse.duckdb, threads: 2}}}\n",
}
ROWS = """\
{{% test {name}(model{column}, {arguments}) %}}
select * from {{{{ model }}}} where not ({condition})
{{% endtest %}}
"""
WHOLE = """\
{{% test {name}(model{column}, {arguments}) %}}
with measured as (select {measure} as measured from {{{{ model }}}})
select * from measured where not (measured between {{{{ low }}}} and {{{{ high }}}})
{{% endtest %}}
"""
OF_ROWS = {
    "within": ("low, high", "{{ column_name }} >= {{ low }} and {{ column_name }} <= {{ high }}"),
    "length_within": ("low, high", "length({{ column_name }}) between {{ low }} and {{ high }}"),
    "matches": ("pattern", "regexp_matches({{ column_name }}, '{{ pattern }}')"),
    "none_of": ("values", "{{ column_name }} not in ('{{ values | join(\"', '\") }}')"),
    "holds": ("expression", "{{ expression }}"),
}
OF_WHOLE = {
    "mean_within": "avg({{ column_name }})",
    "sum_within": "sum({{ column_name }})",
    "deviation_within": "stddev({{ column_name }})",
    "nulls_within": "(count(*) - count({{ column_name }})) / count(*)",
    "rows_within": "count(*)",
}
TESTS = {
    "range": "within",
    "length": "length_within",
    "regex": "matches",
    "forbidden": "none_of",
    "expression": "holds",
    "mean": "mean_within",
    "sum": "sum_within",
    "deviation": "deviation_within",
    "nulls": "nulls_within",
    "rows": "rows_within",
    "accepted": "accepted_values",
}


def write_project(folder: Path) -> None:
    """A source with the hundred checks, and macros of the project's own for those that dbt does not bring along."""
    macros = [_macro(ROWS, name, arguments=arguments, condition=good) for name, (arguments, good) in OF_ROWS.items()]
    macros += [_macro(WHOLE, name, arguments="low, high", measure=form) for name, form in OF_WHOLE.items()]
    columns: dict[str, list[Any]] = {}
    for each in asked():
        columns.setdefault(each.column, []).append(_test(each))
    table = {
        "name": TABLE,
        "data_tests": columns.pop(""),
        "columns": [{"name": name, "data_tests": tests} for name, tests in columns.items()],
    }
    sources = {"sources": [{"name": "raw", "schema": "main", "tables": [table]}]}
    files = {**FILES, "macros/tests.sql": "\n".join(macros), "models/sources.yml": json.dumps(sources, indent=1)}
    write_files(folder, files)


def _macro(form: str, name: str, **parts: str) -> str:
    column = "" if name in ("holds", "rows_within") else ", column_name"
    return form.format(name=name, column=column, **parts)


def _test(check: Asked) -> dict[str, Any]:
    return {TESTS.get(check.kind, check.kind): {"name": check.name, **_arguments(check)}}


def _arguments(check: Asked) -> dict[str, Any]:
    if check.kind in ("accepted", "forbidden"):
        return {"arguments": {"values": list(check.values)}}
    if check.kind in ("regex", "expression"):
        return {"arguments": {"pattern" if check.kind == "regex" else "expression": check.text}}
    if check.kind in ("not_null", "unique"):
        return {}
    low, high = (f"'{bound}'" if isinstance(bound, str) else bound for bound in (check.low, check.high))
    return {"arguments": {"low": low, "high": high}}
