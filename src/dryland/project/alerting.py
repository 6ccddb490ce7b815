"""Defines who is alerted of what, how, and when: what `alerts:` and `incidents:` of dryland.yml say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import time
from typing import Literal

from dryland.values import dataclass

ChannelKind = Literal["email", "webhook", "file", "apprise"]
DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Smtp:
    """How mail is sent."""

    host: str = "localhost"
    port: int = 25
    security: Literal["none", "starttls", "ssl"] = "none"
    user: str = ""
    password: str = field(default="", repr=False)
    sender: str = "dryland@localhost"
    ca_file: str = ""


@dataclass(frozen=True, slots=True)
class Channel:
    """One way to somebody."""

    name: str
    kind: ChannelKind
    to: tuple[str, ...] = field(default=(), repr=False)  # addresses, URLs, or the path of a file
    secret: str = field(default="", repr=False)  # signs what is posted


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Hours of the day in which only what is serious gets through."""

    start: time
    end: time
    zone: str = "UTC"
    let_through: Literal["error", "nothing"] = "error"


@dataclass(frozen=True, slots=True)
class Route:
    """Which incidents go where. An empty filter lets everything through."""

    name: str
    channels: tuple[str, ...]
    owners: tuple[str, ...] = ()
    severities: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    environments: tuple[str, ...] = ()  # empty: the default one alone; `*`: all
    kinds: tuple[str, ...] = ()
    on: tuple[str, ...] = ("opened", "reopened", "worse", "resolved")
    digest_s: float = 0.0
    throttle_s: float = 0.0
    remind_s: float = 0.0
    quiet: QuietHours | None = None


@dataclass(frozen=True, slots=True)
class Alerting:
    """Everything about incidents and alerts that a team decides."""

    smtp: Smtp = field(default_factory=Smtp)
    channels: Mapping[str, Channel] = field(default_factory=dict)
    routes: tuple[Route, ...] = ()
    portal_url: str = ""
    reopen_s: float = DAY_S  # within which what comes back is the same incident
    kept_s: float = 365 * DAY_S  # for which resolved incidents are kept
    warnings: bool = False  # whether a check of severity `warn` opens an incident of its own
    environments: tuple[str, ...] = ()  # besides the default one, in which incidents are opened; `*`: all

    def watches(self, environment: str, default: str) -> bool:
        """Whether incidents are opened in an environment: of those that people try things in only where it was asked.

        >>> Alerting().watches("dev_ana", "prod"), Alerting(environments=("staging",)).watches("staging", "prod")
        (False, True)
        """
        asked = {*self.environments, *(name for route in self.routes for name in route.environments)}
        return environment == default or environment in asked or "*" in asked
