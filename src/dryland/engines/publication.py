"""Defines what one publication changes for readers."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import field

from dryland.engines.relation import Relation
from dryland.values import dataclass


@dataclass(frozen=True, slots=True)
class Comments:
    """What the warehouse tells readers of a published name, and of its columns."""

    relation: str = ""  # empty: nothing
    columns: Mapping[str, str] = field(default_factory=dict)  # those that the view does not have are passed over


Grants = Mapping[str, Collection[str]]
"""Privilege -> the roles that have it, and nobody else has any; `public` is everybody."""


@dataclass(frozen=True, slots=True)
class Publication:
    """Everything one publish changes for readers, done in one transaction.

    Where the warehouse cannot write several databases in one, names in others than the engine's own follow, each
    database in a transaction of its own; `Engine.complete` does them again after a crash.
    """

    environment: str
    release: str  # whatever tells it from all others, as the caller likes to write it
    views: Mapping[Relation, Relation]  # name that readers use -> relation in the store
    drops: tuple[Relation, ...] = ()  # published views that go away
    moves: Mapping[Relation, Relation] = field(default_factory=dict)  # somebody else's object -> its place in the store
    returns: Mapping[Relation, Relation] = field(default_factory=dict)  # and back, as exactly what it was
    comments: Mapping[Relation, Comments] = field(default_factory=dict)  # on some of `views`; the others have none
    grants: Mapping[Relation, Grants] = field(default_factory=dict)  # of some of `views`; others keep theirs
    revokes: Mapping[Relation, Grants] = field(default_factory=dict)  # granted before on some of `views`, and not now
    fence: int = 0  # of the lease under which it is published; the warehouse refuses a smaller one than it noted
