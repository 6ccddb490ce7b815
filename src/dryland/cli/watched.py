"""Watches where a command's time goes when `--timings` or `--trace` asks, and tells it however the command ends."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import click

from dryland.timings import Span, watching


@dataclass
class Asked:
    """What was asked for; known once the command line is understood."""

    timings: bool = False
    trace: Path | None = None


def can_be_watched(command: click.Command) -> click.Command:
    """The verb, and every verb within it, with the options that ask where the time goes."""
    is_verb = not isinstance(command, click.Group) or command.invoke_without_command
    if is_verb and not any(parameter.name == "timings" for parameter in command.params):
        command.params += _options()
    for inner in command.commands.values() if isinstance(command, click.Group) else ():
        can_be_watched(inner)
    return command


@contextmanager
def watched(words: Sequence[str], *, age_s: float, color: bool | None) -> Iterator[Asked]:
    """Watch a command, and tell what was asked for; `age_s`: how long ago the process began."""
    asked = Asked()
    began_s = _worked_s() - age_s
    verb = next((word for word in words if not word.startswith("-")), "dryland")
    spans: list[Span] = []
    try:
        with _killed_as_interrupted() as killed, watching(verb, age_s=age_s) as spans:
            yield asked
    finally:
        _tell(asked, spans, _worked_s() - began_s, color)
    if killed:
        os.kill(os.getpid(), killed[0])


@contextmanager
def _killed_as_interrupted() -> Iterator[list[int]]:
    """Who is told to end comes to rest as after Ctrl-C, for where the time went is asked of runs that hang, too."""
    killed: list[int] = []

    def come_to_rest(number: int, frame: FrameType | None) -> None:
        killed.append(number)
        raise KeyboardInterrupt

    is_main = threading.current_thread() is threading.main_thread()  # no other may
    before = signal.signal(signal.SIGTERM, come_to_rest) if is_main else None
    try:
        yield killed
    finally:
        if is_main:
            signal.signal(signal.SIGTERM, before)


def _worked_s() -> float:
    """The processor's time of this process and of those that it waited for."""
    return time.process_time() + sum(os.times()[2:4])


def _tell(asked: Asked, spans: Sequence[Span], worked_s: float, color: bool | None) -> None:
    """On stderr: stdout is for what the command found, perhaps as JSON."""
    if asked.timings:
        from dryland.cli.show_timings import timing_lines

        for line in timing_lines(spans, worked_s=worked_s):
            click.echo(line, err=True, color=color)
    if asked.trace:
        from dryland.cli.write_trace import write_trace

        try:
            write_trace(asked.trace, spans)
        except OSError as error:  # changes nothing of how the command ended
            click.echo(f"did not write {asked.trace}: {error.strerror}", err=True)
        else:
            click.echo(f"wrote {asked.trace}: open it at https://ui.perfetto.dev", err=True)


def _options() -> list[click.Parameter]:
    return [
        click.Option(["--timings"], is_flag=True, expose_value=False, callback=_note, help="Tell where the time went."),
        click.Option(
            ["--trace"], type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", expose_value=False,
            callback=_note, help="Write where the time went, for Perfetto.",
        ),
    ]  # fmt: skip


def _note(context: click.Context, option: click.Parameter, value: Any) -> None:
    asked = context.find_object(Asked)
    if asked is not None and value and option.name:
        setattr(asked, option.name, value)
