"""Reads what packages a project lists, in packages.yml or dependencies.yml."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dryland.errors import ConfigError, UnsupportedError
from dryland.project.config import as_list
from dryland.project.deps.versions import parse_bounds
from dryland.project.jinja.state import Scope
from dryland.project.jinja.world import Stage
from dryland.project.nodes import Place
from dryland.project.yaml_file import Mapped, read_yaml
from dryland.values import dataclass

if TYPE_CHECKING:
    from dryland.project.jinja.templates import Templates

PACKAGES = "packages.yml"
DEPENDENCIES = "dependencies.yml"
WORDS = {
    "package": ("version", "install_prerelease"),
    "git": ("revision", "subdirectory", "warn-unpinned"),
    "tarball": (),
    "local": (),
    "private": ("provider", "revision", "subdirectory", "warn-unpinned"),
}  # a kind of package, and the words that may stand beside it
CREDENTIALS = re.compile(r"(?<=://)[^/@\s]*@")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A package as a project lists it."""

    kind: str  # package, git, tarball or local
    what: str = field(repr=False)  # its name on the hub, its URL or its folder
    place: Place
    written: str = ""  # `what` before Jinja: the form that may be shown and kept
    name: str = ""  # of a tarball, or of anything in a lock
    versions: tuple[str, ...] = ()  # of a hub package
    is_early_allowed: bool = False  # of a hub package: prereleases
    revision: str = ""  # of a repository
    subdirectory: str = ""
    warns_unpinned: bool = True
    entry: Mapping[str, Any] = field(default_factory=dict, repr=False)  # as rendered
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False)  # as it stands in the file

    @property
    def likely_name(self) -> str:
        """The name of its project, as far as one can tell before it is there."""
        last = self.written.rstrip("/").removesuffix(".git").rpartition("/")[2]
        return self.name or (last if self.kind == "package" else last.replace("-", "_"))

    @property
    def is_moving(self) -> bool:
        """Whether it is a repository whose revision gives something else tomorrow."""
        return self.kind == "git" and self.revision in ("", "HEAD", "main", "master")

    def line_of(self, key: str) -> int:
        """The line of one of its words."""
        return _line(self.raw, key, self.place)

    def __str__(self) -> str:
        return CREDENTIALS.sub("", self.written) + (f"/{self.subdirectory}" if self.subdirectory else "")


def listed(root: Path, templates: Templates, prefix: str = "") -> tuple[Wanted, ...]:
    """The packages that a project lists, in the order of its file.

    Raises:
        ConfigError: an entry cannot be understood, or both files have packages.
    """
    name = _file_of(root, prefix)
    if not name:
        return ()
    return tuple(entries(read_yaml(root / name, prefix + name), prefix + name, templates))


def entries(content: Mapped, shown: str, templates: Templates) -> Iterator[Wanted]:
    """The packages of a file that was read."""
    found = content.get("packages") or ()
    if not isinstance(found, list | tuple):
        raise ConfigError(
            "`packages` is a list.", path=shown, line=content.line_of("packages"), hint="- package: owner/name"
        )
    for raw in found:
        yield parse_entry(raw, Place(shown, getattr(raw, "line", content.line_of("packages"))), templates)


def _file_of(root: Path, prefix: str) -> str:
    """The file that lists the packages; empty when none does."""
    contents = {
        name: read_yaml(root / name, prefix + name) for name in (PACKAGES, DEPENDENCIES) if (root / name).is_file()
    }
    own = contents.get(PACKAGES)
    if own is not None:
        _verify_keys(own, prefix + PACKAGES)
    if "packages" not in contents.get(DEPENDENCIES, {}):
        return PACKAGES if own is not None else ""
    if own is not None and "packages" in own:
        raise ConfigError(
            f"packages are listed in {PACKAGES} and in {DEPENDENCIES}.", path=prefix + DEPENDENCIES,
            line=contents[DEPENDENCIES].line_of("packages"), hint="keep one of the lists.",
        )  # fmt: skip
    return DEPENDENCIES


def _verify_keys(content: Mapped, shown: str) -> None:
    unknown = next((key for key in content if key != "packages"), None)
    if unknown is not None:
        hint = f"`projects:` goes into {DEPENDENCIES}." if unknown == "projects" else "there is only `packages:`."
        raise ConfigError(
            f"`{unknown}` is not a key of {PACKAGES}.", path=shown, line=content.line_of(unknown), hint=hint
        )


def parse_entry(raw: Any, place: Place, templates: Templates) -> Wanted:
    """One entry, from a file or from a package index.

    Raises:
        ConfigError: it cannot be understood.
        UnsupportedError: only dbt's own platform can install it.
    """
    if not isinstance(raw, Mapping):
        raise ConfigError(
            "an entry of `packages` has keys and values.",
            path=place.path,
            line=place.line,
            hint="- package: owner/name",
        )
    kind = _kind(raw, place)
    entry = templates.value(raw, Scope(place.path, "", line=place.line), stage=Stage.CONNECTION)
    wanted = Wanted(
        kind,
        str(entry[kind] or ""),
        place,
        written=str(raw[kind]),
        name=str(entry.get("name") or ""),
        versions=tuple(str(each) for each in as_list(entry.get("version"))),
        is_early_allowed=bool(entry.get("install_prerelease")),
        revision=str(entry["revision"]) if entry.get("revision") is not None else "",
        subdirectory=str(entry.get("subdirectory") or ""),
        warns_unpinned=entry.get("warn-unpinned") is not False,
        entry=entry,
        raw=raw,
    )
    _verify(wanted)
    return wanted


def _kind(raw: Mapping[str, Any], place: Place) -> str:
    kinds = [kind for kind in WORDS if kind in raw]
    if len(kinds) != 1:
        said = f"is `{kinds[0]}` and `{kinds[1]}` at once" if kinds else "says neither `package`, `git` nor `local`"
        raise ConfigError(f"the entry {said}.", path=place.path, line=place.line, hint=f"one of: {', '.join(WORDS)}.")
    known = {*WORDS[kinds[0]], kinds[0], "name", "unrendered"}
    unknown = next((key for key in raw if key not in known), None)
    if unknown is not None:
        near = difflib.get_close_matches(unknown, known, n=1)
        others = ", ".join(WORDS[kinds[0]]) or "nothing else"
        raise ConfigError(
            f"`{unknown}` is not a word of a `{kinds[0]}:` package.", path=place.path, line=_line(raw, unknown, place),
            hint=f"did you mean `{near[0]}`?" if near else f"beside `{kinds[0]}` there may be: {others}.",
        )  # fmt: skip
    return kinds[0]


def _verify(wanted: Wanted) -> None:
    where: dict[str, Any] = {"path": wanted.place.path, "line": wanted.place.line}
    if not wanted.what.strip():
        raise ConfigError(f"`{wanted.kind}` has no value.", **where, hint=f"{wanted.kind}: ...")
    if wanted.kind == "private":
        raise UnsupportedError(
            f"`private: {wanted}` is a package of dbt's own platform.", **where, hint="name its repository: git: ..."
        )
    if wanted.kind == "tarball" and not wanted.name:
        raise ConfigError(f"the tarball {wanted} has no name.", **where, hint="name: the package's own name")
    if wanted.kind == "package":
        _verify_hub_package(wanted, where)


def _verify_hub_package(wanted: Wanted, where: Mapping[str, Any]) -> None:
    if "/" not in wanted.what:
        raise ConfigError(
            f"`{wanted}` has no owner.",
            **where,
            hint=f"as the hub names it: owner/{wanted}, such as dbt-labs/dbt_utils.",
        )
    if not wanted.versions:
        raise ConfigError(f"`{wanted}` has no version.", **where, hint='version: [">=1.0.0", "<2.0.0"]')
    try:
        parse_bounds(wanted.versions)
    except ConfigError as error:
        line = wanted.line_of("version")
        raise ConfigError(error.message, hint=error.hint, path=wanted.place.path, line=line) from error


def _line(raw: Mapping[str, Any], key: str, place: Place) -> int:
    return raw.line_of(key) if isinstance(raw, Mapped) else place.line
