"""Defines the options that verbs share, and opens the platform from them."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from dryland.errors import ConfigError, UsageError
from dryland.timings import timed

F = TypeVar("F", bound=Callable[..., Any])
ENVIRONMENT = "The environment; the default one (prod) unless told."
FULL_REFRESH = "Rebuild incremental models from nothing: those that are built, or selected with -s."


def also(name: str) -> list[str]:
    """The environment variables in which dbt's users say the same; the first that is set counts.

    >>> also("TARGET")
    ['DBT_ENGINE_TARGET', 'DBT_TARGET']
    """
    return [f"DBT_ENGINE_{name}", f"DBT_{name}"]


INDIRECT = ("eager", "cautious", "buildable", "empty")
INDIRECT_HELP = "Which tests come with what is selected: those of any of it (eager), only of all of it, or none."
SELECT = (
    click.option("-s", "--select", multiple=True, help="Nodes by dbt's selectors, for example -s tag:daily+."),
    click.option("--exclude", multiple=True, help="Nodes to leave out."),
    click.option("--selector", default="", help="A selector of selectors.yml, by name."),
    click.option(
        "--resource-type", "--resource-types", "resource_types", multiple=True, envvar=also("RESOURCE_TYPES"),
        help="Only this kind: model, seed, ...",
    ),
    click.option(
        "--exclude-resource-type", "--exclude-resource-types", "exclude_resource_types", multiple=True,
        envvar=also("EXCLUDE_RESOURCE_TYPES"), help="Not this kind.",
    ),
    click.option(
        "--state", "state_dir", default="", envvar=also("STATE"),
        help="A folder with an earlier run's artifacts: for state:, result: and source_status:.",
    ),
)  # fmt: skip


def project_options(function: F) -> F:
    """Where the project is and how it is read."""
    options = (
        click.option(
            "-C",
            "--project-dir",
            default=".",
            type=click.Path(path_type=Path),
            envvar=also("PROJECT_DIR"),
            help="The dbt project's folder.",
        ),
        click.option(
            "--profiles-dir",
            type=click.Path(path_type=Path),
            envvar=also("PROFILES_DIR"),
            help="Where profiles.yml is.",
        ),
        click.option("-t", "--target", envvar=also("TARGET"), help="The target of the profile."),
        click.option("--warehouse", default="", envvar="DRYLAND_WAREHOUSE", help="A warehouse that dryland.yml names."),
        click.option("--vars", "variables", default="", help="Values for var(), as YAML or JSON."),
        click.option("--threads", type=click.IntRange(1, 64), help="How many models to build at once."),
        click.option(
            "--no-color", is_flag=True, expose_value=False, help="No colour, even on a terminal (also NO_COLOR)."
        ),
    )
    return _decorated(function, options)


def environment_option(function: F) -> F:
    """Which environment."""
    return click.option("-e", "--env", "environment", default="", help=ENVIRONMENT)(function)


def select_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Which nodes, in dbt's selector syntax; the command gets them as one `choice`."""

    @_with(SELECT)
    @functools.wraps(function)
    def command(*args: Any, **kwargs: Any) -> Any:
        return function(*args, choice=_choice(kwargs), **kwargs)

    return command


def select_test_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """The same, and which tests come along with what they look at."""
    option = click.option(
        "--indirect-selection", type=click.Choice(INDIRECT), default="eager", envvar=also("INDIRECT_SELECTION"),
        help=INDIRECT_HELP,
    )  # fmt: skip
    return select_options(option(function))


def wait_option(function: F) -> F:
    """How long to wait for others."""
    option = click.option(
        "--wait", type=click.FloatRange(min=0), metavar="[=SECONDS]",
        help="Wait while somebody else is at work on it: as long as it takes, or so many seconds.",
    )  # fmt: skip
    return option(function)


def json_option(function: F) -> F:
    """For machines."""
    return click.option("--json", "as_json", is_flag=True, help="JSON on stdout.")(function)


def release_options(function: F) -> F:
    """What apply and run share."""
    options = (
        click.option("-y", "--yes", is_flag=True, help="Do not ask."),
        click.option("--full-refresh", is_flag=True, envvar=also("FULL_REFRESH"), help=FULL_REFRESH),
        click.option("-m", "--message", default="", help="Kept with the release."),
        click.option("-q", "--quiet", is_flag=True, envvar=also("QUIET"), help="No progress."),
    )
    return _decorated(function, options)


def _choice(kwargs: dict[str, Any]) -> Any:
    """Take what was chosen out of a command's arguments."""
    from dryland.plan.choice import Choice, verify_kinds

    return Choice(
        kwargs.pop("select"), kwargs.pop("exclude"), kwargs.pop("selector"),
        verify_kinds(kwargs.pop("resource_types")), verify_kinds(kwargs.pop("exclude_resource_types")),
        kwargs.pop("indirect_selection", "eager"), kwargs.pop("state_dir"),
    )  # fmt: skip


def open_platform(
    project_dir: Path, profiles_dir: Path | None, target: str | None, variables: str, threads: int | None,
    *, warehouse: str = "", quiet: bool = False, wait_s: float | None = None,
) -> Any:  # fmt: skip
    """The platform of the shared options, with progress on stderr."""
    with timed("imports"):
        from dryland.cli.progress import Lines
        from dryland.platform import Platform

    return Platform.open(
        project_dir, target=target, profiles_dir=profiles_dir, variables=variables_of(variables), threads=threads,
        warehouse=warehouse, progress=Lines(quiet=quiet), wait_s=_patience_s() if wait_s is None else wait_s,
    )  # fmt: skip


def with_platform(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the opened platform as its first argument, and close it afterwards."""

    @project_options
    @functools.wraps(function)
    def command(
        *args: Any, project_dir: Path, profiles_dir: Path | None, target: str | None, variables: str,
        threads: int | None, warehouse: str, **kwargs: Any,
    ) -> Any:  # fmt: skip
        quiet, wait_s = bool(kwargs.get("quiet") or kwargs.get("as_json")), kwargs.pop("wait", None)
        with open_platform(
            project_dir, profiles_dir, target, variables, threads, warehouse=warehouse, quiet=quiet, wait_s=wait_s
        ) as platform:
            return function(platform, *args, **kwargs)

    return command


def confirm(question: str, yes: bool) -> None:
    """Ask on a terminal; elsewhere `--yes` must have been said.

    Raises:
        UsageError: nobody can be asked.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise UsageError("this changes what others see, and nobody can be asked here.", hint="add --yes.")
    with timed("your answer"):
        click.confirm(question, abort=True, err=True)


def _patience_s() -> float:
    """A person is told at once who is at work, and decides; a scheduler's runs follow each other closely."""
    from dryland.opened import PATIENCE_S

    return 0.0 if sys.stdin.isatty() else PATIENCE_S


def variables_of(text: str) -> dict[str, Any]:
    """The values of `--vars`."""
    if not text:
        return {}
    from dryland.project.yaml_file import parse_yaml

    try:
        return parse_yaml(text, "--vars")
    except ConfigError as error:
        raise UsageError(f"--vars is not YAML: {error.message}", hint="--vars '{start: 2026-01-01}'") from None


def _with(options: tuple[Callable[[F], F], ...]) -> Callable[[F], F]:
    return lambda function: _decorated(function, options)


def _decorated(function: F, options: tuple[Callable[[F], F], ...]) -> F:
    for option in reversed(options):
        function = option(function)
    return function
