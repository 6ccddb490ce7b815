"""Asks for terms of one table wherever they are answered with the least work, each once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field
from typing import Any

from sqlglot import exp

from dryland.check.dialects import WORDS
from dryland.check.scanning.few_values import few_valued, over_values, sole_column, values_of
from dryland.check.scanning.known import Known
from dryland.check.scanning.long_lists import looked_up
from dryland.check.writing import render_sql
from dryland.engines.protocol import Session
from dryland.engines.relation import Column
from dryland.values import dataclass


@dataclass(frozen=True, slots=True)
class Looking:
    """What there is to be asked, and what has been said.

    Trees are told apart by identity: SQL of the team's own is equal for sqlglot where it differs in upper case.
    """

    session: Session
    columns: tuple[Column, ...]
    known: Known
    table: exp.Table
    dialect: str
    few: frozenset[str] = frozenset()  # columns, in lower case, of which terms are asked of their values
    said: dict[int, Any] = field(default_factory=dict)

    def at_few(self, terms: Iterable[exp.Expr], *, profile: bool) -> Looking:
        """The same, having seen what will be asked."""
        few = few_valued(self.columns, list(terms), self.known, profile=profile)
        return Looking(self.session, self.columns, self.known, self.table, self.dialect, few)

    def is_cheap(self, term: exp.Expr) -> bool:
        """Whether it takes no look at the rows."""
        return self.known.answers(term) or self._of_values(term) is not None

    def ask_cheaply(self, terms: Iterable[exp.Expr]) -> None:
        """Answer those that what is written down answers, and those of the values of columns that have few."""
        at_once: dict[int, exp.Expr] = {}
        by_column: dict[str, dict[int, exp.Expr]] = {}
        for term in terms:
            if self.known.answers(term):
                at_once[id(term)] = term
            elif (weighed := self._of_values(term)) is not None:
                by_column.setdefault(sole_column(term), {})[id(term)] = weighed
        columns = {column.name.lower(): column for column in self.columns}
        for name, group in by_column.items():
            self._ask(group, values_of(columns[name], self.table, self.dialect))
        if at_once:
            self._fetch(*_over_aggregates(at_once, self.table))

    def ask(self, terms: Iterable[exp.Expr]) -> None:
        """Answer in one scan all of which nothing is said yet."""
        self._ask({id(term): term for term in terms if id(term) not in self.said}, self.table)

    def has_said(self, term: exp.Expr) -> bool:
        """Whether a term was asked."""
        return id(term) in self.said

    def says(self, term: exp.Expr) -> Any:
        """The value of a term; None where it has none, or was not asked."""
        return self.said.get(id(term))

    def _of_values(self, term: exp.Expr) -> exp.Expr | None:
        name = sole_column(term) if self.few else ""
        return over_values(term, name, self.table) if name in self.few else None

    def _ask(self, terms: Mapping[int, exp.Expr], source: exp.Expr) -> None:
        """One row is given, whatever the terms are and whatever is there: rows are counted beside them."""
        most = WORDS[self.dialect].terms_max
        if most and len(terms) > most:
            listed = list(terms.items())
            for start in range(0, len(listed), most):
                self._ask(dict(listed[start : start + most]), source)
        elif terms:
            counted = [*(looked_up(term, self.columns) for term in terms.values()), exp.Count(this=exp.Star())]
            self._fetch(terms, exp.Select(expressions=counted).from_(source, copy=False))

    def _fetch(self, terms: Iterable[int], query: exp.Query) -> None:
        self.said.update(zip(terms, self.session.fetch(render_sql(query, self.dialect)).rows[0], strict=False))


def _numbered(terms: Iterable[exp.Expr]) -> list[exp.Expr]:
    return [exp.alias_(term, f"c{number}") for number, term in enumerate(terms)]


def _over_aggregates(terms: Mapping[int, exp.Expr], table: exp.Table) -> tuple[Iterable[int], exp.Query]:
    """Terms over a query for the aggregates in them, for TRY takes values only."""
    names: dict[exp.Expr, str] = {}

    def named(tree: exp.Expr) -> exp.Expr:
        if not isinstance(tree, exp.AggFunc):
            return tree
        return exp.column(names.setdefault(tree.copy(), f"a{len(names)}"))

    over = _numbered([term.transform(named) for term in terms.values()])
    known = exp.select(*(exp.alias_(aggregate, name) for aggregate, name in names.items())).from_(table.copy())
    return terms, exp.select(*over).from_(known.subquery("written"))
