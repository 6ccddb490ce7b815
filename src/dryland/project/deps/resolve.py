"""Settles which packages a project gets, in which version: all that it lists, and all that those need."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from dryland.errors import ConfigError, CycleError, DuplicateError
from dryland.project.deps.fetching import Fetching, verified_name
from dryland.project.deps.hub import Hub
from dryland.project.deps.listing import Wanted
from dryland.project.deps.lock import Pinned
from dryland.project.deps.versions import parse_version

NEAREST = 3  # versions that an error names


def resolved(packages: Sequence[Wanted], fetching: Fetching, project: str) -> tuple[Pinned, ...]:
    """Every package that is needed, each once, those that the project lists first.

    The newest version is taken that all who have spoken so far allow, and chosen again when somebody else speaks;
    what a version needed that was given up still counts, as in dbt.

    Raises:
        ConfigError: no version is allowed by all who need a package; says who they are.
        CycleError: packages need each other.
        DuplicateError: two packages are projects of one name, or one is named as the project.
    """
    resolution = _Resolution(fetching)
    pending: list[tuple[Wanted, Path]] = [(each, ()) for each in packages]
    while pending:
        pending = [found for wanted, path in pending for found in resolution.incorporated(wanted, path)]
    pinned = tuple(resolution.pinned(identity) for identity in resolution.wanted)
    _verify_names(pinned, project)
    return pinned


def _identity(wanted: Wanted) -> str:
    """What is one package, however often it is listed."""
    what = wanted.what.removesuffix(".git") if wanted.kind == "git" else wanted.what
    return f"{wanted.kind} {what} {wanted.subdirectory}"


Path = tuple[tuple[str, str], ...]  # identities and names of the packages through which one came to be needed


@dataclass
class _Resolution:
    fetching: Fetching
    wanted: dict[str, list[Wanted]] = field(default_factory=dict)
    _walked: set[tuple[str, str]] = field(default_factory=set)

    def incorporated(self, wanted: Wanted, path: Path) -> Iterator[tuple[Wanted, Path]]:
        """What a package needs that was not asked for yet."""
        identity = _identity(wanted)
        if any(identity == each for each, _ in path):
            names = [name for each, name in path[[each for each, _ in path].index(identity) :]]
            raise CycleError(
                f"packages need each other: {' needs '.join((*names, names[0]))}.",
                cycle=(*names, names[0]), path=wanted.place.path, line=wanted.place.line, hint="leave one entry out.",
            )  # fmt: skip
        self.wanted.setdefault(identity, []).append(wanted)
        pinned = self.pinned(identity)
        if (identity, pinned.version) not in self._walked:
            self._walked.add((identity, pinned.version))
            below = (*path, (identity, pinned.name))
            yield from ((each, below) for each in self.fetching.requirements(pinned))

    def pinned(self, identity: str) -> Pinned:
        """The version that all who want it allow."""
        wanted = self.wanted[identity]
        found = self.fetching.pinned(wanted)
        if found is None:
            raise _impossible(wanted, self.fetching.hub)
        verified_name(found)
        return found


def _impossible(wanted: Sequence[Wanted], hub: Hub) -> ConfigError:
    last = wanted[-1]
    where = {"path": last.place.path, "line": last.line_of("version" if last.kind == "package" else "revision")}
    sides = {f"{each.place.path}:{each.place.line}": _demand(each) for each in wanted}
    if len(set(sides.values())) > 1:
        told = ", and ".join(f"{place} wants {demand}" for place, demand in sides.items())
        return ConfigError(
            f"no version of {last} suits all who need it: {told}.", **where,  # type: ignore[arg-type]
            hint=_there(last, hub) if last.kind == "package" else "let all of them ask for the same revision.",
        )  # fmt: skip
    return ConfigError(f"{last} has no version {_demand(last)}.", **where, hint=_there(last, hub))  # type: ignore[arg-type]


def _demand(wanted: Wanted) -> str:
    return " ".join(wanted.versions) if wanted.kind == "package" else wanted.revision or "its default branch"


def _there(wanted: Wanted, hub: Hub) -> str:
    """The versions nearest to the one that is not there."""
    there = sorted(hub.versions(wanted))
    if not there:
        return "it has no version for dbt 1.11."
    aim = parse_version(wanted.versions[0].lstrip("<>= "))
    below = [version for version in there if aim is None or version < aim][-NEAREST:]
    above = [version for version in there if aim is not None and version >= aim][: NEAREST - 1]
    early = "; `install_prerelease: true` takes prereleases" if any(version.early for version in there) else ""
    return f"there are {', '.join(map(str, (*below, *above)))}{early}."


def _verify_names(pinned: Iterable[Pinned], project: str) -> None:
    seen: dict[str, Pinned] = {}
    for each in pinned:
        place = each.wanted.place
        if each.name == project:
            raise DuplicateError(
                f"the package {each.wanted} is named `{project}`, as the project.", path=place.path, line=place.line,
                hint="leave it out, or rename the project.",
            )  # fmt: skip
        other = seen.setdefault(each.name, each)
        if other is not each:
            raise DuplicateError(
                f"{other.wanted} and {each.wanted} are both the package `{each.name}`.", path=place.path,
                line=place.line, hint=f"keep one of them; the other is at {other.wanted.place.path}.",
            )  # fmt: skip
