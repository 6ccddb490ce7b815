"""Finds out who asks, and what he must be allowed to do for what he asks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import field
from functools import cache
from typing import Annotated, Any

from fastapi import Depends, Request

from dryland.access.person import LOCAL, PERMISSIONS, Permission, Person
from dryland.access.sessions import SignedIn
from dryland.portal.door.reach import address_in
from dryland.values import dataclass

NOBODY = Person("", via="")
ASKED = "dryland.asked"  # where a request keeps it


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, from where, and by which session of his browser, if it is one."""

    person: Person
    address: str = "?"
    session: SignedIn | None = None


@dataclass(slots=True)
class Asked:
    """One request as the log sees it: who asks, what that took, and whether it is written down."""

    caller: Caller
    needed: list[Permission] = field(default_factory=list)
    is_noted: bool = False


def asked_of(request: Request) -> Asked:
    """What the doorkeeper said of a request; nobody's, where none stood at the door."""
    found = request.scope.get(ASKED)
    return found if isinstance(found, Asked) else Asked(Caller(NOBODY))


def caller_of(request: Request) -> Caller:
    """Who asks, and from where."""
    return asked_of(request).caller


def local_caller(request: Request) -> Caller:
    """Whoever sits at this machine, where nobody else gets in."""
    return Caller(LOCAL, address_in(request.client))


def person_of(request: Request) -> Person:
    """Who asks: whoever signed in, or came with a token; where nobody signs in, whoever sits at this machine."""
    return caller_of(request).person


def needs(permission: Permission) -> Any:
    """A dependency of pages that not everybody is let to.

    The page is refused with RightsError.
    """
    return Depends(verifying(permission))


@cache
def verifying(permission: Permission) -> Callable[[Request], Awaitable[None]]:
    """The one function that lets to what takes this right."""

    async def verify(request: Request) -> None:
        asked_of(request).needed.append(permission)
        person_of(request).verify_may(permission)

    return verify


def permission_of(dependency: object) -> Permission | None:
    """The right that a dependency of a route verifies; None where it is another dependency."""
    return next((each for each in PERMISSIONS if dependency is verifying(each)), None)


def note(request: Request, action: str, subject: str, *, outcome: str = "done") -> None:
    """Write into the audit log what somebody did; reads are written there by the desk that serves them."""
    asked = asked_of(request)
    asked.is_noted, person = True, asked.caller.person
    journal = request.app.state.desk.journal
    journal.changed(person.name, person.via, action, subject, address=asked.caller.address, outcome=outcome)


async def _asking(request: Request) -> Person:
    return person_of(request)


Asking = Annotated[Person, Depends(_asking)]
