"""Keeps what was worked out in the user's own cache, where only the same person can have written it.

It is never needed: whatever is missing, damaged, of another version or somebody else's is worked out again.
"""

from __future__ import annotations

import os
import pickle
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from threading import get_ident
from typing import TYPE_CHECKING, Any, TypeVar

from dryland.digest import digest
from dryland.project.watching import Tell, nobody_told

if TYPE_CHECKING:
    from dryland.workers import Workers

SWITCH = "DRYLAND_CACHE"  # where to keep things; empty keeps nothing
MADE_WITH = ("dryland", "jinja2", "sqlglot", "yaml")  # another version may read the same files in another way
MANY = 100  # pieces to work out, from which on other processes are worth their start
SOME = 10  # the same once they are there
SPARE = 2  # for each piece that is in use, as many stay that are not: somebody may switch back to another branch
USED_AGAIN_S = 3_600.0  # after which a file is marked as used when it is read
UNWRITABLE = (OSError, pickle.PicklingError, AttributeError, TypeError, ValueError)  # by the disk, or as bytes

Value = TypeVar("Value")


def kept_folder(environment: Mapping[str, str]) -> Path | None:
    """Where things are kept; None when nothing is to be kept."""
    given = environment.get(SWITCH)
    if given == "":
        return None
    home = environment.get("XDG_CACHE_HOME") or "~/.cache"
    try:
        return Path(given) if given else Path(home).expanduser() / "dryland"
    except RuntimeError:  # who runs it has no home
        return None


def recalled(place: Path | None, stamp: str) -> Any:
    """What was kept in a file under this stamp; None when that is nothing, or not the user's own."""
    if place is None:
        return None
    try:
        with place.open("rb") as file:
            found = os.fstat(file.fileno())
            if os.name == "posix" and found.st_uid != os.getuid():
                return None  # a shared folder, and somebody else's
            known, value = pickle.load(file)  # noqa: S301 - of the user's own cache
    except Exception:  # whatever was written there by another version, or cut off
        return None
    if known != stamp:
        return None
    if time.time() - found.st_mtime > USED_AGAIN_S:
        with suppress(OSError):
            os.utime(place)  # so that it stays: see `tidying`
    return value


def shared(place: Path, ending: str) -> Path:
    """A file for pieces of work that belong to whatever is read from the same folder, by their hashes.

    `place` is where a project of that folder is kept, as it is with some target and variables.
    """
    return place.with_name(f"{place.name.partition('-')[0]}.{ending}")


def keep(place: Path | None, stamp: str, value: object) -> bool:
    """Keep a value under a stamp, in the place of what was there; say whether it is, for that it cannot is no failure.

    Atomically: whoever reads at the same time finds what was there before.
    """
    if place is None:
        return False
    aside = place.with_name(f"{place.name}.{os.getpid()}.{get_ident()}")
    with suppress(*UNWRITABLE):
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with aside.open("wb") as file:
            pickle.dump((stamp, value), file)
        aside.replace(place)
        return True
    with suppress(OSError):
        aside.unlink(missing_ok=True)
    return False


class Shelf:
    """Pieces of work, each under a hash of everything that it was made from. Safe to use from several threads.

    Two processes may share a file: each finds what was there when it looked, and the last one to write is kept.
    """

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._before: dict[str, bytes] | None = None
        self._used: dict[str, bytes] = {}
        self._is_new = False

    def remembered(self, key: str, work: Callable[[], Value], form: Any = pickle) -> Value:
        """What is kept under a key, or else the outcome of `work`, which is kept from now on.

        `form` writes and reads it: `pickle`, or `marshal` for code.
        """
        found = self._kept(key)
        if found is not None:
            with suppress(Exception):  # whatever a damaged piece does
                kept: Value = form.loads(found)
                self._used[key] = found
                return kept
        value = work()
        with suppress(*UNWRITABLE):
            self._used[key], self._is_new = form.dumps(value), True
        return value

    def prepare(
        self, work: Callable[[Any], bytes], asked: Mapping[str, Any], workers: Workers, tell: Tell = nobody_told
    ) -> None:
        """Have what is not kept of many things worked out on all cores, for when it is asked for.

        `asked` gives under each key what `work` takes; that returns its outcome as bytes of the form in which
        it will be read. Where it fails nothing is kept, and whoever asks for it works it out.
        """
        missing = {key: each for key, each in asked.items() if not self._kept(key)}
        if len(missing) < (SOME if workers.are_there else MANY):
            tell(len(asked))
            return
        tell(len(asked) - len(missing))
        for key, made in zip(missing, workers.share(work, list(missing.values()), tell), strict=True):
            if made is not None:
                self._used[key], self._is_new = made, True

    def _kept(self, key: str) -> bytes | None:
        if self._before is None:
            self._before = recalled(self._file, made_with()) or {}
        return self._used.get(key) or self._before.get(key)

    def save(self, *, is_whole: bool = False) -> None:
        """Write down what is new.

        `is_whole`: everything was asked for that is in use, so that the rest may make way.
        """
        if not self._is_new:
            return
        spare = [(key, value) for key, value in (self._before or {}).items() if key not in self._used]
        stay = spare[-SPARE * len(self._used) :] if is_whole else spare
        keep(self._file, made_with(), {**dict(stay), **self._used})
        self._is_new = False


@cache
def made_with() -> str:
    """A hash of the code that works things out: Dryland's own, and of the libraries that read."""
    code = [spec.origin for name in MADE_WITH if (spec := find_spec(name)) and spec.origin]
    files = sorted(_times_below(str(Path(code[0]).parent)))
    return digest([sys.version, [Path(path).stat().st_mtime_ns for path in code[1:]], files])


def _times_below(folder: str) -> Iterator[tuple[str, int, int]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir():
                if entry.name != "__pycache__":
                    yield from _times_below(entry.path)
            else:
                found = entry.stat()
                yield entry.path, found.st_size, found.st_mtime_ns
