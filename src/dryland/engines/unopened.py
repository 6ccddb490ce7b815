"""Stands for a warehouse that is not open: it knows its words, and nothing of what stands in it."""

from __future__ import annotations

from importlib import import_module
from typing import NoReturn

from dryland.engines.registry import ENGINES
from dryland.engines.relation import Relation
from dryland.values import dataclass


class NotOpenError(Exception):
    """Something was asked of a warehouse that only an open one can answer."""


@dataclass(frozen=True, slots=True)
class Unopened:
    """An engine as far as it needs no connection."""

    dialect: str

    def render(self, relation: Relation) -> str:
        """The quoted name for use in SQL.

        >>> Unopened("duckdb").render(Relation("shop", "main", "orders"))
        '"shop"."main"."orders"'
        """
        text: str = import_module(f"{ENGINES[self.dialect]}_names").rendered(relation)
        return text

    def __getattr__(self, name: str) -> NoReturn:
        raise NotOpenError(name)
