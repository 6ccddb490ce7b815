"""Writes YAML for contracts: keys in the order in which they are given, nothing that is empty."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

WIDTH = 110


class _Dumper(yaml.SafeDumper):
    """Indents the entries of lists, as people do; never refers from one place to another."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> Any:
        return super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:
        return True


def yaml_text(value: Mapping[str, Any]) -> str:
    """A mapping as YAML.

    >>> yaml_text({"name": "orders", "tags": ["daily"], "team": {}})
    'name: orders\\ntags:\\n  - daily\\n'
    """
    return yaml.dump(
        without_empty(value), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=WIDTH,
        default_flow_style=False,
    )  # fmt: skip


def without_empty(value: Any) -> Any:
    """The same without what says nothing: empty texts, lists and mappings, and nulls that are no entry of a list."""
    if isinstance(value, Mapping):
        kept = ((str(key), without_empty(each)) for key, each in value.items())
        return {key: each for key, each in kept if each is not None and each != "" and each != [] and each != {}}
    if isinstance(value, list | tuple):
        return [without_empty(each) for each in value]
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)
