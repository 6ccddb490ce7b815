"""What templates can use gives the same text, and the same values in YAML, as under dbt, for every warehouse."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from dryland.project.load import load_project
from dryland.project.project import Project
from postgres_server import Server
from real_dbt import DBT, dbt

CASES = Path(__file__).parent / "cross_database"
ENVIRONMENT = {
    **os.environ, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "CONTEXT_SET": "set", "CONTEXT_NUMBER": "41",
}  # fmt: skip
VARS = "{text: hello, number: 3, list: [1, two], map: {a: b}, nothing: null, flag: true}"
OUTPUT = {"type": "duckdb", "path": "warehouse.duckdb", "schema": "main", "threads": 1}
FILES = {
    "dbt_project.yml": f"name: context_macros\nprofile: c\nvars: {VARS}\nmodels: {{+materialized: table}}\n",
    "packages.yml": "packages: [{local: packages/helped}]\n",
    "packages/helped/dbt_project.yml": "name: helped\n",
    "packages/helped/macros/own.sql": (CASES / "context_package.sql").read_text(),
    "macros/own.sql": (CASES / "context_macros.sql").read_text(),
    "models/valued.sql": "select 1 as n\n",
}
NOT_YET = {"{{ metric is defined }}", "{{ function is defined }}"}
VALUES = {
    "text": "{{ '12' }}",
    "number": "{{ 12 }}",
    "as_number": "{{ env_var('CONTEXT_NUMBER') | as_number }}",
    "as_native": "{{ '[1, 2]' | as_native }}",
    "as_bool": "{{ 'True' | as_bool }}",
    "as_text": "{{ 12 | as_text }}",
    "in_words": "n is {{ '012' | as_number }} and {{ 'true' | as_bool }}",
    "truth": "{{ 1 < 2 }}",
    "list": "{{ [1, 'a'] }}",
    "from_json": "{{ fromjson('{\"a\": [1]}') }}",
    "var": "{{ var('list') }}",
    "none": "{{ none }}",
    "target": "{{ target.name }}-{{ target.schema }}",
    "default": "{{ var('unset', 'x') }}",
    "conditional": "{% if target.name == 'dev' %}development{% else %}other{% endif %}",
    "date": "{{ modules.datetime.date(2024, 2, 29).strftime('%Y') }}",
    "plain": "no jinja",
}

pytestmark = [
    pytest.mark.filterwarnings(
        "ignore:invalid escape sequence:DeprecationWarning"
    ),  # people write '\\d' as they would in dbt
    pytest.mark.dbt,
    pytest.mark.slow,
    pytest.mark.skipif(not DBT.exists(), reason=f"dbt is missing: there is no {DBT}"),
]


def templates() -> list[str]:
    """The cases: a line each, and what follows it after `|`."""
    found: list[str] = []
    for line in (CASES / "context.txt").read_text().splitlines():
        if line.startswith("|"):
            found[-1] += "\n" + line[1:]
        elif line and not line.startswith("# "):
            found.append(line)
    return found


def write(root: Path, path: str, text: str) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text)


@pytest.fixture(scope="module", params=["duckdb", "postgres"])
def both(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, postgres_server: Server
) -> tuple[Project, dict[str, Any]]:
    """Our project, and dbt's nodes of it."""
    root = tmp_path_factory.mktemp("context")
    is_here = request.param == "duckdb"
    output = OUTPUT if is_here else postgres_server.settings(postgres_server.new_database(), password="unused")
    write(root, "profiles.yml", json.dumps({"c": {"target": "dev", "outputs": {"dev": output}}}))
    for path, text in FILES.items():
        write(root, path, text)
    for number, template in enumerate(templates()):
        write(root, f"models/m{number:03}.sql", template + "\n")
    meta = {"models": [{"name": "valued", "config": {"meta": VALUES}}]}
    write(root, "models/valued.yml", json.dumps(meta))
    ours = load_project(root, environment=ENVIRONMENT)
    (root / "dbt_packages").symlink_to(root / "packages")  # what `dbt deps` would do
    done = dbt(root, "compile", **ENVIRONMENT)
    assert done.returncode == 0, done.stdout
    return ours, json.loads((root / "target" / "manifest.json").read_text())["nodes"]


CASES_KNOWN = [
    pytest.param(number, template, id=template, marks=[pytest.mark.xfail(strict=True)] if template in NOT_YET else [])
    for number, template in enumerate(templates())
]


@pytest.mark.parametrize(("number", "template"), CASES_KNOWN)
def test_a_template_says_what_it_says_under_dbt(both, number: int, template: str) -> None:
    """But for the lines at its end, which are nobody's business."""
    ours, theirs = both
    name = f"model.context_macros.m{number:03}"
    rendered = ours.nodes[name].rendered
    assert rendered is not None
    assert rendered.sql.rstrip("\n") == theirs[name]["compiled_code"].rstrip("\n")


@pytest.mark.parametrize("key", VALUES)
def test_a_value_of_yaml_is_what_it_is_under_dbt(both, key: str) -> None:
    ours, theirs = both
    name = "model.context_macros.valued"
    assert ours.nodes[name].meta[key] == theirs[name]["config"]["meta"][key]
