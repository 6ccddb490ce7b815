"""Fills a metadata store with one of everything."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from dryland.state.incident_records import Delivery, Incident, IncidentEvent, Mute, Symptom
from dryland.state.observed import Alert, Learned, Observation, Scored
from dryland.state.people import ApiToken, AuditEntry, SessionRecord, User
from dryland.state.records import (
    Build,
    Definition,
    Place,
    Pointer,
    Profile,
    ReleaseDraft,
    Rereading,
    StepRecord,
    Verdict,
    Versions,
)
from dryland.state.store import State

DAY = datetime.fromisoformat("2026-01-02T03:04:05.678901")


def pointer(node: str, key: str) -> Pointer:
    return Pointer(node, key, ("db", "main", node), Versions("c"), Versions("d"), Definition(node, "select 1", {}).id)


def draft(*pointers: Pointer, environment: str = "prod") -> ReleaseDraft:
    """A release to be, with these pointers and nothing else."""
    return ReleaseDraft(environment, "apply", {each.node: each for each in pointers})


def release(state: State, *keys: str, environment: str = "prod") -> int:
    """A complete release whose nodes point to these builds."""
    state.create_environment(environment, "")
    pointers = [pointer(f"model.{number}", key) for number, key in enumerate(keys)]
    definitions = [Definition(each.node, "select 1", {}) for each in pointers]
    begun = state.begin_release(
        replace(draft(*pointers, environment=environment), definitions=definitions, message="m")
    )
    state.complete_release(begun.id)
    return begun.id


def observe(state: State) -> None:
    """What monitors remember."""
    state.put_observations([Observation("prod", "model.a", DAY, {"rows": 3, "newest": None}, 1, 7, "k")])
    state.put_alerts([Alert("prod", "model.a", "volume", DAY, body={"value": 3, "low": 5.5, "high": None})])
    state.put_learned([Learned("prod", "model.a", "decided", {"series": [], "count": 2**40})])


def score(state: State) -> None:
    """What scores were made of."""
    state.put_scored([Scored("prod", "model.a", DAY, (0.5, 1.0, 0.25)), Scored("prod", "model.b", DAY, None)])


def fill(state: State) -> None:
    """At least one row in every table, with the text and numbers that go wrong first."""
    versions = Versions("r", {"b": "2", "a": "1"}, "rest")
    build = Build("k", "model.a", "s.a__k", "table", versions, (("x", "INTEGER"),), ("i",), DAY, 0.5, 1.5, 7)
    verdict = Verdict("test.a", "h", ("k",), "fail", 2**40, 'it\'s\n"ü" 表', ({"x": None, "y": "1"},), 0.25, DAY)
    state.put_build(build, Profile(2**53, "hash", {"x": {"nulls": 0, "min": None, "mean": 1.5}}), [verdict])
    run = state.begin_run("apply", "prod", 4711)
    state.put_steps([StepRecord(run.id, "model.a", "build", "done", DAY, 0.5, "said", "k", 3)])
    state.finish_run(run.id, "done", {"built": 1})
    release(state, "k", "other")
    state.create_environment("dev_ana", "prod", purpose="refused")
    state.put_place(Place("dev", "db", "db.duckdb", "main"))
    state.put_refused_builds(["k"])
    state.put_rereadings([Rereading("source.a", "2026|7", "again")])
    fill_incidents(state)
    observe(state)
    score(state)
    fill_people(state)
    state.take("environment prod", "apply")
    state.let_go("environment prod")


def fill_people(state: State) -> None:
    """What version 4 did not know."""
    state.put_user(User("ana", "$argon2id$", ("analyst", "viewer"), False, DAY, DAY))
    state.put_api_token(ApiToken("1", "hash", "ana", "it's", ("analyst",), ("read",), DAY, DAY, None, DAY))
    state.put_session(SessionRecord("hash", "ana", (), ("a", "b"), "oidc", "csrf", DAY, DAY, DAY))
    state.note_attempts(["who"], DAY)
    touched = {"model.a": ("x", "y")}
    state.put_audit([AuditEntry(DAY, "ana", "cli", "::1", "query", "done", "prod", touched, 2**40, 0.5, "mark")])


def fill_incidents(state: State) -> None:
    """What went wrong, and who was told of it: what version 4 did not know."""
    symptom = Symptom(
        "model.a", "check", "test.a", "error", 'it\'s\n"ü" 表', DAY, DAY, 2, since=DAY, evidence={"rows": [{"x": None}]}
    )
    incident = Incident(
        0, "prod", "data", "resolved", "error", "model.a", DAY, "t", "ana", symptoms=(symptom,), tags=("daily",)
    )
    (made,) = state.add_incidents([replace(incident, resolved_at=DAY, hit={"datasets": []}, probably={"what": "w"})])
    state.add_events([IncidentEvent(made.id, DAY, "opened", "ana", "said", {"a": 1})])
    state.add_mute(Mute(0, "", "tag:daily", DAY, DAY, "ana", "move"))
    state.add_deliveries([Delivery(0, made.id, "opened", "r", "c", "waiting", DAY, DAY, body={"incident": {}})])
    state.put_source_shapes("prod", {"source.a": [["x", "INTEGER"]]})
