"""Says which run of the command an artifact comes from, and where artifacts go."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dryland.project.project import Project
from dryland.values import dataclass

DBT_VERSION = "1.11.0"  # whose files these are; what templates read as `dbt_version`
SCHEMAS = "https://schemas.getdbt.com/dbt"  # a name in the files, never asked
NOTED = "DBT_ENV_CUSTOM_ENV_"  # dbt notes variables that start so in every artifact
NO = frozenset({"0", "false", "f", "no", "n", "off"})


@dataclass(frozen=True, slots=True)
class Invocation:
    """One run of a verb on an environment."""

    verb: str
    environment: str
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)  # of the process
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def metadata(self, schema: str) -> dict[str, Any]:
        """What every artifact starts with; `schema` is its name and version, such as `manifest/v12`."""
        return {
            "dbt_schema_version": f"{SCHEMAS}/{schema}.json",
            "dbt_version": DBT_VERSION,
            "generated_at": moment(datetime.now(UTC)),
            "invocation_id": self.id,
            "invocation_started_at": moment(self.started_at),
            "env": {
                name.removeprefix(NOTED): value for name, value in self.variables.items() if name.startswith(NOTED)
            },
        }


def moment(at: datetime) -> str:
    """A moment as dbt writes it.

    >>> moment(datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))
    '2026-01-02T03:04:05.000000Z'
    """
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def target_folder(project: Project, variables: Mapping[str, str]) -> Path:
    """Where artifacts go: DBT_TARGET_PATH, `target-path` of dbt_project.yml, or `target`."""
    return project.root / (variables.get("DBT_TARGET_PATH") or project.target_path or "target")


def may_be_told_before(project: Project) -> bool:
    """Whether a manifest may be made before a release has ended: no template asks the warehouse what to write."""
    forms = (form for node in project.nodes.values() for form in (node.rendered, node.rendered_incremental))
    return not any(form and form.needs_warehouse for form in forms)


def wants_artifacts(project: Project, variables: Mapping[str, str]) -> bool:
    """Whether artifacts are wanted: unless DBT_WRITE_JSON or `flags: {write_json: ...}` says no."""
    said = variables.get("DBT_WRITE_JSON", project.write_json)
    return said.strip().lower() not in NO
