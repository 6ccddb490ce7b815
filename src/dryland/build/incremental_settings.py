"""Reads how a model grows: strategy, key, predicates, and what to do when its columns change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlglot
from sqlglot import exp

from dryland.errors import ConfigError, UnsupportedError
from dryland.project.nodes import Node

STRATEGIES = ("append", "delete+insert", "merge")
POLICIES = ("ignore", "append_new_columns", "sync_all_columns", "fail")
UNSUPPORTED = (
    "merge_clauses", "merge_insert_condition", "merge_on_using_columns", "merge_returning_columns",
    "merge_update_condition", "merge_update_set_expressions",
)  # fmt: skip
"""Of dbt-duckdb; leaving one out silently would write other rows than dbt does."""


@dataclass(frozen=True, slots=True)
class Growth:
    """How a model grows, in dbt's words."""

    strategy: str
    key: tuple[exp.Expr, ...] = ()  # columns, or expressions of columns
    predicates: tuple[exp.Expr, ...] = ()
    update_columns: tuple[str, ...] = ()
    exclude_columns: tuple[str, ...] = ()
    on_schema_change: str = "ignore"


def growth_of(node: Node, dialect: str) -> Growth:
    """Read an incremental model's configuration.

    Raises:
        UnsupportedError: a strategy or an option that Dryland does not have.
        ConfigError: a value that means nothing, or two that exclude each other.
    """
    config = node.config
    for option in UNSUPPORTED:
        if config.get(option):
            raise UnsupportedError(
                f"`{node.name}` sets {option}, which Dryland does not have.", path=node.place.path,
                hint="merge_update_columns and merge_exclude_columns are there; write other rules into the query.",
            )  # fmt: skip
    key = tuple(
        part for text in _texts(config.get("unique_key")) for part in _parsed(text, "unique_key", node, dialect)
    )
    predicates = _texts(config.get("predicates") or config.get("incremental_predicates"))
    growth = Growth(
        strategy=_strategy(node, has_key=bool(key)),
        key=key,
        predicates=tuple(
            part for text in predicates for part in _parsed(text, "incremental_predicates", node, dialect)
        ),
        update_columns=_texts(config.get("merge_update_columns")),
        exclude_columns=tuple(name.lower() for name in _texts(config.get("merge_exclude_columns"))),
        on_schema_change=_policy(node),
    )
    if growth.update_columns and growth.exclude_columns:
        raise ConfigError(
            f"`{node.name}` sets both merge_update_columns and merge_exclude_columns.", path=node.place.path,
            hint="each says which columns an update writes: keep one.",
        )  # fmt: skip
    return growth


def _strategy(node: Node, *, has_key: bool) -> str:
    wanted = str(node.config.get("incremental_strategy") or "default")
    strategy = ("delete+insert" if has_key else "append") if wanted == "default" else wanted
    if strategy not in STRATEGIES:
        raise UnsupportedError(
            f"`{node.name}` asks for incremental_strategy `{wanted}`.", path=node.place.path,
            hint=f"there are {', '.join(STRATEGIES)}.",
        )  # fmt: skip
    return strategy


def _policy(node: Node) -> str:
    policy = str(node.config.get("on_schema_change") or "ignore")
    if policy not in POLICIES:
        raise ConfigError(
            f"`{node.name}` asks for on_schema_change `{policy}`.", path=node.place.path,
            hint=f"there are {', '.join(POLICIES)}.",
        )  # fmt: skip
    return policy


def _parsed(text: str, option: str, node: Node, dialect: str) -> tuple[exp.Expr, ...]:
    """An expression, or several between commas, as dbt lets people write."""
    try:
        tree = sqlglot.parse_one(f"({text})", dialect=dialect)
    except sqlglot.errors.SqlglotError as error:
        raise ConfigError(
            f"the {option} of `{node.name}` does not parse: {text}", path=node.place.path,
            hint="give columns or an expression of columns.",
        ) from error  # fmt: skip
    return tuple(tree.expressions) if isinstance(tree, exp.Tuple) else (tree.this,)


def _texts(value: Any) -> tuple[str, ...]:
    if not value:
        return ()
    return (value,) if isinstance(value, str) else tuple(str(each) for each in value)
