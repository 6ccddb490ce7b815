"""Says which columns an incremental model's table has after a build: `on_schema_change` decides, not the query."""

from __future__ import annotations

from dataclasses import replace

from dryland.digest import digest
from dryland.plan.request import Question
from dryland.sql.meaning import Meaning, Part, hash_of

KEPT = Part(hash_of("empty in new rows"))
"""What a column means that the query gives no more: it stays in the table for the sake of the rows that have it."""


def as_it_grows(question: Question, node: str, meaning: Meaning) -> Meaning:
    """The meaning of the table that stands after the next build, not of the query that adds to it.

    Columns come in the table's order. What starts from nothing is its query; so is what the build will refuse.
    """
    before = _grown_from(question, node)
    if before is None or before.columns is None or meaning.columns is None:
        return meaning
    policy = str(question.project.nodes[node].config.get("on_schema_change") or "ignore")
    old, new = before.columns, meaning.columns
    if policy == "fail" and old.keys() != new.keys():
        return meaning
    names = [name for name in old if name in new or policy != "sync_all_columns"]
    names += [name for name in new if name not in old and policy != "ignore"]
    if names == list(new):
        return meaning
    return replace(meaning, columns={name: new.get(name, KEPT) for name in names}, asked=new)


def left_out(meaning: Meaning) -> tuple[str, ...]:
    """Columns of the query that its table does not take in."""
    return tuple(name for name in meaning.asked if name not in (meaning.columns or {}))


def query_hash(meaning: Meaning) -> str:
    """Hash of a query whose table has other columns: it is other code, and its readers do not see that."""
    return digest([[name, part.hash] for name, part in meaning.asked.items()]) if meaning.asked else ""


def _grown_from(question: Question, node: str) -> Meaning | None:
    """What the rows that are there mean; None when a build does not start from them."""
    own = question.project.nodes[node]
    is_again = question.is_from_nothing(node) and question.request.includes(node)
    if own.materialized != "incremental" or own.materialization_macro or is_again:
        return None
    build = question.base(node)
    return question.base_meaning(node) if build is not None and build.kind == "table" else None
