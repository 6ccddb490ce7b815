"""Plays the story of a shop's customer segmentation: real data, real dbt project, real trouble."""

from __future__ import annotations

import importlib
import importlib.util
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import click

from dryland.errors import UsageError

PLAYED_IN = (  # what somebody who played in the example itself leaves there
    "__pycache__", "*.duckdb*", "target", "logs", ".dryland", "shop", "operational.db",
    "notifications.jsonl", ".user.yml",
)  # fmt: skip
NEEDS = ("dlt", "sklearn", "pandas", "pyarrow")


@click.command(help="Play the whole story on a shop's data: release, refuse, refresh, roll back.")
@click.option("--dir", "folder", type=click.Path(path_type=Path, file_okay=False), help="Keep the project here.")
@click.option("--customers", default=22_000, show_default=True, help="How many customers the shop has.")
@click.option("--orders", default=420_000, show_default=True, help="How many orders in two years.")
def demo(folder: Path | None, customers: int, orders: int) -> None:
    """Set the scene, play it, and leave the project when asked to."""
    missing = [name for name in NEEDS if importlib.util.find_spec(name) is None]
    if missing:
        raise UsageError(
            f"the demo needs {', '.join(missing)}, which this Python does not have.",
            hint="pip install 'dryland[demo]', or `make demo` in a checkout.",
        )
    with_folder(folder, customers, orders)


def with_folder(folder: Path | None, customers: int, orders: int) -> None:
    """Play in `folder`, or in a temporary one that is gone afterwards."""
    from dryland.cli.demo_story import Story

    if folder is None:
        with tempfile.TemporaryDirectory(prefix="dryland-demo-") as name:
            root = Path(name) / "segmentation"
            Story(scene(root), kept=False).play(customers, orders)
        return
    if folder.exists() and any(folder.iterdir()):
        raise UsageError(f"{folder} is not empty.", hint="name a new folder: dryland demo --dir my-demo")
    Story(scene(folder), kept=True).play(customers, orders)


def scene(root: Path) -> Path:
    """Copy the example project to `root`."""
    source = examples_folder() / "segmentation"
    shutil.copytree(source, root, ignore=shutil.ignore_patterns(*PLAYED_IN))
    return root.resolve()


def examples_folder() -> Path:
    """Where the examples are: inside the installed package, or beside `src` in a checkout."""
    import dryland

    here = Path(dryland.__file__).parent
    for candidate in (here / "examples", here.parent.parent / "examples"):
        if (candidate / "segmentation" / "dbt_project.yml").exists():
            return candidate
    raise UsageError("this installation came without its examples.", hint="install Dryland again, or use a checkout.")


def world(root: Path) -> Any:
    """The example's own scripts, imported from the copy in `root`."""
    sys.path.insert(0, str(root))
    try:
        for name in [name for name in sys.modules if name == "world" or name.startswith("world.")]:
            del sys.modules[name]
        return importlib.import_module("world")
    finally:
        sys.path.remove(str(root))


class Clock:
    """Seconds since the last question."""

    def __init__(self) -> None:
        self._at = time.monotonic()

    def lap(self) -> float:
        """Seconds since the last lap."""
        now = time.monotonic()
        spent, self._at = now - self._at, now
        return spent
