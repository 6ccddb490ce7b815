"""Writes down the steps of a plan, in an order in which they can be done."""

from __future__ import annotations

from collections.abc import Mapping

from dryland.engines.relation import Relation
from dryland.plan.changes import asked_for, told
from dryland.plan.key import build_key
from dryland.plan.outlook import Outlook
from dryland.plan.plan import Step, Target
from dryland.plan.request import Question
from dryland.plan.target_versions import versions_of
from dryland.plan.versions import is_same
from dryland.state.records import Build, Pointer, Versions


def steps_of(
    question: Question, outlook: Outlook, targets: Mapping[str, Target], standing: frozenset[Relation]
) -> tuple[Step, ...]:
    """In topological order; a node's publish follows its build, drops come last.

    A build that exists already, made for whatever environment, is reused: its versions are passed on, so what
    reads it finds its own old build in turn. `standing` are our views as they are now.
    """
    foreseen = {**outlook.sources, **outlook.data}
    effective: dict[str, Versions] = dict(outlook.sources)
    steps: list[Step] = []
    for node, target in targets.items():
        if node in outlook.building:
            step = _obtain(question, target, effective, foreseen)
        else:
            build = question.build(node)
            if build is None:
                continue  # not ours to act on, and nothing that is built reads it
            effective[node] = build.versions
            step = Step(node, "reuse", _kept_because(outlook, node), build.key)
        if not question.request.includes(node):
            continue
        steps.append(step)
        why = _publish_reason(question, target, step, standing) if node in outlook.considered else ""
        if why:
            steps.append(Step(node, "publish", why, step.key, question.relation(node)))
    return (*steps, *_drops(question))


def _obtain(
    question: Question, target: Target, effective: dict[str, Versions], foreseen: Mapping[str, Versions]
) -> Step:  # fmt: skip
    """Reuse the build with the expected key, or build it; its versions become those that readers see."""
    node = target.node
    versions = versions_of(target, effective, foreseen, base_key=target.base_key)
    key = build_key(question.project.nodes[node], versions, target.config_hash, target.base_key)
    known = question.deployed.builds.get(key)
    effective[node] = known.versions if known else versions
    if known is None:
        return Step(node, "build", _build_reason(question, target), key)
    return Step(node, "reuse", _known_reason(question, known), key)


def _known_reason(question: Question, known: Build) -> str:
    pointer = question.pointer(known.node)
    if pointer is not None and pointer.build_key == known.key:
        return "comes out as the build that stands"
    return f"built before, in run {known.run_id}" if known.run_id is not None else "built before"


def _build_reason(question: Question, target: Target) -> str:
    pointer, definition = question.pointer(target.node), question.definition(target.node)
    if pointer is None:
        return "back in the project" if target.base_key else "new"
    if question.build(target.node) is None:
        return "its build is gone"
    if window := question.window(target.node):
        return asked_for(window)
    if question.request.verb == "run" and not is_same(pointer.data, target.data):
        return "its data moved"
    if definition is None or definition.body.get("config") != target.config_hash:
        return "its configuration changed"
    if definition.body.get("meaning") != target.meaning.as_json():
        return "its code changed"
    if not is_same(pointer.code, target.code):
        return "an input it reads changed"
    if not question.request.full_refresh:
        return "batches that it reads are made again"
    return "full refresh" if question.is_incremental(target.node) else "an input is refreshed in full"


def _kept_because(outlook: Outlook, node: str) -> str:
    if node in outlook.considered:
        return "unchanged"
    return "its code differs from what is released; `run` leaves it as it is"


def _publish_reason(question: Question, target: Target, step: Step, standing: frozenset[Relation]) -> str:
    """Why readers' view is made (again); empty when it stays as it is."""
    pointer = question.pointer(target.node)
    if pointer is None:
        return "new"
    relation = question.relation(target.node)
    if Relation(*pointer.published) != relation:
        old = Relation(*pointer.published)
        return f"published as {told(relation, old)} instead of {told(old, relation)}"
    if step.key != pointer.build_key:
        return "a new build" if step.action == "build" else "another build"
    build = question.build(target.node)
    if relation not in standing and build is not None and build.kind != "nothing":
        return "its view is gone"
    if not question.deployed.is_shown:
        return "the warehouse shows another release"
    return _recorded_again(target, pointer) if question.request.verb == "apply" else ""


def _recorded_again(target: Target, pointer: Pointer) -> str:
    """Why an unchanged build is released again: what is remembered of it is out of date."""
    if target.definition != pointer.definition:
        return "its code, documentation or checks changed"
    return "" if is_same(target.code, pointer.code) else "an input changed, its rows do not"


def _drops(question: Question) -> list[Step]:
    """Nodes that left the project; only a release of the whole project takes them away."""
    if question.request.verb != "apply" or question.request.only is not None:
        return []
    gone = {node: at for node, at in question.deployed.pointers.items() if node not in question.meanings}
    return [
        Step(node, "drop", "no longer in the project", relation=Relation(*at.published)) for node, at in gone.items()
    ]
