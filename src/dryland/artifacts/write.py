"""Writes the artifacts of a verb into the target folder; what goes wrong here is told, and changes no outcome."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from dryland.artifacts.files import write_json, write_text, write_texts
from dryland.artifacts.invocation import Invocation, may_be_told_before, target_folder, wants_artifacts
from dryland.artifacts.run_results import SAID_OF_NODES, checked, of_outcome, of_verdicts, run_results
from dryland.digest import digest
from dryland.engines.unopened import Unopened
from dryland.errors import DrylandError, StateError
from dryland.project.keeping import keep, recalled
from dryland.project.links import LED_OUT, is_led_out
from dryland.project.project import Project
from dryland.state.records import Profile, Verdict
from dryland.timings import timed

if TYPE_CHECKING:
    from dryland.artifacts.compiled import Compiler
    from dryland.artifacts.pieces import Nodes, Pieces
    from dryland.artifacts.sources import Age
    from dryland.engines.protocol import Engine
    from dryland.plan.plan import Plan
    from dryland.release.outcome import Outcome


@dataclass(frozen=True)
class Artifacts:
    """What a verb leaves for tools that read dbt's files."""

    project: Project
    opened: Callable[[], Engine]  # the warehouse, asked for only when something of it is needed
    invocation: Invocation = field(repr=False)
    asks: bool = False  # whether templates may ask the warehouse for the compiled SQL
    _begun: list[Nodes] = field(default_factory=list, repr=False)

    def begin(self, plan: Plan) -> None:
        """Write what does not depend on how `apply` or `run` ends, while somebody waits for that.

        The warehouse is not asked, for it shows what was there before. What goes wrong is found again, and told, by
        `after`.
        """
        if not self._is_wanted or is_led_out(self.project.root, self.folder) or not may_be_told_before(self.project):
            return
        unasked = cast("Engine", Unopened(self.project.warehouse.type))
        with suppress(Exception):  # it is on a thread, which nobody listens to
            self._begun.append(replace(self, opened=lambda: unasked)._write_used(plan))

    def after(self, plan: Plan, outcome: Outcome) -> tuple[str, ...]:
        """Manifest, compiled SQL and results of `apply` or `run`; a sentence when they could not be written.

        Where nothing was to be done, only a manifest that is missing is written.
        """
        if outcome.status == "nothing" and (self.folder / "manifest.json").exists():
            return ()
        return self._told(lambda: self._write_release(plan, outcome))

    def after_checks(self, verdicts: Iterable[Verdict], *, elapsed_s: float = 0.0) -> tuple[str, ...]:
        """Results of `check` and `test`."""

        def write() -> None:
            asked = tuple(verdicts)
            results = of_verdicts(asked, self._told_of(asked), self.invocation.started_at)
            self._write("run_results.json", run_results(results, self.invocation, elapsed_s=elapsed_s, args=self._args))

        return self._told(write)

    def _told_of(self, asked: Iterable[Verdict]) -> Mapping[str, Mapping[str, Any]]:
        """What results say of each check besides its verdict; what was compiled of this project before is known."""
        kept = self.project.kept  # under the stamp of what was read first: no check depends on the text of a model
        place = kept.beside(f"{digest(self.invocation.environment)}.checks") if kept else None
        stamp = kept.first if kept else ""
        known: dict[str, dict[str, Any]] = recalled(place, stamp) or {}
        new = {each.check: checked(self.compiler, each.check) for each in asked if each.check not in known}
        if new:
            keep(place, stamp, known | new)
        return known | new

    def after_freshness(self, ages: Iterable[Age], *, elapsed_s: float = 0.0) -> tuple[str, ...]:
        """What was found of the age of sources."""
        from dryland.artifacts.sources import sources_file

        return self._told(lambda: self._write("sources.json", sources_file(ages, self.invocation, elapsed_s=elapsed_s)))

    @timed("artifacts")
    def documentation(self, profiles: Mapping[str, Profile]) -> tuple[Path, ...]:
        """Manifest, compiled SQL and catalog, without building anything; profiles of nodes know numbers of rows.

        Raises:
            StateError: the target folder cannot be written to.
        """
        from dryland.artifacts.catalog import catalog

        try:
            if is_led_out(self.project.root, self.folder):
                raise OSError(errno.ELOOP, LED_OUT)
            pieces = self._write_manifest()
            self._write_codes(pieces.nodes, pieces.nodes)
            rows = {node: profile.rows for node, profile in profiles.items()}
            self._write("catalog.json", catalog(self.opened(), pieces.nodes, pieces.sources, self.invocation, rows))
        except OSError as error:
            raise StateError(
                f"{self.folder} cannot be written to: {error.strerror}.", hint="DBT_TARGET_PATH names another folder."
            ) from error
        return tuple(self.folder / name for name in ("manifest.json", "catalog.json"))

    @cached_property
    def folder(self) -> Path:
        """Where artifacts go."""
        return target_folder(self.project, self.invocation.variables)

    @cached_property
    def compiler(self) -> Compiler:
        """What compiles models and checks as they are in the environment of this run."""
        from dryland.artifacts.compiled import Compiler

        return Compiler(self.project, self.opened, self.invocation.environment, self.asks)

    @property
    def _is_wanted(self) -> bool:
        return wants_artifacts(self.project, self.invocation.variables)

    @property
    def _args(self) -> dict[str, Any]:
        target = self.project.warehouse.target_name
        return {"target": target, "environment": self.invocation.environment, "project_dir": str(self.project.root)}

    def _write_release(self, plan: Plan, outcome: Outcome) -> None:
        nodes = self._begun.pop() if self._begun else self._write_used(plan)
        results = of_outcome(plan, outcome, nodes, self.invocation.started_at)
        elapsed_s = outcome.duration_s
        self._write("run_results.json", run_results(results, self.invocation, elapsed_s=elapsed_s, args=self._args))

    def _write_used(self, plan: Plan) -> Nodes:
        """The manifest, and the compiled SQL of what a run uses; its nodes, as results need them."""
        nodes = self._write_manifest().nodes
        used = (*plan.nodes_to("build"), *plan.checks)
        return replace(nodes, read=self._write_codes(nodes, (uid for uid in used if uid in nodes)))

    def _write_manifest(self) -> Pieces:
        from dryland.artifacts.manifest import metadata
        from dryland.artifacts.pieces import manifest_pieces

        pieces = manifest_pieces(self.compiler, self.invocation)
        write_texts(self.folder / "manifest.json", pieces.texts(metadata(self.project, self.invocation)))
        write_text(self.folder / "semantic_manifest.json", pieces.semantic)
        return pieces

    def _write_codes(self, nodes: Nodes, used: Iterable[str]) -> dict[str, dict[str, Any]]:
        """The compiled SQL of these; gives what results say of each, for to read one takes its time."""
        said = {}
        for uid in used:
            node = nodes[uid]
            if node.get("compiled"):
                self._write_code(self.folder / Path(node["compiled_path"]).relative_to("target"), node["compiled_code"])
            said[uid] = {name: node.get(name) for name in SAID_OF_NODES}
        return said

    def _write(self, name: str, value: Mapping[str, Any]) -> None:
        write_json(self.folder / name, value)

    def _write_code(self, path: Path, code: str) -> None:
        """A file that says the same already is left alone: there are many, and few change."""
        if not path.is_file() or path.read_text(encoding="utf-8") != code:
            write_text(path, code)

    @timed("artifacts")
    def _told(self, write: Callable[[], None]) -> tuple[str, ...]:
        if not self._is_wanted:
            return ()
        if is_led_out(self.project.root, self.folder):
            return (f"did not write dbt's artifacts to {self.folder}: {LED_OUT}",)
        try:
            write()
        except (OSError, DrylandError) as error:
            return (f"did not write dbt's artifacts to {self.folder}: {error}",)
        return ()


def artifacts_of(
    project: Project, opened: Callable[[], Engine], verb: str, environment: str, *, asks: bool = False
) -> Artifacts:
    """The artifacts of a verb that runs now; `opened` gives the warehouse when it is needed."""
    return Artifacts(project, opened, Invocation(verb, environment, dict(os.environ)), asks)
