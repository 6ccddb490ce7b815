"""Finds what probably did it: the release with the code that it changed, or the load; and how to go back before it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace

from dryland.portal.facts.changes import Change, changes_between, told_apart
from dryland.state.incident_records import Incident
from dryland.state.records import Release
from dryland.state.store import State
from dryland.values import dataclass

CODE_MAX = 5  # datasets whose code is shown; the release's page has all


@dataclass(frozen=True, slots=True)
class Cause:
    """What probably did it, as far as it is known."""

    what: str = ""
    why: str = ""
    do: str = ""
    source: str = ""  # unique id of what was loaded
    release: Release | None = None
    code: tuple[Change, ...] = ()  # of what the failing dataset is made from
    before: Release | None = None  # what readers can be brought back to


def cause_of(incident: Incident, state: State, lineage: Collection[str], once: Callable[..., object]) -> Cause:
    """Read it; `lineage` is the failing dataset with everything above it, `once` remembers what is worked out."""
    what, why, do, source = (str(incident.probably.get(name) or "") for name in ("what", "why", "do", "source"))
    said = Cause(what, why, do, source)
    number = incident.probably.get("release")
    release = state.release(number) if isinstance(number, int) else None
    if release is not None:
        parent = state.release(release.parent) if release.parent is not None else None
        changed = once(("changes", release.id), lambda: changes_between(state, parent, release))
        return replace(said, release=release, code=_code(changed, lineage), before=_way_back(state, release, parent))
    return replace(said, code=_refused(incident))


def _code(changed: object, lineage: Collection[str]) -> tuple[Change, ...]:
    assert isinstance(changed, tuple)
    return tuple(each for each in changed if each.code and each.node in lineage)[:CODE_MAX]


def _refused(incident: Incident) -> tuple[Change, ...]:
    """How the code that was refused differs from what readers saw, as it was noted then."""
    noted = [each for each in incident.probably.get("code") or () if isinstance(each, Mapping)]
    return tuple(
        Change(str(each["node"]), ("code",), code=tuple(told_apart(map(str, each["diff"])))) for each in noted
    )  # fmt: skip


def _way_back(state: State, release: Release, parent: Release | None) -> Release | None:
    """What readers saw before it, while it is what they see, or what came after it."""
    if parent is None or parent.status != "superseded" or release.status not in ("live", "superseded"):
        return None
    known = state.environment(release.environment)
    live = state.release(known.live_release) if known and known.live_release is not None else None
    is_gone = live is not None and live.kind == "rollback" and live.id > release.id
    return None if is_gone else parent
