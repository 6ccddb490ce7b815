"""Reads a project as dbt does: the same nodes, names, configuration, documentation, dependencies and SQL."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import sqlglot

from dryland.project.load import load_project
from dryland.project.nodes import Project

ROOT = Path(__file__).parents[2]
DBT = Path(os.environ.get("DRYLAND_DBT", ROOT / ".venv-dbt" / "bin" / "dbt"))
EVERYTHING = ROOT / "tests" / "cases" / "project" / "everything"
PROJECTS = {"everything": EVERYTHING, **{name: ROOT / "examples" / name for name in ("segmentation", "flights")}}
SKIPPED = shutil.ignore_patterns("target", "logs", "shop", "*.duckdb*", "__pycache__", ".dryland")
ENVIRONMENT = {**os.environ, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "EVERYTHING_COUNTRY": "pt"}

pytestmark = [
    pytest.mark.dbt,
    pytest.mark.slow,
    pytest.mark.skipif(not DBT.exists(), reason=f"dbt is missing: there is no {DBT}"),
]


@pytest.fixture(scope="module", params=PROJECTS)
def both(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, dict[str, Any]]:
    """Our project, and dbt's manifest of it."""
    root = tmp_path_factory.mktemp("project") / "copy"
    shutil.copytree(PROJECTS[request.param], root, ignore=SKIPPED)
    verb = "compile" if request.param == "everything" else "parse"
    done = subprocess.run(
        [DBT, "--no-version-check", verb], cwd=root, env=ENVIRONMENT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    manifest = json.loads((root / "target" / "manifest.json").read_text())
    return load_project(root, environment=ENVIRONMENT), manifest


def theirs(manifest: dict[str, Any], *kinds: str) -> dict[str, dict[str, Any]]:
    return {uid: node for uid, node in manifest["nodes"].items() if node["resource_type"] in kinds}


def test_the_same_nodes(both) -> None:
    project, manifest = both
    assert project.nodes.keys() == theirs(manifest, "model", "seed").keys()
    assert project.sources.keys() == manifest["sources"].keys()
    assert project.exposures.keys() == manifest["exposures"].keys()


def test_the_same_names_in_the_warehouse(both) -> None:
    project, manifest = both
    nodes = {
        uid: node
        for uid, node in theirs(manifest, "model", "seed").items()
        if node["config"]["materialized"] != "ephemeral"
    }
    assert {
        uid: (n.relation.database, n.relation.schema, n.relation.name)
        for uid, n in project.nodes.items()
        if uid in nodes
    } == {uid: (n["database"], n["schema"], n["alias"]) for uid, n in nodes.items()}
    assert {uid: (s.relation.schema, s.relation.name) for uid, s in project.sources.items()} == {
        uid: (s["schema"], s["identifier"]) for uid, s in manifest["sources"].items()
    }


def test_the_same_configuration(both) -> None:
    project, manifest = both
    nodes = theirs(manifest, "model", "seed")
    assert {uid: n.materialized for uid, n in project.nodes.items()} == {
        uid: n["config"]["materialized"] for uid, n in nodes.items()
    }
    assert {uid: sorted(n.tags) for uid, n in project.nodes.items()} == {
        uid: sorted(n["config"]["tags"]) for uid, n in nodes.items()
    }
    assert {uid: dict(n.meta) for uid, n in project.nodes.items()} == {
        uid: n["config"]["meta"] for uid, n in nodes.items()
    }
    assert {uid: n.version for uid, n in project.nodes.items()} == {
        uid: str(n.get("version") or "") for uid, n in nodes.items()
    }


def test_the_same_documentation(both) -> None:
    project, manifest = both
    nodes = theirs(manifest, "model", "seed")
    assert {uid: n.description.strip() for uid, n in project.nodes.items()} == {
        uid: n["description"].strip() for uid, n in nodes.items()
    }
    assert {uid: {c.name: c.description.strip() for c in n.columns} for uid, n in project.nodes.items()} == {
        uid: {c["name"]: c["description"].strip() for c in n["columns"].values()} for uid, n in nodes.items()
    }


def test_the_same_dependencies(both) -> None:
    project, manifest = both
    nodes = theirs(manifest, "model")
    assert {uid: set(n.depends_on) for uid, n in project.nodes.items() if n.kind == "model"} == {
        uid: set(n["depends_on"]["nodes"]) for uid, n in nodes.items()
    }
    assert {uid: set(e.depends_on) for uid, e in project.exposures.items()} == {
        uid: set(e["depends_on"]["nodes"]) for uid, e in manifest["exposures"].items()
    }


def test_the_same_checks(both) -> None:
    project, manifest = both
    tests = theirs(manifest, "test")
    assert sorted(check.name for check in project.checks.values()) == sorted(n["name"] for n in tests.values())
    ours = {check.name: (check.severity.lower(), check.column, check.where) for check in project.checks.values()}
    assert ours == {
        n["name"]: (n["config"]["severity"].lower(), n.get("column_name") or "", n["config"]["where"] or "")
        for n in tests.values()
    }


def test_the_same_sql(both) -> None:
    """Compiled models, parsed: whitespace and comments are nobody's business."""
    project, manifest = both
    compiled = {
        uid: n["compiled_code"]
        for uid, n in theirs(manifest, "model").items()
        if n.get("compiled_code") and n["language"] == "sql"
    }
    for uid, text in compiled.items():
        rendered = project.nodes[uid].rendered.sql
        if "__dbt__cte__" in text:  # dbt puts the ephemeral model's query in front; ours is put there when it is built
            continue
        assert sqlglot.parse_one(rendered, dialect="duckdb").sql("duckdb", comments=False) == sqlglot.parse_one(
            text, dialect="duckdb"
        ).sql("duckdb", comments=False), uid
