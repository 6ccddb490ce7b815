"""Serves the portal at a port of this machine until somebody presses Ctrl-C."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from anyio import to_thread
from uvicorn import Config, Server

from dryland.build.progress import Event
from dryland.clock import utc_now
from dryland.errors import UsageError
from dryland.platform import Platform
from dryland.portal.actions import Actions, subject_of
from dryland.portal.app import portal
from dryland.portal.door.door import Door, can_sign_in
from dryland.portal.door.limits import Limits
from dryland.portal.door.patience import Patience
from dryland.portal.door.reach import Reach
from dryland.portal.facts.library import Library
from dryland.portal.rows.rows import Rows
from dryland.portal.visits import Desk
from dryland.values import dataclass

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
    clock: Callable[[], float] = time.monotonic, now: Callable[[], datetime] = utc_now, *, reach: Reach | None = None,
) -> Desk:  # fmt: skip
    """What requests need; `opened` opens the project again for what changes something.

    Raises:
        UsageError: it would be reached by whom nobody knows, or by nobody.
    """
    library, door = Library(platform, clock, now), None
    rows = Rows(library)
    if reach is not None:
        reach.verify(can_sign_in=not reach.signs_in or can_sign_in(platform))
    if reach is not None and reach.signs_in:
        door = Door(platform, Limits(time.monotonic), reach.allows_plain_http)
    actions = Actions(
        opened, now, lambda environment: library.current(environment, is_new=True),
        ended=lambda action: platform.journal.changed(
            action.by, "", action.kind, subject_of(action.environment, action.wanted), outcome=action.status
        ),
        alone=rows.warehouse.shut,
    )  # fmt: skip
    return Desk(library, actions, rows=rows, door=door)


def serve(desk: Desk, reach: Reach, told: Callable[[str], None]) -> None:
    """Serve until Ctrl-C; `told` is given the address once it answers.

    Raises:
        UsageError: the port is taken, or the certificate is none.
    """
    assert desk.door is not None or not reach.signs_in
    _verify_certificate(reach)
    with bound(reach.host, reach.port) as listening:
        number = listening.getsockname()[1]
        server = _Announced(config_of(desk, reach), lambda: told(f"{reach.address}:{number}/"))
        try:
            server.run([listening])
        except KeyboardInterrupt:
            pass  # it has come to rest by then
        finally:
            desk.actions.finish()
            desk.rows.close()


def config_of(desk: Desk, reach: Reach) -> Config:
    """How uvicorn serves: nobody's word on who asks is believed but that of the proxies that were named."""
    return Config(
        portal(desk, hosts=reach.hosts), log_config=None, access_log=False, server_header=False, http=Patience,
        ws="none", timeout_graceful_shutdown=CLOSING_S, limit_concurrency=1000, timeout_keep_alive=KEPT_OPEN_S,
        proxy_headers=bool(reach.proxies), forwarded_allow_ips=list(reach.networks),
        ssl_certfile=reach.certificate, ssl_keyfile=reach.key,
    )  # fmt: skip


def _verify_certificate(reach: Reach) -> None:
    if reach.certificate is None:
        return
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(reach.certificate, reach.key, lambda: "")
    except (ssl.SSLError, OSError) as error:
        raise UsageError(
            f"{reach.certificate} cannot be used as a certificate: {error.strerror or error}.",
            hint="PEM files; a key without a password, in a file that only the server's user reads.",
        ) from error


class _Announced(Server):
    """Says where it is once it answers."""

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
    # Named as TCP: else asyncio leaves small answers to wait for each other, which takes 40 ms of each.
    with socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listening:
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
