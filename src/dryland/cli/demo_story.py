"""Tells the story of the demo, one chapter after the other, and remembers the numbers for its summary."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from dryland.cli.demo import Clock, world
from dryland.cli.progress import Lines
from dryland.plan.plan import Plan
from dryland.platform import Platform
from dryland.release.gate import named
from dryland.release.outcome import Outcome

FATAL_EDIT = ("models/features/fct_active_customers.sql", "interval '7 days'", "interval '90 days'")
UNREAD_COLUMN = ("models/staging/stg_products.sql", "select\n", "select\n    upper(name) as shelf_label,\n")
CORRUPTION = "all"


@dataclass
class Story:
    """The demo's project, and what has happened to it so far."""

    root: Path
    kept: bool
    clock: Clock = field(default_factory=Clock)
    total: Clock = field(default_factory=Clock)
    facts: list[tuple[str, str]] = field(default_factory=list)

    def play(self, customers: int, orders: int) -> None:
        """Play every chapter, then sum up."""
        self.world = world(self.root)
        with self.world.receive.Receiver(0) as mailbox:
            os.environ["SHOP_WEBHOOK_PORT"] = str(mailbox.port)
            self._swamp(customers, orders)
            self._first_release()
            self._ordinary_days(2)
            self._fatal_edit()
            self._corrupt_day()
            self._small_change_and_way_back()
            self._summary(len(mailbox.received))

    def _swamp(self, customers: int, orders: int) -> None:
        _chapter("1", "The swamp: a shop's database, CRM and web logs", "two years of late, duplicate and ugly rows")
        with _doing("making two years of a shop"):
            made = self.world.generate.generate(self.root / "shop", customers=customers, orders=orders)
        _say(
            f"made {made.customers:,} customers, {made.orders:,} orders with {made.order_lines:,} lines and "
            f"{made.sessions:,} web sessions in {self.clock.lap():.1f} s"
        )
        rows = self._ingest()
        _say(f"ingested {rows:,} rows with dlt into schema raw in {self.clock.lap():.1f} s")

    def _first_release(self) -> None:
        _chapter("2", "The first release", "dryland apply: build aside, check, then show")
        with self._platform() as platform:
            outcome = platform.apply(platform.plan(), message="first release")
        self._told(outcome)
        self._fact("first release", f"{_built(outcome)} models built, {_passed(outcome)}, {outcome.duration_s:.1f} s")
        with self._platform() as platform:
            self.clock.lap()
            plan = platform.plan()
            empty = "nothing to do" if plan.is_empty else "NOT EMPTY"
            _say(f"a plan right after: {empty} ({self.clock.lap():.2f} s)")

    def _ordinary_days(self, days: int) -> None:
        _chapter("3", "Ordinary days", "data arrives; dryland run refreshes what is downstream of what moved")
        for _ in range(days):
            self.world.generate.advance(self.root / "shop")
            rows = self._ingest()
            self.clock.lap()
            outcome = self._run()
            today = self.world.generate.today(self.root / "shop")
            refreshed = f"{_built(outcome)} models rebuilt, {_passed(outcome)}"
            _say(f"{today}: {rows:,} new rows -> {refreshed}, {outcome.status} in {outcome.duration_s:.1f} s")
        self._fact("a day's refresh", f"{_built(outcome)} models, {outcome.duration_s:.1f} s")

    def _fatal_edit(self) -> None:
        path, seven, ninety = FATAL_EDIT
        _chapter("4", "The $180,000 edit", f"somebody writes {ninety} where it said {seven}")
        before = self._seen()
        with self._edited(path, seven, ninety):
            with self._platform() as platform:
                plan = platform.plan()
                _show_hits(platform, plan)
                self.clock.lap()
                outcome = platform.apply(plan, message="widen the window")
                _show_refusal(platform, outcome)
            seconds = self.clock.lap()
        same = self._seen() == before
        _say(f"prod is {'exactly as it was' if same else 'CHANGED'}: {len(before)} views, content hashes compared")
        self._fact(
            "the fatal edit", f"refused in {seconds:.1f} s; rows that readers saw of it: {0 if same else 'SOME'}"
        )

    def _corrupt_day(self) -> None:
        _chapter("5", "A corrupt day", "nulls, duplicates, a third of the volume")
        before = self._seen()
        self.world.generate.advance(self.root / "shop", corrupt=CORRUPTION)
        self._ingest()
        self.clock.lap()
        outcome = self._run()
        seconds = self.clock.lap()
        with self._platform() as platform:
            stale = [platform.project.name_of(node) for node in outcome.blocked]
            for verdict in _failed(outcome)[:6]:
                _say(f"  {click.style('no', fg='red')}  {named(verdict, platform.project)[0]}: {verdict.message}")
        after = self._seen()
        kept = [name for name in before if name in stale and before[name] == after[name]]
        _say(
            f"{len(stale)} datasets keep their last good data and are marked stale: {', '.join(sorted(stale)[:6])}, ..."
        )
        self._fact(
            "the corrupt day", f"stopped in {seconds:.1f} s; {len(kept)} of {len(stale)} stale datasets unchanged"
        )
        self.world.generate.repair(self.root / "shop")
        self._ingest()
        outcome = self._run()
        _say(f"the shop delivers the day again: {outcome.status}, {_built(outcome)} models, {_passed(outcome)}")

    def _small_change_and_way_back(self) -> None:
        _chapter("6", "A change, a copy, a way back", "only what must be built is built; going back is a swap")
        before = self._seen()
        path, old, new = UNREAD_COLUMN
        with self._edited(path, old, new), self._platform() as platform:
            outcome = platform.apply(platform.plan(), message="a label for shelves")
            _say(f"a column that nobody reads: {_built(outcome)} model built, release {_release(outcome)}")
            self.clock.lap()
            platform.create_environment("dev_ana")
            made_s = self.clock.lap()
            _say(f"environment dev_ana over all of prod: {made_s:.2f} s, no table copied")
            platform.rollback()
            back_s = self.clock.lap()
        same = self._seen() == before
        _say(f"rollback: {back_s:.2f} s, content hashes {'equal' if same else 'NOT EQUAL'} to the release before")
        self._fact("a new environment", f"{made_s:.2f} s, nothing copied")
        self._fact("rollback", f"{back_s:.2f} s, {'row for row' if same else 'NOT equal'}")

    def _summary(self, messages: int) -> None:
        _chapter("", "What happened", "")
        self._fact("told to the CRM's webhook", f"{messages} messages")
        self._fact("the whole story", f"{self.total.lap():.0f} s")
        width = max(len(name) for name, _ in self.facts)
        for name, fact in self.facts:
            click.echo(f"  {click.style(name.ljust(width), bold=True)}  {fact}")
        click.echo()
        if self.kept:
            click.echo(f"Yours to play with: cd {self.root}")
            for line in _try_next():
                click.echo(f"  {line}")
        else:
            click.echo("Keep the project to play with:  dryland demo --dir my-demo")

    # --- the stage -----------------------------------------------------------------------------------------------

    @contextmanager
    def _platform(self) -> Iterator[Platform]:
        with Platform.open(self.root, progress=Lines(quiet=not sys.stderr.isatty())) as platform:
            yield platform

    def _run(self) -> Outcome:
        with self._platform() as platform:
            return platform.apply(platform.plan(verb="run"))

    def _ingest(self) -> int:
        with _doing("ingesting what is new with dlt"):
            ingested = self.world.ingest.ingest(self.root / "shop", self.root / "warehouse.duckdb")
        return sum(ingested.rows.values())

    def _seen(self) -> dict[str, tuple[Any, ...]]:
        """Order-independent content of every dataset, as readers see it."""
        with self._platform() as platform:
            return platform.content()

    @contextmanager
    def _edited(self, path: str, old: str, new: str) -> Iterator[None]:
        text = _edit(self.root / path, old, new)
        try:
            yield
        finally:
            (self.root / path).write_text(text)

    def _told(self, outcome: Outcome) -> None:
        _say(
            f"release {_release(outcome)}: {_built(outcome)} models built, {_passed(outcome)}, "
            f"published in one transaction, {outcome.duration_s:.1f} s"
        )
        for sentence in outcome.delivered:
            _say(f"  {sentence}")

    def _fact(self, name: str, fact: str) -> None:
        self.facts.append((name, fact))


def _edit(path: Path, old: str, new: str) -> str:
    """Replace `old` by `new` in a file; return the text as it was."""
    text = path.read_text()
    assert old in text, f"{path} has no {old!r}"
    path.write_text(text.replace(old, new, 1))
    return text


def _chapter(number: str, title: str, subtitle: str) -> None:
    click.echo()
    head = f"{number}. {title}" if number else title
    click.echo(click.style(head, bold=True, fg="cyan") + (f"  {click.style(subtitle, dim=True)}" if subtitle else ""))


def _say(sentence: str) -> None:
    click.echo(f"   {sentence}")


@contextmanager
def _doing(sentence: str) -> Iterator[None]:
    """Say on a terminal what takes a moment, until it is done."""
    is_shown = sys.stderr.isatty()
    click.echo(f"   {sentence} ..." * is_shown, nl=False, err=True)
    try:
        yield
    finally:
        click.echo("\r\x1b[K" * is_shown, nl=False, err=True)


def _show_hits(platform: Platform, plan: Plan) -> None:
    name_of = platform.project.name_of
    for change in plan.changes:
        if change.change != "changed":
            continue
        columns = ", ".join(change.columns_altered) or "its rows"
        category = click.style(change.category, fg="red") if change.category == "breaking" else change.category
        _say(f"plan: {name_of(change.node)} changed ({category}): {columns}")
        for reader, hit in change.reader_columns.items():
            _say(f"   hits {name_of(reader)}: {', '.join(hit)}")
        for exposure in change.exposures:
            _say(f"   hits exposure {click.style(name_of(exposure), bold=True)}")


def _show_refusal(platform: Platform, outcome: Outcome) -> None:
    _say(click.style(f"{outcome.status}: nothing was published", fg="red", bold=True))
    for verdict in _failed(outcome):
        _say(f"  {click.style('no', fg='red')}  {named(verdict, platform.project)[0]}: {verdict.message}")
        for row in verdict.sample[:2]:
            _say(f"      {json.dumps(dict(row), default=str)}")
    if outcome.kept_as:
        _say(f"the candidates are kept in {outcome.kept_as} to look at")


def _failed(outcome: Outcome) -> list[Any]:
    return [verdict for verdict in outcome.verdicts if verdict.status in ("fail", "error")]


def _built(outcome: Outcome) -> int:
    return sum(step.action == "build" and step.status == "done" for step in outcome.steps)


def _passed(outcome: Outcome) -> str:
    good = sum(verdict.status == "pass" for verdict in outcome.verdicts)
    return f"{good} of {len(outcome.verdicts)} checks passed"


def _release(outcome: Outcome) -> str:
    return str(outcome.release.id) if outcome.release else "none"


def _try_next() -> tuple[str, ...]:
    edit = FATAL_EDIT
    return (
        "dryland ls                                   what there is",
        "dryland lineage campaign_audience.message    where a column comes from",
        f'sed -i "s/{edit[1]}/{edit[2]}/" {edit[0]} && dryland plan --sql',
        "dryland apply --yes                          be refused",
        "dryland query -e prod_refused 'select avg(is_active::int) from fct_active_customers'",
        "dryland release list; dryland rollback",
    )
