"""Gives every table that a query reads from outside a short name of its own, and remembers which input it is."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from sqlglot import exp

from dryland.sql.cte_reference import is_cte_reference
from dryland.sql.meaning import EXTERNAL
from dryland.sql.names import counts_capitals, folded
from dryland.sql.postgres_words import SET_RETURNING
from dryland.sql.reading import called_as_known
from dryland.values import dataclass

GENERATORS = frozenset(
    {"explodinggenerateseries", "generateseries", "generate_series", "range", "unnest", "values"}
)  # tables made of nothing
Triple = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Inputs:
    """`tree` with inputs renamed, and what each short name stands for."""

    tree: exp.Query
    ids: Mapping[str, str]  # short name -> unique id


def name_inputs(tree: exp.Query, relations: Mapping[str, str], dialect: str) -> Inputs:
    """Rename tables in place. CTE references stay; `relations` maps relation texts to unique ids."""
    known = {_known_as(text, dialect): uid for text, uid in relations.items()}
    read = [table for table in tree.find_all(exp.Table) if not is_cte_reference(table, dialect) and _reads(table)]
    short: dict[str, str] = {}
    for table in read:
        unique_id = known.get(_named(table, dialect)) or _external(table, dialect)
        name = short.setdefault(unique_id, f"dryland_{len(short)}")
        if not _is_told_by_the_query(table):  # one that is keeps what it reads where the analysis meets it
            _rename(table, name)
    for column in tree.find_all(exp.Column):
        if column.args.get("db"):  # main.orders.amount -> orders.amount
            column.set("db", None)
            column.set("catalog", None)
    return Inputs(tree, {name: unique_id for unique_id, name in short.items()})


def _reads(table: exp.Table) -> bool:
    """Whether it reads something; `rows from (...)` has nothing but the functions in it."""
    return table.args.get("this") is not None and not is_generator(table)


def is_generator(table: exp.Table) -> bool:
    """Whether a table function makes its rows from its arguments alone."""
    function = table.this
    if isinstance(function, exp.Anonymous):
        return str(function.this).lower() in GENERATORS or called_as_known(function) in SET_RETURNING
    return isinstance(function, exp.Func) and function.key in GENERATORS


def _is_told_by_the_query(table: exp.Table) -> bool:
    """Whether a table function gets arguments from the tables around it: `from orders, json_each(orders.lines)`."""
    function = table.this
    if isinstance(function, exp.Identifier):
        return False
    return any(not _is_option(node, function) for node in function.find_all(exp.Column, exp.Query))


def _is_option(node: exp.Expr, function: exp.Expr) -> bool:
    """Whether it is the name in `read_csv('x.csv', header = true)`."""
    return isinstance(node.parent, exp.EQ) and node.parent.this is node and node.parent.parent is function


@lru_cache(maxsize=100_000)
def _known_as(text: str, dialect: str) -> Triple:
    """What tells the table of a relation text from others: the same texts are asked about with every query."""
    return _named(exp.to_table(text, dialect=dialect), dialect)


def _triple(table: exp.Table, dialect: str) -> Triple:
    catalog, db, name = (folded(table.args.get(part), dialect) for part in ("catalog", "db", "this"))
    return catalog, db, name


def _named(table: exp.Table, dialect: str) -> Triple:
    """What tells one table from others: its name, or the call of a function that reads it."""
    return _triple(table, dialect) if isinstance(table.this, exp.Identifier) else ("", "", _external(table, dialect))


def _external(table: exp.Table, dialect: str) -> str:
    is_plain = isinstance(table.this, exp.Identifier) and not table.this.args.get("quoted")
    if is_plain or (isinstance(table.this, exp.Identifier) and counts_capitals(dialect)):
        return EXTERNAL + ".".join(part for part in _triple(table, dialect) if part)
    if isinstance(table.this, exp.Identifier):  # perhaps a file, where letter case counts
        return EXTERNAL + ".".join(part for part in (table.catalog.lower(), table.db.lower(), table.name) if part)
    return EXTERNAL + str(table.this.sql(dialect=dialect, normalize_functions="lower", comments=False))


def _rename(table: exp.Table, name: str) -> None:
    if not table.alias:
        alias = table.this.copy() if isinstance(table.this, exp.Identifier) else exp.to_identifier(name)
        table.set("alias", exp.TableAlias(this=alias))
    table.set("this", exp.to_identifier(name))
    table.set("db", None)
    table.set("catalog", None)
