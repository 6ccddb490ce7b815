"""Writes down what makes a new version of a row: by the time that a row says it changed, or by its columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

import sqlglot
from sqlglot import exp

from dryland.errors import ConfigError
from dryland.project.nodes import Node
from dryland.project.snapshot_settings import SnapshotSettings
from dryland.project.snapshot_strategy import NEW, OLD
from dryland.values import dataclass


@dataclass(frozen=True, slots=True)
class Strategy:
    """What decides about versions, as expressions; a bare column is one of the row at hand."""

    key: tuple[exp.Expr, ...]
    updated_at: exp.Expr  # from when on a version is valid
    row_changed: exp.Expr  # over OLD and NEW, which have the same key
    scd_id: exp.Expr  # names a version
    valid_to_current: exp.Expr


def strategy_of(
    node: Node,
    settings: SnapshotSettings,
    *,
    moment: datetime,
    compared: Iterable[str] | None,
    told: Mapping[str, str],
    dialect: str,
) -> Strategy:
    """The strategy of a snapshot.

    `compared` are the columns to compare, None when every row counts as changed; `told` is what a macro of the
    project says of its own strategy, as SQL.

    Raises:
        ConfigError: an expression does not parse.
    """
    reader = _Reader(node, dialect)
    key = tuple(reader.expression("unique_key", text) for text in settings.key)
    current = reader.expression("dbt_valid_to_current", settings.valid_to_current or "null")
    if told:
        updated_at, changed, scd_id = (
            reader.expression(f"strategy ({part})", told[part]) for part in ("updated_at", "row_changed", "scd_id")
        )
        return Strategy(key, updated_at, changed, scd_id, current)
    updated_at = reader.expression("updated_at", settings.updated_at) if settings.updated_at else time_of(moment)
    if settings.strategy == "timestamp":
        changed = exp.LT(this=column(settings.name("dbt_valid_from"), OLD), expression=_on_new(updated_at))
    else:
        changed = _any_differs(compared)
    return Strategy(key, updated_at, changed, scd_id_of(*key, updated_at), current)


def time_of(moment: datetime) -> exp.Expr:
    """A moment as the warehouse's clock would show it: in the time zone of the session, without saying which.

    >>> from datetime import UTC
    >>> time_of(datetime(2026, 1, 2, tzinfo=UTC)).sql("duckdb")
    "CAST(CAST('2026-01-02 00:00:00+00:00' AS TIMESTAMPTZ) AS TIMESTAMP)"
    """
    with_zone = exp.cast(exp.Literal.string(moment.isoformat(sep=" ")), exp.DataType.Type.TIMESTAMPTZ)
    return exp.cast(with_zone, exp.DataType.Type.TIMESTAMP)


def scd_id_of(*parts: exp.Expr) -> exp.Expr:
    """A version's name: the hash of its key and time, in the text form that dbt hashes.

    >>> scd_id_of(exp.column("id"), exp.column("seen")).sql("duckdb")
    "MD5(COALESCE(CAST(id AS TEXT), '') || '|' || COALESCE(CAST(seen AS TEXT), ''))"
    """
    texts = [
        exp.Coalesce(this=exp.cast(part.copy(), exp.DataType.Type.VARCHAR), expressions=[exp.Literal.string("")])
        for part in parts
    ]
    whole: exp.Expr = texts[0]
    for text in texts[1:]:
        whole = exp.DPipe(this=exp.DPipe(this=whole, expression=exp.Literal.string("|")), expression=text)
    return exp.MD5(this=whole)


def column(name: str, side: str = "") -> exp.Column:
    """A column that dbt would write without quotes; with them only where it has to be, or where a person wrote them."""
    return exp.column(identifier(name), exp.to_identifier(side) if side else None)


def identifier(name: str) -> exp.Identifier:
    """The name of such a column."""
    bare = name.strip('"')
    found: exp.Identifier = exp.to_identifier(bare, quoted=True if bare != name else None)
    return found


def _any_differs(compared: Iterable[str] | None) -> exp.Expr:
    if compared is None:
        return exp.true()
    quoted = [exp.to_identifier(name, quoted=True) for name in compared]
    return exp.or_(
        *(
            exp.NullSafeNEQ(this=exp.column(name, exp.to_identifier(OLD)), expression=exp.column(name.copy(), NEW))
            for name in quoted
        )
    )


def _on_new(updated_at: exp.Expr) -> exp.Expr:
    found = updated_at.copy()
    for each in [found] if isinstance(found, exp.Column) else list(found.find_all(exp.Column)):
        if not each.table:
            each.set("table", exp.to_identifier(NEW))
    return found


@dataclass(frozen=True, slots=True)
class _Reader:
    node: Node
    dialect: str

    def expression(self, option: str, text: str) -> exp.Expr:
        try:
            tree = sqlglot.parse_one(f"({text}\n)", dialect=self.dialect)
        except sqlglot.errors.SqlglotError as error:
            raise self._wrong(option, text) from error
        if isinstance(tree, exp.Tuple):
            raise self._wrong(option, text)
        assert isinstance(tree, exp.Paren)
        return tree.this if isinstance(tree.this, exp.Column) else tree

    def _wrong(self, option: str, text: str) -> ConfigError:
        return ConfigError(
            f"the {option} of the snapshot `{self.node.name}` is no expression: {text}",
            path=self.node.place.path, line=self.node.place.line,
            hint="give one column or one expression; several columns of a key are a list.",
        )  # fmt: skip
