"""A warehouse that is not open says names as it says them when it is, and nothing else."""

from __future__ import annotations

import pytest

from dryland.engines.registry import ENGINES
from dryland.engines.relation import Relation
from dryland.engines.unopened import NotOpenError, Unopened


@pytest.mark.parametrize("kind", sorted(ENGINES))
def test_what_stands_in_it_is_not_known(kind: str) -> None:
    with pytest.raises(NotOpenError):
        _ = Unopened(kind).session
    assert Unopened(kind).render(Relation("shop", "main", 'or"ders')) == '"shop"."main"."or""ders"'
