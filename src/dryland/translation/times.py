"""Says in PostgreSQL's words what DuckDB makes of dates and times."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from sqlglot import exp

from dryland.translation.kinds import kind_of
from dryland.translation.notes import Notes
from dryland.translation.wording import made

Rule = Callable[[exp.Expr, Notes], exp.Expr | None]

WRITTEN: Mapping[str, str] = {
    "%Y": "YYYY", "%y": "YY", "%m": "MM", "%-m": "FMMM", "%d": "DD", "%-d": "FMDD", "%H": "HH24", "%-H": "FMHH24",
    "%I": "HH12", "%M": "MI", "%S": "SS", "%f": "US", "%p": "AM", "%b": "Mon", "%B": "FMMonth", "%a": "Dy",
    "%A": "FMDay", "%j": "DDD", "%u": "ID", "%V": "IW", "%G": "IYYY",
}  # fmt: skip
"""A part of DuckDB's formats -> the same in PostgreSQL's `to_char`."""

READ: Mapping[str, tuple[str, str]] = {
    "%Y": ("year", r"\d{4}"), "%m": ("month", r"\d{1,2}"), "%d": ("day", r"\d{1,2}"),
    "%-m": ("month", r"\d{1,2}"), "%-d": ("day", r"\d{1,2}"), "%H": ("hour", r"\d{1,2}"),
    "%-H": ("hour", r"\d{1,2}"), "%M": ("minute", r"\d{1,2}"), "%S": ("second", r"\d{1,2}"),
}  # fmt: skip
"""A part of a format that is read -> what it is, and the digits that it may have."""

TOKEN = re.compile(r"%-?[A-Za-z%]|[^%]+")
PARTS: Mapping[type[exp.Expr], str] = {
    exp.Year: "YEAR", exp.Month: "MONTH", exp.Day: "DAY", exp.Hour: "HOUR", exp.Minute: "MINUTE",
    exp.Second: "SECOND", exp.Quarter: "QUARTER", exp.DayOfWeek: "DOW", exp.DayOfWeekIso: "ISODOW",
    exp.DayOfYear: "DOY", exp.Week: "WEEK", exp.WeekOfYear: "WEEK", exp.DayOfMonth: "DAY",
}  # fmt: skip
NAMES = {
    "year": "YEAR", "years": "YEAR", "month": "MONTH", "months": "MONTH", "day": "DAY", "days": "DAY", "hour": "HOUR",
    "hours": "HOUR", "minute": "MINUTE", "minutes": "MINUTE", "second": "SECOND", "seconds": "SECOND",
    "quarter": "QUARTER", "week": "WEEK", "dow": "DOW", "dayofweek": "DOW", "isodow": "ISODOW", "doy": "DOY",
    "dayofyear": "DOY", "isoyear": "ISOYEAR", "weekofyear": "WEEK", "d": "DAY", "h": "HOUR", "y": "YEAR",
}  # fmt: skip
SPANS = frozenset({"YEAR", "QUARTER", "MONTH", "WEEK", "DAY", "HOUR", "MINUTE", "SECOND"})


def part(name: str, of: exp.Expr) -> exp.Expr:
    """A whole number, as in DuckDB: PostgreSQL's are decimals, with what is behind the second."""
    return made(f"CAST(FLOOR(EXTRACT({name} FROM a)) AS BIGINT)", a=of)


def _extract(node: exp.Expr, notes: Notes) -> exp.Expr | None:
    return _part_named(node, node.this.name, node.expression, notes)


def date_part(node: exp.Expr, notes: Notes) -> exp.Expr | None:
    """`date_part('year', d)`."""
    name, value = node.expressions
    if not isinstance(name, exp.Literal):
        notes.say(node, "which part of a date is meant has to stand there as a text")
        return None
    return _part_named(node, name.name, value, notes)


def _part_named(node: exp.Expr, name: str, value: exp.Expr, notes: Notes) -> exp.Expr | None:
    if name.lower() == "epoch":
        return epoch(value)
    known = NAMES.get(name.lower())
    if known is None:
        notes.say(node, f"there is no translation of the part `{name}` of a moment")
        return None
    return part(known, value)


def epoch(value: exp.Expr) -> exp.Expr:
    """Seconds since 1970, as a float."""
    return made("CAST(EXTRACT(EPOCH FROM a) AS DOUBLE PRECISION)", a=value)


def _truncate(node: exp.Expr, notes: Notes) -> exp.Expr | None:
    """Of a date DuckDB makes a timestamp, PostgreSQL one in the session's time zone; nothing added settles it."""
    unit = str(node.args["unit"].name).upper()
    if unit not in SPANS | {"DECADE", "CENTURY"}:
        notes.say(node, f"there is no translation of `{unit.lower()}` in date_trunc")
        return None
    kind = kind_of(node.this)
    if kind in ("timestamp", "timestamptz"):
        return made(f"DATE_TRUNC('{unit}', a)", a=node.this)
    if kind == "date":
        return made(f"DATE_TRUNC('{unit}', CAST(a AS TIMESTAMP))", a=node.this)
    return made(f"DATE_TRUNC('{unit}', a + INTERVAL '0 DAYS')", a=node.this)


def _difference(node: exp.Expr, notes: Notes) -> exp.Expr | None:
    """How many boundaries of a unit lie between two moments."""
    unit = str(node.args["unit"].name).upper().rstrip("S")
    late, early = node.this, node.expression
    if unit == "DAY":
        return made("CAST(CAST(a AS DATE) - CAST(b AS DATE) AS BIGINT)", a=late, b=early)
    if unit == "WEEK":  # of seven days, wherever they begin
        return made("CAST((CAST(a AS DATE) - CAST(b AS DATE)) / 7 AS BIGINT)", a=late, b=early)
    if unit not in SPANS:
        notes.say(node, f"there is no translation of `{unit.lower()}` in date_diff")
        return None
    if unit in ("YEAR", "QUARTER", "MONTH"):
        months = "((EXTRACT(YEAR FROM a) - EXTRACT(YEAR FROM b)) * 12 + EXTRACT(MONTH FROM a) - EXTRACT(MONTH FROM b))"
        counted = {
            "YEAR": "EXTRACT(YEAR FROM a) - EXTRACT(YEAR FROM b)",
            "QUARTER": "(EXTRACT(YEAR FROM a) - EXTRACT(YEAR FROM b)) * 4 "
            "+ EXTRACT(QUARTER FROM a) - EXTRACT(QUARTER FROM b)",
            "MONTH": months,
        }[unit]
        return made(f"CAST({counted} AS BIGINT)", a=late, b=early)
    seconds = {"HOUR": 3600, "MINUTE": 60, "SECOND": 1}[unit]
    whole = [
        made(f"DATE_TRUNC('{unit}', CAST(a AS TIMESTAMP))", a=each)
        if kind_of(each) in ("date", "text")
        else made(f"DATE_TRUNC('{unit}', a + INTERVAL '0 DAYS')", a=each)
        for each in (late, early)
    ]
    return made(f"CAST(EXTRACT(EPOCH FROM a - b) / {seconds} AS BIGINT)", a=whole[0], b=whole[1])


def _write(node: exp.Expr, notes: Notes) -> exp.Expr | None:
    """`strftime`: each part by its like, and letters between them in quotes, or they would be parts themselves."""
    form = node.args["format"]
    if not isinstance(form, exp.Literal):
        notes.say(node, "the format has to stand there as a text")
        return None
    written = []
    for piece in TOKEN.findall(form.name):
        if piece == "%%" or not piece.startswith("%"):
            quoted = piece.replace("%%", "%").replace('"', '\\"')
            written.append(f'"{quoted}"' if any(each.isalpha() for each in quoted) else quoted)
        elif piece in WRITTEN:
            written.append(WRITTEN[piece])
        else:
            notes.say(node, f"there is no translation of `{piece}` in a format")
            return None
    return made("TO_CHAR(a, b)", a=node.this, b=exp.Literal.string("".join(written)))


def _read(node: exp.Expr, notes: Notes) -> exp.Expr | None:
    return _as_moment(node, node.this, node.args["format"], notes, is_forgiving=False)


def try_read(node: exp.Expr, notes: Notes) -> exp.Expr | None:
    """`try_strptime`: null for what is no moment in that format."""
    return _as_moment(node, node.expressions[0], node.expressions[1], notes, is_forgiving=True)


def _as_moment(node: exp.Expr, value: exp.Expr, form: exp.Expr, notes: Notes, *, is_forgiving: bool) -> exp.Expr | None:
    """The text brought into the one order that every setting of `datestyle` reads alike, and then cast."""
    found = _pattern(form.name) if isinstance(form, exp.Literal) else None
    if found is None:
        notes.say(node, "this format is not one of year, month and day, hour, minute and second",
                  "put the parts in order with regexp_replace, and cast.")  # fmt: skip
        return None
    pattern, replacement = (exp.Literal.string(each) for each in found)
    ordered = made("REGEXP_REPLACE(a, b, c)", a=value, b=pattern, c=replacement)
    if not is_forgiving:
        return made("CAST(a AS TIMESTAMP)", a=ordered)
    return made(
        "CASE WHEN a ~ b AND PG_INPUT_IS_VALID(c, 'timestamp') THEN CAST(c AS TIMESTAMP) END",
        a=value, b=pattern, c=ordered,
    )  # fmt: skip


def _pattern(form: str) -> tuple[str, str] | None:
    """What such a text looks like, and how its parts are put in order."""
    pieces: list[str] = []
    places: dict[str, str] = {}
    for token in TOKEN.findall(form):
        if token in READ:
            name, digits = READ[token]
            if name in places:
                return None
            places[name] = f"\\{len(places) + 1}"
            pieces.append(f"({digits})")
        elif token.startswith("%"):
            return None
        else:
            pieces.append(re.escape(token).replace(r"\ ", " ").replace(r"\-", "-").replace(r"\/", "/"))
    if not {"year", "month", "day"} <= places.keys():
        return None
    day = f"{places['year']}-{places['month']}-{places['day']}"
    time = ":".join(places.get(each, "00") for each in ("hour", "minute", "second"))
    return rf"^\s*{''.join(pieces)}\s*$", f"{day} {time}"


PLAIN_DATE = (
    r"^\s*\d{4}[-/]\d{1,2}[-/]\d{1,2}"
    r"([ T]\d{1,2}:\d{1,2}(:\d{1,2}(\.\d*)?)?\s*(Z|[+-]\d{1,2}(:?\d{2})?)?)?\s*$"
)
"""What DuckDB takes for a date or a timestamp; PostgreSQL would take `05.02.2026` for one as well."""

TIMES: Mapping[type[exp.Expr], Rule] = {
    **{kind: (lambda node, notes, name=name: part(name, node.this)) for kind, name in PARTS.items()},  # type: ignore[misc]
    exp.Extract: _extract,
    exp.TimestampTrunc: _truncate,
    exp.DateTrunc: _truncate,
    exp.DateDiff: _difference,
    exp.TimeToStr: _write,
    exp.StrToTime: _read,
    exp.TimeToUnix: lambda node, notes: epoch(node.this),
    exp.DateFromParts: lambda node, notes: made(
        "MAKE_DATE(CAST(a AS INT), CAST(b AS INT), CAST(c AS INT))",
        a=node.args["year"], b=node.args["month"], c=node.args["day"],
    ),
    exp.Dayname: lambda node, notes: made("TO_CHAR(a, 'FMDay')", a=node.this),
    exp.Monthname: lambda node, notes: made("TO_CHAR(a, 'FMMonth')", a=node.this),
}  # fmt: skip
"""What of a tree is about time -> how PostgreSQL says it; None leaves it as it is."""
