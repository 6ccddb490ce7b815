"""Holds still what a template prints of the clock, so that its SQL means the same each time it is rendered."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import replace

from dryland.errors import DrylandError
from dryland.project.jinja.clock import EARLY, LATE, NAMES, Clock
from dryland.project.nodes import Rendered

PIECE = re.compile(r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|\w+|\s+|.", re.DOTALL)
WORD = re.compile(r"(\w+)")
OF_TIME = re.compile(r"\w*\d\w*|[0-9a-f]+")  # what a moment or an id is written with; names of days are text


def held_still(rendered: Rendered, asked: Collection[str], at: Callable[[Clock], str]) -> Rendered:
    """The rendering, marked as volatile when it prints the clock, and with its SQL as of a fixed moment.

    That SQL must be the same but for dates, times, ids and numbers, or it would hide what was written: there is
    none of a template that decides by the clock what to write, or prints the names of days.
    """
    told = tuple(sorted(NAMES & set(asked)))
    if not told:
        return rendered
    early, late = _attempt(at, EARLY), _attempt(at, LATE)
    if early is not None and early == late and not rendered.needs_warehouse:
        return rendered
    is_alike = early is not None and late is not None and all(_is_alike(early, each) for each in (late, rendered.sql))
    return replace(rendered, volatile=told, still=early if early is not None and is_alike else "")


def _attempt(at: Callable[[Clock], str], clock: Clock) -> str | None:
    try:
        return at(clock)
    except DrylandError:  # a template may refuse to be rendered at another time
        return None


def _is_alike(one: str, other: str) -> bool:
    """Whether two texts of SQL differ in numbers, in times and ids within strings, and in comments only."""
    pieces, others = PIECE.findall(one), PIECE.findall(other)
    return len(pieces) == len(others) and all(map(_may_stand_for, pieces, others))


def _may_stand_for(one: str, other: str) -> bool:
    if one == other or (one.isdigit() and other.isdigit()):
        return True
    start = one[:2] if one.startswith(("--", "/*")) else one[:1]
    if start not in ("--", "/*", "'") or not other.startswith(start):
        return False
    return start != "'" or _is_same_but_for_times(one, other)


def _is_same_but_for_times(one: str, other: str) -> bool:
    words, others = WORD.split(one), WORD.split(other)
    return len(words) == len(others) and all(
        word == another or bool(OF_TIME.fullmatch(word) and OF_TIME.fullmatch(another))
        for word, another in zip(words, others, strict=True)
    )
