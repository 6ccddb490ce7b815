"""Puts new rows into an incremental model as a macro of the project says: a strategy of its own."""

from __future__ import annotations

from collections.abc import Sequence

from dryland.build.request import BuildRequest
from dryland.engines.protocol import Session
from dryland.engines.relation import Column, Relation
from dryland.project.engine_asked import EngineAsked
from dryland.project.incremental_macro import incremental_macro, incremental_sql
from dryland.project.jinja.world import Pass
from dryland.project.render import KnownNames


def has_own_strategy(request: BuildRequest) -> bool:
    """Whether the project has a macro for the model's strategy."""
    return request.project is not None and incremental_macro(request.project.templates, request.node) is not None


def put_in_by_macro(request: BuildRequest, session: Session, delta: Relation, columns: Sequence[Column]) -> None:
    """Render the macro within the build's transaction, and run what it gives."""
    assert request.project is not None and request.engine is not None, request.node.unique_id
    how = Pass(
        execute=True, is_incremental=True, resolver=KnownNames(request.project, frozenset(request.node.depends_on)),
        warehouse=EngineAsked(request.engine, session), this=request.target, relations=request.inputs,
    )  # fmt: skip
    sql = incremental_sql(request.project, request.node, how, target=request.target, delta=delta, columns=columns)
    if sql.strip():
        session.execute(sql)
