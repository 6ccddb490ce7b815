"""Tells a run to a statsd server: counts and durations, one datagram each, which nobody waits for."""

from __future__ import annotations

import re
import socket
from collections import Counter
from collections.abc import Iterator

from dryland.telemetry.told import Told

DATAGRAM_BYTES_MAX = 1_400  # several lines go into one, as long as it fits into a packet of a usual network
UNSAFE = re.compile(r"[^A-Za-z0-9_-]")


def lines(told: Told, prefix: str) -> Iterator[str]:
    """What is said, in statsd's form: `name:value|kind`."""
    start = ".".join(map(_safe, (prefix, told.project.name, told.environment, told.verb)))
    yield f"{start}.{told.status}:1|c"
    yield f"{start}.duration:{(told.ended - told.began).total_seconds() * 1000:.0f}|ms"
    for status, count in sorted(Counter("failed" if step.error else "built" for step in told.steps).items()):
        yield f"{start}.steps.{status}:{count}|c"
    verdicts = Counter(verdict.status for step in told.steps for verdict in step.verdicts)
    for status, count in sorted(verdicts.items()):
        yield f"{start}.checks.{status}:{count}|c"
    for step in told.steps:
        name = f"{start}.dataset.{_safe(told.project.name_of(step.node))}"
        yield f"{name}.duration:{(step.ended - step.began).total_seconds() * 1000:.0f}|ms"
        if step.rows is not None:
            yield f"{name}.rows:{step.rows}|g"


def send(told: Told, host: str, port: int, prefix: str) -> None:
    """Send it all.

    Raises:
        OSError: there is no such host, or no network.
    """
    packet = b""
    kind, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
    with socket.socket(kind, socket.SOCK_DGRAM) as out:
        for line in lines(told, prefix):
            added = line.encode()
            if packet and len(packet) + 1 + len(added) > DATAGRAM_BYTES_MAX:
                out.sendto(packet, address)
                packet = b""
            packet += (b"\n" if packet else b"") + added
        out.sendto(packet, address)


def _safe(name: str) -> str:
    """A part of a name, in which dots would begin another.

    >>> _safe("raw.orders 2")
    'raw_orders_2'
    """
    return UNSAFE.sub("_", name)
