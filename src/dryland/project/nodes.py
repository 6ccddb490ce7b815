"""Defines what a project is made of: nodes, sources, checks, exposures, and the project that holds them.

All values are frozen and in dbt's words. They are what is left when every file has been read and every
template rendered: no Jinja, no YAML, no disk.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from dryland.engines.relation import Relation

NodeKind = Literal["model", "seed"]
Materialization = Literal["view", "table", "incremental", "ephemeral", "seed"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where something was written, for errors: path relative to the project, 1-based line."""

    path: str
    line: int = 1
    column: int | None = None


@dataclass(frozen=True, slots=True)
class ColumnDoc:
    """What the YAML says of a column."""

    name: str
    description: str = ""
    data_type: str = ""
    meta: Mapping[str, Any] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    constraints: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Rendered:
    """A template after Jinja: its SQL, and what it asked for on the way.

    `relations` maps each relation text as it stands in `sql` (for example `"shop"."main"."stg_orders"`) to
    the unique id behind it: a node, a source, or `this` for the node itself. Whoever runs the SQL puts
    the physical names in their place.
    """

    sql: str
    relations: Mapping[str, str] = field(default_factory=dict)
    refs: tuple[str, ...] = ()  # unique ids of nodes, in order of first use
    sources: tuple[str, ...] = ()  # unique ids of sources
    macros: tuple[str, ...] = ()  # unique ids of project macros it called
    needs_warehouse: bool = False  # it queries while rendering: render again at build time
    volatile: tuple[str, ...] = ()  # what it prints that differs each time, e.g. run_started_at
    still: str = ""  # of a volatile one: `sql` as of a fixed moment; empty when that would say something else


@dataclass(frozen=True, slots=True)
class Node:
    """A model or seed."""

    unique_id: str  # model.<package>.<name>[.v<version>], seed.<package>.<name>
    kind: NodeKind
    name: str
    package: str
    place: Place
    language: Literal["sql", "python", "csv"]
    raw: str  # the file's text; for seeds empty (see `file_hash`)
    file_hash: str  # of the bytes of the file
    materialized: Materialization
    relation: Relation  # the name readers use in prod: what dbt would have used
    fqn: tuple[str, ...]
    config: Mapping[str, Any] = field(default_factory=dict)  # everything, dbt's keys, after the whole hierarchy
    # with is_incremental() false; ephemeral parents stand in it by name, `plan.compose.inlined` puts them in
    rendered: Rendered = field(default_factory=lambda: Rendered(""))
    rendered_incremental: Rendered | None = None  # with is_incremental() true, when it differs
    template_hash: str = ""  # of the raw text and every macro it reaches; the meaning when `needs_warehouse`
    description: str = ""
    columns: tuple[ColumnDoc, ...] = ()
    tags: tuple[str, ...] = ()
    meta: Mapping[str, Any] = field(default_factory=dict)
    owner: str = ""
    group: str = ""
    access: str = "protected"
    version: str = ""
    is_latest: bool = True  # of its versions: the one that its bare name means
    constraints: tuple[Mapping[str, Any], ...] = ()
    pre_hooks: tuple[Rendered, ...] = ()
    post_hooks: tuple[Rendered, ...] = ()
    patch: Place | None = None  # where its YAML properties stand
    seed_hashes: Mapping[str, str] = field(default_factory=dict)  # column of a seed -> hash of its values in order
    seed_rows: int = 0
    file: Path | None = None  # of a seed

    @property
    def depends_on(self) -> tuple[str, ...]:
        """Unique ids of the nodes and sources it reads, each once."""
        incremental = self.rendered_incremental
        found = (*self.rendered.refs, *self.rendered.sources)
        if incremental:
            found += (*incremental.refs, *incremental.sources)
        return tuple(dict.fromkeys(found))


@dataclass(frozen=True, slots=True)
class Source:
    """A table that somebody else fills."""

    unique_id: str  # source.<package>.<source>.<table>
    source_name: str
    name: str
    package: str
    relation: Relation
    place: Place
    fqn: tuple[str, ...]
    description: str = ""
    columns: tuple[ColumnDoc, ...] = ()
    tags: tuple[str, ...] = ()
    meta: Mapping[str, Any] = field(default_factory=dict)
    config: Mapping[str, Any] = field(default_factory=dict)
    owner: str = ""
    loaded_at_field: str = ""
    freshness: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Check:
    """A dbt data test, made concrete: one statement about one or more relations."""

    unique_id: str  # test.<package>.<name>.<hash>
    name: str  # dbt's name, e.g. not_null_orders_order_id
    kind: str  # not_null, unique, accepted_values, relationships, singular, or a generic macro's name
    package: str
    place: Place
    fqn: tuple[str, ...]
    node: str = ""  # unique id of the node or source it is attached to; empty for singular tests
    column: str = ""
    arguments: Mapping[str, Any] = field(default_factory=dict)  # after Jinja, without model and column_name
    rendered: Rendered | None = None  # the failing-rows query of singular and macro tests; None for the four built in
    refs: tuple[str, ...] = ()  # every node or source it reads, the attached one first
    severity: Literal["error", "warn"] = "error"
    warn_if: str = "!= 0"
    error_if: str = "!= 0"
    fail_calc: str = "count(*)"
    where: str = ""
    limit: int | None = None
    store_failures: bool = False
    failures_schema: str = "dbt_test__audit"  # behind the target's schema: where failing rows are kept
    tags: tuple[str, ...] = ()
    meta: Mapping[str, Any] = field(default_factory=dict)
    description: str = ""
    alias: str = ""  # the table of failing rows, when it is not the name


@dataclass(frozen=True, slots=True)
class Exposure:
    """A use of the data outside the warehouse: a dashboard, a campaign, an application."""

    unique_id: str  # exposure.<package>.<name>
    name: str
    package: str
    place: Place
    fqn: tuple[str, ...]
    type: str = ""
    description: str = ""
    url: str = ""
    owner: Mapping[str, Any] = field(default_factory=dict)
    depends_on: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    meta: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Group:
    """A group of models with one owner."""

    name: str
    owner: Mapping[str, Any] = field(default_factory=dict)


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
    place: Place = Place("dryland.yml")


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

    state_url: str = field(default="", repr=False)  # metadata store; default: SQLite at .dryland/state.db
    store_schema: str = "dryland_store"
    default_environment: str = "prod"
    volatile: Literal["run", "hour", "day"] = "run"
    views_over_sources: Literal["live", "pinned"] = "live"
    releases_kept: int = 10
    threads: int | None = None
    retries: int = 2
    timeout_s: float | None = None
    exports: tuple[Export, ...] = ()
    notifications: tuple[Notification, ...] = ()


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
    settings: Settings = field(default_factory=Settings)
    on_run_start: tuple[Rendered, ...] = ()
    on_run_end: tuple[Rendered, ...] = ()
    warnings: tuple[str, ...] = ()  # about the project's files, for people
    templates: Any = field(default=None, repr=False, compare=False)  # renders again at build time: project.render

    def name_of(self, unique_id: str) -> str:
        """The short name for people: `orders`, `shop.orders` for a source."""
        if unique_id in self.sources:
            source = self.sources[unique_id]
            return f"{source.source_name}.{source.name}"
        return unique_id.split(".", 2)[-1]
