"""Builds the next generation of a snapshot: a copy of the last one, the versions that ended, and those that began.

What readers see stays as it was until the gate has said yes, as for incremental models; see
docs/decisions/0002-incremental-generations.md. A snapshot never starts again by itself: its rows are nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from sqlglot import exp

from dryland.build.expressions import kind_of
from dryland.build.incremental_strategies import named, table
from dryland.build.request import BuildRequest
from dryland.build.snapshot_statements import Versioning, changes, first_versions, put_in
from dryland.build.snapshot_strategies import strategy_of
from dryland.engines.protocol import Session
from dryland.engines.relation import Column, Relation
from dryland.errors import ConfigError
from dryland.project.snapshot_settings import SnapshotSettings, settings_of
from dryland.sql.names import compared
from dryland.sql.substitute import with_ctes

ROWS, CHANGES = "__rows", "__changes"  # end the names of the tables that hold what arrived and what follows from it
QUERY = "dryland_snapshot_query"


def build_snapshot(request: BuildRequest, session: Session) -> None:
    """Build the first generation from the query, or the next one from the base and the query.

    Raises:
        ConfigError: a column that it names is not there, or the table at its name is no snapshot.
    """
    settings = settings_of(request.node.config)
    if request.strategy:
        settings = replace(settings, hard_deletes=request.strategy["hard_deletes"])
    if request.base is None:
        _build_first(request, session, settings)
    else:
        _build_next(request, session, settings)


def _build_first(request: BuildRequest, session: Session, settings: SnapshotSettings) -> None:
    _verify_checked(request, settings, session.describe(request.sql))
    versions = first_versions(_versioning(request, settings, None), exp.to_table(QUERY))
    query = versions.sql(dialect=request.dialect)
    session.create_table_as(request.target, with_ctes(query, [(QUERY, request.sql)], request.dialect))


def _build_next(request: BuildRequest, session: Session, settings: SnapshotSettings) -> None:
    rows, found = (replace(request.target, name=request.target.name + end) for end in (ROWS, CHANGES))
    session.create_table_as(rows, request.sql)
    old, new = _columns(session, request, request.target), _columns(session, request, rows)
    _verify_target(request, settings, old)
    _verify_checked(request, settings, new)
    added = _missing(request, old, new)
    _alter(request, session, added)
    names = [column.name for column in new]
    checked = [name for name in names if not settings.checked or name.lower() in _folded(settings.checked)]
    is_widened = bool({column.name for column in added} & set(checked))
    versioning = _versioning(request, settings, None if is_widened else checked)
    query = changes(versioning, request.target, rows, names).sql(dialect=request.dialect)
    session.create_table_as(found, query)
    _alter(request, session, _missing_meta(session, request, settings, old, found))
    for statement in put_in(versioning, request.target, found, names):
        session.execute(statement.sql(dialect=request.dialect))
    session.drop([(rows, "table"), (found, "table")])


def _versioning(request: BuildRequest, settings: SnapshotSettings, compared: Iterable[str] | None) -> Versioning:
    strategy = strategy_of(
        request.node, settings, moment=request.moment, compared=compared, told=request.strategy, dialect=request.dialect
    )
    return Versioning(settings, strategy, request.moment)


def _missing(request: BuildRequest, old: Iterable[Column], new: Iterable[Column]) -> tuple[Column, ...]:
    there = {compared(column.name, request.dialect) for column in old}
    return tuple(column for column in new if compared(column.name, request.dialect) not in there)


def _missing_meta(
    session: Session, request: BuildRequest, settings: SnapshotSettings, old: Iterable[Column], found: Relation
) -> tuple[Column, ...]:
    """A column of ours that an older table lacks: it is called otherwise by now."""
    ours = _folded(settings.added)
    return tuple(
        each for each in _missing(request, old, _columns(session, request, found)) if each.name.lower() in ours
    )


def _alter(request: BuildRequest, session: Session, columns: Iterable[Column]) -> None:
    for column in columns:
        action = exp.ColumnDef(this=named(column.name), kind=kind_of(column))
        altered = exp.Alter(this=table(request.target), kind="TABLE", actions=[action])
        session.execute(altered.sql(dialect=request.dialect))


def _columns(session: Session, request: BuildRequest, relation: Relation) -> tuple[Column, ...]:
    return session.describe(exp.select("*").from_(table(relation)).sql(dialect=request.dialect))


def _verify_target(request: BuildRequest, settings: SnapshotSettings, columns: Iterable[Column]) -> None:
    """What it grows from must be a snapshot with these names; else its history would be read as something else."""
    there = {column.name.lower() for column in columns}
    needed = ["dbt_scd_id", "dbt_valid_from", "dbt_valid_to", *(["dbt_is_deleted"] * settings.keeps_deletions)]
    missing = [settings.name(each) for each in needed if settings.name(each).strip('"').lower() not in there]
    if missing:
        raise ConfigError(
            f"the table that the snapshot `{request.node.name}` grows from has no column {', '.join(missing)}.",
            path=request.node.place.path, line=request.node.place.line,
            hint="hard_deletes: new_record and snapshot_meta_column_names cannot be changed for a snapshot that is "
            "there: give the snapshot another name, or the table its columns.",
        )  # fmt: skip


def _verify_checked(request: BuildRequest, settings: SnapshotSettings, columns: Iterable[Column]) -> None:
    there = {column.name.lower(): column.name for column in columns}
    strange = [name for name in settings.checked if name.strip('"').lower() not in there]
    if settings.strategy == "check" and strange:
        raise ConfigError(
            f"the snapshot `{request.node.name}` checks `{strange[0]}`, which is none of its columns.",
            path=request.node.place.path, line=request.node.place.line,
            hint=f"check_cols takes columns of the query: {', '.join(there.values())}.",
        )  # fmt: skip


def _folded(names: Iterable[str]) -> frozenset[str]:
    return frozenset(name.strip('"').lower() for name in names)
