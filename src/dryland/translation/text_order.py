"""Has PostgreSQL order and compare texts by their bytes, as DuckDB does, whatever the language of its database."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlglot import exp

from dryland.translation.kinds import kind_of
from dryland.translation.notes import Notes

Rule = Callable[[exp.Expr, Notes], exp.Expr | None]


def _in_bytes(value: exp.Expr) -> exp.Expr:
    """The text with the order of its bytes, which is DuckDB's."""
    return exp.Collate(this=exp.paren(value.copy()) if isinstance(value, exp.Binary | exp.Case) else value.copy(),
                       expression=exp.to_identifier("C", quoted=True))  # fmt: skip


def _as_usual(value: exp.Expr) -> exp.Expr:
    """The text with the usual order again: what comes of it may stand beside any other text."""
    return exp.Collate(this=value, expression=exp.to_identifier("default", quoted=True))


def _ordered(node: exp.Expr, notes: Notes) -> exp.Expr | None:
    if kind_of(node.this) == "text" and not isinstance(node.this, exp.Literal | exp.Collate):
        node.set("this", _in_bytes(node.this))
    return None


def _extreme(node: exp.Expr, notes: Notes) -> exp.Expr | None:
    """The first or last text by its bytes."""
    if node.args.get("count") is not None:
        notes.say(node, "the several smallest or largest are not translated", "use row_number() in a subquery.")
        return None
    if kind_of(node.this) == "text" and not isinstance(node.this, exp.Collate):
        inner = _in_bytes(node.this) if not isinstance(node.this, exp.Distinct) else node.this
        node.set("this", inner)
        around = node
        while isinstance(around.parent, exp.Filter | exp.Window) and around.parent.this is around:
            around = around.parent
        copied = around.copy()
        around.replace(_as_usual(copied))
    return None


def _among(node: exp.Expr, notes: Notes) -> exp.Expr | None:
    """`greatest` and `least` of texts."""
    if any(kind_of(each) == "text" for each in (node.this, *node.expressions)):
        copied = node.copy()
        copied.set("this", _in_bytes(copied.this))
        return _as_usual(copied)
    return None


def _compared(node: exp.Expr, notes: Notes) -> exp.Expr | None:
    """Texts are compared by their bytes; a text that stands for a moment or a number is not one."""
    sides = [node.this, *(node.args.get(key) for key in ("expression", "low", "high") if node.args.get(key))]
    kinds = [kind_of(each) for each in sides]
    texts = [kind for kind, side in zip(kinds, sides, strict=True) if not isinstance(side, exp.Literal)]
    if texts and all(kind == "text" for kind in texts):
        node.set("this", _in_bytes(node.this))
    return None


TEXT_ORDER: Mapping[type[exp.Expr], Rule] = {
    exp.Ordered: _ordered,
    exp.Min: _extreme,
    exp.Max: _extreme,
    exp.Greatest: _among,
    exp.Least: _among,
    exp.LT: _compared,
    exp.LTE: _compared,
    exp.GT: _compared,
    exp.GTE: _compared,
    exp.Between: _compared,
}
"""What of a tree depends on the order of texts -> how PostgreSQL says it; None leaves it as it is."""
