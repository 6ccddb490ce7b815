"""Remembers: one metadata store over SQLite or PostgreSQL, in the values of `records`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from dryland.errors import StateError
from dryland.state import codec, tables
from dryland.state.migrations import bring_forward
from dryland.state.records import (
    Build,
    Definition,
    Environment,
    Pointer,
    Profile,
    Release,
    ReleaseKind,
    Run,
    RunStatus,
    StepRecord,
    Verdict,
)

CHUNK = 500  # bound parameters of one statement stay far below SQLite's limit
UPSERTS: Mapping[str, Callable[..., Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def open_state(url: str | Path) -> State:
    """Open the store, make it when it is new, bring it forward when it is old.

    Raises:
        StateError: the store is damaged, newer than this Dryland, or out of reach.
    """
    path = None if isinstance(url, str) and "://" in url else Path(url)
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(f"sqlite:///{path}" if path else str(url), connect_args={"timeout": 10} if path else {})
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", _prepare_sqlite)
    state = State(engine, str(path) if path else engine.url.render_as_string(hide_password=True))
    with state.guarded():
        bring_forward(engine)
    return state


def _prepare_sqlite(connection: Any, _: object) -> None:
    connection.execute("PRAGMA journal_mode = WAL")  # readers do not wait for writers
    connection.execute("PRAGMA synchronous = NORMAL")  # WAL survives a killed process; a lost power cut costs a rebuild


class State:
    """The metadata store. Safe to use from several threads; every method is one transaction."""

    def __init__(self, engine: sa.Engine, place: str) -> None:
        self._engine = engine
        self._place = place

    def close(self) -> None:
        """Let go of the store."""
        self._engine.dispose()

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """Turn the driver's errors into ours."""
        try:
            yield
        except sa.exc.SQLAlchemyError as error:
            cause = getattr(error, "orig", None) or error
            raise StateError(
                f"the metadata store {self._place} could not be used: {cause}",
                hint="if the file is damaged, restore it from a `dryland state dump`, or move it away and apply again.",
            ) from error

    @contextmanager
    def _transaction(self) -> Iterator[sa.Connection]:
        with self.guarded(), self._engine.begin() as connection:
            yield connection

    def reading(self) -> AbstractContextManager[sa.Connection]:
        """A connection whose reads belong together."""
        return self._transaction()

    def writing(self) -> AbstractContextManager[sa.Connection]:
        """A connection whose writes belong together."""
        return self._transaction()

    # --- environments --------------------------------------------------------------------------------------------

    def environments(self) -> dict[str, Environment]:
        """All environments by name."""
        with self._transaction() as connection:
            rows = connection.execute(sa.select(tables.environments).order_by(tables.environments.c.name))
            return {row.name: codec.environment(row) for row in rows}

    def environment(self, name: str) -> Environment | None:
        """One environment, or None."""
        with self._transaction() as connection:
            query = sa.select(tables.environments).where(tables.environments.c.name == name)
            row = connection.execute(query).first()
        return codec.environment(row) if row else None

    def create_environment(self, name: str, base: str, *, purpose: str = "") -> Environment:
        """Note a new environment without a release; a second note of the same name changes nothing."""
        values = {"name": name, "live_release": None, "base": base, "purpose": purpose, "created_at": _now()}
        with self._transaction() as connection:
            self._put(connection, tables.environments, [values], update=())
        return Environment(name, None, base)

    def drop_environment(self, name: str) -> None:
        """Forget an environment and its releases."""
        with self._transaction() as connection:
            connection.execute(tables.environments.delete().where(tables.environments.c.name == name))
            ids = sa.select(tables.releases.c.id).where(tables.releases.c.environment == name)
            connection.execute(tables.release_pointers.delete().where(tables.release_pointers.c.release_id.in_(ids)))
            connection.execute(tables.releases.delete().where(tables.releases.c.environment == name))

    # --- releases ------------------------------------------------------------------------------------------------

    def begin_release(
        self,
        environment: str,
        kind: ReleaseKind,
        pointers: Sequence[Pointer],
        definitions: Sequence[Definition] = (),
        *,
        parent: int | None = None,
        author: str = "",
        git_commit: str = "",
        message: str = "",
        run_id: int | None = None,
        summary: Mapping[str, object] | None = None,
    ) -> Release:
        """Write down what is about to be published; readers see nothing of it yet."""
        values = {
            "environment": environment,
            "kind": kind,
            "status": "publishing",
            "parent": parent,
            "created_at": _now(),
            "author": author,
            "git_commit": git_commit,
            "message": message,
            "run_id": run_id,
            "summary": dict(summary or {}),
        }
        with self._transaction() as connection:
            self._put(
                connection, tables.definitions, [asdict(each) | {"id": each.id} for each in definitions], update=()
            )
            rows = [codec.pointer_row(pointer) for pointer in pointers]
            self._put(connection, tables.pointers, rows, update=())
            release_id = _new_id(connection, tables.releases.insert().values(values))
            links = [{"release_id": release_id, "pointer_id": row["id"]} for row in rows]
            if links:
                connection.execute(tables.release_pointers.insert(), links)
        release = self.release(release_id)
        assert release is not None
        return release

    def complete_release(self, release_id: int) -> Release:
        """Make a release the live one of its environment; the one before becomes superseded."""
        releases, environments = tables.releases, tables.environments
        with self._transaction() as connection:
            name = connection.execute(sa.select(releases.c.environment).where(releases.c.id == release_id)).scalar_one()
            was_live = (releases.c.environment == name) & (releases.c.status == "live")
            connection.execute(releases.update().where(was_live).values(status="superseded"))
            connection.execute(releases.update().where(releases.c.id == release_id).values(status="live"))
            connection.execute(environments.update().where(environments.c.name == name).values(live_release=release_id))
        release = self.release(release_id)
        assert release is not None
        return release

    def abandon_release(self, release_id: int) -> None:
        """Note that a release never reached readers."""
        with self._transaction() as connection:
            connection.execute(
                tables.releases.update().where(tables.releases.c.id == release_id).values(status="abandoned")
            )

    def unfinished_releases(self) -> tuple[Release, ...]:
        """Releases whose process ended between intent and last word, oldest first."""
        return self._releases(tables.releases.c.status == "publishing", ascending=True)

    def release(self, release_id: int) -> Release | None:
        """One release, or None."""
        return next(iter(self._releases(tables.releases.c.id == release_id)), None)

    def releases(self, environment: str = "", *, limit: int = 20) -> tuple[Release, ...]:
        """The newest releases, of one environment or of all."""
        condition = tables.releases.c.environment == environment if environment else sa.true()
        return self._releases(condition, limit=limit)

    def _releases(
        self, condition: sa.ColumnElement[bool], *, limit: int | None = None, ascending: bool = False
    ) -> tuple[Release, ...]:
        order = tables.releases.c.id.asc() if ascending else tables.releases.c.id.desc()
        with self._transaction() as connection:
            rows = connection.execute(sa.select(tables.releases).where(condition).order_by(order).limit(limit))
            return tuple(codec.release(row) for row in rows)

    def pointers(self, release_id: int) -> dict[str, Pointer]:
        """What a release points to, by node; one query."""
        query = (
            sa.select(tables.pointers.c.body)
            .join(tables.release_pointers, tables.release_pointers.c.pointer_id == tables.pointers.c.id)
            .where(tables.release_pointers.c.release_id == release_id)
        )
        with self._transaction() as connection:
            found = [codec.pointer(body) for (body,) in connection.execute(query)]
        return {pointer.node: pointer for pointer in found}

    def definitions(self, ids: Iterable[str]) -> dict[str, Definition]:
        """Definitions by id."""
        rows = self._by_key(tables.definitions, tables.definitions.c.id, ids)
        return {row.id: Definition(row.node, row.sql, row.body) for row in rows}

    # --- builds --------------------------------------------------------------------------------------------------

    def put_build(self, build: Build, profile: Profile | None = None, verdicts: Iterable[Verdict] = ()) -> None:
        """Remember a build with what was seen of it."""
        with self._transaction() as connection:
            self._put(connection, tables.builds, [codec.build_row(build)], update=("body",))
            if profile:
                body = {"build_key": build.key, "body": codec.profile_body(profile)}
                self._put(connection, tables.profiles, [body], update=("body",))
            self._put_verdicts(connection, verdicts)

    def builds(self, keys: Iterable[str]) -> dict[str, Build]:
        """Builds by key, those that are known."""
        rows = self._by_key(tables.builds, tables.builds.c.key, keys)
        return {row.key: codec.build(row.key, row.body) for row in rows}

    def all_builds(self) -> dict[str, Build]:
        """Every build that is remembered."""
        with self._transaction() as connection:
            rows = connection.execute(sa.select(tables.builds.c.key, tables.builds.c.body))
            return {row.key: codec.build(row.key, row.body) for row in rows}

    def forget_builds(self, keys: Iterable[str]) -> None:
        """Forget builds and their profiles."""
        with self._transaction() as connection:
            for chunk in _chunks(keys):
                connection.execute(tables.builds.delete().where(tables.builds.c.key.in_(chunk)))
                connection.execute(tables.profiles.delete().where(tables.profiles.c.build_key.in_(chunk)))

    def profiles(self, keys: Iterable[str]) -> dict[str, Profile]:
        """Profiles by build key."""
        rows = self._by_key(tables.profiles, tables.profiles.c.build_key, keys)
        return {row.build_key: Profile(**row.body) for row in rows}

    # --- verdicts ------------------------------------------------------------------------------------------------

    def put_verdicts(self, verdicts: Iterable[Verdict]) -> None:
        """Remember verdicts; the newest on the same builds stands."""
        with self._transaction() as connection:
            self._put_verdicts(connection, verdicts)

    def verdicts(self, ids: Iterable[str]) -> dict[str, Verdict]:
        """Verdicts by id (a check's hash on builds' keys)."""
        rows = self._by_key(tables.verdicts, tables.verdicts.c.id, ids)
        return {row.id: codec.verdict(row.body) for row in rows}

    def _put_verdicts(self, connection: sa.Connection, verdicts: Iterable[Verdict]) -> None:
        rows = [codec.verdict_row(verdict) for verdict in verdicts if not verdict.cached]
        self._put(connection, tables.verdicts, rows, update=("body", "at"))

    # --- runs ----------------------------------------------------------------------------------------------------

    def begin_run(self, verb: str, environment: str, pid: int) -> Run:
        """Note that a run began."""
        began = _now()
        values = {
            "verb": verb,
            "environment": environment,
            "status": "running",
            "started_at": began,
            "pid": pid,
            "summary": {},
        }
        with self._transaction() as connection:
            run_id = _new_id(connection, tables.runs.insert().values(values))
        return Run(run_id, verb, environment, "running", began, None, pid)

    def finish_run(self, run_id: int, status: RunStatus, summary: Mapping[str, object]) -> None:
        """Note how a run ended."""
        values = {"status": status, "summary": dict(summary), "finished_at": _now()}
        with self._transaction() as connection:
            connection.execute(tables.runs.update().where(tables.runs.c.id == run_id).values(values))

    def put_steps(self, steps: Iterable[StepRecord]) -> None:
        """Remember what became of each node in a run."""
        rows = [{"run_id": step.run_id, "node": step.node, "body": codec.step_body(step)} for step in steps]
        if rows:
            with self._transaction() as connection:
                connection.execute(tables.run_steps.insert(), rows)

    def runs(self, *, limit: int = 20) -> tuple[Run, ...]:
        """The newest runs."""
        with self._transaction() as connection:
            rows = connection.execute(sa.select(tables.runs).order_by(tables.runs.c.id.desc()).limit(limit))
            return tuple(codec.run(row) for row in rows)

    def steps(self, run_id: int) -> tuple[StepRecord, ...]:
        """What became of each node in a run."""
        query = sa.select(tables.run_steps.c.body).where(tables.run_steps.c.run_id == run_id)
        with self._transaction() as connection:
            rows = connection.execute(query.order_by(tables.run_steps.c.id))
            return tuple(codec.step(body) for (body,) in rows)

    # --- retention -----------------------------------------------------------------------------------------------

    def beyond_retention(self, environment: str, releases_kept: int) -> tuple[int, ...]:
        """Ids of old releases beyond the newest `releases_kept`; never the live one or one in the making."""
        old = self.releases(environment, limit=1_000_000)
        ended = [release for release in old if release.status not in ("live", "publishing")]
        keep = releases_kept - 1  # the live one counts
        return tuple(release.id for release in ended[max(keep, 0) :])

    def delete_releases(self, ids: Iterable[int]) -> None:
        """Forget releases, and pointers and definitions that nothing refers to any more."""
        links, pointers, definitions = tables.release_pointers, tables.pointers, tables.definitions
        with self._transaction() as connection:
            for chunk in _chunks(ids):
                connection.execute(links.delete().where(links.c.release_id.in_(chunk)))
                connection.execute(tables.releases.delete().where(tables.releases.c.id.in_(chunk)))
            connection.execute(pointers.delete().where(pointers.c.id.not_in(sa.select(links.c.pointer_id))))
            used = {body["definition"] for (body,) in connection.execute(sa.select(pointers.c.body))}
            unused = [key for (key,) in connection.execute(sa.select(definitions.c.id)) if key not in used]
            for chunk in _chunks(unused):
                connection.execute(definitions.delete().where(definitions.c.id.in_(chunk)))

    def live_build_keys(self, *, without: Iterable[int] = ()) -> set[str]:
        """Keys of builds that any release needs (`without` these), with everything that needed views read."""
        links, pointers, releases = tables.release_pointers, tables.pointers, tables.releases
        query = (
            sa.select(pointers.c.build_key, links.c.release_id)
            .join(links, links.c.pointer_id == pointers.c.id)
            .join(releases, releases.c.id == links.c.release_id)
            .where(releases.c.status != "abandoned")
        )
        dropped = set(without)
        with self._transaction() as connection:
            needed = {key for key, release in connection.execute(query) if release not in dropped}
        builds = self.all_builds()
        frontier = set(needed)
        while frontier:
            views = [builds[key] for key in frontier if key in builds and builds[key].kind == "view"]
            frontier = {key for view in views for key in view.inputs} - needed
            needed |= frontier
        return needed

    # --- inside --------------------------------------------------------------------------------------------------

    def _put(
        self, connection: sa.Connection, table: sa.Table, rows: list[dict[str, Any]], *, update: tuple[str, ...]
    ) -> None:
        """Insert rows; where the key exists, replace the columns of `update` or leave the row as it is."""
        if not rows:
            return
        statement = UPSERTS[self._engine.dialect.name](table)
        key = list(table.primary_key)
        if update:
            changes = {name: statement.excluded[name] for name in update}
            connection.execute(statement.on_conflict_do_update(index_elements=key, set_=changes), rows)
        else:
            connection.execute(statement.on_conflict_do_nothing(index_elements=key), rows)

    def _by_key(self, table: sa.Table, column: sa.Column[Any], keys: Iterable[str]) -> list[Any]:
        with self._transaction() as connection:
            return [
                row for chunk in _chunks(keys) for row in connection.execute(sa.select(table).where(column.in_(chunk)))
            ]


def _chunks(keys: Iterable[Any]) -> Iterator[list[Any]]:
    listed = list(keys)
    for start in range(0, len(listed), CHUNK):
        yield listed[start : start + CHUNK]


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


def _new_id(connection: sa.Connection, statement: sa.Insert) -> int:
    key = connection.execute(statement).inserted_primary_key
    assert key is not None, "an insert of one row has a key"
    return int(key[0])
