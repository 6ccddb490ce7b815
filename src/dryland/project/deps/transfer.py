"""Fetches over HTTP: with a time-out, a limit and a few attempts, and without a word of anybody's credentials."""

from __future__ import annotations

import base64
import http.client
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError

from dryland.errors import ConfigError, UnreachableError

TIMEOUT_S = 30.0  # for one answer of the other side, not for the whole
WHOLE_MAX_S = 600.0
ATTEMPTS = 3
PAUSE_S = 0.5  # before the second attempt; twice as long before the third
BUSY = frozenset({429, 500, 502, 503, 504})  # worth another attempt
CHUNK_BYTES = 1 << 16

Received = Callable[[int, int], None]  # bytes so far, and in all (0: the other side does not say)


class NotThereError(Exception):
    """The other side has nothing under this address."""


def fetch(url: str, bytes_max: int, *, received: Received = lambda so_far, total: None) -> bytes:
    """What stands under an http or https address.

    Raises:
        NotThereError: nothing does.
        UnreachableError: it could not be fetched, or is larger than it may be.
    """
    return b"".join(_attempted(url, bytes_max, received))


def download(url: str, to: Path, bytes_max: int, *, received: Received = lambda so_far, total: None) -> None:
    """As `fetch`, into a file."""
    with to.open("wb") as file:
        for chunk in _attempted(url, bytes_max, received):
            file.write(chunk)


def address(url: str) -> str:
    """An address without the credentials in it, for people."""
    try:
        parts = urllib.parse.urlsplit(url)
    except ValueError:  # brackets that are no address
        return "***"
    return urllib.parse.urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment=""))


def _attempted(url: str, bytes_max: int, received: Received) -> Iterator[bytes]:
    """Whole answers only: an attempt that breaks off leaves nothing."""
    for attempt in range(ATTEMPTS):
        try:
            yield from list(_chunks(url, bytes_max, received))
            return
        except HTTPError as error:
            error.close()
            if error.code in (404, 410):
                raise NotThereError(address(url)) from None
            if error.code not in BUSY or attempt == ATTEMPTS - 1:
                raise _unreachable(url, f"it answered {error.code} {error.reason}".rstrip()) from None
        except (URLError, OSError, http.client.HTTPException, UnicodeError) as error:
            if attempt == ATTEMPTS - 1:
                raise _unreachable(url, _why(error)) from None
        time.sleep(PAUSE_S * 2**attempt)


def _chunks(url: str, bytes_max: int, received: Received) -> Iterator[bytes]:
    until = time.monotonic() + WHOLE_MAX_S
    with _opener().open(_request(url), timeout=TIMEOUT_S) as answer:
        total, so_far = _length(answer.headers.get("Content-Length")), 0
        while chunk := answer.read(CHUNK_BYTES):
            so_far += len(chunk)
            if max(so_far, total) > bytes_max:
                raise _unreachable(url, f"it is larger than {bytes_max >> 20} MB")
            if time.monotonic() > until:
                raise _unreachable(url, f"it took more than {WHOLE_MAX_S:.0f} s")
            received(so_far, total)
            yield chunk
        if so_far < total:
            raise http.client.IncompleteRead(b"", total - so_far)


def _length(said: str | None) -> int:
    """How long an answer says it is; 0 when it does not say, or no number."""
    return int(said) if said and said.isascii() and said.isdigit() else 0


def _opener() -> urllib.request.OpenerDirector:
    """http and https only: no other scheme, neither at first nor by a redirect."""
    opener = urllib.request.OpenerDirector()
    handlers: tuple[Any, ...] = (
        urllib.request.ProxyHandler(), urllib.request.HTTPHandler(), urllib.request.HTTPSHandler(),
        urllib.request.HTTPRedirectHandler(), urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(), urllib.request.UnknownHandler(),
    )  # fmt: skip
    for handler in handlers:
        opener.add_handler(handler)
    return opener


def _request(url: str) -> urllib.request.Request:
    try:
        parts = urllib.parse.urlsplit(url)
        is_address = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # brackets or a port that are none
        is_address = False
    if not is_address:
        raise ConfigError(f"`{address(url)}` is no http or https address.", hint="https://...")
    credentials, _, host = parts.netloc.rpartition("@")
    request = urllib.request.Request(parts._replace(netloc=host).geturl(), headers={"User-Agent": "dryland"})  # noqa: S310
    if credentials:
        token = base64.b64encode(urllib.parse.unquote(credentials).encode()).decode()
        request.add_unredirected_header("Authorization", f"Basic {token}")
    return request


def _why(error: Exception) -> str:
    reason = getattr(error, "reason", error)
    return str(getattr(reason, "strerror", "") or reason or type(error).__name__)


def _unreachable(url: str, why: str) -> UnreachableError:
    return UnreachableError(f"{address(url)} could not be fetched: {why}.")
