"""Tells the selectors of selectors.yml as dbt writes them into its manifest: each definition in full."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dryland.project.graph.config import plain
from dryland.project.graph.parts import Parts
from dryland.project.jinja.state import Scope
from dryland.project.jinja.world import Stage
from dryland.project.selector import parse_term
from dryland.project.selectors_file import FILE, SET_OPERATORS
from dryland.project.yaml_file import read_yaml

Said = Mapping[str, Any]


def selectors(parts: Parts) -> dict[str, dict[str, Any]]:
    """By name; one that takes in another has that one's definition."""
    path = parts.own.root / FILE
    if not path.is_file():
        return {}
    content = parts.templates.value(read_yaml(path, FILE), Scope(FILE, parts.own.name), stage=Stage.PROJECT)
    found: dict[str, dict[str, Any]] = {}
    for body in content.get("selectors") or ():
        found[str(body["name"])] = {**plain(body), "definition": _definition(body["definition"], found)}
    return found


def _definition(said: Any, known: Mapping[str, Said]) -> Any:
    if isinstance(said, str):
        return _term(said)
    for operator in SET_OPERATORS:
        if operator in said:
            return {operator: [_definition(each, known) for each in said[operator]]}
    if said.get("method") == "selector" and said.get("value") in known:
        return known[said["value"]]["definition"]
    if "exclude" in said and len(said) == 1:
        return {"exclude": [_definition(each, known) for each in said["exclude"]]}
    if len(said) == 1:
        ((method, value),) = said.items()
        return {"method": method, "value": plain(value)}
    return plain(said)


def _term(text: str) -> dict[str, Any]:
    """What a text such as `2+tag:daily` says, word by word.

    >>> _term("2+tag:daily")
    {'method': 'tag', 'value': 'daily', 'parents': True, 'parents_depth': '2'}
    """
    term = parse_term(text)
    found: dict[str, Any] = {"method": f"{term.method}.{term.argument}" if term.argument else term.method}
    found["value"] = term.value
    if term.with_needs_below:
        found["childrens_parents"] = True
    for word, depth in (("parents", term.above), ("children", term.below)):
        if depth != 0:
            found[word] = True
        if depth:
            found[f"{word}_depth"] = str(depth)
    return found
