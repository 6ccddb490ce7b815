"""Tells in PostgreSQL whether a text has the form of a date, a timestamp, a number, JSON, or one of strftime.

PostgreSQL has no cast that gives null instead of failing, and reads far more as a date than anybody writes into one
(`yesterday`, `1/8/99`, `J2451187`). So a text is looked at, not read: what ISO 8601 allows, with days that there are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from sqlglot import exp

from dryland.errors import UnsupportedError

SEPARATOR = r"[-/ \\]"
LONG, SHORT = r"(0?[13578]|1[02])", r"(0?[469]|11)"  # months
LEAP = r"(0*[48]|[0-9]*(0[48]|[2468][048]|[13579][26])|[0-9]*([02468][048]|[13579][26])00)"
DAY = (
    rf"([0-9]{{1,6}}{SEPARATOR}({LONG}{SEPARATOR}(0?[1-9]|[12][0-9]|3[01])|{SHORT}{SEPARATOR}(0?[1-9]|[12][0-9]|30)"
    rf"|0?2{SEPARATOR}(0?[1-9]|1[0-9]|2[0-8]))|{LEAP}{SEPARATOR}0?2{SEPARATOR}29)"
)
TIME = r"((([01]?[0-9]|2[0-3]):[0-5]?[0-9](:[0-5]?[0-9](\.[0-9]*)?)?)|24:00(:00(\.0*)?)?)"
ZONE = r" ?(Z|UTC|[+-][0-9]{2}(:?[0-9]{2})?)?"
OTHER = "epoch|-?infinity"
MOMENT = rf"-?{DAY}( \(BC\))?([ T]{TIME}{ZONE})?|{OTHER}"
NUMBER = r"[+-]?([0-9][0-9_]*(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?"
EXPONENT_USUAL = r"[^eE]+([eE][+-]?[0-9]{1,4})?"
DIGITS_MAX = 1000  # nobody writes more, and PostgreSQL reads no more than it has room for
LARGEST = "1.7976931348623157e308"
PATTERNS: Mapping[str, str] = {
    "date": rf"^\s*({MOMENT})\s*$",
    "timestamp": rf"^({MOMENT})$",
}
MONTHS = "January February March April May June July August September October November December".split()
WEEKDAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
DIRECTIVES: Mapping[str, str] = {
    "%": "%", "Y": "-?[0-9]{1,4}", "y": "[0-9]{1,2}", "m": "(0?[1-9]|1[0-2])", "d": "(0?[1-9]|[12][0-9]|3[01])",
    "H": "([01]?[0-9]|2[0-3])", "I": "(0?[1-9]|1[0-2])", "M": "[0-5]?[0-9]", "S": "[0-5]?[0-9]", "p": "[AaPp][Mm]",
    "f": "[0-9]{1,9}", "g": "[0-9]{1,3}", "n": "[0-9]{1,9}", "z": "[+-][0-9]{2}(:?[0-9]{2})?",
    "j": "(0{0,2}[1-9]|0?[1-9][0-9]|[12][0-9]{2}|3[0-5][0-9]|36[0-6])",
    "b": f"(?:{'|'.join(each[:3] for each in MONTHS)})", "B": f"(?:{'|'.join(MONTHS)})",
    "a": f"(?:{'|'.join(each[:3] for each in WEEKDAYS)})", "A": f"(?:{'|'.join(WEEKDAYS)})",
}  # fmt: skip
DATED = ("Y", "m", "d")


def is_unreadable(text: exp.Expr, form: str) -> exp.Expr:
    """That a text cannot be read as a date, a timestamp, a number or JSON; of JSON that takes PostgreSQL 16."""
    if form == "json":
        return exp.not_(exp.Anonymous(this="PG_INPUT_IS_VALID", expressions=[text, exp.convert("json")]))
    if form == "number":
        return _is_no_number(text)
    return exp.not_(_like(text, PATTERNS[form]))


def is_no_moment(text: exp.Expr, form: str) -> exp.Expr:
    """That a text is no moment in a form of strftime; where year, month and day are numbers, of a day that there is.

    >>> is_no_moment(exp.column("x"), "%H:%M").sql("postgres")
    "NOT x ~ '^(?:([01]?[0-9]|2[0-3])):(?:[0-5]?[0-9])$'"

    Raises:
        UnsupportedError: it has a letter that is not known here.
    """
    parts = re.split(r"%-?(.)", form)
    letters = parts[1::2]
    if unknown := [each for each in letters if each not in DIRECTIVES]:
        raise UnsupportedError(
            f"the form `{form}` has %{unknown[0]}, of which PostgreSQL has no word.", hint="write a regex instead."
        )
    written = f"^{_pattern(parts, ())}$"
    if not {*DATED} <= {*letters} or any(letters.count(each) > 1 for each in DATED):
        return exp.not_(_like(text, written))
    order = {letter: at for at, letter in enumerate((each for each in letters if each in DATED), 1)}
    iso = exp.Anonymous(
        this="REGEXP_REPLACE",
        expressions=[
            text.copy(),
            exp.convert(f"^{_pattern(parts, DATED)}$"),
            exp.convert("-".join(f"\\{order[letter]}" for letter in DATED)),
        ],
    )
    return exp.not_(exp.paren(exp.and_(_like(text, written), _like(iso, f"^-?{DAY}$"))))


def _pattern(parts: list[str], kept: tuple[str, ...]) -> str:
    """A form as a regular expression; only what is kept is a group of its own."""
    found = []
    for at, part in enumerate(parts):
        if at % 2 == 0:
            found.append(re.sub(r"([.^$*+?()\[\]{}|\\])", r"\\\1", part))
        else:
            inner = DIRECTIVES[part].replace("(?:", "(").replace("(", "(?:") if kept else DIRECTIVES[part]
            found.append(f"({inner})" if part in kept else f"(?:{inner})")
    return "".join(found)


def _is_no_number(text: exp.Expr) -> exp.Expr:
    """Digits with or without an exponent, and no more than a float holds."""
    is_usual = exp.LTE(this=exp.Length(this=text.copy()), expression=exp.convert(DIGITS_MAX))
    is_written = exp.and_(_like(text, rf"^\s*{NUMBER}\s*$"), _like(text, rf"^\s*{EXPONENT_USUAL}\s*$"), is_usual)
    digits = exp.Anonymous(this="REPLACE", expressions=[text.copy(), exp.convert("_"), exp.convert("")])
    size = exp.Abs(this=exp.cast(digits, "NUMERIC"))
    is_small = exp.LTE(this=size, expression=exp.cast(exp.convert(LARGEST), "NUMERIC"))
    return exp.not_(exp.paren(exp.case().when(is_written, is_small).else_(exp.false())))


def _like(text: exp.Expr, pattern: str) -> exp.Expr:
    return exp.RegexpLike(this=text.copy(), expression=exp.convert(pattern))
