"""Says what a person should know of a plan besides its steps."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from dryland.plan.outlook import Outlook
from dryland.plan.plan import Step
from dryland.plan.request import Question
from dryland.sql.inputs import EXTERNAL


def notes_on(question: Question, outlook: Outlook, steps: Iterable[Step]) -> tuple[str, ...]:
    """Sentences, most important first; each only about nodes that the plan touches."""
    building = tuple(step.node for step in steps if step.action == "build")
    said = [
        _stale(question),
        _unreleased(question),
        _other_code(question, outlook),
        _old_rows(question, building),
        _nothing_to_refresh(question, building),
        _live_views(question, building),
        *_opaque(question, building),
        _external(question, building),
        _volatile(question, building),
    ]
    return tuple(note for note in said if note)


def _stale(question: Question) -> str:
    stale = {node: each for node, each in question.deployed.pointers.items() if each.stale_since}
    if not stale:
        return ""
    since = min(each.stale_since for each in stale.values())[:16].replace("T", " ")
    return f"{question.names(tuple(stale))} {_be(stale)} stale since {since} UTC: the last good data is shown"


def _unreleased(question: Question) -> str:
    asked = [node for node in question.meanings if question.request.includes(node)]
    new = tuple(node for node in asked if question.pointer(node) is None)
    if question.request.verb != "run" or not new:
        return ""
    return f"{len(new)} nodes are not released yet ({question.names(new)}): dryland apply"


def _other_code(question: Question, outlook: Outlook) -> str:
    if question.request.verb != "run":
        return ""
    asked = [node for node in question.meanings if question.request.includes(node) and question.pointer(node)]
    differ = tuple(node for node in asked if node not in outlook.considered)
    if not differ:
        return ""
    return (
        f"{question.names(differ)} {_do(differ, 'differ')} from what is released, by code or by the columns of a "
        f"source, and {_be(differ)} not refreshed: dryland apply"
    )


def _old_rows(question: Question, building: tuple[str, ...]) -> str:
    if question.request.verb != "apply":
        return ""
    incremental = [node for node in building if question.is_incremental(node) and not question.is_from_nothing(node)]
    kept = tuple(node for node in incremental if question.build(node) is not None)
    return f"existing rows of {question.names(kept)} keep the old logic; --full-refresh rebuilds them" if kept else ""


def _nothing_to_refresh(question: Question, building: tuple[str, ...]) -> str:
    request = question.request
    if not request.full_refresh or request.only is not None or any(question.is_incremental(node) for node in building):
        return ""
    return "no incremental model is built, so --full-refresh has nothing to do; select those to rebuild: -s NAME"


def _live_views(question: Question, building: tuple[str, ...]) -> str:
    project = question.project
    if project.settings.views_over_sources == "pinned":
        return ""
    views = [node for node in building if project.nodes[node].materialized == "view"]
    live = tuple(node for node in views if not question.meanings[node].inputs <= project.nodes.keys())
    if not live:
        return ""
    return (
        f"{question.names(live)} {'is a live view' if len(live) == 1 else 'are live views'} over sources: "
        "readers see rows as they arrive, before any check; "
        "`views_over_sources: pinned` in dryland.yml gates them"
    )


def _opaque(question: Question, building: tuple[str, ...]) -> list[str]:
    reasons: dict[str, list[str]] = {}
    for node in building:
        meaning = question.meanings[node]
        if meaning.columns is None and question.project.nodes[node].language == "sql":
            reasons.setdefault(meaning.reason, []).append(node)
    return [
        f"{question.names(tuple(nodes))} {_do(nodes, 'count')} as a whole ({reason})"
        for reason, nodes in reasons.items()
    ]


def _external(question: Question, building: tuple[str, ...]) -> str:
    read = {unique_id for node in building for unique_id in question.meanings[node].inputs}
    outside = tuple(sorted(each.removeprefix(EXTERNAL) for each in read if each.startswith(EXTERNAL)))
    if not outside:
        return ""
    shown = ", ".join(outside[:5]) + (", ..." if len(outside) > 5 else "")
    return f"{shown}: read without being declared as a source, so every run rebuilds the readers"


def _volatile(question: Question, building: tuple[str, ...]) -> str:
    volatile = tuple(node for node in building if question.meanings[node].volatile)
    if not volatile:
        return ""
    functions = sorted({name for node in volatile for name in question.meanings[node].volatile})
    grain = question.project.settings.volatile
    names, them = question.names(volatile), "it" if len(volatile) == 1 else "them"
    return f"{names} {_do(volatile, 'use')} {', '.join(functions)}: `dryland run` rebuilds {them} each {grain}"


def _be(nodes: Collection[str]) -> str:
    return "is" if len(nodes) == 1 else "are"


def _do(nodes: Collection[str], verb: str) -> str:
    return f"{verb}s" if len(nodes) == 1 else verb
