"""Holds still what a template prints of the clock, so that its SQL means the same each time it is rendered."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import replace
from itertools import takewhile

from dryland.errors import DrylandError
from dryland.project.jinja.clock import EARLY, LATE, NAMES, RANDOM, Clock
from dryland.project.nodes import Rendered

PIECE = re.compile(r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|\w+|\s+|.", re.DOTALL)
WORD = re.compile(r"(\w+)")
CHANCE_MAX = 6  # quotes included: the name of a month may be the same in two years
OF_TIME = re.compile(r"\w*\d\w*|[0-9a-fA-F]+")  # what a moment or an id is written with; names of days are text


def _shown(clock: Clock) -> frozenset[str]:
    """Numbers that a clock shows, with and without their leading zeros."""
    forms = (
        "%Y",
        "%m",
        "%d",
        "%H",
        "%M",
        "%S",
        "%f",
        "%j",
        "%y",
        "%Y%m%d",
        "%Y%m",
        "%Y%m%d%H",
        "%H%M%S",
        "%Y%m%d%H%M%S",
    )
    told = [clock.moment.strftime(form) for form in forms] + [str(int(clock.moment.timestamp()))]
    return frozenset([*told, *(str(int(each)) for each in told)])


SHOWN_EARLY, SHOWN_LATE = _shown(EARLY), _shown(LATE)


def held_still(rendered: Rendered, asked: Collection[str], at: Callable[[Clock], str]) -> Rendered:
    """The rendering, marked as volatile when it prints the clock, and with its SQL as of a fixed moment.

    That SQL must be the same but for dates, times and ids, or it would hide what was written: there is none of a
    template that decides by the clock what to write, or prints the names of days.
    """
    told = tuple(sorted(NAMES & set(asked)))
    if not told:
        return rendered
    if rendered.needs_warehouse or RANDOM in told:  # which no clock holds still
        return replace(rendered, volatile=told)
    early, late = _attempt(at, EARLY), _attempt(at, LATE)
    if early is not None and early == late:
        return rendered
    is_alike = early is not None and late is not None and _is_alike(early, late, rendered.sql)
    return replace(rendered, volatile=told, still=early if early is not None and is_alike else "")


def _attempt(at: Callable[[Clock], str], clock: Clock) -> str | None:
    try:
        return at(clock)
    except DrylandError:  # a template may refuse to be rendered at another time
        return None


def _is_alike(early: str, late: str, now: str) -> bool:
    """Whether three texts of SQL differ in what a clock shows only: in strings, in comments, in bare numbers of it."""
    texts = [PIECE.findall(text) for text in (early, late, now)]
    return len({len(pieces) for pieces in texts}) == 1 and all(map(_is_told_by_the_clock, *texts))


def _is_told_by_the_clock(early: str, late: str, now: str) -> bool:
    """Not so `100 if run_started_at.year < 2010 else 1000`: that is written, and only chosen by the clock."""
    if early == late == now:
        return True
    if early.isdigit() and late.isdigit():
        return now.isdigit() and early in SHOWN_EARLY and late in SHOWN_LATE
    if late == now and len(late) > CHANCE_MAX:
        return False  # two moments far apart do not show the same: it is one of two texts
    return _may_stand_for(early, late) and _may_stand_for(early, now)


def _may_stand_for(one: str, other: str) -> bool:
    if one == other:
        return True
    start = one[:2] if one.startswith(("--", "/*")) else one[:1]
    if start not in ("--", "/*", "'") or not other.startswith(start):
        return False
    return start != "'" or _is_same_but_for_times(one, other)


def _is_same_but_for_times(one: str, other: str) -> bool:
    words, others = WORD.split(one), WORD.split(other)
    return len(words) == len(others) and all(map(_are_of_time, words, others))


def _are_of_time(word: str, other: str) -> bool:
    """Looked at without the letters that both begin with: of an id, `run_abcdefab` shows no digit either."""
    if word == other:
        return True
    shared = len(list(takewhile(lambda pair: pair[0] == pair[1], zip(word, other, strict=False))))
    return all(OF_TIME.fullmatch(each) or OF_TIME.fullmatch(each, shared) for each in (word, other))
