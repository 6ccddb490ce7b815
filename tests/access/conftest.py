"""Opens a small shop with rights on both warehouses: people, orders, and a payroll that is nobody's business."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from shop_desk import PEOPLE, desk_over, filled

from dryland.access.desk import Desk
from dryland.engines.protocol import Engine
from dryland.engines.registry import Address, open_engine
from dryland.state.store import State, open_state
from oidc_provider import one_stand, stand  # noqa: F401 - fixtures

ENGINES = ("duckdb", "postgres")


@pytest.fixture(scope="module", params=ENGINES)
def warehouse(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """A filled warehouse, shared by the tests of a file: none of them can change it, which they show."""
    root = tmp_path_factory.mktemp("shop")
    if request.param == "duckdb":
        address = Address({"type": "duckdb", "path": "w.duckdb"}, "w", root, "dryland_store")
        one = open_engine("duckdb", address)
        filled(one)
        one.close()
        one = open_engine("duckdb", replace(address, is_read_only=True))
        yield one
        one.close()
        return
    server = request.getfixturevalue("postgres_server")
    name = server.new_database()
    one = open_engine("postgres", Address(server.settings(name), name, root, "dryland_store"))
    filled(one)
    yield one
    one.close()
    server.drop_database(name)


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    """Empty metadata."""
    one = open_state(tmp_path / "state.db")
    yield one
    one.close()


@pytest.fixture
def desk(warehouse: Engine, state: State) -> Desk:
    """The shop, under its rules."""
    return desk_over(warehouse, state)


@pytest.fixture
def desk_with(warehouse: Engine, state: State) -> Callable[..., Desk]:
    """The shop under other rules."""

    def make(**access: Any) -> Desk:
        return desk_over(warehouse, state, **access)

    return make


@pytest.fixture
def people() -> Mapping[str, Any]:
    """Who asks."""
    return PEOPLE
