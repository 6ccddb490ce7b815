"""Reads how a model grows: strategy, key, predicates, and what to do when its columns change."""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from dryland.build.dialects import WAYS
from dryland.build.expressions import expressions, texts
from dryland.build.incremental_clauses import DEFAULT, Clause, clauses_of
from dryland.errors import ConfigError, UnsupportedError
from dryland.project.incremental_macro import macro_name
from dryland.project.nodes import Node
from dryland.values import dataclass

STRATEGIES = ("append", "delete+insert", "merge", "microbatch")
OWN = "own"  # a strategy that the project wrote itself
POLICIES = ("ignore", "append_new_columns", "sync_all_columns", "fail")


@dataclass(frozen=True, slots=True)
class Growth:
    """How a model grows, in dbt's words."""

    strategy: str
    key: tuple[exp.Expr, ...] = ()  # columns, or expressions of columns
    is_row_key: bool = False  # several written as one text: compared as a row, in which nulls are equal
    predicates: tuple[exp.Expr, ...] = ()
    clauses: tuple[Clause, ...] = DEFAULT  # of a merge
    on_schema_change: str = "ignore"
    window: exp.Expr | None = None  # of a microbatch: the stretch of time that its rows take the place of

    def within(self, window: exp.Expr) -> Growth:
        """The same for one batch."""
        return replace(self, window=window)


def growth_of(node: Node, dialect: str, *, is_own: bool = False) -> Growth:
    """Read an incremental model's configuration; `is_own`: a macro of the project does what the strategy says.

    Raises:
        UnsupportedError: a strategy that Dryland does not have.
        ConfigError: a value that means nothing, or two that exclude each other.
    """
    if is_own:
        return Growth(OWN, on_schema_change=_policy(node))
    config = node.config
    key = expressions(config.get("unique_key"), "unique_key", node, dialect)
    strategy = _strategy(node, has_key=bool(key))
    if strategy == "microbatch" and WAYS[dialect].merges_batches:
        strategy = "merge"  # by the key, without which no such model is read
    if strategy == "merge" and config.get("merge_on_using_columns"):
        key = expressions(config["merge_on_using_columns"], "merge_on_using_columns", node, dialect)
    predicates = config.get("predicates") or config.get("incremental_predicates")
    return Growth(
        strategy=strategy,
        key=key,
        is_row_key=isinstance(config.get("unique_key"), str) and len(key) > 1 and WAYS[dialect].matches_null_rows,
        predicates=tuple(
            part for text in texts(predicates) for part in expressions(text, "incremental_predicates", node, dialect)
        ),
        clauses=clauses_of(node, dialect) if strategy == "merge" else DEFAULT,
        on_schema_change=_policy(node),
    )


def _strategy(node: Node, *, has_key: bool) -> str:
    wanted = str(node.config.get("incremental_strategy") or "default")
    strategy = ("delete+insert" if has_key else "append") if wanted == "default" else wanted
    if strategy not in STRATEGIES:
        raise UnsupportedError(
            f"`{node.name}` asks for incremental_strategy `{wanted}`.", path=node.place.path,
            hint=f"there are {', '.join(STRATEGIES)}; for one of your own, write the macro {macro_name(node)}.",
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
