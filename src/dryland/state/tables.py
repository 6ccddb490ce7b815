"""Draws the metadata tables."""

from __future__ import annotations

import sqlalchemy as sa

metadata = sa.MetaData()


def _table(name: str, *columns: sa.Column[object] | sa.Index) -> sa.Table:
    return sa.Table(name, metadata, *columns)


def _id() -> sa.Column[object]:
    return sa.Column("id", sa.Integer, primary_key=True, autoincrement=True)


meta = _table("dryland_meta", sa.Column("version", sa.Integer, nullable=False))

places = _table(
    "places",
    sa.Column("target", sa.Text, primary_key=True),
    sa.Column("database", sa.Text, nullable=False),
    sa.Column("where", sa.Text, nullable=False),
    sa.Column("schema", sa.Text, nullable=False),
)

rereadings = _table(
    "rereadings",
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("token", sa.Text, nullable=False),
    sa.Column("salt", sa.Text, nullable=False),
)

refused_builds = _table(
    "refused_builds",
    sa.Column("key", sa.Text, primary_key=True),
)

environments = _table(
    "environments",
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("live_release", sa.Integer),
    sa.Column("base", sa.Text, nullable=False),
    sa.Column("purpose", sa.Text, nullable=False),
    sa.Column("created_at", sa.DateTime, nullable=False),
)

releases = _table(
    "releases",
    _id(),
    sa.Column("environment", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("parent", sa.Integer),
    sa.Column("created_at", sa.DateTime, nullable=False),
    sa.Column("author", sa.Text, nullable=False),
    sa.Column("git_commit", sa.Text, nullable=False),
    sa.Column("message", sa.Text, nullable=False),
    sa.Column("run_id", sa.Integer),
    sa.Column("summary", sa.JSON, nullable=False),
    sa.Index("releases_by_environment", "environment", "id"),
)

pointers = _table(
    "pointers",
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("node", sa.Text, nullable=False),
    sa.Column("build_key", sa.Text, nullable=False),
    sa.Column("body", sa.JSON, nullable=False),
    sa.Index("pointers_by_node", "node"),
)

release_pointers = _table(
    "release_pointers",
    sa.Column("release_id", sa.Integer, primary_key=True),
    sa.Column("pointer_id", sa.Text, primary_key=True),
)

definitions = _table(
    "definitions",
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("node", sa.Text, nullable=False),
    sa.Column("sql", sa.Text, nullable=False),
    sa.Column("body", sa.JSON, nullable=False),
)

builds = _table(
    "builds",
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("node", sa.Text, nullable=False),
    sa.Column("created_at", sa.DateTime),
    sa.Column("body", sa.JSON, nullable=False),
)

profiles = _table(
    "profiles",
    sa.Column("build_key", sa.Text, primary_key=True),
    sa.Column("body", sa.JSON, nullable=False),
)

verdicts = _table(
    "verdicts",
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("check", sa.Text, nullable=False),
    sa.Column("at", sa.DateTime),
    sa.Column("body", sa.JSON, nullable=False),
    sa.Index("verdicts_by_check", "check", "at"),
)

runs = _table(
    "runs",
    _id(),
    sa.Column("verb", sa.Text, nullable=False),
    sa.Column("environment", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("started_at", sa.DateTime, nullable=False),
    sa.Column("finished_at", sa.DateTime),
    sa.Column("pid", sa.Integer, nullable=False),
    sa.Column("summary", sa.JSON, nullable=False),
)

run_steps = _table(
    "run_steps",
    _id(),
    sa.Column("run_id", sa.Integer, nullable=False),
    sa.Column("node", sa.Text, nullable=False),
    sa.Column("body", sa.JSON, nullable=False),
    sa.Index("run_steps_by_run", "run_id"),
)

writers = _table(
    "writers",
    sa.Column("token", sa.Text, primary_key=True),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("process", sa.Text, nullable=False),
    sa.Column("verb", sa.Text, nullable=False),
    sa.Column("scope", sa.Text, nullable=False),
    sa.Column("run_id", sa.Integer),
    sa.Column("since", sa.Double, nullable=False),
    sa.Column("heard", sa.Double, nullable=False),
    sa.Column("expires", sa.Double, nullable=False),
    sa.Column("is_lost", sa.Boolean, nullable=False),
    sa.Column("is_waiting", sa.Boolean, nullable=False),
)

leases = _table(
    "leases",
    sa.Column("scope", sa.Text, primary_key=True),
    sa.Column("fence", sa.BigInteger, nullable=False),
    sa.Column("token", sa.Text),
)

claims = _table(
    "claims",
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("token", sa.Text, primary_key=True),
    sa.Column("is_making", sa.Boolean, nullable=False),
)

publications = _table(
    "publications",
    sa.Column("release", sa.Integer, primary_key=True),
    sa.Column("environment", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("at", sa.DateTime, nullable=False),
    sa.Column("parent", sa.Integer),
    sa.Column("author", sa.Text, nullable=False),
    sa.Column("git_commit", sa.Text, nullable=False),
    sa.Column("summary", sa.JSON, nullable=False),
    sa.Index("publications_by_environment", "environment", "at"),
)

incidents = _table(
    "incidents",
    _id(),
    sa.Column("environment", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("severity", sa.Text, nullable=False),
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("cause", sa.Text, nullable=False),
    sa.Column("opened_at", sa.DateTime, nullable=False),
    sa.Column("resolved_at", sa.DateTime),
    sa.Column("body", sa.JSON, nullable=False),
    sa.Index("incidents_by_status", "status", "environment"),
)

incident_events = _table(
    "incident_events",
    _id(),
    sa.Column("incident_id", sa.Integer, nullable=False),
    sa.Column("at", sa.DateTime, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("message", sa.Text, nullable=False),
    sa.Column("body", sa.JSON, nullable=False),
    sa.Index("incident_events_by_incident", "incident_id"),
)

mutes = _table(
    "mutes",
    _id(),
    sa.Column("environment", sa.Text, nullable=False),
    sa.Column("selector", sa.Text, nullable=False),
    sa.Column("since", sa.DateTime, nullable=False),
    sa.Column("until", sa.DateTime, nullable=False),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
)

deliveries = _table(
    "deliveries",
    _id(),
    sa.Column("incident", sa.Integer),
    sa.Column("event", sa.Text, nullable=False),
    sa.Column("route", sa.Text, nullable=False),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("created_at", sa.DateTime, nullable=False),
    sa.Column("due_at", sa.DateTime, nullable=False),
    sa.Column("severity", sa.Text, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("unheard", sa.Integer, nullable=False),
    sa.Column("sent_at", sa.DateTime),
    sa.Column("error", sa.Text, nullable=False),
    sa.Column("body", sa.JSON, nullable=False),
    sa.Index("deliveries_by_status", "status", "due_at"),
)

source_shapes = _table(
    "source_shapes",
    sa.Column("environment", sa.Text, primary_key=True),
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("columns", sa.JSON, nullable=False),
)

observations = _table(
    "observations",
    _id(),
    sa.Column("environment", sa.Text, nullable=False),
    sa.Column("dataset", sa.Text, nullable=False),
    sa.Column("at", sa.DateTime, nullable=False),
    sa.Column("release", sa.Integer),
    sa.Column("run", sa.Integer),
    sa.Column("build_key", sa.Text, nullable=False),
    sa.Column("body", sa.JSON, nullable=False),
    sa.Index("observations_by_dataset", "environment", "dataset", "at"),
)

monitor_alerts = _table(
    "monitor_alerts",
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("environment", sa.Text, nullable=False),
    sa.Column("dataset", sa.Text, nullable=False),
    sa.Column("monitor", sa.Text, nullable=False),
    sa.Column("at", sa.DateTime, nullable=False),
    sa.Column("feedback", sa.Text, nullable=False),
    sa.Column("body", sa.JSON, nullable=False),
    sa.Index("monitor_alerts_by_dataset", "environment", "dataset", "at"),
)

monitor_habits = _table(
    "monitor_habits",
    sa.Column("environment", sa.Text, primary_key=True),
    sa.Column("dataset", sa.Text, primary_key=True),
    sa.Column("decided_by", sa.Text, nullable=False),
    sa.Column("body", sa.JSON, nullable=False),
)

quality_scores = _table(
    "quality_scores",
    sa.Column("environment", sa.Text, primary_key=True),
    sa.Column("dataset", sa.Text, primary_key=True),
    sa.Column("at", sa.DateTime, primary_key=True),
    sa.Column("checks", sa.Double),
    sa.Column("fresh", sa.Double),
    sa.Column("documented", sa.Double),
)

users = _table(
    "users",
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("password", sa.Text, nullable=False),
    sa.Column("roles", sa.JSON, nullable=False),
    sa.Column("is_disabled", sa.Boolean, nullable=False),
    sa.Column("created_at", sa.DateTime, nullable=False),
    sa.Column("changed_at", sa.DateTime, nullable=False),
)

api_tokens = _table(
    "api_tokens",
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("hash", sa.Text, nullable=False),
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("purpose", sa.Text, nullable=False),
    sa.Column("roles", sa.JSON, nullable=False),
    sa.Column("scopes", sa.JSON, nullable=False),
    sa.Column("created_at", sa.DateTime, nullable=False),
    sa.Column("expires_at", sa.DateTime, nullable=False),
    sa.Column("used_at", sa.DateTime),
    sa.Column("revoked_at", sa.DateTime),
    sa.Column("groups", sa.JSON, nullable=False, server_default="[]"),
)

sessions = _table(
    "sessions",
    sa.Column("hash", sa.Text, primary_key=True),
    sa.Column("person", sa.Text, nullable=False),
    sa.Column("roles", sa.JSON, nullable=False),
    sa.Column("groups", sa.JSON, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("csrf", sa.Text, nullable=False),
    sa.Column("created_at", sa.DateTime, nullable=False),
    sa.Column("seen_at", sa.DateTime, nullable=False),
    sa.Column("expires_at", sa.DateTime, nullable=False),
    sa.Index("sessions_by_person", "person"),
)

sign_in_attempts = _table(
    "sign_in_attempts",
    _id(),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("at", sa.DateTime, nullable=False),
    sa.Index("sign_in_attempts_by_who", "who", "at"),
)

audit = _table(
    "audit",
    _id(),
    sa.Column("at", sa.DateTime, nullable=False),
    sa.Column("person", sa.Text, nullable=False),
    sa.Column("via", sa.Text, nullable=False),
    sa.Column("address", sa.Text, nullable=False),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("outcome", sa.Text, nullable=False),
    sa.Column("environment", sa.Text, nullable=False),
    sa.Column("datasets", sa.JSON, nullable=False),
    sa.Column("rows", sa.BigInteger),
    sa.Column("duration_s", sa.Double, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Index("audit_by_time", "at"),
    sa.Index("audit_by_person", "person", "at"),
)
