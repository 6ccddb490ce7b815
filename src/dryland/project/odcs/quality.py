"""Reads the quality rules of a contract: what is measured, and what the measure may be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from dryland.project.nodes import Place
from dryland.project.odcs.allowed import NOTHING_MORE, OPERATORS, RENAMED, Allowed, parse_allowed
from dryland.project.odcs.contract import Rule, Unit
from dryland.project.odcs.problem import Findings
from dryland.project.odcs.words import DIMENSIONS, METRICS, QUALITY, RULES, TYPES, WARNING
from dryland.project.yaml_file import Mapped

UNITS: Mapping[str, Unit] = {"": "rows", "rows": "rows", "row": "rows", "percent": "percent", "%": "percent"}
OF_TABLES = frozenset({"rowCount"})
NEEDED = {"text": "description", "sql": "query", "custom": "implementation"}


def read_rules(body: Mapped, found: Findings, columns: Mapping[Any, str], column: str) -> Iterator[Rule]:
    """The rules of an object or property; `columns` are the physical names of an object's properties."""
    for each in found.entries(body, "quality", QUALITY, "a quality rule"):
        rule = _rule(each, found, columns, column)
        if rule is not None:
            yield rule


def _rule(body: Mapped, found: Findings, columns: Mapping[Any, str], column: str) -> Rule | None:
    kind = str(body.get("type") or "library")
    if kind not in TYPES:
        found.wrong(body.line_of("type"), f"`{kind}` is no type of quality rule.", f"there are: {', '.join(TYPES)}.")
        return None
    if body.get("dimension") and body["dimension"] not in DIMENSIONS:
        hint = f"there are: {', '.join(DIMENSIONS)}."
        found.wrong(body.line_of("dimension"), f"`{body['dimension']}` is no dimension of quality.", hint)
    metric = _metric(body, found, column) if kind == "library" else kind
    if not metric:
        return None
    if kind in NEEDED and not body.get(NEEDED[kind]):
        found.wrong(body.line, f"a quality rule of type {kind} has no `{NEEDED[kind]}`.")
        return None
    allowed = _allowed(body, found, is_needed=kind in ("library", "sql"))
    if allowed is None and kind in ("library", "sql"):
        return None
    unit = _unit(body, found)
    if kind == "library" and allowed is not None and not allowed.counted(is_whole=unit != "percent").stretches:
        found.wrong(body.line, "a quality rule allows nothing.", "mustBeBetween leaves out both of its numbers.")
        return None
    arguments = _arguments(body, metric, found, columns) if kind == "library" else {}
    if arguments is None:
        return None
    return Rule(
        metric=metric,
        place=Place(found.path, body.line),
        allowed=allowed,
        unit=unit if kind == "library" else "",
        arguments=arguments,
        query=str(body.get("query") or "").strip(),
        engine=str(body.get("engine") or ""),
        implementation=body.get("implementation"),
        name=str(body.get("name") or body.get("id") or ""),
        description=str(body.get("description") or "").strip(),
        is_warning=str(body.get("severity") or "").lower() in WARNING,
    )


def _metric(body: Mapped, found: Findings, column: str) -> str:
    key = "metric" if body.get("metric") else "rule"
    written = str(body.get(key) or "")
    metric = written if written in METRICS else RULES.get(written, "") if key == "rule" else ""
    if not metric:
        said = f"`{written}` is no metric." if written else "a quality rule has no `metric`."
        found.wrong(body.line_of(key), said, f"there are: {', '.join(METRICS)}.")
    elif key == "rule":
        found.advise(body.line_of("rule"), "`rule` is deprecated since ODCS 3.1.", f"metric: {metric}")
    if metric in OF_TABLES and column:
        found.wrong(body.line_of(key), f"{metric} is a metric of objects, not of a property.")
        return ""
    if metric and not column and metric not in (*OF_TABLES, "duplicateValues"):
        found.wrong(body.line_of(key), f"{metric} is a metric of properties, not of an object.")
        return ""
    return metric


def _allowed(body: Mapped, found: Findings, *, is_needed: bool) -> Allowed | None:
    given = [key for key in body if key in OPERATORS or key in RENAMED]
    if len(given) > 1:
        found.wrong(body.line_of(given[1]), f"a quality rule has one operator, not {' and '.join(given)}.")
        return None
    if not given:
        if body.get("rule") and not body.get("metric") and body["rule"] != "rowCount":
            return NOTHING_MORE  # `rule: nullCheck` of ODCS 3.0 means none
        if is_needed:
            found.wrong(body.line, "a quality rule does not say what is allowed.", "mustBe: 0")
        return None
    allowed = parse_allowed(RENAMED.get(given[0], given[0]), body[given[0]])
    if allowed is None or (str(body.get("type") or "library") == "library" and not allowed.is_of_numbers):
        hint = "write the smaller of two numbers first: [1, 10]." if "Between" in given[0] else "write a number."
        found.wrong(body.line_of(given[0]), f"`{given[0]}` has no value that can be compared.", hint)
        return None
    return allowed


def _unit(body: Mapped, found: Findings) -> Unit:
    written = str(body.get("unit") or "")
    if written.lower() not in UNITS:
        found.wrong(body.line_of("unit"), f"`{written}` is no unit that can be measured.", "unit: rows, or percent")
    return UNITS.get(written.lower(), "rows")


def _arguments(
    body: Mapped, metric: str, found: Findings, columns: Mapping[Any, str]
) -> dict[str, Any] | None:  # fmt: skip
    given = dict(body.get("arguments") or {}) if isinstance(body.get("arguments") or {}, dict) else {}
    if "validValues" in body:  # as ODCS 3.0 has it
        given.setdefault("validValues", body["validValues"])
    for key in given:
        if key not in METRICS[metric]:
            has = ", ".join(METRICS[metric]) or "none"
            found.wrong(body.line_of("arguments"), f"`{key}` is no argument of {metric}.", f"it has: {has}.")
    for key, value in given.items():
        if not (isinstance(value, str) if key == "pattern" else _is_list(value)):
            kind = "a text" if key == "pattern" else "a list of values"
            found.wrong(body.line_of("arguments"), f"`{key}` of {metric} is {kind}.")
            return None
    if metric == "invalidValues" and not (given.get("validValues") or given.get("pattern")):
        found.wrong(body.line, "invalidValues does not say what is valid.", "arguments: {validValues: [...]}")
        return None
    if metric == "missingValues":
        given.setdefault("missingValues", [None])
    if metric == "duplicateValues" and not _names_columns(body, given, found, columns):
        return None
    return {key: value for key, value in given.items() if key in METRICS[metric]}


def _is_list(value: Any) -> bool:
    return isinstance(value, list) and not any(isinstance(each, list | dict) for each in value)


def _names_columns(body: Mapped, given: dict[str, Any], found: Findings, columns: Mapping[Any, str]) -> bool:
    """Of an object, duplicates are of several properties; their physical names are kept."""
    if not columns:
        return True
    named = given.get("properties")
    missing = [each for each in named if str(each) not in columns] if isinstance(named, list) else []
    if not isinstance(named, list) or not named or missing:
        said = f"`{missing[0]}` is no property of this object." if missing else "duplicateValues names no properties."
        found.wrong(body.line_of("arguments"), said, "arguments: {properties: [tenant_id, order_id]}")
        return False
    given["properties"] = [columns[str(each)] for each in named]
    return True
