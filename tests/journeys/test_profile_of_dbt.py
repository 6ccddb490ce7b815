"""A team's profiles.yml for dbt-duckdb is read unchanged; what is secret in it is told to nobody."""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from real_dbt import DBT, dbt

PROFILE = """
shop:
  target: dev
  outputs:
    dev:
      type: duckdb
      path: warehouse.duckdb
      schema: main
      threads: 2
      keep_open: false
      disable_transactions: true
      is_ducklake: false
      retries: {connect_attempts: 2, query_attempts: 2, retryable_exceptions: [IOException]}
      extensions: [json]
      settings: {TimeZone: Asia/Tokyo}
      module_paths: [lib]
      filesystems: [{fs: memory, skip_instance_cache: true}]
      secrets:
        - {type: http, name: api, bearer_token: "{{ env_var('API_TOKEN') }}", scope: [https://a.example.org/]}
        - type: http
          extra_http_headers: {X-Key: "{{ env_var('API_TOKEN') }}"}
      attach:
        - {path: "{{ env_var('SHOP_ROOT') }}/aside.duckdb", alias: aside, options: {block_size: 16384}}
      plugins:
        - {module: steps, alias: mine, config: {step: 5}}
        - {module: gsheet, config: {method: oauth}}
"""
PLUGIN = """
import pandas
try:
    from dbt.adapters.duckdb.plugins import BasePlugin
except ImportError:
    BasePlugin = object


class Plugin(BasePlugin):
    def initialize(self, config):
        self.step = config["step"]

    def configure_connection(self, connection):
        connection.create_function("further", lambda x: x + self.step, ["INTEGER"], "INTEGER")

    def load(self, source):
        first = source.get("first", 1)
        with open("loads.txt", "a") as file:
            file.write(f"{source.table_name()} {source['kind']} {source.as_dict()['name']}\\n")
        return pandas.DataFrame({"id": [first, first + 1], "name": ["a", "it's"]})
"""
SOURCES = """
version: 2
sources:
  - name: sheets
    meta: {plugin: mine, kind: sheet}
    tables:
      - {name: people, identifier: People, config: {first: 10}}
"""
TOKEN = "hunter2hunter2"
ROOT = Path(__file__).parents[2]


@pytest.fixture
def team(workspace: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A project that uses much of what dbt-duckdb's profiles know."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setenv("API_TOKEN", TOKEN)
    monkeypatch.setenv("SHOP_ROOT", str(workspace.root))
    workspace.write("dbt_project.yml", "name: shop\nprofile: shop\nmodels: {+materialized: table}\n")
    workspace.write("profiles.yml", PROFILE)
    workspace.write("lib/steps.py", PLUGIN)
    workspace.write("models/sources.yml", SOURCES)
    workspace.write("models/seen.sql", "select id, name from {{ source('sheets', 'people') }}\n")
    workspace.write("models/reader.sql", "select further(id::int) as id, name from {{ ref('seen') }}\n")
    workspace.write(
        "models/asked.sql",
        """
        select name, type, persistent, current_setting('TimeZone') as zone,
            (select count(*) from duckdb_databases() where database_name = 'aside') as attached
        from duckdb_secrets()
        """,
    )
    workspace.write("models/plain.sql", "select 1 as x\n")
    yield workspace
    sys.modules.pop("steps", None)


def loads(workspace: Any) -> list[str]:
    file = workspace.root / "loads.txt"
    return file.read_text().splitlines() if file.exists() else []


def test_every_verb_reads_it_and_nothing_tells_its_secrets(team: Any, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    said = [team.dryland(*verb, DRYLAND_CACHE=str(kept)) for verb in (["ls"], ["plan"], ["apply", "--yes"], ["plan"])]
    assert team.sql("from reader order by id") == [(15, "a"), (16, "it's")]
    assert team.sql("select name, type, persistent, zone, attached from asked order by name") == [
        ("_dbt_secret_2", "http", False, "Asia/Tokyo", 1),
        ("api", "http", False, "Asia/Tokyo", 1),
    ]
    assert "Nothing to do" in said[-1].out
    assert not [answer for answer in said if TOKEN in answer.out + answer.err]
    files = [each for each in team.root.rglob("*") if each.is_file()]
    assert [each for each in files if TOKEN.encode() in each.read_bytes()] == []
    assert any(each.is_relative_to(kept) for each in files)


def test_a_source_is_loaded_when_something_that_reads_it_is_built(team: Any) -> None:
    """Through views as well; a plan loads nothing, and neither does a release of something else."""
    team.edit("models/seen.sql", "select id", "{{ config(materialized='view') }} select id")
    team.dryland("plan")
    team.dryland("apply", "--yes", "--select", "plain")
    assert loads(team) == []
    team.dryland("apply", "--yes")
    assert loads(team) == ["warehouse.sheets.People sheet people"]
    team.write("models/plain.sql", "select 2 as x\n")
    team.dryland("apply", "--yes")
    assert len(loads(team)) == 1
    team.edit("models/reader.sql", "name from", "upper(name) as name from")
    team.dryland("apply", "--yes")
    assert len(loads(team)) == 2


def test_run_asks_the_plugin_again(team: Any) -> None:
    """Nobody else can say whether anything arrived; also when the rows say when they were loaded."""
    team.edit("models/sources.yml", "identifier: People,", "identifier: People, loaded_at_field: id,")
    team.dryland("apply", "--yes")
    team.edit("lib/steps.py", '["a", "it\'s"]', '["b", "c"]')
    sys.modules.pop("steps")
    team.dryland("run", "--yes")
    assert team.sql("from reader order by id") == [(15, "b"), (16, "c")]


def test_python_models_import_from_the_module_paths(team: Any) -> None:
    team.write("lib/shared_by_models.py", "ANSWER = 42\n")
    team.write(
        "models/python.py",
        """
        import pandas
        import shared_by_models

        def model(dbt, session):
            return pandas.DataFrame({"x": [shared_by_models.ANSWER]})
        """,
    )
    team.dryland("apply", "--yes")
    assert team.sql("from python") == [(42,)]
    sys.modules.pop("shared_by_models")


@pytest.mark.parametrize(("mode", "count", "code"), [("overwrite", 2, 0), ("ignore", 1, 0), ("error_if_exists", 1, 2)])
def test_a_table_that_stands_is_treated_as_dbt_does(team: Any, mode: str, count: int, code: int) -> None:
    team.edit("models/sources.yml", "first: 10", f"first: 10, save_mode: {mode}")
    team.dryland("apply", "--yes")
    team.dryland("run", "--yes", code=3 if code else 0)
    assert len(loads(team)) == count


@pytest.mark.parametrize(
    ("plugin", "message", "hint"),
    [
        ("gsheet", "the plugin `gsheet` cannot be imported: No module named 'dbt", "install dbt-duckdb beside Dryland"),
        ("nobody", "the plugin `nobody`, which the profile does not have", "it has: gsheet, mine."),
    ],
)
def test_what_a_source_needs_and_is_not_there_stops_only_its_readers(
    team: Any, plugin: str, message: str, hint: str
) -> None:
    team.edit("models/sources.yml", "plugin: mine", f"plugin: {plugin}")
    team.dryland("ls")
    team.dryland("plan")
    team.dryland("apply", "--yes", "--select", "plain")
    error = team.dryland("apply", "--yes", code=2).err
    assert "error: models/sources.yml:6: " in error
    assert message in error
    assert hint in error
    assert team.sql("from plain") == [(1,)]


def test_a_plugin_that_raises_is_told_at_its_source(team: Any) -> None:
    team.edit("lib/steps.py", '["a", "it\'s"]', 'open("nowhere.xlsx")')
    error = team.dryland("apply", "--yes", code=3).err
    assert "error: models/sources.yml:6: the plugin `mine` failed in `load`: FileNotFoundError" in error


def test_a_plugin_that_gives_no_table_is_told_at_its_source(team: Any) -> None:
    team.edit("lib/steps.py", "return pandas", "return 5\n        return pandas")
    error = team.dryland("apply", "--yes", code=2).err
    assert "error: models/sources.yml:6: " in error


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("keep_open:", "keep_opened:", "profiles.yml:9: the `duckdb` profile has settings that Dryland does not know"),
        ("alias: aside", "alas: aside", "profiles.yml:22: `attach` of the profile has keys that Dryland does not know"),
        ("- type: http", "- typ: http", "profiles.yml:19: an entry of `secrets` does not say its `type`"),
    ],
)
def test_what_nobody_knows_is_told_with_its_line(team: Any, old: str, new: str, said: str) -> None:
    team.edit("profiles.yml", old, new)
    error = team.dryland("ls", code=2).err
    assert error.startswith(f"error: {said}")
    assert TOKEN not in error


@pytest.mark.dbt
@pytest.mark.slow
@pytest.mark.skipif(not DBT.exists(), reason=f"dbt is not at {DBT}; DRYLAND_DBT says where it is")
def test_dbt_makes_the_same_of_it(team: Any, tmp_path: Path) -> None:
    team.edit("profiles.yml", "      extensions: [json]\n", "")  # which dbt would download
    team.edit("profiles.yml", "        - {module: gsheet, config: {method: oauth}}\n", "")
    other = tmp_path / "other"
    shutil.copytree(team.root, other, ignore=shutil.ignore_patterns("other"))
    team.dryland("apply", "--yes")
    done = dbt(other, "run", "--profiles-dir", ".", SHOP_ROOT=str(other))
    assert done.returncode == 0, done.stdout
    theirs = type(team)(other)
    for query in (
        "from reader order by id",
        "from asked order by name",
        'from sheets."People" order by id',
        "select column_name, data_type from duckdb_columns() where table_name = 'People' order by 1",
        "select column_name, data_type from duckdb_columns() where schema_name = 'main' and table_name = 'reader'",
    ):
        assert team.sql(query) == theirs.sql(query)
    assert loads(team) == loads(theirs)


@pytest.mark.dbt
@pytest.mark.slow
@pytest.mark.skipif(not DBT.exists(), reason=f"dbt is not at {DBT}; DRYLAND_DBT says where it is")
def test_where_dbt_is_installed_its_own_plugins_load_sources(team: Any) -> None:
    """Both a team's plugin over dbt's class and one that comes with dbt-duckdb."""
    with sqlite3.connect(team.root / "crm.db") as crm:
        crm.execute("create table deals (id integer, worth text)")
        crm.execute("insert into deals values (1, 'much')")
    crm.close()
    team.edit(
        "profiles.yml",
        "{module: gsheet, config: {method: oauth}}",
        '{module: sqlalchemy, config: {connection_url: "sqlite:///crm.db"}}',
    )
    team.edit("profiles.yml", "settings: {TimeZone: Asia/Tokyo}", "settings: {}")  # plugins get these, too
    team.write(
        "models/crm.yml",
        """
        sources:
          - name: crm
            config: {plugin: sqlalchemy}
            tables:
              - {name: deals, config: {query: "select * from {identifier}"}}
        """,
    )
    team.edit("lib/steps.py", "except ImportError:\n    BasePlugin = object", "finally:\n    pass")
    team.write("models/deals.sql", "select * from {{ source('crm', 'deals') }}")
    (packages,) = DBT.parents[1].glob("lib/python*/site-packages")
    team.process("apply", "--yes", PYTHONPATH=f"{ROOT / 'src'}{os.pathsep}{packages}")
    assert team.sql("from deals") == [(1, "much")]
    assert team.sql("from reader order by id") == [(15, "a"), (16, "it's")]
