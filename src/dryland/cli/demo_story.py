"""Plays the chapters of the demo one after the other, and remembers the numbers for its summary."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dryland.cli.demo_stage import Stage
from dryland.cli.demo_telling import (
    alerted,
    chapter,
    checks_passed,
    doing,
    models_built,
    release_number,
    say,
    show_ended,
    show_failures,
    show_hits,
    show_incidents,
    show_refusal,
    show_release,
    tell_next,
    tell_portal,
    tell_summary,
)
from dryland.cli.portal import serve_folder

FATAL_EDIT = ("models/features/fct_active_customers.sql", "interval '7 days'", "interval '90 days'")
THE_CHECK = (
    "models/features/features.yml",
    "          - share_between: { arguments: { at_least: 0.05, at_most: 0.35 } }\n",
    "",
)
UNREAD_COLUMN = ("models/staging/stg_products.sql", "select\n", "select\n    upper(name) as shelf_label,\n")
CORRUPTION = "all"


class Clock:
    """Seconds since the last question."""

    def __init__(self) -> None:
        self._at = time.monotonic()

    def lap(self) -> float:
        """Seconds since the last lap."""
        now = time.monotonic()
        spent, self._at = now - self._at, now
        return spent


@dataclass
class Story:
    """The demo's project, and what has happened to it so far."""

    root: Path
    kept: bool
    serves: bool = False  # whether it ends in the portal, where the last chapter is left to whoever watches
    clock: Clock = field(default_factory=Clock)
    total: Clock = field(default_factory=Clock)
    facts: list[tuple[str, str]] = field(default_factory=list)

    def play(self, customers: int, orders: int) -> None:
        """Play every chapter, then sum up."""
        self.stage = Stage.of(self.root)
        with self.stage.world.receive.Receiver(0) as mailbox:
            os.environ["SHOP_WEBHOOK_PORT"] = str(mailbox.port)
            self._swamp(customers, orders)
            self._first_release()
            self._ordinary_days(2)
            self._fatal_edit()
            self._corrupt_day()
            self._small_change_and_way_back()
            self._edit_that_no_check_knows()
            self._summary(mailbox.received)
            if self.serves:
                serve_folder(self.root, tell_portal)

    def _swamp(self, customers: int, orders: int) -> None:
        chapter("1", "The swamp: a shop's database, CRM and web logs", "two years of late, duplicate and ugly rows")
        with doing("making two years of a shop"):
            made = self.stage.world.generate.generate(self.stage.shop, customers=customers, orders=orders)
        say(
            f"made {made.customers:,} customers, {made.orders:,} orders with {made.order_lines:,} lines and "
            f"{made.sessions:,} web sessions in {self.clock.lap():.1f} s"
        )
        rows = self.stage.ingest()
        say(f"ingested {rows:,} rows with dlt into schema raw in {self.clock.lap():.1f} s")

    def _first_release(self) -> None:
        chapter("2", "The first release", "dryland apply: build aside, check, then show")
        with self.stage.platform() as platform:
            outcome = platform.apply(platform.plan(), message="first release")
        show_release(outcome)
        self._fact(
            "first release",
            f"{models_built(outcome)} models built, {checks_passed(outcome)}, {outcome.duration_s:.1f} s",
        )
        with self.stage.platform() as platform:
            self.clock.lap()
            plan = platform.plan()
            empty = "nothing to do" if plan.is_empty else "NOT EMPTY"
            say(f"a plan right after: {empty} ({self.clock.lap():.2f} s)")

    def _ordinary_days(self, days: int) -> None:
        chapter("3", "Ordinary days", "data arrives; dryland run refreshes what is downstream of what moved")
        for _ in range(days):
            self.stage.world.generate.advance(self.stage.shop)
            rows = self.stage.ingest()
            self.clock.lap()
            outcome = self.stage.run()
            today = self.stage.world.generate.today(self.stage.shop)
            refreshed = f"{models_built(outcome)} models rebuilt, {checks_passed(outcome)}"
            say(f"{today}: {rows:,} new rows -> {refreshed}, {outcome.status} in {outcome.duration_s:.1f} s")
        self._fact("a day's refresh", f"{models_built(outcome)} models, {outcome.duration_s:.1f} s")

    def _fatal_edit(self) -> None:
        path, seven, ninety = FATAL_EDIT
        chapter("4", "The $180,000 edit", f"somebody writes {ninety} where it said {seven}")
        before = self.stage.seen()
        with self.stage.edited(path, seven, ninety):
            with self.stage.platform() as platform:
                plan = platform.plan()
                show_hits(platform, plan)
                self.clock.lap()
                outcome = platform.apply(plan, message="widen the window")
                show_refusal(platform, outcome)
                show_incidents(platform, outcome)
            seconds = self.clock.lap()
        same = self.stage.seen() == before
        say(f"prod is {'exactly as it was' if same else 'CHANGED'}: {len(before)} views, content hashes compared")
        self._fact(
            "the fatal edit", f"refused in {seconds:.1f} s; rows that readers saw of it: {0 if same else 'SOME'}"
        )

    def _corrupt_day(self) -> None:
        chapter("5", "A corrupt day", "nulls, duplicates, a third of the volume")
        before = self.stage.seen()
        self.stage.world.generate.advance(self.stage.shop, corrupt=CORRUPTION)
        self.stage.ingest()
        self.clock.lap()
        outcome = self.stage.run()
        seconds = self.clock.lap()
        with self.stage.platform() as platform:
            stale = [platform.project.name_of(node) for node in outcome.blocked]
            show_failures(platform, outcome, most=6)
            known_s = show_incidents(platform, outcome)
            alerted_s = alerted(platform, outcome)
        after = self.stage.seen()
        kept = [name for name in before if name in stale and before[name] == after[name]]
        say(
            f"{len(stale)} datasets keep their last good data and are marked stale: {', '.join(sorted(stale)[:6])}, ..."
        )
        self._fact(
            "the corrupt day", f"stopped in {seconds:.1f} s; {len(kept)} of {len(stale)} stale datasets unchanged"
        )
        self._fact(
            "from bad rows on", f"{known_s:.1f} s to the incident, {alerted_s:.1f} s until who is on call has it"
        )
        self.stage.world.generate.repair(self.stage.shop)
        self.stage.ingest()
        outcome = self.stage.run()
        rebuilt = f"{models_built(outcome)} models, {checks_passed(outcome)}"
        say(f"the shop delivers the day again: {outcome.status}, {rebuilt}")

    def _small_change_and_way_back(self) -> None:
        chapter("6", "A change, a copy, a way back", "only what must be built is built; going back is a swap")
        before = self.stage.seen()
        path, old, new = UNREAD_COLUMN
        with self.stage.edited(path, old, new), self.stage.platform() as platform:
            outcome = platform.apply(platform.plan(), message="a label for shelves")
            say(f"a column that nobody reads: {models_built(outcome)} model built, release {release_number(outcome)}")
            self.clock.lap()
            platform.create_environment("dev_ana")
            made_s = self.clock.lap()
            say(f"environment dev_ana over all of prod: {made_s:.2f} s, no table copied")
            platform.rollback()
            back_s = self.clock.lap()
        same = self.stage.seen() == before
        say(f"rollback: {back_s:.2f} s, content hashes {'equal' if same else 'NOT EQUAL'} to the release before")
        self._fact("a new environment", f"{made_s:.2f} s, nothing copied")
        self._fact("rollback", f"{back_s:.2f} s, {'row for row' if same else 'NOT equal'}")

    def _edit_that_no_check_knows(self) -> None:
        chapter("7", "The same edit, had nobody written that check", "no gate stops it; a monitor sees it")
        before = self.stage.seen()
        with self.stage.edited(*THE_CHECK), self.stage.edited(*FATAL_EDIT), self.stage.platform() as platform:
            self.clock.lap()
            outcome = platform.apply(platform.plan(), message="widen the window, drop a check that is in the way")
            say(f"release {release_number(outcome)}: {checks_passed(outcome)}, {outcome.status}")
            show_incidents(platform, outcome)
            known_s = self.clock.lap()
            alerted(platform, outcome)
            if self.serves:
                self._fact("the edit unchecked", f"told {known_s:.1f} s after `apply`; the way back is left to you")
                return
            platform.rollback()
            back_s = self.clock.lap()
            show_ended(platform, outcome)
        same = self.stage.seen() == before
        self._fact("the edit unchecked", f"told {known_s:.1f} s after `apply`, rolled back in {back_s:.2f} s")
        say(f"rollback: content hashes {'equal' if same else 'NOT EQUAL'} to the release before")

    def _summary(self, messages: Sequence[Any]) -> None:
        chapter("", "What happened", "")
        alerts = sum("items" in each for each in messages)  # a notification is of one release, an alert of incidents
        self._fact("told to the CRM's webhook", f"{len(messages) - alerts} messages")
        self._fact("told to who is on call", f"{alerts} messages")
        self._fact("the whole story", f"{self.total.lap():.0f} s")
        tell_summary(self.facts)
        tell_next(self.root if self.kept else None, FATAL_EDIT)

    def _fact(self, name: str, fact: str) -> None:
        self.facts.append((name, fact))
