"""Lists the filters that dbt adds to Jinja: they convert in YAML, and leave SQL as it is; and one that is watched."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import Any

import jinja2
import jinja2.filters
import jinja2.runtime

from dryland.project.jinja.clock import RANDOM
from dryland.project.jinja.state import current


def as_text(value: Any) -> str:
    """The value as text."""
    return str(value)


def as_bool(value: Any) -> bool:
    """True for `true`, `yes`, `1`; false for their opposites."""
    text = str(value).strip().lower()
    if text in ("true", "yes", "1", "on"):
        return True
    if text in ("false", "no", "0", "off", ""):
        return False
    raise ValueError(f"{value!r} is neither true nor false")


def as_number(value: Any) -> int | float:
    """The value as a number."""
    text = str(value).strip()
    return int(text) if text.lstrip("+-").isdigit() else float(text)


def as_native(value: Any) -> Any:
    """The value that the text writes down in Python; the text itself when it is none."""
    try:
        return ast.literal_eval(str(value))
    except (ValueError, SyntaxError):
        return value


def is_list(value: Any) -> bool:
    """Whether the value is a list."""
    return isinstance(value, list)


class Converting(str):
    """A text that is converted where it comes out of an expression; inside of one it is still the text, as in dbt."""

    convert: Callable[[Any], Any]

    @classmethod
    def by(cls, convert: Callable[[Any], Any], value: Any) -> Converting:
        """The value as text, to be converted like this."""
        made = cls(value)
        made.convert = convert
        return made


def came_out(value: Any) -> Any:
    """What an expression gave, converted if it said so last."""
    return value.convert(str(value)) if isinstance(value, Converting) else value


def _in_yaml(convert: Callable[[Any], Any]) -> Callable[..., Any]:
    """A filter that converts only where a value comes out: a template of text has a name, an expression has none."""

    @jinja2.pass_context
    def converted(context: jinja2.runtime.Context, value: Any) -> Any:
        return Converting.by(convert, value) if context.name is None else value

    return converted


@jinja2.pass_context
def one_of(context: jinja2.runtime.Context, values: Any) -> Any:
    """One of the values by chance, and another one the next time."""
    current().asked.add(RANDOM)
    return jinja2.filters.do_random(context, values)


FILTERS: Mapping[str, Callable[..., Any]] = {
    "as_text": _in_yaml(as_text),
    "as_bool": _in_yaml(as_bool),
    "as_number": _in_yaml(as_number),
    "as_native": _in_yaml(as_native),
    "is_list": is_list,
    RANDOM: one_of,
}
