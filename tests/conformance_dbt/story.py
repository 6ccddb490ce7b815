"""Reads a conformance project's `steps.yml`: what it shows, and the rounds that are played with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import yaml

PROJECTS = Path(__file__).with_name("projects")
OVERRIDES = {"duckdb": "on_duckdb", "postgres": "on_postgres"}


@dataclass(frozen=True, slots=True)
class Feature:
    """One thing that dbt can do; `differs` says how Dryland does it otherwise on purpose."""

    name: str
    differs: str = ""


@dataclass(frozen=True, slots=True)
class Round:
    """Something changes, then dbt works in one copy and Dryland in the other."""

    name: str
    sql: tuple[str, ...] = ()  # somebody else changes the warehouse
    files: Mapping[str, str | None] = field(default_factory=dict)  # path -> its new text; None removes it
    replace: Mapping[str, tuple[str, str]] = field(default_factory=dict)  # path -> text that is there, text instead
    environment: Mapping[str, str] = field(default_factory=dict)
    dbt: tuple[str, ...] = ("build",)
    dryland: tuple[str, ...] = ("apply",)
    lists: tuple[tuple[str, str], ...] = ()  # selectors, as dbt and Dryland are asked: both choose the same nodes
    refused: str = ""  # why dbt leaves bad tables in place and Dryland publishes nothing
    dbt_fails: str = ""  # why dbt fails: Dryland may do better
    both_fail: str = ""  # why both must stop, and Dryland must publish nothing


@dataclass(frozen=True, slots=True)
class Blot:
    """Columns of a relation that cannot be equal, for example because they hold the time of the run."""

    relation: str
    columns: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Story:
    """A project of the harness: its folder, what it shows, and its rounds."""

    folder: Path
    area: str
    features: tuple[Feature, ...]
    rounds: tuple[Round, ...]
    sorted_columns: Mapping[str, str] = field(default_factory=dict)  # relation -> why their order is not compared
    not_yet: str = ""  # why Dryland does not do it: the test fails as soon as it does
    not_here: str = ""  # why there is nothing to play on this warehouse: dbt's adapter for it has no such thing
    blots: tuple[Blot, ...] = ()
    profile: Mapping[str, Any] = field(default_factory=dict)  # settings of the target, besides the usual ones
    files: Mapping[str, str | None] = field(default_factory=dict)  # what is otherwise on a warehouse; None: not there
    replace: Mapping[str, tuple[str, str]] = field(default_factory=dict)  # the same, of a file's text

    @property
    def name(self) -> str:
        """The name of its folder."""
        return self.folder.name


def all_stories(warehouse: str = "duckdb") -> tuple[Story, ...]:
    """Every project of the harness, by name, as it is played on a kind of warehouse."""
    return tuple(read_story(path.parent, warehouse) for path in sorted(PROJECTS.glob("*/steps.yml")))


def read_story(folder: Path, warehouse: str = "duckdb") -> Story:
    """The story of one project; a key that nothing knows is an error.

    What `on_duckdb` and `on_postgres` say, of the whole or of a round, counts there and takes the place of the rest.
    """
    said = _on(yaml.safe_load((folder / "steps.yml").read_text()), warehouse)
    rounds = [_on(each, warehouse) for each in said.pop("rounds", [{"name": "first"}])]
    shows = said.pop("shows")
    blots = [_made(Blot, each) for each in said.pop("blots", [])]
    return _made(
        Story,
        {
            **said,
            "folder": folder,
            "features": [Feature(each) if isinstance(each, str) else _made(Feature, each) for each in shows],
            "rounds": [_round(each, is_first=number == 0) for number, each in enumerate(rounds)],
            "blots": blots,
            "replace": _pairs(said),
        },
    )


def _on(said: Mapping[str, Any], warehouse: str) -> dict[str, Any]:
    """What is said for this kind of warehouse."""
    common = {key: value for key, value in said.items() if key not in OVERRIDES.values()}
    return {**common, **said.get(OVERRIDES[warehouse], {})}


def _round(said: Mapping[str, Any], *, is_first: bool) -> Round:
    """A round; after the first, Dryland applies where files change and otherwise runs."""
    changes_code = is_first or bool(said.get("files") or said.get("replace"))
    lists = [(each, each) if isinstance(each, str) else tuple(each) for each in said.get("lists", [])]
    usual = ["apply" if changes_code else "run"]
    return _made(Round, {"dryland": usual, **said, "replace": _pairs(said), "lists": lists})


def _pairs(said: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    return {path: tuple(pair) for path, pair in said.get("replace", {}).items()}


def _made(kind: type, values: Mapping[str, Any]) -> Any:
    unknown = values.keys() - {each.name for each in fields(kind)}
    assert not unknown, f"{kind.__name__} has no {', '.join(sorted(unknown))}: {values}"
    return kind(**{name: tuple(value) if isinstance(value, list) else value for name, value in values.items()})
