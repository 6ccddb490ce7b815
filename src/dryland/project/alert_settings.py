"""Reads who is alerted: `alerts:`, `incidents:` and `portal_url` of dryland.yml."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import time
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pydantic

from dryland.project.alerting import Alerting, Channel, QuietHours, Route, Smtp

UNITS_S = {"s": 1, "m": 60, "min": 60, "h": 3_600, "d": 86_400, "w": 604_800}
SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*(s|m|min|h|d|w)$")
CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)$")
WAYS = ("email", "webhook", "file", "apprise")
Rendered = Callable[..., str]
"""A text of the file with its Jinja rendered, by the keys that lead to it."""


def parse_span(text: object) -> float:
    """Seconds of a stretch of time.

    >>> parse_span("15m"), parse_span("4h"), parse_span("")
    (900.0, 14400.0, 0.0)
    """
    written = str(text or "").strip()
    if not written:
        return 0.0
    found = SPAN.match(written)
    if not found:
        raise ValueError(f"`{written}` is no stretch of time: write 30s, 15m, 4h or 2d")
    return float(found[1]) * UNITS_S[found[2]]


def _span(text: object) -> str:
    parse_span(text)
    return str(text or "")


def _clock(text: object) -> str:
    if not CLOCK.match(str(text)):
        raise ValueError(f"`{text}` is no time of day: write 22:00, in quotes")
    return str(text)


def _zone(name: object) -> str:
    try:
        ZoneInfo(str(name))
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"`{name}` is no time zone: write Europe/Lisbon or UTC") from error
    return str(name)


Span = Annotated[str, pydantic.BeforeValidator(_span)]
Clock = Annotated[str, pydantic.BeforeValidator(_clock)]
Zone = Annotated[str, pydantic.BeforeValidator(_zone)]
Several = Annotated[list[str], pydantic.BeforeValidator(lambda said: [said] if isinstance(said, str) else said)]


class _Part(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="forbid", hide_input_in_errors=True)


class SmtpFile(_Part):
    """The server that takes mail."""

    host: str = "localhost"
    port: int | None = pydantic.Field(None, ge=1, le=65535)
    security: Literal["none", "starttls", "ssl"] = "none"
    user: str = ""
    password: str = pydantic.Field("", repr=False)
    sender: str = "dryland@localhost"
    ca_file: str = ""


class ChannelFile(_Part):
    """One way to somebody: exactly one of email, webhook, file and apprise."""

    name: str
    email: Several = pydantic.Field([], repr=False)
    webhook: str = pydantic.Field("", repr=False)
    secret: str = pydantic.Field("", repr=False)
    file: str = ""
    apprise: Several = pydantic.Field([], repr=False)

    @pydantic.model_validator(mode="after")
    def _is_one_way(self) -> ChannelFile:
        ways = [way for way in WAYS if getattr(self, way)]
        if len(ways) != 1:
            raise ValueError(f"a channel has one of {', '.join(WAYS)}; `{self.name}` has {len(ways)}")
        return self


class QuietFile(_Part):
    """Hours in which only what is serious gets through."""

    start: Clock = "22:00"
    end: Clock = "07:00"
    zone: Zone = "UTC"
    let_through: Literal["error", "nothing"] = "error"


class RouteFile(_Part):
    """Which incidents go where."""

    name: str
    to: Several
    owner: Several = []
    severity: Several = []
    tag: Several = []
    environment: Several = []
    kind: Several = []
    on: list[Literal["opened", "reopened", "worse", "resolved"]] = ["opened", "reopened", "worse", "resolved"]
    digest: Span = ""
    throttle: Span = ""
    remind: Span = ""
    quiet: QuietFile | None = None


class AlertsFile(_Part):
    """Who is alerted."""

    smtp: SmtpFile = SmtpFile()  # type: ignore[call-arg]
    channels: list[ChannelFile] = []
    routes: list[RouteFile] = []

    @pydantic.model_validator(mode="after")
    def _routes_lead_somewhere(self) -> AlertsFile:
        known = [channel.name for channel in self.channels]
        for name in known:
            if known.count(name) > 1:
                raise ValueError(f"two channels are called `{name}`")
        for route in self.routes:
            for name in route.to:
                if name not in known:
                    raise ValueError(f"the route `{route.name}` leads to `{name}`, which no channel is called")
        return self


class IncidentsFile(_Part):
    """What opens incidents, how they come back, and how long they are kept."""

    reopen: Span = "1d"
    keep: Span = "365d"
    warnings: bool = False
    environments: Several = []


PORTS = {"none": 25, "starttls": 587, "ssl": 465}


def alerting_of(alerts: AlertsFile, incidents: IncidentsFile, portal_url: str, rendered: Rendered) -> Alerting:
    """What the file says, with its Jinja rendered."""
    channels = [_channel(each, rendered, ("alerts", "channels", at)) for at, each in enumerate(alerts.channels)]
    return Alerting(
        smtp=_smtp(alerts.smtp, rendered),
        channels={channel.name: channel for channel in channels},
        routes=tuple(_route(each, rendered, ("alerts", "routes", at)) for at, each in enumerate(alerts.routes)),
        portal_url=rendered(portal_url, "portal_url").rstrip("/"),
        reopen_s=parse_span(incidents.reopen),
        kept_s=parse_span(incidents.keep),
        warnings=incidents.warnings,
        environments=tuple(incidents.environments),
    )


def _smtp(each: SmtpFile, rendered: Rendered) -> Smtp:
    texts = {name: rendered(getattr(each, name), "alerts", "smtp", name)
             for name in ("host", "user", "password", "sender", "ca_file")}  # fmt: skip
    return Smtp(port=each.port or PORTS[each.security], security=each.security, **texts)


def _channel(each: ChannelFile, rendered: Rendered, at: Sequence[Any]) -> Channel:
    way = next(way for way in WAYS if getattr(each, way))
    said = getattr(each, way)
    to = [said] if isinstance(said, str) else said
    places = tuple(rendered(text, *at, way) for text in to)
    return Channel(each.name, way, places, rendered(each.secret, *at, "secret"))  # type: ignore[arg-type]


def _route(each: RouteFile, rendered: Rendered, at: Sequence[Any]) -> Route:
    def texts(name: str) -> tuple[str, ...]:
        return tuple(rendered(text, *at, name) for text in getattr(each, name))

    spans: Mapping[str, float] = {
        f"{name}_s": parse_span(getattr(each, name)) for name in ("digest", "throttle", "remind")
    }
    return Route(
        each.name, tuple(each.to), texts("owner"), texts("severity"), texts("tag"), texts("environment"),
        texts("kind"), tuple(each.on), quiet=_quiet(each.quiet), **spans,
    )  # fmt: skip


def _quiet(each: QuietFile | None) -> QuietHours | None:
    if each is None:
        return None
    start, end = (time.fromisoformat(text.zfill(5)) for text in (each.start, each.end))
    return QuietHours(start, end, each.zone, each.let_through)
