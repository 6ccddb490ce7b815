"""Remembers environments and their releases, and what each pointed to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa

from dryland.clock import utc_now
from dryland.errors import StateError
from dryland.state import codec, tables
from dryland.state.connection import CHUNK, again, chunks, new_id
from dryland.state.leases import Leases
from dryland.state.records import (
    Definition,
    Environment,
    Pointer,
    Publication,
    Release,
    ReleaseDraft,
)


class Releases(Leases):
    """Environments, releases, pointers and definitions."""

    _read: Mapping[str, Pointer] = MappingProxyType({})  # of the release last read or written, by id

    @again
    def environments(self) -> dict[str, Environment]:
        """All environments by name."""
        with self.reading() as connection:
            rows = connection.execute(sa.select(tables.environments).order_by(tables.environments.c.name))
            return {row.name: codec.environment(row) for row in rows}

    @again
    def environment(self, name: str) -> Environment | None:
        """One environment, or None."""
        with self.reading() as connection:
            query = sa.select(tables.environments).where(tables.environments.c.name == name)
            row = connection.execute(query).first()
        return codec.environment(row) if row else None

    @again
    def create_environment(self, name: str, base: str, *, purpose: str = "") -> Environment:
        """Note a new environment without a release; a second note of the same name changes nothing of the first."""
        values = {"name": name, "live_release": None, "base": base, "purpose": purpose, "created_at": utc_now()}
        with self.writing() as connection:
            self.put(connection, tables.environments, [values], update=())
        environment = self.environment(name)
        assert environment is not None
        return environment

    @again
    def drop_environment(self, name: str) -> None:
        """Forget an environment and its releases."""
        with self.writing() as connection:
            self.verify_held(connection, name)
            connection.execute(tables.environments.delete().where(tables.environments.c.name == name))
            ids = sa.select(tables.releases.c.id).where(tables.releases.c.environment == name)
            connection.execute(tables.release_pointers.delete().where(tables.release_pointers.c.release_id.in_(ids)))
            connection.execute(tables.releases.delete().where(tables.releases.c.environment == name))

    def begin_release(self, draft: ReleaseDraft) -> Release:
        """Write down what is about to be published; readers see nothing of it yet."""
        with self.writing() as connection:
            self.verify_held(connection, draft.environment)
            self._put_builds(connection, draft)
            self._put_definitions(connection, draft.definitions)
            pointer_ids = self._put_pointers(connection, (*draft.after.values(), *draft.resting.values()))
            release_id = new_id(connection, tables.releases.insert().values(_begun(draft)))
            links = [{"release_id": release_id, "pointer_id": pointer_id} for pointer_id in pointer_ids]
            if links:
                connection.execute(tables.release_pointers.insert(), links)
        return self._known(release_id)

    def _put_builds(self, connection: sa.Connection, draft: ReleaseDraft) -> None:
        """Those that come with the release; all others must be remembered still, for `gc` may have been there."""
        self.put(connection, tables.builds, [codec.build_row(build) for build in draft.builds], update=("body",))
        if not self.fence_of(draft.environment):
            return
        wanted = {pointer.build_key for pointer in draft.after.values()}
        column = tables.builds.c.key
        known = sa.select(sa.func.count()).select_from(tables.builds)
        found = sum(connection.execute(known.where(column.in_(chunk))).scalar_one() for chunk in chunks(wanted))
        if found < len(wanted):
            raise StateError(
                f"{len(wanted) - found} builds that this release of {draft.environment} points to are forgotten.",
                hint="`dryland gc` was here meanwhile: run it again, and they are built again.",
                is_passing=True,
            )

    def _put_definitions(self, connection: sa.Connection, definitions: Iterable[Definition]) -> None:
        rows = [{"id": each.id, "node": each.node, "sql": each.sql, "body": each.body} for each in definitions]
        self.put(connection, tables.definitions, rows, update=())

    def _put_pointers(self, connection: sa.Connection, pointers: Iterable[Pointer]) -> list[str]:
        """Their ids; what was read is known by its id, and what is written need not be read."""
        read = {id(pointer): key for key, pointer in self._read.items()}
        by_id = {read.get(id(pointer)) or pointer.id: pointer for pointer in pointers}
        column = tables.pointers.c.id
        known = {
            row.id for chunk in chunks(by_id) for row in connection.execute(sa.select(column).where(column.in_(chunk)))
        }
        rows = [codec.pointer_row(key, pointer) for key, pointer in by_id.items() if key not in known]
        self.put(connection, tables.pointers, rows, update=())
        self._read = by_id
        return list(by_id)

    @again
    def complete_release(self, release_id: int) -> Release:
        """Make a release the live one of its environment; the one before becomes superseded."""
        releases, environments = tables.releases, tables.environments
        with self.writing() as connection:
            name = connection.execute(sa.select(releases.c.environment).where(releases.c.id == release_id)).scalar_one()
            self.verify_held(connection, name)
            was_live = (releases.c.environment == name) & (releases.c.status == "live")
            connection.execute(releases.update().where(was_live).values(status="superseded"))
            connection.execute(releases.update().where(releases.c.id == release_id).values(status="live"))
            connection.execute(environments.update().where(environments.c.name == name).values(live_release=release_id))
            self._put_publication(connection, release_id)
        return self._known(release_id)

    def _put_publication(self, connection: sa.Connection, release_id: int) -> None:
        """Note when readers began to see it; this stays when the release is forgotten."""
        row = connection.execute(sa.select(tables.releases).where(tables.releases.c.id == release_id)).one()
        named = ("environment", "kind", "parent", "author", "git_commit", "summary")
        values = {"release": release_id, "at": utc_now(), **{name: getattr(row, name) for name in named}}
        self.put(connection, tables.publications, [values], update=())

    def publications(self, environment: str, *, since: datetime) -> tuple[Publication, ...]:
        """What readers began to see since then, oldest first."""
        table = tables.publications
        query = sa.select(table).where(table.c.environment == environment, table.c.at >= since)
        with self.reading() as connection:
            return tuple(Publication(**row._mapping) for row in connection.execute(query.order_by(table.c.release)))

    def forget_publications(self, before: datetime) -> None:
        """Forget what readers saw before that."""
        with self.writing() as connection:
            connection.execute(tables.publications.delete().where(tables.publications.c.at < before))

    @again
    def abandon_release(self, release_id: int) -> None:
        """Note that a release never reached readers."""
        releases = tables.releases
        with self.writing() as connection:
            name = connection.execute(sa.select(releases.c.environment).where(releases.c.id == release_id)).scalar_one()
            self.verify_held(connection, name)
            connection.execute(releases.update().where(releases.c.id == release_id).values(status="abandoned"))

    @again
    def unfinished_releases(self) -> tuple[Release, ...]:
        """Releases whose process ended between intent and last word, oldest first."""
        return self._releases(tables.releases.c.status == "publishing", ascending=True)

    @again
    def release(self, release_id: int) -> Release | None:
        """One release, or None."""
        return next(iter(self._releases(tables.releases.c.id == release_id)), None)

    @again
    def releases(self, environment: str = "", *, limit: int = 20) -> tuple[Release, ...]:
        """The newest releases, of one environment or of all."""
        condition = tables.releases.c.environment == environment if environment else sa.true()
        return self._releases(condition, limit=limit)

    def _known(self, release_id: int) -> Release:
        release = self.release(release_id)
        assert release is not None, f"release {release_id} was just written"
        return release

    def _releases(
        self, condition: sa.ColumnElement[bool], *, limit: int | None = None, ascending: bool = False
    ) -> tuple[Release, ...]:
        order = tables.releases.c.id.asc() if ascending else tables.releases.c.id.desc()
        with self.reading() as connection:
            rows = connection.execute(sa.select(tables.releases).where(condition).order_by(order).limit(limit))
            return tuple(codec.release(row) for row in rows)

    def pointers(self, release_id: int) -> dict[str, Pointer]:
        """What a release points to, by node."""
        return {pointer.node: pointer for pointer in self.remembered(release_id) if not pointer.is_resting}

    def brought(
        self, environment: str, builds: Mapping[str, str], nodes: Iterable[str]
    ) -> dict[str, Release]:  # fmt: skip
        """Node -> the first release of an environment that showed this build of it; one query."""
        wanted = {node: builds[node] for node in nodes if node in builds}
        releases, links, pointers = tables.releases, tables.release_pointers, tables.pointers
        first = (
            sa.select(pointers.c.node, sa.func.min(releases.c.id).label("first"))
            .join(links, links.c.pointer_id == pointers.c.id)
            .join(releases, releases.c.id == links.c.release_id)
            .where(
                releases.c.environment == environment,
                releases.c.status.in_(("live", "superseded")),
                pointers.c.build_key.in_(list(wanted.values())),
                pointers.c.node.in_(list(wanted)),
            )
            .group_by(pointers.c.node)
            .subquery()
        )
        query = sa.select(first.c.node, releases).join(first, first.c.first == releases.c.id)
        with self.reading() as connection:
            rows = connection.execute(query).mappings() if wanted else ()
            return {row["node"]: Release(**{key: row[key] for key in row if key != "node"}) for row in rows}

    def resting(self, release_id: int) -> dict[str, Pointer]:
        """What a release remembers of nodes that left the project, by node."""
        return {pointer.node: pointer for pointer in self.remembered(release_id) if pointer.is_resting}

    @again
    def remembered(self, release_id: int) -> tuple[Pointer, ...]:
        """All pointers of a release, those that rest too; what was read of them before is not read again."""
        links, pointers, read = tables.release_pointers, tables.pointers, self._read  # other threads may put in others
        of_release = links.c.release_id == release_id
        with self.reading() as connection:
            ids = connection.execute(sa.select(links.c.pointer_id).where(of_release)).scalars().all()
            unread = [each for each in ids if each not in read]
            query = sa.select(pointers.c.id, pointers.c.body)
            if len(unread) <= CHUNK:
                query = query.where(pointers.c.id.in_(unread))
            else:
                query = query.join(links, links.c.pointer_id == pointers.c.id).where(of_release)
            new = {key: codec.pointer(body) for key, body in connection.execute(query)} if unread else {}
        known = {**read, **new}
        found = {each: known[each] for each in ids}
        self._read = found
        return tuple(found.values())

    @again
    def adopted(self, definitions: Iterable[str]) -> frozenset[str]:
        """Those of the definitions, by id, that say what somebody else had made; none of them is read for that."""
        ids = tables.definitions.c.id
        is_adopted = tables.definitions.c.body["adopted"].as_boolean()
        with self.reading() as connection:
            queries = (sa.select(ids).where(ids.in_(chunk), is_adopted) for chunk in chunks(definitions))
            return frozenset(key for query in queries for (key,) in connection.execute(query))

    def definitions(self, ids: Iterable[str], *, saying: tuple[str, ...] = ()) -> dict[str, Definition]:
        """Definitions by id; only those that say one of some parts, where these are given: no other is read then."""
        table = tables.definitions
        says_any = sa.or_(sa.false(), *(table.c.body[part].as_string().is_not(None) for part in saying))
        query = sa.select(table).where(says_any if saying else sa.true())
        with self.reading() as connection:
            found = (row for chunk in chunks(ids) for row in connection.execute(query.where(table.c.id.in_(chunk))))
            return {row.id: Definition(row.node, row.sql, row.body) for row in found}


def _begun(draft: ReleaseDraft) -> dict[str, Any]:
    """The row of a release that nobody reads yet."""
    return {
        "environment": draft.environment,
        "kind": draft.kind,
        "status": "publishing",
        "parent": draft.parent,
        "created_at": utc_now(),
        "author": draft.author,
        "git_commit": draft.git_commit,
        "message": draft.message,
        "run_id": draft.run_id,
        "summary": dict(draft.summary),
    }
