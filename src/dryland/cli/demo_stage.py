"""Sets the stage of the demo: the shop's world, the platform over its project, and edits that are taken back."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dryland.cli.demo_telling import doing
from dryland.cli.progress import Lines
from dryland.platform import Platform
from dryland.release.outcome import Outcome
from dryland.values import dataclass


@dataclass(frozen=True, slots=True)
class Stage:
    """The demo's project in its folder, and what can be done there."""

    root: Path
    world: Any  # the example's own scripts

    @staticmethod
    def of(root: Path) -> Stage:
        """The stage in `root`, where a copy of the example is."""
        return Stage(root, world_of(root))

    @property
    def shop(self) -> Path:
        """The folder that the shop's systems write to."""
        return self.root / "shop"

    @contextmanager
    def platform(self) -> Iterator[Platform]:
        """The platform, with its progress shown on a terminal."""
        with Platform.open(self.root, progress=Lines(quiet=not sys.stderr.isatty())) as platform:
            yield platform

    def run(self) -> Outcome:
        """Refresh what is downstream of data that moved."""
        with self.platform() as platform:
            return platform.apply(platform.plan(verb="run"))

    def ingest(self) -> int:
        """Bring in what the shop has delivered, and say how many rows that were."""
        with doing("ingesting what is new with dlt"):
            ingested = self.world.ingest.ingest(self.shop, self.root / "warehouse.duckdb")
        return sum(ingested.rows.values())

    def seen(self) -> dict[str, tuple[Any, ...]]:
        """Order-independent content of every dataset, as readers see it."""
        with self.platform() as platform:
            return platform.content()

    @contextmanager
    def edited(self, path: str, old: str, new: str) -> Iterator[None]:
        """Have `new` where a file of the project says `old`, for as long as this lasts."""
        file = self.root / path
        text = file.read_text()
        assert old in text, f"{file} has no {old!r}"
        file.write_text(text.replace(old, new, 1))
        try:
            yield
        finally:
            file.write_text(text)


def world_of(root: Path) -> Any:
    """The example's own scripts, imported from the copy in `root`."""
    sys.path.insert(0, str(root))
    try:
        for name in [name for name in sys.modules if name == "world" or name.startswith("world.")]:
            del sys.modules[name]
        return importlib.import_module("world")
    finally:
        sys.path.remove(str(root))
