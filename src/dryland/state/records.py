"""Defines what is remembered: builds, pointers, releases, verdicts, profiles and runs.

All are immutable values in the users' words. They know nothing of how they are kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, field
from datetime import datetime
from typing import Literal

from dryland.digest import digest
from dryland.values import dataclass

ReleaseStatus = Literal["publishing", "live", "superseded", "refused", "abandoned"]
ReleaseKind = Literal["adopt", "apply", "run", "rollback", "env"]
VerdictStatus = Literal["pass", "warn", "fail", "error"]
RunStatus = Literal["running", "done", "refused", "failed", "interrupted", "abandoned"]


@dataclass(frozen=True, slots=True)
class Versions:
    """What readers of a table depend on: one hash for its rows, one for each column.

    `rows` changes when the set of rows may have changed (which rows, how many); `columns[c]` when the
    values of `c` may have. A column that is not listed counts as `whole`: what is not understood
    changes with anything.
    """

    rows: str
    columns: Mapping[str, str] = field(default_factory=dict)
    rest: str = ""

    @property
    def whole(self) -> str:
        """One hash for everything: rows and all columns in their order."""
        return digest([self.rows, list(self.columns.items()), self.rest])

    def of(self, column: str) -> str:
        """The version of one column; the whole table's when the column is not known."""
        return self.columns.get(column) or self.whole

    def as_json(self) -> dict[str, object]:
        """The JSON form, read back by `Versions.from_json`."""
        return {"rows": self.rows, "columns": list(self.columns.items()), "rest": self.rest}

    @staticmethod
    def from_json(value: Mapping[str, object]) -> Versions:
        """The inverse of `as_json`."""
        return Versions(str(value["rows"]), dict(value["columns"]), str(value["rest"]))  # type: ignore[call-overload]


@dataclass(frozen=True, slots=True)
class Profile:
    """One scan of a build: rows, content hash, and per-column numbers (see `check.scanning.scan`)."""

    rows: int
    content_hash: str
    columns: Mapping[str, Mapping[str, object]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Build:
    """One immutable physical table or view in the store, named by its key."""

    key: str
    node: str
    relation: str  # rendered name in the store, e.g. dryland_store.orders__1f2e3d4c5b6a7988
    kind: Literal["table", "view", "nothing"]  # nothing: its own hooks dropped it, and readers see none
    versions: Versions
    columns: tuple[tuple[str, str], ...]  # (name, type), in order
    inputs: tuple[str, ...] = ()  # keys of the builds it was made from, or reads if it is a view
    created_at: datetime | None = None  # when its run began
    began_s: float = 0.0  # after that
    duration_s: float = 0.0  # of making it, without its checks
    run_id: int | None = None
    is_outside: bool = False  # made with the answer of something that is no node and no source: nothing tells it moved
    is_still: bool = False  # a view that shows the same rows for good: what it reads are tables of the store alone

    @property
    def is_fixed(self) -> bool:
        """Whether it holds the same rows for good."""
        return self.kind == "table" or (self.kind == "view" and self.is_still)


@dataclass(frozen=True, slots=True)
class Pointer:
    """Where one node of one environment stands: the build that readers see, and what was planned for it.

    `code` is the node's versions with every source held still; `data` with the sources as they were
    measured. `apply` acts when `code` moved, `run` when `data` did.
    """

    node: str
    build_key: str
    published: tuple[str, str, str]  # database, schema, name that readers use
    code: Versions
    data: Versions
    definition: str  # id of the Definition
    stale_since: str = ""  # ISO time of the first refresh that was blocked; empty when fresh
    stale_reason: str = ""
    is_resting: bool = False  # readers see it no more: it left the project, and goes on from this if it comes back

    @property
    def id(self) -> str:
        """Content address: equal pointers are stored once."""
        return digest(
            [self.node, self.build_key, list(self.published), self.code.as_json(), self.data.as_json(),
             self.definition, self.stale_since, self.stale_reason, *(["resting"] if self.is_resting else [])]
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Definition:
    """What a node was at a release, for diffs and the catalogue: SQL, meaning, config, documentation."""

    node: str
    sql: str
    body: Mapping[str, object]  # meaning parts, config, metadata, columns, reads, checks; JSON-like

    @property
    def id(self) -> str:
        """Content address."""
        return digest([self.node, self.sql, self.body])


@dataclass(frozen=True, slots=True)
class Release:
    """An immutable record of what an environment pointed to, and how it came about."""

    id: int
    environment: str
    kind: ReleaseKind
    status: ReleaseStatus
    parent: int | None
    created_at: datetime
    author: str = ""
    git_commit: str = ""
    message: str = ""
    run_id: int | None = None
    summary: Mapping[str, object] = field(default_factory=dict)

    @property
    def note(self) -> str:
        """What the warehouse keeps of it: its number, and its moment, for numbers start again in new metadata."""
        return f"{self.id}-{digest([self.id, self.environment, self.kind, self.created_at.isoformat()])}"


@dataclass(frozen=True, slots=True)
class Publication:
    """That readers of an environment began to see a release; remembered for longer than the release itself."""

    release: int
    environment: str
    kind: ReleaseKind
    at: datetime
    parent: int | None  # what they saw before
    author: str
    git_commit: str
    summary: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class ReleaseDraft:
    """What a release is to be, before it is written down and has a number."""

    environment: str
    kind: ReleaseKind
    after: Mapping[str, Pointer]  # by node: what the environment will point to
    _: KW_ONLY
    resting: Mapping[str, Pointer] = field(default_factory=dict)  # by node: remembered, and not shown
    definitions: Iterable[Definition] = ()
    builds: tuple[Build, ...] = ()  # those that come with it, and were not remembered before
    parent: int | None = None
    author: str = ""
    git_commit: str = ""
    message: str = ""
    run_id: int | None = None
    summary: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Environment:
    """A name, and the release its readers see."""

    name: str
    live_release: int | None
    base: str = ""  # the environment it was created from
    created_at: datetime | None = None
    purpose: Literal["", "refused"] = ""  # "refused": kept candidates of a release that the gate refused


@dataclass(frozen=True, slots=True)
class Rereading:
    """A source that is read again although its token says that nothing arrived: it may be mended in place."""

    source: str
    token: str  # what it said of itself
    salt: str  # what makes it count as moved, for as long as it says the same


@dataclass(frozen=True, slots=True)
class Place:
    """Where a store's releases are: a target of the profile, and what it stands for."""

    target: str
    database: str
    where: str  # a file or a host; empty when the profile names neither
    schema: str

    def __str__(self) -> str:
        where = f" in {self.where}" if self.where else ""
        return f"database {self.database}{where}, schema {self.schema}"

    def is_same_as(self, other: Place) -> bool:
        """Whether both are one place, under whichever target."""
        return (self.database, self.where, self.schema) == (other.database, other.where, other.schema)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check said of the builds it looked at."""

    check: str  # unique id of the check in the project
    check_hash: str  # hash of the check's own definition
    builds: tuple[str, ...]  # keys of the builds it read, in the order of the check's inputs
    status: VerdictStatus
    failures: int
    message: str = ""
    sample: tuple[Mapping[str, object], ...] = ()  # up to 20 offending rows, values as text
    duration_s: float = 0.0
    at: datetime | None = None
    cached: bool = False
    is_unasked: bool = False  # the warehouse or the network failed first: nobody knows
    lasts: bool = False  # the answer is the same as long as the builds are: it reads no clock, and nothing unknown

    @property
    def id(self) -> str:
        """Under which it is remembered."""
        return verdict_id(self.check_hash, self.builds)

    @property
    def is_no(self) -> bool:
        """Whether the check keeps readers from what it looked at; one that nobody could ask says nothing."""
        return self.status in ("fail", "error") and not self.is_unasked


def verdict_id(check_hash: str, builds: Sequence[str]) -> str:
    """Under which a verdict is remembered: the check by its hash, on builds by their keys."""
    return digest([check_hash, list(builds)])


@dataclass(frozen=True, slots=True)
class Run:
    """One execution of a verb that builds or publishes."""

    id: int
    verb: str
    environment: str
    status: RunStatus
    started_at: datetime
    finished_at: datetime | None = None
    pid: int = 0
    summary: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StepRecord:
    """What became of one node in a run."""

    run_id: int
    node: str
    action: str  # build, reuse, publish, drop, skip
    status: str  # done, failed, blocked, skipped
    started_at: datetime
    duration_s: float
    message: str = ""
    build_key: str = ""
    rows: int | None = None
