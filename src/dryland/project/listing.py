"""Lists the files that a project was read from, and says which of them are others now."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from dryland.values import dataclass

READ = frozenset({".sql", ".py", ".yml", ".yaml", ".csv", ".md", ".json", ".dbtignore"})
DATA = (".csv", ".json")  # where nobody said that they are the project's, somebody may write to them all the time
PASSED_OVER = frozenset({"__pycache__", "logs", "node_modules", "target", "venv"})  # but in folders that are read whole

Seen = tuple[int, int, int]
"""Size and times of a file: of change too, which no tool can set back."""


@dataclass(frozen=True, slots=True)
class Places:
    """The folders that a project was read from: some in every corner, and those they stand in."""

    whole: tuple[str, ...]
    roots: tuple[str, ...]

    def listing(self) -> dict[str, Seen]:
        """Every file that may be read, by path."""
        seen: set[str] = set()
        found: dict[str, Seen] = {}
        for folder in self.whole:
            found.update(_files(folder, seen, is_whole=True))
        for root in self.roots:
            found.update(_files(root, seen, is_whole=False))
        return found

    def written(self, before: Mapping[str, Seen], now: Mapping[str, Seen]) -> list[str]:
        """The files that are not as they were, but for data that merely lies about in a project."""
        paths = sorted(path for path in {*before, *now} if before.get(path) != now.get(path))
        return [path for path in paths if not path.endswith(DATA) or path.startswith(self.whole)]


@dataclass(frozen=True, slots=True)
class Listing:
    """The files as they were read, with hashes of what stood in them."""

    files: Mapping[str, Seen]
    contents: Mapping[str, str]

    @classmethod
    def of(cls, files: Mapping[str, Seen]) -> Listing:
        """Of files as they are now."""
        return cls(files, {path: content_hash(path) for path in files})

    def changed(self, now: Mapping[str, Seen]) -> dict[str, str] | None:
        """The files in which something else stands now, with its hash; None when some are new or gone.

        Files whose times alone are others, as after a checkout, count as they were.
        """
        if now.keys() != self.files.keys():
            return None
        touched = {path: content_hash(path) for path, seen in now.items() if seen != self.files[path]}
        return {path: content for path, content in touched.items() if content != self.contents[path]}

    def as_of(self, now: Mapping[str, Seen], changed: Mapping[str, str]) -> Listing:
        """The same files as they are by now."""
        return Listing(now, {**self.contents, **changed})


def content_hash(path: str) -> str:
    """Of what stands in a file; of one that cannot be read a text that no other has."""
    try:
        return hashlib.blake2b(Path(path).read_bytes(), digest_size=16).hexdigest()
    except OSError as error:
        return f"unreadable: {error}"


def _files(folder: str, seen: set[str], *, is_whole: bool) -> Iterator[tuple[str, Seen]]:
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
                    yield entry.path, (found.st_size, found.st_mtime_ns, found.st_ctime_ns)
