"""Tells what is asked of a table already, in whichever words: by tests of dbt or packages, contracts, or ours."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator

from dryland.diff.keys import keys_of
from dryland.project.nodes import Node
from dryland.project.project import Project
from dryland.suggest.proposal import Proposal

TOPICS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile("accepted_values|in_set|distinct_values"), "values"),
    (re.compile("accepted_range|between|positive|negative"), "range"),
    (re.compile("length"), "length"),
    (re.compile("regex|like|email|uuid|parseable|format"), "format"),
    (re.compile("not_null|not_be_null|null_proportion"), "not_null"),
    (re.compile("recency|freshness|recent_data"), "recency"),
    (re.compile("row_count|at_least_one"), "row_count"),
    (re.compile("volume|anomal"), "volume"),
    (re.compile("relationship|other_table|foreign_key"), "relationships"),
    (re.compile("unique"), "unique"),
)
"""Parts of names of checks, and what such a check is about; the first that fits counts."""


def topic_of(kind: str) -> str:
    """What a check is about, by its name.

    >>> topic_of("dbt_expectations.expect_column_values_to_be_between"), topic_of("dbt_utils.accepted_range")
    ('range', 'range')
    >>> topic_of("not_null"), topic_of("every_flight_is_counted_once")
    ('not_null', 'every_flight_is_counted_once')
    """
    name = kind.rpartition(".")[2]
    if name.endswith("lengths_between") or "value_length" in name:
        return "length"
    return next((topic for pattern, topic in TOPICS if pattern.search(name)), name)


class Already:
    """What is asked of one node."""

    def __init__(self, project: Project, node: Node, columns: Collection[str]) -> None:
        own = [check for check in project.checks.values() if check.node == node.unique_id]
        self.keys = tuple(keys_of(project, node.unique_id, columns))
        self._asked = {(topic_of(check.kind), check.column.lower()) for check in own}
        self._asked |= {(topic, column.lower()) for topic, column in _of_constraints(node)}
        self._asked |= {("unique", key[0].lower()) for key in self.keys if len(key) == 1}
        self._conditions = {_squeezed(str(check.arguments.get("expression"))) for check in own}

    def has(self, proposal: Proposal) -> bool:
        """Whether nothing new would be asked."""
        if proposal.check == "expression_is_true":
            return _squeezed(str(proposal.arguments["expression"])) in self._conditions
        if proposal.check == "unique" and not proposal.column:
            names = {str(name).lower() for name in proposal.arguments["columns"]}
            return any({name.lower() for name in key} <= names for key in self.keys)
        return (topic_of(proposal.check), proposal.column.lower()) in self._asked


def _of_constraints(node: Node) -> Iterator[tuple[str, str]]:
    """What dbt's contract has the table keep."""
    for column in node.columns:
        for constraint in column.constraints:
            yield from ((topic, column.name) for topic in _topics(str(constraint.get("type"))))
    for constraint in node.constraints:
        listed = constraint.get("columns")
        for name in listed if isinstance(listed, Iterable) and not isinstance(listed, str) else ():
            if constraint.get("type") in ("not_null", "primary_key"):
                yield "not_null", str(name)


def _topics(constraint: str) -> tuple[str, ...]:
    return {"not_null": ("not_null",), "unique": ("unique",), "primary_key": ("not_null", "unique"),
            "foreign_key": ("relationships",)}.get(constraint, ())  # fmt: skip


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text).lower()
