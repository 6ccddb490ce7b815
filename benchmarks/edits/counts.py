"""Adds the trials up, and writes them down: a table by kind of edit, and everything as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from edits.edit import Edit
from edits.trial import ROWLESS, Trial

LIMIT = 1.15  # times what has to be made to know what comes out: what we want
REACHED = 1.07  # the same, as it is: what is more than that is a step back


@dataclass(frozen=True, slots=True)
class Peer:
    """What another tool would build for the edits that it was asked about, by the edit's number."""

    name: str
    asked: Mapping[int, frozenset[str]]  # names of models, views and ephemeral ones among them


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    kind: str
    edits: int
    planned: int
    built: int
    least: int
    needed: int
    peers: tuple[tuple[int, int] | None, ...]  # for each: tables that it would build, and of how many edits


def rows_of(trials: Sequence[Trial], peers: Sequence[Peer]) -> list[Row]:
    """A row for each kind, in the order of the catalogue."""
    kinds = dict.fromkeys(trial.edit.kind for trial in trials)
    return [_row(kind, [trial for trial in trials if trial.edit.kind == kind], peers) for kind in kinds]


def _row(kind: str, trials: Sequence[Trial], peers: Sequence[Peer]) -> Row:
    return Row(
        kind=kind,
        edits=len(trials),
        planned=_sum(trials, lambda each: each.planned),
        built=_sum(trials, lambda each: each.built),
        least=_sum(trials, lambda each: each.least),
        needed=_sum(trials, lambda each: each.needed),
        peers=tuple(_of_peer(peer, trials) for peer in peers),
    )


def _sum(trials: Iterable[Trial], what: Callable[[Trial], frozenset[str]]) -> int:
    return sum(len(what(trial)) for trial in trials)


def _of_peer(peer: Peer, trials: Sequence[Trial]) -> tuple[int, int] | None:
    asked = [trial for trial in trials if trial.edit.number in peer.asked]
    return (sum(len(tables_of(peer, trial)) for trial in asked), len(asked)) if asked else None


def tables_of(peer: Peer, trial: Trial) -> frozenset[str]:
    """The tables among what the peer would build: views and ephemeral models hold no rows."""
    rowless = {each.split(".")[2] for each, kind in trial.kinds.items() if kind in ROWLESS}
    return peer.asked[trial.edit.number] - rowless


def missed_by(peer: Peer, trial: Trial) -> frozenset[str]:
    """The tables that the peer would leave as they were, and that a full rebuild changes."""
    return frozenset(each.split(".")[2] for each in trial.needed) - peer.asked[trial.edit.number]


def ratio_of(trials: Sequence[Trial]) -> float:
    """What was built, as a multiple of what somebody has to build to know what comes out."""
    return _sum(trials, lambda each: each.built) / max(1, _sum(trials, lambda each: each.least))


def as_markdown(trials: Sequence[Trial], peers: Sequence[Peer], about: str) -> str:
    """The table, the totals, and how things are counted."""
    rows = rows_of(trials, peers)
    total = _row("all", trials, peers)
    names = [peer.name for peer in peers]
    head = ["kind of edit", "edits", *names, "Dryland plans", "Dryland builds", "to know", "minimum"]
    lines = [
        f"# {total.edits} edits of a project of {len(trials[0].kinds)} nodes: how many tables are built again",
        "",
        f"{about}.",
        "",
        f"| {' | '.join(head)} |",
        f"|---|{'--:|' * (len(head) - 1)}",
        *(_line(row) for row in rows),
        _line(total, bold=True),
        "",
        f"Dryland builds {total.built / max(1, total.needed):.2f} times the minimum after early cut-off, which is "
        f"{ratio_of(trials):.2f} times what has to be built to know ({LIMIT} is what we want), and plans "
        f"{total.planned / max(1, total.needed):.2f} times; {_peers(trials, peers)}.",
        f"Every relation of every edit held what a full rebuild gives: {len(trials)} edits, "
        f"{sum(len(trial.kinds) for trial in trials):,} comparisons.",
        "",
        *_reasons(trials),
        *_explained(trials, peers),
    ]
    return "\n".join(lines)


def _line(row: Row, *, bold: bool = False) -> str:
    cells = [row.kind, str(row.edits), *map(_peer_cell(row.edits), row.peers)]
    cells += [f"{row.planned:,}", f"{row.built:,}", f"{row.least:,}", f"{row.needed:,}"]
    return f"| {' | '.join(f'**{cell}**' if bold else cell for cell in cells)} |"


def _peer_cell(edits: int) -> Callable[[tuple[int, int] | None], str]:
    def cell(counted: tuple[int, int] | None) -> str:
        if counted is None:
            return "-"
        tables, asked = counted
        return f"{tables:,}" if asked == edits else f"{tables:,} ({asked} asked)"

    return cell


def _peers(trials: Sequence[Trial], peers: Sequence[Peer]) -> str:
    """Each peer beside us, over the edits that it was asked about."""
    told = []
    for peer in peers:
        asked = [trial for trial in trials if trial.edit.number in peer.asked]
        theirs = sum(len(tables_of(peer, trial)) for trial in asked)
        needed = _sum(asked, lambda each: each.needed)
        missed = sum(len(missed_by(peer, trial)) for trial in asked)
        told.append(
            f"{peer.name} would build {theirs / max(1, needed):.2f} times the minimum of the {len(asked)} edits "
            f"that it was asked about, and leave {missed:,} of {needed:,} needed tables as they were"
        )
    return "; ".join(told) or "nobody else was asked"


def _reasons(trials: Sequence[Trial]) -> list[str]:
    """Why tables were built that came out as they were."""
    counted = Counter(reason for trial in trials for reason in trial.needless.values())
    lines = [f"| {reason} | {count:,} |" for reason, count in counted.most_common()]
    return ["| built, and not needed | tables |", "|---|--:|", *lines, ""] if lines else []


def _explained(trials: Sequence[Trial], peers: Sequence[Peer]) -> list[str]:
    views, needed = _sum(trials, lambda each: each.views), _sum(trials, lambda each: each.views_needed)
    text = [
        "Counted are tables: models that are stored, incremental models, snapshots and seeds. Views hold no rows; "
        f"Dryland made {views:,} of them again, and {needed:,} had another text, comments and layout included.",
        "",
        "- **minimum**: tables that hold other columns, types or rows than before when everything is built again, "
        "and those that are new.",
        "- **to know**: the minimum, and the tables whose own query says another thing and gave the same: a filter "
        "that lets the same rows through, a join that finds them all. Nobody knows that before it is built.",
        "- **Dryland plans**: steps that build, before anything is built. **Dryland builds**: what was really built; "
        "a table that finds in its inputs what went into itself stays, and is not built.",
    ]
    if any(peer.name.startswith("dbt") for peer in peers):
        text.append("- **dbt**: `dbt ls -s state:modified+` against the manifest of the released project.")
    if any(peer.name.startswith("SQLMesh") for peer in peers):
        text.append("- **SQLMesh**: models with intervals to fill in its own plan of the same dbt project.")
    return text


def as_json(trials: Sequence[Trial], peers: Sequence[Peer], about: Mapping[str, Any]) -> dict[str, Any]:
    """Everything that was counted, edit by edit."""
    return {**about, "ratio": round(ratio_of(trials), 3), "edits": [_edit(trial, peers) for trial in trials]}


def _edit(trial: Trial, peers: Sequence[Peer]) -> dict[str, Any]:
    edit: Edit = trial.edit
    counted = {
        "number": edit.number, "kind": edit.kind, "layer": edit.layer, "files": sorted(edit.files),
        "planned": len(trial.planned), "built": len(trial.built), "to_know": len(trial.least),
        "minimum": len(trial.needed), "views": len(trial.views), "views_needed": len(trial.views_needed),
        "needless": dict(trial.needless),
    }  # fmt: skip
    theirs = {
        peer.name: {"tables": len(tables_of(peer, trial)), "missed": sorted(missed_by(peer, trial))}
        for peer in peers
        if edit.number in peer.asked
    }
    return {**counted, "peers": theirs}
