"""Serves the portal at a port of this machine until somebody presses Ctrl-C."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from anyio import to_thread
from uvicorn import Config, Server

from dryland.build.progress import Event
from dryland.clock import utc_now
from dryland.errors import UsageError
from dryland.platform import Platform
from dryland.portal.actions import Actions
from dryland.portal.app import LOOPBACK, portal
from dryland.portal.library import Library
from dryland.portal.rows import Rows
from dryland.portal.visits import Desk

PORT = 8765  # of several portals the others take any that is free
THREADS = 6  # that read metadata; more only take turns
KEPT_OPEN_S = 60  # connections of people who read a page
CLOSING_S = 5  # for answers that are on their way


@dataclass(frozen=True, slots=True)
class Telling:
    """A progress that says what others wait for."""

    tell: Callable[[Event], None]

    def on(self, event: Event) -> None:
        """Pass it on."""
        self.tell(event)


def desk_for(
    platform: Platform, opened: Callable[[Callable[[Event], None]], Platform],
    clock: Callable[[], float] = time.monotonic, now: Callable[[], datetime] = utc_now,
) -> Desk:  # fmt: skip
    """What requests need; `opened` opens the project again for what changes something."""
    library = Library(platform, clock, now)
    rows = Rows(library)
    actions = Actions(
        opened, now, lambda environment: library.current(environment, is_new=True),
        alone=rows.warehouse.shut,
    )  # fmt: skip
    return Desk(library, actions, rows=rows)


def serve(desk: Desk, host: str, port: int | None, told: Callable[[str], None]) -> None:
    """Serve until Ctrl-C; `told` is given the address once it answers.

    Raises:
        UsageError: the port is taken, or others than this machine would reach it.
    """
    if host not in LOOPBACK:
        raise UsageError(
            f"the portal is not served at {host}: whoever reaches it there could roll releases back.",
            hint="leave --host out, and reach it from elsewhere through a tunnel or a proxy that knows who is there.",
        )
    with bound(host, port) as listening:
        number = listening.getsockname()[1]
        config = Config(
            portal(desk), log_config=None, access_log=False,
            server_header=False, timeout_graceful_shutdown=CLOSING_S, limit_concurrency=1000,
            timeout_keep_alive=KEPT_OPEN_S,
        )  # fmt: skip
        server = _Telling(config, lambda: told(f"http://{f'[{host}]' if ':' in host else host}:{number}/"))
        try:
            server.run([listening])
        except KeyboardInterrupt:
            pass  # it has come to rest by then
        finally:
            desk.actions.finish()
            desk.rows.close()


class _Telling(Server):
    """Says when it answers."""

    def __init__(self, config: Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and say so."""
        to_thread.current_default_thread_limiter().total_tokens = THREADS
        await super().startup(sockets)
        self._ready()


@contextmanager
def bound(host: str, port: int | None) -> Iterator[socket.socket]:
    """A socket at the port; at the usual one when none is asked for, or else at any that is free.

    Raises:
        UsageError: it cannot be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        for wanted in (PORT, 0) if port is None else (port,):
            try:
                listening.bind((host, wanted))
                break
            except OSError as error:
                if wanted == PORT and port is None:
                    continue
                raise UsageError(
                    f"nothing can be served at {host}, port {wanted}: {error.strerror or error}.",
                    hint="--port 0 takes one that is free; --host 127.0.0.1 is always there.",
                ) from error
        yield listening
