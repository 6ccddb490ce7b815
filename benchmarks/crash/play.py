"""Plays a round: a deed is struck, what must hold is looked at, the deed is done again, and all of it is looked at."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from crash.deeds import Deed, next_apply, next_deed
from crash.ground import AFTER_A_KILL, AFTER_THE_NEXT, Broken, Ground
from crash.invariants import DEFAULT, Mixture, seen_of
from crash.kinds import KINDS, Kind, Struck
from crash.shown import Shown, after
from crash.zygote import CRASHED

TOLD_MAX = 2_000  # characters of what a verb said


@dataclass(frozen=True, slots=True)
class Round:
    """One deed that was struck, or only measured."""

    place: str
    number: int
    kind: str  # empty: nobody knew how long it takes, so it was measured
    deed: str
    landed: bool = False
    where: str = ""
    code: int = 0
    outcome: str = ""  # what was shown after the kill
    seconds: float = 0.0
    broken: tuple[Broken, ...] = ()
    said: str = ""


def play(ground: Ground, number: int, done: Counter[tuple[str, str]], kinds: Sequence[Kind] = KINDS) -> Round:
    """Strike the next deed with some kind of kill; `done` counts what was struck by kind and deed."""
    deeds = Counter[str]()
    for (_, name), count in done.items():
        deeds[name] += count
    possible = list[Kind]()
    while not possible:
        deed = next_deed(ground.standing(), ground.chance, deeds)
        possible = [kind for kind in kinds if kind.is_possible(ground.place, deed)]
        deeds[deed.name] += not possible  # another one's turn, or the rarest would be chosen for ever
    weights = [kind.weight / (1 + done[kind.name, deed.name]) for kind in possible]
    played = strike(ground, ground.chance.choices(possible, weights)[0], deed, number)
    done[played.kind, deed.name] += played.landed
    return played


def strike(ground: Ground, kind: Kind, deed: Deed, number: int) -> Round:
    """One round of one kind; a deed of which nobody knows how long it takes is only measured."""
    began, name = time.monotonic(), ground.place.name
    before = ground.shown.get(deed.environment)
    ground.prepare(deed)
    if deed.name not in ground.measured:
        broken = ground.done(deed, [])
        return Round(name, number, "", deed.name, seconds=time.monotonic() - began, broken=tuple(broken))
    struck = kind.strike(ground, deed)
    mixture = ground.published_in_part(deed, before)
    broken = [*_wrong_words(ground, deed, struck, mixture)]
    allowed = _allowed(deed, struck, ground, before)
    shown_once = {shown for each in allowed.values() for shown in each} | {before, deed.then}
    possible = [*filter(None, shown_once), *([mixture] if mixture else [])]
    seen, found = ground.looked(allowed, possible, mixture)
    broken += found
    broken += _again(ground, deed, struck, seen, possible)
    broken += [Broken("reader", AFTER_THE_NEXT, each) for each in ground.reader_says()]
    shown = seen.get(deed.environment)
    outcome = "in part" if mixture and not shown else "new" if shown == deed.then else "old"
    return Round(
        name, number, kind.name, deed.name, struck.landed, struck.where, struck.code, outcome,
        time.monotonic() - began, tuple(broken), struck.text if broken else "",
    )  # fmt: skip


def _again(
    ground: Ground, deed: Deed, struck: Struck, seen: Mapping[str, Shown | None], possible: Sequence[Shown | Mixture]
) -> list[Broken]:
    """The next command: the same once more; where others came between, a release on top of whatever stands."""
    if struck.also is None:
        return ground.done(deed, possible, is_again=True)
    ground.shown = {name: shown for name, shown in seen.items() if shown is not None}
    if DEFAULT not in ground.shown:
        return []
    ground.prepare(then := next_apply(ground.standing()))
    return ground.done(then, possible, is_again=True)


def _allowed(deed: Deed, struck: Struck, ground: Ground, before: Shown | None) -> Mapping[str, Sequence[Shown | None]]:
    """What environments may show: as before, or as wanted; of two at once in either order, or only one of them."""
    if struck.also is None:
        return {deed.environment: (before, deed.then)} if deed.environment else {}
    prod, code, batch = ground.shown[DEFAULT], struck.also.code, ground.batch
    alone = after(prod, code, batch)
    found: dict[str, Sequence[Shown | None]] = {DEFAULT: (alone, *([prod] if struck.also_code else []))}
    if deed.name == "apply":
        assert deed.then
        both = (after(deed.then, code, batch), after(alone, deed.code, batch))
        found[DEFAULT] = (*found[DEFAULT], *both, *([deed.then] if struck.also_code else []))
    elif deed.environment and deed.environment != DEFAULT:
        found[deed.environment] = (before, deed.then, *([alone] if deed.name == "env create" else []))
    return found


def _wrong_words(ground: Ground, deed: Deed, struck: Struck, mixture: Mixture | None) -> Iterator[Broken]:
    """Where the verb's own words, or its code, are not true."""
    said = struck.text[-TOLD_MAX:]
    if CRASHED in (struck.code, struck.also_code):
        yield Broken("said", AFTER_A_KILL, f"broke off: {said}")
    elif struck.code == 1 and 1 not in deed.codes and not mixture:
        yield Broken("said", AFTER_A_KILL, f"says that a check said no: {said}")
    elif struck.code == 2 and not struck.also:
        yield Broken("said", AFTER_A_KILL, f"says that it was asked wrongly: {said}")
    elif struck.code == 0 and 0 in deed.codes and deed.environment and not struck.also:
        with ground.place.warehouse() as ask:
            _, wrong = seen_of(ask, deed.environment, [deed.then])
        if wrong:
            yield Broken("said", AFTER_A_KILL, f"says that it is done, and it is not: {said}")
