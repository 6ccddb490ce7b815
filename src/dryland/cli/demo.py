"""`dryland demo`: release, refuse, refresh and roll back, played on the data of a shop."""

from __future__ import annotations

import importlib.util
import shutil
import sys
import tempfile
from pathlib import Path

import click

from dryland.errors import UsageError

PLAYED_IN = (  # what somebody who played in the example itself leaves there
    "__pycache__", "*.duckdb*", "target", "logs", ".dryland", "shop", "operational.db",
    "notifications.jsonl", "alerts.jsonl", ".user.yml",
)  # fmt: skip
LEAST_CUSTOMERS, LEAST_ORDERS = 6_000, 120_000  # of a smaller shop the days differ too much for its own checks
CUSTOMERS, ORDERS = "How many customers the shop has.", "How many orders in two years."
NEEDS = ("dlt", "sklearn", "pandas", "pyarrow")


@click.command(help="Play the whole story on a shop's data: release, refuse, refresh, roll back.")
@click.option("--dir", "folder", type=click.Path(path_type=Path, file_okay=False), help="Keep the project here.")
@click.option("--customers", type=click.IntRange(LEAST_CUSTOMERS), default=22_000, show_default=True, help=CUSTOMERS)
@click.option("--orders", type=click.IntRange(LEAST_ORDERS), default=420_000, show_default=True, help=ORDERS)
@click.option("--portal/--no-portal", default=None, help="End in the portal, until Ctrl-C; at a terminal unless told.")
def demo(folder: Path | None, customers: int, orders: int, portal: bool | None) -> None:
    """Set the scene, play it, and leave the project when asked to."""
    from dryland.cli.portal import missing_for_portal

    missing = [name for name in NEEDS if importlib.util.find_spec(name) is None]
    if missing:
        raise UsageError(
            f"the demo needs {', '.join(missing)}, which this Python does not have.",
            hint="pip install 'dryland[demo]', or `make demo` in a checkout.",
        )
    serves = sys.stdout.isatty() and not missing_for_portal() if portal is None else portal
    play_in(folder, customers, orders, serves=serves)


def play_in(folder: Path | None, customers: int, orders: int, *, serves: bool = False) -> None:
    """Play in `folder`, or in a temporary one that is gone afterwards; `serves`: end in the portal."""
    from dryland.cli.demo_story import Story

    if folder is None:
        with tempfile.TemporaryDirectory(prefix="dryland-demo-") as name:
            root = Path(name) / "segmentation"
            Story(scene(root), kept=False, serves=serves).play(customers, orders)
        return
    if folder.exists() and any(folder.iterdir()):
        raise UsageError(f"{folder} is not empty.", hint="name a new folder: dryland demo --dir my-demo")
    Story(scene(folder), kept=True, serves=serves).play(customers, orders)


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
