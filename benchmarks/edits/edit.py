"""Defines an edit: what a person changes in some files of the project, and how such changes are written down."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from edits.project import AREA, Files

Layer = Literal["staging", "intermediate", "marts", "company", "project"]
Work = Callable[[Files, str], Files]
"""One thing done to the files, for one area: AREA stands for its name in whatever is given."""

KEYWORDS = re.compile(r"\b(select|from|where|group by|order by|left join|inner join|join|on|as|and|case|when|end)\b")


@dataclass(frozen=True, slots=True)
class Variant:
    """A way to make one kind of edit, for any area."""

    kind: str
    layer: Layer
    works: tuple[Work, ...]

    def of(self, files: Files, area: str) -> Files:
        """The files after it.

        >>> variant("a constant", "marts", swap("a.sql", "1", "2")).of({"a.sql": "select 1"}, "web")
        {'a.sql': 'select 2'}
        """
        for work in self.works:
            files = work(files, area)
        return files


@dataclass(frozen=True, slots=True)
class Edit:
    """One edit, as it is tried: the files that it writes, and None for those that it removes."""

    number: int
    kind: str
    layer: Layer
    area: str
    files: Mapping[str, str | None]

    @property
    def name(self) -> str:
        """For people: `17 a constant: models/marts/dim_web__items.sql`."""
        return f"{self.number} {self.kind}: {', '.join(self.files)}"


def variant(kind: str, layer: Layer, *works: Work) -> Variant:
    """A way to make one kind of edit."""
    return Variant(kind, layer, works)


def difference(before: Files, after: Files) -> dict[str, str | None]:
    """What was written and removed."""
    written: dict[str, str | None] = {path: text for path, text in after.items() if before.get(path) != text}
    return written | dict.fromkeys(before.keys() - after.keys())


# --- what can be done to files -------------------------------------------------------------------------------------


def swap(path: str, old: str, new: str) -> Work:
    """Put other text in the place of what stands in the file, once."""

    def work(files: Files, area: str) -> Files:
        at, found, other = (text.replace(AREA, area) for text in (path, old, new))
        assert found in files[at], f"{at} does not contain {found!r}"
        return {**files, at: files[at].replace(found, other, 1)}

    return work


def rename(path: str, old: str, new: str) -> Work:
    """Put another word wherever a word stands in the file."""

    def work(files: Files, area: str) -> Files:
        at = path.replace(AREA, area)
        text, count = re.subn(rf"\b{old}\b", new, files[at])
        assert count, f"{at} does not contain the word {old}"
        return {**files, at: text}

    return work


def shout(path: str) -> Work:
    """Write keywords in capitals, as other people's formatters do."""
    return _rewritten(path, lambda text: KEYWORDS.sub(lambda found: found[0].upper(), text))


def squeeze(path: str) -> Work:
    """Write everything on as few lines as can be."""
    return _rewritten(path, lambda text: re.sub(r"(?<![;{%])\n\s*", " ", text).strip() + "\n")


def add(path: str, text: str) -> Work:
    """Write a new file."""
    return lambda files, area: {**files, path.replace(AREA, area): text.replace(AREA, area)}


def remove(path: str) -> Work:
    """Remove a file."""
    return lambda files, area: {at: text for at, text in files.items() if at != path.replace(AREA, area)}


def move(path: str, to: str) -> Work:
    """Give a file another place."""

    def work(files: Files, area: str) -> Files:
        old, new = path.replace(AREA, area), to.replace(AREA, area)
        return {new if at == old else at: text for at, text in files.items()}

    return work


def _rewritten(path: str, how: Callable[[str], str]) -> Work:
    def work(files: Files, area: str) -> Files:
        at = path.replace(AREA, area)
        assert how(files[at]) != files[at], f"{at} stays as it is"
        return {**files, at: how(files[at])}

    return work
