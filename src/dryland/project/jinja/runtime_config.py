"""Tells templates of the run's own configuration, which packages of dbt reach through `ref.config`."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from dryland.project.jinja.world import World


class Vars(dict[str, Any]):
    """The vars of a project."""

    def to_dict(self) -> dict[str, Any]:
        """Their plain form."""
        return dict(self)


def runtime_config(world: World) -> SimpleNamespace:
    """The project: its name and version, vars, those of the command line, and the same of each of its packages."""
    names = {world.project: world.variables, **world.package_variables}
    projects = {name: _project(name, variables, world) for name, variables in names.items()}
    for each in projects.values():
        each.dependencies = projects
    return projects[world.project]


def _project(name: str, variables: Mapping[str, Any], world: World) -> SimpleNamespace:
    target = world.target
    return SimpleNamespace(
        project_name=name, version=world.versions.get(name), vars=Vars(variables), cli_vars=dict(world.given_variables),
        args=SimpleNamespace(select=(), exclude=(), selector_name=None, which="build"), dependencies={},
        profile_name=target.get("profile_name"), target_name=target.get("name"), threads=target.get("threads"),
    )  # fmt: skip
