"""Writes the statements of a snapshot: its first versions, what changed since, and how that is put in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlglot import exp

from dryland.build.incremental_strategies import named, table
from dryland.build.snapshot_strategies import Strategy, column, identifier, scd_id_of, time_of
from dryland.engines.relation import Relation
from dryland.project.snapshot_settings import SnapshotSettings
from dryland.project.snapshot_strategy import NEW, OLD
from dryland.values import dataclass

CLOSES, CLOSES_AT, IS_NEW = "__closes", "__closes_at", "__is_new"  # of a change: which version ends, when, what begins
KEY = "dbt_unique_key"


@dataclass(frozen=True, slots=True)
class Versioning:
    """How a snapshot tells versions apart, and the moment at which it looks."""

    settings: SnapshotSettings
    strategy: Strategy
    moment: datetime

    def name(self, meta: str) -> str:
        """What the team calls a column that the snapshot adds."""
        return self.settings.name(meta)

    @property
    def keys(self) -> tuple[str, ...]:
        """What the parts of the key are called while versions are compared."""
        count = len(self.strategy.key)
        return (KEY,) if count == 1 else tuple(f"{KEY}_{number + 1}" for number in range(count))


def first_versions(versioning: Versioning, rows: exp.Expr) -> exp.Select:
    """Every row is the first version of itself."""
    return exp.select("*", *_meta(versioning)).from_(rows)


def changes(versioning: Versioning, grown: Relation, rows: Relation, columns: Sequence[str]) -> exp.Expr:
    """The rows that begin, and the versions that end.

    `columns` are those of `rows`; `grown` has them all by now.
    """
    current = exp.select("*", *_keys(versioning)).from_(table(grown)).where(_is_current(versioning))
    arrived = exp.select("*", *_keys(versioning), *_meta(versioning)).from_(table(rows))
    found: exp.Query = _begun(versioning, columns)
    if versioning.settings.hard_deletes != "ignore":
        found = exp.union(found, _gone(versioning, columns), distinct=False, copy=False)
    return found.with_(OLD, as_=current, copy=False).with_(NEW, as_=arrived, copy=False)


def put_in(versioning: Versioning, grown: Relation, found: Relation, columns: Sequence[str]) -> Iterable[exp.Expr]:
    """End the versions that end, then add those that begin: a new one may have the name of one that ends."""
    change, valid_to = exp.to_identifier("change"), versioning.name("dbt_valid_to")
    is_this = exp.EQ(this=_text(column(versioning.name("dbt_scd_id"), OLD)), expression=_text(column(CLOSES, "change")))
    yield exp.Update(
        this=table(grown, exp.to_identifier(OLD)),
        expressions=[exp.EQ(this=column(valid_to), expression=column(CLOSES_AT, "change"))],
        from_=exp.From(this=table(found, change)),
        where=exp.Where(this=exp.and_(is_this, _is_current(versioning, OLD))),
    )
    names = [*(named(name) for name in columns), *(identifier(name) for name in versioning.settings.added)]
    begun = exp.select(*(exp.column(name) for name in names)).from_(table(found)).where(column(IS_NEW))
    yield exp.Insert(this=exp.Schema(this=table(grown), expressions=[name.copy() for name in names]), expression=begun)


def _meta(versioning: Versioning) -> list[exp.Expr]:
    """What a snapshot adds to a row that begins, in dbt's order."""
    strategy = versioning.strategy
    at = strategy.updated_at
    always_null = exp.Nullif(this=at.copy(), expression=at.copy())  # of the type that the time has
    added = {
        "dbt_scd_id": strategy.scd_id,
        "dbt_updated_at": at,
        "dbt_valid_from": at,
        "dbt_valid_to": exp.Coalesce(this=always_null, expressions=[strategy.valid_to_current]),
        "dbt_is_deleted": exp.Literal.string("False"),
    }
    return [
        exp.alias_(value.copy(), identifier(versioning.name(name)))
        for name, value in added.items()
        if name != "dbt_is_deleted" or versioning.settings.keeps_deletions
    ]


def _keys(versioning: Versioning) -> list[exp.Expr]:
    return [exp.alias_(part.copy(), name) for part, name in zip(versioning.strategy.key, versioning.keys, strict=True)]


def _is_current(versioning: Versioning, side: str = "") -> exp.Expr:
    valid_to = column(versioning.name("dbt_valid_to"), side)
    is_null = exp.Is(this=valid_to, expression=exp.null())
    if not versioning.settings.valid_to_current:
        return is_null
    return exp.paren(
        exp.or_(exp.EQ(this=valid_to.copy(), expression=versioning.strategy.valid_to_current.copy()), is_null)
    )


def _begun(versioning: Versioning, columns: Sequence[str]) -> exp.Select:
    """Rows of a key that has no current version, and rows that differ from it; these end it, too."""
    changed: exp.Expr = exp.paren(versioning.strategy.row_changed.copy())
    if versioning.settings.keeps_deletions:
        changed = exp.or_(changed, _is_deleted(versioning))
    is_unknown = exp.Is(this=column(versioning.keys[0], OLD), expression=exp.null())
    return (
        exp.select(
            *(exp.column(named(name), NEW) for name in columns),
            *(column(name, NEW) for name in versioning.settings.added),
            exp.alias_(column(versioning.name("dbt_scd_id"), OLD), CLOSES),
            exp.alias_(column(versioning.name("dbt_updated_at"), NEW), CLOSES_AT),
            exp.alias_(exp.true(), IS_NEW),
        )
        .from_(NEW)
        .join(OLD, on=_same_key(versioning), join_type="left")
        .where(exp.or_(is_unknown, exp.and_(exp.not_(is_unknown.copy()), changed)))
    )


def _gone(versioning: Versioning, columns: Sequence[str]) -> exp.Select:
    """Current versions whose row is gone; with `new_record` the deletion is a version, too, and ends but once."""
    keeps, now = versioning.settings.keeps_deletions, time_of(versioning.moment)
    name = versioning.name
    added: dict[str, exp.Expr] = {
        "dbt_scd_id": scd_id_of(column(name("dbt_scd_id"), OLD), now),
        "dbt_updated_at": now,
        "dbt_valid_from": now,
        "dbt_valid_to": column(name("dbt_valid_to"), OLD),
    }
    if keeps:
        added["dbt_is_deleted"] = exp.Literal.string("True")
    found = (
        exp.select(
            *(exp.column(named(each), OLD if keeps else NEW) for each in columns),
            *(exp.alias_(value.copy(), identifier(name(meta))) for meta, value in added.items()),
            exp.alias_(column(name("dbt_scd_id"), OLD), CLOSES),
            exp.alias_(now.copy(), CLOSES_AT),
            exp.alias_(exp.true() if keeps else exp.false(), IS_NEW),
        )
        .from_(OLD)
        .join(NEW, on=_same_key(versioning), join_type="left")
        .where(exp.Is(this=column(versioning.keys[0], NEW), expression=exp.null()))
    )
    return found.where(exp.not_(exp.and_(_is_deleted(versioning), _ends_as_current(versioning)))) if keeps else found


def _ends_as_current(versioning: Versioning) -> exp.Expr:
    """As `_is_current`, but a null does not count where current versions have a date."""
    valid_to = column(versioning.name("dbt_valid_to"), OLD)
    if versioning.settings.valid_to_current:
        return exp.EQ(this=valid_to, expression=versioning.strategy.valid_to_current.copy())
    return exp.Is(this=valid_to, expression=exp.null())


def _is_deleted(versioning: Versioning) -> exp.Expr:
    return exp.EQ(this=column(versioning.name("dbt_is_deleted"), OLD), expression=exp.Literal.string("True"))


def _same_key(versioning: Versioning) -> exp.Expr:
    return exp.and_(*(exp.EQ(this=column(key, OLD), expression=column(key, NEW)) for key in versioning.keys))


def _text(value: exp.Expr) -> exp.Expr:
    return exp.cast(value, exp.DataType.Type.VARCHAR)
