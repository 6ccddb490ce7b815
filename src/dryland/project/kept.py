"""Keeps a project as it was read, and gives it back while no file, variable or setting behind it changed.

What is kept knows no secret: how the warehouse is reached and what dryland.yml says are read each time. It lies in
the user's own cache, not in the project: what is unpickled must have been written by the same person. A project that
looks at the clock is not kept, and what cannot be read is read from the files again.
"""

from __future__ import annotations

import os
import pickle
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from dryland.errors import DrylandError
from dryland.project.jinja.templates import Templates
from dryland.project.jinja.variables import EnvironmentVariables
from dryland.project.opening import Asked, Opening, read_opening, settings_in
from dryland.project.project import Kept, Project, Settings, Warehouse
from dryland.project.render import KnownNames
from dryland.state.records import digest

READ = frozenset({".sql", ".py", ".yml", ".yaml", ".csv", ".md", ".json"})
PASSED_OVER = frozenset({"__pycache__", "logs", "node_modules", "target", "venv"})  # but in folders that are read whole
WHOLE = ("analysis", "docs", "macro", "model", "seed", "snapshot", "test")  # every corner of these is read
SWITCH = "DRYLAND_CACHE"  # where to keep projects; empty keeps none
MADE_WITH = ("dryland", "jinja2", "sqlglot", "yaml")  # another version may read the same files in another way


@dataclass(frozen=True, slots=True)
class Places:
    """The folders that a project was read from: some in every corner, and those they stand in."""

    whole: tuple[str, ...]
    roots: tuple[str, ...]

    @classmethod
    def of(cls, project: Project) -> Places:
        """Those of a project and its packages; they may lie outside of it."""
        layouts = project.parts.layouts
        whole = (str(each.root / folder) for each in layouts for kind in WHOLE for folder in each.folders(kind))
        return cls(tuple(dict.fromkeys(whole)), tuple(dict.fromkeys(str(each.root) for each in layouts)))


@dataclass(frozen=True, slots=True)
class Stamp:
    """Everything that a project was read from, as hashes: equal stamps, equal projects."""

    files: str
    target: str
    environment: Mapping[str, str]  # variable that was asked for -> hash of its value
    places: Places

    def kept_in(self, place: Path) -> Kept:
        """What tells the project of this stamp from all others."""
        return Kept(place, digest([self.files, self.target, dict(self.environment)]))


def read_project(asked: Asked) -> Project:
    """The project as it was kept, or read from its files.

    Raises:
        ProjectError: whatever must be mended, with file, line and a hint.
    """
    place = _place(asked)
    if place is None:
        return _loaded(asked)
    process = EnvironmentVariables(asked.environment)
    stamp, body = _unpickled(place)
    try:
        kept = _kept(stamp, body, asked, process)
    except DrylandError as error:
        told, cause = process.discreet(error, error.__cause__)
        raise told from cause
    if kept is not None and isinstance(stamp, Stamp):
        return replace(kept, kept=stamp.kept_in(place))
    places = stamp.places if isinstance(stamp, Stamp) else Places((), (str(asked.root),))
    before = _fingerprint(places)
    project = _loaded(asked)
    if _fingerprint(places) == before:  # or somebody wrote while it was read
        return replace(project, kept=_keep(place, asked, project))
    return project


class Loading:
    """Stands for a part of a project that is read from its files only when somebody looks at it."""

    def __init__(self, part: str, load: Callable[[], Project]) -> None:
        self._part, self._load = part, load

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(getattr(self._load(), self._part), name)


def _kept(stamp: Any, body: bytes, asked: Asked, process: EnvironmentVariables) -> Project | None:
    if not isinstance(stamp, Stamp) or stamp.files != _fingerprint(stamp.places):
        return None
    if any(_hash_of(asked.environment.get(name)) != hashed for name, hashed in stamp.environment.items()):
        return None
    opening = read_opening(asked, process)
    if stamp.target != digest(dict(opening.world.target)):
        return None
    project = pickle.loads(body)  # noqa: S301 - of the user's own cache
    assert isinstance(project, Project)
    return _completed(project, opening, asked)


def _completed(project: Project, opening: Opening, asked: Asked) -> Project:
    """With what is not kept: settings, the warehouse, and what renders again."""
    loaded: list[Project] = []

    def load() -> Project:
        if not loaded:
            loaded.append(_loaded(asked))
        return loaded[0]

    known = KnownNames(project, frozenset(project.nodes))
    settings = settings_in(opening, Templates(opening.world), known)
    return replace(
        project, warehouse=opening.warehouse, settings=settings,
        parts=Loading("parts", load), templates=Loading("templates", load),
    )  # fmt: skip


def _keep(place: Path, asked: Asked, project: Project) -> Kept | None:
    """Atomically; a cache that cannot be written is no failure."""
    if project.templates.looked_at_the_clock:
        return None
    places = Places.of(project)
    environment = {name: _hash_of(value) for name, value in project.templates.environment_asked.items()}
    nowhere = Warehouse("", "", "")
    bare = replace(project, warehouse=nowhere, settings=Settings(), parts=None, templates=None)
    with suppress(OSError, pickle.PicklingError, AttributeError, TypeError):
        stamp = Stamp(_fingerprint(places), digest(dict(project.templates.target)), environment, places)
        write_kept(place, (stamp, pickle.dumps(bare)))
        return stamp.kept_in(place)
    return None


def write_kept(place: Path, value: object) -> None:
    """Atomically; whoever reads at the same time finds what was there before."""
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    aside = place.with_name(f"{place.name}.{os.getpid()}")
    aside.write_bytes(pickle.dumps(value))
    aside.replace(place)


def read_kept(place: Path) -> Any:
    """What was kept there; None when that is nothing, or not the user's own."""
    try:
        with place.open("rb") as file:
            if os.name == "posix" and os.fstat(file.fileno()).st_uid != os.getuid():
                return None  # a shared folder, and somebody else's
            return pickle.loads(file.read())  # noqa: S301 - of the user's own cache
    except Exception:  # whatever was written there by another version, or cut off
        return None


def _unpickled(place: Path) -> tuple[Any, bytes]:
    match read_kept(place):
        case (stamp, bytes(body)):
            return stamp, body
    return None, b""


def _place(asked: Asked) -> Path | None:
    """Where a project is kept that is asked for in this way; None when nothing is to be kept."""
    given = asked.environment.get(SWITCH)
    if given == "":
        return None
    home = asked.environment.get("XDG_CACHE_HOME") or "~/.cache"
    try:
        folder = Path(given) if given else Path(home).expanduser() / "dryland"
    except RuntimeError:  # who runs it has no home
        return None
    key = digest([str(asked.root), asked.target, str(asked.profiles_dir), dict(asked.variables)])
    return folder / f"{key}.project"


def _fingerprint(places: Places) -> str:
    """Names, sizes and times of every file that may be read, and of the code that reads them."""
    code = [spec.origin for name in MADE_WITH if (spec := find_spec(name)) and spec.origin]
    own = str(Path(code[0]).parent) if code else ""
    seen: set[str] = set()
    files = [each for folder in places.whole for each in sorted(_files(folder, seen, is_whole=True))]
    files += [each for root in (*places.roots, own) for each in sorted(_files(root, seen, is_whole=False))]
    others = [Path(path).stat().st_mtime_ns for path in code[1:]]
    return digest([sys.version, others, files])


def _files(folder: str, seen: set[str], *, is_whole: bool) -> Iterator[tuple[str, int, int, int]]:
    real = os.path.realpath(folder)
    if real in seen:
        return  # a link back up
    seen.add(real)
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir():
                if is_whole or not (entry.name in PASSED_OVER or entry.name.startswith(".")):
                    yield from _files(entry.path, seen, is_whole=is_whole)
            elif entry.name[entry.name.rfind(".") :].lower() in READ:
                with suppress(OSError):  # a link to nowhere
                    found = entry.stat()
                    yield entry.path, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def _loaded(asked: Asked) -> Project:
    from dryland.project.load import load_asked  # what reads all kinds of files is not needed for a kept project

    return load_asked(asked)


def _hash_of(value: object) -> str:
    return digest(["value", value])
