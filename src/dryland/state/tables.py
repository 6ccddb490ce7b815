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
