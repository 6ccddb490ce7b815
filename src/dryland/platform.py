"""Opens the front door: one object through which programs and the command line do everything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dryland.build.progress import Progress, Silence
from dryland.errors import UsageError
from dryland.housekeeping import Housekeeping
from dryland.opened import PATIENCE_S, Opening
from dryland.plan.choice import Choice, Chosen, choice_of, is_partial
from dryland.plan.plan import Plan, Verb
from dryland.release.environment_names import verify_releasable
from dryland.state.records import Release, Verdict
from dryland.state.work import scope_of
from dryland.timings import timed
from dryland.unchanged import Memory, has_manifest
from dryland.workshop import Workshop

if TYPE_CHECKING:
    from dryland.artifacts.sources import Age as SourceAge
    from dryland.diff.difference import Comparison
    from dryland.diff.places import Options
    from dryland.project.batches import Window
    from dryland.release.outcome import Outcome


class Platform(Housekeeping):
    """Every verb on a project. Use as a context manager: the warehouse is held only while open."""

    _known_plan: Plan | None = None  # that was made before, of the same things

    @staticmethod
    def open(
        path: str | Path = ".",
        *,
        target: str | None = None,
        profiles_dir: str | Path | None = None,
        variables: Mapping[str, Any] | None = None,
        threads: int | None = None,
        warehouse: str = "",
        wait_s: float = PATIENCE_S,
        progress: Progress | None = None,
    ) -> Platform:
        """Open the project at `path`; files, warehouse and metadata are touched when first needed.

        What somebody else is changing is waited for so many seconds.
        """
        profiles = Path(profiles_dir) if profiles_dir else None
        opening = Opening(
            Path(path).resolve(), target, profiles, variables or {}, threads, wait_s=wait_s, warehouse=warehouse
        )
        return Platform(opening, progress or Silence())

    def work_ahead(self) -> None:
        """Once the answer is given: work out what the first plan and release of a new project will need.

        Who presses Ctrl-C has the answer, and loses nothing.
        """
        if self.may_work_ahead:
            with timed("imports"):
                from dryland.ahead import work_ahead

            with suppress(KeyboardInterrupt):
                work_ahead(self)

    # --- verbs ---------------------------------------------------------------------------------------------------

    def plan(
        self,
        environment: str = "",
        *,
        verb: Verb = "apply",
        select: Chosen = (),
        exclude: Sequence[str] = (),
        full_refresh: bool = False,
        window: Window | None = None,
    ) -> Plan:
        """Say what `apply` (code) or `run` (data) would do to an environment; change nothing.

        Only metadata is asked for while nothing is to be built. Sources are measured when something reads them.

        Raises:
            UnknownNameError: a unit test that `apply` would ask gives rows to something that there is not.
        """
        choice = choice_of(select, exclude)
        is_whole = verb == "apply" and not is_partial(choice, self.project) and not full_refresh and window is None
        memory = Memory.of(self, environment, "plan") if is_whole else Memory()
        self._known_plan = memory.said()
        if self._known_plan is not None:
            return self._known_plan
        plan = self._planned(environment, verb, choice, full_refresh=full_refresh, window=window)
        if not self._awaits(plan):
            memory.remember_plan(plan, self.meanings)
        return plan

    def _awaits(self, plan: Plan) -> bool:
        """Whether an incident of a refused release is over when such a plan is applied: then that must be done."""
        open_ = self.state.incidents(plan.environment, is_open=True) if plan.is_empty else ()
        return any(each.track == "release" for each in open_)

    def _planned(
        self, environment: str, verb: Verb, choice: Choice, *, full_refresh: bool, window: Window | None
    ) -> Plan:
        self.ready()  # first: the warehouse opens while all that reads metadata is imported
        with timed("imports"):  # here and below: not all of this is needed by every verb
            from dryland.choosing import chosen_nodes
            from dryland.planning import plan_for

        name = self._released_to(environment)
        only = chosen_nodes(self, choice, name)
        if verb == "apply" and self.project.unit_tests:
            from dryland.project.unit_tests import verify_inputs

            verify_inputs(each for each in self.project.unit_tests.values() if only is None or each.model in only)
        return plan_for(self, name, verb, only=only, full_refresh=full_refresh, window=window)

    def apply(self, plan: Plan, *, adopt: bool = False, message: str = "") -> Outcome:
        """Carry out a plan of either verb: build aside, check, then publish or refuse.

        Raises:
            InTheWayError: somebody else's objects stand where we would publish, and `adopt` was not said.
            StalePlanError: the environment was released to since the plan was made.
            HeldError: somebody else is at work on the environment, for longer than may be waited.
        """
        from dryland.release.outcome import Outcome

        if plan is self._known_plan and has_manifest(self.project):
            return Outcome("nothing", plan.environment)
        with timed("imports"):
            from dryland.applying import apply_plan

        return apply_plan(self, plan, adopts=adopt, message=message)

    def holding_environment(self, name: str, verb: str) -> AbstractContextManager[None]:
        """Be the only one who changes an environment, for several calls; each call alone is so anyway.

        Raises:
            HeldError: somebody else is at work on it, for longer than may be waited.
        """
        return self.holding(scope_of(name), verb)

    def test(self, *, select: Chosen = (), exclude: Sequence[str] = ()) -> tuple[Verdict, ...]:
        """Run unit tests: models on rows that are given, in memory."""
        from dryland.choosing import known_for
        from dryland.unit_testing import unit_test

        choice = choice_of(select, exclude)
        return unit_test(self, choice, known=known_for(self, self._shown(""), choice))

    def freshness(
        self, select: Chosen = (), exclude: Sequence[str] = ()
    ) -> tuple[tuple[SourceAge, ...], tuple[str, ...]]:
        """How old the sources are that say how old they may be, and sentences for people.

        dbt's sources.json is written; a sentence says why when that was not possible.
        """
        from dryland.freshness import measured_ages

        listed, environment = self.list(choice_of(select, exclude)), self._shown("")
        ages, said = measured_ages(self, [each for each in listed if each in self.project.sources], environment)
        return ages, (*said, *self._note_ages(environment, ages))

    def rollback(self, environment: str = "", release: int | None = None, *, author: str = "") -> Release:
        """Bring an environment back to an older release; the one before the live one unless told."""
        from dryland.release.rollback import roll_back

        name = self._shown(environment)
        with self.holding(scope_of(name), "rollback"):
            done = roll_back(self.engine, self.state, self.project, name, release, author=author)
        self._look_again(done)
        return done

    def diff(
        self,
        words: Sequence[str] = (),
        *,
        before: str = "",
        after: str = "",
        select: Chosen = (),
        exclude: Sequence[str] = (),
        options: Options | None = None,
    ) -> Comparison:
        """Compare environments, releases or two tables, down to rows; `words` are those of `dryland diff`.

        Raises:
            UsageError: there is no such environment or release, or there are more than two.
            UnknownNameError: a table or a column of the key is not there.
        """
        from dryland.comparing import compared

        choice = choice_of(select, exclude)
        return compared(self, words, before=before, after=after, choice=choice, options=options)

    def diff_across(
        self,
        warehouse: str,
        words: Sequence[str] = (),
        *,
        select: Chosen = (),
        exclude: Sequence[str] = (),
        options: Options | None = None,
    ) -> Comparison:
        """Compare what an environment shows here with what it shows on another warehouse of dryland.yml, row by row.

        Raises:
            UsageError: the environment is not on both, or both are the same warehouse.
        """
        from dryland.comparing import compared_across

        if warehouse == self._opening.warehouse:
            raise UsageError(f"`{warehouse}` is compared with itself.", hint="name another warehouse with --across.")
        with Workshop(replace(self._opening, warehouse=warehouse), self.progress) as other:
            assert other.written  # first: whether there is such a warehouse
            names = self._opening.warehouse, warehouse
            return compared_across(self, other, names, words, choice_of(select, exclude), options)

    def diff_plan(self, plan: Plan) -> Comparison:
        """Compare what readers see with what a plan would publish, as far as that is built already."""
        from dryland.comparing import compared_with_plan

        return compared_with_plan(self, plan)

    def _released_to(self, environment: str) -> str:
        """The same for a release, which makes an environment that is not there."""
        name = environment or self.project.settings.default_environment
        verify_releasable(name, self._environment_names())
        return name
