"""Works out what each node would become, and which nodes a plan must build."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from dryland.errors import UsageError
from dryland.plan.definition import QUERY, is_as_written
from dryland.plan.growing_columns import query_hash
from dryland.plan.key import config_hash, is_pinned
from dryland.plan.order import reach, turned
from dryland.plan.request import Question
from dryland.plan.versions import code_versions, data_versions, is_same, measured_versions
from dryland.project.session_settings import deciding_settings
from dryland.state.records import Versions
from dryland.values import dataclass


@dataclass(frozen=True, slots=True)
class Outlook:
    """Every node's versions and configuration, seen from this question."""

    code: Mapping[str, Versions]
    data: Mapping[str, Versions]  # what each node will have been built on
    configs: Mapping[str, str]
    sources: Mapping[str, Versions]  # of what is read from outside, as measured
    considered: frozenset[str]  # nodes that this plan may act on
    building: frozenset[str]  # nodes that need a build of another key


def look_ahead(question: Question) -> Outlook:
    """Compare the project with what stands.

    `apply` builds what differs in code: its data versions are then those of the builds it makes. `run` considers
    only what is live with this very code, and builds what differs in data. A source that has other columns by now
    is other data: nobody wrote other code.

    Raises:
        UsageError: a node to build reads one that is neither selected nor released.
    """
    if question.request.verb == "apply":
        return with_sources(question, look_at_code(question))
    seen, measured = _of_code(question), measured_versions(question)
    data = data_versions(question, measured, seen.considered)
    building = frozenset(node for node in seen.considered if _data_differs(question, node, data))
    outside = frozenset(node for node in seen.considered if _is_outside(question, node))
    building |= _readers(question, outside) & seen.considered
    return _building(question, replace(seen, data=data, sources=measured), building)


def look_at_code(question: Question) -> Outlook:
    """What `apply` would build: code decides that. On which data is for `with_sources` to say.

    Raises:
        UsageError: a node to build reads one that is neither selected nor released.
    """
    seen = _of_code(question)
    differing = (node for node in seen.considered if code_differs(question, node, seen.code, seen.configs))
    return _building(question, seen, frozenset(differing))


def _of_code(question: Question) -> Outlook:
    settings = deciding_settings(question.project.warehouse)
    configs = {node: _config(question, node, settings) for node in question.meanings}
    code = code_versions(question)
    considered = _considered(question, code, configs)
    return Outlook(code, {}, configs, {}, considered, frozenset())


def _building(question: Question, seen: Outlook, building: frozenset[str]) -> Outlook:
    building = _with_what_is_missing(question, seen.considered, building)
    _verify_inputs(question, building)
    return replace(seen, building=building)


def with_sources(question: Question, outlook: Outlook) -> Outlook:
    """What was seen of code, with the data that `apply` will build on: sources as this question has measured them."""
    measured = measured_versions(question)
    return replace(outlook, sources=measured, data=data_versions(question, measured, outlook.building))


def code_differs(question: Question, node: str, code: Mapping[str, Versions], configs: Mapping[str, str]) -> bool:
    """Whether the node's code, or code behind it that it reads, is not what was released."""
    pointer, definition = question.pointer(node), question.definition(node)
    if pointer is None or definition is None:
        return True
    is_other_query = definition.body.get(QUERY, "") != query_hash(question.meanings[node])
    return is_other_query or not is_same(pointer.code, code[node]) or definition.body.get("config") != configs[node]


def _config(question: Question, node: str, settings: Sequence[tuple[str, str]]) -> str:
    project = question.project
    own, inputs = project.nodes[node], question.meanings[node].inputs
    is_kept = is_pinned(own, inputs, project.nodes, project.settings.views_over_sources)
    return config_hash(own, pinned=is_kept, settings=settings, dialect=question.request.dialect)


def _considered(question: Question, code: Mapping[str, Versions], configs: Mapping[str, str]) -> frozenset[str]:
    """Nodes come in topological order, so what a node reads is decided before it."""
    found: set[str] = set()
    for node in question.meanings:
        if question.request.includes(node) and _is_live_code(question, node, code, configs, found):
            found.add(node)
    return frozenset(found)


def _is_live_code(
    question: Question, node: str, code: Mapping[str, Versions], configs: Mapping[str, str], considered: set[str]
) -> bool:
    if question.request.verb == "apply" or not code_differs(question, node, code, configs):
        return True
    inputs = question.meanings[node].inputs & question.meanings.keys()
    return inputs <= considered and _is_as_released(question, node, configs[node])


def _is_as_released(question: Question, node: str, config: str) -> bool:
    own, definition = question.project.nodes[node], question.definition(node)
    if definition is None or definition.body.get("config") != config:
        return False
    return is_as_written(definition, own, question.project, question.request.dialect)


def _data_differs(question: Question, node: str, data: Mapping[str, Versions]) -> bool:
    pointer = question.pointer(node)
    return pointer is None or not is_same(pointer.data, data[node]) or _is_outside(question, node)


def _is_outside(question: Question, node: str) -> bool:
    """Whether it asked for something that nothing tells of: it may come out differently each time."""
    build = question.build(node)
    return build is not None and build.is_outside


def _readers(question: Question, nodes: frozenset[str]) -> frozenset[str]:
    readers = turned({node: meaning.inputs for node, meaning in question.meanings.items()})
    return reach(nodes, lambda node: readers.get(node, ())) if nodes else nodes


def _with_what_is_missing(question: Question, considered: frozenset[str], building: frozenset[str]) -> frozenset[str]:
    """Also nodes whose build is gone, and those that are asked for again, with those that read them."""
    gone = frozenset(node for node in considered if question.build(node) is None)
    building |= gone
    again = _asked_again(question, considered, building)
    if not again:
        return building
    return building | again | (_readers(question, again) & considered)


def _asked_again(question: Question, considered: frozenset[str], building: frozenset[str]) -> frozenset[str]:
    """Nodes whose batches are asked for, and nodes that a full refresh starts again.

    Without a selection a full refresh means what is built anyway; it never rebuilds a whole estate by surprise.
    """
    batched = frozenset(node for node in considered if question.window(node))
    if not question.request.full_refresh:
        return batched
    asked = considered if question.request.only is not None else building
    return batched | {node for node in asked if question.is_incremental(node) and question.is_from_nothing(node)}


def _verify_inputs(question: Question, building: frozenset[str]) -> None:
    """Everything that a build reads must be built with it, or stand already."""
    for node in sorted(building):
        inputs = question.meanings[node].inputs & question.meanings.keys()
        missing = tuple(each for each in sorted(inputs) if each not in building and question.build(each) is None)
        if missing:
            name, environment = question.project.name_of(node), question.deployed.environment
            is_one = len(missing) == 1
            raise UsageError(
                f"`{name}` reads {question.names(missing)}, which {'is' if is_one else 'are'} neither selected "
                f"nor released to {environment}.",
                hint=f"select what it needs as well: -s +{name}",
            )
