"""Tells what a project asks for that has no effect yet, so that nobody relies on it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from dryland.project.nodes import Node, Source

SHOWN_MAX = 3


def _is_contracted(node: Node) -> bool:
    return bool(_mapping(node, "contract").get("enforced"))


def _is_constrained(node: Node) -> bool:
    return bool(node.constraints) or any(column.constraints for column in node.columns)


def _is_commented(node: Node) -> bool:
    return any(_mapping(node, "persist_docs").values())


OF_NODES: tuple[tuple[str, Callable[[Node], bool]], ...] = (
    ("contracts are not enforced yet", _is_contracted),
    ("constraints are not enforced yet; data tests are", _is_constrained),
    ("descriptions are not written to the warehouse yet (persist_docs)", _is_commented),
    ("grants are not given yet", lambda node: bool(_mapping(node, "grants"))),
)


def without_effect(nodes: Iterable[Node], sources: Iterable[Source]) -> Iterator[str]:
    """One sentence for each thing that is asked for in vain, with the names of who asks."""
    nodes = list(nodes)
    for sentence, asks in OF_NODES:
        yield from _told(sentence, [node.name for node in nodes if asks(node)])
    fresh = [f"{source.source_name}.{source.name}" for source in sources if any(source.freshness.values())]
    yield from _told("the freshness of sources is not checked yet", fresh)


def _told(sentence: str, names: list[str]) -> Iterator[str]:
    if names:
        more = f" and {len(names) - SHOWN_MAX} more" if len(names) > SHOWN_MAX else ""
        yield f"{sentence}: {', '.join(names[:SHOWN_MAX])}{more}"


def _mapping(node: Node, key: str) -> Mapping[str, Any]:
    value = node.config.get(key)
    return value if isinstance(value, Mapping) else {}
