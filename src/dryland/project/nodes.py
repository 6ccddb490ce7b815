"""Defines what a project is made of: nodes, what they are rendered to, sources and checks.

All values are frozen and in dbt's words. They are what is left when every file has been read and every
template rendered: no Jinja, no YAML, no disk.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field
from pathlib import Path
from typing import Any, Literal

from dryland.engines.relation import Relation
from dryland.project.grants import Grant
from dryland.project.indexes import Index
from dryland.values import dataclass

NodeKind = Literal["model", "seed", "snapshot"]
BUILT_IN_MATERIALIZATIONS = frozenset(
    {"view", "table", "incremental", "ephemeral", "seed", "snapshot", "external", "materialized_view"}
)


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
    seeds: Mapping[str, str] = field(default_factory=dict)  # of those sources that are one: the seed's unique id
    macros: tuple[str, ...] = ()  # unique ids of project macros it called
    needs_warehouse: bool = False  # it queries while rendering: render again when it is used, by `project.render`
    volatile: tuple[str, ...] = ()  # what it prints that differs each time, e.g. run_started_at
    still: str = ""  # of a volatile one: `sql` as of a fixed moment; empty when that would say something else
    template: Any = field(default=None, repr=False, compare=False)  # of one that `needs_warehouse`: what to render
    trouble: Exception | None = field(default=None, repr=False, compare=False)  # why it cannot be rendered when used
    in_transaction: bool = True  # of a hook: it runs in the transaction of the build

    @property
    def reads(self) -> tuple[str, ...]:
        """Unique ids of what must stand before: a seed instead of a source that is one."""
        return *self.refs, *(self.seeds.get(each, each) for each in self.sources)


@dataclass(frozen=True, slots=True)
class Node:
    """A model, seed or snapshot."""

    unique_id: str  # model.<package>.<name>[.v<version>], seed.<package>.<name>, snapshot.<package>.<name>
    kind: NodeKind
    name: str
    package: str
    place: Place
    language: Literal["sql", "python", "csv"]
    raw: str  # the file's text; for seeds empty (see `file_hash`)
    file_hash: str  # of the bytes of the file
    materialized: str  # one of BUILT_IN_MATERIALIZATIONS, or one that a macro of the project defines
    relation: Relation  # the name readers use in prod: what dbt would have used
    fqn: tuple[str, ...]
    config: Mapping[str, Any] = field(default_factory=dict)  # everything, dbt's keys, after the whole hierarchy
    # with is_incremental() false; ephemeral parents stand in it by name, `plan.compose.inlined` puts them in
    rendered: Rendered = field(default_factory=lambda: Rendered(""))
    rendered_incremental: Rendered | None = None  # with is_incremental() true, when it differs
    # of the raw text, every macro it reaches, and what these may read besides; the meaning when `needs_warehouse`
    template_hash: str = ""
    strategy_hash: str = ""  # the same of the project's own macro for its incremental or snapshot strategy, if any
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
    materialization_macro: str = ""  # unique id of the macro that makes it, when that is the project's own
    materialization_hash: str = ""  # of that macro and of all it reaches
    indexes: tuple[Index, ...] = ()  # of its table
    is_unlogged: bool = False  # its table is not in the server's log: quicker, and empty after a crash
    grants: tuple[Grant, ...] = ()  # on what readers see of it

    @property
    def grows(self) -> bool:
        """Whether a build starts from the one before: what is made may depend on what was there."""
        return self.materialized in ("incremental", "snapshot") or bool(self.materialization_macro)

    @property
    def depends_on(self) -> tuple[str, ...]:
        """Unique ids of the nodes and sources it reads, each once; its hooks read as well."""
        return self._others(each for form in self._forms for each in form.reads)

    @property
    def refers_to(self) -> tuple[str, ...]:
        """The same as it is written: a source that is a seed of the project is that source."""
        return self._others(each for form in self._forms for each in (*form.refs, *form.sources))

    @property
    def _forms(self) -> tuple[Rendered, ...]:
        forms = (self.rendered, self.rendered_incremental, *self.pre_hooks, *self.post_hooks)
        return tuple(form for form in forms if form)

    def _others(self, unique_ids: Iterable[str]) -> tuple[str, ...]:
        return tuple(each for each in dict.fromkeys(unique_ids) if each != self.unique_id)


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
    loaded_at_query: str = ""  # its Jinja is rendered when the source is asked
    freshness: Mapping[str, Any] = field(default_factory=dict)
    seed: str = ""  # unique id of the project's own seed that it is, if it is one

    @property
    def stands_for(self) -> str:
        """Unique id of what fills it: a seed of the project, or else somebody whom only the source names."""
        return self.seed or self.unique_id


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
    refers_to: tuple[str, ...] = ()  # the same as refs, as it is written; empty when that is no different
    config: Mapping[str, Any] = field(default_factory=dict)  # everything, dbt's keys, after the whole hierarchy
