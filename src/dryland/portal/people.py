"""Finds out who asks, and what he must be allowed to do for what he asks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Depends, Request

from dryland.access.person import LOCAL, Permission, Person


def person_of(request: Request) -> Person:
    """Who asks: whoever sits at this machine, for nobody else reaches the portal."""
    return LOCAL


def needs(permission: Permission) -> Any:
    """A dependency of pages that not everybody is let to.

    The page is refused with RightsError.
    """
    return Depends(_verifying(permission))


def _verifying(permission: Permission) -> Callable[[Request], None]:
    def verify(request: Request) -> None:
        person_of(request).verify_may(permission)

    return verify


Asking = Annotated[Person, Depends(person_of)]
