"""Defines what a kind of check is asked, and what it contributes to a scan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from typing import Any

from sqlglot import exp
from sqlglot.dialects import Dialect
from sqlglot.errors import SqlglotError, TokenError
from sqlglot.tokenizer_core import TokenType

from dryland.check.dialects import WORDS
from dryland.engines.relation import Column
from dryland.errors import SqlError
from dryland.project.nodes import Check
from dryland.sql.parse import parse_expression
from dryland.state.records import Profile
from dryland.values import dataclass


@dataclass(frozen=True, slots=True)
class Asked:
    """A check of a known kind, with all that its SQL is made of."""

    check: Check
    table: exp.Table
    dialect: str
    arguments: Mapping[str, Any] = field(default_factory=dict)  # by the kind's own names, each parsed
    columns: tuple[Column, ...] = ()  # the table's; none when nobody knows them
    others: Mapping[str, exp.Table] = field(default_factory=dict)  # unique id -> another table that it refers to
    history: tuple[Profile, ...] = ()  # of the builds that came before, the newest first
    other_columns: Mapping[str, tuple[Column, ...]] = field(default_factory=dict)  # of the other tables

    @property
    def column(self) -> str:
        """The column that it is about; empty when it is about the table."""
        return self.check.column or str(self.arguments.get("column") or "")

    @property
    def value(self) -> exp.Column:
        """The same as a tree."""
        found: exp.Column = exp.column(self.column, quoted=True)
        return found

    @property
    def text(self) -> exp.Expr:
        """The same as a text."""
        text = exp.cast(self.value, "text")
        if "WITH TIME ZONE" not in self.type_of(self.column):
            return text
        # DuckDB 1.5 takes every comparison with such a text for null, and the check would pass
        return exp.paren(exp.DPipe(this=text, expression=exp.Literal.string("")))

    def in_order(self, value: exp.Expr, column: str = "") -> exp.Expr:
        """A value of a column as it is compared with others: texts by their bytes, on every warehouse."""
        return WORDS[self.dialect].compared(value, self.type_of(column or self.column).lower())

    @property
    def number(self) -> exp.Expr:
        """The column as a float; of booleans true is 1."""
        value = exp.cast(self.value, "int") if self.type_of(self.column) == "BOOLEAN" else self.value
        return exp.cast(value, "double")

    @property
    def moment(self) -> exp.Expr:
        """The same as a timestamp, in UTC: no day may begin elsewhere because a clock is set otherwise."""
        return self.moment_of(self.value)

    def moment_of(self, value: exp.Expr) -> exp.Expr:
        """Another value of the column, so."""
        if "WITH TIME ZONE" in self.type_of(self.column):
            return exp.AtTimeZone(this=value, zone=exp.convert("UTC"))
        return exp.cast(value, "timestamp")

    def type_of(self, column: str) -> str:
        """The type of a column of the table, in upper case; empty when nobody knows it."""
        return next((each.type.upper() for each in self.columns if each.name.lower() == column.lower()), "")

    def free_name(self, name: str) -> str:
        """A name that no column of the table has, for what a query puts beside them."""
        taken = {each.name.lower() for each in self.columns}
        while name.lower() in taken:
            name += "_"
        return name

    def named(self, argument: str) -> str:
        """What people call the table that an argument refers to."""
        given = self.check.arguments
        names = (str(given[f"{key}_name"]) for key, value in given.items()
                 if value == self.arguments.get(argument) and f"{key}_name" in given)  # fmt: skip
        return next(names, "the other table")

    @property
    def conditions(self) -> list[exp.Expr]:
        """Which rows it is about: dbt's `where`, and `row_condition`."""
        texts = {"where": self.check.where, "row_condition": self.arguments.get("row_condition")}
        return [self.condition(str(text), word) for word, text in texts.items() if text]

    def condition(self, text: str, word: str) -> exp.Expr:
        """A condition of the team's own, untouched, in parentheses."""
        return exp.Paren(this=self.own_sql(text, f"the `{word}`", form="\n{}\n"))

    def own_sql(self, text: str, what: str, form: str = "{}\n") -> exp.Expr:
        """SQL of the team's own, untouched: the warehouse alone decides what it means, and may refuse this one check.

        It must be closed in itself, or it could change the questions that stand beside it. A line break after it keeps
        a comment at its end from swallowing what follows.

        Raises:
            SqlError: its parentheses or quotes do not close, or it is empty; carries the check's place.
        """
        tokens = _closed(text, self.dialect)
        if not tokens:
            problem, hint = "says nothing", "write SQL that is more than a comment."
            if tokens is None:
                problem, hint = "is not closed in itself", "a parenthesis or a quote is missing."
            raise SqlError(
                f"{what} of {self.check.name} {problem}: {text}", hint=hint,
                path=self.check.place.path, line=self.check.place.line,
            )  # fmt: skip
        return exp.Var(this=form.format(text))

    def expression(self, text: str, word: str) -> exp.Expr:
        """An expression of the team's own, as a tree where it can be read, so that cheaper questions may answer it."""
        untouched = self.condition(text, word)
        try:
            tree = parse_expression(text, self.dialect)
        except SqlglotError:
            return untouched
        if "{#" in text:  # is a comment to the parser, and to no warehouse
            return untouched
        is_plain = isinstance(tree, exp.Condition) and not tree.find(exp.Query, exp.Window, exp.Anonymous)
        return exp.paren(tree) if is_plain else untouched


@dataclass(frozen=True, slots=True)
class Term:
    """How a check is answered: what counts its failures, and a query for what offends.

    Where failures are rows, `offending` is the condition on them, and the count of those may be had cheaper (see
    `check.scanning.cheap`); else `failures` is an aggregate or a scalar subquery.
    """

    sample: exp.Query
    says: tuple[str, str]  # of one and of many, in which the first {n} is the number
    failing: exp.Query | None = None  # dbt's form of the sample, when its columns have names of their own
    offending: exp.Expr | None = None
    failures: exp.Expr | None = None
    unique: exp.Column | None = None  # the column of which no value may be there twice, in all rows

    def of_key(self, column: exp.Column) -> Term:
        """The same, knowing that it asks for no more than that a column is unique."""
        return replace(self, unique=column)


def _closed(text: str, dialect: str) -> int | None:
    """How many words a text has; None when it would change what stands around it."""
    try:
        tokens = Dialect.get_or_raise(dialect).tokenize(text)
    except TokenError:
        return None
    depth = 0
    for token in tokens:
        depth += (token.token_type is TokenType.L_PAREN) - (token.token_type is TokenType.R_PAREN)
        if depth < 0 or token.token_type is TokenType.SEMICOLON:
            return None
    return len(tokens) if depth == 0 else None
