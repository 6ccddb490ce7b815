"""Reads tests of the package `elementary` as monitors: what they look at, how closely, and in which direction.

dbt goes on running them. Here they are no tests: their macros keep histories in tables of their own, and a monitor has
the history that builds leave anyway.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from dryland.project.config import as_list
from dryland.project.data_test_spec import DataTestSpec, specs_of
from dryland.project.monitors import Monitors, Rule
from dryland.project.yaml_file import Mapped

PACKAGE = "elementary"
KINDS: Mapping[str, tuple[str, ...]] = {
    "volume_anomalies": ("volume",),
    "freshness_anomalies": ("freshness",),
    "event_freshness_anomalies": ("freshness",),
    "dimension_anomalies": ("volume",),
    "column_anomalies": ("nulls", "distinct", "mean"),
    "all_columns_anomalies": ("nulls", "distinct", "mean"),
    "schema_changes": ("schema",),
    "schema_changes_from_baseline": ("schema",),
}
"""Test -> kinds of monitors that look at the same."""

OF_COLUMNS: Mapping[str, str] = {
    "null_count": "nulls", "null_percent": "nulls", "missing_count": "nulls", "missing_percent": "nulls",
    "not_null_percent": "nulls", "average": "mean", "sum": "mean", "count_distinct": "distinct",
}  # fmt: skip
"""Elementary's monitor of a column -> ours; the others have none."""

DIRECTIONS = {"both": "both", "spike": "high", "drop": "low"}
SENSITIVITY = 3.0  # of theirs, where nobody says: it is as ours without a word
OURS = 4.0
HAVE_NO_COUNTERPART = ("where_expression", "exclude_regexp", "exclude_prefix", "exclude_detection_period_from_training")


def is_monitor(spec: DataTestSpec) -> bool:
    """Whether a test is a monitor here."""
    return spec.package == PACKAGE and spec.kind.rpartition(".")[2] in KINDS


def elementary_monitors(body: Mapped, path: str) -> Monitors | None:
    """What the tests of a model or source say of its monitors; None when none of them is one of Elementary's."""
    rules: dict[str, Rule] = {}
    for spec, column in _specs(body, path):
        for kind, rule in _rules(spec, column):
            rules[kind] = _joined(rules[kind], rule) if kind in rules else rule
    return Monitors(rules=rules) if rules else None


def without_counterpart(body: Mapped, path: str) -> Iterator[str]:
    """What such tests say that monitors do not know, as sentences."""
    for spec, _ in _specs(body, path):
        for key in (key for key in HAVE_NO_COUNTERPART if key in spec.arguments):
            where = f"{spec.place.path}:{spec.place.line}"
            yield f"{where}: `{key}` of {spec.kind} means nothing to a monitor, which looks at all rows."


def _specs(body: Mapped, path: str) -> Iterator[tuple[DataTestSpec, str]]:
    yield from ((spec, "") for spec in specs_of(body, path) if is_monitor(spec) and _is_enabled(spec))
    for column in body.get("columns") or ():
        name = str(column.get("name", ""))
        yield from ((spec, name) for spec in specs_of(column, path) if is_monitor(spec) and _is_enabled(spec))


def _is_enabled(spec: DataTestSpec) -> bool:
    return spec.config.get("enabled", True) is not False


def _rules(spec: DataTestSpec, column: str) -> Iterator[tuple[str, Rule]]:
    name, given = spec.kind.rpartition(".")[2], spec.arguments
    asked = [str(each) for each in as_list(given.get("column_anomalies"))]
    for kind in KINDS[name]:
        if column and asked and kind not in {OF_COLUMNS.get(each) for each in asked}:
            continue
        yield (
            kind,
            Rule(
                is_on=True,
                sensitivity=_sensitivity(given),
                direction=DIRECTIONS.get(str(given.get("anomaly_direction"))),  # type: ignore[arg-type]
                severity="error" if str(spec.config.get("severity", "")).lower() == "error" else None,
                min_change_share=_small(given),
                warm_up=given["min_training_set_size"] if isinstance(given.get("min_training_set_size"), int) else None,
                columns=(column,) if column else None,
                column=_timestamp(given) if kind == "freshness" else "",
                segments=tuple(str(each) for each in as_list(given.get("dimensions"))) if kind == "volume" else (),
            ),
        )


def _sensitivity(given: Mapping[str, Any]) -> float | None:
    said = given.get("anomaly_sensitivity", given.get("sensitivity"))
    return float(said) * OURS / SENSITIVITY if isinstance(said, int | float) else None


def _small(given: Mapping[str, Any]) -> float | None:
    """`ignore_small_changes` in percent, the smaller of both directions."""
    said = given.get("ignore_small_changes")
    listed = said.values() if isinstance(said, Mapping) else ()
    shares = [float(each) / 100 for each in listed if isinstance(each, int | float)]
    return min(shares) if shares else None


def _timestamp(given: Mapping[str, Any]) -> str:
    keys = ("timestamp_column", "update_timestamp_column", "event_timestamp_column")
    return next((str(given[key]) for key in keys if given.get(key)), "")


def _joined(one: Rule, other: Rule) -> Rule:
    """Two tests of one kind: of both columns and segments."""
    both = other.over(one)
    columns = None if one.columns is None or other.columns is None else (*one.columns, *other.columns)
    fields = {name: getattr(both, name) for name in Rule.__slots__}
    return Rule(**{**fields, "columns": columns, "segments": (*one.segments, *other.segments)})
