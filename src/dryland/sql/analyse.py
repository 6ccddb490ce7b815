"""Analyses a query into its meaning: a part for its rows, and a part for each column.

Works like a Merkle tree over the query's scopes. A reference to a column of a CTE or subquery is replaced by the part
it stands for; a reference to a column of an input stays a symbol, (input, column). So the names of CTEs
and aliases vanish, columns that nobody uses vanish, and the parts say exactly what of the inputs they read.
What is not understood makes the whole query one part that reads everything: sound first.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from sqlglot import exp
from sqlglot.dialects import Dialect
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import Scope, traverse_scope

from dryland.sql.ambiguity import mark_ambiguous
from dryland.sql.fingerprint import NotUnderstoodError, part_of
from dryland.sql.inputs import Inputs, name_inputs
from dryland.sql.meaning import WHOLE, Meaning, Part, hash_of
from dryland.sql.names import counts_capitals, mark_capitals, marked_all, unmarked
from dryland.sql.output_names import name_outputs
from dryland.sql.parse import parse_query
from dryland.sql.reading import as_written
from dryland.sql.references import ScopeParts
from dryland.sql.scopes import Analysis
from dryland.sql.single_source import qualify_single_sources
from dryland.sql.volatile import volatile_functions
from dryland.values import dataclass

MADE_UP = re.compile(r"_col_\d+")  # how sqlglot calls a column that the query gives no name
OF_SUBQUERY = frozenset({"this", "alias", "sample"})  # the last is refused where it is read
WRITING = (exp.Insert, exp.Update, exp.Delete, exp.Merge, exp.Into)
FOLDS: Mapping[str, Callable[[str], str]] = {"LOWERCASE": str.lower, "UPPERCASE": str.upper}
TOO_DEEP = "a query that is nested too deep"
DEPTH_MAX = 400  # levels of the tree; beyond, Python's stack does not suffice and qualifying takes quadratic time


@dataclass(frozen=True, slots=True)
class Understood:
    """A query's meaning, and how it was found."""

    meaning: Meaning
    named: Inputs
    scopes: Sequence[Scope] = ()  # qualified, the outermost last; none where the query is not understood


def analyse(
    sql: str,
    dialect: str,
    *,
    relations: Mapping[str, str],
    schemas: Mapping[str, Sequence[str] | None],
    path: str = "",
) -> Meaning:
    """Return what `sql` means.

    `relations` maps relation texts of the SQL to unique ids; `schemas` gives the columns of those that are known.

    >>> a = analyse("select x, y + 1 as z from t -- hi", "duckdb", relations={"t": "model.t"}, schemas={})
    >>> b = analyse("SELECT q.x, (q.y + 1) z FROM t AS q", "duckdb", relations={"t": "model.t"}, schemas={})
    >>> a == b, sorted(a.columns["z"].reads)
    (True, [('model.t', 'y')])

    Raises:
        SqlError: it does not parse, or is not one query.
    """
    return understood(sql, dialect, relations=relations, schemas=schemas, path=path).meaning


def understood(
    sql: str,
    dialect: str,
    *,
    relations: Mapping[str, str],
    schemas: Mapping[str, Sequence[str] | None],
    path: str = "",
) -> Understood:
    """As `analyse`, for who looks further.

    Raises:
        SqlError: it does not parse, or is not one query.
    """
    named = name_inputs(parse_query(sql, dialect, path=path, as_called=True), relations, dialect)
    volatile = volatile_functions(named.tree, dialect)
    try:
        found = _understood(named, dialect, schemas)
        return replace(found, meaning=replace(found.meaning, volatile=volatile))
    except NotUnderstoodError as error:
        reason = as_written(unmarked(str(error)))
    except RecursionError:
        reason = TOO_DEEP
    return Understood(replace(_whole(named, sql), volatile=volatile, reason=reason), named)


def _understood(named: Inputs, dialect: str, schemas: Mapping[str, Sequence[str] | None]) -> Understood:
    tree = named.tree.copy()
    mark_capitals(tree, dialect)
    _refuse(tree, dialect)
    name_outputs(tree, dialect)
    mark_ambiguous(tree)
    columns_of = {name: marked_all(schemas.get(unique_id), dialect) for name, unique_id in named.ids.items()}
    qualify_single_sources(tree, frozenset(name for name, columns in columns_of.items() if not columns))
    known: dict[str, object] = {
        name: dict.fromkeys(columns, "unknown") for name, columns in columns_of.items() if columns
    }
    scopes = _qualified_scopes(tree, dialect, known)
    strict = {named.ids[name]: columns_of[name] for name in named.ids} if counts_capitals(dialect) else None
    analysis = Analysis(named.ids, {id(scope.expression): scope for scope in scopes}, strict)
    root: Scope = scopes[-1]
    parts = analysis.of(root)
    if any(MADE_UP.fullmatch(name) for name in parts.columns):
        raise NotUnderstoodError("columns without a name of their own")  # the warehouse makes up names of its own
    return Understood(_meaning(parts, named, dialect), named, scopes)


def _meaning(parts: ScopeParts, named: Inputs, dialect: str) -> Meaning:
    inputs = frozenset(named.ids.values())
    if counts_capitals(dialect):
        columns = {unmarked(name): _unmarked(part) for name, part in parts.columns.items()}
        return Meaning(_unmarked(parts.rows), columns, inputs)
    return Meaning(parts.rows, _as_spelled(parts.columns, named.tree), inputs)


def _unmarked(part: Part) -> Part:
    """The part with the names of columns that it reads as the warehouse has them."""
    return replace(part, reads=frozenset((unique_id, unmarked(column)) for unique_id, column in part.reads))


def _as_spelled(columns: Mapping[str, Part], tree: exp.Expr) -> dict[str, Part]:
    """The columns, with the capitals in which their names are written: readers see those.

    >>> _as_spelled({"id": Part("a"), "n": Part("b")}, exp.select("1 as Id", "2 as n"))["n"]
    Part(hash='b', reads=frozenset())
    """
    spelled: dict[str, list[str]] = {}
    for alias in tree.find_all(exp.Alias):
        if alias.alias != alias.alias.lower():
            spelled.setdefault(alias.alias.lower(), []).append(alias.alias)
    return {
        name: replace(part, hash=hash_of("spelled", part.hash, *spelled[name])) if name in spelled else part
        for name, part in columns.items()
    }


def _refuse(tree: exp.Expr, dialect: str) -> None:
    """Stop at what the rest of the analysis would pass over in silence, or take ages for."""
    if _depth(tree) > DEPTH_MAX:
        raise NotUnderstoodError(TOO_DEEP)
    if any(each.args.get("recursive") for each in tree.find_all(exp.With)):
        raise NotUnderstoodError("a recursive query")  # a column may reach another one after several rounds
    if tree.find(exp.Pivot):
        raise NotUnderstoodError("a pivot")
    if tree.find(*WRITING):
        raise NotUnderstoodError("a query that writes")
    for subquery in tree.find_all(exp.Subquery):
        if any(value for key, value in subquery.args.items() if key not in OF_SUBQUERY):
            raise NotUnderstoodError("clauses behind a query in parentheses")
    fold = FOLDS.get(str(Dialect.get_or_raise(dialect).normalization_strategy.name))
    for name in tree.find_all(exp.Identifier):
        if fold and name.args.get("quoted") and name.name != fold(name.name):
            raise NotUnderstoodError(f"`{name.name}`, whose letter case counts")


def _depth(tree: exp.Expr) -> int:
    depth, level = 0, [tree]
    while level:
        depth, level = depth + 1, [child for node in level for child in node.iter_expressions()]
    return depth


def _qualified_scopes(tree: exp.Expr, dialect: str, known: dict[str, object]) -> list[Scope]:
    """The scopes of the tree with every column qualified and every known star expanded."""
    try:
        tree = qualify(
            tree, dialect=dialect, schema=known, validate_qualify_columns=False, quote_identifiers=False,
            identify=False, isolate_tables=False,
        )  # fmt: skip
        return traverse_scope(tree)
    except RecursionError:
        raise
    except Exception as error:  # whatever trips the optimiser up, it has not understood
        raise NotUnderstoodError((str(error).splitlines() or [type(error).__name__])[0]) from error


def _whole(named: Inputs, sql: str) -> Meaning:
    """The query as one part; the order of names stands for the names, so aliases still count, formatting does not."""
    tree = named.tree.copy()
    for table in tree.find_all(exp.Table):
        unique_id = named.ids.get(table.name)
        if unique_id:
            table.set("this", exp.to_identifier(unique_id))
    try:
        code = part_of([tree], lambda _: None).hash
    except RecursionError:  # a chain of hundreds of ORs: then formatting counts as well
        code = hash_of("text", sql)
    reads = frozenset((unique_id, WHOLE) for unique_id in named.ids.values())
    return Meaning(Part(hash_of("whole", code), reads), None, frozenset(named.ids.values()))
