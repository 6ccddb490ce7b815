"""Collects garbage: builds that no environment and no kept release needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field
from datetime import timedelta

from dryland.clock import utc_now
from dryland.engines.protocol import Engine
from dryland.engines.relation import BESIDE, Found
from dryland.errors import UsageError
from dryland.project.project import Settings
from dryland.release.patience import patiently
from dryland.release.publish import is_shown
from dryland.state.store import State
from dryland.state.work import scope_of
from dryland.values import dataclass

KEY_LENGTH = 16
ENDED_DAYS = 90  # that tokens stay listed after their end
RUNS_KEPT = 1_000  # with their steps: some months of a project that is refreshed each hour
PUBLICATIONS_KEPT = timedelta(days=2 * 365)  # one short row for each release, for measures of how releases went


@dataclass(frozen=True, slots=True)
class Garbage:
    """What was, or would be, dropped."""

    relations: tuple[str, ...] = ()
    releases: tuple[int, ...] = ()


def collect_garbage(
    engine: Engine, state: State, settings: Settings, *, dry_run: bool = False, removed: bool = False
) -> Garbage:  # fmt: skip
    """Forget releases beyond retention, then drop every store relation whose build nobody needs.

    A build is needed when a live environment or a kept release points to it, or when a needed view reads it.
    So are the last rows of what grew and left the project, unless `removed` says that it will not come back.
    What stands in the store without being remembered (a killed run's) is dropped too. What others are building, or
    need for what they are at, is not: it is forgotten first, then dropped, and both only when nobody has claimed it.

    Raises:
        UsageError: the warehouse shows a release that this metadata does not know as the live one.
    """
    _verify_known(engine, state)
    store = engine.list_relations([(engine.database, settings.store_schema)])  # first: what comes later is not garbage
    found = _Useless()
    if dry_run:
        with state.together():
            found.look(state, settings, store, rests=not removed)
    else:
        patiently(lambda: _forget_useless(state, settings, store, found, rests=not removed))
        patiently(lambda: _sweep(engine, store, found.relations))
    return Garbage(tuple(sorted(each.relation.name for each in found.relations)), tuple(sorted(found.releases)))


@dataclass(slots=True)
class _Useless:
    """What nobody needs; an attempt after one whose end was not seen finds what that one claimed and forgot."""

    relations: list[Found] = field(default_factory=list)
    releases: set[int] = field(default_factory=set)

    @property
    def keys(self) -> list[str]:
        return [_key_in(each) for each in self.relations]

    def look(self, state: State, settings: Settings, store: Iterable[Found], *, rests: bool) -> set[str]:
        """Look for it; return the keys of builds that somebody needs."""
        self.releases.update(_too_old(state, settings.releases_kept))
        needed = state.live_build_keys(without=self.releases, rests=rests) | state.claimed_keys(but_mine=self.keys)
        builds = {build.relation: key for key, build in state.all_builds().items()}
        self.relations = [each for each in store if _is_build(each) and not _is_needed(each, builds, needed)]
        return needed


def _forget_useless(
    state: State, settings: Settings, store: Iterable[Found], found: _Useless, *, rests: bool
) -> None:  # fmt: skip
    with state.writing():  # nobody begins a release, or a build, in between
        state.end_dead()  # whoever was paused for too long comes back to nothing, and publishes none of it
        needed = found.look(state, settings, store, rests=rests)
        state.claim_garbage(found.keys)
        state.delete_releases(found.releases)
        _forget(state, needed, settings)


def _too_old(state: State, releases_kept: int) -> tuple[int, ...]:
    """Releases beyond retention; where others are at work they may be about to be shown again."""
    busy = {each.scope for each in state.holdings() if each.writer.token != state.token}
    return tuple(
        release
        for environment in state.environments()
        if scope_of(environment) not in busy
        for release in state.beyond_retention(environment, releases_kept)
    )


def _sweep(engine: Engine, store: Iterable[Found], useless: list[Found]) -> None:
    """Drop what is useless, and files that no relation of the store reads any more."""
    with engine.session() as session:
        session.drop([(found.relation, found.kind) for found in _views_first(useless)])
    engine.sweep_files({found.relation.name for found in store} - {found.relation.name for found in useless})


def _forget(state: State, needed: set[str], settings: Settings) -> None:
    state.forget_runs(RUNS_KEPT)
    state.forget_builds([key for key in state.all_builds() if key not in needed])
    state.forget_old_verdicts()
    state.forget_writers()
    state.forget_incidents(utc_now() - timedelta(seconds=settings.alerting.kept_s))
    state.forget_observations(utc_now() - timedelta(days=settings.observations_kept_days))
    state.forget_publications(utc_now() - PUBLICATIONS_KEPT)
    audit_since, kept_since = (utc_now() - timedelta(days=days) for days in (settings.access.audit_days, ENDED_DAYS))
    state.forget_access(utc_now(), audit_since=audit_since, kept_since=kept_since)


def _verify_known(engine: Engine, state: State) -> None:
    """Whoever does not know what readers see must not clean up behind them."""
    notes = engine.published()
    unknown = [environment for environment in notes if not _is_known(notes, state, environment)]
    if unknown and engine.is_shared:  # somebody may have published between the two questions
        notes = engine.published()
    busy = {each.scope for each in state.holdings()} if unknown else set()
    for environment in unknown:
        note = notes.get(environment, "")
        if note and scope_of(environment) not in busy and not _is_known(notes, state, environment):
            raise UsageError(
                f"the warehouse shows release {note.partition('-')[0]} of {environment}, "
                "which this metadata does not know.",
                hint="bring the metadata back (dryland state load FILE), or release anew (dryland apply).",
            )


def _is_known(notes: Mapping[str, str], state: State, environment: str) -> bool:
    """Whether what is noted is what the metadata say; no note is left of what was dropped before a kill."""
    if not notes[environment]:
        return True
    return state.environment(environment) is not None and is_shown(notes, state, environment)


def _is_build(found: Found) -> bool:
    name, separator, key = found.relation.name.removesuffix(BESIDE).rpartition("__")
    return bool(name and separator) and len(key) == KEY_LENGTH and all(letter in "0123456789abcdef" for letter in key)


def _is_needed(found: Found, builds: dict[str, str], needed: set[str]) -> bool:
    return builds.get(found.relation.name, _key_in(found)) in needed


def _key_in(found: Found) -> str:
    """The key that a build's name ends with: it may be in the making, and not remembered yet."""
    return found.relation.name.removesuffix(BESIDE)[-KEY_LENGTH:]


def _views_first(found: list[Found]) -> list[Found]:
    return sorted(found, key=lambda each: each.kind != "view")
