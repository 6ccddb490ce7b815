"""Builds the next generation of an incremental model: a copy of the last one, plus what is new.

Copying keeps every promise: the last generation stays as it was for readers, for other environments and
for a rollback, and the new one is checked before anybody sees it. What is saved is the query over the history.
See docs/decisions/0002-incremental-generations.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from sqlglot import exp

from dryland.build.contract import broken_promises, make_table, verify_columns
from dryland.build.dialects import WAYS
from dryland.build.expressions import kind_of
from dryland.build.incremental_own import has_own_strategy, put_in_by_macro
from dryland.build.incremental_settings import OWN, Growth, growth_of
from dryland.build.incremental_strategies import STATEMENTS, Meeting, named, table
from dryland.build.request import BuildRequest
from dryland.engines.protocol import Session
from dryland.engines.relation import Column, Relation
from dryland.errors import ConfigError, QueryError
from dryland.sql.names import compared, folded
from dryland.sql.type_change import type_change

DELTA = "__new"  # ends the name of the table that holds the new rows while they are put in


def build_incremental(request: BuildRequest, session: Session) -> None:
    """Build the next generation, or the first from nothing when there is no base.

    Raises:
        UnsupportedError: the strategy or an option is one that Dryland does not have.
        ConfigError: the key is none of the columns, or columns changed and `on_schema_change` is `fail`.
    """
    if request.base is None:
        growth = growth_of(request.node, request.dialect, is_own=has_own_strategy(request))
        make_table(request, session, request.sql)
        _verify_key(request, growth, _columns(session, request, request.target))
        return
    verify_columns(request, session, request.sql)
    delta = delta_of(request)
    session.create_table_as(delta, request.sql)
    put_in(request, session, delta)


def delta_of(request: BuildRequest) -> Relation:
    """Where the new rows are held; made and dropped in the transaction of the build, so nobody else sees it."""
    return replace(request.target, name=f"{request.target.name}{DELTA}")


def put_in(request: BuildRequest, session: Session, delta: Relation, growth: Growth | None = None) -> None:
    """Put the rows of `delta` into the copy at `request.target`, then drop `delta`.

    Raises:
        UnsupportedError, ConfigError: as for `build_incremental`.
    """
    growth = growth or growth_of(request.node, request.dialect, is_own=has_own_strategy(request))
    old, new = (_columns(session, request, relation) for relation in (request.target, delta))
    old = _widened(request, session, old, new)
    for statement in _alignment(request, growth, old, new):
        session.execute(statement.sql(dialect=request.dialect, identify=True))
    kept = old if growth.on_schema_change == "ignore" else new
    known = {compared(column.name, request.dialect) for column in kept}
    columns = tuple(column.name for column in new if compared(column.name, request.dialect) in known)
    _verify_key(request, growth, new)
    meeting = Meeting(growth, request.target, delta, columns, request.node.relation.name)
    with broken_promises(request):
        if growth.strategy == OWN:
            put_in_by_macro(request, session, delta, old if growth.on_schema_change == "ignore" else new)
            session.drop([(delta, "table")])
            return
        for statement in STATEMENTS[growth.strategy](meeting):
            with _told_if_too_old(statement, request.dialect):
                session.execute(statement.sql(dialect=request.dialect))
    session.drop([(delta, "table")])


def _alignment(
    request: BuildRequest, growth: Growth, old: tuple[Column, ...], new: tuple[Column, ...]
) -> Iterable[exp.Expr]:
    """The statements that bring the copy's columns to what `on_schema_change` wants."""
    before = {compared(column.name, request.dialect): column for column in old}
    after = {compared(column.name, request.dialect): column for column in new}
    added = [column for name, column in after.items() if name not in before]
    gone = [column for name, column in before.items() if name not in after]
    changed = [column for name, column in after.items() if name in before and before[name].type != column.type]
    policy = growth.on_schema_change
    if policy == "fail" and (added or gone or changed):
        raise ConfigError(
            f"the columns of `{request.node.name}` changed (new: {_names(added)}; gone: {_names(gone)}; "
            f"of another type: {_names(changed)}) and on_schema_change is `fail`.",
            hint="choose `append_new_columns` or `sync_all_columns`, or rebuild with --full-refresh.",
            path=request.node.place.path,
        )
    if policy in ("append_new_columns", "sync_all_columns"):
        yield from (_altered(request, exp.ColumnDef(this=named(c.name), kind=kind_of(c))) for c in added)
    if policy == "sync_all_columns":
        yield from (_altered(request, exp.Drop(tables=[exp.column(named(c.name))], kind="COLUMN")) for c in gone)
        yield from (_altered(request, _retyped(request, c)) for c in changed)


def _widened(
    request: BuildRequest, session: Session, old: tuple[Column, ...], new: tuple[Column, ...]
) -> tuple[Column, ...]:
    """The copy's columns, after those that are too short for the new texts have grown."""
    if not WAYS[request.dialect].widens_texts:
        return old
    after = {column.name: column for column in new}
    found = []
    for column in old:
        now = after.get(column.name, column)
        is_text = "text" == WAYS[request.dialect].kind(column.type) == WAYS[request.dialect].kind(now.type)
        if is_text and type_change(column.type, now.type, request.dialect) == "wider":
            session.execute(_altered(request, _retyped(request, now)).sql(dialect=request.dialect))
            column = now
        found.append(column)
    return tuple(found)


def _altered(request: BuildRequest, action: exp.Expr) -> exp.Expr:
    return exp.Alter(this=table(request.target), kind="TABLE", actions=[action])


@contextmanager
def _told_if_too_old(statement: exp.Expr, dialect: str) -> Iterator[None]:
    """Say what a merge takes where the warehouse does not understand one."""
    try:
        yield
    except QueryError as error:
        if isinstance(statement, exp.Merge) and "syntax" in error.message.lower():
            error.hint = error.hint or WAYS[dialect].merge_hint
        raise


def _retyped(request: BuildRequest, column: Column) -> exp.Expr:
    casts = WAYS[request.dialect].casts_to_alter
    using = exp.cast(exp.column(named(column.name)), kind_of(column)) if casts else None
    return exp.AlterColumn(this=named(column.name), dtype=kind_of(column), using=using)


def _columns(session: Session, request: BuildRequest, relation: Relation) -> tuple[Column, ...]:
    return session.describe(exp.select("*").from_(table(relation)).sql(dialect=request.dialect))


def _verify_key(request: BuildRequest, growth: Growth, columns: tuple[Column, ...]) -> None:
    names = {compared(column.name, request.dialect) for column in columns}
    if growth.strategy in ("append", OWN):
        return
    for part in growth.key:
        for column in part.find_all(exp.Column):
            if folded(column.this, request.dialect) not in names:
                raise ConfigError(
                    f"`{request.node.name}` has the unique_key `{column.name}`, which is none of its columns.",
                    hint=f"it has {', '.join(column.name for column in columns)}.", path=request.node.place.path,
                )  # fmt: skip


def _names(columns: Iterable[Column]) -> str:
    return ", ".join(column.name for column in columns) or "none"
