"""Writes published models to where they are used: a table of an operational database, a CSV or Parquet file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from dryland.engines.protocol import Session
from dryland.engines.statement import Rows
from dryland.errors import WarehouseError
from dryland.project.links import LED_OUT, is_led_out
from dryland.project.project import Export
from dryland.state.connection import resolved_url

BATCH_ROWS = 10_000


def write_export(export: Export, session: Session, query: str, root: Path) -> str:
    """Replace the export's target with the rows of `query`, all or nothing; return a sentence about it.

    Raises:
        WarehouseError: the target cannot be written; what stood there stays.
    """
    if export.to.endswith((".csv", ".parquet")):
        path = root / export.to
        if is_led_out(root, export.to):
            raise WarehouseError(
                f"the export `{export.name}` was not written to {export.to}: {LED_OUT}.",
                hint="name the other place in `to`.", path=export.place.path, line=export.place.line,
            )  # fmt: skip
        rows = _write_file(session, query, path)
        return f"wrote {rows:,} rows of {export.name} to {export.to}"
    rows = _write_table(export, session.fetch(query), resolved_url(export.to, root))
    return f"wrote {rows:,} rows of {export.name} to table {export.table}"


def _write_file(session: Session, query: str, path: Path) -> int:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.part{path.suffix}")
    rows = session.copy_to_file(query, str(draft))
    draft.replace(path)
    return rows


def _write_table(export: Export, answer: Rows, url: str) -> int:
    """Fill a new table beside the old one and swap them in one transaction."""
    import sqlalchemy as sa

    engine = None
    try:
        engine = sa.create_engine(url)
        metadata = sa.MetaData()
        draft = sa.Table(f"{export.table}__next", metadata, *_columns(answer))
        with engine.begin() as connection:
            draft.drop(connection, checkfirst=True)
            draft.create(connection)
            for batch in _batches(answer.rows):
                connection.execute(draft.insert(), [dict(zip(answer.columns, row, strict=True)) for row in batch])
            sa.Table(export.table, sa.MetaData()).drop(connection, checkfirst=True)
            quote = engine.dialect.identifier_preparer.quote_identifier
            connection.execute(sa.text(f"ALTER TABLE {quote(draft.name)} RENAME TO {quote(export.table)}"))
    except (sa.exc.SQLAlchemyError, ImportError) as error:  # ImportError: no driver for such a database
        kind = type(error).__name__
        raise WarehouseError(
            f"the export `{export.name}` could not be written ({kind}); its target is as it was.",
            hint="check `to` and `table` in dryland.yml.", path=export.place.path, line=export.place.line,
        ) from error  # fmt: skip
    finally:
        if engine is not None:
            engine.dispose()
    return len(answer.rows)


def _columns(answer: Rows) -> list[Any]:
    import sqlalchemy as sa

    first = next(iter(answer.rows), ())
    kinds = {bool: sa.Boolean, int: sa.BigInteger, float: sa.Float}
    values = first or (None,) * len(answer.columns)
    return [
        sa.Column(name, kinds.get(type(value), sa.String)) for name, value in zip(answer.columns, values, strict=True)
    ]


def _batches(rows: Sequence[tuple[Any, ...]]) -> Iterable[Sequence[tuple[Any, ...]]]:
    for start in range(0, len(rows), BATCH_ROWS):
        yield [tuple(_plain(value) for value in row) for row in rows[start : start + BATCH_ROWS]]


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)
