"""Checks that a text is not empty, nor nothing but white space; failures are rows, and null is no text."""

from __future__ import annotations

from sqlglot import exp

from dryland.check.forms import rows_fail
from dryland.check.kinds.arguments import flag, share
from dryland.check.kinds.kind import Kind
from dryland.check.term import Asked, Term


def term(asked: Asked) -> Term:
    """Count the rows with an empty text; `trim_whitespace: false` lets white space count as text."""
    text: exp.Expr = asked.text
    if asked.arguments.get("trim_whitespace", True):
        text = exp.Trim(this=text)
    wrong = exp.EQ(this=text, expression=exp.convert(""))
    says = f"an empty {asked.column}"
    return rows_fail(asked, wrong, (f"1 row has {says}", f"{{n}} rows have {says}"))


KIND = Kind("not_empty_string", term, takes={"trim_whitespace": flag, "mostly": share}, of="text")
