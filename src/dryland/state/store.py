"""Remembers: one metadata store over SQLite or PostgreSQL, in the values of `records`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import sqlalchemy as sa

from dryland.errors import StateError
from dryland.state import tables
from dryland.state.builds import Builds
from dryland.state.connection import chunks
from dryland.state.deliveries import Deliveries
from dryland.state.history import History
from dryland.state.incidents import Incidents
from dryland.state.migrations import bring_forward
from dryland.state.observations import Observations
from dryland.state.people import People
from dryland.state.places import Places
from dryland.state.releases import Releases
from dryland.state.runs import Runs
from dryland.state.work import LEASE_S

SCHEMA = "dryland_state"
POSTGRES = ("postgresql", "postgres")


def open_state(url: str | Path, schema: str = SCHEMA, *, lease_s: float = LEASE_S) -> State:
    """Open the store, make it when it is new, bring it forward when it is old.

    It is a SQLite file, by its path or `sqlite:///...`, or a schema of a database at `postgresql://...`.

    Raises:
        StateError: the store is damaged, newer than this Dryland, or out of reach; or this is no such URL.
    """
    if isinstance(url, str) and "://" in url:
        state = _of_url(url, schema)
    else:
        Path(url).parent.mkdir(parents=True, exist_ok=True)
        state = _in_file(url, str(url))
    try:
        with state.guarded():
            bring_forward(state)
    except BaseException:
        state.close()
        raise
    state.lease_s = lease_s
    return state


def _of_url(text: str, schema: str) -> State:
    url = _parse_url(text)
    kind = url.get_backend_name()
    if kind == "sqlite":
        return _in_file(text, text)
    if kind not in POSTGRES:
        raise StateError(
            f"the metadata cannot be in a database of the kind `{kind}`.",
            hint="`state:` in dryland.yml takes sqlite:///PATH or postgresql://USER@HOST/DATABASE.",
        )
    from dryland.state import postgres

    try:
        engine = postgres.open_postgres(url, schema)
    except ImportError as error:
        raise StateError(
            "metadata in PostgreSQL needs its driver, which is not installed.", hint='pip install "psycopg[binary]"'
        ) from error
    return State(engine, f"{_shown(url)}, schema {schema}", postgres.READING)


def _in_file(url: str | Path, place: str) -> State:
    from dryland.state import sqlite

    return State(sqlite.open_sqlite(url), place, sqlite.READING)


def _parse_url(text: str) -> sa.URL:
    try:
        return sa.make_url(text)
    except (sa.exc.ArgumentError, ValueError):  # says the text, and with it a password
        raise StateError(
            "`state:` in dryland.yml is no URL of a database.",
            hint="sqlite:///PATH or postgresql://USER@HOST/DATABASE; special characters as in any URL, @ as %40.",
        ) from None


def _shown(url: sa.URL) -> str:
    """Where it is, without what may be a secret: a password can stand in the query as well."""
    place = {name: url.query[name] for name in ("service", "host", "port", "dbname") if name in url.query}
    return url.set(drivername="postgresql", password=None, query=place).render_as_string()


class State(Releases, Builds, Runs, Places, Observations, Incidents, Deliveries, People, History):
    """The whole store, and what may be forgotten of it."""

    def beyond_retention(self, environment: str, releases_kept: int) -> tuple[int, ...]:
        """Ids of releases older than the newest `releases_kept` that readers saw; never the live one.

        A release that readers never saw takes nobody's place: it goes with its time, and one in the making stays.
        """
        releases = self.releases(environment, limit=1_000_000)
        seen = [release.id for release in releases if release.status in ("live", "superseded")]
        oldest = min(seen[: max(releases_kept, 1)], default=0)
        return tuple(
            release.id for release in releases if release.id < oldest and release.status not in ("live", "publishing")
        )

    def delete_releases(self, ids: Iterable[int]) -> None:
        """Forget releases, and pointers and definitions that nothing refers to any more."""
        links, pointers, definitions = tables.release_pointers, tables.pointers, tables.definitions
        with self.writing() as connection:
            for chunk in chunks(ids):
                connection.execute(links.delete().where(links.c.release_id.in_(chunk)))
                connection.execute(tables.releases.delete().where(tables.releases.c.id.in_(chunk)))
            connection.execute(pointers.delete().where(pointers.c.id.not_in(sa.select(links.c.pointer_id))))
            used = {body["definition"] for (body,) in connection.execute(sa.select(pointers.c.body))}
            unused = [key for (key,) in connection.execute(sa.select(definitions.c.id)) if key not in used]
            for chunk in chunks(unused):
                connection.execute(definitions.delete().where(definitions.c.id.in_(chunk)))

    def forget_old_verdicts(self) -> int:
        """Forget what unit tests said before the oldest release that is kept, but for the newest of each; say how many.

        They are about code alone, so no build takes them along.
        """
        verdicts, created = tables.verdicts, tables.releases.c.created_at
        with self.writing() as connection:
            oldest = connection.execute(sa.select(sa.func.min(created))).scalar()
            said = connection.execute(sa.select(verdicts).order_by(verdicts.c.at.desc())) if oldest else ()
            about_code = [row for row in said if not row.body["builds"]]
            newest = {row.check: row.id for row in reversed(about_code)}
            old = [row.id for row in about_code if row.id != newest[row.check] and row.at and row.at < oldest]
            for chunk in chunks(old):
                connection.execute(verdicts.delete().where(verdicts.c.id.in_(chunk)))
        return len(old)

    def live_build_keys(self, *, without: Iterable[int] = (), rests: bool = True) -> set[str]:
        """Keys of builds that any release needs (`without` these), with everything that needed views read.

        `rests` counts what left the project and would go on from there.
        """
        links, pointers, releases = tables.release_pointers, tables.pointers, tables.releases
        query = (
            sa.select(pointers.c.build_key, links.c.release_id)
            .join(links, links.c.pointer_id == pointers.c.id)
            .join(releases, releases.c.id == links.c.release_id)
            .where(releases.c.status != "abandoned")
        )
        if not rests:
            query = query.where(sa.func.coalesce(pointers.c.body["is_resting"].as_boolean(), sa.false()) == sa.false())
        dropped = set(without)
        with self.reading() as connection:
            needed = {key for key, release in connection.execute(query) if release not in dropped}
        builds = self.all_builds()
        frontier = set(needed)
        while frontier:
            views = [builds[key] for key in frontier if key in builds and builds[key].kind == "view"]
            frontier = {key for view in views for key in view.inputs} - needed
            needed |= frontier
        return needed
