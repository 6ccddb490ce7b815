"""Understands the words of `dryland diff`: environments, releases, models, or two tables."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from dryland.errors import UsageError
from dryland.values import dataclass


@dataclass(frozen=True, slots=True)
class Asked:
    """Two places and models to look at there, or two tables by name."""

    before: str = ""
    after: str = ""
    select: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()


def asked_by(
    words: Sequence[str], *, before: str = "", after: str = "",
    environments: Collection[str], default: str, before_it: Callable[[str], str],
) -> Asked:  # fmt: skip
    """One place is compared with the default environment; that one, and a release, with what was there before.

    Raises:
        UsageError: more than two places, or places beside `--from` and `--to`.

    >>> asked_by(["dev"], environments=["dev", "prod"], default="prod", before_it=lambda place: "before " + place)
    Asked(before='prod', after='dev', select=(), tables=())
    >>> asked_by(["12", "orders"], environments=["prod"], default="prod", before_it=lambda place: "before " + place)
    Asked(before='before 12', after='12', select=('orders',), tables=())
    """
    if len(words) == 2 and all(_is_table(word) for word in words):
        return Asked(tables=tuple(words))
    places = [word for word in words if word.isdecimal() or word in environments]
    select = tuple(word for word in words if word not in places)
    named = [*places, *filter(None, (before, after))]
    if len(named) > 2:
        raise UsageError(
            f"two places are compared, not {len(named)}: {', '.join(named)}.",
            hint="dryland diff BEFORE AFTER, or --from BEFORE --to AFTER.",
        )
    if len(places) == 2:
        return Asked(places[0], places[1], select)
    if places and after:
        before, after = places[0], after
    after = after or (places[0] if places else default)
    if not before:
        before = default if not after.isdecimal() and after != default else before_it(after)
    return Asked(before, after, select)


def _is_table(word: str) -> bool:
    return "." in word and not any(mark in word for mark in ("/", ":", "*", "+", "@"))
