"""Translates what is known only when it is used: templates that are rendered late, and the questions that they ask."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import sqlglot
from sqlglot import exp

from dryland.errors import SqlError
from dryland.project.nodes import Node, Place, Rendered
from dryland.translation.desk import Desk
from dryland.translation.other_sql import in_words_of
from dryland.translation.query import translated
from dryland.values import dataclass

THIS = "this"


@dataclass(frozen=True, slots=True)
class Late:
    """Says anew, in the words of the warehouse, what is rendered while it is at work."""

    desk: Desk

    def rendered(self, found: Rendered, node: Node | None) -> Rendered:
        """A model, check or hook that was rendered just now.

        Raises:
            SqlError: it has no translation.
        """
        return replace(found, sql=self._said(found.sql, found.relations, node))

    def question(self, sql: str, relations: Mapping[str, str], unique_id: str) -> str:
        """What a template asks.

        Raises:
            SqlError: it has no translation.
        """
        return self._said(sql, relations, self.desk.project.nodes.get(unique_id))

    def _said(self, sql: str, relations: Mapping[str, str], node: Node | None) -> str:
        written = self.desk.written_in(node)
        if self.desk.is_own(written):
            return sql
        if not _is_query(sql, written):
            return in_words_of(sql, written, self.desk.engine.dialect)
        known = {**self.desk.knows(relations.values()), THIS: self.desk.known.get(node.unique_id) if node else None}
        said = translated(sql, written=written, relations=relations, known=known, names_count=False)
        if said.problems:
            first, place = said.problems[0], node.place if node else Place("")
            raise SqlError(
                f"it is not translated: {first.what}", path=place.path or None, line=place.line, hint=first.hint
            )
        return said.sql


def _is_query(sql: str, written: str) -> bool:
    try:
        trees = [tree for tree in sqlglot.parse(sql, dialect=written) if tree is not None]
    except sqlglot.errors.SqlglotError:
        return False
    return len(trees) == 1 and isinstance(trees[0], exp.Query)
