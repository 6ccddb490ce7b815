"""Defines the options that ask for batches of microbatch models: those of a stretch of event time."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import click

from dryland.cli.options import also

START = "Make microbatch models' batches from here on, and only those, whether something arrived or not (UTC)."
END = "Where those batches end: the first moment that is not wanted."


def window_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """The command gets both ends as one `window`; None when nobody asks."""

    @click.option(
        "--event-time-start", "start", default="", metavar="TIME", envvar=also("EVENT_TIME_START"), help=START
    )
    @click.option("--event-time-end", "end", default="", metavar="TIME", envvar=also("EVENT_TIME_END"), help=END)
    @functools.wraps(function)
    def command(*args: Any, start: str, end: str, **kwargs: Any) -> Any:
        from dryland.project.batches import parse_window

        return function(*args, window=parse_window(start, end), **kwargs)

    return command
