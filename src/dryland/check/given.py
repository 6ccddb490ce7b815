"""Reads what a check is given: arguments by the names of its kind, the columns and the SQL that they hold."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

from sqlglot import exp

from dryland.check.kinds import arguments
from dryland.check.kinds.catalogue import KINDS, find, kind_of
from dryland.check.kinds.kind import Alias, Kind, Parse
from dryland.errors import ConfigError
from dryland.project.nodes import Check

SQL = (arguments.sql, arguments.bound)
OF_ROWS: Mapping[str, Parse] = {"row_condition": arguments.sql}
GROUPED: Mapping[str, Parse] = {"group_by": arguments.columns}
OF_COLUMN: Mapping[str, Parse] = {"column": arguments.column}
SAID = {"column_name": "column", "group_by_columns": "group_by"}  # what packages call these
NAMES = "_name"  # beside an argument that refers to a table: what people call it


def arguments_of(check: Check) -> Mapping[str, Any]:
    """What a check is given, parsed, by the names that its kind has for it.

    Raises:
        ConfigError: there is no such kind or argument, one is missing, or a value is none; carries the check's place.
    """
    found = find(check.kind)
    if found is None:
        raise _unknown(check)
    kind, alias = found
    known = takes(check)
    given = dict(_renamed(check, alias))
    parsed = {name: _parsed(check, name, value, known) for name, value in given.items() if value is not None}
    for need in kind.needs:
        words = need.split("|")
        if not any(word in parsed or (word == "column" and check.column) for word in words):
            raise _error(check, f"`{check.kind}` needs {' or '.join(f'`{word}`' for word in words)}.", _form(kind))
    if kind.about == "column" and not check.column and "column" not in parsed:
        hint = f"write it under the column, or {check.kind}: {{column: ...}}"
        raise _error(check, f"`{check.kind}` is about a column.", hint)
    if "to" in parsed and parsed["to"] not in check.refs:
        raise _error(check, f"`to: {parsed['to']}` of `{check.kind}` names no table.", "write to: ref('orders').")
    if kind.uses_history and check.node.startswith("source."):
        hint = "builds are measured, sources are not: check the model that reads it."
        raise _error(check, f"of a source there is no history for `{check.kind}`.", hint)
    return parsed


def columns_of(check: Check) -> Iterator[tuple[str, str]]:
    """The columns that a check of a known kind names, each with the unique id of its table."""
    given = arguments_of(check)
    if arguments.names in takes(check).values():  # it says itself which are missing
        return
    yield check.node, check.column
    for name, parse in takes(check).items():
        if name in given and parse in (arguments.column, arguments.columns, arguments.order):
            listed = given[name] if isinstance(given[name], list) else [given[name]]
            yield from ((check.node, each) for each in listed)
        elif name in given and parse is arguments.their_column:
            yield str(given.get("to", check.node)), given[name]


def own_sql_of(check: Check) -> list[str]:
    """The SQL of the team's own that a check's arguments hold."""
    given = arguments_of(check)
    told = {name: given[name] for name, parse in takes(check).items() if name in given and parse in SQL}
    queries = [f"EXISTS ({_over_nothing(given[name])})" for name, parse in takes(check).items()
               if name in given and parse is arguments.query]  # fmt: skip
    texts = [text for text in told.values() if isinstance(text, str) and not arguments.MOMENT.fullmatch(text)]
    if "expression" in told and (column := check.column or given.get("column")):
        texts = [f"{exp.to_identifier(column, quoted=True)} {text}" if text == told["expression"] else text
                 for text in texts]  # fmt: skip
    listed = [*given.get("values", ()), *(each for pair in given.get("pairs", ()) for each in pair)]
    return [*texts, *queries, *(map(str, listed) if given.get("quote") is False else ())]


def _over_nothing(query: str) -> str:
    """The query with a table of one row in place of the one that it is about."""
    return query.replace("{table}", "(SELECT 1)").replace("{batch}", "(SELECT 1)")


def takes(check: Check) -> Mapping[str, Parse]:
    """The arguments that the kind of a check takes, by its own names."""
    kind = kind_of(check)
    assert kind is not None, f"{check.kind} is no kind"
    beside = {**(OF_ROWS if kind.reads_rows else {}), **(GROUPED if kind.is_grouped else {})}
    return {**beside, **(OF_COLUMN if kind.about != "table" else {}), **kind.takes}


def _renamed(check: Check, alias: Alias) -> Iterator[tuple[str, Any]]:
    yield from alias.given.items()
    for name, value in check.arguments.items():
        if not (name.endswith(NAMES) and name.removesuffix(NAMES) in check.arguments):
            yield alias.renamed.get(name, SAID.get(name, name)), value


def _parsed(check: Check, name: str, value: Any, known: Mapping[str, Parse]) -> Any:
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1) or [each for each in known if each.startswith(name)]
        hint = f"did you mean `{near[0]}`?" if near else f"it takes {', '.join(sorted(known))}."
        raise _error(check, f"`{check.kind}` takes no `{name}`.", hint)
    try:
        return known[name](value)
    except ValueError as error:
        raise _error(check, f"`{name}: {value}` of `{check.kind}` is not what it takes.", f"write {error}.") from None


def _unknown(check: Check) -> ConfigError:
    known = [*KINDS, *(name for kind in KINDS.values() for name in kind.also)]
    near = difflib.get_close_matches(check.kind, known, n=1)
    return _error(
        check, f"there is no check `{check.kind}`.",
        f"`{near[0]}` exists." if near else "docs/checks.md lists them; macros of your own go under `data_tests`.",
    )  # fmt: skip


def _form(kind: Kind) -> str:
    needed = ", ".join(f"{need.partition('|')[0]}: ..." for need in kind.needs)
    return f"{kind.name}: {{{needed}}}"


def _error(check: Check, message: str, hint: str) -> ConfigError:
    return ConfigError(message, path=check.place.path, line=check.place.line, hint=hint)
