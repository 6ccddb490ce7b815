"""Says which checks must have spoken before a plan may be published."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from dryland.plan.plan import Step, Target
from dryland.plan.request import Question
from dryland.project.nodes import Check


def needed_checks(question: Question, targets: Mapping[str, Target], steps: Iterable[Step]) -> tuple[str, ...]:
    """Checks that read anything published anew, and those of the sources that this reads.

    A check whose own definition is new changes the definition of the nodes it reads, so they are published anew. A
    check that reads nothing we know of speaks about everything.
    """
    moving = {step.node for step in steps if step.action == "publish"}
    if not moving:
        return ()
    sources = question.project.sources.keys()
    read = {unique_id for node in moving for unique_id in question.meanings[node].inputs if unique_id in sources}
    there = targets.keys() | sources

    def is_needed(check: Check) -> bool:
        refs = set(check.refs)
        if refs <= sources:
            return not refs or bool(refs & read)
        return refs <= there and bool(refs & moving)

    return tuple(unique_id for unique_id, check in question.project.checks.items() if is_needed(check))


def check_hashes_by_node(question: Question) -> dict[str, list[str]]:
    """Node -> hashes of the checks that read it."""
    found: dict[str, list[str]] = {}
    for unique_id, check in question.project.checks.items():
        for ref in check.refs:
            found.setdefault(ref, []).append(question.request.check_hashes.get(unique_id, unique_id))
    return found
