"""A seed's rows are on PostgreSQL what dbt-postgres makes of the same file."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from dryland.engines.registry import Address, open_engine
from dryland.engines.relation import Relation
from postgres_server import Server

pytestmark = pytest.mark.slow


def loaded(server: Server, database: str, folder: Path, text: str, types: dict[str, str], **settings: Any) -> list[Any]:
    (folder / "seed.csv").write_bytes(text.encode())
    engine = open_engine(
        "postgres", Address(server.settings(database, **settings), database, folder, "dryland_store")
    )  # fmt: skip
    target = Relation(database, "public", "seed")
    try:
        with engine.session() as session:
            session.load_csv(target, str(folder / "seed.csv"), types)
            return list(session.fetch(f"select * from {engine.render(target)} order by 1 nulls last").rows)
    finally:
        engine.close()


def test_an_empty_line_is_a_row_without_values(postgres_server, postgres, tmp_path) -> None:
    rows = loaded(postgres_server, postgres, tmp_path, "a,b\n1,x\n\n2,y\n", {"a": "integer", "b": "text"})
    assert rows == [(1, "x"), (2, "y"), (None, None)]


def test_line_breaks_within_quotes_are_plain_ones(postgres_server, postgres, tmp_path) -> None:
    rows = loaded(postgres_server, postgres, tmp_path, 'a,b\r\n1,"x\r\ny"\r\n', {"a": "integer", "b": "text"})
    assert rows == [(1, "x\ny")]


@pytest.mark.parametrize(("zone", "hour"), [("UTC", 8), ("Asia/Tokyo", 17)])
def test_a_moment_with_its_zone_is_told_in_the_sessions(postgres_server, postgres, tmp_path, zone, hour: int) -> None:
    text = "a,b,c\n2026-01-31T10:00:00+02:00,2026-01-31T10:00:00+02:00,2026-01-31\n"
    types = {"a": "timestamp without time zone", "b": "timestamp with time zone", "c": "date"}
    [row] = loaded(postgres_server, postgres, tmp_path, text, types, options=f"-c TimeZone={zone}")
    assert str(row[0]) == f"2026-01-31 {hour:02}:00:00"
    assert row[1].astimezone(UTC) == datetime(2026, 1, 31, 8, tzinfo=UTC)
    assert row[2] == date(2026, 1, 31)


def test_a_moment_that_is_none_is_told(postgres_server, postgres, tmp_path) -> None:
    with pytest.raises(Exception, match="invalid input syntax for type timestamp"):
        loaded(postgres_server, postgres, tmp_path, "a\nTuesday\n", {"a": "timestamp"})
