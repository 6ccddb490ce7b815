"""Tells everything about one node or one release, as plain data for people and machines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from dryland.errors import UsageError
from dryland.project.nodes import Node
from dryland.project.project import Project
from dryland.release.gate import named
from dryland.state.records import Build, Pointer, Profile, Release, StepRecord, Verdict, verdict_id

if TYPE_CHECKING:
    from dryland.sql.meaning import Meaning
    from dryland.state.store import State


def node_details(
    project: Project,
    state: State,
    pointers: Mapping[str, Pointer],
    meanings: Mapping[str, Meaning],
    hashes: Mapping[str, str],
    unique_id: str,
) -> dict[str, Any]:
    """A node's card: what it is, who reads it, what stands there now, and what its checks said of that."""
    from dryland.plan.order import readers_of

    node = project.nodes[unique_id]
    pointer = pointers.get(unique_id)
    build = state.builds([pointer.build_key]).get(pointer.build_key) if pointer else None
    profile = state.profiles([build.key]).get(build.key) if build else None
    readers = readers_of(project).get(unique_id, ())
    return {
        "node": unique_id,
        "name": project.name_of(unique_id),
        "kind": node.kind,
        "materialized": node.materialized,
        "path": node.place.path,
        "description": node.description,
        "owner": node.owner,
        "tags": list(node.tags),
        "meta": dict(node.meta),
        "columns": _columns(node, build, profile, meanings.get(unique_id)),
        "checks": _checks(project, state, pointers, hashes, unique_id),
        "reads": [project.name_of(each) for each in node.depends_on],
        "readers": [project.name_of(each) for each in readers],
        "exposures": [each.name for each in project.exposures.values() if unique_id in each.depends_on],
        "build": _build(build, profile),
        "published": ".".join(pointer.published[1:]) if pointer else None,
        "stale_since": pointer.stale_since if pointer else "",
        "stale_reason": pointer.stale_reason if pointer else "",
        "sql": node.rendered.sql or node.raw,
    }


def profiles_of(state: State, pointers: Mapping[str, Pointer]) -> dict[str, Profile]:
    """What was measured of the nodes that an environment shows, by node."""
    profiles = state.profiles({pointer.build_key for pointer in pointers.values()})
    return {node: profiles[each.build_key] for node, each in pointers.items() if each.build_key in profiles}


def built_columns(state: State, pointer: Pointer | None) -> tuple[str, ...]:
    """The columns of a node as an environment shows it, in lower case; none when it does not."""
    build = state.builds([pointer.build_key]).get(pointer.build_key) if pointer else None
    return tuple(str(name).lower() for name, *_ in build.columns) if build else ()


def release_details(state: State, release: Release) -> dict[str, Any]:
    """A release: what it was, what became of each node, and which build each shows."""
    steps = state.steps(release.run_id) if release.run_id else ()
    return {
        "release": release_json(release),
        "steps": [step_json(step) for step in steps],
        "pointers": {pointer.node: pointer.build_key for pointer in state.pointers(release.id).values()},
    }


def release_json(release: Release) -> dict[str, Any]:
    """A release as plain data."""
    return {
        "id": release.id,
        "environment": release.environment,
        "kind": release.kind,
        "status": release.status,
        "parent": release.parent,
        "created_at": release.created_at.isoformat(),
        "author": release.author,
        "git_commit": release.git_commit,
        "message": release.message,
        "summary": dict(release.summary),
    }


def step_json(step: StepRecord) -> dict[str, Any]:
    """What became of a node, as plain data."""
    return {
        "node": step.node,
        "action": step.action,
        "status": step.status,
        "rows": step.rows,
        "duration_s": round(step.duration_s, 4),
        "message": step.message,
    }


def the_release(state: State, environment: str, release_id: int | None) -> Release:
    """A release by id, or the live one of an environment.

    Raises:
        UsageError: there is no such release.
    """
    if release_id is None:
        found = state.environment(environment)
        release_id = found.live_release if found else None
        if release_id is None:
            raise UsageError(f"`{environment}` has no release yet.", hint="dryland apply")
    release = state.release(release_id)
    if release is None:
        raise UsageError(f"there is no release {release_id}.", hint="dryland release list")
    return release


def verdict_json(verdict: Verdict, project: Project) -> dict[str, Any]:
    """A verdict as plain data."""
    name, node = named(verdict, project)
    return {
        "check": verdict.check,
        "name": name,
        "node": node,
        "status": verdict.status,
        "failures": verdict.failures,
        "message": verdict.message,
        "sample": [dict(row) for row in verdict.sample],
        "cached": verdict.cached,
        "duration_s": round(verdict.duration_s, 4),
    }


def _columns(node: Node, build: Build | None, profile: Profile | None, meaning: Meaning | None) -> list[dict[str, Any]]:
    documented = {column.name.lower(): column for column in node.columns}
    types = dict(build.columns) if build else {}
    names = list(types) or list((meaning.columns if meaning else None) or [column.name for column in node.columns])
    measured = profile.columns if profile else {}
    return [
        {
            "name": name,
            "type": types.get(name, ""),
            "description": documented[name.lower()].description if name.lower() in documented else "",
            "profile": dict(measured.get(name, {})),
        }
        for name in names
    ]


def _checks(
    project: Project, state: State, pointers: Mapping[str, Pointer], hashes: Mapping[str, str], unique_id: str
) -> list[dict[str, Any]]:
    """The checks that speak of a node, with the verdict on what is live."""
    checks = [check for check in project.checks.values() if unique_id in check.refs]
    ids = {
        check.unique_id: verdict_id(hashes[check.unique_id], [pointers[ref].build_key for ref in check.refs])
        for check in checks
        if all(ref in pointers for ref in check.refs)
    }
    verdicts = state.verdicts(ids.values())
    found = []
    for check in checks:
        verdict = verdicts.get(ids.get(check.unique_id, ""))
        found.append(
            {
                "name": check.name,
                "kind": check.kind,
                "column": check.column,
                "severity": check.severity,
                "status": verdict.status if verdict else "unknown",
                "failures": verdict.failures if verdict else None,
                "message": verdict.message if verdict else "",
            }
        )
    return found


def _build(build: Build | None, profile: Profile | None) -> dict[str, Any] | None:
    if build is None:
        return None
    return {
        "key": build.key,
        "relation": build.relation,
        "rows": profile.rows if profile else None,
        "content_hash": profile.content_hash if profile else None,
        "created_at": build.created_at.isoformat() if build.created_at else None,
    }
