"""Says what probably did it: the edit of a release, or the load of a source, that was new when it began."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from datetime import datetime
from typing import Any

from dryland.plan.plan import Change
from dryland.plan.render import sql_diff
from dryland.project.project import Project
from dryland.state.incident_records import Incident
from dryland.values import dataclass
from dryland.watch.family import Family

NAMED_MAX = 3
DIFF_LINES_MAX = 80  # of the code of a dataset that was refused: nothing else remembers it
EDITS = ("added", "changed", "renamed", "removed")


@dataclass(frozen=True, slots=True)
class Shown:
    """From which release on readers saw a build."""

    release: int
    kind: str
    at: datetime
    author: str = ""
    git_commit: str = ""
    message: str = ""
    parent: int | None = None


@dataclass(frozen=True)
class Circumstances:
    """What was new, as far as whoever looked knows."""

    verb: str = ""
    author: str = ""
    git_commit: str = ""
    changes: Sequence[Change] = ()  # of the plan
    loads: Mapping[str, datetime] = field(default_factory=dict)  # source -> when its newest data arrived
    good_at: datetime | None = None  # when the rows that readers see of it were published: older loads are in them
    shown: Mapping[str, Shown] = field(default_factory=dict)  # dataset -> the release that brought what readers see


def suspect(incident: Incident, project: Project, family: Family, known: Circumstances) -> dict[str, Any]:
    """What probably did it, why we think so, and what to do: plain data with one sentence each."""
    if all(each.kind == "freshness" for each in incident.still):
        return _late(incident, project)
    lineage = {incident.cause, *family.above(incident.cause)}
    if incident.track == "release":
        return _edit(project, lineage, known)
    if incident.are_readers_hit and (found := _released(incident, project, lineage, known)):
        return found
    return _load(incident, project, lineage, known)


def _late(incident: Incident, project: Project) -> dict[str, Any]:
    name = project.name_of(incident.cause)
    if incident.cause in project.sources:
        return {
            "what": f"nothing was loaded into {name}", "why": "its newest data are too old",
            "do": "look at what loads it; `dryland freshness` asks again",
        }  # fmt: skip
    return {
        "what": f"no refresh of {name} went through", "why": "it is older than was promised",
        "do": "`dryland runs` says how the last ones ended, `dryland run` refreshes it",
    }  # fmt: skip


def _edit(project: Project, lineage: Iterable[str], known: Circumstances) -> dict[str, Any]:
    edited = [each for each in known.changes if each.node in set(lineage) and each.change in EDITS]
    names = _names(project, [each.node for each in edited])
    what = f"the edit of {names}" if names else "what was to be released"
    by = f" by {known.author}" if known.author else ""
    commit = f" at {known.git_commit[:9]}" if known.git_commit else ""
    return {
        "what": f"{what}{by}{commit}",
        "why": "the gate refused it before readers saw it, and it is what the release would have changed",
        "do": "mend it and `dryland apply` again; readers see the last good release",
        "nodes": [each.node for each in edited],
        "code": [
            {"node": each.node, "diff": sql_diff(each).splitlines()[2 : 2 + DIFF_LINES_MAX]}
            for each in edited[:NAMED_MAX] if each.sql_before and each.sql_before != each.sql_after
        ],
    }  # fmt: skip


def _released(
    incident: Incident, project: Project, lineage: set[str], known: Circumstances
) -> dict[str, Any] | None:  # fmt: skip
    """The release that brought the rows in which it was seen."""
    brought = known.shown.get(incident.cause)
    if brought is None or (brought.kind == "run" and (load := _load(incident, project, lineage, known)).get("source")):
        return None if brought is None else {**load, "release": brought.release}
    about = f" ({brought.message})" if brought.message else ""
    by = f" by {brought.author}" if brought.author else ""
    commit = f" at {brought.git_commit[:9]}" if brought.git_commit else ""
    back = f"dryland rollback -e {incident.environment}" if brought.parent is not None else ""
    return {
        "what": f"release {brought.release}{about}{by}{commit}",
        "why": f"since it was published readers see these rows of {project.name_of(incident.cause)}",
        "do": f"`{back}` brings back what they saw before" if back else "mend it and `dryland apply`",
        "release": brought.release,
    }


def _load(incident: Incident, project: Project, lineage: set[str], known: Circumstances) -> dict[str, Any]:
    above = sorted(each for each in lineage if each in project.sources)
    new = [each for each in above if each in known.loads and (not known.good_at or known.loads[each] > known.good_at)]
    named = new or above
    if not named:
        return {"what": "", "why": "", "do": "`dryland incident show` has the rows; `dryland run` when it is mended"}
    newest = max((known.loads[each] for each in new), default=None)
    at = f" of {newest:%Y-%m-%d %H:%M:%S} UTC" if newest else ""
    why = (
        "of what it is made from only that was new"
        if len(new) == 1
        else "they were new"
        if new
        else "it is made from that"
    )
    return {
        "what": f"the load{at} of {_names(project, named)}",
        "why": f"{why}; the code is that of the live release",
        "do": "have the load repaired, then `dryland run`; readers keep the last good data until then"
        if not incident.are_readers_hit
        else "have the load repaired, then `dryland run`; `dryland rollback` shows the data before it",
        "source": named[0],
    }


def _names(project: Project, unique_ids: Sequence[str]) -> str:
    names = [project.name_of(each) for each in unique_ids]
    more = f" and {len(names) - NAMED_MAX} more" if len(names) > NAMED_MAX else ""
    return ", ".join(names[:NAMED_MAX]) + more
