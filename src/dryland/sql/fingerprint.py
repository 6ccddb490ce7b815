"""Writes an expression down so that only meaning is left: no comments, no idle parentheses, no names of aliases."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlglot import exp

from dryland.sql.any_order import FREE, MIRRORED, unordered
from dryland.sql.grouping import OPERATORS, is_doubtful
from dryland.sql.meaning import Part, Read, hash_of


class NotUnderstoodError(Exception):
    """The analysis has met something that it does not fully understand; the message says what."""


@dataclass
class Text:
    """Canonical text in the making, and what it reads."""

    pieces: list[str] = field(default_factory=list)
    reads: set[Read] = field(default_factory=set)

    def part(self, *more: str) -> Part:
        """Everything written so far, as a part."""
        return Part(hash_of("".join(self.pieces), *more), frozenset(self.reads))

    def add_part(self, part: Part) -> None:
        """Write another part in its place."""
        self.pieces.append(f"<{part.hash}>")
        self.reads |= part.reads


Stand = Callable[[exp.Expr], Part | None]
"""What a node stands for: columns and subqueries have a part of their own; None means "write it out"."""


def write(node: object, text: Text, stand: Stand) -> None:
    """Append the canonical form of a node (or list, or plain value) to `text`."""
    if isinstance(node, exp.Expr):
        _write_node(node, text, stand)
    elif isinstance(node, list):
        text.pieces.append("[")
        for each in node:
            write(each, text, stand)
            text.pieces.append(",")
        text.pieces.append("]")
    else:
        text.pieces.append(f"{type(node).__name__}:{node!r}" if not isinstance(node, str) else f"s:{node!r}")


def part_of(nodes: Iterable[object], stand: Stand) -> Part:
    """The part of several nodes in their order."""
    text = Text()
    for node in nodes:
        write(node, text, stand)
        text.pieces.append(";")
    return text.part()


def joined(kind: str, *parts: Part) -> Part:
    """One part made of several, in their order."""
    reads: frozenset[Read] = frozenset().union(*(part.reads for part in parts))
    return Part(hash_of(kind, *(part.hash for part in parts)), reads)


def _write_node(node: exp.Expr, text: Text, stand: Stand) -> None:
    if isinstance(node, exp.Paren):
        inner = node.unnest()
        if isinstance(inner, OPERATORS) and is_doubtful(node):
            text.pieces.append("paren:")
        node = inner
    part = stand(node)
    if part is not None:
        text.add_part(part)
    elif isinstance(node, exp.Identifier):
        text.pieces.append(f"i:{node.name!r}")
    else:
        free = unordered(node)
        text.pieces.append(f"{MIRRORED.get(type(node), type(node)).__name__}(")
        _write_arguments(node, FREE[type(node)] if free else frozenset(), text, stand)
        for part in sorted((part_of([each], stand) for each in free), key=lambda part: part.hash):
            text.add_part(part)
        text.pieces.append(")")


def _write_arguments(node: exp.Expr, free: frozenset[str], text: Text, stand: Stand) -> None:
    """Everything below a node but what is free of order."""
    arguments = node.args
    if type(node) in MIRRORED:
        arguments = {**arguments, "this": node.args["expression"], "expression": node.args["this"]}
    if isinstance(node, exp.Group) and node.args.get("all") is False:
        text.pieces.append("distinct,")  # sqlglot's way to say it
    for key, value in sorted(arguments.items()):
        if key not in free and not _is_absent(value):
            value = value.lower() if isinstance(node, exp.Anonymous) and isinstance(value, str) else value
            text.pieces.append(f"{key}=")
            write(value, text, stand)
            text.pieces.append(",")


def _is_absent(value: Any) -> bool:
    return value is None or value is False or value == []
