"""Tells how the kills ended: what was killed when, what readers saw then, and which invariants held."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from crash.invariants import INVARIANTS
from crash.play import Round
from crash.stretch import Stretch


def as_markdown(stretches: Sequence[Stretch], seed: int, about: str) -> str:
    """The whole result for people."""
    kills = kills_of(stretches)
    broken, wanted = len(problems_in(stretches)), sum(each.wanted.kills for each in stretches)
    looks, away = sum(each.looks for each in stretches), sum(each.away for each in stretches)
    lines = [
        f"# {len(kills)} kills: {_counted(broken)} broken",
        "",
        f"{about}.",
        f"Seed {seed}: `python benchmarks/crash.py --seed {seed} --kills {wanted}` chooses verbs and kills from "
        "the same seed; what is chosen later depends on what landed, and moments within a verb on the machine.",
        "",
        *_by_kind(kills),
        "",
        *_by_deed(kills),
        "",
        "| invariant | looked at | broken |",
        "|---|--:|--:|",
        *_by_invariant(stretches),
        "",
        f"A reader who never stops looked {looks:,} times while this went on; {away:,} times nobody answered, since "
        "the server was being killed, or DuckDB's file was in the hands of a verb.",
        "",
        *_explained(),
    ]
    return "\n".join([*lines, *_defects(stretches)])


def _counted(things: int) -> str:
    return "nothing is" if not things else "1 thing is" if things == 1 else f"{things} things are"


def kills_of(stretches: Sequence[Stretch]) -> list[Round]:
    """All rounds in which a verb was struck."""
    return [each for stretch in stretches for each in stretch.kills]


def problems_in(stretches: Sequence[Stretch]) -> list[str]:
    """What is broken, each with how to play it again."""
    found = []
    for stretch in stretches:
        where = f"{stretch.wanted.place}, seed {stretch.wanted.seed}"
        found += [f"{where}: {stretch.died}"] if stretch.died else []
        for each in stretch.rounds:
            what = f"{where}, round {each.number}: {each.kind or 'nothing'} {each.where} during `{each.deed}`"
            found += [f"{what}: {one.invariant} {one.when}: {one.what}" for one in each.broken]
    return found


def as_json(stretches: Sequence[Stretch], seed: int, about: Mapping[str, Any]) -> dict[str, Any]:
    """Everything, round by round."""
    return {**about, "seed": seed, "kills": len(kills_of(stretches)), "stretches": [asdict(each) for each in stretches]}


def _by_kind(kills: Sequence[Round]) -> Iterator[str]:
    places = sorted({each.place for each in kills})
    yield f"| what was killed | {' | '.join(places)} | old release | new release | in part |"
    yield f"|---|{'--:|' * (len(places) + 3)}"
    for kind in sorted({each.kind for each in kills}):
        yield _line(kind, [each for each in kills if each.kind == kind], places)
    yield _line("**all**", kills, places)


def _line(name: str, kills: Sequence[Round], places: Sequence[str]) -> str:
    counts = [sum(each.place == place for each in kills) for place in places]
    outcomes = [sum(each.outcome == outcome for each in kills) for outcome in ("old", "new", "in part")]
    return f"| {name} | {' | '.join(str(count or '-') for count in (*counts, *outcomes))} |"


def _by_deed(kills: Sequence[Round]) -> Iterator[str]:
    kinds = sorted({each.kind for each in kills})
    yield f"| during | {' | '.join(kinds)} | all |"
    yield f"|---|{'--:|' * (len(kinds) + 1)}"
    for deed in sorted({each.deed for each in kills}):
        of_it = [each for each in kills if each.deed == deed]
        counts = [sum(each.kind == kind for each in of_it) for kind in kinds]
        yield f"| `{deed}` | {' | '.join(str(count or '-') for count in (*counts, len(of_it)))} |"


def _by_invariant(stretches: Sequence[Stretch]) -> Iterator[str]:
    rounds = [each for stretch in stretches for each in stretch.rounds]
    for name, text in INVARIANTS.items():
        looked = sum(each.deed == "gc" or name != "garbage" for each in rounds)
        broken = sum(any(one.invariant == name for one in each.broken) for each in rounds)
        yield f"| {text} | {looked:,} | {broken or '-'} |"


def _explained() -> list[str]:
    return [
        "A kill is counted when it found the verb at work: the process was there, a connection of its was open, the "
        "disk was too small for it. After each one all invariants are looked at, the same verb is run again, and all "
        "are looked at once more.",
        "",
        "- **old release**, **new release**: what readers saw right after the kill; of `gc`, which changes nothing "
        "for them, nothing was expected.",
        "- **in part**: a refresh (`run`) publishes what could be built and keeps the last good rows of the rest, and "
        "says which: that is what readers saw, to the row.",
        "- **at a statement**: the process kills itself before a statement, to metadata or warehouse, that the seed "
        "chose.",
        "- **paused**: stopped past its lease; another process releases other code meanwhile; then it goes on, and "
        "has to change nothing, or everything in turn.",
    ]


def _defects(stretches: Sequence[Stretch]) -> Iterator[str]:
    problems = problems_in(stretches)
    if problems:
        yield from ("", "## What was broken", "")
        yield from (f"- {' '.join(each.split())[:600]}" for each in problems)
