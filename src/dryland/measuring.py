"""Asks sources whether they moved, and does not believe those behind something that is stale or was refused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field, replace
from datetime import datetime

from dryland.plan.order import reach
from dryland.plan.request import Deployed
from dryland.state.records import Rereading
from dryland.timings import timed
from dryland.values import dataclass
from dryland.workshop import Workshop


@dataclass(frozen=True, slots=True)
class Measured:
    """What sources say of themselves, and those of them that are read again all the same, by source."""

    said: Mapping[str, str] = field(default_factory=dict)
    rereadings: Mapping[str, Rereading] = field(default_factory=dict)

    @property
    def tokens(self) -> dict[str, str]:
        """What they count as: equal tokens mean that nothing arrived."""
        salts = {source: f"|{rereading.salt}" for source, rereading in self.rereadings.items()}
        return {source: token + salts.get(source, "") for source, token in self.said.items()}


@timed("sources")
def measured_now(workshop: Workshop, deployed: Deployed, now: datetime) -> Measured:
    """Ask all of them, in one query.

    What was read again keeps its salt for as long as the source says the same: without it the next run would find
    the builds that were made of the bad rows, and their verdicts, under the source's old token.
    """
    with timed("imports"):  # brings sqlglot, and is not needed where nothing is to be built
        from dryland.build.sources import measure

    said = measure(workshop.engine, workshop.project.sources.values(), workshop.source_columns, now=now.isoformat())
    known = workshop.state.rereadings()
    kept = {source: known[source] for source in said if source in known and known[source].token == said[source]}
    stale = [node for node, pointer in deployed.pointers.items() if pointer.stale_since]
    return disbelieved(workshop, Measured(said, kept), stale, now)


def disbelieved(workshop: Workshop, measured: Measured, nodes: Iterable[str], now: datetime) -> Measured:
    """The same, with everything behind these nodes read again: it may be mended where it stands."""
    meanings = workshop.meanings
    start = [node for node in nodes if node in meanings]
    behind = reach(start, lambda node: meanings[node].inputs if node in meanings else ())
    again = {each: Rereading(each, measured.said[each], now.isoformat()) for each in behind & measured.said.keys()}
    return replace(measured, rereadings={**measured.rereadings, **again})
