"""Prepares the demo's project, released and with a day that has arrived, and sets it back for every fault."""

from __future__ import annotations

import importlib
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from dryland.cli.demo import scene
from dryland.platform import Platform
from faulty.fault import DAY, ORDINARY_DAYS, UNTIL, Edit

Content = dict[str, tuple[int, str]]  # dataset -> rows and content hash, as readers see it
CUSTOMERS, ORDERS = 4_000, 80_000  # the smallest shop in which one ordinary day does not differ too much from the next


@dataclass(frozen=True, slots=True)
class Stage:
    """A folder with two projects that are never touched, and what readers see before and after an ordinary day.

    In `released` readers see the last day. In `arrived` the next one stands in the schema `raw`, and is right.
    """

    folder: Path
    before: Content
    fresh: Content

    def set_for(self, *, has_arrived: bool) -> Path:
        """The project as it was, to be spoiled: one copy for every process."""
        root = self.folder / f"play-{os.getpid()}"
        shutil.rmtree(root, ignore_errors=True)
        shutil.copytree(self.folder / ("arrived" if has_arrived else "released"), root)
        return root


def prepare(folder: Path, *, customers: int = CUSTOMERS, orders: int = ORDERS) -> Stage:
    """Make the world, release the demo's project, play ordinary days, and let one more day arrive."""
    os.environ["DRYLAND_CACHE"] = str(folder / "kept")
    released, arrived, shop = folder / "released", folder / "arrived", folder / "shop"
    scene(released)
    world = _world(released)
    world.generate.generate(shop, customers=customers, orders=orders, until=UNTIL)
    world.ingest.ingest(shop, released / "warehouse.duckdb")
    _move(released, "apply")
    for _ in range(ORDINARY_DAYS):
        _next_day(world, shop, released)
        _move(released, "run")
    shutil.copytree(released, arrived)
    _next_day(world, shop, arrived)
    assert world.generate.today(shop).isoformat() == DAY
    stage = Stage(folder, {}, {})
    fresh = stage.set_for(has_arrived=True)
    _move(fresh, "run")
    return Stage(folder, content_of(released), content_of(fresh))


def content_of(root: Path) -> Content:
    """What readers of a project's warehouse see, measured now."""
    with opened(root) as platform:
        return platform.content()


@contextmanager
def opened(root: Path) -> Iterator[Platform]:
    """A project, ready to be planned and released."""
    with Platform.open(root) as platform:
        yield platform


def spoil_data(root: Path, statements: tuple[str, ...]) -> None:
    """Do what goes wrong with the data, as whoever fills the schema `raw`."""
    with duckdb.connect(str(root / "warehouse.duckdb")) as connection:
        for statement in statements:
            connection.execute(statement)


def spoil_code(root: Path, edit: Edit) -> None:
    """Do what goes wrong with the code."""
    path = root / edit.path
    text = path.read_text()
    assert edit.old in text, f"{edit.path} has no {edit.old!r}"
    path.write_text(text.replace(edit.old, edit.new, 1))


def _move(root: Path, verb: Any) -> None:
    with opened(root) as platform:
        outcome = platform.apply(platform.plan(verb=verb))
    assert outcome.status == "published", f"{verb}: {outcome.status} {outcome.error} {dict(outcome.blocked)}"


def _next_day(world: Any, shop: Path, root: Path) -> None:
    world.generate.advance(shop)
    world.ingest.ingest(shop, root / "warehouse.duckdb")


def _world(root: Path) -> Any:
    """The example's own scripts."""
    sys.path.insert(0, str(root))
    try:
        return importlib.import_module("world")
    finally:
        sys.path.remove(str(root))
