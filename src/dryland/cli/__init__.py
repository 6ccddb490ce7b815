"""The commands: one file per verb, nothing but arguments, calls and rendering."""

from __future__ import annotations

import difflib
import errno
import gc as garbage  # `gc` is a verb, and so a module of this package
import json
import os
import sys
import time
from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click

from dryland.cli.visible import visible
from dryland.timings import timed

COLLECTING = (100_000, 50, 1_000)
"""How many new objects Python waits for before it looks for circles among them. A large project is millions of objects
that stay, and by itself Python looks through all of them again and again."""
LOADED = 500_000
"""The same for its first look: about as many are there once a project of 1,000 models, what is remembered of it, and
the libraries that work with it are loaded. All of these stay, and many a command ends before it made others."""

VERBS = {
    "init": "Start a project here, or add dryland.yml to a dbt project.",
    "deps": "Install the packages that the project lists.",
    "demo": "Play the whole story on a shop's data.",
    "plan": "Say what would change, who is hit, and what would be built.",
    "apply": "Release the project: build aside, check, publish all or nothing.",
    "run": "Refresh data with the code that is live.",
    "rollback": "Bring readers back to an older release.",
    "diff": "Compare environments, releases or tables, down to rows.",
    "check": "Run checks on what readers see now.",
    "health": "Say what of the data is looked after, and what to do next.",
    "test": "Run unit tests: models on rows that are given, in memory.",
    "freshness": "Say how old the sources are, and whether that is too old.",
    "incident": "See what broke, who is hit, and what to do.",
    "alert": "Send what is due, try a route, see what was delivered.",
    "monitor": "Watch datasets by their history: what is unusual.",
    "contract": "Lint, import, export and compare data contracts.",
    "ls": "List models and seeds.",
    "show": "Show everything about one model.",
    "lineage": "Follow a model or column up- and downstream.",
    "query": "Ask an environment a question in SQL.",
    "access": "Keep users, tokens and rights, and read the audit log.",
    "env": "List, create, show and drop environments.",
    "release": "List and show releases.",
    "runs": "Say who is at work on what, and how runs ended.",
    "portal": "Serve catalogue, lineage, releases and runs as pages.",
    "metrics": "Say how releases went, and how good the data is.",
    "gc": "Drop builds that nothing needs any more.",
    "artifacts": "Write the files that dbt's tools read.",
    "state": "Dump and load the metadata.",
    "version": "Print the versions of Dryland and its engines.",
}
SELECTING = {
    "plan",
    "apply",
    "run",
    "check",
    "test",
    "ls",
    "freshness",
    "health",
}  # they have no words of their own besides options
MANY = {  # options that take several words
    "-s", "--select", "--exclude", "--resource-type", "--resource-types", "--exclude-resource-type",
    "--exclude-resource-types",
}  # fmt: skip
NO = ("0", "false", "f", "no", "n", "off")  # as dbt's variables say it
BUG = "this is a bug in Dryland"


class Verbs(click.Group):
    """Imports a verb's file only when the verb is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The verbs, in the order of the work."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The verb's command."""
        if cmd_name not in VERBS:
            return None
        with timed("imports"):
            from dryland.cli.watched import can_be_watched

            command: click.Command = getattr(import_module(f"dryland.cli.{cmd_name}"), cmd_name)
        return can_be_watched(command)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The verb that was typed; what is near when there is none."""
        near = difflib.get_close_matches(args[0], VERBS, n=1)
        if args[0] not in VERBS and near:
            raise click.UsageError(f"no such verb `{args[0]}`; did you mean `{near[0]}`?", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the verbs without importing them."""
        with formatter.section("Verbs"):
            formatter.write_dl(list(VERBS.items()))


def _version(ctx: click.Context, _: click.Parameter, is_asked: bool) -> None:
    if is_asked:
        import dryland

        click.echo(f"dryland {dryland.__version__}")
        ctx.exit()


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Print Dryland's version."
)
def root() -> None:
    """Release changes to data the way good teams release software."""


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit: 0 done, 1 the gate said no, 2 usage or project, 3 warehouse or network."""
    words = sys.argv[1:] if arguments is None else arguments
    if arguments is None:
        _collect_once_loaded()
    age_s = time.process_time() if arguments is None else 0.0  # the start of Python is ours in a process of our own
    color = False if _is_plain(words) else None
    if any(word == "--timings" or word.startswith("--trace") for word in words):
        from dryland.cli.watched import watched

        with watched(words, age_s=age_s, color=color) as asked:
            exit_code = _run(words, color, asked)
    else:
        exit_code = _run(words, color)
    if arguments is not None:
        sys.exit(exit_code)
    from dryland.cli.leave import leave

    leave(exit_code)


def _collect_once_loaded() -> None:
    def after_first_look(phase: str, info: Mapping[str, int]) -> None:
        if phase == "stop":
            garbage.callbacks.remove(after_first_look)
            garbage.set_threshold(*COLLECTING)

    garbage.callbacks.append(after_first_look)
    garbage.set_threshold(LOADED, *COLLECTING[1:])


def _is_plain(words: list[str]) -> bool:
    plain = "--no-color" in words or os.environ.get("NO_COLOR") or os.environ.get("DBT_USE_COLORS", "").lower() in NO
    return bool(plain)


def _run(words: list[str], color: bool | None, asked: object = None) -> int:
    from dryland.errors import DrylandError

    try:
        named = each_selector_named(each_wait_measured(words))
        exit_code = root.main(args=named, prog_name="dryland", standalone_mode=False, color=color, obj=asked)
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.Abort as stop:
        if isinstance(stop.__cause__, KeyboardInterrupt):  # anywhere: it may have been right after the publication
            click.echo("Interrupted.\nhint: `dryland release list` says what readers see.", err=True)
        else:  # `n`, or Ctrl-C at the question
            click.echo("Nothing was done.", err=True)
        return 130
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except DrylandError as error:
        _tell(error, "--json" in words, color)
        return error.exit_code
    except SystemExit:  # click's answer when whoever read us has gone, as `head` does: that is no failure of ours
        return 0
    except Exception as error:
        if said := _of_the_system(error):
            click.echo(f"error: {said}", err=True)
            return 2
        if os.environ.get("DRYLAND_DEBUG"):
            raise
        click.echo(
            f"{BUG}: {type(error).__name__}: {error}\nhint: DRYLAND_DEBUG=1 shows where; please report it.", err=True
        )
        return 70
    return exit_code if isinstance(exit_code, int) else 0


def _of_the_system(error: Exception) -> str:
    """What is wrong with where somebody is, or with a path that he gave; empty where it is neither."""
    from pathlib import Path

    if isinstance(error, OSError) and error.errno == errno.ENAMETOOLONG:
        return "a path is longer than the system takes."
    try:
        Path.cwd()
    except FileNotFoundError:
        return (
            "the folder that you are in is not there any more.\nhint: cd to it again; somebody may have made it anew."
        )
    return ""


def each_selector_named(words: list[str]) -> list[str]:
    """`-s a b` as dbt's users type it, in the words of click.

    >>> each_selector_named(["plan", "-s", "orders", "customers+", "--json"])
    ['plan', '-s', 'orders', '-s', 'customers+', '--json']
    """
    if not words or words[0] not in SELECTING:
        return words
    found: list[str] = []
    option = ""
    for word in words:
        if option and not word.startswith("-") and found[-1] != option:
            found.append(option)
        elif word.startswith("-"):
            option = word if word in MANY else ""
        found.append(word)
    return found


def each_wait_measured(words: list[str]) -> list[str]:
    """`--wait`, with or without seconds, in the words of click.

    >>> each_wait_measured(["env", "create", "--wait", "dev_ana"]), each_wait_measured(["apply", "--wait", "60"])
    (['env', 'create', '--wait=inf', 'dev_ana'], ['apply', '--wait=60'])
    """
    found: list[str] = []
    for word in words:
        if found and found[-1] == "--wait=inf" and word.replace(".", "", 1).isdigit():
            found[-1] = f"--wait={word}"
        else:
            found.append("--wait=inf" if word == "--wait" else word)
    return found


def _tell(error: Any, as_json: bool, color: bool | None) -> None:
    if as_json:
        click.echo(json.dumps(error.as_dict()))
    where = f"{error.location}: " if error.location else ""
    click.echo(click.style("error: ", fg="red", bold=True) + visible(f"{where}{error.message}"), err=True, color=color)
    for line in (*(f"at {frame}" for frame in error.stack), *error.excerpt):
        click.echo(f"  {visible(line)}", err=True)
    if error.hint:
        click.echo(click.style("hint: ", fg="cyan") + visible(error.hint), err=True, color=color)
