"""Reads what a merge does with rows that match and rows that do not: `merge_clauses` and short forms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import Any

from sqlglot import exp

from dryland.build.dialects import WAYS
from dryland.build.expressions import expression, expressions, texts
from dryland.errors import ConfigError
from dryland.project.nodes import Node
from dryland.values import dataclass

SHORT_FORMS = (
    "merge_update_condition", "merge_insert_condition", "merge_update_columns", "merge_exclude_columns",
    "merge_update_set_expressions",
)  # fmt: skip
ACTIONS = {
    "when_matched": ("update", "delete", "do_nothing", "error"),
    "when_not_matched": ("insert", "update", "delete", "do_nothing", "error"),
}
MODES = ("by_name", "by_position", "star", "explicit")


@dataclass(frozen=True, slots=True)
class Clause:
    """One WHEN of a merge."""

    is_matched: bool
    action: str
    by_source: bool = False  # a row of the table that no new row matches
    condition: exp.Expr | None = None
    mode: str = "by_name"
    include: tuple[str, ...] = ()  # of an update: the columns to write; none means all but the excluded
    exclude: tuple[str, ...] = ()
    sets: Mapping[str, exp.Expr] = field(default_factory=dict)  # column -> what is written in place of the new value
    columns: tuple[str, ...] = ()  # of an explicit insert
    values: tuple[exp.Expr, ...] = ()
    message: str = ""  # of an error


DEFAULT = (Clause(True, "update"), Clause(False, "insert"))


def clauses_of(node: Node, dialect: str) -> tuple[Clause, ...]:
    """The clauses of a model's merge, in order.

    Raises:
        ConfigError: a clause means nothing, or clauses and short forms are both there.
    """
    given = node.config.get("merge_clauses")
    if given is None:
        return _of_short_forms(node, dialect)
    both = [option for option in SHORT_FORMS if node.config.get(option)]
    if both:
        raise _refused(
            node, f"sets merge_clauses and {', '.join(both)}", "merge_clauses say it all: take the others out."
        )
    if not isinstance(given, Mapping) or not given.keys() & ACTIONS.keys():
        raise _refused(node, "has merge_clauses that name no case", f"there are {' and '.join(ACTIONS)}.")
    matched, unmatched = (tuple(_listed(node, given, case, dialect)) for case in ACTIONS)
    return (*(matched or DEFAULT[:1]), *(unmatched or DEFAULT[1:]))


def _of_short_forms(node: Node, dialect: str) -> tuple[Clause, ...]:
    config = node.config
    update = Clause(
        True, "update", condition=_condition(node, config.get("merge_update_condition"), dialect), mode="explicit",
        include=texts(config.get("merge_update_columns")), exclude=texts(config.get("merge_exclude_columns")),
        sets=_sets(node, config.get("merge_update_set_expressions"), dialect),
    )  # fmt: skip
    insert = Clause(False, "insert", condition=_condition(node, config.get("merge_insert_condition"), dialect))
    if update.include and update.exclude:
        raise _refused(
            node,
            "sets both merge_update_columns and merge_exclude_columns",
            "each says which columns an update writes: keep one.",
        )
    return update, insert


def _listed(node: Node, given: Mapping[str, Any], case: str, dialect: str) -> Iterator[Clause]:
    clauses = given.get(case)
    if clauses is None:
        return
    if not isinstance(clauses, list | tuple) or not clauses or not all(isinstance(each, Mapping) for each in clauses):
        raise _refused(node, f"has merge_clauses whose {case} is no list of clauses", "- {action: ..., condition: ...}")
    for clause in clauses:
        yield _clause(node, clause, case, dialect)


def _clause(node: Node, given: Mapping[str, Any], case: str, dialect: str) -> Clause:
    action, mode = str(given.get("action")), str(given.get("mode") or "by_name")
    if action not in ACTIONS[case]:
        raise _refused(
            node, f"has a clause of {case} with the action `{action}`", f"there are {', '.join(ACTIONS[case])}."
        )
    if mode not in MODES:
        raise _refused(node, f"has a clause of {case} with the mode `{mode}`", f"there are {', '.join(MODES)}.")
    words = WAYS[dialect].merge_words
    if mode not in words or (action == "error" and action not in words):
        wrong = mode if mode not in words else action
        raise _refused(
            node, f"has a clause of {case} with `{wrong}`, which the warehouse does not have",
            f"write what it means: there are {', '.join(sorted(words))}.",
        )  # fmt: skip
    update, insert = (given.get(part) or {} for part in ("update", "insert"))
    return Clause(
        case == "when_matched", action, str(given.get("by") or "target").lower() == "source",
        _condition(node, given.get("condition"), dialect), mode,
        texts(update.get("include")), texts(update.get("exclude")),
        _sets(node, update.get("set_expressions") or given.get("set_expressions"), dialect),
        texts(insert.get("columns")), expressions(insert.get("values"), "merge_clauses", node, dialect),
        str(given.get("error_message") or ""),
    )  # fmt: skip


def _condition(node: Node, given: Any, dialect: str) -> exp.Expr | None:
    parts = expressions(given, "condition of a merge", node, dialect)
    return exp.and_(*parts) if parts else None


def _sets(node: Node, given: Any, dialect: str) -> dict[str, exp.Expr]:
    if given is not None and not isinstance(given, Mapping):
        raise _refused(node, "has set expressions that are no mapping", "column: expression")
    return {
        str(column): expression(str(text), "set expressions", node, dialect) for column, text in (given or {}).items()
    }


def _refused(node: Node, what: str, hint: str) -> ConfigError:
    return ConfigError(f"`{node.name}` {what}.", path=node.place.path, line=node.place.line, hint=hint)
