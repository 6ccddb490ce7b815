"""Gives the tests of the examples a small world, copies of the projects, and the real dbt."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from real_dbt import DBT, dbt

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
NOT_PART_OF_A_PROJECT = shutil.ignore_patterns("target", "logs", "shop", "*.duckdb*", "__pycache__", ".dryland")

sys.path[:0] = [str(EXAMPLES / "segmentation"), str(EXAMPLES / "flights")]

DbtBuild = Callable[[Path], dict[str, tuple[str, int | None]]]


@pytest.fixture(scope="session")
def small_world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A world of 4,000 customers and 80,000 orders; copy it before you change it."""
    pytest.importorskip("numpy", reason="the demo extra is not installed: numpy is missing")
    from world.generate import generate

    folder = tmp_path_factory.mktemp("world") / "shop"
    generate(folder, customers=4_000, orders=80_000)
    return folder


@pytest.fixture
def world_copy(small_world: Path, tmp_path: Path) -> Path:
    """A small world of the test's own."""
    return Path(shutil.copytree(small_world, tmp_path / "shop"))


@pytest.fixture(scope="session")
def released_once(small_world: Path, tmp_path_factory: pytest.TempPathFactory, workspace_at) -> Path:
    """The project, ingested and released; copied for every test."""
    from world.ingest import ingest

    folder = tmp_path_factory.mktemp("released") / "project"
    root = Path(shutil.copytree(EXAMPLES / "segmentation", folder, ignore=NOT_PART_OF_A_PROJECT))
    shutil.copytree(small_world, root / "shop")
    ingest(root / "shop", root / "warehouse.duckdb")
    workspace_at(root).process("apply", "--yes", "-m", "first")
    return root


@pytest.fixture
def segmentation(tmp_path: Path) -> Path:
    """A copy of the segmentation project, without a warehouse."""
    return Path(shutil.copytree(EXAMPLES / "segmentation", tmp_path / "project", ignore=NOT_PART_OF_A_PROJECT))


@pytest.fixture
def flights(tmp_path: Path) -> Path:
    """A copy of the flights project, without a warehouse."""
    return Path(shutil.copytree(EXAMPLES / "flights", tmp_path / "project", ignore=NOT_PART_OF_A_PROJECT))


@pytest.fixture
def dbt_build() -> DbtBuild:
    """Runs `dbt build` on a project and returns the status and the failures of each node and test, by name."""
    if not DBT.exists():
        pytest.skip(f"dbt is missing: there is no {DBT}; set DRYLAND_DBT to one with dbt-duckdb and scikit-learn")

    def build(project: Path) -> dict[str, tuple[str, int | None]]:
        done = dbt(project, "build", "--show-all-deprecations", NO_COLOR="1")
        assert "Deprecated" not in done.stdout, done.stdout
        assert done.returncode in (0, 1), done.stdout + done.stderr
        results = json.loads((project / "target" / "run_results.json").read_text())["results"]
        return {_name(result["unique_id"]): (result["status"], result["failures"]) for result in results}

    return build


def _name(unique_id: str) -> str:
    return unique_id.split(".")[2]
