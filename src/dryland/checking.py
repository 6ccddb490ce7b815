"""Asks checks of what stands, proposes and takes over more of them, and says what is looked after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from dryland.plan.choice import Choice, Chosen, choice_of, is_partial
from dryland.serving import Serving
from dryland.state.records import Verdict
from dryland.unchanged import Memory

if TYPE_CHECKING:
    from dryland.check.explain import Answered
    from dryland.check.imported import Imported
    from dryland.check.request import CheckRequest
    from dryland.health.report import Health
    from dryland.project.edits import Edit
    from dryland.suggest.proposal import Sure
    from dryland.suggest.suggest import Suggested
    from dryland.watch.metrics import Metrics


class Checking(Serving):
    """Everything about checks that builds and publishes nothing."""

    incidents_noted: tuple[Mapping[str, object], ...] = ()  # by the last question that was asked of what is live
    alerts_sent: tuple[str, ...] = ()  # after it, a sentence for each message

    def check(
        self, environment: str = "", *, select: Chosen = (), exclude: Sequence[str] = (), again: bool = False
    ) -> tuple[Verdict, ...]:
        """Run checks on what an environment's readers see now; publish nothing.

        What was said of tables is remembered, for they do not change, unless all is asked `again`.
        """
        choice = choice_of(select, exclude)
        is_whole = not again and not is_partial(choice, self.project)
        memory = Memory.of(self, environment, "verdicts") if is_whole else Memory()
        known: tuple[Verdict, ...] | None = memory.said()
        if known is not None:
            return known
        verdicts = self._checked(environment, choice, again=again)
        if all(verdict.cached for verdict in verdicts):
            memory.remember(verdicts)
        return verdicts

    def _checked(self, environment: str, choice: Choice, *, again: bool) -> tuple[Verdict, ...]:
        from dryland.check.remembered import remembered

        request = self._live_checks(environment, choice, again=again)
        known = remembered(request)
        if len(known) == len(request.checks):
            verdicts = tuple(known.values())
        else:
            verdicts = self._asked(request)
            self.state.put_verdicts(verdicts)
        self._note(environment, verdicts)
        return verdicts

    def _asked(self, request: CheckRequest) -> tuple[Verdict, ...]:
        from dryland.check.run_checks import run_checks
        from dryland.release.patience import patiently

        def asked() -> tuple[Verdict, ...]:
            with self.engine.session() as session:
                return run_checks(session, request).verdicts

        return patiently(asked)

    def _note(self, environment: str, verdicts: Sequence[Verdict]) -> None:
        """Make incidents of them, and alert whom they concern."""
        from dryland.noting import as_told, note_verdicts, post_due
        from dryland.scoring import score_checked

        score_checked(self, self._shown(environment), verdicts)
        self.incidents_noted = tuple(as_told(each) for each in note_verdicts(self, self._shown(environment), verdicts))
        self.alerts_sent = post_due(self)

    def explain_checks(
        self, environment: str = "", *, select: Chosen = (), exclude: Sequence[str] = ()
    ) -> tuple[Answered, ...]:  # fmt: skip
        """Say how the same checks would be answered, and ask none of them."""
        from dryland.check.explain import explain

        return explain(self._live_checks(environment, choice_of(select, exclude), again=True))

    def suggest_checks(self, model: str, environment: str = "", *, least: Sure = "likely") -> Suggested:
        """Propose checks that a model (a name or unique id) passes now and does not have yet; write nothing."""
        from dryland.plan.select import select_one
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
        from dryland.plan.select import select_one
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

    def metrics(self, environment: str = "", *, since: timedelta) -> Metrics:
        """How releases went in the time until now, and how good the data is that readers see."""
        from dryland.watch.metrics import metrics_of
        from dryland.watch.scores import scores, with_incidents

        name, until = self._shown(environment), self.clock()
        wrong = with_incidents(self.state.incidents(name, is_open=True))
        scored = scores(self.project, self.state, self.pointers(name), self.check_hashes, wrong)
        return metrics_of(self.state, name, {self.project.name_of(node): each for node, each in scored.items()},
                          since=until - since, until=until)  # fmt: skip

    def _live_checks(self, environment: str, choice: Choice, *, again: bool) -> CheckRequest:
        engine, name = self.engine, self._shown(environment)  # the warehouse opens while all else is imported

        from dryland.build.check_live import Live, live_request
        from dryland.choosing import chosen_checks

        chosen, pointers = chosen_checks(self, choice, name), self.pointers(name)
        live = Live(
            self.project, engine, self.state, name, pointers, lambda: self.source_columns, self.check_hashes
        )  # fmt: skip
        return live_request(live, chosen, again=again)
