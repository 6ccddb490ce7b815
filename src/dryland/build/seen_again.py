"""Compares a build that was read with the one that would be read now in what its reader's query sees of it.

An input came out otherwise, and its reader's condition leaves out every row that did; or it is joined by a key that the
other side does not have. All is asked in one statement, and so at one moment: of a table that is for good, and of a
view together with whether it still shows what was measured of it in the run that made the reader.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlglot import exp

from dryland.build.comparing import Looked, in_both, was_seen
from dryland.build.job import relation_of
from dryland.build.portion_question import Answer, Question, answers, of_all, of_portion, written
from dryland.check.dialects import family
from dryland.check.scanning.scan import content_hash
from dryland.engines.protocol import Session
from dryland.engines.relation import Column, Relation
from dryland.errors import QueryError, SqlError
from dryland.plan.compose import inlined
from dryland.project.nodes import Node
from dryland.sql.analyse import understood
from dryland.sql.portion import Aggregate, Match, Portion
from dryland.sql.portions import portions
from dryland.state.records import Build
from dryland.values import dataclass

if TYPE_CHECKING:
    from dryland.build.obtain import Stock

NARROWING = re.compile(r"\b(where|join|count|max|min|sum)\b", re.IGNORECASE)  # without these all of it is seen
ORDERED = ("number", "moment", "text", "boolean")  # families of types of which a text tells values apart
FEW = 200_000  # rows that are compared within about the time that a table takes to be made, measured and published
INEXACT = ("FLOAT", "DOUBLE", "REAL")  # of these types a sum depends on the order of the rows


@dataclass(frozen=True, slots=True)
class Seeing:
    """A reader whose table may stay, and what it was made of beside what it would be made of now."""

    node: Node
    inputs: Mapping[str, Looked]  # by node
    stock: Stock

    def is_again(self, looked: Looked, session: Session) -> bool:
        """Whether the reader's query finds in an input what it found then; False where nobody can tell."""
        both = in_both(looked.then, looked.now)
        found = portions_of(self.node, self.stock).get(looked.then.node) if self._can_be_asked(looked) else None
        if not found or not all(_names(each) <= both.keys() and _is_exact(each, both) for each in found):
            return False
        asked = [self._answerable(each) for each in sorted(found, key=repr)]
        if any(_is_whole(each, looked.columns) for each in asked):
            return False  # as a whole it was compared already
        if not self._is_worth_asking(looked, asked) or self.stock.comparing.may_collate(session):
            return False
        pairs = [self._question(build, each, both) for each in asked for build in (looked.then, looked.now)]
        live = self._live(looked, asked)
        statement = written([*pairs, *map(self._all_of, live)], self.stock.job.engine.dialect)
        told = self.stock.comparing.once(("seen", statement), lambda: _asked(session, statement))
        is_same = all(told[at] == told[at + 1] for at in range(0, len(pairs) if told else 0, 2))
        return bool(told) and is_same and all(map(self._shows, live, told[len(pairs) :]))

    def _can_be_asked(self, looked: Looked) -> bool:
        """Whether what the reader found then can still be found out."""
        kinds, job = (looked.then.kind, looked.now.kind), self.stock.job
        if "nothing" in kinds or relation_of(job, looked.then) not in self.stock.standing:
            return False
        if looked.then.is_fixed and looked.now.is_fixed:
            return True
        is_known = was_seen(looked) and self.stock.comparing.profile(looked.then) is not None
        return is_known and job.plan.verb == "apply"  # whoever asks for data has it read again

    def _answerable(self, portion: Portion) -> Portion:
        """Without keys of inputs that are not what they were: those say nothing of the rows that counted then."""
        return replace(portion, matches=frozenset(filter(self._is_as_it_was, portion.matches)))

    def _is_as_it_was(self, match: Match) -> bool:
        other = self.inputs.get(match.unique_id)
        candidate = self.stock.candidates.get(match.unique_id)
        if other is None or other.then.key != other.now.key or (candidate is not None and candidate.made):
            return False
        return match.other.lower() in in_both(other.now, other.now) and self._can_be_asked(other)

    def _is_worth_asking(self, looked: Looked, asked: Sequence[Portion]) -> bool:
        """Whether to compare takes no more rows than to build; of few rows, what else belongs to a build takes more."""
        joined = {match.unique_id for each in asked for match in each.matches}
        compared = self._rows(looked.then) + self._rows(looked.now)
        compared += 2 * sum(self._rows(self.inputs[each].now) for each in joined)
        made = sum(self._rows(each.now) for each in self.inputs.values()) + 2 * self._rows(looked.reader)
        return compared <= max(FEW, made)

    def _rows(self, build: Build) -> int:
        profile = self.stock.comparing.profile(build)
        return profile.rows if profile is not None else 0

    def _question(self, build: Build, portion: Portion, both: Mapping[str, Column]) -> Question:
        others = {match: self._key(match) for match in portion.matches}
        return of_portion(self._relation(build), portion, both, others, self.stock.job.engine.dialect)

    def _key(self, match: Match) -> tuple[Relation, Column]:
        build = self.inputs[match.unique_id].now
        return self._relation(build), in_both(build, build)[match.other.lower()]

    def _live(self, looked: Looked, asked: Sequence[Portion]) -> list[Build]:
        """Views that may show other rows than then."""
        others = sorted({match.unique_id for each in asked for match in each.matches})
        return [each for each in (looked.then, *(self.inputs[one].then for one in others)) if not each.is_fixed]

    def _all_of(self, build: Build) -> Question:
        columns = [Column(name, kind) for name, kind in build.columns]
        return of_all(self._relation(build), columns, self.stock.job.engine.dialect)

    def _shows(self, build: Build, told: Answer) -> bool:
        """Whether a view shows what was measured of it."""
        profile = self.stock.comparing.profile(build)
        rows, content = int(told[0] or 0), told[1]
        return profile is not None and content_hash(build.columns, rows, content) == profile.content_hash

    def _relation(self, build: Build) -> Relation:
        return relation_of(self.stock.job, build)


def portions_of(node: Node, stock: Stock) -> Mapping[str, frozenset[Portion]]:
    """What a node's query sees of its inputs; nothing where it is made of more than this query."""
    return stock.comparing.once(("portions", node.unique_id), lambda: _portions(node, stock))


def _portions(node: Node, stock: Stock) -> Mapping[str, frozenset[Portion]]:
    job = stock.job
    dialect, meaning = job.engine.dialect, job.plan.targets[node.unique_id].meaning
    if node.language != "sql" or node.kind != "model" or meaning.columns is None or meaning.volatile:
        return {}
    if node.pre_hooks or node.config.get("sql_header"):
        return {}  # for the session as these set it, a condition may be true of other rows
    sql, relations = inlined(node.rendered, job.project, dialect, is_still=True)
    if not NARROWING.search(sql):
        return {}
    known = {unique_id: _known_columns(unique_id, stock) for unique_id in relations.values()}
    try:
        query = understood(sql, dialect, relations=relations, schemas=known)
    except SqlError:
        return {}
    is_all = query.meaning == meaning  # else hooks, a macro, or another form of the query have their part in it
    return portions(query) if is_all else {}


def _known_columns(unique_id: str, stock: Stock) -> tuple[str, ...] | None:
    """As the plan knows them."""
    targets = stock.job.plan.targets
    if unique_id in targets:
        columns = targets[unique_id].meaning.columns
        return tuple(columns) if columns is not None else None
    columns_of_source = stock.job.source_columns.get(unique_id)
    return None if columns_of_source is None else tuple(column.name for column in columns_of_source)


def _names(portion: Portion) -> frozenset[str]:
    """The columns that it takes to ask for a portion, in lower case."""
    of_conditions = (each.name for part in portion.conditions for each in part.tree.find_all(exp.Column))
    of_totals = (each.column for each in portion.aggregates or () if each.column)
    of_matches = (each.column for each in portion.matches)
    return frozenset(each.lower() for each in (*portion.columns, *of_conditions, *of_totals, *of_matches))


def _is_exact(portion: Portion, columns: Mapping[str, Column]) -> bool:
    """Whether equal rows have equal aggregates, and the texts of those tell them apart."""
    totals = (each for each in portion.aggregates or () if each.column)
    return all(_is_told_apart(each, columns[each.column.lower()].type) for each in totals)


def _is_told_apart(aggregate: Aggregate, kind: str) -> bool:
    if aggregate.name == "sum":
        return family(kind) == "number" and not kind.upper().startswith(INEXACT)
    return aggregate.name == "count" or family(kind) in ORDERED


def _is_whole(portion: Portion, columns: frozenset[str]) -> bool:
    is_narrow = portion.conditions or portion.matches or portion.aggregates
    return not is_narrow and portion.columns >= columns


def _asked(session: Session, statement: str) -> list[Answer]:
    """What the warehouse says; nothing where it cannot: a condition may fail on rows that the reader never saw."""
    try:
        with session.attempt():
            return answers(session, statement)
    except QueryError:
        return []
