"""Remembers builds, what was measured of them, and what checks said of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import sqlalchemy as sa

from dryland.state import codec, tables
from dryland.state.claims import Claims
from dryland.state.connection import chunks
from dryland.state.records import (
    Build,
    Profile,
    Verdict,
)

NONE: Mapping[str, Profile] = {}


class Builds(Claims):
    """Builds, profiles and verdicts."""

    def put_build(self, build: Build, profile: Profile | None = None, verdicts: Iterable[Verdict] = ()) -> None:
        """Remember a build with what was seen of it."""
        self.put_builds([build], {build.key: profile} if profile else {}, verdicts)

    def put_builds(
        self, builds: Iterable[Build], profiles: Mapping[str, Profile] = NONE, verdicts: Iterable[Verdict] = ()
    ) -> None:
        """Remember builds with what was seen of them (profiles by key), all or nothing; of equal keys the last."""
        rows = {build.key: codec.build_row(build) for build in builds}
        seen = [{"build_key": key, "body": codec.profile_body(profile)} for key, profile in profiles.items()]
        with self.writing() as connection:
            self.put(connection, tables.builds, [*rows.values()], update=("body",))
            self.put(connection, tables.profiles, seen, update=("body",))
            self._put_verdicts(connection, verdicts)

    def builds(self, keys: Iterable[str]) -> dict[str, Build]:
        """Builds by key, those that are known."""
        rows = self.by_key(tables.builds, tables.builds.c.key, keys)
        return {row.key: codec.build(row.key, row.body) for row in rows}

    def all_builds(self) -> dict[str, Build]:
        """Every build that is remembered."""
        with self.reading() as connection:
            rows = connection.execute(sa.select(tables.builds.c.key, tables.builds.c.body))
            return {row.key: codec.build(row.key, row.body) for row in rows}

    def forget_builds(self, keys: Iterable[str]) -> None:
        """Forget builds, their profiles, and what checks said of them."""
        gone = frozenset(keys)
        with self.writing() as connection:
            for chunk in chunks(gone):
                connection.execute(tables.builds.delete().where(tables.builds.c.key.in_(chunk)))
                connection.execute(tables.profiles.delete().where(tables.profiles.c.build_key.in_(chunk)))
            said = connection.execute(sa.select(tables.verdicts.c.id, tables.verdicts.c.body)) if gone else ()
            for chunk in chunks([row.id for row in said if not gone.isdisjoint(row.body["builds"])]):
                connection.execute(tables.verdicts.delete().where(tables.verdicts.c.id.in_(chunk)))

    def profiles(self, keys: Iterable[str]) -> dict[str, Profile]:
        """Profiles by build key."""
        rows = self.by_key(tables.profiles, tables.profiles.c.build_key, keys)
        return {row.build_key: Profile(**row.body) for row in rows}

    def released_profiles(self, environment: str, nodes: Iterable[str]) -> dict[str, dict[str, Profile]]:
        """Profiles of the builds that an environment has shown: by node, then by key, the last one shown first."""
        releases, links, pointers, profiles = (
            tables.releases, tables.release_pointers, tables.pointers, tables.profiles,
        )  # fmt: skip
        shown = (
            sa.select(pointers.c.node, pointers.c.build_key, sa.func.max(releases.c.id).label("newest"))
            .join(links, links.c.pointer_id == pointers.c.id)
            .join(releases, releases.c.id == links.c.release_id)
            .where(releases.c.environment == environment, releases.c.status.in_(("live", "superseded")))
            .group_by(pointers.c.node, pointers.c.build_key)
            .subquery()
        )
        query = (
            sa.select(shown.c.node, profiles.c.build_key, profiles.c.body)
            .join(profiles, profiles.c.build_key == shown.c.build_key)
            .order_by(shown.c.newest.desc())
        )
        found: dict[str, dict[str, Profile]] = {}
        with self.reading() as connection:
            for chunk in chunks(frozenset(nodes)):
                for row in connection.execute(query.where(shown.c.node.in_(chunk))):
                    found.setdefault(row.node, {})[row.build_key] = Profile(**row.body)
        return found

    def put_verdicts(self, verdicts: Iterable[Verdict]) -> None:
        """Remember verdicts; the newest on the same builds stands."""
        with self.writing() as connection:
            self._put_verdicts(connection, verdicts)

    def verdicts(self, ids: Iterable[str]) -> dict[str, Verdict]:
        """Verdicts by id (a check's hash on builds' keys)."""
        rows = self.by_key(tables.verdicts, tables.verdicts.c.id, ids)
        return {row.id: codec.verdict(row.body) for row in rows}

    def _put_verdicts(self, connection: sa.Connection, verdicts: Iterable[Verdict]) -> None:
        rows = [codec.verdict_row(verdict) for verdict in verdicts if not verdict.cached]
        newest = {row["id"]: row for row in rows}  # one statement may write a row only once
        self.put(connection, tables.verdicts, [*newest.values()], update=("body", "at"))
