"""Reads what has to be known before anything else: dbt_project.yml, dryland.yml, and the warehouse that they name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dryland.project.config import as_list
from dryland.project.jinja.state import Resolver, Scope
from dryland.project.jinja.variables import EnvironmentVariables
from dryland.project.jinja.world import Stage, World
from dryland.project.keeping import Shelf
from dryland.project.late_parts import OpeningTemplates
from dryland.project.layout import FILE, Layout, macro_files, read_layout, verify_dbt_versions
from dryland.project.other_warehouses import named_warehouse, written_dialect
from dryland.project.packages import read_packages
from dryland.project.profiles import from_settings, warehouse_of
from dryland.project.project import Settings, Warehouse
from dryland.project.target import target_of
from dryland.project.watching import Watching, unwatched
from dryland.project.yaml_file import Mapped
from dryland.timings import timed
from dryland.values import dataclass

if TYPE_CHECKING:
    from dryland.project.jinja.templates import Templates
    from dryland.project.settings import SettingsFile

DRYLAND_FILE = "dryland.yml"


@dataclass(frozen=True, slots=True)
class Asked:
    """How a project was asked for."""

    root: Path
    environment: Mapping[str, str] = field(repr=False)
    target: str | None = None
    profiles_dir: Path | None = None
    variables: Mapping[str, Any] = field(default_factory=dict)
    warehouse: str = ""  # one of those that dryland.yml names; empty: the project's usual one
    watching: Watching = field(default=unwatched, repr=False)


@dataclass(frozen=True, slots=True)
class Opening:
    """The start of a project: everything but what stands in its folders."""

    layout: Layout
    settings: tuple[SettingsFile, Mapped] | None  # dryland.yml as values, and as YAML with its lines; None without one
    world: World  # without packages
    warehouse: Warehouse

    @property
    def contract_paths(self) -> list[str]:
        """The folders in which data contracts stand."""
        return self.settings[0].contract_paths if self.settings else ["contracts"]


@dataclass(frozen=True, slots=True)
class Beginning:
    """What every file of a project needs to be read: the layouts, its own first, and the macros of all of them."""

    opening: Opening
    layouts: tuple[Layout, ...]
    templates: Templates


def read_beginning(asked: Asked, process: EnvironmentVariables, shelf: Shelf) -> Beginning:
    """Read the opening, the packages and all macros; what was compiled before is on the shelf.

    Raises:
        ProjectError: whatever must be mended, with file, line and a hint.
    """
    from dryland.project.jinja.templates import Templates  # brings Jinja, which a kept project does without

    opening = read_opening(asked, process)
    packages = read_packages(opening.layout, Templates(opening.world))
    variables = {package.name: package.section("vars") for package in packages}
    versions = {each.name: each.version for each in (opening.layout, *packages)}
    world = replace(opening.world, package_variables=variables, versions=versions)
    templates = Templates(world, list(macro_files([opening.layout, *packages])), shelf)
    layouts = tuple(each.rendered(templates) for each in (opening.layout, *packages))
    verify_dbt_versions(layouts, asked.environment)
    return Beginning(opening, layouts, templates)


@timed("opening")
def read_opening(asked: Asked, process: EnvironmentVariables) -> Opening:
    """Read dbt_project.yml, dryland.yml and the profile.

    Raises:
        ProjectError: whatever must be mended, with file, line and a hint.
    """
    layout = read_layout(asked.root)
    settings = _settings(asked.root)
    world = _world(layout, asked.variables, process)
    warehouse = _warehouse(layout, settings, asked, OpeningTemplates(world))
    spoken = written_dialect(settings) or warehouse.type
    target = {**target_of(warehouse), "type": spoken}  # templates write what the project is written in
    world = replace(world, target=target, adapter=spoken, warehouse=warehouse.type)
    return Opening(layout, settings, world, warehouse)


def settings_in(opening: Opening, templates: Templates, names: Resolver) -> Settings:
    """What dryland.yml says, with its models found; defaults when there is none.

    Raises:
        ConfigError: an export names a model that does not exist.
    """
    if opening.settings is None:
        return Settings()
    from dryland.project.settings import settings_of

    return settings_of(*opening.settings, templates, names, opening.layout.name)


def _settings(root: Path) -> tuple[SettingsFile, Mapped] | None:
    if not (root / DRYLAND_FILE).exists():
        return None
    from dryland.project.settings import read_settings  # takes a tenth of a second to import

    return read_settings(root)


def _world(layout: Layout, given: Mapping[str, Any], environment: EnvironmentVariables) -> World:
    dispatch = {
        str(each["macro_namespace"]): [str(name) for name in each["search_order"]]
        for each in as_list(layout.raw.get("dispatch"))
    }
    return World(
        project=layout.name, target={}, adapter="duckdb", environment=environment, variables=layout.section("vars"),
        given_variables=given, dispatch=dispatch,
    )  # fmt: skip


def _warehouse(
    layout: Layout, settings: tuple[SettingsFile, Mapped] | None, asked: Asked, templates: OpeningTemplates
) -> Warehouse:
    """The one that is asked for by name; else what dryland.yml names, or the project's profile."""
    if asked.warehouse:
        return named_warehouse(asked.warehouse, settings, templates)
    if settings is not None and settings[0].warehouse is not None:
        return from_settings(settings[1]["warehouse"], settings[1].line_of("warehouse"), templates)
    scope = Scope(FILE, layout.name, line=layout.raw.line_of("profile"))
    said = asked.environment.get("DBT_ENGINE_PROFILE") or asked.environment.get("DBT_PROFILE")
    profile = said or str(templates.value(layout.raw.get("profile", layout.name), scope, stage=Stage.PROJECT))
    return warehouse_of(
        layout.root, profile, target=asked.target, profiles_dir=asked.profiles_dir, environment=asked.environment,
        templates=templates,
    )  # fmt: skip
