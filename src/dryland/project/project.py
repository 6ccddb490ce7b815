"""Defines the project: everything the team wrote, how to reach its warehouse, and what dryland.yml says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field
from pathlib import Path
from typing import Any, Literal

from dryland.project.access_rules import AccessSettings
from dryland.project.alerting import Alerting
from dryland.project.monitors import NOTHING_SAID, Monitors
from dryland.project.nodes import Check, Node, Place, Rendered, Source
from dryland.project.odcs.contract import Contract, Dataset
from dryland.project.selector import NamedSelector
from dryland.project.telemetry import Telemetry
from dryland.project.unit_test import UnitTest
from dryland.project.untranslated import Untranslated
from dryland.project.uses import Analysis, Exposure, Group, Semantic
from dryland.values import dataclass


@dataclass(frozen=True, slots=True)
class Warehouse:
    """How to reach a warehouse: the adapter's type and its settings, secrets included (never shown)."""

    type: str  # duckdb, postgres, ...
    database: str
    schema: str
    settings: Mapping[str, Any] = field(default_factory=dict, repr=False)
    target_name: str = "dev"
    profile_name: str = ""
    threads: int = 4


@dataclass(frozen=True, slots=True)
class Export:
    """A published model that is written somewhere else after each publication."""

    name: str
    model: str  # unique id
    to: str = field(repr=False)  # database URL (sqlite:///...), or a path ending in .csv or .parquet
    table: str = ""
    place: Place = field(default_factory=lambda: Place("dryland.yml"))


@dataclass(frozen=True, slots=True)
class Notification:
    """Who is told of a publication or refusal: `webhook` (a URL) or `file` (JSON lines)."""

    name: str
    on: tuple[str, ...] = ("published", "refused", "blocked")
    webhook: str = field(default="", repr=False)
    file: str = ""


@dataclass(frozen=True, slots=True)
class Settings:
    """What `dryland.yml` says: everything that dbt has no word for."""

    dialect: str = ""  # in which SQL the project is written; empty: its warehouse's own
    state_url: str = field(default="", repr=False)  # metadata store; default: SQLite at .dryland/state.db
    state_schema: str = "dryland_state"
    lease_s: float = 60.0  # without a sign of life, and others may take over
    store_schema: str = "dryland_store"
    default_environment: str = "prod"
    volatile: Literal["run", "hour", "day"] = "run"
    views_over_sources: Literal["live", "pinned"] = "live"
    releases_kept: int = 10
    observations_kept_days: int = 400
    threads: int | None = None
    retries: int = 2
    timeout_s: float | None = None
    exports: tuple[Export, ...] = ()
    notifications: tuple[Notification, ...] = ()
    telemetry: Telemetry = field(default_factory=Telemetry)
    alerting: Alerting = field(default_factory=Alerting)
    monitors: Monitors = NOTHING_SAID  # of all datasets
    access: AccessSettings = field(default_factory=AccessSettings)


@dataclass(frozen=True, slots=True)
class QueryComment:
    """What `query-comment` writes on statements: a template, and whether it goes behind instead of before."""

    text: str
    is_appended: bool = False
    line: int = 1


@dataclass(frozen=True, slots=True)
class Kept:
    """Where a project is kept, and a hash of everything that it was read from."""

    file: Path
    stamp: str
    first: str  # the same of what was read first: since then only texts of models changed, and with them their nodes
    is_new: bool = False  # whether nothing was kept of it before

    def beside(self, ending: str) -> Path:
        """A file for what else is worth keeping of exactly this project; to be voided by the stamp."""
        return self.file.with_suffix(f".{ending}")


@dataclass(frozen=True, slots=True)
class Project:
    """Everything the team wrote, read and rendered."""

    name: str
    root: Path
    warehouse: Warehouse
    nodes: Mapping[str, Node]  # by unique id, without disabled ones, ephemeral included
    sources: Mapping[str, Source]
    checks: Mapping[str, Check]
    exposures: Mapping[str, Exposure] = field(default_factory=dict)
    groups: Mapping[str, Group] = field(default_factory=dict)
    unit_tests: Mapping[str, UnitTest] = field(default_factory=dict)
    semantics: Mapping[str, Semantic] = field(default_factory=dict)  # semantic models, metrics, saved queries
    analyses: Mapping[str, Analysis] = field(default_factory=dict)
    contracts: tuple[Contract, ...] = ()  # of files, each dataset with the node that it is about
    contracted: Mapping[str, tuple[Contract, Dataset]] = field(default_factory=dict)  # what nodes are held to
    package_folders: Mapping[str, str] = field(default_factory=dict)  # package -> what its files' paths start with
    selectors: Mapping[str, NamedSelector] = field(default_factory=dict)  # of selectors.yml, by name
    settings: Settings = field(default_factory=Settings)
    query_comment: QueryComment | None = None  # on statements that build
    on_run_start: tuple[Rendered, ...] = ()
    on_run_end: tuple[Rendered, ...] = ()
    warnings: tuple[str, ...] = ()  # about the project's files, for people
    target_path: str = ""  # of dbt_project.yml: where dbt's artifacts go; empty when it does not say
    write_json: str = "True"  # of its flags: whether they are wanted
    said: tuple[str, ...] = ()  # by templates, to people, while the project was read
    parts: Any = field(default=None, repr=False, compare=False)  # what it was read from: project.graph
    templates: Any = field(default=None, repr=False, compare=False)  # renders again at build time: project.render
    parts_of: Any = field(default=None, repr=False, compare=False)  # of single models of a kept one: project.reread
    untranslated: tuple[Untranslated, ...] = ()  # what the warehouse has no words for
    late: Any = field(default=None, repr=False, compare=False)  # translates what is rendered late: translation.late
    kept: Kept | None = field(default=None, repr=False, compare=False)  # None: it is read from its files each time
    monitors: Mapping[str, Monitors] = field(default_factory=dict)  # what is said of single datasets, by unique id

    def models_behind(self, unique_ids: Iterable[str]) -> tuple[str, ...]:
        """These, each once and in order; metrics give way to the models that they read, sources to their seeds."""
        met: dict[str, None] = {}
        ahead = list(unique_ids)[::-1]
        while ahead:
            unique_id = ahead.pop()
            if unique_id not in met and unique_id in self.semantics:
                ahead += self.semantics[unique_id].depends_on[::-1]
            met[self.sources[unique_id].stands_for if unique_id in self.sources else unique_id] = None
        return tuple(unique_id for unique_id in met if unique_id not in self.semantics)

    def sources_of_seed(self, unique_id: str) -> tuple[Source, ...]:
        """The sources that are this seed; of anything else there are none."""
        if not unique_id.startswith("seed."):
            return ()
        return tuple(source for source in self.sources.values() if source.seed == unique_id)

    def name_of(self, unique_id: str) -> str:
        """The short name for people: `orders`, `shop.orders` for a source."""
        if unique_id in self.sources:
            source = self.sources[unique_id]
            return f"{source.source_name}.{source.name}"
        return unique_id.split(".", 2)[-1]
