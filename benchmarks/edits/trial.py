"""Tries an edit with Dryland, and counts: what it plans, what it builds, and what it could not have done without."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import duckdb
from files import write_files

from dryland.plan.compose import inlined
from dryland.platform import Platform
from dryland.project.nodes import Node
from dryland.project.project import Project
from edits.contents import Content, contents
from edits.edit import Edit
from edits.project import write_project
from edits.rebuilt import Rebuilt

WAREHOUSE, MEMORY = "warehouse.duckdb", ".dryland"
ROWLESS = ("view", "ephemeral")  # nothing of them is stored
OF_INPUTS = "an input it reads changed"  # what plans say of nodes that nobody edited

OWN = "its own query changed, and gave the same"
OTHER_INPUT = "a table that it reads changed, and it came out the same"
BEHIND_VIEW = "a view that it reads changed, and shows the same"
GROWS = "it grows from its last build, and is made again although what it reads came out as it was"


@dataclass(frozen=True, slots=True)
class Trial:
    """What became of one edit. All names are unique ids of nodes; tables are all that hold rows, views hold none."""

    edit: Edit
    planned: frozenset[str]  # tables that the plan would build, before anything is built
    built: frozenset[str]  # tables that were built, early cut-off considered
    needed: frozenset[str]  # tables that hold other columns or rows than before, or are new
    views: frozenset[str]  # views that were made again
    views_needed: frozenset[str]  # views whose own query is another one
    wrong: tuple[str, ...]  # relations that hold something else than a full rebuild gives: there must be none
    kinds: Mapping[str, str]  # how every node of the edited project is stored
    reasons: Mapping[str, str] = field(default_factory=dict)  # why the plan would build a node
    inputs: Mapping[str, frozenset[str]] = field(default_factory=dict)  # what a node reads, ephemeral ones seen through

    @property
    def missed(self) -> frozenset[str]:
        """What was not built though it had to be: there must be none, either."""
        return self.needed - self.built

    @property
    def least(self) -> frozenset[str]:
        """What has to be made to know: the needed, and what came out the same of a query that says another thing."""
        return self.needed | {node for node, why in self.needless.items() if why == OWN}

    @property
    def needless(self) -> Mapping[str, str]:
        """What was built and came out as it was, and why it was built."""
        return {node: self._why(node) for node in sorted(self.built - self.needed)}

    def _why(self, node: str) -> str:
        if self.reasons.get(node, "") != OF_INPUTS:
            return OWN
        inputs = self.inputs[node]
        if inputs & self.needed:
            return OTHER_INPUT
        return BEHIND_VIEW if any(self.kinds.get(each) == "view" for each in inputs) else GROWS


class Ground:
    """A released project in a folder, and the same state rebuilt without any tool. Use as a context manager."""

    def __init__(self, folder: Path, areas: int) -> None:
        self._root, self._clean = folder / "project", folder / "released"
        self._root.mkdir(parents=True)
        self.files = write_project(self._root, areas)
        with Platform.open(self._root) as platform:
            outcome = platform.apply(platform.plan())
            assert outcome.status == "published", outcome
            self._project = platform.project
        nodes = self._project.nodes.values()
        self._tables = frozenset(str(each.relation) for each in nodes if each.materialized not in ROWLESS)
        self._rebuilt = Rebuilt(self._project, areas)
        self._clean.mkdir()
        shutil.copy(self._root / WAREHOUSE, self._clean)
        shutil.copytree(self._root / MEMORY, self._clean / MEMORY)
        assert not (wrong := self._differences(self._project, self._rebuilt.released)), f"before any edit: {wrong}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._rebuilt.close()

    def tried(self, edit: Edit) -> Trial:
        """Make the edit, plan it, apply it, compare every relation with a full rebuild, and undo it."""
        _write(self._root, edit.files)
        try:
            return self._tried(edit)
        finally:
            _write(self._root, {path: self.files.get(path) for path in edit.files})
            shutil.copy(self._clean / WAREHOUSE, self._root)
            shutil.copytree(self._clean / MEMORY, self._root / MEMORY, dirs_exist_ok=True)

    def differences_with(self, files: Mapping[str, str | None]) -> tuple[str, ...]:
        """Relations that readers would see otherwise if an edit were applied: what a tool that does nothing misses."""
        _write(self._root, files)
        try:
            with Platform.open(self._root) as platform:
                project = platform.project
            return self._differences(project, self._rebuilt.after(project))
        finally:
            _write(self._root, {path: self.files.get(path) for path in files})

    def _tried(self, edit: Edit) -> Trial:
        with Platform.open(self._root) as platform:
            plan = platform.plan()
            outcome = platform.apply(plan)
            assert outcome.status in ("published", "nothing"), f"{edit.name}: {outcome}"
            project = platform.project
        nodes = project.nodes
        truth = self._rebuilt.after(project)
        made = frozenset(step.node for step in outcome.steps if step.action == "build")
        views = frozenset(each for each, node in nodes.items() if node.materialized == "view")
        return Trial(
            edit=edit,
            planned=frozenset(plan.nodes_to("build")) - views,
            built=made - views,
            needed=frozenset(each for each in nodes if self._is_needed(nodes[each], truth)),
            views=made & views,
            views_needed=frozenset(each for each in views if self._is_other_query(each, project)),
            wrong=self._differences(project, truth),
            kinds={each: node.materialized for each, node in nodes.items()},
            reasons={step.node: step.reason for step in plan.steps if step.action == "build"},
            inputs={each: target.meaning.inputs for each, target in plan.targets.items()},
        )

    def _is_needed(self, node: Node, truth: Mapping[str, Content]) -> bool:
        """Whether a table has to be made: it holds something else by now, or there is no table of its name yet."""
        name = str(node.relation)
        if node.materialized in ROWLESS:
            return False
        return name not in self._tables or truth[name] != self._rebuilt.released[name]

    def _is_other_query(self, view: str, project: Project) -> bool:
        before = self._project.nodes.get(view)
        if before is None or before.materialized != "view":
            return True
        queries = [inlined(each.nodes[view].rendered, each, "duckdb")[0] for each in (self._project, project)]
        return queries[0] != queries[1]

    def _differences(self, project: Project, truth: Mapping[str, Content]) -> tuple[str, ...]:
        """Relations that readers see otherwise than after a full rebuild; those of removed models must be gone."""
        names = {str(node.relation) for each in (self._project, project) for node in each.nodes.values()}
        with duckdb.connect(str(self._root / WAREHOUSE), read_only=True) as connection:
            shown = contents(connection, sorted(names))
        return tuple(sorted(name for name in names if shown.get(name) != truth.get(name)))


def _write(root: Path, files: Mapping[str, str | None]) -> None:
    write_files(root, {path: text for path, text in files.items() if text is not None})
    for path in (path for path, text in files.items() if text is None):
        (root / path).unlink(missing_ok=True)
