"""Tells descriptions, columns and constraints as dbt writes them, with the docs blocks that they use."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from dryland.project.config import as_list
from dryland.project.graph.config import plain
from dryland.project.graph.parts import Parts
from dryland.project.nodes import Place

DOC = re.compile(r"\bdoc\(\s*['\"](\w+)['\"]\s*(?:,\s*['\"](\w+)['\"]\s*)?\)")
COLUMN_KEYS = frozenset(
    "name description meta data_type constraints quote config tags granularity data_tests tests dimension".split()
)


def description(parts: Parts, text: Any, place: Place, package: str) -> str:
    """A description; one without Jinja is left as it is written, to its last newline."""
    raw = str(text or "")
    return parts.docs.described(raw, place, package) if "{{" in raw else raw


def doc_blocks(parts: Parts, text: Any, package: str) -> list[str]:
    """Unique ids of the docs blocks that a description asks for."""
    found = []
    for first, second in DOC.findall(str(text or "")):
        packages = [first] if second else [package, parts.own.name, *parts.docs.blocks]
        name = second or first
        found += [f"doc.{each}.{name}" for each in packages if name in parts.docs.blocks.get(each, {})][:1]
    return found


def columns(parts: Parts, listed: Any, place: Place, package: str) -> dict[str, dict[str, Any]]:
    """What YAML says of columns, by name."""
    named = (body for body in listed or () if isinstance(body, Mapping) and "name" in body)
    return {str(body["name"]): _column(parts, body, place, package) for body in named}


def constraints(listed: Any, *, of_columns: bool = False) -> list[dict[str, Any]]:
    """Constraints with every key that dbt writes; those of a whole model list their columns."""
    return [_constraint(body, of_columns=of_columns) for body in listed or ()]


def _constraint(body: Mapping[str, Any], *, of_columns: bool) -> dict[str, Any]:
    found = {"type": body.get("type"), "name": body.get("name"), "expression": body.get("expression")}
    found |= {key: body.get(key, True) for key in ("warn_unenforced", "warn_unsupported")}
    found |= {"to": body.get("to"), "to_columns": list(body.get("to_columns") or ())}
    return found if of_columns else {**found, "columns": list(body.get("columns") or ())}


def names_of(listed: Iterable[Any]) -> list[str]:
    """Tags, as a list of words."""
    return [str(tag) for tag in listed]


def _column(parts: Parts, body: Mapping[str, Any], place: Place, package: str) -> dict[str, Any]:
    config = body.get("config") or {}
    meta = plain({**(body.get("meta") or {}), **(config.get("meta") or {})})
    tags = names_of(dict.fromkeys((*as_list(body.get("tags")), *as_list(config.get("tags")))))
    return {
        "name": str(body["name"]),
        "description": description(parts, body.get("description"), place, package),
        "meta": meta,
        "data_type": body.get("data_type"),
        "constraints": constraints(body.get("constraints"), of_columns=True),
        "quote": body.get("quote"),
        "config": {**plain(config), "meta": meta, "tags": tags},
        "tags": tags,
        **{str(key): plain(value) for key, value in body.items() if key not in COLUMN_KEYS},
        "granularity": body.get("granularity"),
        "doc_blocks": doc_blocks(parts, body.get("description"), package),
    }
