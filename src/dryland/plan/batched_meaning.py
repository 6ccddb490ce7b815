"""Says what a microbatch model means: its query, and that it reads only a stretch of event time of its inputs."""

from __future__ import annotations

from dataclasses import replace

from dryland.digest import digest
from dryland.project.batches import mentions_batch
from dryland.project.ephemeral import seen_through
from dryland.project.nodes import Node
from dryland.project.project import Project
from dryland.sql.meaning import WHOLE, Meaning, Part, Read, hash_of

OPTIONS = ("event_time", "batch_size", "begin", "lookback")
UP_TO_NOW = "batches up to now"


def batched_meaning(node: Node, query: Meaning, project: Project) -> Meaning:
    """The meaning of the table that the batches make.

    What tells an input's event time decides which rows there are. The last batch ends now: time passing makes rows
    of the future count, so the model is volatile.
    """
    times = {each: event_time(each, project) for each in node.depends_on if event_time(each, project)}
    reads = frozenset(read for each, time in times.items() for read in _reads(each, time, project))
    code = node.template_hash if mentions_batch(node) else ""
    rule = digest([code, times, [str(node.config.get(option)) for option in OPTIONS]])
    rows = Part(hash_of(query.rows.hash, rule), query.rows.reads | reads)
    return replace(query, rows=rows, volatile=tuple(sorted({*query.volatile, UP_TO_NOW})))


def event_time(unique_id: str, project: Project) -> str:
    """What tells when a row of an input happened; empty when nothing does, and then every batch reads all of it."""
    found = project.nodes.get(unique_id) or project.sources.get(unique_id)
    return str(found.config.get("event_time") or "") if found else ""


def _reads(unique_id: str, time: str, project: Project) -> list[Read]:
    """A plain column is read alone."""
    is_table = unique_id in project.sources or project.nodes[unique_id].materialized != "ephemeral"
    if is_table and time.isidentifier():
        return [(unique_id, time.lower())]
    return [(each, WHOLE) for each in seen_through([unique_id], project.nodes)]
