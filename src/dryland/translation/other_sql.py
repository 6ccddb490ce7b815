"""Translates what is SQL beside models: checks, hooks, and how old sources are."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import sqlglot
from sqlglot import exp

from dryland.project.nodes import Check, Rendered, Source
from dryland.translation.check_arguments import translated_arguments
from dryland.translation.desk import Desk
from dryland.translation.query import translated

NOT_TRANSLATED = "this model is not translated; `dryland plan` says why"


def translated_check(desk: Desk, check: Check) -> Check:
    """The check in the warehouse's words."""
    written = desk.written_in()
    if desk.is_own(written):
        return check
    seeds = {uid: source.seed for uid, source in desk.project.sources.items() if source.seed}
    known = desk.known.get(seeds.get(check.node, check.node))
    say = partial(desk.expression, check.unique_id, check.name, check.place, written=written, known=known)
    where = say(check.where) if check.where and check.rendered is None else check.where
    if check.rendered is None:
        given, problems = translated_arguments(check.arguments, written=written, known=known)
        desk.note(check.unique_id, check.name, check.place.path, "", problems, line=check.place.line)
        return replace(check, where=where, arguments=given)
    if check.rendered.needs_warehouse:
        return check
    relations = check.rendered.relations
    said = translated(
        check.rendered.sql, written=written, relations=relations, known=desk.knows(relations.values()),
        names_count=False,
    )  # fmt: skip
    said, _ = desk.asked(said)
    if said.problems:
        desk.note(check.unique_id, check.name, check.place.path, "", said.problems, line=check.place.line)
        return replace(check, rendered=replace(check.rendered, sql=placeholder()))
    return replace(check, rendered=replace(check.rendered, sql=said.sql))


def translated_source(desk: Desk, source: Source) -> Source:
    """The source, with its own SQL in the warehouse's words."""
    written = desk.written_in()
    if desk.is_own(written) or not source.loaded_at_field:
        return source
    known = desk.known.get(source.unique_id)
    marker = desk.expression(
        source.unique_id, source.name, source.place, source.loaded_at_field, written=written, known=known
    )
    return replace(source, loaded_at_field=marker)


def translated_hook(desk: Desk, rendered: Rendered) -> Rendered:
    """A hook: translated where it is a query or reads as one; commands to the warehouse are its own."""
    written = desk.written_in()
    if rendered.needs_warehouse or desk.is_own(written):
        return rendered
    return replace(rendered, sql=in_words_of(rendered.sql, written, desk.engine.dialect))


def in_words_of(sql: str, written: str, dialect: str) -> str:
    """A statement as sqlglot writes it; what it does not understand is a command to the warehouse."""
    try:
        trees = sqlglot.parse(sql, dialect=written)
    except sqlglot.errors.SqlglotError:
        return sql
    if any(tree is None or isinstance(tree, exp.Command) for tree in trees):
        return sql
    return ";\n".join(tree.sql(dialect=dialect, identify=True) for tree in trees if tree is not None)


def placeholder() -> str:
    """What stands for a model that is not translated, so that all others can be planned; it never runs."""
    failing = exp.cast(exp.Literal.string(NOT_TRANSLATED), "int")
    return str(exp.select(exp.alias_(failing, "not_translated")).sql(dialect="postgres"))
