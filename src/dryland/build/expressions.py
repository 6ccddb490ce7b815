"""Reads SQL expressions that stand in a model's configuration."""

from __future__ import annotations

from typing import Any

import sqlglot
from sqlglot import exp

from dryland.engines.relation import Column
from dryland.errors import ConfigError
from dryland.project.nodes import Node


def expression(text: str, option: str, node: Node, dialect: str) -> exp.Expr:
    """One expression.

    Raises:
        ConfigError: it does not parse; names the option.
    """
    try:
        tree = sqlglot.parse_one(f"({text})", dialect=dialect)
    except sqlglot.errors.SqlglotError as error:
        raise ConfigError(
            f"the {option} of `{node.name}` does not parse: {text}", path=node.place.path,
            hint="give columns or an expression of columns.",
        ) from error  # fmt: skip
    return tree.this if isinstance(tree, exp.Paren) else tree


def expressions(given: Any, option: str, node: Node, dialect: str) -> tuple[exp.Expr, ...]:
    """A text or a list of them, each one expression or several between commas, as dbt lets people write.

    Raises:
        ConfigError: as for `expression`.
    """
    found = (expression(text, option, node, dialect) for text in texts(given))
    return tuple(part for each in found for part in (each.expressions if isinstance(each, exp.Tuple) else [each]))


def kind_of(column: Column) -> exp.DataType:
    """The type of a column that the warehouse has named: its own words, which none can say better."""
    return exp.DataType(this=exp.DType.USERDEFINED, kind=column.type)


def texts(value: Any) -> tuple[str, ...]:
    """A text or a list of them, as a tuple."""
    if not value:
        return ()
    return (value,) if isinstance(value, str) else tuple(str(each) for each in value)
