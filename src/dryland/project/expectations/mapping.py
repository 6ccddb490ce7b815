"""Writes an expectation as the checks that say the same, or says why there are none."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from dryland.project.expectations.condition import UnknownConditionError, condition_sql
from dryland.project.expectations.rules import REASONS, RULES, NotImportedError, Rule
from dryland.project.expectations.suite import Expectation
from dryland.project.jinja.marks import has_jinja
from dryland.project.written_checks import WrittenCheck

SEVERITY = {"warning": "warn", "info": "warn"}  # `critical` is what a check is anyway
DBT_HAS = frozenset({"not_null", "unique", "accepted_values"})
OFF = frozenset({"allow_cross_type_comparisons", "parse_strings_as_datetimes", "auto", "allow_relative_error"})
"""Arguments that ask for nothing where they are false."""


def checks_of(expectation: Expectation, tables: Collection[str]) -> tuple[WrittenCheck, ...]:
    """The checks that say the same; `tables` are the models that there are.

    Raises:
        NotImportedError: there are none, and why.
    """
    if expectation.name in REASONS:
        raise NotImportedError(REASONS[expectation.name])
    rule = RULES.get(expectation.name)
    if rule is None:
        raise NotImportedError("it is none of Great Expectations' core, so nobody knows here what it asks.")
    if expectation.windows:
        raise NotImportedError("its bounds come from earlier runs: `volume` and `drift` compare with builds before.")
    settings = _settings(expectation)
    given = _given(expectation, rule)
    column = "" if rule.is_of_table else expectation.column
    made = [_written(rule.kind, column, {**(rule.given or {}), **each}, settings) for each in rule.change(given)]
    for each in made:
        other = str(each.arguments.get("to", "ref('')"))[5:-2]
        if other and other not in tables:
            raise NotImportedError(f"there is no model `{other}` to compare with.")
        if has_jinja(str(each.entry(is_flat=False))):
            raise NotImportedError("it has `{{`, `{%` or `{#` in it, which dbt would read as Jinja.")
    return tuple(made)


def _given(expectation: Expectation, rule: Rule) -> dict[str, Any]:
    """The arguments by their names here."""
    given: dict[str, Any] = {}
    for name, value in expectation.arguments.items():
        if isinstance(value, Mapping) and ("$PARAMETER" in value or "$PARAMETER" in str(value)):
            raise NotImportedError(f"`{name}` is a parameter that is known only when Great Expectations runs.")
        if isinstance(value, Mapping) and name == "mostly":
            raise NotImportedError("its `mostly` is no number.")
        if name in rule.renamed:
            given[rule.renamed[name]] = value
        elif name == "mostly":
            if value != 1:
                given["mostly"] = value
        elif name not in ("column", "row_condition") and not (name in OFF and not value):
            raise NotImportedError(f"`{rule.kind}` has nothing like its argument `{name}`.")
    return {name: value for name, value in given.items() if not (name.startswith("strict_") and value is False)}


def _settings(expectation: Expectation) -> dict[str, Any]:
    settings: dict[str, Any] = {}
    if expectation.severity in SEVERITY:
        settings["severity"] = SEVERITY[expectation.severity]
    if condition := expectation.arguments.get("row_condition"):
        try:
            settings["where"] = condition_sql(condition, expectation.parser)
        except UnknownConditionError as error:
            raise NotImportedError(f"of its row_condition {error}.") from None
    if expectation.meta:
        settings["meta"] = dict(expectation.meta)
    return settings


def _written(kind: str, column: str, arguments: dict[str, Any], settings: dict[str, Any]) -> WrittenCheck:
    is_dbts = kind in DBT_HAS and bool(column) and arguments.keys() <= {"values", "quote"}
    return WrittenCheck(kind, column, arguments, settings, is_native=not is_dbts)
