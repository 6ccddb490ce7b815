"""Makes the terms of checks: what their kinds ask, over the relations to look at."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from dryland.check.dialects import NESTED, family
from dryland.check.exact_names import spelt
from dryland.check.given import arguments_of
from dryland.check.kinds.catalogue import kind_of
from dryland.check.kinds.kind import Kind, Of
from dryland.check.request import CheckRequest
from dryland.check.scanning.scan import table_of
from dryland.check.term import Asked, Term
from dryland.errors import SqlError
from dryland.project.nodes import Check

SUITS: Mapping[Of, Callable[[str], bool]] = {
    "anything": lambda kind: True,
    "text": lambda kind: not kind.endswith("]") and not kind.startswith((*NESTED, "BLOB", "BYTEA")),
    "moments": lambda kind: kind.startswith(("DATE", "TIMESTAMP")) or family(kind) == "text",
    "numbers": lambda kind: family(kind) in ("number", "boolean", "text"),
}
"""Which types a kind is about; where a text is none the warehouse says so."""


def term_of(check: Check, request: CheckRequest) -> Term:
    """What answers a check of a known kind.

    Raises:
        ConfigError: an argument is none that its kind takes.
        SqlError: a condition of the team's own is not closed in itself, or the column's type is none for its kind.
    """
    kind = kind_of(check)
    assert kind is not None, f"{check.kind} is no kind"
    check, given = spelt(check, arguments_of(check), request)
    asked = Asked(
        check,
        table_of(request.relations[check.node], request.alias(check.node)),
        request.dialect,
        given,
        request.columns.get(check.node, ()),
        {each: table_of(request.relations[each]) for each in check.refs},
        request.history.get(check.node, ()),
        {each: request.columns.get(each, ()) for each in check.refs},
    )
    _verify_type(asked, kind)
    return kind.term(asked)


def _verify_type(asked: Asked, kind: Kind) -> None:
    """What a type is not asked is told before there are rows on which the warehouse fails."""
    found = asked.type_of(asked.column)
    if "values" in asked.arguments and found.startswith("UNION"):
        raise SqlError(
            f"{asked.column} is {found}, and nobody can tell of which of these types the values of the list are.",
            hint="write expression_is_true.", path=asked.check.place.path, line=asked.check.place.line,
        )  # fmt: skip
    if found and not SUITS[kind.of](found):
        raise SqlError(
            f"`{asked.check.kind}` is about {kind.of}, and {asked.column} is {found}.",
            hint="make a column of what is to be checked, or write expression_is_true.",
            path=asked.check.place.path, line=asked.check.place.line,
        )  # fmt: skip
