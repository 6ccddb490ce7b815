"""Finds the packages of a project: those that are installed, and folders that it lists."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from dryland.errors import ConfigError, DuplicateError
from dryland.project.deps.listing import Wanted, listed
from dryland.project.deps.local import found_locally
from dryland.project.jinja.state import Scope
from dryland.project.jinja.world import Stage
from dryland.project.layout import FILE, Layout, read_layout, verify_own_folders
from dryland.timings import timed

if TYPE_CHECKING:
    from dryland.project.jinja.templates import Templates

FOLDER = "dbt_packages"
NOT_PACKAGES = ("__", ".")  # how the names of other folders begin beside packages
BUILT_IN = frozenset({"dbt", "dbt_duckdb", "dbt_postgres"})
INSTALL = "`dryland deps` installs it; or put its folder into {folder}, or list it as `local:`."


@timed("packages")
def read_packages(project: Layout, templates: Templates) -> list[Layout]:
    """The packages of a project, by name.

    What stands in its folder of packages is read as it is, whatever is listed, as in dbt. Folders that the
    project or such a folder lists as `local:` need not be installed.

    Raises:
        ConfigError: one is listed and nowhere to be found; says by whom, and what to do.
        DuplicateError: two packages have one name, or one has that of the project.
    """
    folder = install_folder(project, templates)
    found = _Found(project)
    for path in _folders_in(folder, project):
        layout = read_layout(path, _prefix(path, project))
        verify_own_folders(layout)
        found.add(layout)
    missing = list(_local(project, listed(project.root, templates), found, templates))
    if missing:
        _verify_installed(missing, found, folder, project)
    return [found.layouts[name] for name in sorted(found.layouts)]


def install_folder(project: Layout, templates: Templates) -> Path:
    """Where a project keeps its packages."""
    scope = Scope(FILE, project.name, line=project.raw.line_of("packages-install-path"))
    written = templates.value(project.raw.get("packages-install-path") or FOLDER, scope, stage=Stage.PROJECT)
    return project.root / str(written)


class _Found:
    """Packages by the name of their project."""

    def __init__(self, project: Layout) -> None:
        self._project = project
        self.layouts: dict[str, Layout] = {}

    def add(self, layout: Layout) -> None:
        """One more.

        Raises:
            DuplicateError: its name is taken.
        """
        if layout.name == self._project.name:
            raise self._taken(layout, "the project itself")
        if layout.name in BUILT_IN:
            raise self._taken(layout, "dbt's own macros")
        other = self.layouts.get(layout.name)
        if other is not None and other.root.resolve() != layout.root.resolve():
            raise self._taken(layout, f"the package at {other.prefix.rstrip('/')}")
        self.layouts.setdefault(layout.name, layout)

    def _taken(self, layout: Layout, by: str) -> DuplicateError:
        return DuplicateError(
            f"the package `{layout.name}` is named as {by}.", path=layout.prefix + FILE,
            line=layout.raw.line_of("name"), hint="leave one of them out, or rename it.",
        )  # fmt: skip


def _folders_in(folder: Path, project: Layout) -> Iterator[Path]:
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.is_dir() and not path.name.startswith(NOT_PACKAGES):
            if not (path / FILE).is_file():
                raise ConfigError(
                    f"the package in {path.name} has no {FILE}.", path=_prefix(path, project).rstrip("/"),
                    hint="every folder there is taken for a package, as dbt takes it.",
                )  # fmt: skip
            yield path


def _local(
    owner: Layout, wanted: Iterable[Wanted], found: _Found, templates: Templates, root: Layout | None = None
) -> Iterator[Wanted]:
    """Add folders that are listed and not installed, and those that they list; give what is no folder."""
    project = root or owner
    for each in wanted:
        if each.kind != "local":
            yield each
            continue
        if each.likely_name in found.layouts and not (project.root / each.what / FILE).is_file():
            continue  # it was copied with its project, and the folder it came from was not
        path = Path(found_locally(each, project.root, owner.root).what)
        layout = read_layout(path, _prefix(path, project))
        if layout.name in found.layouts and layout.name != project.name:
            continue
        found.add(layout)
        yield from _local(layout, listed(path, templates, layout.prefix), found, templates, project)


def _verify_installed(missing: Sequence[Wanted], found: _Found, folder: Path, project: Layout) -> None:
    """As dbt, by number: which package a repository holds, nobody knows before it is there."""
    absent = [each for each in missing if each.likely_name not in found.layouts]
    known = {each.likely_name for each in missing} & set(found.layouts)
    others = len([name for name, layout in found.layouts.items() if name not in known and _is_in(layout, folder)])
    if len(absent) <= others:
        return
    first = absent[0]
    shown = _prefix(folder, project).rstrip("/")
    raise ConfigError(
        f"the package {first} is not installed.", path=first.place.path, line=first.place.line,
        hint=INSTALL.format(folder=shown),
    )  # fmt: skip


def _is_in(layout: Layout, folder: Path) -> bool:
    return layout.root.parent == folder


def _prefix(path: Path, project: Layout) -> str:
    """A folder as seen from the project, for the files below it: `dbt_packages/dates/`, `../`."""
    return Path(os.path.relpath(path, project.root)).as_posix() + "/"
