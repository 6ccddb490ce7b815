"""Remembers: one metadata store over SQLite or PostgreSQL, in the values of `records`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import sqlalchemy as sa

from dryland.errors import StateError
from dryland.state import tables
from dryland.state.builds import Builds
from dryland.state.connection import PATIENCE_S, chunks, prepare_sqlite
from dryland.state.migrations import bring_forward
from dryland.state.places import Places
from dryland.state.releases import Releases
from dryland.state.runs import Runs


def open_state(url: str | Path) -> State:
    """Open the store, make it when it is new, bring it forward when it is old.

    Raises:
        StateError: the store is damaged, newer than this Dryland, or out of reach.
    """
    if isinstance(url, Path):
        url.parent.mkdir(parents=True, exist_ok=True)
        engine = sa.create_engine(f"sqlite:///{url}", connect_args={"timeout": PATIENCE_S})
    else:
        engine = _engine_at(url)
    if engine.dialect.name == "sqlite":
        prepare_sqlite(engine)
    state = State(engine, str(url) if isinstance(url, Path) else engine.url.set(query={}).render_as_string())
    with state.guarded():
        bring_forward(engine)
    return state


def _engine_at(url: str) -> sa.Engine:
    """What speaks to the database at a URL; the URL itself, which may hold a password, is never told.

    Raises:
        StateError: it is no URL, or of a database that there is no driver for.
    """
    try:
        return sa.create_engine(url)
    except (sa.exc.ArgumentError, ValueError):
        message = "`state` of dryland.yml is no database URL."
    except (sa.exc.NoSuchModuleError, ImportError):
        message = f"`state` of dryland.yml asks for `{url.partition(':')[0]}`, which there is no driver for."
    raise StateError(message, hint="state: sqlite:///metadata.db, or postgresql+psycopg://user:password@host/database")


class State(Releases, Builds, Runs, Places):
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
