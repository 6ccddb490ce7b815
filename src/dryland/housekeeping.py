"""Keeps house: environments, dbt's artifacts, copies of the metadata, and what nobody needs any more."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from dryland.responding import Responding
from dryland.state.records import Environment, Verdict
from dryland.state.work import STORE, scope_of

if TYPE_CHECKING:
    from dryland.release.retention import Garbage


class Housekeeping(Responding):
    """Everything that is around releases."""

    def create_environment(self, name: str, base: str = "") -> Environment:
        """Create an environment that shows what `base` shows; no data is copied."""
        from dryland.release.environments import create_environment

        with self.holding(scope_of(name), "env create"):
            return create_environment(self.engine, self.state, self.project, name, self._shown(base))

    def drop_environment(self, name: str) -> None:
        """Drop an environment's views and pointers; its builds stay until `gc`."""
        from dryland.release.environments import drop_environment

        with self.holding(scope_of(name), "env drop"):
            drop_environment(self.engine, self.state, self.project, name)
            self._note_dropped(name)

    def write_artifacts(self, environment: str = "") -> tuple[Path, ...]:
        """Write dbt's manifest and catalog of what an environment shows, and the compiled SQL; build nothing.

        Raises:
            StateError: the target folder cannot be written to.
        """
        from dryland.artifacts.write import artifacts_of
        from dryland.release.details import profiles_of

        name = self._shown(environment)
        profiles = profiles_of(self.state, self.pointers(name))
        return artifacts_of(self.project, lambda: self.engine, "artifacts", name, asks=True).documentation(profiles)

    def write_results(
        self, verb: str, verdicts: Sequence[Verdict], environment: str = "", *, elapsed_s: float = 0.0
    ) -> tuple[str, ...]:
        """Write dbt's run_results.json of checks or unit tests; a sentence says why when that was not possible."""
        from dryland.artifacts.write import artifacts_of

        written = artifacts_of(self.project, lambda: self.engine, verb, environment or self._shown(""))
        return written.after_checks(verdicts, elapsed_s=elapsed_s)

    def dump(self, path: Path) -> int:
        """Write the metadata to a file; return the number of rows."""
        from dryland.state.dump import dump

        return dump(self.state, path)

    def load(self, path: Path) -> int:
        """Fill empty metadata from a file; return the number of rows."""
        from dryland.state.dump import load

        return load(self.state, path)

    def gc(self, *, dry_run: bool = False, removed: bool = False) -> Garbage:
        """Drop builds that no environment and no kept release needs; `removed`: nor what left the project."""
        from dryland.release.refused import drop_answered
        from dryland.release.retention import collect_garbage

        settings = self.project.settings
        with nullcontext() if dry_run else self.holding(STORE, "gc"):
            if not dry_run:
                drop_answered(self.engine, self.state, self.project)
            return collect_garbage(self.engine, self.state, settings, dry_run=dry_run, removed=removed)
