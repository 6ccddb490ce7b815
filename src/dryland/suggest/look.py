"""Looks at a table before anything is proposed: the profile that its build kept, or a scan; and a sample of rows."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlglot import exp

from dryland.check.dialects import WORDS, family
from dryland.check.scanning.scan import ScanRequest, scan, table_of
from dryland.check.writing import render_sql
from dryland.engines.protocol import Session
from dryland.engines.relation import Column, Relation
from dryland.state.records import Build, Profile
from dryland.state.store import State
from dryland.suggest.subject import Past

SAMPLE_ROWS = 5_000
TEXT_MAX = 300  # characters of a text in the sample
PAST_MAX = 30  # builds before that are looked at
HASHED_MAX = 3  # columns whose hash chooses the sample


def profile_of(session: Session, state: State, build: Build, relation: Relation, dialect: str) -> Profile:
    """What the build kept of itself; a view keeps nothing, and is scanned now."""
    kept = state.profiles([build.key]).get(build.key) if build.kind == "table" else None
    if kept is not None:
        return kept
    found = scan(session, ScanRequest(relation, columns_of(build)), dialect).profile
    assert found is not None
    return found


def columns_of(build: Build) -> tuple[Column, ...]:
    """The columns of a build."""
    return tuple(Column(name, kind) for name, kind, *_ in build.columns)


def past_of(state: State, build: Build) -> tuple[Past, ...]:
    """The builds of the same node before this one that are still remembered, oldest first."""
    older = [
        each for each in state.all_builds().values()
        if each.node == build.node and each.key != build.key and each.created_at and build.created_at
        and each.created_at < build.created_at
    ]  # fmt: skip
    older = sorted(older, key=lambda each: str(each.created_at))[-PAST_MAX:]
    profiles = state.profiles(each.key for each in older)
    return tuple(Past(each.created_at, profiles[each.key]) for each in older if each.key in profiles)


def sample_of(
    session: Session, relation: Relation, columns: Sequence[Column], profile: Profile, dialect: str
) -> Mapping[str, tuple[Any, ...]]:
    """Values of some rows by column: the same each time, and spread over the table."""
    able = [column for column in columns if family(column.type) != "other"]
    if not able or not profile.rows:
        return {}
    query = exp.select(*(_shortened(column) for column in able)).from_(table_of(relation)).limit(SAMPLE_ROWS)
    parts = profile.rows // SAMPLE_ROWS
    if parts > 1:
        chosen = _most_different(able, profile)
        hashed = WORDS[dialect].row_hash(chosen)
        query = query.where(exp.EQ(this=exp.Mod(this=hashed, expression=exp.convert(parts)), expression=exp.convert(0)))
    rows = session.fetch(render_sql(query, dialect)).rows
    return {column.name: tuple(row[at] for row in rows) for at, column in enumerate(able)}


def _shortened(column: Column) -> exp.Expr:
    """A value that Python can hold and compare."""
    named: exp.Expr = exp.column(column.name, quoted=True)
    if family(column.type) == "moment":
        return exp.cast(named, "TEXT")
    if family(column.type) == "text":
        return exp.Left(this=exp.cast(named, "TEXT"), expression=exp.convert(TEXT_MAX))
    return named


def _most_different(columns: Collection[Column], profile: Profile) -> list[exp.Expr]:
    """The columns with the most values: by their hash, rows fall into parts of about the same size."""

    def values(column: Column) -> int:
        return int(str(profile.columns.get(column.name, {}).get("distinct") or 0))

    chosen = sorted(columns, key=values, reverse=True)[:HASHED_MAX]
    return [exp.column(column.name, quoted=True) for column in chosen]
