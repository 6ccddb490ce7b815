"""Keeps a project as it was read, and gives it back while no file, variable or setting behind it changed.

What is kept knows no secret: how the warehouse is reached and what dryland.yml says are read each time. A model whose
text alone changed is read again by itself (`reread`), and kept beside the rest. A project that looks at the clock is
not kept, and what cannot be read is read from the files again.
"""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import field, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from dryland.digest import digest
from dryland.errors import DrylandError, ProjectError
from dryland.project.jinja.variables import EnvironmentVariables
from dryland.project.keeping import UNWRITABLE, Shelf, keep, kept_folder, made_with, recalled, shared
from dryland.project.late_parts import Loading, LoadingTemplates
from dryland.project.listing import Listing, Places, Seen, content_hash
from dryland.project.nodes import Node
from dryland.project.opening import Asked, Opening, read_opening, settings_in
from dryland.project.project import Kept, Project, Settings, Warehouse
from dryland.project.tidying import tidy
from dryland.timings import timed
from dryland.values import dataclass

if TYPE_CHECKING:
    from dryland.project.graph.parts import Parts
    from dryland.project.reread import Rereading

WHOLE = ("analysis", "docs", "macro", "model", "seed", "snapshot", "test")  # every corner of these is read
READINGS_MAX = 5  # of files that somebody writes to meanwhile
EDITS_MAX = 100  # of single models; then it is time to read everything again
TEMPLATES, DRAFTS = "templates", "drafts"  # endings of the files beside the project


@dataclass(frozen=True, slots=True)
class Stamp:
    """Everything that a project was read from: equal stamps, equal projects."""

    target: str
    environment: Mapping[str, str]  # variable that was asked for -> hash of its value
    places: Places
    listing: Listing

    @property
    def hash(self) -> str:
        """What tells the project of this stamp from all others."""
        return digest([made_with(), self.target, dict(self.environment), dict(self.listing.contents)])


@dataclass(frozen=True, slots=True)
class Whole:
    """A project as it is kept."""

    stamp: Stamp
    first: str  # hash of the stamp of what was read first
    project: bytes  # what was read first
    looks_around: bool  # whether a template looked at the graph, to which others may have added something
    edits: Mapping[str, bytes] = field(default_factory=dict)  # path of a file -> the node that stands there by now


def read_project(asked: Asked) -> Project:
    """The project as it was kept, or read from its files.

    What somebody writes meanwhile has all of it read again: half of one commit and half of another is nobody's project.

    Raises:
        ProjectError: whatever must be mended, with file, line and a hint.
    """
    written: list[str] = []
    for _ in range(READINGS_MAX):
        place = _place(asked)
        whole = _recalled(place) if place else None
        places = whole.stamp.places if whole else Places((), (str(asked.root),))
        before = _listed(places)
        try:
            project = _read(asked, place, whole, places, before)
        except (DrylandError, FileNotFoundError):  # what is half written is as wrong as what is gone
            if not (written := places.written(before, _listed(places))):
                raise
            continue
        written = places.written(before, _listed(places))
        if not written:
            return project
    raise ProjectError(
        f"the project was written to while it was read, {READINGS_MAX} times.",
        path=os.path.relpath(written[0], asked.root),
        hint="wait until whoever writes there is done.",
    )


@timed("read what was kept")
def _recalled(place: Path) -> Whole | None:
    whole: Whole | None = recalled(place, made_with())
    return whole


def _read(asked: Asked, place: Path | None, whole: Whole | None, places: Places, before: dict[str, Seen]) -> Project:
    if place is None:
        return _loaded(asked, Shelf())
    try:
        found = _Keeper(asked, place, whole).project(before) if whole else None
    except DrylandError as error:
        told, cause = EnvironmentVariables(asked.environment).discreet(error, error.__cause__)
        raise told from cause
    return found or _read_whole(asked, place, places, before, is_new=whole is None)


@dataclass(frozen=True, slots=True)
class _Keeper:
    """Gives back what is kept, as far as it holds."""

    asked: Asked
    place: Path
    whole: Whole

    def project(self, files: dict[str, Seen]) -> Project | None:
        """The project as its files say, listed just now; None when all of them have to be read again."""
        stamp = self.whole.stamp
        asked = self.asked.environment
        if any(_hash_of(asked.get(name)) != hashed for name, hashed in stamp.environment.items()):
            return None
        changed = stamp.listing.changed(files)
        if changed is None or len(changed) + len(self.whole.edits) > EDITS_MAX:
            return None
        opening = read_opening(self.asked, EnvironmentVariables(self.asked.environment))
        if stamp.target != digest(dict(opening.world.target)):
            return None
        with timed("read what was kept"):
            first: Project = pickle.loads(self.whole.project)  # noqa: S301 - of the user's own cache
            nodes = [pickle.loads(each) for each in self.whole.edits.values()]  # noqa: S301
        before = self._completed(_with_nodes(first, nodes), opening)
        whole, project = self._read_again(before, changed, files)
        kept = Kept(self.place, whole.stamp.hash, whole.first)
        return project and replace(project, kept=kept, parts_of=self._parts_of)

    @timed("read what was kept")
    def _completed(self, project: Project, opening: Opening) -> Project:
        """With what is not kept: settings, the warehouse, and what renders again."""
        settings = Settings()
        if opening.settings is not None:
            from dryland.project.jinja.templates import Templates
            from dryland.project.render import KnownNames

            settings = settings_in(opening, Templates(opening.world), KnownNames(project, frozenset(project.nodes)))
        parts = cache(self._parts)
        return replace(
            project, warehouse=opening.warehouse, settings=settings, parts=Loading(parts),
            templates=LoadingTemplates(parts),
        )  # fmt: skip

    @timed("load")
    def _parts(self) -> Parts:
        """What the project was read from; where templates look around in it, all of them are rendered first."""
        with timed("imports"):
            from dryland.project.load import load_asked, load_parts

        shelf = Shelf(shared(self.place, TEMPLATES))
        return load_asked(self.asked, shelf).parts if self.whole.looks_around else load_parts(self.asked, shelf)

    def _read_again(
        self, project: Project, changed: Mapping[str, str], files: Mapping[str, Seen]
    ) -> tuple[Whole, Project | None]:
        """With the models that stand in the changed files; what is kept is brought up to date."""
        whole, stamp = self.whole, self.whole.stamp
        if files == stamp.listing.files:
            return whole, project
        found = self._nodes(project, changed) if changed else ({}, {})
        if found is None:
            return whole, None
        nodes, environment = found
        edits = {path: pickle.dumps(node) for path, node in nodes.items()}
        listing = stamp.listing.as_of(files, changed)
        stamp = replace(stamp, environment={**stamp.environment, **environment}, listing=listing)
        whole = replace(whole, stamp=stamp, edits={**whole.edits, **edits})
        keep(self.place, made_with(), whole)
        return whole, _with_nodes(project, nodes.values())

    def _nodes(
        self, project: Project, changed: Mapping[str, str]
    ) -> tuple[Mapping[str, Node], Mapping[str, str]] | None:
        """The nodes by path, and what they asked the environment for; None when they cannot be read alone."""
        rereading = self._rereading()
        nodes = rereading.nodes(project, changed) if rereading else None
        if rereading is None or nodes is None:
            return None
        if any(content_hash(path) != content for path, content in changed.items()):
            return None  # somebody wrote while it was read
        rereading.shelf.save()
        return nodes, {name: _hash_of(value) for name, value in rereading.environment_asked.items()}

    def _rereading(self) -> Rereading | None:
        with timed("imports"):
            from dryland.project.reread import Drafts, Rereading

        drafts: Drafts | None = recalled(_beside(self.place, DRAFTS), self.whole.first)
        return Rereading(drafts, self.asked, Shelf(shared(self.place, TEMPLATES))) if drafts else None

    def _parts_of(self, unique_ids: Collection[str]) -> Parts | None:
        """What single models were read from; None when they cannot be read alone."""
        rereading = self._rereading()
        return rereading.parts(unique_ids) if rereading else None


def _with_nodes(project: Project, nodes: Iterable[Node]) -> Project:
    return replace(project, nodes={**project.nodes, **{node.unique_id: node for node in nodes}})


def _read_whole(asked: Asked, place: Path, places: Places, before: dict[str, Seen], *, is_new: bool) -> Project:
    shelf = Shelf(shared(place, TEMPLATES))
    project = _loaded(asked, shelf)
    shelf.save(is_whole=True)
    kept = _keep(place, project, lambda: _listed(places) == before)
    tidy(place.parent)
    return replace(project, kept=kept and replace(kept, is_new=is_new))


@timed("keep it")
def _keep(place: Path, project: Project, is_as_before: Callable[[], bool]) -> Kept | None:
    """Atomically, unless somebody wrote while it was read; a cache that cannot be written is no failure."""
    from dryland.project.reread import Drafts

    if project.templates.looked_at_the_clock:
        return None
    places = _places_of(project)
    files = _listed(places)
    listing = Listing.of(files)
    if _listed(places) != files or not is_as_before():
        return None
    environment = {name: _hash_of(value) for name, value in project.templates.environment_asked.items()}
    stamp = Stamp(digest(dict(project.templates.target)), environment, places, listing)
    bare = replace(
        project, warehouse=Warehouse("", "", ""), settings=Settings(), parts=None, templates=None, parts_of=None
    )  # fmt: skip
    with suppress(*UNWRITABLE):
        whole = Whole(stamp, stamp.hash, pickle.dumps(bare), project.templates.looked_around)
        if keep(_beside(place, DRAFTS), whole.first, Drafts.of(project)) and keep(place, made_with(), whole):
            return Kept(place, stamp.hash, whole.first)
    return None


def _places_of(project: Project) -> Places:
    """The folders of a project and its packages, and where more packages would be; they may lie outside of it."""
    from dryland.project.packages import install_folder

    layouts = project.parts.layouts
    whole = (str(each.root / folder) for each in layouts for kind in WHOLE for folder in each.folders(kind))
    roots = (*(each.root for each in layouts), install_folder(layouts[0], project.templates))
    return Places(tuple(dict.fromkeys(whole)), tuple(dict.fromkeys(map(str, roots))))


@timed("look for changes")
def _listed(places: Places) -> dict[str, Seen]:
    return places.listing()


def _place(asked: Asked) -> Path | None:
    """Where a project is kept that is asked for in this way; None when nothing is to be kept."""
    folder = kept_folder(asked.environment)
    variables = repr(dict(asked.variables))  # templates see their order, and a date from a text that says the same
    key = digest([asked.target, asked.warehouse, str(asked.profiles_dir), variables])
    return folder and folder / f"{digest(str(asked.root))}-{key}.project"


def _beside(place: Path, ending: str) -> Path:
    return place.with_suffix(f".{ending}")


@timed("load")
def _loaded(asked: Asked, shelf: Shelf) -> Project:
    with timed("imports"):
        from dryland.project.load import load_asked  # what reads all kinds of files is not needed for a kept project

    return load_asked(asked, shelf)


def _hash_of(value: object) -> str:
    return digest(["value", value])
