"""A DuckDB file is opened ahead, beside what the caller does: nothing is made by it, and nothing said."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from opening import at, duckdb_at, make, opened, rows

from dryland.engines.registry import Address, opened_ahead


def test_whoever_opens_a_file_that_is_opened_ahead_has_it_as_ever(tmp_path: Path) -> None:
    first = opened(duckdb_at(tmp_path))
    made = make(first, "t", "select 7 as x")
    first.close()
    with opened_ahead("duckdb", duckdb_at(tmp_path)):
        engine = opened(duckdb_at(tmp_path))
    assert rows(engine, made) == [(7,)]
    assert rows(engine, make(engine, "u", "select 8 as x")) == [(8,)]
    engine.close()
    with opened_ahead("duckdb", duckdb_at(tmp_path)):  # and nothing holds it afterwards
        pass
    with duckdb.connect(str(tmp_path / "w.duckdb"), config={"threads": 1}) as connection:  # another configuration
        assert connection.execute(f"select x from {at(engine, 'u').schema}.u").fetchall() == [(8,)]


def test_a_file_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with opened_ahead("duckdb", duckdb_at(tmp_path)):
        pass
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("options", [{"no_such_setting": 1}, {"threads": "many"}, "nonsense"])
def test_what_is_wrong_is_said_when_it_is_opened_in_earnest(
    tmp_path: Path, options: object, capfd: pytest.CaptureFixture[str]
) -> None:
    duckdb.connect(str(tmp_path / "w.duckdb")).close()
    settings = {"type": "duckdb", "path": "w.duckdb", "config_options": options}
    with opened_ahead("duckdb", Address(settings, "w", tmp_path, "store")):
        pass
    (tmp_path / "w.duckdb").write_text("this is not a database" * 100)
    with opened_ahead("duckdb", duckdb_at(tmp_path)):
        pass
    assert capfd.readouterr() == ("", "")


def test_a_file_is_let_go_when_the_caller_fails(tmp_path: Path) -> None:
    duckdb.connect(str(tmp_path / "w.duckdb")).close()
    with pytest.raises(ValueError, match="refused"), opened_ahead("duckdb", duckdb_at(tmp_path)):
        raise ValueError("refused")
    with duckdb.connect(str(tmp_path / "w.duckdb"), config={"threads": 1}) as connection:
        assert connection.execute("select 1").fetchall() == [(1,)]
