"""The examples in the room's docstrings are true."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import dryland.sql

MODULES = [f"dryland.sql.{each.name}" for each in pkgutil.iter_modules(dryland.sql.__path__)]
SHOWN = {"analyse", "cte_reference", "retarget", "single_source", "substitute", "volatile"}


@pytest.mark.parametrize("name", MODULES)
def test_examples(name: str) -> None:
    result = doctest.testmod(importlib.import_module(name))
    assert result.failed == 0
    assert result.attempted > 0 or name.rsplit(".", 1)[-1] not in SHOWN, "where SQL goes in or out, an example stands"
