"""Says what a person should know of a plan besides its steps."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from dryland.plan.batched_meaning import UP_TO_NOW
from dryland.plan.contract_breaks import contract_notes
from dryland.plan.growing_columns import KEPT, left_out
from dryland.plan.outlook import Outlook
from dryland.plan.plan import Step
from dryland.plan.recorded import grew
from dryland.plan.request import Question
from dryland.sql.meaning import EXTERNAL


def notes_on(question: Question, outlook: Outlook, steps: Sequence[Step]) -> tuple[str, ...]:
    """Sentences, most important first; each only about nodes that the plan touches."""
    building = tuple(step.node for step in steps if step.action == "build")
    said = [
        _stale(question),
        *contract_notes(question),
        _unreleased(question),
        _other_code(question, outlook),
        _old_rows(question, building),
        *_other_columns(question),
        _snapshots(question, building),
        _back(question, building),
        _resting(question, steps),
        _nothing_to_refresh(question, building),
        _window(question, building),
        _live_views(question, building),
        *_opaque(question, building),
        _external(question, building),
        _volatile(question, building),
        _batched(question, building),
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
    growing = [node for node in _rebuildable(question, building) if not question.is_from_nothing(node)]
    kept = tuple(node for node in growing if question.build(node) is not None and not _only_asked(question, node))
    return f"existing rows of {question.names(kept)} keep the old logic; --full-refresh rebuilds them" if kept else ""


def _other_columns(question: Question) -> list[str]:
    """What queries and tables of incremental models do not have in common, and how that ends."""
    if question.request.verb != "apply":
        return []
    asked = {node: meaning for node, meaning in question.meanings.items() if question.request.includes(node)}
    said = [part for node, meaning in asked.items() for part in (_left_out(question, node), _kept(question, node))]
    return [sentence for sentence in said if sentence]


def _left_out(question: Question, node: str) -> str:
    columns = ", ".join(left_out(question.meanings[node]))
    said = f"{question.project.name_of(node)} is built without {columns}: its table keeps the columns that it has"
    return f"{said}; --full-refresh adds new ones, so does on_schema_change: append_new_columns" if columns else ""


def _kept(question: Question, node: str) -> str:
    columns = ", ".join(name for name, part in (question.meanings[node].columns or {}).items() if part == KEPT)
    said = f"{question.project.name_of(node)} keeps {columns}, which new rows do not fill; --full-refresh drops what"
    return f"{said} its query gives no more, so does on_schema_change: sync_all_columns" if columns else ""


def _only_asked(question: Question, node: str) -> bool:
    """Whether batches are made by the very code that made the rest."""
    return question.window(node) is not None and question.meaning_before(node) == question.meanings[node]


def _rebuildable(question: Question, building: tuple[str, ...]) -> list[str]:
    """Nodes that grow, but for snapshots: what they remember is nowhere else."""
    return [node for node in building if question.is_incremental(node) and not _is_snapshot(question, node)]


def _snapshots(question: Question, building: tuple[str, ...]) -> str:
    kept = tuple(node for node in building if _is_snapshot(question, node) and question.build(node) is not None)
    if not kept or question.request.verb != "apply":
        return ""
    goes = "goes" if len(kept) == 1 else "go"
    return f"{question.names(kept)} {goes} on from the versions that are there; the new code counts from now on"


def _back(question: Question, building: tuple[str, ...]) -> str:
    """What left the project and comes back has the rows that it had."""
    back = tuple(node for node in building if question.pointer(node) is None and question.base_key(node))
    if not back:
        return ""
    was = "was" if len(back) == 1 else "were"
    goes = "goes" if len(back) == 1 else "go"
    return f"{question.names(back)} {was} released before, and {goes} on from the rows of then"


def _resting(question: Question, steps: Sequence[Step]) -> str:
    """What grew and leaves the project leaves its rows behind."""
    gone = tuple(sorted(step.node for step in steps if step.action == "drop" and _grew(question, step.node)))
    if not gone:
        return ""
    return (
        f"the last rows of {question.names(gone)} are kept out of sight, to go on from if the project has "
        f"{'it' if len(gone) == 1 else 'them'} again; dryland gc --removed drops them"
    )


def _grew(question: Question, node: str) -> bool:
    definition = question.definition(node)
    return definition is not None and grew(definition)


def _is_snapshot(question: Question, node: str) -> bool:
    return question.project.nodes[node].kind == "snapshot"


def _nothing_to_refresh(question: Question, building: tuple[str, ...]) -> str:
    request = question.request
    if not request.full_refresh or request.only is not None or _rebuildable(question, building):
        return ""
    return "no incremental model is built, so --full-refresh has nothing to do; select those to rebuild: -s NAME"


def _window(question: Question, building: tuple[str, ...]) -> str:
    window = question.request.window
    asked = tuple(node for node in building if question.window(node))
    if window is None:
        return ""
    if not asked:
        return f"no microbatch model is built, so nothing has batches of {window}"
    again = tuple(node for node in asked if question.is_from_nothing(node))
    return f"{question.names(again)} {_do(again, 'start')} again, with the batches of {window} only" if again else ""


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
    volatile = tuple(node for node in building if question.meanings[node].volatile not in ((), (UP_TO_NOW,)))
    if not volatile:
        return ""
    functions = sorted({name for node in volatile for name in question.meanings[node].volatile})
    grain = question.project.settings.volatile
    names, them = question.names(volatile), "it" if len(volatile) == 1 else "them"
    return f"{names} {_do(volatile, 'use')} {', '.join(functions)}: `dryland run` rebuilds {them} each {grain}"


def _batched(question: Question, building: tuple[str, ...]) -> str:
    batched = tuple(node for node in building if question.meanings[node].volatile == (UP_TO_NOW,))
    names, them = question.names(batched), "it" if len(batched) == 1 else "them"
    uses = _do(batched, "use")
    return f"{names} {uses} {UP_TO_NOW}: `dryland run` rebuilds {them} when one begins" if batched else ""


def _be(nodes: Collection[str]) -> str:
    return "is" if len(nodes) == 1 else "are"


def _do(nodes: Collection[str], verb: str) -> str:
    return f"{verb}s" if len(nodes) == 1 else verb
