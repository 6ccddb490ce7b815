"""Translates one query: taken apart with its inputs' types, said anew part by part, and written for PostgreSQL."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import field

import sqlglot
from sqlglot import exp
from sqlglot.errors import ErrorLevel, OptimizeError, SqlglotError
from sqlglot.optimizer.qualify import qualify

from dryland.sql.single_source import qualify_single_sources
from dryland.translation.casts import cast, try_cast
from dryland.translation.functions import ALIKE, FUNCTIONS, HINT
from dryland.translation.kinds import KINDS, kind_of
from dryland.translation.notes import Notes
from dryland.translation.numbers import NUMBERS, Rule
from dryland.translation.problem import Problem
from dryland.translation.structure import grouped_by_all, refused
from dryland.translation.tables import Known, Tables
from dryland.translation.text_order import TEXT_ORDER
from dryland.translation.texts import TEXTS
from dryland.translation.times import TIMES
from dryland.translation.types import bare, typed
from dryland.values import dataclass

LOG = logging.getLogger(__name__)
RULES: Mapping[type[exp.Expr], Rule] = {
    **TIMES, **TEXTS, **TEXT_ORDER, **NUMBERS, **FUNCTIONS, exp.Cast: cast, exp.TryCast: try_cast
}  # fmt: skip
AT_LAST = (exp.Avg, exp.Stddev, exp.StddevSamp, exp.StddevPop, exp.Variance, exp.VariancePop, exp.Min, exp.Max)
"""Aggregates that become something else together with their windows and filters: when all within has its words."""
OF_KIND = {kind: name for name, kind in reversed(KINDS.items()) if kind}
WRITES = (exp.Insert, exp.Update, exp.Delete, exp.Merge, exp.Create, exp.Drop, exp.Command)


@dataclass(frozen=True, slots=True)
class Translated:
    """What a query became."""

    sql: str  # as it was, when there are problems
    columns: Mapping[str, str] | None = None  # name -> type where it was written, or ""; None: nobody knows them all
    probe: str = ""  # the same over tables of no rows, for the warehouse to look at; empty when that is not possible
    problems: tuple[Problem, ...] = field(default=())


def translated(
    sql: str, *, written: str, relations: Mapping[str, str], known: Mapping[str, Known | None], names_count: bool = True
) -> Translated:
    """Say a query of the dialect `written` in PostgreSQL's words.

    `relations` are the texts of tables in it, with the unique ids behind them. `names_count`: readers see its columns.
    """
    notes = Notes(written)
    try:
        trees = [each for each in sqlglot.parse(sql, dialect=written) if each is not None]
    except SqlglotError as error:
        said = str(error).splitlines()[0]
        return Translated(sql, problems=(Problem(f"it does not parse: {said}"),))
    if len(trees) != 1 or isinstance(trees[0], WRITES):
        return Translated(sql, problems=(Problem("this is not one query.", "a model is one SELECT."),))
    tables = Tables.renamed(trees[0], relations, written)
    tree = _understood(trees[0], tables, known, notes)
    grouped_by_all(tree)
    if notes.problems:
        return Translated(sql, problems=tuple(notes.problems))
    _verify_stars(tree, notes)
    columns = _columns(tree, notes, written, names_count=names_count)
    refused(tree, notes)
    if not notes.problems:
        tree = _reworded(tree, notes)
    return _written(sql, tree, tables, known, columns, notes)


def probe_of(sql: str, *, relations: Mapping[str, str], known: Mapping[str, Known | None]) -> str:
    """A query of PostgreSQL's own over tables of no rows; empty where it cannot be read, or a table is not known."""
    try:
        tree = sqlglot.parse_one(sql, dialect="postgres")
    except SqlglotError:
        return ""
    tables = Tables.renamed(tree, relations, "postgres")
    empty = tables.empty(tree, known)
    return str(empty.sql(dialect="postgres")) if empty is not None else ""


def _understood(tree: exp.Expr, tables: Tables, known: Mapping[str, Known | None], notes: Notes) -> exp.Expr:
    """The query with its columns' tables and types, as far as they are known; what trips that up stays as it was."""
    schemas = {name: known.get(uid) for name, uid in tables.ids.items()}
    schema: dict[str, object] = {
        name: {column: bare(kind, notes.written) for column, kind in found.types.items()}
        for name, found in schemas.items() if found is not None and found.types
    }  # fmt: skip
    blind = frozenset(name for name in tables.names if name not in schema)
    copied = tree.copy()
    try:
        qualify_single_sources(copied, blind)
        copied = qualify(
            copied, dialect=notes.written, schema=schema, validate_qualify_columns=False, quote_identifiers=False,
            identify=False, isolate_tables=False,
        )  # fmt: skip
        return typed(copied, schema, notes.written)
    except OptimizeError as error:
        if not blind:  # it knows all columns, and this is none of them
            said = str(error).splitlines()[0]
            notes.problems.append(Problem(f"it is not understood: {said}", near=said))
    except Exception as error:  # the optimiser understands less than the warehouse: rules say what needs types
        LOG.debug("not understood: %s", error)
    for name in tree.find_all(exp.Identifier):
        name.set("this", name.name.lower())
    return tree


def _verify_stars(tree: exp.Expr, notes: Notes) -> None:
    """With a `qualify` a star would show the column that is made for it."""
    for select in tree.find_all(exp.Select):
        if select.args.get("qualify") and any(each.is_star for each in select.expressions):
            notes.say(select.args["qualify"], "which columns the star beside it stands for is not known",
                      "list the columns, or release first what it reads.")  # fmt: skip


def _columns(tree: exp.Expr, notes: Notes, written: str, *, names_count: bool) -> Mapping[str, str] | None:
    if not isinstance(tree, exp.Query) or any(each.is_star for each in tree.selects):
        return None
    found: dict[str, str] = {}
    for each in tree.selects:
        name = each.alias_or_name
        if names_count and (not name or name.startswith("_col_")):
            notes.say(each.unalias(), "a column without a name is called otherwise by each warehouse",
                      "give it a name with `as`.")  # fmt: skip
        found[name] = _type_of(each, written)
    return found


def _type_of(projection: exp.Expr, written: str) -> str:
    kind = projection.type
    if isinstance(kind, exp.DataType) and kind.this not in (exp.DataType.Type.UNKNOWN, exp.DataType.Type.NULL):
        return str(kind.sql(dialect=written))
    kind_found = kind_of(projection.unalias())
    name = OF_KIND.get(kind_found) if kind_found else None
    return exp.DataType(this=name).sql(dialect=written) if name else ""


def _reworded(tree: exp.Expr, notes: Notes) -> exp.Expr:
    """Every part said in PostgreSQL's words, the innermost first."""
    inside_out = list(tree.walk(bfs=True))[::-1]
    for at_last in (False, True):
        for node in inside_out:
            if isinstance(node, AT_LAST) == at_last and node is not tree:
                _say_anew(node, notes)
    return tree


def _say_anew(node: exp.Expr, notes: Notes) -> None:
    rule = RULES.get(type(node))
    if rule is None:
        if isinstance(node, exp.Func) and type(node) not in ALIKE and not isinstance(node, exp.Connector):
            notes.say(node, f"there is no translation of `{node.sql_name().lower()}`", HINT)
        return
    kind = kind_of(node)
    known = node.type
    new = rule(node, notes)
    if new is None or new is node:
        return
    if isinstance(new, exp.Binary | exp.Not) and isinstance(node.parent, exp.Binary | exp.Unary | exp.Bracket):
        new = exp.paren(new, copy=False)
    new.type = known if isinstance(known, exp.DataType) else (
        exp.DataType(this=OF_KIND[kind]) if kind in OF_KIND else None
    )  # fmt: skip
    node.replace(new)


def _written(
    sql: str, tree: exp.Expr, tables: Tables, known: Mapping[str, Known | None], columns: Mapping[str, str] | None,
    notes: Notes,
) -> Translated:  # fmt: skip
    if notes.problems:
        return Translated(sql, columns, problems=tuple(notes.problems))
    empty = tables.empty(tree, known)
    try:
        text = _text(tables.placed(tree))
        probe = _text(empty) if empty is not None else ""
    except SqlglotError as error:
        lines: Sequence[str] = str(error).splitlines()
        return Translated(sql, columns, problems=(Problem(f"sqlglot says: {lines[0]}"),))
    return Translated(text, columns, probe)


def _text(tree: exp.Expr) -> str:
    return str(
        tree.sql(dialect="postgres", identify=True, pretty=True, comments=False, unsupported_level=ErrorLevel.RAISE)
    )
