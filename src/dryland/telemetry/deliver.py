"""Delivers what is told of a run to every place that dryland.yml names; none of them can fail the release."""

from __future__ import annotations

import http.client
import json
import urllib.parse
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

from dryland.errors import ConfigError
from dryland.project.links import LED_OUT, is_led_out
from dryland.project.telemetry import OpenLineage, Telemetry
from dryland.telemetry.openlineage import Event, events
from dryland.telemetry.told import Told
from dryland.timings import timed

TIMEOUT_S = 5.0


@timed("telemetry")
def deliver(told: Told, telemetry: Telemetry, *, place: str, version: str) -> tuple[str, ...]:
    """Tell everybody; a sentence for each who could not be told."""
    return tuple(said for name, tell in _ways(told, telemetry, place, version) if (said := _tried(name, tell)))


def _ways(
    told: Told, telemetry: Telemetry, place: str, version: str
) -> Iterator[tuple[str, Callable[[], None]]]:  # fmt: skip
    if lineage := telemetry.openlineage:
        found = events(told, namespace=lineage.namespace or told.project.name, place=place, version=version)
        if lineage.url:
            yield "OpenLineage", partial(post, lineage, found)
        if lineage.file:
            yield "OpenLineage", partial(append, told.project.root, lineage.file, found)
    if otlp := telemetry.otlp:
        from dryland.telemetry.otlp import send as send_otlp

        yield "OTLP", partial(send_otlp, told, otlp.endpoint, otlp.headers, version)
    if statsd := telemetry.statsd:
        from dryland.telemetry.statsd import send as send_statsd

        yield "statsd", partial(send_statsd, told, statsd.host, statsd.port, statsd.prefix)


def _tried(name: str, tell: Callable[[], None]) -> str:
    try:
        tell()
    except (OSError, http.client.HTTPException, ConfigError) as error:
        reason = getattr(error, "strerror", None) or getattr(error, "message", None) or type(error).__name__
        return f"could not tell {name}: {reason}"  # never the address: it may hold a secret
    return ""


def post(lineage: OpenLineage, found: Iterable[Event]) -> None:
    """Send the events over one connection, one after the other.

    Raises:
        OSError: the server cannot be reached, or does not take one.
    """
    at = urllib.parse.urlsplit(lineage.url)
    kind = http.client.HTTPSConnection if at.scheme == "https" else http.client.HTTPConnection
    headers = {"Content-Type": "application/json"}
    if lineage.api_key:
        headers["Authorization"] = f"Bearer {lineage.api_key}"
    connection = kind(at.netloc, timeout=TIMEOUT_S)
    try:
        for event in found:
            connection.request("POST", at.path or "/api/v1/lineage", json.dumps(event), headers)
            answer = connection.getresponse()
            answer.read()
            if answer.status >= 300:
                raise OSError(answer.status, f"the server answered {answer.status}")
    finally:
        connection.close()


def append(root: Path, file: str, found: Iterable[Event]) -> None:
    """Add the events to a file of the project, one a line.

    Raises:
        OSError: it cannot be written, or a link leads out of the project.
    """
    if is_led_out(root, file):
        raise OSError(0, LED_OUT)
    path = root / file
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as out:
        out.writelines(json.dumps(event) + "\n" for event in found)
