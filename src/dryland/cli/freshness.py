"""`dryland freshness`: how old the sources are, and whether that is too old."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import click

from dryland.cli.options import json_option, select_options, with_platform

DAY_S, HOUR_S, MINUTE_S = 86_400, 3_600, 60


@click.command(help="Say how old the sources are, and whether that is too old (dbt's source freshness).")
@select_options
@json_option
@with_platform
def freshness(platform: Any, choice: Any, as_json: bool) -> None:
    """Ask, print, and write sources.json; exit 1 when a source is too old or cannot be asked."""
    from dryland.cli.table import table

    ages, told = platform.freshness(choice)
    for sentence in told:
        click.echo(sentence, err=True)
    if as_json:
        click.echo(json.dumps({"sources": [_as_json(age) for age in ages]}, indent=2))
    elif ages:
        rows = [[_name(age), _newest(age), _age(age), "cannot be asked" if age.error else age.status] for age in ages]
        for line in table(["source", "newest", "age", "status"], rows):
            click.echo(line)
        for age in ages:
            if age.error:
                click.echo(f"{_name(age)}: {age.error}")
        click.echo(_ending(ages))
    else:
        click.echo("no source that is chosen says how old it may be")
    if not as_json and platform.incidents_noted:
        from dryland.cli.show_incident import noted_lines

        for line in (*noted_lines(platform.incidents_noted), *(f"  {each}" for each in platform.alerts_sent)):
            click.echo(line)
    if any(age.status == "error" for age in ages):
        click.get_current_context().exit(1)


def _as_json(age: Any) -> dict[str, Any]:
    return {
        "source": age.source.unique_id,
        "name": _name(age),
        "status": age.status,
        "newest": None if age.error or _is_never(age) else age.newest.isoformat(),
        "asked_at": age.at.isoformat() if age.at else None,
        "age_s": None if age.error or _is_never(age) else (age.at - age.newest).total_seconds(),
        "freshness": dict(age.source.freshness),
        "error": age.error or None,
    }


def _name(age: Any) -> str:
    return f"{age.source.source_name}.{age.source.name}"


def _is_never(age: Any) -> bool:
    return bool(age.newest.year == 1)


def _newest(age: Any) -> str:
    if age.error:
        return "-"
    return "never" if _is_never(age) else f"{age.newest:%Y-%m-%d %H:%M:%S}"


def _age(age: Any) -> str:
    return "-" if age.error or _is_never(age) else _told((age.at - age.newest).total_seconds())


def _told(seconds: float) -> str:
    """The two largest units of an age.

    >>> _told(93_784)
    '1 d 2 h'
    """
    left = max(int(seconds), 0)
    parts: list[str] = []
    for unit, size in (("d", DAY_S), ("h", HOUR_S), ("min", MINUTE_S), ("s", 1)):
        count, left = divmod(left, size)
        if count or parts:
            parts.append(f"{count} {unit}")
    return " ".join(parts[:2]) or "0 s"


def _ending(ages: Any) -> str:
    counted = Counter("silent" if age.error else age.status for age in ages)
    parts = [f"{counted['pass']} fresh"]
    parts += [f"{counted['warn']} warned"] if counted["warn"] else []
    parts += [f"{counted['error']} too old"] if counted["error"] else []
    parts += [f"{counted['silent']} could not be asked"] if counted["silent"] else []
    return f"{len(ages)} source{'s' if len(ages) > 1 else ''}: {', '.join(parts)}"
