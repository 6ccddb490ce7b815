"""Collects what stands in the way of a translation, while rules look at one part of a query after the other."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlglot import exp

from dryland.translation.problem import Problem


@dataclass
class Notes:
    """The problems of one text."""

    written: str  # the dialect in which the text is written
    problems: list[Problem] = field(default_factory=list)

    def say(self, node: exp.Expr, what: str, hint: str = "") -> None:
        """Note that a part cannot be translated."""
        near = node.sql(dialect=self.written, comments=False)
        shown = near if len(near) <= 60 else f"{near[:57]}..."
        problem = Problem(f"{what} (`{shown}`).", hint, near)
        if problem not in self.problems:
            self.problems.append(problem)
