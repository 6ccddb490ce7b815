"""Defines a kind of check: its name, the arguments that it takes, and how it is asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Any, Literal

from dryland.check.term import Asked, Term
from dryland.values import dataclass

Parse = Callable[[Any], Any]  # a value as written to the value that the kind works with; ValueError says what to write
Of = Literal["anything", "text", "moments", "numbers"]  # texts may be any; bytes and nested values are none
About = Literal["column", "table", "either"]


@dataclass(frozen=True, slots=True)
class Alias:
    """Another name of a kind, as packages and tools call it: what their arguments are called here."""

    renamed: Mapping[str, str] = field(default_factory=dict)
    given: Mapping[str, Any] = field(default_factory=dict)  # arguments that the other name stands for


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of check."""

    name: str
    term: Callable[[Asked], Term]
    about: About = "column"
    takes: Mapping[str, Parse] = field(default_factory=dict)
    needs: tuple[str, ...] = ()  # arguments that must be given; `a|b` is one of the two
    also: Mapping[str, Alias] = field(default_factory=dict)
    is_volatile: bool = False  # the same table may be good today and bad tomorrow
    uses_history: bool = False  # it compares with builds that came before
    reads_rows: bool = True  # takes `row_condition`; not what is known without them
    is_grouped: bool = True  # takes `group_by`
    of: Of = "anything"  # what the values of its column must be
