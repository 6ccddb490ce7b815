"""Describes a query whose meaning is asked for: with all that decides it, so that any process can answer."""

from __future__ import annotations

import pickle
from collections.abc import Mapping

from dryland.digest import digest
from dryland.sql.meaning import Meaning
from dryland.timings import timed
from dryland.values import dataclass


@dataclass(frozen=True, slots=True)
class AskedQuery:
    """A query whose meaning is asked for, with all that decides it."""

    sql: str
    dialect: str
    relations: Mapping[str, str]  # text in the SQL -> unique id
    known: Mapping[str, tuple[str, ...] | None]  # columns of what it reads
    path: str

    @property
    def key(self) -> str:
        """A hash of what decides it."""
        return digest(["meaning", self.dialect, self.sql, self.relations, self.known])

    def meaning(self) -> Meaning:
        """What it means."""
        with timed("imports"):  # most often somebody knows
            from dryland.sql.analyse import analyse

        return analyse(self.sql, self.dialect, relations=self.relations, schemas=self.known, path=self.path)


def analysed(asked: AskedQuery) -> bytes:
    """What a query means, as it is kept: for another process to find out."""
    return pickle.dumps(asked.meaning())
