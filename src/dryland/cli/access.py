"""`dryland access`: who may come in, who sees what, and what was done."""

from __future__ import annotations

import json
import sys
from typing import Any

import click

from dryland.cli.options import environment_option, json_option, with_platform
from dryland.cli.table import table
from dryland.errors import UsageError
from dryland.timings import timed


@click.group(help="Keep users, tokens and rights, and read the audit log.")
def access() -> None:
    """Access."""


@access.group(help="People who sign in with a password.")
def user() -> None:
    """Users."""


@user.command("add", help="Let NAME sign in; the password is asked for, or read from stdin.")
@click.argument("name")
@click.option("--role", "roles", multiple=True, required=True, help="viewer, analyst, engineer or admin.")
@with_platform
def add_user(platform: Any, name: str, roles: tuple[str, ...]) -> None:
    """Add."""
    from dryland.access.person import local_person

    added = platform.users.add(local_person(), name, _password(f"Password for {name}"), roles)
    click.echo(f"{added.name} may sign in as {', '.join(added.roles)}")


@user.command("list", help="Who may sign in.")
@json_option
@with_platform
def list_users(platform: Any, as_json: bool) -> None:
    """List."""
    from dryland.access.person import local_person

    users = platform.users.listed(local_person())
    if as_json:
        rows = [{"name": each.name, "roles": list(each.roles), "is_disabled": each.is_disabled} for each in users]
        click.echo(json.dumps(rows, indent=2))
        return
    lines = [[each.name, ", ".join(each.roles), "disabled" if each.is_disabled else ""] for each in users]
    for line in table(("name", "roles", ""), lines):
        click.echo(line)


@user.command("disable", help="Let NAME in no more; sessions and tokens end now.")
@click.argument("name")
@with_platform
def disable_user(platform: Any, name: str) -> None:
    """Disable."""
    from dryland.access.person import local_person

    platform.users.disable(local_person(), name)
    click.echo(f"{name} is let in no more")


@user.command("enable", help="Let NAME in again, who was disabled.")
@click.argument("name")
@with_platform
def enable_user(platform: Any, name: str) -> None:
    """Enable."""
    from dryland.access.person import local_person

    platform.users.enable(local_person(), name)
    click.echo(f"{name} is let in again")


@user.command("end", help="End all sessions and tokens of NAME, also of one who comes from a provider.")
@click.argument("name")
@with_platform
def end_user(platform: Any, name: str) -> None:
    """End."""
    from dryland.access.person import local_person

    platform.users.end_all(local_person(), name)
    click.echo(f"{name} is signed out everywhere, and has no token that is good")


@user.command("passwd", help="Give NAME another password; sessions and tokens end now.")
@click.argument("name")
@with_platform
def change_password(platform: Any, name: str) -> None:
    """Change a password."""
    from dryland.access.person import local_person

    platform.users.change_password(local_person(), name, _password(f"New password for {name}"))
    click.echo(f"{name} has another password; sessions and tokens have ended")


@user.command("roles", help="Let NAME do what these roles do, from the next click on.")
@click.argument("name")
@click.argument("roles", nargs=-1, required=True)
@with_platform
def change_roles(platform: Any, name: str, roles: tuple[str, ...]) -> None:
    """Change roles."""
    from dryland.access.person import local_person

    platform.users.change_roles(local_person(), name, roles)
    click.echo(f"{name} is {', '.join(roles)}")


@access.group(help="Tokens with which programs come in.")
def token() -> None:
    """Tokens."""


@token.command("create", help="Make a token for the user NAME; it is shown once.")
@click.argument("name")
@click.option("--scope", "scopes", multiple=True, default=("look", "read"), show_default=True, help="What it is for.")
@click.option("--days", type=int, default=90, show_default=True, help="How long it is good for.")
@click.option("--purpose", default="", help="For the list.")
@json_option
@with_platform
def create_token(platform: Any, name: str, scopes: tuple[str, ...], days: int, purpose: str, as_json: bool) -> None:
    """Create."""
    from dryland.access.person import local_person

    if platform.state.user(name) is None:
        raise UsageError(f"there is no user `{name}`.", hint="dryland access user add")
    text, made = platform.tokens.create(platform.somebody(name), purpose=purpose, scopes=scopes, days=days)
    by = local_person()
    platform.journal.changed(by.name, by.via, "token create", f"{made.id} for {name}: {', '.join(made.scopes)}")
    if as_json:
        click.echo(json.dumps({"token": text, "id": made.id, "expires_at": made.expires_at.isoformat()}))
        return
    click.echo(text)
    click.echo(f"good for {', '.join(made.scopes)} until {made.expires_at:%Y-%m-%d}; it is not shown again", err=True)


@token.command("list", help="All tokens, the newest first.")
@json_option
@with_platform
def list_tokens(platform: Any, as_json: bool) -> None:
    """List."""
    from dryland.access.person import local_person

    now = platform.journal.clock()
    found = [
        {
            "id": each.id, "owner": each.owner, "purpose": each.purpose, "scopes": list(each.scopes),
            "until": f"{each.expires_at:%Y-%m-%d}", "used": f"{each.used_at:%Y-%m-%d %H:%M}" if each.used_at else "",
            "state": "revoked" if each.revoked_at else "ended" if each.expires_at <= now else "good",
        }
        for each in platform.tokens.listed(local_person(), everybodys=True)
    ]  # fmt: skip
    if as_json:
        click.echo(json.dumps(found, indent=2))
        return
    columns = ("id", "owner", "scopes", "until", "used", "state", "purpose")
    lines = [[", ".join(each["scopes"]) if name == "scopes" else each[name] for name in columns] for each in found]
    for line in table(columns, lines):
        click.echo(line)


@token.command("revoke", help="End the token ID now.")
@click.argument("token_id", metavar="ID")
@with_platform
def revoke_token(platform: Any, token_id: str) -> None:
    """Revoke."""
    from dryland.access.person import local_person

    by = local_person()
    platform.tokens.revoke(by, token_id)
    platform.journal.changed(by.name, by.via, "token revoke", token_id)
    click.echo(f"the token {token_id} is worth nothing any more")


@access.command(help="Who sees which columns of NODE, and how.")
@click.argument("node")
@environment_option
@json_option
@with_platform
def rights(platform: Any, node: str, environment: str, as_json: bool) -> None:
    """Say who may read what."""
    found = platform.rights(node, environment)
    if as_json:
        click.echo(json.dumps(found, indent=2))
        return
    columns = list(found["columns"])
    lines = [[who["who"], who["rule"], *(who["columns"].get(name, "") for name in columns)] for who in found["people"]]
    for line in table(("who", "rule", *columns), lines):
        click.echo(line)


@access.command(help="What was read and changed, the newest first.")
@click.option("--person", default="", help="Only of this person.")
@click.option("--action", default="", help="Only this: query, export, sign in, ...")
@click.option("--dataset", default="", help="Only about this dataset, by its unique id.")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="Entries at most.")
@json_option
@with_platform
def audit(platform: Any, person: str, action: str, dataset: str, limit: int, as_json: bool) -> None:
    """Show the log."""
    from dryland.access.journal import as_json as entry_as_json

    entries = platform.state.audit(limit=limit, person=person, action=action, dataset=dataset)
    if as_json:
        click.echo(json.dumps([entry_as_json(each) for each in entries], indent=2))
        return
    lines = [
        [f"{each.at:%Y-%m-%d %H:%M:%S}", each.person, each.action, each.outcome,
         ", ".join(name.split(".", 2)[-1] for name in each.datasets) or each.subject,
         "" if each.rows is None else f"{each.rows:,}"]
        for each in entries
    ]  # fmt: skip
    for line in table(("at", "person", "action", "outcome", "what", "rows"), lines):
        click.echo(line)


def _password(question: str) -> str:
    """A password from the terminal, unseen and twice, or the first line of stdin; never from an argument."""
    if sys.stdin.isatty():
        with timed("your answer"):
            return str(click.prompt(question, hide_input=True, confirmation_prompt=True, err=True))
    line = sys.stdin.readline().rstrip("\n")
    if not line:
        raise UsageError("there is no password on stdin.", hint="dryland access user add NAME --role ROLE < FILE")
    return line
