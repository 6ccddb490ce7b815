"""Lists who takes part: what each tool calls what is asked of it, and what it keeps where."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from peers import DBT, DRYLAND, python_of

from scale.as_dbt import MACROS as DBT_MACROS
from scale.as_dbt import write_dbt
from scale.as_sql import write_statements
from scale.as_sqlmesh import MACROS as SQLMESH_MACROS
from scale.as_sqlmesh import write_sqlmesh

HERE = Path(__file__).resolve().parent
WAREHOUSE = "warehouse.duckdb"
OURS, DUCKDB = "dryland", "duckdb"


@dataclass(frozen=True, slots=True)
class Tool:
    """One who takes part."""

    name: str
    write: Callable[..., None]
    verbs: dict[str, tuple[str, ...]]
    """What is asked, as its command; `{environment}` is a new name each time. What is missing it cannot do."""
    macros: str = ""
    loaded: tuple[str, ...] = ()
    """Where it keeps what it loaded."""
    built: tuple[str, ...] = ()
    """Where it keeps what it knows of builds, besides the warehouse."""
    state: tuple[str, str] = ("", "")
    """What is copied after a build, to compare with later: from, to."""
    environment: dict[str, str] = field(default_factory=dict)
    packages: tuple[str, ...] = ()
    """Whose versions are told, in an environment of its own."""

    def forget(self, project: Path) -> None:
        """Drop what it kept of loading."""
        _remove(project, self.loaded)

    def start_over(self, project: Path, raw: Path) -> None:
        """A warehouse with nothing but what was loaded there."""
        _remove(project, (WAREHOUSE, f"{WAREHOUSE}.wal", *self.built))
        shutil.copy(raw, project / WAREHOUSE)

    def remember(self, project: Path) -> None:
        """Keep what the tool is to compare with next time."""
        source, target = (project / each for each in self.state)
        if self.state[0] and source.exists():
            target.parent.mkdir(exist_ok=True)
            shutil.copy(source, target)


def _remove(project: Path, names: Sequence[str]) -> None:
    for name in names:
        if (project / name).is_dir():
            shutil.rmtree(project / name)
        else:
            (project / name).unlink(missing_ok=True)


def _ours() -> Tool:
    command = str(DRYLAND)
    release = (command, "apply", "--yes", "-q")
    return Tool(
        OURS, write_dbt,
        {
            "load": (command, "ls"), "plan": (command, "plan"), "release": release, "release_all": release,
            "release_changed": release, "back": (command, "rollback", "--yes"),
            "new_environment": (command, "env", "create", "{environment}"),
        },
        macros=DBT_MACROS, loaded=("cache",), built=(".dryland",), environment={"DRYLAND_CACHE": "cache"},
    )  # fmt: skip


def _dbt() -> Tool:
    command = (str(DBT), "--no-version-check")
    changed = (*command, "build", "-s", "state:modified+", "--state", "state")
    return Tool(
        "dbt", write_dbt,
        {
            "load": (*command, "parse"), "plan": (*command, "parse"), "release": (*command, "build"),
            "release_all": (*command, "build"), "release_changed": changed, "back": changed,
            "new_environment": (*command, "clone", "--full-refresh", "--state", "state", "--target", "dev",
                                "--target-path", "target_dev"),
        },
        macros=DBT_MACROS, loaded=("target",), state=("target/manifest.json", "state/manifest.json"),
        environment={"DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}, packages=("dbt-core", "dbt-duckdb", "duckdb"),
    )  # fmt: skip


def _sqlmesh() -> Tool:
    python = python_of("sqlmesh")
    load = (str(python), str(HERE / "load_sqlmesh.py"))
    command = (str(python.with_name("sqlmesh")), "plan")
    plan = (*command, "--no-prompts")
    release = (*plan, "--auto-apply")
    return Tool(
        "sqlmesh", write_sqlmesh,
        {
            "load": load, "plan": plan, "release": release, "release_all": release, "release_changed": release,
            "back": release,
            "new_environment": (*command, "{environment}", "--no-prompts", "--auto-apply", "--include-unmodified"),
        },
        macros=SQLMESH_MACROS, loaded=(".cache",), environment={"SQLMESH__DISABLE_ANONYMIZED_ANALYTICS": "true"},
        packages=("sqlmesh", "sqlglot", "duckdb"),
    )  # fmt: skip


def _duckdb() -> Tool:
    straight = (sys.executable, str(HERE / "straight.py"), "statements.json")
    return Tool(DUCKDB, write_statements, {"release": straight})


TOOLS = {each.name: each for each in (_ours(), _dbt(), _sqlmesh(), _duckdb())}
"""Everybody, in the order of columns: dbt and SQLMesh are called what their own documentation calls them."""
