"""Opens every engine for every test of this room."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from opening import ENGINES, READERS, STORE, opened, postgres_at

from dryland.engines.protocol import Engine
from dryland.engines.registry import Address


@pytest.fixture(params=ENGINES)
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Address:
    """Where an empty warehouse is."""
    return ENGINES[request.param](tmp_path, request.getfixturevalue)


@pytest.fixture
def engine(address: Address) -> Iterator[Engine]:
    """An engine on an empty warehouse, with a schema for builds and one for readers."""
    one = opened(address)
    with one.session() as session:
        session.create_schema([(one.database, STORE), (one.database, READERS)])
    yield one
    one.close()


@pytest.fixture
def warehouse(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """The same on PostgreSQL alone, with a schema for builds."""
    one = opened(postgres_at(tmp_path, request.getfixturevalue))
    with one.session() as session:
        session.create_schema([(one.database, STORE)])
    yield one
    one.close()
