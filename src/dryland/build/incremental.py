"""Builds the next generation of an incremental model: a copy of the last one, plus what is new.

Copying keeps every promise: the last generation stays as it was for readers, for other environments and
for a rollback, and the new one is checked before anybody sees it. What is saved is the query over the history.
See docs/decisions/0002-incremental-generations.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlglot import exp

from dryland.build.request import BuildRequest
from dryland.build.table import build_table
from dryland.engines.protocol import Session
from dryland.engines.relation import Column
from dryland.errors import ConfigError, UnsupportedError

DELTA = "dryland_delta"  # a temporary table of the session


def build_incremental(request: BuildRequest, session: Session) -> None:
    """Build the next generation, or the first from nothing when there is no base.

    Raises:
        UnsupportedError: the strategy is not one of append, merge, delete+insert.
        ConfigError: merge or delete+insert without a `unique_key`, or columns changed and `on_schema_change: fail`.
    """
    if request.base is None:
        build_table(request, session)
        return
    strategy = _strategy(request)
    session.execute(f"CREATE OR REPLACE TEMP TABLE {DELTA} AS (\n{request.sql}\n)")
    delta = session.describe(f"SELECT * FROM {DELTA}")
    session.clone_table(request.base, request.target)
    columns = _align(request, session, delta)
    for statement in STRATEGIES[strategy](request, columns):
        session.execute(statement.sql(dialect=request.dialect, identify=True))
    session.execute(f"DROP TABLE {DELTA}")


def _strategy(request: BuildRequest) -> str:
    config = request.node.config
    default = "delete+insert" if _unique_key(config) else "append"
    strategy = str(config.get("incremental_strategy") or default)
    if strategy == "default":
        strategy = default
    place = request.node.place
    if strategy not in STRATEGIES:
        raise UnsupportedError(
            f"`{request.node.name}` asks for incremental_strategy `{strategy}`.",
            hint=f"there are {', '.join(STRATEGIES)}.", path=place.path, line=place.line,
        )  # fmt: skip
    if strategy == "merge" and not _unique_key(config):
        raise ConfigError(
            f"`{request.node.name}` merges but has no unique_key.",
            hint="say which columns name a row: unique_key='id' or unique_key=['a', 'b'].",
            path=place.path, line=place.line,
        )  # fmt: skip
    return strategy


def _unique_key(config: Mapping[str, object]) -> tuple[str, ...]:
    key = config.get("unique_key")
    if not key:
        return ()
    return (key,) if isinstance(key, str) else tuple(str(part) for part in key)  # type: ignore[attr-defined]


def _align(request: BuildRequest, session: Session, delta: tuple[Column, ...]) -> tuple[str, ...]:
    """Bring the copy's columns to what `on_schema_change` wants; return the columns to write."""
    base = {column.name.lower(): column for column in request.base_columns}
    new = [column for column in delta if column.name.lower() not in base]
    kept = {column.name.lower() for column in delta}
    gone = [column for column in request.base_columns if column.name.lower() not in kept]
    policy = str(request.node.config.get("on_schema_change") or "ignore")
    if policy == "fail" and (new or gone):
        raise ConfigError(
            f"the columns of `{request.node.name}` changed "
            f"(new: {_names(new) or 'none'}; gone: {_names(gone) or 'none'}) and on_schema_change is `fail`.",
            hint="choose `append_new_columns` or `sync_all_columns`, or rebuild with --full-refresh.",
            path=request.node.place.path,
        )
    if policy in ("append_new_columns", "sync_all_columns"):
        for column in new:
            session.execute(_alter(request, exp.ColumnDef(this=_name(column.name), kind=_type(request, column))))
    if policy == "sync_all_columns":
        for column in gone:
            session.execute(_alter(request, exp.Drop(tables=[exp.column(column.name, quoted=True)], kind="COLUMN")))
    if policy == "ignore":
        return tuple(column.name for column in delta if column.name.lower() in base)
    return tuple(column.name for column in delta)


def _alter(request: BuildRequest, action: exp.Expr) -> str:
    statement = exp.Alter(this=_table(request), kind="TABLE", actions=[action])
    return statement.sql(dialect=request.dialect, identify=True)


def _append(request: BuildRequest, columns: tuple[str, ...]) -> Iterable[exp.Expr]:
    yield _insert(request, columns)


def _delete_insert(request: BuildRequest, columns: tuple[str, ...]) -> Iterable[exp.Expr]:
    key = _unique_key(request.node.config)
    if key:
        matches = exp.and_(*[exp.column(part, "old").eq(exp.column(part, "new")) for part in key])
        seen = exp.select("1").from_(_delta("new")).where(matches, *_predicates(request, "old"))
        yield exp.Delete(this=_table(request, "old"), where=exp.Where(this=exp.Exists(this=seen)))
    yield _insert(request, columns)


def _merge(request: BuildRequest, columns: tuple[str, ...]) -> Iterable[exp.Expr]:
    config = request.node.config
    key = _unique_key(config)
    updated = _chosen(config, "merge_update_columns") or columns
    excluded = _chosen(config, "merge_exclude_columns")
    sets = [
        exp.EQ(this=exp.column(_name(name)), expression=exp.column(_name(name), "new"))
        for name in updated
        if name not in excluded
    ]
    matches = exp.and_(*[exp.column(part, "old").eq(exp.column(part, "new")) for part in key])
    yield exp.Merge(
        this=_table(request, "old"),
        using=_delta("new"),
        on=exp.and_(matches, *_predicates(request, "old")),
        whens=exp.Whens(
            expressions=[
                exp.When(matched=True, then=exp.Update(expressions=sets)),
                exp.When(
                    matched=False,
                    then=exp.Insert(
                        this=exp.Tuple(expressions=[exp.column(_name(name)) for name in columns]),
                        expression=exp.Tuple(expressions=[exp.column(_name(name), "new") for name in columns]),
                    ),
                ),
            ]
        ),
    )


def _predicates(request: BuildRequest, alias: str) -> list[exp.Expr]:
    """dbt's incremental_predicates; DBT_INTERNAL_DEST and DBT_INTERNAL_SOURCE name the two sides."""
    texts = request.node.config.get("incremental_predicates") or request.node.config.get("predicates") or []
    found: list[exp.Expr] = []
    for text in [texts] if isinstance(texts, str) else texts:
        condition: exp.Expr = exp.maybe_parse(str(text), dialect=request.dialect)
        for column in condition.find_all(exp.Column):
            side = column.table.upper()
            if side in ("DBT_INTERNAL_DEST", "DBT_INTERNAL_SOURCE", ""):
                column.set("table", exp.to_identifier("new" if side == "DBT_INTERNAL_SOURCE" else alias))
        found.append(condition)
    return found


def _chosen(config: Mapping[str, object], option: str) -> tuple[str, ...]:
    value = config.get(option) or ()
    return (value,) if isinstance(value, str) else tuple(value)  # type: ignore[arg-type]


def _insert(request: BuildRequest, columns: tuple[str, ...]) -> exp.Expr:
    names = [_name(column) for column in columns]
    chosen = exp.select(*[exp.column(name) for name in names]).from_(_delta())
    return exp.Insert(this=exp.Schema(this=_table(request), expressions=[n.copy() for n in names]), expression=chosen)


def _table(request: BuildRequest, alias: str = "") -> exp.Table:
    target = request.target
    return exp.table_(_name(target.name), db=_name(target.schema), catalog=_name(target.database), alias=alias or None)


def _delta(alias: str = "") -> exp.Table:
    return exp.table_(_name(DELTA), alias=alias or None)


def _name(name: str) -> exp.Identifier:
    return exp.to_identifier(name, quoted=True)


def _type(request: BuildRequest, column: Column) -> exp.DataType:
    return exp.DataType.build(column.type, dialect=request.dialect, udt=True)


def _names(columns: Iterable[Column]) -> str:
    return ", ".join(column.name for column in columns)


STRATEGIES = {"append": _append, "delete+insert": _delete_insert, "merge": _merge}
