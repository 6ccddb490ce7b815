"""Installs the packages of a project: resolves, fetches, puts the folder in place and writes the lock."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from dryland.errors import ConfigError, DrylandError
from dryland.project.deps.fetching import Fetching, verified_name
from dryland.project.deps.hub import HUB, Hub
from dryland.project.deps.listing import Wanted, listed
from dryland.project.deps.local import found_locally
from dryland.project.deps.lock import FILE, Pinned, lock_text, read_lock
from dryland.project.deps.resolve import resolved
from dryland.project.deps.swap import swap, work_beside
from dryland.project.deps.trust import OthersVariables, own_lists, verify_lock
from dryland.project.jinja.templates import Templates
from dryland.project.jinja.variables import EnvironmentVariables
from dryland.project.jinja.world import World
from dryland.project.layout import FILE as PROJECT_FILE
from dryland.project.layout import Layout, read_layout
from dryland.project.links import LED_OUT, is_led_out
from dryland.project.packages import install_folder
from dryland.values import dataclass

INSTALL_PATH = "packages-install-path"


@dataclass(frozen=True, slots=True)
class Installed:
    """How an installation ended."""

    packages: tuple[Pinned, ...]
    folder: Path
    is_from_lock: bool = False  # the versions were settled before
    is_only_locked: bool = False  # nothing was installed, as asked
    removed: tuple[str, ...] = ()  # folders of packages that are not needed
    notes: tuple[str, ...] = ()  # for people


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of an installation."""

    upgrade: bool = False  # choose versions anew, whatever the lock says
    only_lock: bool = False
    say: Callable[[str], None] = lambda text: None


def install(
    root: Path,
    request: Request | None = None,
    *,
    variables: Mapping[str, Any] | None = None,
    environment: Mapping[str, str],
) -> Installed:
    """Bring the packages that the project at `root` lists to its folder of packages.

    Either all of them stand there afterwards, in the versions of the lock, or everything is as it was.

    Raises:
        ProjectError: what must be mended in the project's files.
        UnreachableError: a package could not be fetched; says which, from where, and what works instead.
    """
    process = EnvironmentVariables(environment)
    try:
        layout = read_layout(root.resolve())
        world = World(layout.name, {}, "", environment=process, given_variables=variables or {})
        others = Templates(replace(world, environment=OthersVariables(process), given_variables={}))
        return _Installation(layout, Templates(world), others, process, environment, request or Request()).run()
    except DrylandError as error:
        told, cause = process.discreet(error, error.__cause__)
        raise told from cause


@dataclass(frozen=True, slots=True)
class _Installation:
    layout: Layout
    templates: Templates
    others: Templates  # of lists that came from elsewhere
    process: EnvironmentVariables
    environment: Mapping[str, str]
    request: Request

    def run(self) -> Installed:
        root = self.layout.root
        packages = self._listed()
        named = install_folder(self.layout, self.templates)
        if is_led_out(root, named):
            raise ConfigError(
                f"nothing is installed in {named.name}: {LED_OUT}.", hint="packages-install-path names another folder.",
                path=self.layout.prefix + PROJECT_FILE, line=self.layout.raw.line_of("packages-install-path"),
            )  # fmt: skip
        folder = named.resolve()
        if not packages:
            return Installed((), folder)
        locked = None if self.request.upgrade else self._locked(packages)
        _verify_only_packages(folder, self.layout)
        with work_beside(folder) as work:
            fetching = self._fetching(work)
            pinned = resolved(packages, fetching, self.layout.name) if locked is None else locked
            removed = () if self.request.only_lock else self._in_place(pinned, fetching, folder)
            if locked is None:
                self._write_lock(root / FILE, lock_text(packages, pinned, self.process.hidden_secrets))
        notes = tuple(_moving(each) for each in pinned if each.wanted.is_moving and each.wanted.warns_unpinned)
        return Installed(pinned, folder, locked is not None, self.request.only_lock, removed, notes)

    def _listed(self) -> tuple[Wanted, ...]:
        root = self.layout.root
        found = listed(root, self.templates)
        return tuple(found_locally(each, root, root) if each.kind == "local" else each for each in found)

    def _locked(self, packages: Sequence[Wanted]) -> tuple[Pinned, ...] | None:
        """What the lock says, and is still so: folders may have gone since, and a lock may come from anywhere."""
        root = self.layout.root
        pinned = read_lock(root, packages, self.templates)
        for each in pinned or ():
            verified_name(each)
            if each.wanted.kind == "local":
                found_locally(each.wanted, root, root)
        verify_lock([each.wanted for each in pinned or ()], own_lists(packages, root, self.templates))
        return pinned

    def _fetching(self, work: Path) -> Fetching:
        hub = Hub(self.environment.get("DBT_PACKAGE_HUB_URL") or HUB)
        return Fetching(self.layout.root, work, hub, self.templates, self.others, self.environment, self.request.say)

    def _in_place(self, pinned: Sequence[Pinned], fetching: Fetching, folder: Path) -> tuple[str, ...]:
        """Make the whole folder aside, then exchange it; the names of what is not in it any more."""
        new = fetching.work / "new"
        new.mkdir()
        new.chmod(0o755)
        for each in pinned:
            fetching.put(each, new / each.name, folder / each.name)
        before = {path.name for path in folder.iterdir()} if folder.is_dir() else set()
        swap(new, folder)
        return tuple(sorted(before - {each.name for each in pinned}))

    def _write_lock(self, path: Path, text: str) -> None:
        aside = path.with_name(f".{path.name}.new")
        aside.write_text(text, encoding="utf-8")
        aside.replace(path)


def _verify_only_packages(folder: Path, layout: Layout) -> None:
    """The folder is exchanged as a whole: nothing that is no package may be lost with what was in it.

    Raises:
        ConfigError: it holds the project itself, or something else than packages.
    """
    line = layout.raw.line_of(INSTALL_PATH)
    if layout.root.is_relative_to(folder):
        raise ConfigError(
            f"`{INSTALL_PATH}` leads to a folder that holds the project itself.", path=layout.prefix + PROJECT_FILE,
            line=line, hint=f"{INSTALL_PATH}: dbt_packages",
        )  # fmt: skip
    there = sorted(folder.iterdir()) if folder.is_dir() else []
    others = [each for each in there if each.name[0] != "." and not each.is_symlink() and not _is_package(each)]
    if others:
        raise ConfigError(
            f"{folder.name} has `{others[0].name}`, which is no package, and would be lost.", path=str(others[0]),
            hint=f"move it away, or name another folder: {INSTALL_PATH} in {PROJECT_FILE}. It is made anew as a whole.",
        )  # fmt: skip


def _is_package(path: Path) -> bool:
    return (path / PROJECT_FILE).is_file()


def _moving(pinned: Pinned) -> str:
    place = pinned.wanted.place
    revision = pinned.wanted.revision or "its default branch"
    return (
        f"{place.path}:{place.line} {pinned.wanted} is not pinned: {revision} gives something else tomorrow. "
        "`revision:` takes a tag or a commit, and `warn-unpinned: false` silences this"
    )
