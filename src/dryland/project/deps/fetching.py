"""Gets packages from where they are: what version, what is in it, what it needs, and its files."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from dryland.errors import ConfigError, UnreachableError
from dryland.project.deps.archive import unpack
from dryland.project.deps.git import check_out
from dryland.project.deps.hub import INSTEAD, Hub
from dryland.project.deps.listing import Wanted, listed, parse_entry
from dryland.project.deps.local import found_locally
from dryland.project.deps.lock import Pinned
from dryland.project.deps.transfer import NotThereError, download
from dryland.project.deps.trust import verify_plain
from dryland.project.deps.versions import newest, parse_bounds
from dryland.project.jinja.templates import Templates
from dryland.project.layout import FILE, read_layout
from dryland.project.nodes import Place

ARCHIVE_BYTES_MAX = 128 << 20
NAME = re.compile(r"[^\d\W]\w*")


@dataclass
class Fetching:
    """One installation's way to packages; brings each to the work folder once."""

    project: Path
    work: Path
    hub: Hub
    templates: Templates  # of the project's own lists
    others: Templates  # of lists that came from elsewhere
    environment: Mapping[str, str]
    say: Callable[[str], None] = lambda text: None
    _brought: dict[str, tuple[Path, str]] = field(default_factory=dict)

    def pinned(self, wanted: Sequence[Wanted]) -> Pinned | None:
        """The version that all who want a package allow; None when there is none."""
        first = wanted[0]
        if first.kind == "package":
            return self._chosen(wanted)
        if first.kind == "git" and len({each.revision for each in wanted}) > 1:
            return None
        if first.kind == "local":
            return Pinned(first, read_layout(Path(first.what), f"{first.written}/").name)
        folder, version = self._folder(Pinned(first, first.name))
        name = first.name if first.kind == "tarball" else read_layout(folder, f"{first}/").name
        return Pinned(first, name, version)

    def requirements(self, pinned: Pinned) -> Iterator[Wanted]:
        """The packages that a package lists; a list that was fetched reads no secrets."""
        wanted = pinned.wanted
        if wanted.kind == "package":
            shown = Place(f"{pinned.name}/packages.yml")
            for entry in self.hub.requirements(wanted, pinned.version):
                verify_plain(entry, shown)
                yield parse_entry(entry, shown, self.others)
            return
        folder = Path(wanted.what) if wanted.kind == "local" else self._folder(pinned)[0]
        is_own = wanted.kind == "local" and not folder.is_relative_to(self.work)
        for each in listed(folder, self.templates if is_own else self.others, f"{pinned.name}/"):
            said = each if is_own else replace(each, written=each.what)  # it holds no secret, and may be kept
            yield found_locally(said, self.project, folder) if each.kind == "local" else said

    def put(self, pinned: Pinned, to: Path, final: Path) -> None:
        """Make a package's folder at `to`, from where it will be moved to `final`.

        Raises:
            ConfigError: what was fetched is no dbt project.
        """
        if pinned.wanted.kind == "local":
            _link(pinned.wanted, self.project, to, final)
            return
        folder, _ = self._folder(pinned)
        if not (folder / FILE).is_file():
            place = pinned.wanted.place
            raise ConfigError(
                f"the package {pinned.wanted} has no {FILE}.", path=place.path, line=place.line,
                hint="is the project in a `subdirectory:`?" if pinned.wanted.kind == "git" else "is it a dbt package?",
            )  # fmt: skip
        folder.rename(to)
        self._brought = {key: found for key, found in self._brought.items() if found[0] != folder}

    def _chosen(self, wanted: Sequence[Wanted]) -> Pinned | None:
        bounds = [bound for each in wanted for bound in parse_bounds(each.versions)]
        there = self.hub.versions(wanted[0])
        found = newest(there, bounds, is_early_allowed=any(each.is_early_allowed for each in wanted))
        if found is None:
            return None
        return Pinned(wanted[0], self.hub.name(wanted[0], there[found]), there[found])

    def _folder(self, pinned: Pinned) -> tuple[Path, str]:
        """The package's files in the work folder, and their version: brought there when asked first."""
        wanted = pinned.wanted
        key = hashlib.sha256(f"{wanted.kind} {wanted.what} {wanted.subdirectory} {pinned.version}".encode()).hexdigest()
        if key not in self._brought:
            self.say(f"fetching {pinned.shown if pinned.name else wanted}")
            place = self.work / key[:16]
            if wanted.kind == "git":
                self._brought[key] = check_out(wanted, place, self.environment, commit=pinned.version)
            else:
                self._brought[key] = self._archived(pinned, place), pinned.version
            named = self._brought[key]
            again = hashlib.sha256(f"{wanted.kind} {wanted.what} {wanted.subdirectory} {named[1]}".encode()).hexdigest()
            self._brought[again] = named
        return self._brought[key]

    def _archived(self, pinned: Pinned, place: Path) -> Path:
        wanted = pinned.wanted
        url = self.hub.tarball(wanted, pinned.version) if wanted.kind == "package" else wanted.what
        archive = self.work / f"{place.name}.tar.gz"
        try:
            download(url, archive, ARCHIVE_BYTES_MAX)
            return unpack(archive, place, pinned.shown)
        except NotThereError as error:
            raise _at(ConfigError(f"there is no archive at {error}.", hint="has it moved?"), wanted) from None
        except (UnreachableError, ConfigError) as error:
            raise _at(error, wanted) from None
        finally:
            archive.unlink(missing_ok=True)


def verified_name(pinned: Pinned) -> str:
    """The name of a package's project, which will be that of a folder.

    Raises:
        ConfigError: it is no name.
    """
    if not NAME.fullmatch(pinned.name):
        place = pinned.wanted.place
        raise ConfigError(
            f"the package {pinned.wanted} calls itself `{pinned.name}`, which is no name.", path=place.path,
            line=place.line, hint="letters, digits and underscores.",
        )  # fmt: skip
    return pinned.name


def _link(wanted: Wanted, project: Path, to: Path, final: Path) -> None:
    """A link to a local package, relative when the project says it so; a copy where links cannot be made."""
    folder = (project / wanted.what).resolve()
    is_absolute = Path(wanted.written).is_absolute()
    try:
        to.symlink_to(folder if is_absolute else os.path.relpath(folder, final.parent.resolve()))
    except OSError:
        shutil.copytree(folder, to)


def _at(error: ConfigError | UnreachableError, wanted: Wanted) -> ConfigError | UnreachableError:
    """The error, told of the entry that asked for it."""
    hint = error.hint or INSTEAD
    return type(error)(error.message, hint=hint, path=wanted.place.path, line=wanted.place.line)
