"""Opens the front door: one object through which programs and the command line do everything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dryland.build.progress import Progress, Silence
from dryland.choosing import chosen_checks, chosen_nodes, known_for
from dryland.engines.protocol import Rows
from dryland.plan.choice import Choice, Chosen, choice_of, is_partial
from dryland.plan.lineage import lineage_of
from dryland.plan.plan import Plan, Verb
from dryland.plan.promise import Promise
from dryland.plan.select import select as select_nodes
from dryland.plan.select import select_any, select_one
from dryland.planning import plan_for
from dryland.project.batches import Window
from dryland.project.unit_tests import verify_inputs
from dryland.release import details, environments, promises, retention, seen
from dryland.release.environment_names import verify_exists, verify_releasable
from dryland.release.outcome import Outcome
from dryland.release.rollback import roll_back
from dryland.state.dump import dump, load
from dryland.state.records import Environment, Pointer, Release, Verdict
from dryland.workshop import Opening, Workshop

if TYPE_CHECKING:
    from dryland.artifacts.sources import Age as SourceAge
    from dryland.check.explain import Answered
    from dryland.check.imported import Imported
    from dryland.check.request import CheckRequest
    from dryland.diff.difference import Comparison
    from dryland.diff.places import Options
    from dryland.health.report import Health
    from dryland.project.edits import Edit
    from dryland.suggest.proposal import Sure
    from dryland.suggest.suggest import Suggested


class Platform(Workshop):
    """Every verb on a project. Use as a context manager: the warehouse is held only while open."""

    @staticmethod
    def open(
        path: str | Path = ".",
        *,
        target: str | None = None,
        profiles_dir: str | Path | None = None,
        variables: Mapping[str, Any] | None = None,
        threads: int | None = None,
        progress: Progress | None = None,
    ) -> Platform:
        """Open the project at `path`; files, warehouse and metadata are touched when first needed."""
        profiles = Path(profiles_dir) if profiles_dir else None
        opening = Opening(Path(path).resolve(), target, profiles, variables or {}, threads)
        return Platform(opening, progress or Silence())

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
        name = self._released_to(environment)
        only = chosen_nodes(self, choice_of(select, exclude), name)
        if verb == "apply":
            verify_inputs(each for each in self.project.unit_tests.values() if only is None or each.model in only)
        return plan_for(self, name, verb, only=only, full_refresh=full_refresh, window=window)

    def apply(self, plan: Plan, *, adopt: bool = False, message: str = "") -> Outcome:
        """Carry out a plan of either verb: build aside, check, then publish or refuse.

        Raises:
            InTheWayError: somebody else's objects stand where we would publish, and `adopt` was not said.
        """
        from dryland.applying import apply_plan  # here and below: what builds is not needed to plan

        return apply_plan(self, plan, adopts=adopt, message=message)

    def check(
        self, environment: str = "", *, select: Chosen = (), exclude: Sequence[str] = (), again: bool = False
    ) -> tuple[Verdict, ...]:
        """Run checks on what an environment's readers see now; publish nothing.

        What was said of tables is remembered, for they do not change, unless all is asked `again`.
        """
        from dryland.check.run_checks import run_checks

        request = self._live_checks(environment, choice_of(select, exclude), again=again)
        with self.engine.session() as session:
            verdicts = run_checks(session, request).verdicts
        self.state.put_verdicts(verdicts)
        return verdicts

    def explain_checks(
        self, environment: str = "", *, select: Chosen = (), exclude: Sequence[str] = ()
    ) -> tuple[Answered, ...]:  # fmt: skip
        """Say how the same checks would be answered, and ask none of them."""
        from dryland.check.explain import explain

        return explain(self._live_checks(environment, choice_of(select, exclude), again=True))

    def _live_checks(self, environment: str, choice: Choice, *, again: bool) -> CheckRequest:
        from dryland.build.check_live import live_request

        name = self._shown(environment)
        chosen, pointers = chosen_checks(self, choice, name), self.pointers(name)
        return live_request(
            self.project, self.engine, self.state, pointers, self.source_columns, chosen, name, again=again
        )  # fmt: skip

    def suggest_checks(self, model: str, environment: str = "", *, least: Sure = "likely") -> Suggested:
        """Propose checks that a model (a name or unique id) passes now and does not have yet; write nothing."""
        from dryland.suggest.suggest import Suggesting

        pointers = self.pointers(environment)
        suggesting = Suggesting(
            self.project, self.engine, self.state, pointers, lambda: self.meanings, self.progress, datetime.now(UTC)
        )  # fmt: skip
        unique_id = model if model in self.project.nodes else select_one(self.project, model)
        return suggesting.suggest(self.project.nodes[unique_id], least=least)

    def import_checks(self, suite: Path, model: str) -> Imported:
        """The checks that a suite of Great Expectations, a file or a folder, becomes for a model; write nothing."""
        from dryland.check.imported import imported
        from dryland.project.expectations.suite import read_suites

        unique_id = model if model in self.project.nodes else select_one(self.project, model)
        return imported(self.project, self.project.nodes[unique_id], read_suites(suite))

    def write_suggested(self, suggested: Sequence[Suggested | Imported], *, dry_run: bool = False) -> tuple[Edit, ...]:
        """Write what is proposed into YAML: all of it, or nothing when the project were another besides these checks.

        `dry_run` writes nothing, and only says what the files would be.
        """
        from dryland.project.edits import put
        from dryland.project.written_checks import edits_for, no_place

        wanted = [(self.project.nodes[each.node], each.written) for each in suggested]
        if dry_run:  # what has no place of its own, as in packages, is shown all the same
            wanted = [each for each in wanted if not no_place(self.project, each[0])]
        edits = edits_for(self.project, wanted)
        if edits and not dry_run:
            put(self.project, edits, {node.unique_id: len(checks) for node, checks in wanted if checks}, self.reread)
        return edits

    def health(self, environment: str = "", *, select: Chosen = (), exclude: Sequence[str] = ()) -> Health:
        """What of the project's data is looked after, and what to do next; of packages only what is selected."""
        from dryland.health.coverage import datasets, own
        from dryland.health.report import health_of
        from dryland.release.standings import standings

        name, choice = self._shown(environment), choice_of(select, exclude)
        only = self.list(choice, environment=name) if is_partial(choice, self.project) else own(self.project)
        found = standings(self.project, self.state, self.pointers(name), self.check_hashes)
        return health_of(datasets(self.project, found, only))

    def test(self, *, select: Chosen = (), exclude: Sequence[str] = ()) -> tuple[Verdict, ...]:
        """Run unit tests: models on rows that are given, in memory."""
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

        listed = self.list(choice_of(select, exclude))
        return measured_ages(self, [each for each in listed if each in self.project.sources], self._shown(""))

    def rollback(self, environment: str = "", release: int | None = None) -> Release:
        """Bring an environment back to an older release; the one before the live one unless told."""
        return roll_back(self.engine, self.state, self.project, self._shown(environment), release)

    def query(self, sql: str, *, environment: str = "", rows_max: int | None = 100) -> Rows:
        """Answer a reader's query against one environment; only a single query is let through.

        Model names may be written as in prod: in another environment they stand for its views.
        """
        return seen.answer(sql, self.project, self.engine, self.pointers(environment), rows_max=rows_max)

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
        from dryland.diff.asked import asked_by
        from dryland.diff.places import Options, Places
        from dryland.diff.standing import before_it, standing_in

        default = self.project.settings.default_environment
        asked = asked_by(
            words, before=before, after=after, default=default, environments=self._environment_names(),
            before_it=lambda place: before_it(self.state, place),
        )  # fmt: skip
        places = Places(self.project, self.engine, self.state, options or Options())
        if asked.tables:
            return places.compare_tables(*asked.tables)
        choice = choice_of(select, exclude)
        choice = replace(choice, include=(*choice.include, *asked.select))
        sides = standing_in(self.state, asked.before), standing_in(self.state, asked.after)
        return places.compare(*sides, chosen_nodes(self, choice, default))

    def diff_plan(self, plan: Plan) -> Comparison:
        """Compare what readers see with what a plan would publish, as far as that is built already."""
        from dryland.diff.places import Options, Places
        from dryland.diff.standing import standing_after, standing_before

        before = standing_before(self.state, plan)
        after = standing_after(plan, before)
        return Places(self.project, self.engine, self.state, Options()).compare(before, after, after.moved_from(before))

    # --- what there is -------------------------------------------------------------------------------------------

    def select(self, select: Chosen = (), exclude: Sequence[str] = (), *, environment: str = "") -> tuple[str, ...]:
        """The unique ids of the nodes that dbt's selectors choose, in project order."""
        choice = choice_of(select, exclude)
        return select_nodes(self.project, choice, known=known_for(self, environment, choice))

    def list(self, choice: Choice, *, environment: str = "") -> tuple[str, ...]:
        """The unique ids of everything that is chosen: nodes first, then sources, tests and whatever else there is."""
        return select_any(self.project, choice, known=known_for(self, environment, choice))

    def pointers(self, environment: str = "") -> dict[str, Pointer]:
        """Where an environment stands: node to pointer; empty before its first release."""
        return environments.pointers_of(self.state, self._shown(environment)) or {}

    def environments(self) -> tuple[Environment, ...]:
        """All environments, by name."""
        return tuple(self.state.environments().values())

    def create_environment(self, name: str, base: str = "") -> Environment:
        """Create an environment that shows what `base` shows; no data is copied."""
        return environments.create_environment(self.engine, self.state, self.project, name, self._shown(base))

    def drop_environment(self, name: str) -> None:
        """Drop an environment's views and pointers; its builds stay until `gc`."""
        environments.drop_environment(self.engine, self.state, self.project, name)

    def releases(self, environment: str = "", *, limit: int = 20) -> tuple[Release, ...]:
        """The newest releases of an environment."""
        return tuple(self.state.releases(self._shown(environment), limit=limit))

    def node_details(self, name: str, environment: str = "") -> dict[str, Any]:
        """Everything about one node, as plain data."""
        chosen = select_one(self.project, name)
        pointers = self.pointers(environment)
        return details.node_details(self.project, self.state, pointers, self.meanings, self.check_hashes, chosen)

    def release_details(self, release: int | None = None, environment: str = "") -> dict[str, Any]:
        """Everything about one release (the live one unless told), as plain data."""
        found = details.the_release(self.state, self._shown(environment), release)
        return details.release_details(self.state, found)

    def lineage(self, target: str, *, direction: str = "both") -> tuple[tuple[str, str], ...]:
        """Edges around a node or column (`orders.amount`): pairs of names, from what is read to what reads."""
        return lineage_of(self.project, self.meanings, target, direction, self._built_columns)

    def content(self, environment: str = "") -> dict[str, tuple[int, str]]:
        """What readers see, by dataset: rows and an order-independent hash, measured now from the published views."""
        return seen.content(self.engine, self.pointers(environment))

    def write_artifacts(self, environment: str = "") -> tuple[Path, ...]:
        """Write dbt's manifest and catalog of what an environment shows, and the compiled SQL; build nothing.

        Raises:
            StateError: the target folder cannot be written to.
        """
        from dryland.artifacts.write import artifacts_of

        name = self._shown(environment)
        profiles = details.profiles_of(self.state, self.pointers(name))
        return artifacts_of(self.project, lambda: self.engine, "artifacts", name, asks=True).documentation(profiles)

    def write_results(
        self, verb: str, verdicts: Sequence[Verdict], environment: str = "", *, elapsed_s: float = 0.0
    ) -> tuple[str, ...]:
        """Write dbt's run_results.json of checks or unit tests; a sentence says why when that was not possible."""
        from dryland.artifacts.write import artifacts_of

        written = artifacts_of(self.project, lambda: self.engine, verb, environment or self._shown(""))
        return written.after_checks(verdicts, elapsed_s=elapsed_s)

    def dump(self, path: Path) -> int:
        """Write the metadata to a file; return the number of rows."""
        return dump(self.state, path)

    def load(self, path: Path) -> int:
        """Fill empty metadata from a file; return the number of rows."""
        return load(self.state, path)

    def gc(self, *, dry_run: bool = False, removed: bool = False) -> retention.Garbage:
        """Drop builds that no environment and no kept release needs; `removed`: nor what left the project."""
        settings = self.project.settings
        return retention.collect_garbage(self.engine, self.state, settings, dry_run=dry_run, removed=removed)

    def promises(self, environment: str = "") -> dict[str, Promise]:
        """What an environment's readers were promised when each node was released."""
        return promises.promises_of(self.state, self.pointers(environment))

    def exported_contract(self, name: str, environment: str = "") -> str:
        """A model's data contract as YAML: the one that it has, or what its YAML, columns and checks promise."""
        node = self.project.nodes[select_one(self.project, name)]
        return promises.exported_contract(self.project, self.state, self.pointers(environment), node)

    # --- inside --------------------------------------------------------------------------------------------------

    def _built_columns(self, node: str) -> tuple[str, ...]:
        """The columns of a node as the default environment shows it; none when it does not."""
        return details.built_columns(self.state, self.pointers().get(node))

    def _shown(self, environment: str) -> str:
        """An environment's name; the default one's unless told.

        Raises:
            UsageError: there is no such environment.
        """
        name = environment or self.project.settings.default_environment
        verify_exists(name, self._environment_names())
        return name

    def _released_to(self, environment: str) -> str:
        """The same for a release, which makes an environment that is not there."""
        name = environment or self.project.settings.default_environment
        verify_releasable(name, self._environment_names())
        return name

    def _environment_names(self) -> set[str]:
        """The default one is always there, even before its first release."""
        return {self.project.settings.default_environment, *self.state.environments()}
