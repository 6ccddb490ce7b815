"""dbt reads our artifacts as its own: the same nodes, the same values, and `state:modified` lists the same."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from real_dbt import DBT, PARSE, in_dbt

ROOT = Path(__file__).parents[2]
CASES = {
    "rich": ROOT / "tests" / "cases" / "artifacts" / "rich",
    "everything": ROOT / "tests" / "cases" / "project" / "everything",
}
ENVIRONMENT = {
    "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    "EVERYTHING_COUNTRY": "pt",
    "PATH": f"{DBT.parent}{os.pathsep}{os.environ.get('PATH', '')}",
}
SKIPPED = shutil.ignore_patterns("target", "logs", "*.duckdb*", "__pycache__", ".dryland", "dbt_packages")

pytestmark = [
    pytest.mark.dbt,
    pytest.mark.slow,
    pytest.mark.skipif(not DBT.exists(), reason=f"dbt is missing: there is no {DBT}"),
]

READ = """
import json, sys
from dbt.artifacts.schemas.catalog import CatalogArtifact
from dbt.artifacts.schemas.freshness import FreshnessExecutionResultArtifact
from dbt.artifacts.schemas.run import RunResultsArtifact
from dbt.contracts.graph.manifest import WritableManifest

KINDS = {"manifest": WritableManifest, "run_results": RunResultsArtifact, "catalog": CatalogArtifact,
         "sources": FreshnessExecutionResultArtifact}
for name in sys.argv[1:]:
    path = f"target/{name}.json"
    KINDS[name].read_and_check_versions(path)
    if name != "manifest":
        KINDS[name].validate(json.load(open(path)))
"""

LIST = """
import json, sys
from dbt.cli.main import dbtRunner

found = {}
for state in ("ours", "theirs"):
    for selector in sys.argv[1:]:
        done = dbtRunner().invoke(["--quiet", "ls", "--select", selector, "--state", state])
        assert done.success, done.exception
        found.setdefault(selector, {})[state] = sorted(done.result)
json.dump(found, open("listed.json", "w"))
"""


@pytest.fixture(scope="module")
def made(workspace_at: Callable[[Path], Any], tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Any]:
    """A project with its sources, our artifacts in `ours`, and dbt's manifest in `theirs`; made once for each."""
    done: dict[str, Any] = {}

    def make(name: str) -> Any:
        if name not in done:
            root = tmp_path_factory.mktemp(name) / "copy"
            shutil.copytree(CASES[name], root, ignore=SKIPPED)
            workspace = workspace_at(root)
            if (root / "packages").is_dir():
                shutil.copytree(root / "packages", root / "dbt_packages")
            if name == "rich":
                columns = "1 as id, 'Ana' as \"Full Name\", now() as loaded"
                workspace.arrives(
                    "create schema crm", f"create table crm.customers as select {columns}", warehouse="rich.duckdb"
                )
            workspace.dryland("artifacts", **ENVIRONMENT)
            (root / "target").rename(root / "ours")
            in_dbt(root, PARSE, environment=ENVIRONMENT)
            (root / "theirs").mkdir()
            shutil.copy(root / "target" / "manifest.json", root / "theirs")
            done[name] = workspace
        return done[name]

    return make


TIMES = {"created_at", "root_path"}
COMPILED = {"compiled", "compiled_code", "compiled_path", "extra_ctes", "extra_ctes_injected"}  # dbt parsed only
SETS = {"tags", "refs", "sources"}  # dbt's order is that of its files


def comparable(node: dict[str, Any]) -> dict[str, Any]:
    """What must be equal: everything but times, paths of the machine, order where it says nothing, and the SQL."""
    found = {key: value for key, value in node.items() if key not in TIMES | COMPILED}
    for key in SETS & found.keys():
        found[key] = sorted({json.dumps(each, sort_keys=True) for each in found[key]})
    for key in ("config", "unrendered_config"):
        if isinstance(found.get(key, {}).get("tags"), list):
            found[key] = {**found[key], "tags": sorted(set(found[key]["tags"]))}
    if "depends_on" in found:
        found["depends_on"] = sorted(found["depends_on"].get("nodes", ()))  # dbt does not see through its own macros
    return found


def members(listed: dict[str, list[str]]) -> dict[str, list[str]]:
    return {key: sorted(found) for key, found in listed.items()}


@pytest.mark.parametrize("name", CASES)
def test_dbt_writes_the_same_manifest(made, name) -> None:
    root = made(name).root
    ours = json.loads((root / "ours" / "manifest.json").read_text())
    theirs = json.loads((root / "theirs" / "manifest.json").read_text())
    assert ours.keys() == theirs.keys()
    for section in ("nodes", "sources", "exposures", "unit_tests"):
        assert ours[section].keys() == theirs[section].keys()
        for uid, node in theirs[section].items():
            assert comparable(ours[section][uid]) == comparable(node), uid
    for section in ("parent_map", "child_map", "group_map"):
        assert members(ours[section]) == members(theirs[section])
    assert {uid for uid in theirs["disabled"] if not uid.startswith("source.")} == ours["disabled"].keys()
    assert {uid: macro["macro_sql"] for uid, macro in ours["macros"].items()} == {
        uid: macro["macro_sql"] for uid, macro in theirs["macros"].items()
    }
    theirs["docs"].pop("doc.dbt.__overview__")
    assert ours["docs"] == theirs["docs"]
    assert ours["groups"].keys() == theirs["groups"].keys()


def test_dbt_reads_every_file(made) -> None:
    workspace = made("rich")
    workspace.dryland("apply", "--yes", **ENVIRONMENT)
    in_dbt(workspace.root, READ, "manifest", "run_results", environment=ENVIRONMENT)
    workspace.dryland("check", **ENVIRONMENT)
    workspace.dryland("artifacts", **ENVIRONMENT)
    in_dbt(workspace.root, READ, "manifest", "run_results", "catalog", environment=ENVIRONMENT)


@pytest.mark.parametrize("name", CASES)
def test_an_unchanged_project_has_nothing_modified(made, name) -> None:
    root = made(name).root
    in_dbt(root, LIST, "state:modified", environment=ENVIRONMENT)
    assert json.loads((root / "listed.json").read_text()) == {"state:modified": {"ours": [], "theirs": []}}


EDITS = {
    "a model": ("models/marts/orders.sql", "order_id, customer_id", "order_id, customer_id, 1 as one"),
    "a macro": ("macros/m.sql", "* 100", "* 1000"),
    "the macro of a test": ("macros/m.sql", "<= {{ value }}", "< {{ value }}"),
    "a seed": ("seeds/raw_orders.csv", "20.50", "21.50"),
    "a test": ("models/schema.yml", 'where: "cents > 0"', 'where: "cents > 1"'),
    "a configuration of the project": ("dbt_project.yml", "+schema: marts", "+schema: shelves"),
    "a configuration in YAML": ("models/schema.yml", "node_color: \"#cd7f32\"", "node_color: \"#000000\""),
    "a contract": ("models/schema.yml", "{name: name, data_type: varchar}", "{name: name, data_type: text}"),
    "a snapshot": ("snapshots/s.yml", "strategy: check", "hard_deletes: invalidate, strategy: check"),
    "a description that is persisted": ("models/d.md", "What was", "What is"),
    "a source": ("models/schema.yml", "count: 48", "count: 47"),
    "a unit test": ("models/schema.yml", "name: Ana, orders: 1}", "name: Ana, orders: 2}"),
    "an exposure": ("models/schema.yml", "maturity: low", "maturity: high"),
    "the latest version": ("models/marts/sizes.yml", "latest_version: 2", "latest_version: 1"),
}  # fmt: skip


@pytest.mark.parametrize("what", EDITS)
def test_what_is_modified_is_the_same_for_dbt(made, what) -> None:
    workspace = made("rich")
    path, old, new = EDITS[what]
    before = (workspace.root / path).read_text()
    workspace.edit(path, old, new)
    try:
        in_dbt(workspace.root, LIST, "state:modified", environment=ENVIRONMENT)
    finally:
        (workspace.root / path).write_text(before)
    listed = json.loads((workspace.root / "listed.json").read_text())["state:modified"]
    assert listed["ours"] == listed["theirs"]
    assert listed["ours"] or what == "a configuration in YAML"


def test_dbt_finds_what_failed(made) -> None:
    workspace = made("rich")
    workspace.edit("models/marts/sizes_v1.sql", "1 as size", "cast('x' || 'y' as integer) as size")
    workspace.dryland("apply", "--yes", code=3, **ENVIRONMENT)
    workspace.edit("models/marts/sizes_v1.sql", "cast('x' || 'y' as integer) as size", "1 as size")
    for state in ("ours", "theirs"):
        shutil.copy(workspace.root / "target" / "run_results.json", workspace.root / state)
    in_dbt(workspace.root, LIST, "result:error", "result:success", "result:skipped", environment=ENVIRONMENT)
    listed = json.loads((workspace.root / "listed.json").read_text())
    assert "rich.marts.sizes.v1" in listed["result:error"]["ours"]  # and its tests with it
    assert "rich.marts.orders" not in listed["result:error"]["ours"]
    assert "rich.marts.sizes.v2" in listed["result:skipped"]["ours"]
    assert "rich.marts.orders" in listed["result:success"]["ours"]
