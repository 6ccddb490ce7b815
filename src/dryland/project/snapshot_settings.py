"""Reads how a snapshot remembers: its key, what makes a new version of a row, what becomes of rows that are gone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dryland.errors import ConfigError
from dryland.project.config import as_list
from dryland.values import dataclass

STRATEGIES = ("timestamp", "check")
HARD_DELETES = ("ignore", "invalidate", "new_record")
META = ("dbt_scd_id", "dbt_updated_at", "dbt_valid_from", "dbt_valid_to", "dbt_is_deleted")
OPTIONS = (
    "check_cols", "dbt_valid_to_current", "hard_deletes", "invalidate_hard_deletes", "snapshot_meta_column_names",
    "strategy", "unique_key", "updated_at",
)  # fmt: skip
"""Configuration that decides what a snapshot's rows are."""


@dataclass(frozen=True, slots=True)
class SnapshotSettings:
    """How a snapshot remembers, in dbt's words; keys and columns as SQL that a person wrote."""

    strategy: str  # one of STRATEGIES, or the name of a macro's
    key: tuple[str, ...]
    updated_at: str = ""  # empty: the moment of the run
    checked: tuple[str, ...] = ()  # of the check strategy; empty for all columns
    hard_deletes: str = "ignore"
    valid_to_current: str = ""  # what stands in `dbt_valid_to` of rows that are current; empty for null
    names: Mapping[str, str] | None = None  # dbt's name of a column that a snapshot adds -> the team's

    @property
    def keeps_deletions(self) -> bool:
        """Whether a row that is gone gets a version of its own."""
        return self.hard_deletes == "new_record"

    def name(self, column: str) -> str:
        """What the team calls one of the META columns."""
        return (self.names or {}).get(column) or column

    @property
    def added(self) -> tuple[str, ...]:
        """The columns that come after those of the query, in dbt's order."""
        return tuple(self.name(each) for each in META if each != "dbt_is_deleted" or self.keeps_deletions)


def settings_of(config: Mapping[str, Any]) -> SnapshotSettings:
    """Read a configuration that `verify_settings` let through."""
    checked = config.get("check_cols")
    hard_deletes = "invalidate" if config.get("invalidate_hard_deletes") else config.get("hard_deletes")
    return SnapshotSettings(
        strategy=str(config["strategy"]),
        key=_texts(config["unique_key"]),
        updated_at=str(config.get("updated_at") or ""),
        checked=() if checked == "all" else _texts(checked),
        hard_deletes=str(hard_deletes or "ignore"),
        valid_to_current=str(config.get("dbt_valid_to_current") or "").strip(),
        names={str(key): str(name) for key, name in (config.get("snapshot_meta_column_names") or {}).items() if name},
    )  # fmt: skip


def verify_settings(config: Mapping[str, Any], name: str, known: frozenset[str]) -> tuple[str, ConfigError] | None:
    """What is wrong with a snapshot's configuration, and the key that says so; None when nothing is.

    `known` are the strategies that macros of the project add.
    """
    for verify in (_missing, _unknown_strategy, _contradiction, _meta_names):
        found = verify(config, known)
        if found:
            key, message, hint = found
            return key, ConfigError(f"the snapshot `{name}` {message}", hint=hint)
    return None


Finding = tuple[str, str, str] | None  # key, message, hint


def _missing(config: Mapping[str, Any], _: frozenset[str]) -> Finding:
    if not config.get("unique_key"):
        return "unique_key", "has no unique_key.", "unique_key: the column, or the columns, that tell its rows apart."
    if not config.get("strategy"):
        return "strategy", "has no strategy.", "strategy: timestamp (with updated_at) or check (with check_cols)."
    if config["strategy"] == "timestamp" and not config.get("updated_at"):
        hint = "updated_at: the column that says when a row changed; without one take strategy: check."
        return "updated_at", "has the strategy timestamp and no updated_at.", hint
    if config["strategy"] == "check" and not config.get("check_cols"):
        return "check_cols", "has the strategy check and no check_cols.", "check_cols: all, or a list of columns."
    return None


def _unknown_strategy(config: Mapping[str, Any], known: frozenset[str]) -> Finding:
    strategy = str(config["strategy"])
    if strategy in STRATEGIES or strategy in known:
        return None
    there = ", ".join([*STRATEGIES, *sorted(known)])
    macro = f"snapshot_{strategy.split('.')[-1]}_strategy"
    return "strategy", f"asks for the strategy `{strategy}`.", f"there are {there}; a macro `{macro}` would add it."


def _contradiction(config: Mapping[str, Any], _: frozenset[str]) -> Finding:
    checked, deletes = config.get("check_cols"), config.get("hard_deletes")
    if isinstance(checked, str) and checked != "all" and config["strategy"] == "check":
        return "check_cols", f"has the check_cols `{checked}`.", f"write a list, [{checked}], or all."
    if config["strategy"] == "timestamp" and checked:
        return "check_cols", "has the strategy timestamp and check_cols.", "keep check_cols with strategy: check only."
    if deletes is not None and config.get("invalidate_hard_deletes") is not None:
        hint = "keep hard_deletes: `invalidate` is what invalidate_hard_deletes: true means."
        return "invalidate_hard_deletes", "sets hard_deletes and invalidate_hard_deletes.", hint
    if deletes is not None and deletes not in HARD_DELETES:
        return "hard_deletes", f"asks for hard_deletes `{deletes}`.", f"there are {', '.join(HARD_DELETES)}."
    if config.get("materialized") not in (None, "snapshot"):
        said = config["materialized"]
        return "materialized", f"asks for `materialized: {said}`.", "leave it out: a snapshot is one."
    return None


def _meta_names(config: Mapping[str, Any], _: frozenset[str]) -> Finding:
    names = config.get("snapshot_meta_column_names") or {}
    if not isinstance(names, Mapping):
        hint = "write a mapping, such as {dbt_valid_from: start_date}."
        return "snapshot_meta_column_names", f"has the snapshot_meta_column_names `{names}`.", hint
    strange = sorted(map(str, names.keys() - set(META)))
    if strange:
        message = f"names the column `{strange[0]}`, which a snapshot does not add."
        return "snapshot_meta_column_names", message, f"it adds {', '.join(META)}."
    return None


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(str(each) for each in as_list(value))
