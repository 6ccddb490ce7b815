"""Spells columns as their tables do, for warehouses that tell `"Id"` from `"id"`: in YAML both are the column."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from dryland.check.dialects import WORDS
from dryland.check.given import takes
from dryland.check.kinds import arguments
from dryland.check.request import CheckRequest
from dryland.engines.relation import Column
from dryland.project.nodes import Check


def spelt(check: Check, given: Mapping[str, Any], request: CheckRequest) -> tuple[Check, Mapping[str, Any]]:
    """A check and its arguments, with every column as its table spells it; one that is not there as it stands."""
    if WORDS[request.dialect].folds_names:
        return check, given
    own = request.columns.get(check.node, ())
    theirs = request.columns.get(str(given.get("to", check.node)), ())
    told = dict(given)
    for name, parse in takes(check).items():
        if name in given and parse in (arguments.column, arguments.columns, arguments.order):
            told[name] = _each(given[name], own)
        elif name in given and parse is arguments.their_column:
            told[name] = _each(given[name], theirs)
    return replace(check, column=_one(check.column, own)), told


def _each(named: str | list[str], columns: Iterable[Column]) -> str | list[str]:
    return [_one(each, columns) for each in named] if isinstance(named, list) else _one(named, columns)


def _one(name: str, columns: Iterable[Column]) -> str:
    """The column of exactly this name, or the only one that is called so in other letters."""
    there = [column.name for column in columns]
    alike = [each for each in there if each.lower() == name.lower()]
    return alike[0] if name not in there and len(alike) == 1 else name
