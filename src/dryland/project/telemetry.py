"""Defines whom dryland.yml has told of runs: OpenLineage, OTLP and statsd."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from dryland.values import dataclass


@dataclass(frozen=True, slots=True)
class OpenLineage:
    """A server or a file that takes OpenLineage events."""

    url: str = field(default="", repr=False)
    api_key: str = field(default="", repr=False)
    file: str = ""
    namespace: str = ""  # of jobs; the project's name unless told


@dataclass(frozen=True, slots=True)
class Otlp:
    """An OpenTelemetry collector, or what takes OTLP over HTTP as one does."""

    endpoint: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Statsd:
    """A statsd server."""

    host: str = "localhost"
    port: int = 8125
    prefix: str = "dryland"


@dataclass(frozen=True, slots=True)
class Telemetry:
    """Whom to tell."""

    openlineage: OpenLineage | None = None
    otlp: Otlp | None = None
    statsd: Statsd | None = None

    def __bool__(self) -> bool:
        return bool(self.openlineage or self.otlp or self.statsd)
