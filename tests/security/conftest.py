"""Gives tests a server with walls: passwords, TLS, and roles that may do little."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from walled_server import Walled, walled_server


@pytest.fixture(scope="session")
def walled() -> Iterator[Walled]:
    """A PostgreSQL server that lets nobody in without a password."""
    with walled_server() as server:
        yield server
