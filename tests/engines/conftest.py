"""Opens every engine for every test of this room."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from opening import ENGINES, READERS, STORE, opened

from dryland.engines.protocol import Engine


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An engine on an empty warehouse, with a schema for builds and one for readers."""
    one = opened(request.param, tmp_path)
    with one.session() as session:
        session.create_schema([(one.database, STORE), (one.database, READERS)])
    yield one
    one.close()
