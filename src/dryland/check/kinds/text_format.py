"""Checks that texts have a known form: an e-mail address, a UUID, a date, JSON, a number; failures are rows.

What a warehouse reads as NaN or infinity is no number.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from dryland.check.dialects import WORDS
from dryland.check.forms import rows_fail
from dryland.check.kinds.arguments import one_of, share, text
from dryland.check.kinds.kind import Alias, Kind
from dryland.check.term import Asked, Term

PATTERNS: Mapping[str, str] = {
    # what the input type `email` of HTML takes
    "email": r"^[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
    r"(\.[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$",
    "uuid": r"^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$",
    "ipv4": r"^((25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])\.){3}(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])$",
    "url": r"^[a-zA-Z][a-zA-Z0-9+.-]*://[^\s/?#]+[^\s]*$",
    "phone": r"^\+[1-9][0-9]{6,14}$",  # E.164
    "integer": r"^[+-]?[0-9]+$",
    "hex": r"^[0-9a-fA-F]+$",
}
READ = ("date", "timestamp", "number", "json")  # forms that a text has when the warehouse can read it so


def term(asked: Asked) -> Term:
    """Count the rows that have another form; `strftime` gives one of dates, such as `%d.%m.%Y`."""
    name = asked.arguments.get("format") or asked.arguments["strftime"]
    says = (f"1 {asked.column} is no {name}", f"{{n}} values of {asked.column} are no {name}")
    present = asked.value.is_(exp.null()).not_()
    return rows_fail(asked, exp.and_(present, _is_other(asked)), says)


def _is_other(asked: Asked) -> exp.Expr:
    written = asked.text
    form = str(asked.arguments.get("format"))
    if form in PATTERNS:
        return exp.RegexpLike(this=written, expression=exp.convert(PATTERNS[form])).not_()
    if form in READ:
        return WORDS[asked.dialect].is_unreadable(written, form)
    return WORDS[asked.dialect].is_no_moment(written, asked.arguments["strftime"])


KIND = Kind(
    "format", term, takes={"format": one_of(*PATTERNS, *READ), "strftime": text, "mostly": share},
    needs=("format|strftime",), of="text",
    also={
        "expect_column_values_to_be_json_parseable": Alias(given={"format": "json"}),
        "expect_column_values_to_be_dateutil_parseable": Alias(given={"format": "timestamp"}),
        "expect_column_values_to_match_strftime_format": Alias({"strftime_format": "strftime"}),
    },
)  # fmt: skip
