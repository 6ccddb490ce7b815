"""Writes the statements that put new rows into an incremental model: append, delete+insert, merge."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from sqlglot import exp

from dryland.build.incremental_settings import Growth
from dryland.engines.relation import Relation

OLD, NEW = (exp.to_identifier(side, quoted=True) for side in ("old", "new"))
SIDES = {
    "DBT_INTERNAL_DEST": OLD,
    "DBT_INCREMENTAL_TARGET": OLD,
    "DBT_INTERNAL_SOURCE": NEW,
}
"""What dbt calls the two sides in incremental_predicates."""


@dataclass(frozen=True, slots=True)
class Meeting:
    """New rows, and the table they go to."""

    growth: Growth
    target: Relation
    delta: Relation
    columns: tuple[str, ...]  # to write
    name: str  # of the model, as a predicate may say it

    def into(self, alias: exp.Identifier | None = None) -> exp.Table:
        """The table that grows."""
        return table(self.target, alias)

    def rows(self, alias: exp.Identifier | None = None) -> exp.Table:
        """The new rows."""
        return table(self.delta, alias)


def append(meeting: Meeting) -> Iterable[exp.Expr]:
    """Add every new row.

    >>> day = Meeting(Growth("append"), Relation("db", "s", "t"), Relation("db", "s", "d"), ("a",), "t")
    >>> [statement.sql() for statement in append(day)]
    ['INSERT INTO "db"."s"."t" ("a") SELECT "a" FROM "db"."s"."d"']
    """
    names = [named(column) for column in meeting.columns]
    rows = exp.select(*[exp.column(name) for name in names]).from_(meeting.rows())
    into = exp.Schema(this=meeting.into(), expressions=[name.copy() for name in names])
    yield exp.Insert(this=into, expression=rows)


def delete_insert(meeting: Meeting) -> Iterable[exp.Expr]:
    """Delete the old rows whose key comes again, then add every new row."""
    if meeting.growth.key:
        comes_again = exp.select("1").from_(meeting.rows(NEW)).where(*_matches(meeting), *_predicates(meeting))
        yield exp.Delete(this=meeting.into(OLD), where=exp.Where(this=exp.Exists(this=comes_again)))
    yield from append(meeting)


def merge(meeting: Meeting) -> Iterable[exp.Expr]:
    """Update the row whose key comes again, add the others; without a key there is nothing to update, as in dbt."""
    if not meeting.growth.key:
        yield from append(meeting)
        return
    updated = meeting.growth.update_columns or tuple(
        column for column in meeting.columns if column.lower() not in meeting.growth.exclude_columns
    )
    sets = [exp.EQ(this=exp.column(_bare(name)), expression=exp.column(_bare(name), NEW)) for name in updated]
    insert = exp.Insert(
        this=exp.Tuple(expressions=[exp.column(named(name)) for name in meeting.columns]),
        expression=exp.Tuple(expressions=[exp.column(named(name), NEW) for name in meeting.columns]),
    )
    update = [exp.When(matched=True, then=exp.Update(expressions=sets))] if sets else []
    yield exp.Merge(
        this=meeting.into(OLD),
        using=meeting.rows(NEW),
        on=exp.and_(*_matches(meeting), *_predicates(meeting)),
        whens=exp.Whens(expressions=[*update, exp.When(matched=False, then=insert)]),
    )


def _matches(meeting: Meeting) -> list[exp.Expr]:
    return [exp.EQ(this=_on(OLD, part), expression=_on(NEW, part)) for part in meeting.growth.key]


def _on(side: exp.Identifier, part: exp.Expr) -> exp.Expr:
    found = part.copy()
    for column in found.find_all(exp.Column):
        column.set("table", side.copy())
    return found if isinstance(found, exp.Column) else exp.paren(found)


def _predicates(meeting: Meeting) -> list[exp.Expr]:
    """The predicates with the two sides named; a bare column is one of the old rows, unless a subquery has it."""
    sides: Mapping[str, exp.Identifier] = {**SIDES, meeting.name.upper(): OLD}
    found: list[exp.Expr] = []
    for predicate in meeting.growth.predicates:
        condition = predicate.copy()
        for column in list(condition.find_all(exp.Column)):
            side = sides.get(column.table.upper())
            if side is None and not column.table and column.find_ancestor(exp.Query) is None:
                side = OLD
            if side:
                column.set("table", side.copy())
        found.append(exp.paren(condition))
    return found


def table(relation: Relation, alias: exp.Identifier | None = None) -> exp.Table:
    """A relation as it stands in a statement."""
    parts = (named(relation.name), named(relation.schema), named(relation.database))
    return exp.table_(parts[0], db=parts[1], catalog=parts[2], alias=alias)


def named(name: str) -> exp.Identifier:
    """A name, quoted."""
    return exp.to_identifier(name, quoted=True)


def _bare(name: str) -> exp.Identifier:
    """A column that a person wrote, perhaps with quotes of their own."""
    return named(name.strip('"'))


STATEMENTS: Mapping[str, Callable[[Meeting], Iterable[exp.Expr]]] = {
    "append": append,
    "delete+insert": delete_insert,
    "merge": merge,
}
