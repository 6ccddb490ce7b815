"""Joins the rows of differing buckets by key: which were added, which removed, which changed, and in which columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field

from sqlglot import exp

from dryland.diff.both_sides import BothSides
from dryland.diff.buckets import buckets_of, in_batch
from dryland.diff.dialects import total
from dryland.diff.difference import Example
from dryland.diff.scratch import PAIRS
from dryland.diff.side import short
from dryland.values import dataclass

BEFORE_HASH, AFTER_HASH = "before_hash", "after_hash"
COLUMNS_AT_ONCE = 100  # in one query


@dataclass
class Found:
    """What all batches so far have found."""

    added: int = 0
    removed: int = 0
    changed: int = 0
    changes: dict[int, int] = field(default_factory=dict)  # place of a column -> rows in which it changed
    examples: dict[int, list[Example]] = field(default_factory=dict)
    examples_added: list[Example] = field(default_factory=list)
    examples_removed: list[Example] = field(default_factory=list)


class RepeatedKeyError(Exception):
    """A key stands for several rows: joining by it says nothing. Never leaves this room."""


@dataclass(frozen=True, slots=True)
class Joining(BothSides):
    """Both sides, to be joined batch by batch."""

    def read(self, batch: int, found: Found) -> None:
        """Join one batch, and add what differs.

        Raises:
            RepeatedKeyError: the key is not one.
        """
        self.scratch.make(PAIRS, self._joined(batch))
        self._verify_key(batch)
        self._count(found)
        self._count_columns(found)
        self._show(found)

    def verify_uncrowded(self) -> None:
        """Look whether a key repeats before a join by it would take forever.

        Raises:
            RepeatedKeyError: it does.
        """
        if self.buckets.crowded is None:
            return
        where = exp.EQ(this=exp.column("bucket"), expression=exp.Literal.number(self.buckets.crowded))
        for is_after in (False, True):
            rows = self.rows(where, is_after=is_after).subquery("crowded")
            self._verify_single(exp.select("1").from_(rows), [exp.column(short("c", at)) for at in self.shape.key])

    def _joined(self, batch: int) -> exp.Select:
        """The pairs that differ: `b0`, ... of before and `a0`, ... of after; a side that is absent is null."""
        places = range(len(self.shape.pairs))
        where = in_batch(self.scratch, batch)
        ours = [exp.column(short("c", at), table="ours").as_(short("b", at)) for at in places]
        theirs = [exp.column(short("c", at), table="theirs").as_(short("a", at)) for at in places]
        hashes = [exp.column("row_hash", table=side) for side in ("ours", "theirs")]
        named = [hashes[0].as_(BEFORE_HASH), hashes[1].as_(AFTER_HASH)]
        keys = (exp.NullSafeEQ(this=ours[at].this.copy(), expression=theirs[at].this.copy()) for at in self.shape.key)
        return (
            exp.select(*ours, *theirs, *named)
            .from_(self.rows(where, is_after=False).subquery("ours"))
            .join(
                self.rows(where, is_after=True).subquery("theirs"),
                on=exp.and_(*keys), join_type="full outer",
            )
            .where(exp.NullSafeNEQ(this=hashes[0].copy(), expression=hashes[1].copy()))
        )  # fmt: skip

    def _verify_key(self, batch: int) -> None:
        """Without the pairs, both sides must hold the same rows, and no key may stand in two pairs.

        A key that repeats is joined with each of its rows, so one of the two is not so: rows would be taken away more
        often than they are there, or a key would have several pairs. That is told by sums that are known anyway.
        """
        pairs = [total(exp.column(name), self.scratch.dialect) for name in (BEFORE_HASH, AFTER_HASH)]
        sides = [exp.Sum(this=exp.column(name)) for name in ("content_before", "content_after")]
        taken = self.scratch.fetch(exp.select(*pairs).from_(PAIRS)).rows[0]
        held = self.scratch.fetch(buckets_of(batch, *sides)).rows[0]
        if held[0] - taken[0] != held[1] - taken[1]:
            raise RepeatedKeyError
        self._verify_single(exp.select("1").from_(PAIRS), self._key())

    def _verify_single(self, rows: exp.Select, key: Sequence[exp.Expr]) -> None:
        many = exp.GT(this=exp.Count(this=exp.Star()), expression=exp.Literal.number(1))
        if self.scratch.fetch(rows.group_by(*key).having(many).limit(1)).rows:
            raise RepeatedKeyError

    def _count(self, found: Found) -> None:
        kinds = (_is_added(), _is_removed(), _is_changed())
        counted = self.scratch.fetch(exp.select(*(exp.CountIf(this=kind) for kind in kinds)).from_(PAIRS)).rows[0]
        added, removed, changed = (int(count or 0) for count in counted)
        found.added += added
        found.removed += removed
        found.changed += changed

    def _count_columns(self, found: Found) -> None:
        values = self.shape.values
        for start in range(0, len(values), COLUMNS_AT_ONCE):
            places = values[start : start + COLUMNS_AT_ONCE]
            counts = exp.select(*(exp.CountIf(this=_has_changed(at)) for at in places)).from_(PAIRS)
            for at, count in zip(places, self.scratch.fetch(counts.where(_is_changed())).rows[0], strict=True):
                found.changes[at] = found.changes.get(at, 0) + int(count or 0)

    def _show(self, found: Found) -> None:
        """A few examples of each kind, while there are not enough."""
        if found.added:
            self._add(found.examples_added, range(len(self.shape.pairs)), _is_added(), "a")
        if found.removed:
            self._add(found.examples_removed, range(len(self.shape.pairs)), _is_removed(), "b")
        for at in (at for at, count in found.changes.items() if count):
            self._add_changes(found.examples.setdefault(at, []), at)

    def _add(self, examples: list[Example], places: Sequence[int], kind: exp.Expr, prefix: str) -> None:
        wanted = self.cells.examples_max - len(examples)
        if wanted > 0:
            shown = [self.cells.column(exp.column(short(prefix, at)), at) for at in self.cells.chosen(places)]
            query = exp.select(*shown).from_(PAIRS).where(kind).order_by(*self._key()).limit(wanted)
            examples += [Example(self.cells.row(row, places)) for row in self.scratch.fetch(query).rows]

    def _add_changes(self, examples: list[Example], at: int) -> None:
        wanted = self.cells.examples_max - len(examples)
        if wanted <= 0:
            return
        key = [self.cells.column(exp.column(short("a", place)), place) for place in self.cells.chosen(self.shape.key)]
        values = [self.cells.column(exp.column(short(prefix, at)), at) for prefix in ("b", "a")]
        query = exp.select(*key, *values).from_(PAIRS).where(_is_changed(), _has_changed(at)).order_by(*self._key())
        for *found, before, after in self.scratch.fetch(query.limit(wanted)).rows:
            shown = self.cells.row(tuple(found), self.shape.key)
            examples.append(Example(shown, *self.cells.two(before, after, at)))

    def _key(self) -> list[exp.Expr]:
        """The key of a pair, from the side that has it."""
        return [exp.func("COALESCE", exp.column(short("a", at)), exp.column(short("b", at))) for at in self.shape.key]


def _is_added() -> exp.Expr:
    return exp.column(BEFORE_HASH).is_(exp.null())


def _is_removed() -> exp.Expr:
    return exp.column(AFTER_HASH).is_(exp.null())


def _is_changed() -> exp.Expr:
    return exp.and_(*(exp.column(name).is_(exp.null()).not_() for name in (BEFORE_HASH, AFTER_HASH)))


def _has_changed(at: int) -> exp.Expr:
    return exp.NullSafeNEQ(this=exp.column(short("b", at)), expression=exp.column(short("a", at)))
