"""Writes values as texts that every warehouse writes alike, so that tables of two of them can be told apart by hashes.

A number is written without zeros at its end, a moment as microseconds since 1970, bytes as digits: no setting of a
session and no taste of an engine is in the text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

from sqlglot import exp

from dryland.check.dialects import family

Form = Literal["exact", "float", "boolean", "date", "moment", "time", "text", "bytes", "span"]
Write = Callable[[exp.Expr], exp.Expr]

FLOATS = ("FLOAT", "DOUBLE", "REAL")
FORMS: Mapping[str, Form] = {
    "DATE": "date", "TIMESTAMP": "moment", "TIMESTAMPTZ": "moment", "DATETIME": "moment", "TIME": "time",
    "BLOB": "bytes", "BYTEA": "bytes", "INTERVAL": "span", "BOOLEAN": "boolean", "BOOL": "boolean",
}  # fmt: skip
"""By the first word of a type; numbers and texts are told by their family."""
PARTS = ("YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "MICROSECONDS")


def form_of(before: str, after: str) -> Form | None:
    """The form in which values of two types are compared; None where no form is the same in both warehouses.

    What is text on one side is compared as text: that is how warehouses take over types that they do not have.

    >>> form_of("DECIMAL(10,2)", "numeric(10,2)"), form_of("DOUBLE", "numeric"), form_of("INTEGER[]", "integer[]")
    ('exact', 'float', None)
    """
    forms = (_form(before), _form(after))
    if forms[0] == forms[1]:
        return forms[0]
    if "text" in forms:
        return "text"
    if {*forms} == {"exact", "float"}:
        return "float"
    return "moment" if {*forms} == {"date", "moment"} else None


def is_alike(before: str, after: str) -> bool:
    """Whether two types hold the same kind of values, whatever they are called.

    >>> is_alike("VARCHAR", "text"), is_alike("VARCHAR", "integer")
    (True, False)
    """
    return _form(before) is not None and _form(before) == _form(after)


def canonical(value: exp.Expr, form: Form, dialect: str) -> exp.Expr:
    """The text of a value; null has none.

    >>> canonical(exp.column("x"), "exact", "postgres").sql("postgres")
    'CAST(TRIM_SCALE(CAST(x AS DECIMAL)) AS TEXT)'
    """
    return WRITTEN[dialect][form](value)


def _form(kind: str) -> Form | None:
    name = kind.upper()
    if name.startswith(("TIME WITH TIME ZONE", "TIMETZ")) or name.endswith("]"):
        return None
    first = name.partition("(")[0].partition(" ")[0]
    if first in FORMS:
        return FORMS[first]
    found = family(kind)
    if found == "number":
        return "float" if name.startswith(FLOATS) else "exact"
    return "moment" if found == "moment" else "text" if found == "text" else None


def _call(name: str, *values: exp.Expr) -> exp.Expr:
    return exp.Anonymous(this=name, expressions=list(values))


def _text(value: exp.Expr) -> exp.Expr:
    return exp.cast(value, "TEXT")


def _zero() -> exp.Expr:
    return exp.Literal.number(0)


def _when_finite(value: exp.Expr, finite: exp.Expr) -> exp.Expr:
    """A moment in digits, or the word for one that never comes."""
    return exp.case().when(_call("ISFINITE", value.copy()), _text(finite)).else_(_text(value.copy()))


def _special(value: exp.Expr, written: exp.Expr) -> exp.Expr:
    """A float in digits, or one of the three words."""
    found = exp.case()
    for word in ("NaN", "Infinity", "-Infinity"):
        special = exp.cast(exp.convert(word), "DOUBLE")
        found = found.when(exp.EQ(this=value.copy(), expression=special), exp.convert(word))
    return found.else_(written)


def _double(value: exp.Expr) -> exp.Expr:
    """As the widest float, of which there is one zero."""
    return exp.paren(exp.Add(this=exp.cast(value, "DOUBLE"), expression=_zero()))


def _span(value: exp.Expr) -> exp.Expr:
    """A month is no number of days, and a day none of hours."""
    parts = [_text(exp.cast(exp.Extract(this=exp.var(part), expression=value.copy()), "BIGINT")) for part in PARTS]
    found = parts[0]
    for part in parts[1:]:
        found = exp.DPipe(this=exp.DPipe(this=found, expression=exp.convert(" ")), expression=part)
    return found


def _days(value: exp.Expr) -> exp.Expr:
    return exp.Sub(this=exp.cast(value, "DATE"), expression=exp.cast(exp.convert("1970-01-01"), "DATE"))


def _duckdb_exact(value: exp.Expr) -> exp.Expr:
    """The zeros at the end go, and then the point."""
    text = _text(value)
    short = _call("RTRIM", _call("RTRIM", text, exp.convert("0")), exp.convert("."))
    has_point = _call("CONTAINS", text.copy(), exp.convert("."))
    return exp.case().when(has_point, short).else_(text.copy())


def _duckdb_float(value: exp.Expr) -> exp.Expr:
    return _special(_double(value), _call("FORMAT", exp.convert("{:.16e}"), _double(value.copy())))


def _duckdb_moment(value: exp.Expr) -> exp.Expr:
    return _when_finite(value, _call("EPOCH_US", value.copy()))


def _postgres_float(value: exp.Expr) -> exp.Expr:
    """One digit before the point, and as many after it as tell every float from all others."""
    written = _call("TO_CHAR", _double(value.copy()), exp.convert("9.9999999999999999EEEE"))
    return _special(_double(value), _call("LTRIM", written))


def _postgres_microseconds(value: exp.Expr) -> exp.Expr:
    seconds = exp.Extract(this=exp.var("EPOCH"), expression=value)
    return exp.cast(exp.Mul(this=seconds, expression=exp.Literal.number(1_000_000)), "BIGINT")


WRITTEN: Mapping[str, Mapping[Form, Write]] = {
    "duckdb": {
        "exact": _duckdb_exact,
        "float": _duckdb_float,
        "boolean": _text,
        "date": lambda value: _when_finite(value, _days(value.copy())),
        "moment": _duckdb_moment,
        "time": lambda value: _text(_call("EPOCH_US", value)),
        "text": _text,
        "bytes": lambda value: exp.Lower(this=exp.Hex(this=value)),
        "span": _span,
    },
    "postgres": {
        "exact": lambda value: _text(_call("TRIM_SCALE", exp.cast(value, "NUMERIC"))),
        "float": _postgres_float,
        "boolean": _text,
        "date": lambda value: _when_finite(value, _days(value.copy())),
        "moment": lambda value: _when_finite(value, _postgres_microseconds(value.copy())),
        "time": lambda value: _text(_postgres_microseconds(value)),
        "text": _text,
        "bytes": lambda value: _call("ENCODE", value, exp.convert("hex")),
        "span": _span,
    },
}
"""Dialect -> how it writes each form; a new one says here what it writes, and the tests compare."""
