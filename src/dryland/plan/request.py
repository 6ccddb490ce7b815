"""Defines what a plan is made from besides the project: what is deployed, and what is asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from dryland.engines.relation import Column, Found, Relation
from dryland.plan.environment import published_relation
from dryland.plan.plan import Verb
from dryland.plan.remembered import Remembered, done_again
from dryland.project.batches import Window, is_microbatch
from dryland.project.project import Project
from dryland.sql.meaning import Meaning
from dryland.state.records import Build, Definition, Pointer
from dryland.values import dataclass


@dataclass(frozen=True, slots=True)
class Deployed:
    """What stands in one environment, and which builds exist anywhere."""

    environment: str
    pointers: Mapping[str, Pointer] = field(default_factory=dict)
    definitions: Mapping[str, Definition] = field(default_factory=dict)
    builds: Mapping[str, Build] = field(default_factory=dict)
    found: tuple[Found, ...] = ()  # what stands in the schemas that would be published to
    resting: Mapping[str, Pointer] = field(default_factory=dict)  # where what left the project stood
    release: int | None = None  # the live one, whose pointers these are
    is_shown: bool = True  # whether the warehouse shows the release that these pointers are of


@dataclass(frozen=True, slots=True)
class PlanRequest:
    """What is asked, and what was measured for it."""

    verb: Verb = "apply"
    tokens: Mapping[str, str] = field(default_factory=dict)  # source -> token; see `build.sources`
    now: str = ""  # moves what has no token
    volatile_token: str = ""  # "now" at the grain the team set, for volatile functions
    source_columns: Mapping[str, tuple[Column, ...]] = field(default_factory=dict)
    check_hashes: Mapping[str, str] = field(default_factory=dict)  # check -> hash of its definition
    only: frozenset[str] | None = None  # selected nodes; None is all
    read_through: frozenset[str] = frozenset()  # views that selected nodes read: they are refreshed with them
    full_refresh: bool = False
    window: Window | None = None  # of event time: microbatch models that are asked for make these batches
    dialect: str = ""  # of the project's SQL; empty is the plainest
    remembered: Remembered = done_again  # by who asks: what texts of the project come down to

    def includes(self, node: str) -> bool:
        """Whether this node is asked for."""
        return self.only is None or node in self.only or node in self.read_through


@dataclass(frozen=True, slots=True)
class Question:
    """All that a plan is computed from, and the plain facts in it."""

    project: Project
    meanings: Mapping[str, Meaning]
    deployed: Deployed
    request: PlanRequest

    def pointer(self, node: str) -> Pointer | None:
        """Where the node stands now."""
        return self.deployed.pointers.get(node)

    def definition(self, node: str) -> Definition | None:
        """What the node was when it was released."""
        pointer = self.pointer(node)
        return self.deployed.definitions.get(pointer.definition) if pointer else None

    def meaning_before(self, node: str) -> Meaning | None:
        """What the node meant when it was released; None if it was not, or was taken over from somebody else."""
        return _meaning_in(self.definition(node))

    def build(self, node: str) -> Build | None:
        """The build that readers of the node see now."""
        pointer = self.pointer(node)
        return self.deployed.builds.get(pointer.build_key) if pointer else None

    def base(self, node: str) -> Build | None:
        """The build that it would go on from if it grows: the one that readers see, or saw when it left the project."""
        pointer = self.pointer(node) or self.deployed.resting.get(node)
        return self.deployed.builds.get(pointer.build_key) if pointer else None

    def base_meaning(self, node: str) -> Meaning | None:
        """What the rows of that build mean."""
        pointer = self.pointer(node) or self.deployed.resting.get(node)
        definition = self.deployed.definitions.get(pointer.definition) if pointer else None
        return _meaning_in(definition)

    def relation(self, node: str) -> Relation:
        """The name under which the node is published in this environment."""
        prod = self.project.nodes[node].relation
        return published_relation(prod, self.deployed.environment, self.project.settings.default_environment)

    def names(self, nodes: tuple[str, ...], *, shown_max: int = 5) -> str:
        """A few of these nodes by name, and how many more there are."""
        shown = ", ".join(self.project.name_of(node) for node in nodes[:shown_max])
        return f"{shown} and {len(nodes) - shown_max} more" if len(nodes) > shown_max else shown

    def is_incremental(self, node: str) -> bool:
        """Whether its table grows from build to build."""
        return self.project.nodes[node].grows

    def is_from_nothing(self, node: str) -> bool:
        """Whether an incremental node starts again; its own `full_refresh` setting outweighs the command line.

        A snapshot never does: what it remembers is nowhere else.
        """
        if self.project.nodes[node].kind == "snapshot":
            return False
        configured = self.project.nodes[node].config.get("full_refresh")
        return self.request.full_refresh if configured is None else bool(configured)

    def window(self, node: str) -> Window | None:
        """The stretch of event time whose batches are asked for; None when the node is not, or has no batches."""
        is_asked = self.request.includes(node) and is_microbatch(self.project.nodes[node])
        return self.request.window if is_asked else None

    def base_key(self, node: str) -> str:
        """The generation that an incremental build grows from; empty when it starts from nothing."""
        build = self.base(node)
        if build is None or not self.is_incremental(node) or self.is_from_nothing(node):
            return ""
        is_own = bool(self.project.nodes[node].materialization_macro)  # which may make views, and ask what stands
        return build.key if build.kind == "table" or (build.kind == "view" and is_own) else ""


def _meaning_in(definition: Definition | None) -> Meaning | None:
    if definition is None or "meaning" not in definition.body:
        return None
    return Meaning.from_json(definition.body["meaning"])  # type: ignore[arg-type]
