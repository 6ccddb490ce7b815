"""Says what `state:` selectors stand for: what is new, and what was modified in which way, against what is live."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from dryland.engines.relation import Relation
from dryland.plan.definition import CONTRACT, TEXT, contract_hash, is_as_written, metadata_of, text_hash
from dryland.plan.environment import published_relation
from dryland.plan.plan import Plan
from dryland.plan.promise import promise_in, promise_of
from dryland.plan.promise_changes import promise_changes
from dryland.plan.request import Deployed
from dryland.project.nodes import Node
from dryland.project.project import Project
from dryland.state.records import Definition, Pointer

Compare = Callable[[Node, Definition, Pointer], bool]
TOLD = ("tags", "meta", "group", "access")  # configuration that people read, and that shapes no table


def states_of(project: Project, deployed: Deployed, plan: Plan, dialect: str) -> Mapping[str, frozenset[str]]:
    """`new`, `modified`, and the ways in which nodes were: dbt's words, by what the environment shows.

    What is new counts as modified, as for dbt. Comments and formatting do not, and neither do descriptions that are
    not written to the warehouse.
    """

    def body(node: Node, before: Definition, _: Pointer) -> bool:
        return before.body.get(TEXT) != text_hash(node) and not is_as_written(before, node, project, dialect)

    def macros(node: Node, before: Definition, _: Pointer) -> bool:
        return before.body.get(TEXT) == text_hash(node) and not is_as_written(before, node, project, dialect)

    def configs(node: Node, before: Definition, _: Pointer) -> bool:
        target, now = plan.targets.get(node.unique_id), metadata_of(node)
        is_told_anew = any(_of(before, key) != now[key] for key in TOLD)
        return is_told_anew or (target is not None and before.body.get("config") != target.config_hash)

    def relation(node: Node, _: Definition, pointer: Pointer) -> bool:
        default = project.settings.default_environment
        return published_relation(node.relation, deployed.environment, default) != Relation(*pointer.published)

    def contract(node: Node, before: Definition, _: Pointer) -> bool:
        was, now = promise_in(before), promise_of(node, project)
        changes = promise_changes(was, now, dialect) if was and now else ()
        is_other = any(change.kind != "documentation" for change in changes)
        return is_other or before.body.get(CONTRACT, "") != contract_hash(node)

    new = frozenset(change.node for change in plan.changes if change.change == "added")
    compared: Mapping[str, Compare] = {
        "body": body, "configs": configs, "contract": contract, "macros": macros,
        "persisted_descriptions": _is_described_anew, "relation": relation,
    }  # fmt: skip
    ways = {f"modified.{name}": new | _differing(project, deployed, each) for name, each in compared.items()}
    return {"new": new, "modified": new.union(*ways.values()), **ways}


def _is_described_anew(node: Node, before: Definition, _: Pointer) -> bool:
    """What is said of it, where that is to be written to the warehouse."""
    wanted, now = node.config.get("persist_docs"), metadata_of(node)
    if not isinstance(wanted, Mapping):
        return False
    table = wanted.get("relation") and _of(before, "description") != now["description"]
    return bool(table or (wanted.get("columns") and _of(before, "columns") != now["columns"]))


def _differing(project: Project, deployed: Deployed, differs: Compare) -> frozenset[str]:
    found = set()
    for unique_id, pointer in deployed.pointers.items():
        node, before = project.nodes.get(unique_id), deployed.definitions.get(pointer.definition)
        if node is not None and before is not None and differs(node, before, pointer):
            found.add(unique_id)
    return frozenset(found)


def _of(before: Definition, key: str) -> object:
    told = before.body.get("metadata")
    return told.get(key) if isinstance(told, Mapping) else None
