"""Sets a project up once for each tool, and does what a row needs done before it is timed."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from process import Spent, apart, spend

from scale.contents import Contents, contents
from scale.graph import leaf
from scale.model import Model
from scale.raw_tables import write_tables
from scale.rows import Row
from scale.tools import WAREHOUSE, Tool

QUANTITY = "    quantity,\n"


@dataclass(slots=True)
class Stage:
    """Projects of one size below a folder: for each tool one with checks and one without."""

    folder: Path
    models: Sequence[Model]
    limit_s: float
    turns: int = 0
    """How often a row's turn came: edits and new environments are numbered by it, so all tools get the same."""
    built: set[str] = field(default_factory=set)

    def set_up(self, tools: Iterable[Tool]) -> None:
        """Write everything; whatever is in the folder goes."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.raw.parent.mkdir(parents=True)
        apart(write_tables, self.raw)
        for tool in tools:
            for is_checked in (True, False):
                project = self.project(tool, is_checked=is_checked)
                tool.write(project, self.models, checked=is_checked)
                tool.start_over(project, self.raw)

    @property
    def raw(self) -> Path:
        """The warehouse that each starts from."""
        return self.folder / "raw" / WAREHOUSE

    def project(self, tool: Tool, *, is_checked: bool = True) -> Path:
        """A tool's own folder."""
        return self.folder / tool.name / ("checked" if is_checked else "plain")

    def can(self, tool: Tool, row: Row) -> bool:
        """Whether a row can be asked of a tool at all, and now."""
        return row.verb in tool.verbs and (tool.name in self.built or not row.needs_built)

    def run(self, tool: Tool, row: Row) -> Spent:
        """Prepare, then run and time it."""
        project = self.project(tool, is_checked=row.is_checked)
        self._prepare(tool, row.prepare, project)
        words = {"environment": f"dev_{self.turns}"}
        command = tuple(word.format_map(words) for word in tool.verbs[row.verb])
        spent = spend(command, project, tool.environment, limit_s=self.limit_s)
        tool.remember(project)
        if row.name == "first_checked":
            self.built.add(tool.name)
        return spent

    def _prepare(self, tool: Tool, what: str, project: Path) -> None:
        if what == "forget":
            tool.forget(project)
        elif what == "start_over":
            tool.start_over(project, self.raw)
            self._load(tool, project)
        elif what == "edit_leaf":
            _edit(self._leaf(project), QUANTITY, f"    quantity + {self.turns} as quantity,\n")
        elif what == "edit_macro":
            _edit(project / tool.macros, "* 100)", f"* 100 + {self.turns})")
        elif what == "put_back":
            for path in (self._leaf(project), project / tool.macros):
                _put_back(path)

    def _load(self, tool: Tool, project: Path) -> None:
        """What it takes to load is a row of its own."""
        if "load" in tool.verbs:
            spend(tool.verbs["load"], project, tool.environment, limit_s=self.limit_s)

    def _leaf(self, project: Path) -> Path:
        return next(project.glob(f"models/**/{leaf(self.models).name}.sql"))

    def contents(self, tool: Tool) -> Contents:
        """What readers see of every model."""
        return apart(contents, self.project(tool) / WAREHOUSE, {model.name: model.columns for model in self.models})


def _edit(path: Path, old: str, new: str) -> None:
    """The last of what stands there is changed; the file as it was stays beside it."""
    text = path.read_text()
    before, found, after = text.rpartition(old)
    assert found, f"{path} does not contain {old!r}"
    _kept(path).write_text(text)
    path.write_text(before + new + after)


def _put_back(path: Path) -> None:
    if _kept(path).exists():
        _kept(path).replace(path)


def _kept(path: Path) -> Path:
    return path.with_name(f"{path.name}.before")
