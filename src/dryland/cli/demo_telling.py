"""Puts what happens in the demo into words: chapters, sentences, who is hit, why it was refused, the summary."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click

from dryland.plan.plan import Plan
from dryland.platform import Platform
from dryland.release.gate import named
from dryland.release.outcome import Outcome


def chapter(number: str, title: str, subtitle: str) -> None:
    """The heading of what comes next."""
    click.echo()
    head = f"{number}. {title}" if number else title
    click.echo(click.style(head, bold=True, fg="cyan") + (f"  {click.style(subtitle, dim=True)}" if subtitle else ""))


def say(sentence: str) -> None:
    """One line of the story."""
    click.echo(f"   {sentence}")


@contextmanager
def doing(sentence: str) -> Iterator[None]:
    """Say on a terminal what takes a moment, until it is done."""
    is_shown = sys.stderr.isatty()
    click.echo(f"   {sentence} ..." * is_shown, nl=False, err=True)
    try:
        yield
    finally:
        click.echo("\r\x1b[K" * is_shown, nl=False, err=True)


def show_hits(platform: Platform, plan: Plan) -> None:
    """What a plan changes, and the columns and exposures it hits."""
    name_of = platform.project.name_of
    for change in plan.changes:
        if change.change != "changed":
            continue
        columns = ", ".join(change.columns_altered) or "its rows"
        category = click.style(change.category, fg="red") if change.category == "breaking" else change.category
        say(f"plan: {name_of(change.node)} changed ({category}): {columns}")
        for reader, hit in change.reader_columns.items():
            say(f"   hits {name_of(reader)}: {', '.join(hit)}")
        for exposure in change.exposures:
            say(f"   hits exposure {click.style(name_of(exposure), bold=True)}")


def show_release(outcome: Outcome) -> None:
    """What a release did, and to whom it was delivered."""
    say(
        f"release {release_number(outcome)}: {models_built(outcome)} models built, {checks_passed(outcome)}, "
        f"published in one transaction, {outcome.duration_s:.1f} s"
    )
    for sentence in outcome.delivered:
        say(f"  {sentence}")


def show_refusal(platform: Platform, outcome: Outcome) -> None:
    """That nothing was published, why, and where the candidates are."""
    say(click.style(f"{outcome.status}: nothing was published", fg="red", bold=True))
    show_failures(platform, outcome, most=20, rows_max=2)
    if outcome.kept_as:
        say(f"the candidates are kept in {outcome.kept_as} to look at")


def show_incidents(platform: Platform, outcome: Outcome) -> float:
    """Which incidents it opened, whose they are and who is hit; at most how long it took to be known."""
    seconds = 0.0
    for each in outcome.incidents:
        if each["change"] == "opened":
            incident, _ = platform.incident(int(str(each["id"])))
            uses = [found["name"] for found in incident.hit["exposures"]]
            whose = f" ({incident.owner})" if incident.owner else ""
            say(f"incident {incident.id}{whose}: {incident.title}")
            say(f"  {len(incident.hit['datasets'])} datasets and {', '.join(uses) or 'no use'} downstream")
            say(f"  probably {incident.probably['what']}, known {incident.detect_s:.1f} s after it arrived")
            seconds = max(seconds, incident.detect_s)
    return seconds


def alerted(platform: Platform, outcome: Outcome) -> float:
    """Who was told of the incidents that it opened; at most how long it took from the arrival of what is bad."""
    seconds = 0.0
    opened = {int(str(each["id"])) for each in outcome.incidents if each["change"] == "opened"}
    for each in reversed(platform.deliveries(status="sent")):
        if each.incident in opened and each.sent_at:
            incident, _ = platform.incident(each.incident)
            took = (each.sent_at - incident.arrived_at).total_seconds()
            say(f"  told {each.channel} of incident {incident.id} {took:.1f} s after it arrived")
            seconds = max(seconds, took)
    return seconds


def show_ended(platform: Platform, outcome: Outcome) -> None:
    """Which of the incidents that it opened are over, and for how long readers saw what was bad."""
    for each in outcome.incidents:
        incident, events = platform.incident(int(str(each["id"])))
        if each["change"] == "opened" and incident.hit_s is not None:
            say(
                f"incident {incident.id} {incident.status}: {events[-1].message}; readers saw it {incident.hit_s:.1f} s"
            )


def show_failures(platform: Platform, outcome: Outcome, *, most: int, rows_max: int = 0) -> None:
    """The checks that said no, each with the first rows that broke it."""
    failed = [verdict for verdict in outcome.verdicts if verdict.status in ("fail", "error")]
    for verdict in failed[:most]:
        say(f"  {click.style('no', fg='red')}  {named(verdict, platform.project)[0]}: {verdict.message}")
        for row in verdict.sample[:rows_max]:
            say(f"      {json.dumps(dict(row), default=str)}")


def models_built(outcome: Outcome) -> int:
    """How many models were built."""
    return sum(step.action == "build" and step.status == "done" for step in outcome.steps)


def checks_passed(outcome: Outcome) -> str:
    """How many checks passed, of how many."""
    good = sum(verdict.status == "pass" for verdict in outcome.verdicts)
    return f"{good} of {len(outcome.verdicts)} checks passed"


def release_number(outcome: Outcome) -> str:
    """The number of the release; `none` if nothing was published."""
    return str(outcome.release.id) if outcome.release else "none"


def tell_summary(facts: Sequence[tuple[str, str]]) -> None:
    """Names and what happened, in two columns."""
    width = max(len(name) for name, _ in facts)
    for name, fact in facts:
        click.echo(f"  {click.style(name.ljust(width), bold=True)}  {fact}")
    click.echo()


def tell_next(root: Path | None, edit: tuple[str, str, str]) -> None:
    """What to try in the project at `root`; how to keep one if it is not kept."""
    if root is None:
        click.echo("Keep the project to play with:  dryland demo --dir my-demo")
        return
    path, old, new = edit
    click.echo(f"Yours to play with: cd {root}")
    for line in (
        "dryland ls                                   what there is",
        "dryland lineage campaign_audience.message    where a column comes from",
        f'sed -i "s/{old}/{new}/" {path} && dryland plan --sql',
        "dryland apply --yes                          be refused",
        "dryland query -e prod_refused 'select avg(is_active::int) from fct_active_customers'",
        "dryland release list; dryland rollback",
        "dryland portal                               look at all of it in a browser",
    ):
        click.echo(f"  {line}")


def tell_portal(platform: Platform, address: str) -> None:
    """Where everything can be looked at, and what is left to do there."""
    click.echo(f"\nLook at all of it: {click.style(address, bold=True)}  (Ctrl-C ends the demo)")
    for each in platform.incidents(is_open=True):
        click.echo(f"  incident {each.id} is open: {address}incidents/{each.id}  see what did it, and roll it back")
