"""Compares what dbt made with what Dryland made: relations and verdicts, each difference as a sentence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from published import Published

JUDGED = frozenset({"pass", "warn", "fail", "error"})
TESTS = ("test.", "unit_test.")


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a test said: how it ended, and how many failures it counted."""

    status: str
    failures: int | None = None


def different_relations(dbt: Mapping[str, Published], ours: Mapping[str, Published]) -> Iterator[tuple[str, str]]:
    """Each relation that is not the same, with what is not."""
    for name in sorted(dbt.keys() | ours.keys()):
        if name not in ours:
            yield name, "only dbt makes it"
        elif name not in dbt:
            yield name, "only Dryland makes it"
        else:
            for sentence in _different(dbt[name], ours[name]):
                yield name, sentence


def _different(dbt: Published, ours: Published) -> Iterator[str]:
    if dbt.error or ours.error:
        yield f"cannot be read: dbt's {dbt.error or 'can'}; ours {ours.error or 'can'}"
    if dbt.columns != ours.columns:
        yield f"columns differ: dbt {_listed(dbt.columns)}; ours {_listed(ours.columns)}"
    if dbt.rows != ours.rows:
        yield f"dbt's has {dbt.rows} rows, ours {ours.rows}"
    elif dbt.content != ours.content:
        yield f"{dbt.rows} rows each, and not the same ones"
    if dbt.comments != ours.comments:
        yield f"comments differ: dbt {_listed(dbt.comments)}; ours {_listed(ours.comments)}"
    if dbt.grants != ours.grants:
        yield f"grants differ: dbt {_listed(dbt.grants)}; ours {_listed(ours.grants)}"
    if dbt.storage != ours.storage:
        yield f"tables differ: dbt {_listed(dbt.storage)}; ours {_listed(ours.storage)}"


def _listed(pairs: Iterable[tuple[str, str]]) -> str:
    return "(" + ", ".join(f"{name} {kind}" for name, kind in pairs) + ")"


def judgements_of_dbt(results: Iterable[Mapping[str, Any]]) -> dict[str, Judgement]:
    """What dbt's tests said, by their names."""
    return {
        _name(result["unique_id"]): Judgement(result["status"], result["failures"])
        for result in results
        if result["unique_id"].startswith(TESTS) and result["status"] in JUDGED
    }


def judgements_of_ours(verdicts: Iterable[Mapping[str, Any]]) -> dict[str, Judgement]:
    """What our checks said, by dbt's names for them."""
    return {
        _name(verdict["check"]): Judgement(verdict["status"], verdict["failures"])
        for verdict in verdicts
        if verdict["check"].startswith(TESTS)
    }


def different_judgements(dbt: Mapping[str, Judgement], ours: Mapping[str, Judgement]) -> Iterator[str]:
    """Each test of dbt's that we see otherwise."""
    for name, theirs in sorted(dbt.items()):
        if name not in ours:
            yield f"test {name}: dbt says {_said(theirs)}, Dryland nothing"
        elif not _agree(theirs, ours[name]):
            yield f"test {name}: dbt says {_said(theirs)}, Dryland {_said(ours[name])}"


def _agree(theirs: Judgement, ours: Judgement) -> bool:
    """A test that cannot be asked counts nothing; a unit test's failures are not counted the same way."""
    counted = theirs.status in ("warn", "fail") and theirs.failures is not None
    return theirs.status == ours.status and (not counted or theirs.failures == ours.failures)


def _said(judgement: Judgement) -> str:
    return judgement.status + (f" ({judgement.failures})" if judgement.failures else "")


def _name(unique_id: str) -> str:
    """A test's name without package and hash: `test.shop.not_null_orders_id.1a2b` is `not_null_orders_id`."""
    kind, _, *rest = unique_id.split(".")
    return ".".join(rest) if kind == "unit_test" or len(rest) == 1 else ".".join(rest[:-1])
