"""Holds what a team shares: a server, a database, the trunk of a project; and what it should all come to."""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from peers import DRYLAND

from postgres_server import Server

AREAS = 8
EVENTS = "insert into raw.events select g, g % 97, g % {areas}, now() from generate_series({first}, {last}) as g"
MODELS = {
    "stg_events": "select id, amount, area from {{ source('raw', 'events') }}",
    "all_events": "{{ config(materialized='incremental') }} select id, amount, area from {{ ref('stg_events') }}"
    " {% if is_incremental() %} where id > (select max(id) from {{ this }}) {% endif %}",
    "totals": " union all ".join(f"select {n} as area, total from {{{{ ref('area_{n}') }}}}" for n in range(AREAS)),
    "report": "{{ config(materialized='view') }} select area, total from {{ ref('totals') }} where total is not null",
}
AREA = "select count(*) as events, sum(amount) * {factor} as total from {{{{ ref('all_events') }}}} where area = {area}"
YAML = """
version: 2
sources: [{name: raw, tables: [{name: events}]}]
models:
  - {name: all_events, columns: [{name: id, data_tests: [unique, not_null]}]}
  - {name: totals, columns: [{name: area, data_tests: [unique, not_null]}, {name: total, data_tests: [not_null]}]}
"""
PUBLISHED = ("stg_events", "all_events", "totals", "report", *(f"area_{area}" for area in range(AREAS)))


@dataclass(slots=True)
class Office:
    """One warehouse, and one trunk that everybody clones."""

    folder: Path
    server: Server
    database: str
    rows: int = 0

    @property
    def trunk(self) -> Path:
        """A bare repository."""
        return self.folder / "trunk.git"

    def clone(self, who: str) -> Path:
        """A checkout of somebody's own."""
        git(self.folder, "clone", "--quiet", str(self.trunk), who)
        return self.folder / who

    def load(self, count: int) -> None:
        """Rows arrive at the source."""
        first, self.rows = self.rows + 1, self.rows + count
        with self.server.connect(self.database) as connection:
            connection.execute(EVENTS.format(areas=AREAS, first=first, last=self.rows))

    def commits(self) -> int:
        """How many were pushed."""
        return int(git(self.trunk, "rev-list", "--count", "main")) - 1

    def releases(self) -> dict[str, int]:
        """How many of each environment."""
        words = [str(DRYLAND), "release", "list", "--env", "prod", "--limit", "100000", "--json"]
        said = subprocess.run(words, cwd=self.clone("looks"), capture_output=True, text=True, check=True).stdout
        return dict(Counter(f"prod {each['kind']}" for each in json.loads(said)["releases"]))

    def different_from_serial(self) -> list[str]:
        """The relations of prod that differ from what one process makes of the same code and rows elsewhere."""
        clone = self.clone("last")
        for verb in ("apply", "run"):
            subprocess.run([str(DRYLAND), verb, "--yes", "--wait"], cwd=clone, check=True, capture_output=True)
        alone = Office(self.folder, self.server, self.server.new_database())
        alone.prepare_source()
        alone.load(self.rows)
        serial = self.clone("serial")
        write_settings(serial, self.server, alone.database)
        subprocess.run([str(DRYLAND), "apply", "--yes"], cwd=serial, check=True, capture_output=True)
        return [name for name in PUBLISHED if self.content(name) != alone.content(name)]

    def content(self, name: str) -> list[tuple[Any, ...]]:
        """The rows that readers of prod see."""
        with self.server.connect(self.database) as connection:
            return sorted(connection.execute(f"select * from main.{name}").fetchall())

    def prepare_source(self) -> None:
        """An empty table of events."""
        with self.server.connect(self.database) as connection:
            connection.execute("create schema raw")
            connection.execute("create table raw.events (id bigint, amount int, area int, at timestamptz)")


def opened_office(folder: Path, server: Server) -> Office:
    """A trunk with a project, a database with a thousand events, and a first release."""
    office = Office(folder, server, server.new_database())
    office.prepare_source()
    office.load(1_000)
    git(folder, "init", "--quiet", "--bare", "--initial-branch", "main", str(office.trunk))
    git(folder, "clone", "--quiet", str(office.trunk), "first")
    _write_project(folder / "first", server, office.database)
    git(folder / "first", "checkout", "--quiet", "-b", "main")
    commit(folder / "first", "the project")
    git(folder / "first", "push", "--quiet", "origin", "main")
    subprocess.run([str(DRYLAND), "apply", "--yes"], cwd=folder / "first", check=True, capture_output=True)
    return office


def _write_project(root: Path, server: Server, database: str) -> None:
    (root / "models").mkdir()
    project = {"name": "team", "version": "1.0", "profile": "team", "models": {"team": {"+materialized": "table"}}}
    (root / "dbt_project.yml").write_text(json.dumps(project))
    (root / ".gitignore").write_text(".dryland/\ntarget/\n")
    (root / "models" / "all.yml").write_text(YAML)
    for name, sql in MODELS.items():
        (root / "models" / f"{name}.sql").write_text(sql)
    for area in range(AREAS):
        write_area(root, area, 1)
    write_settings(root, server, database)


def write_settings(root: Path, server: Server, database: str) -> None:
    """Where the warehouse and the metadata are: in the same database."""
    outputs = {"dev": server.settings(database, threads=2)}
    (root / "profiles.yml").write_text(json.dumps({"team": {"target": "dev", "outputs": outputs}}))
    state = f"postgresql://{server.user}@/{database}?host={server.folder}"
    (root / "dryland.yml").write_text(f"state: {state}\nretention: {{releases: 100000}}\n")


def write_area(root: Path, area: int, factor: int) -> None:
    """The model of one area, as an engineer wants it by now."""
    (root / "models" / f"area_{area}.sql").write_text(AREA.format(area=area, factor=factor))


def commit(root: Path, message: str) -> None:
    """Everything that changed."""
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", message)


def git(folder: Path, *words: str) -> str:
    """What git says."""
    who = ("-c", "user.name=somebody", "-c", "user.email=somebody@example.org")
    return subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True, text=True).stdout.strip()
