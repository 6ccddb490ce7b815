"""Reads a project as dbt does: the same nodes, names, configuration, documentation, dependencies and SQL."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import duckdb
import pytest
import sqlglot
from sqlglot import exp

from dryland.engines.relation import Relation
from dryland.project.load import load_project
from dryland.project.nodes import Check
from dryland.project.project import Project
from postgres_server import Server
from real_dbt import DBT, dbt

ROOT = Path(__file__).parents[2]
EVERYTHING = ROOT / "tests" / "cases" / "project" / "everything"
BUILT_IN = ("not_null", "unique", "accepted_values", "relationships")
EXAMPLES = {name: ROOT / "examples" / name for name in ("segmentation", "flights")}
PROJECTS = {"everything": EVERYTHING, "on_postgres": EVERYTHING, **EXAMPLES}
SKIPPED = shutil.ignore_patterns("target", "logs", "shop", "*.duckdb*", "__pycache__", ".dryland")
ENVIRONMENT = {**os.environ, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "EVERYTHING_COUNTRY": "pt"}

pytestmark = [
    pytest.mark.dbt,
    pytest.mark.slow,
    pytest.mark.skipif(not DBT.exists(), reason=f"dbt is missing: there is no {DBT}"),
]


@pytest.fixture(scope="module", params=PROJECTS)
def both(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, postgres_server: Server
) -> tuple[Project, dict[str, Any]]:
    """Our project, and dbt's manifest of it."""
    root = tmp_path_factory.mktemp("project") / "copy"
    shutil.copytree(PROJECTS[request.param], root, ignore=SKIPPED)
    if request.param == "on_postgres":
        output = postgres_server.settings(postgres_server.new_database(), password="unused")
        (root / "profiles.yml").write_text(json.dumps({"everything": {"target": "dev", "outputs": {"dev": output}}}))
    ours = load_project(root, environment=ENVIRONMENT)
    if (root / "packages").is_dir():  # what `dbt deps` would do; ours reads local packages where they are
        shutil.copytree(root / "packages", root / "dbt_packages")
    verb = "compile" if PROJECTS[request.param] is EVERYTHING else "parse"
    done = dbt(root, verb, **ENVIRONMENT)
    assert done.returncode == 0, done.stdout
    return ours, json.loads((root / "target" / "manifest.json").read_text())


BY_ROWS = ("spine", "spine_days")  # they read no table, and use macros that we write otherwise


def theirs(manifest: dict[str, Any], *kinds: str) -> dict[str, dict[str, Any]]:
    return {uid: node for uid, node in manifest["nodes"].items() if node["resource_type"] in kinds}


def same(ours: Mapping[str, Any], said: Mapping[str, Any], *parts: Callable[[Any], Any]) -> None:
    """Each of ours and each of theirs give the same, looked at through a pair of functions."""
    look, look_there = parts
    assert {uid: look(each) for uid, each in ours.items()} == {uid: look_there(each) for uid, each in said.items()}


def test_the_same_nodes(both) -> None:
    project, manifest = both
    assert project.nodes.keys() == theirs(manifest, "model", "seed").keys()
    assert project.sources.keys() == manifest["sources"].keys()
    assert project.exposures.keys() == manifest["exposures"].keys()
    assert {f"group.{project.name}.{name}" for name in project.groups} == manifest["groups"].keys()
    same(project.nodes, theirs(manifest, "model", "seed"), lambda n: list(n.fqn), lambda n: n["fqn"])
    same(project.nodes, theirs(manifest, "model", "seed"), lambda n: n.package, lambda n: n["package_name"])


def test_the_same_names_in_the_warehouse(both) -> None:
    project, manifest = both
    nodes = {
        uid: node
        for uid, node in theirs(manifest, "model", "seed").items()
        if node["config"]["materialized"] != "ephemeral"
    }
    ours = {uid: node for uid, node in project.nodes.items() if uid in nodes}
    same(ours, nodes, lambda n: n.relation, lambda n: Relation(n["database"], n["schema"], n["alias"]))
    same(
        project.sources, manifest["sources"],
        lambda s: s.relation, lambda s: Relation(s["database"], s["schema"], s["identifier"]),
    )  # fmt: skip


def test_the_same_configuration(both) -> None:
    project, manifest = both
    nodes = theirs(manifest, "model", "seed")
    same(project.nodes, nodes, lambda n: n.materialized, lambda n: n["config"]["materialized"])
    same(project.nodes, nodes, lambda n: sorted(set(n.tags)), lambda n: sorted(set(n["config"]["tags"])))
    same(project.nodes, nodes, lambda n: dict(n.meta), lambda n: n["config"]["meta"])
    same(project.nodes, nodes, lambda n: n.version, lambda n: str(n.get("version") or ""))
    same(project.nodes, nodes, lambda n: n.group, lambda n: n.get("group") or "")
    same(project.nodes, nodes, lambda n: len(n.post_hooks), lambda n: len(n["config"]["post-hook"]))
    same(project.nodes, nodes, lambda n: len(n.pre_hooks), lambda n: len(n["config"]["pre-hook"]))
    same(
        project.nodes, nodes,
        lambda n: dict(n.config.get("column_types") or {}), lambda n: n["config"].get("column_types") or {},
    )  # fmt: skip
    same(
        project.nodes, nodes,
        lambda n: bool((n.config.get("contract") or {}).get("enforced")),
        lambda n: bool((n["config"].get("contract") or {}).get("enforced")),
    )  # fmt: skip
    models = {uid: node for uid, node in project.nodes.items() if node.kind == "model"}
    same(models, theirs(manifest, "model"), lambda n: n.access, lambda n: n["access"])
    same(models, theirs(manifest, "model"), lambda n: types(n.constraints), lambda n: types(n["constraints"]))


def types(constraints: Any) -> list[str]:
    return [each["type"] for each in constraints]


def test_the_same_sources(both) -> None:
    project, manifest = both
    sources = manifest["sources"]
    same(project.sources, sources, lambda s: s.description, lambda s: s["description"].strip())
    same(project.sources, sources, lambda s: sorted(set(s.tags)), lambda s: sorted(set(s["config"]["tags"])))
    same(project.sources, sources, lambda s: dict(s.meta), lambda s: s["config"]["meta"])
    same(project.sources, sources, lambda s: s.loaded_at_field, lambda s: s["loaded_at_field"] or "")
    same(
        project.sources, sources,
        lambda s: {c.name: c.description for c in s.columns},
        lambda s: {name: column["description"] for name, column in s["columns"].items()},
    )  # fmt: skip


def test_the_same_exposures(both) -> None:
    project, manifest = both
    exposures = manifest["exposures"]
    for key in ("type", "url"):
        same(project.exposures, exposures, lambda e, k=key: getattr(e, k), lambda e, k=key: e[k] or "")
    same(project.exposures, exposures, lambda e: e.description, lambda e: e["description"].strip())
    same(project.exposures, exposures, lambda e: e.owner.get("email"), lambda e: e["owner"].get("email"))
    same(project.exposures, exposures, lambda e: sorted(e.tags), lambda e: sorted(e["config"]["tags"]))
    same(project.exposures, exposures, lambda e: dict(e.meta), lambda e: e["config"]["meta"])
    same(project.exposures, exposures, lambda e: set(e.depends_on), lambda e: set(e["depends_on"]["nodes"]))


def test_the_same_documentation(both) -> None:
    project, manifest = both
    nodes = theirs(manifest, "model", "seed")
    same(project.nodes, nodes, lambda n: n.description, lambda n: n["description"].strip())
    same(
        project.nodes, nodes,
        lambda n: [(c.name, c.description, c.data_type, dict(c.meta), list(c.tags)) for c in n.columns],
        lambda n: [
            (c["name"], c["description"].strip(), c["data_type"] or "", c["config"]["meta"], c["config"]["tags"])
            for c in n["columns"].values()
        ],
    )  # fmt: skip


def test_the_same_dependencies(both) -> None:
    project, manifest = both
    models = {uid: node for uid, node in project.nodes.items() if node.kind == "model"}
    same(models, theirs(manifest, "model"), lambda n: set(n.depends_on), lambda n: set(n["depends_on"]["nodes"]))


def is_dbts(check: Check) -> bool:
    """Not one of `meta: {checks: [...]}`, over which dbt passes."""
    return bool(check.rendered) or (check.kind in BUILT_IN and "mostly" not in check.arguments)


def test_the_same_checks(both) -> None:
    project, manifest = both
    tests = {node["name"]: node for node in theirs(manifest, "test").values()}
    known = [check for check in project.checks.values() if is_dbts(check)]
    checks = {check.name: check for check in known}
    assert len(checks) == len(known)
    same(
        checks, tests,
        lambda c: (c.kind.rpartition(".")[2], c.column, "" if c.node in project.sources else c.node),
        lambda t: (
            (t.get("test_metadata") or {}).get("name", "singular"),
            t.get("column_name") or "",
            t.get("attached_node") or "",
        ),
    )  # fmt: skip
    same(
        checks, tests,
        lambda c: (c.severity, c.where, c.warn_if, c.error_if, c.limit, c.fail_calc, c.store_failures),
        lambda t: (
            t["config"]["severity"].lower(), t["config"]["where"] or "", t["config"]["warn_if"],
            t["config"]["error_if"], t["config"]["limit"], t["config"]["fail_calc"],
            bool(t["config"]["store_failures"]),
        ),
    )  # fmt: skip
    same(checks, tests, lambda c: set(c.tags), lambda t: set(t["config"]["tags"]))
    same(checks, tests, lambda c: dict(c.meta), lambda t: t["config"]["meta"])
    same(checks, tests, lambda c: c.description, lambda t: t["description"])
    same(checks, tests, lambda c: c.alias or c.name, lambda t: t["alias"])


def test_the_same_sql(both) -> None:
    """Compiled models and tests, parsed: whitespace and comments are nobody's business."""
    project, manifest = both
    nodes = [n for n in theirs(manifest, "model", "test").values() if n.get("compiled_code") and n["language"] == "sql"]
    checks = {check.name: check for check in project.checks.values()}
    for node in nodes:
        is_test = node["resource_type"] == "test"
        rendered = checks[node["name"]].rendered if is_test else project.nodes[node["unique_id"]].rendered
        if rendered is None:  # the four built-in checks are no text of their own
            continue
        if node["name"] in BY_ROWS:
            assert rows(rendered.sql) == rows(node["compiled_code"])
        else:
            assert query(rendered.sql) == query(node["compiled_code"]), node["unique_id"]


def rows(sql: str) -> list[Any]:
    return duckdb.sql(f"from ({sql}) order by all").fetchall()


def query(text: str) -> str:
    """The query in a form that only meaning decides; without the CTEs that dbt puts in front for ephemeral models."""
    tree = sqlglot.parse_one(text, dialect="duckdb")
    with_ = tree.args.get("with_") or tree.args.get("with")
    for cte in list(with_.expressions) if with_ else ():
        if cte.alias.startswith("__dbt__cte__"):
            cte.pop()
    if with_ and not with_.expressions:
        with_.pop()
    for alias in tree.find_all(exp.Subquery):
        if alias.alias == "dbt_subquery":
            alias.set("alias", None)
    while brackets := tree.find(exp.Paren):
        brackets.replace(brackets.this)
    for node in tree.walk():
        node.comments = None
    return repr(tree)  # which groups as the text did: our date arithmetic has brackets that dbt's leaves out
