"""Fills meanings in over the whole graph: once with the sources held still, once as they were measured."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from dryland.digest import digest
from dryland.engines.relation import Column
from dryland.plan.request import Question
from dryland.plan.salt import code_salt, data_salt
from dryland.sql.meaning import EXTERNAL, ROWS, WHOLE, Meaning
from dryland.sql.versions import evaluate
from dryland.state.records import Versions

CODE = "code"  # the token of every source in code versions: it never moves

Kept = Callable[[str], Versions | None]


def code_versions(question: Question) -> dict[str, Versions]:
    """The versions that `apply` compares; nodes that are not asked for stay as they are deployed."""
    columns = question.request.source_columns
    tokens = _placed(question, dict.fromkeys(columns, CODE))
    still = source_versions(columns, externals_of(question.meanings), tokens, CODE)

    def kept(node: str) -> Versions | None:
        pointer = question.pointer(node)
        return pointer.code if pointer and not question.request.includes(node) else None

    return evaluate_all(question.meanings, still, salt=lambda node: code_salt(question, node), kept=kept)


def data_versions(question: Question, measured: Mapping[str, Versions], moving: frozenset[str]) -> dict[str, Versions]:
    """The versions that `run` compares; nodes that stand and are not `moving` keep theirs."""

    def kept(node: str) -> Versions | None:
        pointer = question.pointer(node)
        return pointer.data if pointer and node not in moving else None

    return evaluate_all(question.meanings, measured, salt=lambda node: data_salt(question, node), kept=kept)


def measured_versions(question: Question) -> dict[str, Versions]:
    """Versions of all that is read from outside, as it was measured."""
    request = question.request
    return source_versions(
        request.source_columns, externals_of(question.meanings), _placed(question, request.tokens),
        request.now or request.volatile_token,
    )  # fmt: skip


def _placed(question: Question, tokens: Mapping[str, str]) -> dict[str, str]:
    """Tokens that tell where a source stands, too: a source that is pointed elsewhere is other data, and other code."""
    found, home = dict(tokens), question.project.warehouse.database
    for unique_id in tokens.keys() & question.project.sources.keys():
        at = question.project.sources[unique_id].relation
        place = [at.database if at.database != home else "", at.schema, at.name, at.expression]
        found[unique_id] += f"|{digest(place)}"
    return found


def source_versions(
    sources: Mapping[str, tuple[Column, ...]], externals: frozenset[str], tokens: Mapping[str, str], now: str
) -> dict[str, Versions]:
    """Versions of everything that is read from outside; a column's type counts, its data by the source's token.

    What has no token (a hard-coded table, a file) moves with `now`.
    """
    found = {}
    for unique_id, columns in sources.items():
        token = tokens.get(unique_id, now)
        named = [(column.name.lower(), column.type) for column in columns]
        found[unique_id] = Versions(
            digest(["source", unique_id, token]), {name: digest([unique_id, name, kind, token]) for name, kind in named}
        )
    for unique_id in externals:
        if unique_id not in found:
            found[unique_id] = Versions(digest(["external", unique_id, tokens.get(unique_id, now)]))
    return found


def externals_of(meanings: Mapping[str, Meaning]) -> frozenset[str]:
    """Inputs that no node of the project makes."""
    read = frozenset[str]().union(*(meaning.inputs for meaning in meanings.values()))
    return frozenset(unique_id for unique_id in read if unique_id.startswith(EXTERNAL) or unique_id not in meanings)


def evaluate_all(
    meanings: Mapping[str, Meaning],
    inputs: Mapping[str, Versions],
    *,
    salt: Callable[[str], str],
    kept: Kept = lambda _: None,
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


def is_same(before: Versions, after: Versions) -> bool:
    """Whether nothing changed; the order of columns counts, as it does for `Versions.whole`."""
    return before == after and list(before.columns) == list(after.columns)


def columns_moved(before: Versions, after: Versions) -> tuple[str, ...]:
    """Which of the columns in `after` changed, ROWS first; (WHOLE,) when the columns are not known."""
    if not after.columns:
        return () if is_same(before, after) else (WHOLE,)
    rows = () if before.rows == after.rows else (ROWS,)
    return (*rows, *(name for name, version in after.columns.items() if before.columns.get(name) != version))
