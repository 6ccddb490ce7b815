"""Knows people who come: by the session of their browser, or by a token; and gives browsers what they are known by."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Request
from fastapi.responses import Response

from dryland.access.sessions import SignedIn
from dryland.errors import SignInError
from dryland.platform import Platform
from dryland.portal.door.guard import host_of
from dryland.portal.door.limits import Limits
from dryland.portal.door.people import NOBODY, Caller
from dryland.portal.door.reach import LOOPBACK, address_in, is_loopback
from dryland.portal.door.tokens import cookie_name

SESSION = "dryland_session"
FOR_PROGRAMS = "/api/"
METRICS = "/metrics"


@dataclass(frozen=True)
class Door:
    """How people come in where not everybody is let in."""

    platform: Platform
    limits: Limits
    allows_plain_http: bool = False

    @property
    def has_provider(self) -> bool:
        """Whether people can also sign in somewhere else."""
        return self.platform.written.settings.access.oidc is not None

    def caller(self, request: Request) -> Caller:
        """Who asks; nobody where he is not signed in.

        Raises:
            SignInError: he shows a token, and it is not valid.
        """
        address = address_in(request.client)
        shown = request.headers.get("authorization")
        if shown is not None and is_for_programs(request):
            scheme, _, text = shown.partition(" ")
            if scheme.lower() != "bearer":
                raise SignInError("tokens are shown as `Authorization: Bearer ...`.")
            return Caller(self.platform.tokens.person(text), address)
        try:
            session = self.platform.sessions.resume(session_id_of(request))
        except SignInError:
            return Caller(NOBODY, address)
        return Caller(session.person, address, session)

    def is_safe_way(self, request: Request) -> bool:
        """Whether nobody reads on the way what people send: over https, or within this machine."""
        if request.url.scheme == "https" or self.allows_plain_http:
            return True
        return host_of(request.headers.get("host", "")) in LOOPBACK and is_loopback(address_in(request.client))


def can_sign_in(platform: Platform) -> bool:
    """Whether there is anybody who could."""
    access = platform.written.settings.access
    return access.oidc is not None or any(not each.is_disabled for each in platform.state.users())


def is_for_programs(request: Request) -> bool:
    """Whether programs ask here, which show tokens and want to be answered in their way."""
    path: str = request.scope["path"]
    return path.startswith(FOR_PROGRAMS) or path == METRICS


def session_id_of(request: Request) -> str:
    """What the browser says that it is known by."""
    return request.cookies.get(cookie_name(SESSION, request.url.scheme == "https"), "")


def remember(request: Request, response: Response, session: SignedIn) -> Response:
    """Have the browser know its session; other sites' forms do not carry it, and no script sees it."""
    is_secure = request.url.scheme == "https"
    response.set_cookie(
        cookie_name(SESSION, is_secure), session.id, httponly=True, samesite="lax", secure=is_secure, path="/"
    )
    return response


def forget(request: Request, response: Response) -> Response:
    """Have the browser forget its session."""
    is_secure = request.url.scheme == "https"
    response.delete_cookie(cookie_name(SESSION, is_secure), httponly=True, samesite="lax", secure=is_secure, path="/")
    return response
