"""Tells what readers were promised, and writes a model's promises down as a data contract."""

from __future__ import annotations

from collections.abc import Mapping

from dryland.errors import UsageError
from dryland.plan.promise import Promise, promise_in
from dryland.project.nodes import Node
from dryland.project.project import Project
from dryland.state.records import Pointer
from dryland.state.store import State


def promises_of(state: State, pointers: Mapping[str, Pointer]) -> dict[str, Promise]:
    """What was promised of each node that an environment shows, when it was released."""
    definitions = state.definitions({pointer.definition for pointer in pointers.values()})
    known = {node: promise_in(definitions.get(pointer.definition)) for node, pointer in pointers.items()}
    return {node: promise for node, promise in known.items() if promise is not None}


def exported_contract(project: Project, state: State, pointers: Mapping[str, Pointer], node: Node) -> str:
    """The contract file that a model has, as it stands; or a new one, with the columns that readers see.

    Raises:
        UsageError: it is no model.
    """
    if node.kind != "model":
        raise UsageError(f"`{node.name}` is a {node.kind}.", hint="contracts are about models.")
    if node.unique_id in project.contracted:
        contract, _ = project.contracted[node.unique_id]
        return (project.root / contract.place.path).read_text(encoding="utf-8")
    from dryland.project.odcs.export import exported  # it reads types, and few need that

    pointer = pointers.get(node.unique_id)
    build = state.builds([pointer.build_key]).get(pointer.build_key) if pointer else None
    columns = {str(name): str(kind) for name, kind, *_ in build.columns} if build else {}
    return exported(node, project, columns)
