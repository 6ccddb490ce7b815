"""Builds a node by a materialization that the project wrote itself, in Jinja, within the build's transaction.

The macro works on the candidate as it would on dbt's table: what stood before is there as a copy, `this` names it,
and nobody reads it until its checks have passed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from dryland.build.hook import Hook
from dryland.build.request import BuildRequest
from dryland.engines.protocol import Session
from dryland.engines.relation import Found, Relation
from dryland.errors import ConfigError
from dryland.project.engine_asked import EngineAsked
from dryland.project.jinja.state import Scope
from dryland.project.jinja.world import Pass
from dryland.project.nodes import ColumnDoc
from dryland.project.render import KnownNames
from dryland.sql.substitute import statement
from dryland.values import dataclass


@dataclass(frozen=True, slots=True)
class HookText:
    """A hook as the macro passes it on: `render` turns it into SQL when its turn comes."""

    hook: Hook
    session: Session

    def __str__(self) -> str:
        return self.hook.render(self.session)


def build_custom(request: BuildRequest, session: Session) -> None:
    """Run the node's materialization; what stands at the target then is the build.

    Raises:
        ConfigError: the macro made nothing there.
        TemplateError, QueryError: something in the macro failed; carries file and line.
    """
    before = _standing(request, session)
    if request.base:
        _copy(before[request.base.name], request.base, request, session)
    _call(request, session)
    after = _standing(request, session)
    if request.target.name not in after:
        raise ConfigError(
            f"the materialization `{request.node.materialized}` ({request.node.materialization_macro}) made no table "
            "or view for its model.",
            hint="it must create the relation `this`, or rename what it made to that.",
        )
    own = {name for name in after.keys() - before.keys() if name.startswith(request.target.name)}
    session.drop((after[name].relation, after[name].kind) for name in sorted(own - {request.target.name}))


def _standing(request: BuildRequest, session: Session) -> dict[str, Found]:
    store = (request.target.database, request.target.schema)
    return {found.relation.name: found for found in session.list_relations([store])}


def _copy(found: Found, base: Relation, request: BuildRequest, session: Session) -> None:
    """What stood before, as what it was: a macro may ask whether it is a table or a view."""
    if found.kind == "table":
        session.clone_table(base, request.target)
        return
    session.create_view(request.target, _query_of(found, request.dialect))


def _query_of(view: Found, dialect: str) -> str:
    try:
        made = sqlglot.parse_one(view.definition, dialect=dialect)
    except SqlglotError:
        made = None
    if isinstance(made, exp.Create) and isinstance(made.this, exp.Table):
        return str(made.expression.sql(dialect=dialect))
    if isinstance(made, exp.Query):  # some tell the query alone, and in their own words
        return statement(view.definition, dialect)
    relation = view.relation
    table = exp.table_(relation.name, db=relation.schema, catalog=relation.database, quoted=True)
    return exp.select("*").from_(table).sql(dialect=dialect)


def _call(request: BuildRequest, session: Session) -> None:
    node, project = request.node, request.project
    assert project is not None and request.engine is not None, node.unique_id
    _, package, name = node.materialization_macro.split(".", 2)
    how = Pass(
        execute=True,
        is_incremental=_is_incremental(request),
        resolver=KnownNames(project, frozenset(node.depends_on)),
        warehouse=EngineAsked(request.engine, session),
        this=request.target,
        relations=request.inputs,
        full_refresh=request.full_refresh,
        time_goes_on=True,
    )
    model = _model(request)
    scope = Scope(node.place.path, node.package, node.unique_id, node.name, model=model)

    def render(text: Any) -> str:
        if isinstance(text, HookText):
            return str(text)
        return str(project.templates.render(str(text), scope, node.config, how)[0])

    given = {**_given(request, session), "render": render, "model": model}
    project.templates.call(name, scope, node.config, replace(how, extra=given), package=package)


def _is_incremental(request: BuildRequest) -> bool:
    """Only what is called that is, as in dbt, whoever makes it."""
    return request.base is not None and not request.full_refresh and request.node.materialized == "incremental"


def _given(request: BuildRequest, session: Session) -> dict[str, Any]:
    """What dbt gives to a materialization beside what every template has."""
    return {
        "sql": request.sql,
        "compiled_code": request.sql,
        "compiled_sql": request.sql,
        "database": request.target.database,
        "schema": request.target.schema,
        "pre_hooks": _hooks(request.pre_hooks, session),
        "post_hooks": _hooks(request.post_hooks, session),
        "write": lambda text: "",
    }


def _hooks(hooks: tuple[Hook, ...], session: Session) -> list[dict[str, Any]]:
    """In dbt's form. Those that are written to run outside of the transaction are told apart, and run in it."""
    return [
        {"sql": HookText(hook, session), "transaction": hook.in_transaction, "index": index}
        for index, hook in enumerate(hooks)
    ]


def _model(request: BuildRequest) -> dict[str, Any]:
    """dbt's `model`, whose names are those of the candidate."""
    node, target = request.node, request.target
    assert request.project is not None
    graph = request.project.templates.graph
    known = dict(graph()["nodes"].get(node.unique_id, {})) if graph else {}
    return {
        **known,
        "unique_id": node.unique_id,
        "name": node.name,
        "alias": target.name,
        "database": target.database,
        "schema": target.schema,
        "language": node.language,
        "compiled_code": request.sql,
        "config": dict(node.config),
        "columns": known.get("columns") or {column.name: _column(column) for column in node.columns},
        "constraints": [dict(each) for each in node.constraints],
        "description": node.description,
    }


def _column(column: ColumnDoc) -> dict[str, Any]:
    constraints = [dict(each) for each in column.constraints]
    return {
        "name": column.name, "description": column.description, "data_type": column.data_type or None,
        "meta": dict(column.meta), "tags": list(column.tags), "constraints": constraints, "quote": None,
    }  # fmt: skip
