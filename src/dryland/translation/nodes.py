"""Translates a node: its query in both forms, its hooks, and what its configuration says in SQL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import sqlglot
from sqlglot import exp

from dryland.engines.relation import Column
from dryland.project.contracts import has_contract
from dryland.project.nodes import Node, Rendered
from dryland.project.snapshot_settings import settings_of
from dryland.translation.casts import type_named
from dryland.translation.desk import Desk, as_known, is_readable
from dryland.translation.other_sql import placeholder, translated_hook
from dryland.translation.query import probe_of, translated
from dryland.translation.tables import Known

SQL_CONFIG = ("updated_at", "loaded_at_field", "dbt_valid_to_current")
THIS = "this"


def translated_node(desk: Desk, node: Node) -> Node:
    """The node in the warehouse's words."""
    written = desk.written_in(node)
    node = _with_types(desk, node, written)
    if node.kind == "seed":
        desk.known[node.unique_id] = _of_seed(desk, node)
        return node
    node = replace(
        node,
        pre_hooks=tuple(translated_hook(desk, each) for each in node.pre_hooks),
        post_hooks=tuple(translated_hook(desk, each) for each in node.post_hooks),
    )
    if not is_readable(node):
        return node
    rendered, known = _query(desk, node, node.rendered, written, {})
    own = {THIS: known, node.unique_id: known}
    incremental = node.rendered_incremental
    if known is None and rendered.sql == placeholder():  # what stops the one form is told once
        incremental = rendered if incremental is not None else None
    elif incremental is not None and incremental is not node.rendered and not incremental.needs_warehouse:
        incremental, _ = _query(desk, node, incremental, written, own)
    elif incremental is node.rendered:
        incremental = rendered
    desk.known[node.unique_id] = _with_added(node, known)
    config = _config(desk, node, written, known)
    return replace(node, rendered=rendered, rendered_incremental=incremental, config=config)


def _of_seed(desk: Desk, node: Node) -> Known:
    declared = {str(name): str(kind) for name, kind in (node.config.get("column_types") or {}).items()}
    types = desk.engine.infer_seed_types(str(node.file), str(node.config.get("delimiter", ",")), declared)
    return as_known(tuple(Column(name, kind) for name, kind in types.items()))


def _with_types(desk: Desk, node: Node, written: str) -> Node:
    """The types that YAML names, as the warehouse calls them."""
    if desk.is_own(written):
        return node
    columns = tuple(
        replace(each, data_type=type_named(each.data_type, written)) if each.data_type else each
        for each in node.columns
    )
    declared = node.config.get("column_types")
    if not declared:
        return replace(node, columns=columns)
    types = {name: type_named(str(kind), written) for name, kind in declared.items()}
    return replace(node, columns=columns, config={**node.config, "column_types": types})


def _config(desk: Desk, node: Node, written: str, known: Known | None) -> Mapping[str, Any]:
    if desk.is_own(written):
        return node.config
    config = dict(node.config)
    for key in SQL_CONFIG:
        if isinstance(config.get(key), str):
            config[key] = desk.expression(node.unique_id, node.name, node.place, config[key], written, known)
    return config


def _query(
    desk: Desk, node: Node, rendered: Rendered, written: str, own: Mapping[str, Known | None]
) -> tuple[Rendered, Known | None]:
    """A form of a model in the warehouse's words, with what its columns are."""
    known = {**desk.knows(rendered.relations.values()), **own}
    if desk.is_own(written):
        probe = probe_of(rendered.sql, relations=rendered.relations, known=known)
        columns, problems = desk.described(probe) if probe else ((), ())
        return rendered, _told(known, {}, columns) if columns and not problems else None
    said = translated(rendered.sql, written=written, relations=rendered.relations, known=known)
    said, columns = desk.asked(said)
    if said.problems:
        desk.note(node.unique_id, node.name, node.place.path, node.raw, said.problems)
        return replace(rendered, sql=placeholder(), relations=rendered.relations), None
    sql = _under_contract(node, said.sql, said.columns)
    types = {name.lower(): kind for name, kind in (said.columns or {}).items()}
    found = _told(known, types, columns)
    return _with_sql(rendered, sql, written, known), found


def _with_sql(
    rendered: Rendered, sql: str, written: str, known: Mapping[str, Known | None]
) -> Rendered:  # fmt: skip
    """The rendering with its new SQL; what stands for it as of a fixed moment is translated as well."""
    still = ""
    if rendered.still:
        said = translated(rendered.still, written=written, relations=rendered.relations, known=known)
        still = said.sql
    return replace(rendered, sql=sql, still=still)


def _told(inputs: Mapping[str, Known | None], types: Mapping[str, str], columns: tuple[Column, ...]) -> Known | None:
    """What a query gives. What the warehouse says of types counts where it always can: it knows all inputs."""
    if columns and all(each is not None and each.types for each in inputs.values()):
        return as_known(columns, types)
    return Known(types, columns) if types or columns else None


def _under_contract(node: Node, sql: str, columns: Mapping[str, str] | None) -> str:
    """A query under a contract is cast to what that promises: sums and the like have other types here."""
    promised = {column.name.lower(): column.data_type for column in node.columns}
    if not has_contract(node) or columns is None or set(columns) != set(promised):
        return sql
    inner = sqlglot.parse_one(sql, dialect="postgres")
    casts = [_cast(name, promised[name]) for name in columns]
    outer = exp.select(*casts).from_(exp.Subquery(this=inner, alias=exp.TableAlias(this=_named("promised"))))
    return str(outer.sql(dialect="postgres", identify=True, pretty=True))


def _with_added(node: Node, known: Known | None) -> Known | None:
    """With the columns that a snapshot adds."""
    if node.kind != "snapshot" or known is None:
        return known
    added = settings_of(node.config).added
    kinds = {name: ("varchar" if "scd_id" in name or "deleted" in name else "timestamp") for name in added}
    more = tuple(Column(name, "text" if kind == "varchar" else kind) for name, kind in kinds.items())
    return Known({**known.types, **kinds}, (*known.columns, *more) if known.columns else ())


def _named(name: str) -> exp.Identifier:
    found: exp.Identifier = exp.to_identifier(name, quoted=True)
    return found


def _cast(name: str, kind: str) -> exp.Alias:
    to = exp.DataType.build(kind, dialect="postgres", udt=True)
    found = exp.alias_(exp.Cast(this=exp.column(name, quoted=True), to=to), name, quoted=True)
    assert isinstance(found, exp.Alias)
    return found
