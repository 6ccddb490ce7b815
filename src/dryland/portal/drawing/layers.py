"""Lays a graph out in layers: what is read stands left of what reads it, and few lines cross."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from dryland.plan.order import in_order, turned

SWEEPS = 6  # there and back; more hardly lessen the crossings
Place = tuple[int, float]  # layer, and height within all layers


def layered(nodes: Sequence[str], reads: Mapping[str, Iterable[str]]) -> dict[str, Place]:
    """Where each node stands; the same graph always looks the same.

    >>> layered(["a", "b", "c"], {"b": ["a"], "c": ["a", "b"]})
    {'a': (0, 0.0), 'b': (1, 0.0), 'c': (2, 0.0)}
    """
    known = frozenset(nodes)
    above = {node: [each for each in reads.get(node, ()) if each in known] for node in nodes}
    below = turned(above)
    layers = _layers(nodes, above, below)
    for sweep in range(SWEEPS):
        _sort(layers, above if sweep % 2 == 0 else below, is_forward=sweep % 2 == 0)
    tallest = max((len(layer) for layer in layers), default=0)
    return {
        node: (number, place + (tallest - len(layer)) / 2)
        for number, layer in enumerate(layers)
        for place, node in enumerate(layer)
    }


def _layers(
    nodes: Sequence[str], above: Mapping[str, Sequence[str]], below: Mapping[str, Sequence[str]]
) -> list[list[str]]:
    """Each node right after the last of what it reads; what reads nothing stands right before who reads it."""
    layer: dict[str, int] = {}
    for node in in_order(above):
        layer[node] = max((layer[each] + 1 for each in above[node]), default=0)
    for node in nodes:
        if not above[node] and below.get(node):
            layer[node] = min(layer[each] for each in below[node]) - 1
    layers: list[list[str]] = [[] for _ in range(max(layer.values(), default=-1) + 1)]
    for node in nodes:
        layers[layer[node]].append(node)
    return layers


def _sort(layers: list[list[str]], neighbours: Mapping[str, Sequence[str]], *, is_forward: bool) -> None:
    """Put each node near the middle of what it is joined with, layer after layer."""
    height = {node: place / max(len(layer), 1) for layer in layers for place, node in enumerate(layer)}
    for layer in layers if is_forward else reversed(layers):
        wanted = {
            node: sum(height[each] for each in near) / len(near) if (near := neighbours.get(node, ())) else height[node]
            for node in layer
        }
        layer.sort(key=wanted.__getitem__)
        height.update({node: place / len(layer) for place, node in enumerate(layer)})
