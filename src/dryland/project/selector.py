"""Defines selectors: what one method finds, with its relatives, and how several are put together."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, Literal

from dryland.errors import SelectorError
from dryland.values import dataclass

Indirect = Literal["eager", "cautious", "buildable", "empty"]
"""Which tests come along with what they look at: of any of it, only when all of it is chosen (or is what that needs,
for `buildable`), or none."""

INDIRECT: tuple[Indirect, ...] = ("eager", "cautious", "buildable", "empty")
METHOD_NAMES = frozenset(
    """
    access config exposure file fqn group metric package path resource_type result saved_query semantic_model source
    source_status state tag test_name test_type unit_test version
    """.split()
)
RESOURCE_TYPES = (
    "model", "seed", "snapshot", "source", "test", "unit_test", "exposure", "metric", "semantic_model", "saved_query",
    "analysis",
)  # fmt: skip
FILE_ENDINGS = (".sql", ".py", ".csv")
TERM = re.compile(
    r"(?P<at>@)?(?P<up>(?P<up_depth>\d*)\+)?(?:(?P<method>[\w.]+):)?(?P<value>.*?)(?P<down>\+(?P<down_depth>\d*))?"
)
EVERYTHING = "fqn:* source:* exposure:* metric:* semantic_model:*"  # what nothing said stands for, as in dbt


@dataclass(frozen=True, slots=True)
class Term:
    """What one method finds; `above` and `below` say how far relatives come along: 0 none, None all of them."""

    text: str  # as it was written
    method: str
    value: Any  # text, or in YAML any scalar
    argument: str = ""  # `materialized` of `config.materialized`
    with_needs_below: bool = False  # `@`: what reads it, and all that these need
    above: int | None = 0
    below: int | None = 0
    indirect: Indirect | None = None  # None is as the command line says
    must_match: bool = False  # whether finding nothing is a slip of the person who typed it


@dataclass(frozen=True, slots=True)
class Group:
    """Several selectors put together; a difference is what the first chooses without what the others do."""

    how: Literal["union", "intersection", "difference"]
    parts: tuple[Selector, ...]
    indirect: Indirect | None = "eager"


Selector = Term | Group


@dataclass(frozen=True, slots=True)
class NamedSelector:
    """A selector of selectors.yml."""

    name: str
    selector: Selector
    description: str = ""
    is_default: bool = False


def union_of(words: Iterable[str], *, must_match: bool = True) -> Group:
    """What the command line says: words choose either, commas within a word both.

    Raises:
        SelectorError: a word cannot be read.
    """
    found = [
        Group("intersection", tuple(replace(parse_term(part), must_match=must_match) for part in _parts(word)), None)
        for each in words
        for word in each.split()
    ]
    return Group("union", tuple(found), None)


def parse_term(text: str) -> Term:
    """One selector as people type it.

    >>> parse_term("2+tag:daily")
    Term(text='2+tag:daily', method='tag', value='daily', argument='', with_needs_below=False, above=2, below=0, \
indirect=None, must_match=False)

    Raises:
        SelectorError: it names nothing, or its method is none.
    """
    found = TERM.fullmatch(text)
    if found is None or not found["value"]:
        raise SelectorError(f"`{text}` names nothing to select.", hint="for example: orders, +orders, tag:daily.")
    above = _depth(found["up_depth"]) if found["up"] else 0
    below = _depth(found["down_depth"]) if found["down"] else 0
    term = term_of(text, found["method"] or _default_method(found["value"]), found["value"])
    return verified(replace(term, with_needs_below=bool(found["at"]), above=above, below=below))


def term_of(text: str, method: str, value: Any) -> Term:
    """A term of a method, whose name may have an argument, and a value.

    Raises:
        SelectorError: there is no such method.
    """
    name, _, argument = method.partition(".")
    if name not in METHOD_NAMES:
        near = difflib.get_close_matches(name, sorted(METHOD_NAMES), n=1)
        meant = f"did you mean `{near[0]}`? " if near else ""
        raise SelectorError(
            f"`{text}`: there is no selector method `{name}`.",
            hint=f"{meant}there are {', '.join(sorted(METHOD_NAMES))}.",
        )
    return Term(text, name, value, argument)


def verified(term: Term) -> Term:
    """The term, if what it says of relatives makes sense."""
    if term.with_needs_below and term.below != 0:
        hint = f"write `{term.text.rstrip('+')}`." if isinstance(term.text, str) else ""
        raise SelectorError(f"`{term.text}`: `@` takes descendants along already.", hint=hint)
    return term


def _default_method(value: str) -> str:
    """What a bare word is: a path if it has a slash, a file by its ending, else a name."""
    if "/" in value:
        return "path"
    return "file" if value.lower().endswith(FILE_ENDINGS) else "fqn"


def _parts(word: str) -> list[str]:
    return [part for part in word.split(",") if part]


def _depth(text: str) -> int | None:
    return int(text) if text else None


def terms_of(selector: Selector) -> Sequence[Term]:
    """Every term in a selector."""
    return [selector] if isinstance(selector, Term) else [term for part in selector.parts for term in terms_of(part)]
