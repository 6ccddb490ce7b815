"""The house stands as ARCHITECTURE.md draws it, and what is shipped is whole."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = sorted((ROOT / "src" / "dryland").rglob("*.py"))
WRITTEN = list(ROOT.glob("*.md")) + sorted((ROOT / "docs").rglob("*.md"))


def test_map_and_layers_have_every_room() -> None:
    """A room that they do not list would be one that nobody finds, and nobody guards."""
    house = ROOT / "src" / "dryland"
    rooms = {path.name for path in house.iterdir()} - {"__init__.py", "__main__.py", "__pycache__"}
    tree = ast.parse((ROOT / "tools" / "map.py").read_text())
    (journey,) = (each.value for each in tree.body if ast.unparse(each).startswith("JOURNEY"))
    layers = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"][0]["layers"]
    assert sorted(ast.literal_eval(journey)) == sorted(rooms), "each is there once"
    assert {*layers} == {f"dryland.{name.removesuffix('.py')}" for name in rooms}


def test_the_code_map_is_the_code() -> None:
    """`make map` writes it; somebody new finds their room by it."""
    done = subprocess.run(
        [sys.executable, "tools/map.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_imports_point_down_the_house() -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Contracts: 6 kept, 0 broken." in done.stdout, done.stdout


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT / "src")))
def test_every_module_says_what_it_does(path: Path) -> None:
    """The first line of the docstring completes `This file ...`."""
    said = ast.get_docstring(ast.parse(path.read_text())) or ""
    first = said.splitlines()[0] if said else ""
    assert re.match(r"[A-Z`].*\.$|[A-Z`].*:.*\.$", first), f"{path}: {first!r}"


def test_what_is_written_stands_on_its_own() -> None:
    assert WRITTEN
    for path in WRITTEN:
        assert "../shared" not in path.read_text(), path


def test_make_alone_lists_every_target() -> None:
    done = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True)
    for target in ("demo", "test", "test-fast", "check", "bench", "map"):
        assert re.search(rf"^  make {target} +\S", done.stdout, re.MULTILINE), target


@pytest.mark.slow
def test_the_wheel_brings_its_macros_and_examples(tmp_path: Path) -> None:
    """`pip install dryland` is enough for `dryland demo`."""
    uv = Path(sys.executable).with_name("uv")
    command = [uv, "build", "--offline", "--no-build-isolation", "--quiet", "--out-dir", tmp_path, ROOT]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    names = set(zipfile.ZipFile(next(tmp_path.glob("*.whl"))).namelist())
    assert "dryland/project/macros/dates.sql" in names
    assert "dryland/examples/segmentation/dbt_project.yml" in names
    assert "dryland/examples/flights/load.py" in names
    played_in = [name for name in names if re.search(r"\.duckdb|/target/|__pycache__|\.dryland/|operational\.db", name)]
    assert not played_in
    with tarfile.open(next(tmp_path.glob("*.tar.gz"))) as archive:
        assert any(name.endswith("/LICENSE") for name in archive.getnames())
