"""A mill somewhere, what it shows by now, and whether all that must hold does."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from files import write_files

from crash.deeds import Deed, Standing, first_deed
from crash.invariants import DEFAULT, REFUSED, Mixture, broken_memories, broken_releases, garbage, seen_of
from crash.launcher import Launcher, Verb
from crash.measured import Measured
from crash.mill import files_of
from crash.places import Place
from crash.shown import Shown
from crash.warehouses import Ask, Memory, memory_of

SHOWN_ONCE = ((DEFAULT, "live"), (DEFAULT, "superseded"))
AFTER_A_KILL, AFTER_THE_NEXT = "after the kill", "after the next command"


@dataclass(frozen=True, slots=True)
class Broken:
    """An invariant that does not hold, and when that was seen."""

    invariant: str
    when: str
    what: str


def is_look_of(rows: Sequence[Sequence[Any]], mixture: Mixture) -> bool:
    """Whether a reader saw just what a refresh said that it published in part."""
    said = {"mark": lambda shown: shown.mark, "code": lambda shown: shown.code, "batch": lambda shown: shown.batch,
            "grown": lambda shown: len(shown.growing) + 1}  # fmt: skip
    return all(value == said[kind](mixture.of(name)) if kind in said else value >= 0 for kind, name, value in rows)


@dataclass
class Ground:
    """A mill somewhere. Use as a context manager."""

    place: Place
    folder: Path
    chance: random.Random
    shown: dict[str, Shown] = field(default_factory=dict)  # by environment
    released: dict[int, Sequence[Shown | Mixture]] = field(default_factory=dict)  # what each release may be
    mixtures: list[Mixture] = field(default_factory=list)
    measured: dict[str, Measured] = field(default_factory=dict)  # by the name of the deed
    code: int = 0
    batch: int = 0
    _back: Mapping[int, Shown] = field(default_factory=dict)
    _live: int | None = None
    _reader: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        write_files(self.place.root, files_of(self.place.profile, self.place.state_url))
        self.launcher, self._beside = (Launcher(self.place.root, self._own(name)) for name in ("one", "other"))
        try:
            self.prepare(first := first_deed())
            broken = self.done(first, [])
            assert not broken, broken
        except BaseException:
            self._close()
            raise
        command = [sys.executable, str(Path(__file__).parent / "reader.py"), *self.place.reader, str(self._looks)]
        self._reader = subprocess.Popen(command, start_new_session=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def _close(self) -> None:
        if self._reader:
            self._reader.kill()
            self._reader.wait()
        for launcher in (self.launcher, self._beside):
            launcher.close()
        self.place.close()

    def standing(self) -> Standing:
        """How it stands, for whoever decides what is done next."""
        return Standing(dict(self.shown), self._back, self._live, self.code, self.batch)

    def prepare(self, deed: Deed) -> None:
        """Put there what the deed needs: its code, and what arrives."""
        write_files(self.place.root, deed.files)
        if deed.arrives is not None:
            self.place.arrive(deed.arrives)
            self.batch = deed.arrives
        self.code = max(self.code, deed.code)

    def start(
        self, deed: Deed, *, wired: bool = False, beside: bool = False, die_at: int | None = None,
        file_bytes_max: int | None = None,
    ) -> Verb:  # fmt: skip
        """Start the deed's verb, perhaps beside another."""
        launcher, environment = self._beside if beside else self.launcher, self.place.environment(wired=wired)
        return launcher.start(*deed.arguments, environment=environment, die_at=die_at, file_bytes_max=file_bytes_max)

    def done(self, deed: Deed, possible: Sequence[Shown | Mixture], *, is_again: bool = False) -> list[Broken]:
        """Do it unharmed, and look; `possible` is what releases may be that nobody has looked at yet."""
        verb = self.start(deed)
        code = verb.end()
        if code not in (*deed.codes, *(deed.codes_again if is_again else ())):
            told = f"{' '.join(deed.arguments)} ended with {code}: {verb.text[-1500:]}"
            return [Broken("next", AFTER_THE_NEXT, told)]
        if not is_again:
            self.measured[deed.name] = Measured(verb.duration_s, self.launcher.points)
        if deed.environment and deed.then:
            self.shown[deed.environment] = deed.then
        elif deed.environment:
            self.shown.pop(deed.environment, None)
        return self._settled(deed, [*possible, *([deed.then] if deed.then else [])])

    # --- looking ------------------------------------------------------------------------------------------------

    def looked(
        self, allowed: Mapping[str, Sequence[Shown | None]], possible: Sequence[Shown | Mixture], mixed: Mixture | None
    ) -> tuple[dict[str, Shown | None], list[Broken]]:
        """What environments show right after a kill, each of them one of a few, and what is broken."""
        broken, seen = list[Broken](), dict[str, Shown | None]()
        with self.place.warehouse() as ask, self.place.memory() as ask_memory:
            for environment in {*self.shown, *allowed}:
                candidates = allowed.get(environment) or (self.shown[environment],)
                seen[environment], wrong = seen_of(ask, environment, candidates, mixed=mixed)
                invariant = "one release" if environment in allowed else "others"
                broken += [Broken(invariant, AFTER_A_KILL, each) for each in wrong]
            memory = memory_of(ask_memory)
            found = broken_releases(ask, memory, self._known(memory, possible))
            broken += [Broken(name, AFTER_A_KILL, what) for name, what in found]
        return seen, broken

    def published_in_part(self, deed: Deed, before: Shown | None) -> Mixture | None:
        """What a refresh shows whose release says of some nodes that they kept their last good rows, as documented."""
        if not deed.name.startswith("run") or not before or not deed.then:
            return None
        with self.place.memory() as ask:
            memory = memory_of(ask)
        new = [number for number, told in memory.releases.items()
               if number not in self.released and told[0] == deed.environment]  # fmt: skip
        pointers = memory.pointers.get(max(new, default=0), ())
        stale = frozenset(each["node"].split(".")[2] for each in pointers if each["stale_since"])
        if not stale:
            return None
        self.mixtures.append(Mixture(stale, before, deed.then))
        return self.mixtures[-1]

    def _settled(self, deed: Deed, possible: Sequence[Shown | Mixture]) -> list[Broken]:
        """What is broken after a command came to its end; and remember what its releases were."""
        with self.place.warehouse() as ask, self.place.memory() as ask_memory:
            memory = memory_of(ask_memory)
            broken = [Broken("memories", AFTER_THE_NEXT, each) for each in broken_memories(ask, memory)]
            broken += self._wrongly_shown(ask, deed.environment)
            known = self._known(memory, possible)
            found = broken_releases(ask, memory, known)
            broken += [Broken(name, AFTER_THE_NEXT, what) for name, what in found]
            if deed.name == "gc" and (left := garbage(ask, memory)):
                broken.append(Broken("garbage", AFTER_THE_NEXT, f"the store still has {left}"))
        self._remember(memory, known)
        return broken

    def _wrongly_shown(self, ask: Ask, environment: str) -> Iterator[Broken]:
        for name, shown in self.shown.items():
            _, wrong = seen_of(ask, name, [shown])
            invariant = "one release" if name == environment else "others"
            yield from (Broken(invariant, AFTER_THE_NEXT, each) for each in wrong)

    def _known(self, memory: Memory, possible: Sequence[Shown | Mixture]) -> Mapping[int, Sequence[Shown | Mixture]]:
        """What each release may be: those that are new are one of a few."""
        found = dict(self.released)
        for number, (environment, _) in memory.releases.items():
            if number not in found and not environment.endswith(REFUSED):
                found[number] = tuple(possible)
        return found

    def _remember(self, memory: Memory, known: Mapping[int, Sequence[Shown | Mixture]]) -> None:
        self.released = {number: shown for number, shown in known.items() if number in memory.releases}
        self._live = memory.live.get(DEFAULT)
        if self._live is not None:
            self.released[self._live] = (self.shown[DEFAULT],)
        kept = {number for number, told in memory.releases.items() if told in SHOWN_ONCE}
        self._back = {
            number: shown[0] for number, shown in self.released.items()
            if number in kept and len(shown) == 1 and isinstance(shown[0], Shown)
        }  # fmt: skip

    def reader_says(self) -> list[str]:
        """What the reader saw that should never be seen."""
        problems = self._seen().get("problems", ())
        known = self.mixtures
        return [problem for problem, rows in problems if not rows or not any(is_look_of(rows, each) for each in known)]

    def looks(self) -> tuple[int, int]:
        """How often the reader looked, and how often nobody answered."""
        said = self._seen()
        return said.get("looks", 0), said.get("away", 0)

    def _seen(self) -> dict[str, Any]:
        return dict(json.loads(self._looks.read_text())) if self._looks.exists() else {}

    @property
    def _looks(self) -> Path:
        return self.folder / "looks.json"

    def _own(self, name: str) -> Path:
        (self.folder / name).mkdir()
        return self.folder / name
