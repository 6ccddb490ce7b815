"""Writes values as YAML, as people write it: what is nested line by line, short lists and arguments on one line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

WIDTH = 10**9  # of lines that are written: YAML's own folding would break texts
STEP = 2  # columns by which what is nested stands further in
LISTS = frozenset({"models", "seeds", "snapshots", "columns", "data_tests", "tests", "checks"})
"""Lists that are written one entry to a line; all others, as arguments are, on one line."""


def rendered(value: Any, column: int, offset: int) -> Iterator[str]:
    """Lines of a list or of keys in block form, from `column` on; lists stand `offset` further in than their key."""
    pad = " " * column
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _pair(str(name), inner, column, offset)
    else:
        for each in value:
            lines = [line[column + STEP :] for line in _entry_lines(each, column + STEP, offset)]
            yield f"{pad}- {lines[0]}"
            yield from (f"{pad}  {line}" for line in lines[1:])


def _entry_lines(value: Any, column: int, offset: int) -> list[str]:
    if isinstance(value, dict):
        return list(rendered(value, column, offset))
    return [" " * column + flow(value)]


def _pair(name: str, value: Any, column: int, offset: int) -> Iterator[str]:
    pad, shown = " " * column, flow(name)
    if _is_long(name, value):
        yield f"{pad}{shown}:"
        yield from rendered(value, column + offset, offset)
    elif isinstance(value, dict) and _is_wide(name, value):
        yield f"{pad}{shown}:"
        yield from rendered(value, column + STEP, offset)
    else:
        yield f"{pad}{shown}: {flow(value)}"


def _is_long(name: str, value: Any) -> bool:
    """Whether a list has one entry to a line; `columns` of an argument are but names."""
    return isinstance(value, list) and name in LISTS and (name != "columns" or isinstance(value[0], dict))


def _is_wide(name: str, value: dict[str, Any]) -> bool:
    """Whether keys stand better one to a line."""
    is_nested = any(isinstance(each, dict) or _is_long(key, each) for key, each in value.items())
    return is_nested or len(flow(value)) + len(name) > 80


def flow(value: Any) -> str:
    """A value on one line, quoted where YAML would take it for something else."""
    written: str = yaml.safe_dump(value, default_flow_style=True, width=WIDTH, sort_keys=False, allow_unicode=True)
    return written.removesuffix("\n").removesuffix("\n...")
