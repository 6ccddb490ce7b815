"""Guards every request: whom it is for, where it comes from, how large it is; and says what a browser may do."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

from starlette.exceptions import HTTPException

from dryland.portal.door.reach import LOOPBACK
from dryland.values import dataclass

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

BODY_MAX = 64 * 1024  # bytes of a form; nothing larger is ever sent here
URL_MAX = 8 * 1024
HOST = re.compile(r"[A-Za-z0-9.\[\]:_-]+")
TOO_LARGE = "this request is larger than anything here needs."
ONCE = (b"host", b"content-length", b"authorization", b"origin")
SAFE = ("GET", "HEAD", "OPTIONS")
POLICY = "; ".join(
    (
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "connect-src 'self'",
        "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'",
    )
)  # fmt: skip
HEADERS = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
)
STAY_SECURE = (b"strict-transport-security", b"max-age=31536000")
NOT_KEPT = (b"cache-control", b"no-store")  # unless a page says otherwise: what one may see is not for the next


@dataclass(frozen=True, slots=True)
class Guard:
    """Stands before the application: what is refused here is seen by nothing behind it."""

    app: App
    hosts: frozenset[str]  # the names that this server is called by; others come from pages that mean no good

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        refusal = _ambiguity(scope) or self._refusal(scope, headers)
        if refusal:
            await _refuse(send, *refusal)
            return
        await self.app(scope, _measured(receive), _with_headers(send, _stays_secure(scope, headers)))

    def _refusal(self, scope: Scope, headers: dict[str, str]) -> tuple[int, str] | None:
        if host_of(headers.get("host", "")) not in self.hosts:
            return 421, "this is not the name of this portal."
        if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > URL_MAX:
            return 414, "this address is longer than any here."
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > BODY_MAX:
            return 413, TOO_LARGE
        if scope["method"] not in SAFE and not _is_from_here(headers, scope["scheme"]):
            return 403, "this was not sent from a page of this portal."
        return None


def host_of(text: str) -> str:
    """The name in a `Host` header, without its port.

    >>> host_of("localhost:8080"), host_of("[::1]:8080"), host_of(""), host_of("evil.org@localhost")
    ('localhost', '::1', '', '')
    """
    if not HOST.fullmatch(text):  # a name and a port, and nothing that some read as a user or a path
        return ""
    try:
        return urlsplit(f"//{text}").hostname or ""
    except ValueError:
        return ""


def _ambiguity(scope: Scope) -> tuple[int, str] | None:
    """What is said twice may be read by one as this and by another as that."""
    names = [name for name, _ in scope["headers"]]
    twice = next((name for name in ONCE if names.count(name) > 1), None)
    return (400, f"this request says `{twice.decode()}` more than once.") if twice else None


def _is_from_here(headers: dict[str, str], scheme: str) -> bool:
    """A browser says where a form was sent from; a program that says nothing has no cookie that could be misused."""
    if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = headers.get("origin")
    return origin is None or origin.lower() == f"{scheme}://{headers.get('host', '')}".lower()


def _measured(receive: Receive) -> Receive:
    seen = 0

    async def measured() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > BODY_MAX:
            raise HTTPException(413, TOO_LARGE)
        return message

    return measured


def _stays_secure(scope: Scope, headers: dict[str, str]) -> bool:
    """Whether browsers are told to come by https alone; of this machine itself they keep that for all its ports."""
    return scope["scheme"] == "https" and host_of(headers.get("host", "")) not in LOOPBACK


def _with_headers(send: Send, is_secure: bool) -> Send:
    always = (*HEADERS, STAY_SECURE) if is_secure else HEADERS

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            given = list(message.get("headers", ()))
            kept = () if any(name == b"cache-control" for name, _ in given) else (NOT_KEPT,)
            message["headers"] = [*given, *kept, *always]
        await send(message)

    return sending


async def _refuse(send: Send, status: int, message: str) -> None:
    body = json.dumps({"error": message}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode()), *HEADERS]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
