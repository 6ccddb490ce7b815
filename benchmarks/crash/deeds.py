"""Decides what is done next to a mill, and what has to come of it."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from crash.invariants import DEFAULT
from crash.mill import code_files
from crash.shown import Shown, after

DEV = "dev"


@dataclass(frozen=True, slots=True)
class Deed:
    """A verb with what it is given, and what its environment shows when it is done."""

    name: str
    arguments: tuple[str, ...]
    environment: str = DEFAULT
    then: Shown | None = None
    codes: tuple[int, ...] = (0,)  # of which one ends it
    codes_again: tuple[int, ...] = ()  # when it is said again after it was done
    files: Mapping[str, str] = field(default_factory=dict)
    arrives: int | None = None  # a batch, before it
    code: int = 0  # the number of the code in its files
    is_beside_others: bool = False  # somebody may release other code at the same time, and both orders are known


@dataclass(frozen=True, slots=True)
class Standing:
    """How a mill stands: what its environments show, and what came into the world so far."""

    shown: Mapping[str, Shown]
    released: Mapping[int, Shown]  # of `prod`, the releases that can be gone back to
    live: int | None
    code: int
    batch: int

    @property
    def is_behind(self) -> bool:
        """Whether something arrived that `prod` does not show: `run` comes first then."""
        return self.shown[DEFAULT].batch < self.batch


def deeds_for(standing: Standing) -> Mapping[str, Callable[[random.Random], Deed]]:
    """Deed -> how it is made, of those that can be done."""
    makers: dict[str, Callable[[random.Random], Deed]] = {
        "run": lambda _: _run(standing),
        "gc": lambda _: _gc(standing),
    }
    if not standing.is_behind:
        makers["apply"] = lambda _: next_apply(standing)
        makers["apply that is refused"] = lambda _: _refused(standing)
    if others := _to_go_back_to(standing):
        makers["rollback"] = lambda chance: _rollback(standing, chance.choice(others))
    if DEV not in standing.shown:
        makers["env create"] = lambda _: _create(standing)
    else:
        makers["env drop"] = lambda _: Deed("env drop", ("env", "drop", DEV, "--yes"), DEV, None, codes_again=(2,),
                                           is_beside_others=not standing.is_behind)  # fmt: skip
        dev = standing.shown[DEV]
        makers["apply to dev" if dev.batch == standing.batch else "run in dev"] = lambda _: _to_dev(standing, dev)
    return makers


WEIGHTS: Mapping[str, int] = {
    "apply": 6, "apply that is refused": 2, "run": 6, "rollback": 3, "env create": 5, "env drop": 2, "gc": 3,
    "apply to dev": 1, "run in dev": 1,
}  # fmt: skip


def next_deed(standing: Standing, chance: random.Random, done: Mapping[str, int]) -> Deed:
    """What is done next: by weight, and rather what was done less often."""
    makers = deeds_for(standing)
    names = sorted(makers)
    weights = [WEIGHTS[name] / (1 + done.get(name, 0) / (WEIGHTS[name] * 4)) for name in names]
    return makers[chance.choices(names, weights)[0]](chance)


def first_deed() -> Deed:
    """The first release."""
    return Deed("apply", ("apply", "--yes"), then=after(None, 1, 1), files=code_files(1), arrives=1, code=1)


def next_apply(standing: Standing) -> Deed:
    """The next number of the code, released to `prod`."""
    code = standing.code + 1
    then = after(standing.shown[DEFAULT], code, standing.batch)
    return Deed("apply", ("apply", "--yes"), then=then, files=code_files(code), code=code, is_beside_others=True)


def _refused(standing: Standing) -> Deed:
    code, before = standing.code + 1, standing.shown[DEFAULT]
    return Deed(
        "apply that is refused", ("apply", "--yes"), then=before, codes=(1,),
        files=code_files(code, is_bad=True), code=code, is_beside_others=True,
    )  # fmt: skip


def _run(standing: Standing) -> Deed:
    before = standing.shown[DEFAULT]
    arrives = None if standing.is_behind else standing.batch + 1
    then = after(before, before.code, arrives or standing.batch)
    return Deed("run", ("run", "--yes"), then=then, files=code_files(before.code), arrives=arrives)


def _rollback(standing: Standing, release: int) -> Deed:
    then = standing.released[release]
    return Deed("rollback", ("rollback", str(release), "--yes"), then=then, files=code_files(then.code))


def _to_go_back_to(standing: Standing) -> Sequence[int]:
    return sorted(number for number in standing.released if number != standing.live)


def _gc(standing: Standing) -> Deed:
    return Deed("gc", ("gc", "--yes"), "", is_beside_others=not standing.is_behind)


def _create(standing: Standing) -> Deed:
    return Deed(
        "env create", ("env", "create", DEV), DEV, standing.shown[DEFAULT], codes_again=(2,),
        is_beside_others=not standing.is_behind,
    )  # fmt: skip


def _to_dev(standing: Standing, dev: Shown) -> Deed:
    if dev.batch < standing.batch:
        then = after(dev, dev.code, standing.batch)
        return Deed("run in dev", ("run", "-e", DEV, "--yes"), DEV, then, files=code_files(dev.code))
    code = standing.code + 1
    then = after(dev, code, standing.batch)
    return Deed("apply to dev", ("apply", "-e", DEV, "--yes"), DEV, then, files=code_files(code), code=code)
