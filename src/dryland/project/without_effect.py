"""Tells what a project asks for that has no effect, so that nobody relies on it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from dryland.engines.registry import GRANTING
from dryland.project.contracts import has_contract, is_promised
from dryland.project.nodes import Node

SHOWN_MAX = 3


def _is_promised_in_vain(node: Node) -> bool:
    return is_promised(node) and not has_contract(node)


OF_NODES: tuple[tuple[str, Callable[[Node], bool]], ...] = (
    ("contracts are kept for tables and views of models only", _is_promised_in_vain),
)


def without_effect(nodes: Iterable[Node], engine: str) -> Iterator[str]:
    """One sentence for each thing that is asked for in vain on this kind of warehouse, with the names of who asks."""
    nodes = list(nodes)
    for sentence, asks in OF_NODES:
        yield from _told(sentence, [node.name for node in nodes if asks(node)])
    if engine not in GRANTING:
        granted = [node.name for node in nodes if any(_mapping(node, "grants").values())]
        yield from _told(f"grants have no effect on {engine}, which has no roles", granted)


def _told(sentence: str, names: list[str]) -> Iterator[str]:
    if names:
        more = f" and {len(names) - SHOWN_MAX} more" if len(names) > SHOWN_MAX else ""
        yield f"{sentence}: {', '.join(names[:SHOWN_MAX])}{more}"


def _mapping(node: Node, key: str) -> Mapping[str, Any]:
    value = node.config.get(key)
    return value if isinstance(value, Mapping) else {}
