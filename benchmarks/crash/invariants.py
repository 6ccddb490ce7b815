"""Says what is broken: what readers see, what kept releases have, what the memories say. Nothing of Dryland is used."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from crash.mill import CHECKED
from crash.shown import QUERIES, Rows, Shown, contents, in_order
from crash.warehouses import NOTES, STORE, Ask, Memory, names_in, notes_of

INVARIANTS: Mapping[str, str] = {
    "one release": "readers' views show exactly one release, whole, and every one of its rows is as it has to be",
    "others": "what other environments show is as it was: nothing that they need was dropped",
    "kept": "every kept release is complete: the tables of all its builds stand, with the rows that were recorded",
    "verdicts": "no release has a build without the verdicts of its checks",
    "memories": "metadata open, and after the next command they say what the warehouse's note says",
    "next": "the next command finishes, and publishes what was meant",
    "said": "a verb that says it is done has done it; none says that a check said no when none did; none breaks off",
    "reader": "a reader who never stops sees no error, no missing view, no mixture and no rejected row",
    "garbage": "what dead runs left is gone after `gc`",
}
DEFAULT = "prod"
REFUSED = "_refused"  # ends the names of environments that keep what was refused, or failed


def schema_of(environment: str) -> str:
    """Where an environment's views are."""
    return "main" if environment == DEFAULT else f"main__{environment}"


def seen_of(
    ask: Ask, environment: str, candidates: Sequence[Shown | None], *, mixed: Mixture | None = None
) -> tuple[Shown | None, list[str]]:
    """Which of the candidates an environment shows, and what is broken when it is none of them."""
    names = names_in(ask, schema_of(environment))
    if not names and None in candidates:
        return None, []
    if names != QUERIES.keys():
        return None, [f"{environment} has the relations {sorted(names)}"]
    found = {name: _rows(ask, name, f"{schema_of(environment)}.{name}") for name in QUERIES}
    if mixed and found == mixed.contents:
        return None, []
    differences = []
    for shown in filter(None, candidates):
        wrong = sorted(name for name, rows in contents(shown).items() if found[name] != rows)
        if not wrong:
            return shown, []
        differences.append(f"{environment} does not show {shown} in {wrong}: {_first(found[wrong[0]])}")
    return None, differences or [f"{environment} is there"]


@dataclass(frozen=True, slots=True)
class Mixture:
    """What a refresh shows that said it was published in part: those that failed are as they were before."""

    stale: frozenset[str]
    before: Shown
    then: Shown

    @property
    def contents(self) -> Mapping[str, Rows]:
        """Relation -> its rows."""
        return {name: contents(self.of(name))[name] for name in QUERIES}

    def of(self, name: str) -> Shown:
        """What a relation shows."""
        return self.before if name in self.stale else self.then


def broken_releases(
    ask: Ask, memory: Memory, known: Mapping[int, Sequence[Shown | Mixture]]
) -> Iterator[tuple[str, str]]:
    """What kept releases lack; `known` has what a release may be."""
    standing = names_in(ask, STORE)
    looked: dict[tuple[str, str], Rows] = {}
    for release, (environment, status) in memory.releases.items():
        if status not in ("live", "superseded"):
            continue
        where, found = f"release {release} of {environment} ({status})", dict[str, Rows]()
        for pointer in memory.pointers.get(release, ()):
            key, name = pointer["build_key"], pointer["node"].split(".")[2]
            build = memory.builds.get(key)
            if build is None or build["relation"] not in standing:
                yield "kept", f"{where}: the build of {name} {'is not remembered' if build is None else 'has no table'}"
                continue
            place = (name, f"{STORE}.{build['relation']}")
            found[name] = looked[place] = looked.get(place) or _rows(ask, *place)
            if name != "bulk" and memory.rows.get(key) != len(found[name]):
                yield "kept", f"{where}: {name} has {len(found[name])} rows, and {memory.rows.get(key)} were recorded"
            yield from (("verdicts", f"{where}: {each}") for each in _unanswered(memory, environment, name, key))
        wanted = [contents(each) if isinstance(each, Shown) else each.contents for each in known.get(release, ())]
        if wanted and found not in wanted:
            wrong = sorted(name for name in QUERIES if found.get(name) != wanted[-1][name])
            yield "kept", f"{where} is not {known[release][-1]} in {wrong}: {_first(found.get(wrong[0], ()))}"


def _unanswered(memory: Memory, environment: str, name: str, key: str) -> Iterator[str]:
    answered = memory.asked if environment.endswith(REFUSED) else memory.passed
    yield from (f"{check} said nothing of {name}" for check in CHECKED.get(name, ()) if (check, key) not in answered)


def broken_memories(ask: Ask, memory: Memory) -> Iterator[str]:
    """Where the note in the warehouse and the metadata differ, after a command has come to its end."""
    notes = {environment: int(note.partition("-")[0]) for environment, note in notes_of(ask).items()}
    live = {name: release for name, release in memory.live.items() if release is not None}
    for name in [each for each in live if each.endswith(REFUSED) and each not in notes]:
        live.pop(name)  # who was killed while he dropped it leaves it to the next release
    if notes != live:
        yield f"the warehouse notes {notes}, the metadata say {live}"
    yield from (f"release {each} is for ever being published" for each in _in(memory, "publishing"))
    marked = {environment: number for number, (environment, status) in memory.releases.items() if status == "live"}
    if marked != {name: release for name, release in memory.live.items() if release is not None}:
        yield f"releases marked as live: {marked}, live: {memory.live}"


def garbage(ask: Ask, memory: Memory) -> Collection[str]:
    """Relations of the store that no kept release needs."""
    kept = [number for number, (_, status) in memory.releases.items() if status != "abandoned"]
    needed = {pointer["build_key"] for number in kept for pointer in memory.pointers.get(number, ())}
    ahead = list(needed)
    while ahead:
        build = memory.builds.get(ahead.pop(), {})
        new = [key for key in build.get("inputs", ()) if build["kind"] == "view" and key not in needed]
        needed |= set(new)
        ahead += new
    relations = {memory.builds[key]["relation"] for key in needed if key in memory.builds}
    return sorted(names_in(ask, STORE) - relations - {NOTES})


def _in(memory: Memory, status: str) -> list[int]:
    return [number for number, (_, each) in memory.releases.items() if each == status]


def _rows(ask: Ask, name: str, place: str) -> Rows:
    try:
        return in_order(ask(QUERIES[name].format(place)))
    except Exception as error:  # of whichever driver: a view over nothing is a finding as well
        return [(f"{type(error).__name__}: {error}",)]


def _first(rows: Rows) -> str:
    return f"{len(rows)} rows, {list(rows[-3:])}"
