"""Compares a build that was read with the one that would be read now: in what its reader reads of it, each pair once.

A table that was made stays what it was, so equal now is equal then; so does a view over nothing but such tables. Any
other view shows other rows tomorrow: that two of them are equal now says nothing about the code behind them. A stored
table may stay all the same where three things hold: it was made in the very run that looked at the view it read, so
those are the rows that went into it; the new view shows these rows now; and so does the old one, so nothing came in
between.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from typing import TypeVar

from dryland.build.contents import Held, held
from dryland.build.earlier_reading import EarlierReading
from dryland.build.job import Job, relation_of
from dryland.check.scanning.scan import content_hash
from dryland.engines.protocol import Session
from dryland.engines.relation import Column, Relation
from dryland.sql.meaning import WHOLE, reads_of
from dryland.state.records import Build, Profile
from dryland.values import dataclass

T = TypeVar("T")
COLLATE = re.compile(r"\bcollate\b", re.IGNORECASE)
EXACT = ("nulls", "min", "max")  # measures that are another number only where the values are others


@dataclass(frozen=True, slots=True)
class Looked:
    """Who reads what, and the builds that may be the same to it."""

    reader: Build
    then: Build
    now: Build
    columns: frozenset[str]  # in lower case; WHOLE among them when anything may count


@dataclass(slots=True)
class Comparing:
    """What was found so far. Safe to use from several threads: who wants to know what another asks waits for it."""

    job: Job
    earlier: EarlierReading
    standing: frozenset[Relation]
    profiles: dict[str, Profile] = field(default_factory=dict)  # by key: of what this run came to
    _changing: threading.Lock = field(default_factory=threading.Lock)
    _asking: dict[tuple[str, ...], threading.Lock] = field(default_factory=dict)
    _found: dict[tuple[str, ...], object] = field(default_factory=dict)
    _read: Mapping[str, frozenset[str]] | None = None

    def is_same(self, looked: Looked, session: Session) -> bool:
        """Whether the reader finds now what it found then."""
        if looked.then.key == looked.now.key:
            return True
        if relation_of(self.job, looked.then) not in self.standing or self.may_collate(session):
            return False
        if looked.then.is_fixed and looked.now.is_fixed:
            return self._is_same_for_good(looked, session)
        return "nothing" not in (looked.then.kind, looked.now.kind) and self._is_same_today(looked, session)

    def _is_same_for_good(self, looked: Looked, session: Session) -> bool:
        then, now = self.profile(looked.then), self.profile(looked.now)
        if then is None or now is None:
            return False
        if then.content_hash == now.content_hash and looked.then.columns == looked.now.columns:
            return True
        if then.rows != now.rows or WHOLE in looked.columns:
            return False
        return self._is_same_in(looked, then, now, session)

    def _is_same_in(self, looked: Looked, then: Profile, now: Profile, session: Session) -> bool:
        """Of as many rows: whether what is read of them is the same, taken together."""
        both = in_both(looked.then, looked.now)
        if not looked.columns <= both.keys() or any(_is_other(then, now, both[each]) for each in looked.columns):
            return False
        if not looked.columns:
            return True
        pair = (looked.then.key, looked.now.key)
        alike = self.once(("each", *pair), lambda: self._alike(looked, both, session))
        if not looked.columns <= alike or len(looked.columns) == 1:
            return looked.columns <= alike
        together = [both[each] for each in sorted(alike)]
        return self.once(("together", *pair), lambda: self._are_alike(looked, together, session))

    def _alike(self, looked: Looked, both: Mapping[str, Column], session: Session) -> frozenset[str]:
        """Those of the columns that readers read whose values are the same, each for itself."""
        asked = sorted((self._columns_read(looked.then.node) | looked.columns) & both.keys())
        then, now = self._held(looked, [[both[each]] for each in asked], session)
        return frozenset(name for name, *sums in zip(asked, then.sums, now.sums, strict=True) if sums[0] == sums[1])

    def _are_alike(self, looked: Looked, columns: Sequence[Column], session: Session) -> bool:
        then, now = self._held(looked, [columns], session)
        return then == now

    def _held(self, looked: Looked, groups: Sequence[Sequence[Column]], session: Session) -> tuple[Held, ...]:
        asked = [(relation_of(self.job, build), groups) for build in (looked.then, looked.now)]
        return held(session, asked, self.job.engine.dialect)

    def _is_same_today(self, looked: Looked, session: Session) -> bool:
        """Whoever asks for data has it read again: only an edit leaves a table over views as it is."""
        then, now = self.profile(looked.then), self.profile(looked.now)
        if self.job.plan.verb != "apply" or then is None or now is None or not was_seen(looked):
            return False
        if looked.then.columns != looked.now.columns or then.content_hash != now.content_hash:
            return False
        shown = self.once(("now", looked.then.key, looked.now.key), lambda: self._shown(looked, session))
        return shown == (then.content_hash, then.content_hash)

    def _shown(self, looked: Looked, session: Session) -> tuple[str, ...]:
        """What both show at this moment."""
        columns = looked.now.columns
        both = self._held(looked, [[Column(name, kind) for name, kind in columns]], session)
        return tuple(content_hash(columns, each.rows, each.sums[0]) for each in both)

    def may_collate(self, session: Session) -> bool:
        """Whether a column may have a collation of its own: then who reads equal values need not find the same.

        Collations are part of no type, and pass from table to table; so it is asked of all that stands and is made.
        """

        def work() -> bool:
            return session.collates() or any(map(self._writes_collation, self.job.plan.nodes_to("build")))

        return self.once(("collations",), work)

    def _writes_collation(self, unique_id: str) -> bool:
        node, definition = self.job.project.nodes[unique_id], self.job.plan.definitions[unique_id]
        return bool(node.materialization_macro) or bool(COLLATE.search(f"{definition.sql} {node.config}"))

    def profile(self, build: Build) -> Profile | None:
        """What was measured of a build, in this run or when it was made."""
        return self.profiles.get(build.key) or self.earlier.profile(build.key)

    def _columns_read(self, unique_id: str) -> frozenset[str]:
        """What all that the plan builds reads of a node."""
        if self._read is None:
            found: dict[str, set[str]] = {}
            for node in self.job.plan.nodes_to("build"):
                for each, columns in reads_of(self.job.plan.targets[node].meaning).items():
                    found.setdefault(each, set()).update(columns)
            self._read = {each: frozenset(columns) for each, columns in found.items()}
        return self._read.get(unique_id, frozenset())

    def once(self, key: tuple[str, ...], work: Callable[[], T]) -> T:
        """What came of a work under this key before, or what comes of it now."""
        with self._changing:
            asking = self._asking.setdefault(key, threading.Lock())
        with asking:
            if key not in self._found:
                self._found[key] = work()
            return self._found[key]  # type: ignore[return-value]


def was_seen(looked: Looked) -> bool:
    """Whether what was measured of the build that was read is what its reader found in it."""
    then, reader = looked.then, looked.reader
    is_of_one_run = then.run_id is not None and (then.run_id, then.created_at) == (reader.run_id, reader.created_at)
    return then.is_fixed or is_of_one_run  # numbers of runs start again in new metadata


def in_both(then: Build, now: Build) -> dict[str, Column]:
    """Columns of both, by name in lower case: of the same type, and written the same, for readers write it so."""
    before, after = _by_name(then), _by_name(now)
    return {name: column for name, column in after.items() if before.get(name) == column}


def _by_name(build: Build) -> dict[str, Column]:
    """Columns; names that only upper case tells apart are left out."""
    folded = [name.lower() for name, _ in build.columns]
    return {name.lower(): Column(name, kind) for name, kind in build.columns if folded.count(name.lower()) == 1}


def _is_other(then: Profile, now: Profile, column: Column) -> bool:
    """Whether what was measured tells already that a column holds other values."""
    before, after = then.columns.get(column.name, {}), now.columns.get(column.name, {})
    return any(before[each] != after[each] for each in EXACT if each in before and each in after)
