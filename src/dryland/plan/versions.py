"""Fills meanings in over the whole graph: once with the sources held still, once as they were measured."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from dryland.engines.relation import Column
from dryland.sql.inputs import EXTERNAL
from dryland.sql.meaning import Meaning
from dryland.sql.versions import evaluate
from dryland.state.records import Versions, digest

CODE = "code"  # the token of every source in code versions: it never moves


def source_versions(
    sources: Mapping[str, tuple[Column, ...]], externals: frozenset[str], tokens: Mapping[str, str], now: str
) -> dict[str, Versions]:
    """Versions of everything that is read from outside; a column's type counts, its data by the source's token.

    What has no token (a hard-coded table, a file) moves with `now`.
    """
    found = {}
    for unique_id, columns in sources.items():
        token = tokens.get(unique_id, now)
        types = {column.name.lower(): digest([unique_id, column.name.lower(), column.type, token]) for column in columns}
        found[unique_id] = Versions(digest(["source", unique_id, token]), types)
    for unique_id in externals:
        if unique_id not in found:
            found[unique_id] = Versions(digest(["external", unique_id, tokens.get(unique_id, now)]))
    return found


def externals_of(meanings: Mapping[str, Meaning]) -> frozenset[str]:
    """Inputs that no node of the project makes."""
    read = frozenset[str]().union(*(meaning.inputs for meaning in meanings.values()))
    return frozenset(uid for uid in read if uid.startswith(EXTERNAL) or uid not in meanings)


def evaluate_all(
    meanings: Mapping[str, Meaning],
    inputs: Mapping[str, Versions],
    *,
    salt: Callable[[str], str],
    kept: Callable[[str], Versions | None] = lambda _: None,
) -> dict[str, Versions]:
    """Versions of every node, in order; `kept` gives those that are not evaluated but taken as they are."""
    found: dict[str, Versions] = {}
    everything = dict(inputs)
    for node, meaning in meanings.items():
        versions = kept(node)
        if versions is None:
            versions = evaluate(meaning, everything, salt=salt(node))
        found[node] = everything[node] = versions
    return found
