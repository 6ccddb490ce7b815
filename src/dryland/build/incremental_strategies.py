"""Writes the statements that put new rows into an incremental model: append, delete+insert, merge."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from sqlglot import exp

from dryland.build.incremental_clauses import DEFAULT, Clause
from dryland.build.incremental_settings import Growth
from dryland.engines.relation import Relation
from dryland.values import dataclass

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


def microbatch(meeting: Meeting) -> Iterable[exp.Expr]:
    """Delete the old rows of the batch's stretch of time, then add the new rows that lie in it."""
    window = meeting.growth.window
    assert window is not None, meeting.name
    yield exp.Delete(this=meeting.into(OLD), where=exp.Where(this=exp.and_(window.copy(), *_predicates(meeting))))
    for statement in append(meeting):
        statement.expression.where(window.copy(), copy=False)
        yield statement


def merge(meeting: Meeting) -> Iterable[exp.Expr]:
    """Do with rows that match, and with rows that do not, what the clauses say; without a key no row matches."""
    growth = meeting.growth
    if not growth.key and growth.clauses == DEFAULT:
        yield from append(meeting)
        return
    matches = _matches(meeting) or [exp.false()]
    whens = [when for clause in growth.clauses for when in _when(clause, meeting)]
    yield exp.Merge(
        this=meeting.into(OLD),
        using=meeting.rows(NEW),
        on=exp.and_(*matches, *_predicates(meeting)),
        whens=exp.Whens(expressions=whens),
    )


def _when(clause: Clause, meeting: Meeting) -> Iterable[exp.When]:
    condition = _sided(clause.condition, meeting) if clause.condition else None
    then = _then(clause, meeting)
    if then is not None:
        yield exp.When(matched=clause.is_matched, source=clause.by_source, condition=condition, then=then)


def _then(clause: Clause, meeting: Meeting) -> exp.Expr | None:
    """What is done; nothing when an update has nothing to write."""
    if clause.action == "error":
        return exp.Var(this=f"ERROR {exp.Literal.string(clause.message).sql()}" if clause.message else "ERROR")
    if clause.action in ("delete", "do_nothing"):
        return exp.Var(this=clause.action.replace("_", " ").upper())
    if clause.mode in ("by_position", "star"):
        how = "BY POSITION" if clause.mode == "by_position" else "SET *" if clause.action == "update" else "*"
        return exp.Var(this=f"{clause.action.upper()} {how}")
    return _update(clause, meeting) if clause.action == "update" else _insert(clause, meeting)


def _update(clause: Clause, meeting: Meeting) -> exp.Update | None:
    """A clause for rows that no new row matches writes only what its expressions say."""
    sets = [
        exp.EQ(this=exp.column(_meant(name, meeting)), expression=_sided(value, meeting))
        for name, value in clause.sets.items()
    ]
    said = {name.strip('"').lower() for name in (*clause.sets, *clause.exclude)}
    if clause.is_matched:
        names = [name for name in clause.include or meeting.columns if name.strip('"').lower() not in said]
        meant = [_meant(name, meeting) for name in names]
        sets += [exp.EQ(this=exp.column(name), expression=exp.column(name.copy(), NEW)) for name in meant]
    return exp.Update(expressions=sets) if sets else None


def _insert(clause: Clause, meeting: Meeting) -> exp.Insert:
    is_explicit = clause.mode == "explicit"
    names = (
        [_meant(name, meeting) for name in clause.columns] if is_explicit else [named(name) for name in meeting.columns]
    )
    values = [_sided(value, meeting) for value in clause.values] if is_explicit else [exp.column(n, NEW) for n in names]
    return exp.Insert(
        this=exp.Tuple(expressions=[exp.column(name.copy()) for name in names]),
        expression=exp.Tuple(expressions=values),
    )


def _matches(meeting: Meeting) -> list[exp.Expr]:
    same = exp.NullSafeEQ if meeting.growth.is_row_key else exp.EQ
    return [same(this=_on(OLD, part), expression=_on(NEW, part)) for part in meeting.growth.key]


def _on(side: exp.Identifier, part: exp.Expr) -> exp.Expr:
    found = part.copy()
    for column in found.find_all(exp.Column):
        column.set("table", side.copy())
    return found if isinstance(found, exp.Column) else exp.paren(found)


def _predicates(meeting: Meeting) -> list[exp.Expr]:
    """The predicates with the two sides named; a bare column is one of the old rows, unless a subquery has it."""
    return [exp.paren(_sided(predicate, meeting, bare=OLD)) for predicate in meeting.growth.predicates]


def _sided(written: exp.Expr, meeting: Meeting, bare: exp.Identifier | None = None) -> exp.Expr:
    """An expression with dbt's names of the two sides replaced by ours."""
    sides: Mapping[str, exp.Identifier] = {**SIDES, meeting.name.upper(): OLD}
    found = exp.Paren(this=written.copy())
    for column in list(found.find_all(exp.Column)):
        side = sides.get(column.table.upper())
        if side is None and not column.table and column.find_ancestor(exp.Query) is None:
            side = bare
        if side:
            column.set("table", side.copy())
    sided: exp.Expr = found.this
    return sided


def table(relation: Relation, alias: exp.Identifier | None = None) -> exp.Table:
    """A relation as it stands in a statement."""
    parts = (named(relation.name), named(relation.schema), named(relation.database))
    return exp.table_(parts[0], db=parts[1], catalog=parts[2], alias=alias)


def named(name: str) -> exp.Identifier:
    """A name, quoted."""
    return exp.to_identifier(name, quoted=True)


def _meant(name: str, meeting: Meeting) -> exp.Identifier:
    """A column that a person wrote, perhaps with quotes of their own; without them capitals mean nothing."""
    bare = name.strip('"')
    alike = [column for column in meeting.columns if column.lower() == bare.lower()]
    return named(alike[0] if bare == name and name not in alike and len(alike) == 1 else bare)


STATEMENTS: Mapping[str, Callable[[Meeting], Iterable[exp.Expr]]] = {
    "append": append,
    "delete+insert": delete_insert,
    "merge": merge,
    "microbatch": microbatch,
}
