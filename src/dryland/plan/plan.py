"""Defines the plan: what would change, why, who is hit, and the steps that would do it.

The executor, `--explain` and JSON output all read this same value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Literal

from dryland.engines.relation import Relation
from dryland.project.batches import Window
from dryland.project.untranslated import Untranslated
from dryland.sql.meaning import Meaning
from dryland.state.records import Definition, Rereading, Versions
from dryland.values import dataclass

ChangeKind = Literal["added", "changed", "removed", "rebuilt", "moved", "renamed"]
Category = Literal["breaking", "non_breaking", "metadata", ""]
Verb = Literal["apply", "run"]  # what moves an environment: `apply` releases code, `run` refreshes data
Action = Literal["build", "reuse", "publish", "drop"]


@dataclass(frozen=True, slots=True)
class Change:
    """One node that is not as it was, and who is hit by that.

    `added`, `changed` (its own code or documentation), `removed`, `rebuilt` (its code is the same, an input it
    reads changed), `moved` (a refresh: the data of a source behind it moved), `renamed` (same build, other name).
    """

    node: str
    change: ChangeKind
    category: Category = ""
    reason: str = ""
    columns_added: tuple[str, ...] = ()
    columns_removed: tuple[str, ...] = ()
    columns_altered: tuple[str, ...] = ()
    rows_altered: bool = False
    readers: tuple[str, ...] = ()  # unique ids of nodes that read what changed, direct and indirect
    reader_columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # reader -> its columns that are hit
    exposures: tuple[str, ...] = ()
    others: tuple[str, ...] = ()  # views of others in the warehouse that read what readers see of it
    name_before: str = ""  # under which readers found it, if they will not any more
    name_after: str = ""
    sql_before: str = ""
    sql_after: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do to one node; steps come in an order in which they can be done."""

    node: str
    action: Action
    reason: str
    key: str = ""  # expected; the table that readers see may stay instead
    relation: Relation | None = None  # the published name, for publish and drop


@dataclass(frozen=True, slots=True)
class Target:
    """What a node is to become: expected versions, and the definition that will be recorded."""

    node: str
    code: Versions
    data: Versions
    config_hash: str
    definition: str
    meaning: Meaning
    base_key: str = ""  # the generation that an incremental node grows from; empty starts from nothing
    salt: str = ""  # what stands in its data versions for the clock and the like; see `plan.salt`


@dataclass(frozen=True, slots=True)
class Plan:
    """What would happen to one environment."""

    environment: str
    verb: Verb
    changes: tuple[Change, ...] = ()
    steps: tuple[Step, ...] = ()
    targets: Mapping[str, Target] = field(default_factory=dict)  # every node that will be in the environment
    checks: tuple[str, ...] = ()  # unique ids of the checks that the gate will need
    in_the_way: tuple[Relation, ...] = ()  # somebody else's objects at names we would publish
    torn: tuple[str, ...] = ()  # what somebody else's views would be torn from, and therefore is not released
    definitions: Mapping[str, Definition] = field(default_factory=dict)  # by node; what will be recorded
    source_versions: Mapping[str, Versions] = field(default_factory=dict)  # of all that is read from outside
    rereadings: tuple[Rereading, ...] = ()  # sources that are read again although they say that nothing arrived
    parent: int | None = None  # the release that was live when this was planned
    untranslated: tuple[Untranslated, ...] = ()  # what keeps it from being carried out: there are no words for it
    notes: tuple[str, ...] = ()  # things to know: live views, opaque queries, moved sources
    only: frozenset[str] | None = None  # the nodes that were selected; None for all
    full_refresh: bool = False  # whether incremental nodes were asked to start again
    window: Window | None = None  # of event time: the batches that microbatch models were asked to make

    @property
    def is_empty(self) -> bool:
        """Nothing to build and nothing to publish or drop."""
        return all(step.action == "reuse" for step in self.steps)

    def nodes_to(self, action: Action) -> tuple[str, ...]:
        """The nodes with this action, in step order."""
        return tuple(step.node for step in self.steps if step.action == action)
