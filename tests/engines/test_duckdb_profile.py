"""A profile of dbt-duckdb's does to DuckDB what it does under dbt, and tells nobody what is secret in it."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pytest
from opening import STORE

from dryland.engines.duckdb_attach import attachment
from dryland.engines.duckdb_secrets import secrets_of
from dryland.engines.protocol import Engine
from dryland.engines.registry import Address, open_engine
from dryland.errors import ConfigError, DrylandError, UnsupportedError, WarehouseError

PLUGIN = """
class Plugin:
    def initialize(self, config):
        self.config = config

    def configure_connection(self, connection):
        step = self.config["step"]
        connection.create_function("further", lambda x: x + step, ["INTEGER"], "INTEGER")
"""


@contextmanager
def profile(root: Path, **settings: Any) -> Iterator[Engine]:
    """The engine of a profile that says this beside its path."""
    engine = open_engine("duckdb", Address({"type": "duckdb", "path": "w.duckdb", **settings}, "w", root, STORE))
    try:
        yield engine
    finally:
        engine.close()


def answer(engine: Engine, query: str) -> tuple[tuple[Any, ...], ...]:
    with engine.session() as session:
        return session.fetch(query).rows


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of modules that no other test sees."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    (tmp_path / "lib").mkdir()
    yield tmp_path / "lib"
    for file in (tmp_path / "lib").glob("*.py"):
        sys.modules.pop(file.stem, None)


# --- secrets ---------------------------------------------------------------------------------------------------------


def test_a_secret_is_there_for_every_session_and_gone_with_the_process(tmp_path: Path) -> None:
    secrets = [
        {"type": "http", "bearer_token": 'it\'s \\ {{ a }} "token"'},
        {"type": "http", "name": 'My "own"', "provider": "config", "extra_http_headers": {"X-A": "a b", "X-B": "2"}},
        {"type": "http", "name": "scoped", "bearer_token": "abcdef", "scope": ["https://a.org", "https://b.org"]},
        {"type": "http", "name": "one", "bearer_token": "abcdef", "scope": "https://c.org"},
    ]
    with profile(tmp_path, secrets=secrets) as engine:
        query = "select lower(name), provider, persistent, scope from duckdb_secrets() order by 1"  # 2.0 keeps the case
        told = answer(engine, query)
        assert told == (
            ("_dbt_secret_1", "config", False, []),
            ('my "own"', "config", False, []),
            ("one", "config", False, ["https://c.org"]),
            ("scoped", "config", False, ["https://a.org", "https://b.org"]),
        )
        shown = answer(engine, "select secret_string from duckdb_secrets() where name ilike 'my%'")[0][0]
        assert re.search("extra_http_headers=({X-A=a b, X-B=2}|redacted)", shown)  # 2.0 shows less
    with profile(tmp_path) as engine:
        assert answer(engine, "from duckdb_secrets()") == ()


def test_a_secret_says_what_dbt_would_say() -> None:
    """With every name quoted and every value a text."""
    given = {
        "type": "s3", "name": "lake", "provider": "credential_chain", "persistent": True, "chain": "env;config",
        "region": None, "key_id": "a'b", "use_ssl": False, "list": ["x", "y'"],
    }  # fmt: skip
    (name, statement), (chain, second) = secrets_of({"secrets": [given], "use_credential_provider": "aws"})
    assert (name, chain) == ("lake", "_dbt_secret_2")
    assert statement == (
        'CREATE OR REPLACE PERSISTENT SECRET "lake" ("type" \'s3\', "provider" \'credential_chain\', '
        "\"chain\" 'env;config', \"key_id\" 'a''b', \"use_ssl\" 'False', \"list\" ['x', 'y'''])"
    )
    assert second == 'CREATE OR REPLACE SECRET "_dbt_secret_2" ("type" \'s3\', "provider" \'credential_chain\')'


def test_headers_that_are_written_as_a_map_are_one_and_no_other_sql() -> None:
    def headers(text: str) -> str:
        return secrets_of({"secrets": [{"type": "http", "extra_http_headers": text}]})[0][1]

    assert headers("map {'a': 'b'}").endswith("\"extra_http_headers\" MAP {'a': 'b'})")
    for text in ("map {'a': getenv('HOME')}", "'x') ; drop table t", "map {'a': (select 1)}", "map {"):
        with pytest.raises(ConfigError, match="extra_http_headers"):
            headers(text)


@pytest.mark.parametrize(
    ("secret", "told"),
    [
        ({"type": "http", "bearer_token": "hunter2", "nosuch": "hunter2"}, "`_dbt_secret_1` cannot be made: .*nosuch"),
        ({"type": "hunter", "name": "lake", "key": "hunter2"}, "`lake` cannot be made: .*hunter['\"] not found"),
        ({"type": "http", "hunter2_": "hunter2_"}, "Unknown parameter ['\"]\\*\\*\\*['\"]"),
    ],
)
def test_a_secret_that_cannot_be_made_is_named_and_not_told(tmp_path: Path, secret: dict[str, Any], told: str) -> None:
    with pytest.raises(WarehouseError, match=told) as raised, profile(tmp_path, secrets=[secret]):
        pass
    seen = f"{raised.value} {raised.value.as_dict()} {raised.value!r} {raised.value.__cause__} {raised.value.excerpt}"
    assert "hunter2" not in seen
    assert raised.value.__suppress_context__
    with duckdb.connect(str(tmp_path / "w.duckdb")) as connection:  # which is let go
        assert connection.execute("select 1").fetchall() == [(1,)]


def test_an_address_does_not_show_its_settings(tmp_path: Path) -> None:
    assert "hunter2" not in repr(Address({"secrets": [{"type": "http", "bearer_token": "hunter2"}]}, "w", tmp_path, ""))


def test_another_credential_provider_is_refused() -> None:
    with pytest.raises(ConfigError, match="no credential provider `gcp`"):
        secrets_of({"use_credential_provider": "gcp"})


# --- databases beside ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entry", "statement"),
    [
        ({"path": "a.duckdb"}, "ATTACH IF NOT EXISTS '/p/a.duckdb'"),
        ({"path": ":memory:", "alias": "x y"}, "ATTACH IF NOT EXISTS ':memory:' AS \"x y\""),
        ({"path": "a.db", "type": "sqlite", "read_only": True}, "'/p/a.db' (TYPE \"sqlite\", READ_ONLY)"),
        ({"path": "dbname=x", "type": "postgres", "secret": "pg"}, "'dbname=x' (TYPE \"postgres\", SECRET \"pg\")"),
        ({"path": "md:shared?token=x"}, "'md:shared'"),
        ({"path": "ducklake:m.db", "is_ducklake": True}, "'ducklake:m.db'"),
        ({"path": "s3://b/a.duckdb", "options": {"type": "duckdb"}}, "'s3://b/a.duckdb' (TYPE \"duckdb\")"),
        (
            {"path": "a.duckdb", "options": {"BLOCK_SIZE": 16384, "a": True, "b": False, "c": None, "d": "it's"}},
            "'/p/a.duckdb' (\"block_size\" 16384, \"a\", \"d\" 'it''s')",
        ),
        ({"path": "a.duckdb", "options": {"data_path": "'s3://x'", "secret": "s"}}, "(SECRET \"s\", \"data_path\" 's3://x')"),
    ],
)  # fmt: skip
def test_what_is_attached_is_as_the_profile_says(entry: dict[str, Any], statement: str) -> None:
    assert attachment(entry, Path("/p")).endswith(statement)


def test_a_database_is_attached_with_its_options_under_duckdbs_own_name_for_it(tmp_path: Path) -> None:
    attach = [{"path": "raw.2026.duckdb", "options": {"block_size": 16384}}, {"path": ":memory:", "alias": "aside"}]
    with profile(tmp_path, attach=attach) as engine:
        told = dict(answer(engine, "select database_name, path from duckdb_databases() where not internal"))
    assert told.keys() == {"w", "raw", "aside"}
    assert told["raw"] == str(tmp_path / "raw.2026.duckdb")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["raw.2026.duckdb", "w.duckdb"]


def test_one_thing_in_two_places_is_refused() -> None:
    with pytest.raises(ConfigError, match="says `type` twice"):
        attachment({"path": "a", "type": "sqlite", "options": {"TYPE": "duckdb"}}, Path("/p"))


def test_a_password_in_an_address_is_not_told(tmp_path: Path) -> None:
    attach = [{"path": "/nowhere/x?password=hunter2", "read_only": True}]
    with pytest.raises(WarehouseError, match="`x` cannot be attached") as raised, profile(tmp_path, attach=attach):
        pass
    assert "hunter2" not in str(raised.value)


# --- settings, file systems, modules ---------------------------------------------------------------------------------


def test_every_session_is_set_as_dbt_sets_it(tmp_path: Path) -> None:
    """Also what DuckDB takes for one session only, or only once it is open."""
    with duckdb.connect(str(tmp_path / "w.duckdb")) as connection:
        connection.execute("create schema aside; create table aside.here as select 7 as x")
    settings = {"TimeZone": "Asia/Tokyo", "search_path": "aside", "default_null_order": "nulls_first"}
    with profile(tmp_path, settings=settings, config_options={"threads": 2}) as engine:
        for _ in range(2):
            assert answer(engine, "select current_setting('TimeZone'), current_setting('default_null_order')") == (
                ("Asia/Tokyo", "NULLS_FIRST"),
            )
            assert answer(engine, "select x from here") == ((7,),)
        assert answer(engine, "select current_setting('threads')") == ((2,),)


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("nosuch", "x", "nosuch"),
        ("TimeZone", "Asia/Tokyoo", "Asia/Tokyoo"),
        ("threads_token", "hunter2", "threads_token"),
    ],
)
def test_a_setting_that_cannot_be_set_is_told(tmp_path: Path, name: str, value: str, told: str) -> None:
    with (
        pytest.raises(WarehouseError, match=f"the setting `{name}` cannot be set.*{told}") as raised,
        profile(tmp_path, settings={name: value}),
    ):
        pass
    assert "hunter2" not in str(raised.value)


def test_a_file_system_of_fsspec_is_read(tmp_path: Path) -> None:
    fsspec = pytest.importorskip("fsspec")
    with fsspec.filesystem("memory").open("/dryland.csv", "w") as file:
        file.write("a,b\n1,2\n")
    with profile(tmp_path, filesystems=[{"fs": "memory"}]) as engine:
        assert answer(engine, "from read_csv('memory://dryland.csv')") == ((1, 2),)


def test_a_file_system_that_is_not_there_is_named(tmp_path: Path) -> None:
    with (
        pytest.raises(WarehouseError, match="the file system `nosuch` cannot be registered") as raised,
        profile(tmp_path, filesystems=[{"fs": "nosuch", "token": "hunter2"}]),
    ):
        pass
    assert "hunter2" not in str(raised.value)


def test_what_dbt_needs_and_dryland_does_not_changes_nothing(tmp_path: Path) -> None:
    more = {"keep_open": False, "disable_transactions": True, "is_ducklake": False, "flights": {}, "external_root": "x"}
    with profile(tmp_path, **more) as engine:
        assert answer(engine, "select 1") == ((1,),)


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"remote": {"host": "h", "port": 1, "user": "u", "password": "hunter2"}}, "`remote` is a server"),
        ({"path": "md:mine?motherduck_token=hunter2"}, "`md:...`"),
        ({"path": "ducklake:m.ducklake"}, "`ducklake:...`"),
    ],
)
def test_another_warehouse_is_refused_before_anything_is_made(
    tmp_path: Path, said: dict[str, Any], message: str
) -> None:
    with pytest.raises(UnsupportedError, match=message) as raised, profile(tmp_path, **said):
        pass
    assert "hunter2" not in str(raised.value)
    assert list(tmp_path.iterdir()) == []


# --- plugins ---------------------------------------------------------------------------------------------------------


def test_a_plugin_gives_functions_to_every_session(tmp_path: Path, module: Path) -> None:
    (module / "steps.py").write_text(PLUGIN)
    plugins = [{"module": "steps", "alias": "mine", "config": {"step": 5}}]
    with profile(tmp_path, module_paths=["lib"], plugins=plugins, settings={"threads": 2}) as engine:
        assert answer(engine, "select further(1)") == ((6,),)
        assert answer(engine, "select further(2)") == ((7,),)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("import dbt_that_is_not_there\n", "cannot be imported: No module named 'dbt_that_is_not_there'"),
        ("x = 1\n", "has no class `Plugin`"),
        ("class Plugin:\n    def initialize(self, c):\n        raise KeyError(c['key'])\n", "failed in `initialize`"),
        ("class Plugin:\n    def configure_connection(self, c):\n        c.sql('selec')\n", "failed in `configure_con"),
    ],
)
def test_a_plugin_that_fails_is_named_and_tells_no_secret(
    tmp_path: Path, module: Path, text: str, message: str
) -> None:
    (module / "broken.py").write_text(text)
    plugins = [{"module": "broken", "config": {"key": "hunter2"}}]
    with (
        pytest.raises(DrylandError, match=message) as raised,
        profile(tmp_path, module_paths=["lib"], plugins=plugins),
    ):
        pass
    assert "`broken`" in str(raised.value)
    assert "hunter2" not in str(raised.value)


def test_a_plugin_that_needs_dbt_says_so(tmp_path: Path, module: Path) -> None:
    (module / "needy.py").write_text("from dbt.adapters.duckdb.plugins import BasePlugin\n")
    with (
        pytest.raises(UnsupportedError, match="No module named 'dbt") as raised,
        profile(tmp_path, module_paths=["lib"], plugins=[{"module": "needy"}]),
    ):
        pass
    assert "install dbt-duckdb beside Dryland" in raised.value.hint


def test_dbts_own_plugins_that_only_load_wait_until_a_source_asks(tmp_path: Path) -> None:
    with profile(tmp_path, plugins=[{"module": "gsheet", "config": {"method": "oauth"}}]) as engine:
        assert answer(engine, "select 1") == ((1,),)


# --- what nobody knows -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "message", "hint"),
    [
        ({"secret": []}, "does not know: secret", "`secrets`"),
        ({"attach": [{"path": "a", "aliass": "b"}]}, "`attach` of the profile has keys", "`alias`"),
        ({"plugins": [{"modul": "b"}]}, "`plugins` of the profile has keys", "`module`"),
        ({"retries": {"query_attemps": 2}}, "`retries` of the profile has keys", "`query_attempts`"),
        ({"secrets": [{"key_id": "hunter2"}]}, "an entry of `secrets` does not say its `type`", "secrets: [{type"),
        (
            {"secrets": {"type": "http", "bearer_token": "hunter2"}},
            "`secrets` of the profile is a list",
            "[{type: ...}]",
        ),
        ({"filesystems": [{"token": "hunter2"}]}, "does not say its `fs`", "filesystems: [{fs"),
    ],
)
def test_what_nobody_knows_is_told_with_what_is_near(
    tmp_path: Path, said: dict[str, Any], message: str, hint: str
) -> None:
    with pytest.raises(ConfigError, match=message) as raised, profile(tmp_path, **said):
        pass
    assert hint in raised.value.hint
    assert "hunter2" not in str(raised.value)
