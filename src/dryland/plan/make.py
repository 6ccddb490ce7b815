"""Decides what an environment needs: which nodes changed, whom that hits, and the steps that bring it there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from dryland.engines.relation import Found, Relation
from dryland.errors import UsageError
from dryland.plan.changes import changes_of
from dryland.plan.definition import definition_of, with_meaning
from dryland.plan.environment import our_views
from dryland.plan.needed_checks import check_hashes_by_node, needed_checks
from dryland.plan.notes import notes_on
from dryland.plan.outlook import Outlook, look_ahead
from dryland.plan.plan import Plan, Step, Target
from dryland.plan.request import Deployed, PlanRequest, Question
from dryland.plan.salt import data_salt
from dryland.plan.steps import steps_of
from dryland.project.project import Project
from dryland.sql.meaning import Meaning
from dryland.state.records import Definition


def make_plan(
    project: Project, meanings: Mapping[str, Meaning], deployed: Deployed, request: PlanRequest,
    outlook: Outlook | None = None,
) -> Plan:  # fmt: skip
    """Return the plan for one environment. Reads nothing and changes nothing: same values, same plan.

    `meanings` comes from `plan.meanings`: every node but the ephemeral ones, in topological order. `outlook` is what
    `look_ahead` said of this very question, where somebody asked already.

    Raises:
        UsageError: a selected node reads one that is neither selected nor released, or history would be lost.
    """
    question = Question(project, meanings, deployed, request)
    outlook = outlook or look_ahead(question)
    definitions = _definitions(question, outlook)
    targets = {node: _target(question, outlook, definition) for node, definition in definitions.items()}
    ours = our_views(deployed.found, project.settings.store_schema)
    _verify_history(question, outlook, ours)
    steps = steps_of(question, outlook, targets, ours)
    return Plan(
        environment=deployed.environment,
        verb=request.verb,
        changes=changes_of(question, targets, steps),
        steps=steps,
        targets=targets,
        checks=needed_checks(question, targets, steps),
        in_the_way=_in_the_way(deployed.found, steps, ours),
        definitions=definitions,
        source_versions=outlook.sources,
        notes=notes_on(question, outlook, steps),
        only=request.only,
        full_refresh=request.full_refresh,
        window=request.window,
        parent=deployed.release,
    )


def _verify_history(question: Question, outlook: Outlook, ours: frozenset[Relation]) -> None:
    """Rows that no source holds any more are in a build that only the metadata can name.

    Raises:
        UsageError: a view of ours shows an incremental node, and the metadata does not know the table behind it.
    """
    unknown = tuple(
        node
        for node in sorted(outlook.building)
        if question.is_incremental(node)
        and not question.is_from_nothing(node)
        and question.build(node) is None
        and question.relation(node) in ours
    )
    if unknown:
        raise UsageError(
            f"{question.names(unknown)} grew from build to build, and this metadata does not know what readers see.",
            hint="bring the metadata back (dryland state load FILE), or go back to a release whose tables stand "
            "(dryland rollback RELEASE); --full-refresh starts from nothing.",
        )


def _definitions(question: Question, outlook: Outlook) -> dict[str, Definition]:
    """What is to be remembered of each node that will be in the environment, in topological order.

    `run` refreshes data with what is live, so it remembers what was released: only `apply` releases documentation.
    What it means is as new as the data: `select *` of a source that has another column means another table.
    """
    hashes = check_hashes_by_node(question)
    found = {}
    for node, meaning in question.meanings.items():
        before = question.definition(node)
        if before is not None and (question.request.verb == "run" or node not in outlook.considered):
            found[node] = with_meaning(before, meaning) if node in outlook.considered else before
        elif node in outlook.considered:
            found[node] = definition_of(
                question.project.nodes[node], meaning, outlook.configs[node], hashes.get(node, ()), before,
                project=question.project, dialect=question.request.dialect, remembered=question.request.remembered,
            )  # fmt: skip
    return found


def _target(question: Question, outlook: Outlook, definition: Definition) -> Target:
    """What a node is to become; one that this plan does not consider stays what it is."""
    node = definition.node
    meaning, pointer, before = question.meanings[node], question.pointer(node), question.definition(node)
    is_kept = pointer is not None and node not in outlook.considered
    return Target(
        node=node,
        code=pointer.code if pointer and is_kept else outlook.code[node],
        data=pointer.data if pointer and is_kept else outlook.data[node],
        config_hash=outlook.configs[node],
        definition=pointer.definition if pointer and definition is before else definition.id,
        meaning=meaning,
        base_key=question.base_key(node),
        salt=data_salt(question, node),
    )


def _in_the_way(found: Iterable[Found], steps: Iterable[Step], ours: frozenset[Relation]) -> tuple[Relation, ...]:
    """What somebody else made under names that we would publish."""
    wanted = {step.relation.folded for step in steps if step.action == "publish" and step.relation}
    return tuple(each.relation for each in found if each.relation.folded in wanted and each.relation not in ours)
