"""Checks that categories have the shares of rows that they should have; failures are categories."""

from __future__ import annotations

from typing import Any

from sqlglot import exp

from dryland.check.forms import query_fails
from dryland.check.kinds.arguments import share
from dryland.check.kinds.kind import Kind
from dryland.check.term import Asked, Term
from dryland.check.written import text_of, written


def term(asked: Asked) -> Term:
    """Compare shares of the rows with a value; each may differ by `tolerance` (0.05); one not listed is wrong."""
    expected: dict[str, float] = asked.arguments["shares"]
    present = asked.value.is_(exp.null()).not_()
    text = text_of(asked)
    rows = exp.select(exp.Count(this=asked.value)).from_(asked.table.copy()).where(*asked.conditions).subquery()
    counted_share = exp.Div(this=exp.cast(exp.Count(this=exp.Star()), "double"), expression=rows)
    counted = exp.select(text.as_("value"), counted_share.as_("share")).from_(asked.table.copy())
    found = counted.where(present, *asked.conditions).group_by(text.copy()).subquery("found")
    listed = [(written(asked, name), part) for name, part in expected.items()]
    wanted = exp.values(listed, alias="wanted", columns=["value", "expected"])
    sides = [exp.column("value", table=name) for name in ("found", "wanted")]
    zero = exp.convert(0)
    shares = [exp.func("coalesce", exp.column(name), zero.copy()) for name in ("share", "expected")]
    query = exp.select(exp.func("coalesce", *sides).as_("value"), shares[0].as_("share"), shares[1].as_("expected"))
    query = query.from_(found).join(wanted, on=exp.EQ(this=sides[0].copy(), expression=sides[1].copy()),
                                    join_type="full")  # fmt: skip
    apart = exp.Abs(this=exp.Sub(this=shares[0].copy(), expression=shares[1].copy()))
    allowed = exp.convert(asked.arguments.get("tolerance", 0.05))
    query = query.where(exp.GT(this=apart, expression=allowed))
    says = f"of {asked.column} with another share than expected"
    return query_fails(query, (f"1 value {says}", f"{{n}} values {says}"))


def _shares(value: Any) -> dict[str, float]:
    if not isinstance(value, dict) or not value:
        raise ValueError("shares by category, such as {DE: 0.6, FR: 0.4}")
    return {str(name): share(each) for name, each in value.items()}


KIND = Kind(
    "category_shares", term, takes={"shares": _shares, "tolerance": share}, needs=("shares",), is_grouped=False,
)  # fmt: skip
