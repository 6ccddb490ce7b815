"""Reads the objects of a contract: tables with their columns, options and relationships."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from dryland.project.nodes import Place
from dryland.project.odcs import words
from dryland.project.odcs.contract import Dataset, Field, Reference
from dryland.project.odcs.problem import Findings, is_of
from dryland.project.odcs.quality import read_rules
from dryland.project.odcs.scalars import text_of, texts_of
from dryland.project.yaml_file import Mapped

MODEL = "dryland_model"  # our own property: which model an object is about
NAME = re.compile(r"^[^\s.]+\.[^\s.]+$")


def read_dataset(body: Mapped, found: Findings) -> Dataset:
    """An entry of `schema`."""
    custom = found.custom(body)
    fields = tuple(
        _field(each, found) for each in found.entries(body, "properties", words.PROPERTY, "a property", "name")
    )  # fmt: skip
    if not fields:
        found.wrong(body.line, f"`{text_of(body, 'name')}` has no properties.", "list its columns under `properties`.")
    found.verify_once([(each.name, each.place.line) for each in fields], "property")
    listed = body.get("properties")
    bodies = [each for each in listed if isinstance(each, Mapped)] if isinstance(listed, list) else []
    names = {text_of(each, "name"): _column_name(each) for each in bodies}
    return Dataset(
        name=text_of(body, "name"),
        place=Place(found.path, body.line_of("name")),
        physical_name=text_of(body, "physicalName"),
        model=str(custom.get(MODEL) or ""),
        description=text_of(body, "description"),
        tags=texts_of(body, "tags"),
        fields=fields,
        rules=tuple(read_rules(body, found, names, "")),
        references=tuple(_references(body, found, "")),
    )


def _field(body: Mapped, found: Findings) -> Field:
    found.custom(body)
    logical = text_of(body, "logicalType")
    if logical and logical not in words.LOGICAL_TYPES:
        line = body.line_of("logicalType")
        found.wrong(line, f"`{logical}` is no logical type.", f"there are: {', '.join(words.LOGICAL_TYPES)}.")
    name = _column_name(body)
    _verify_nested(body, found)
    position = body.get("primaryKeyPosition")
    return Field(
        name=name,
        place=Place(found.path, body.line_of("name")),
        physical_type=text_of(body, "physicalType"),
        logical_type=logical,
        options=_options(body, logical, found),
        is_required=body.get("required") is True,
        is_unique=body.get("unique") is True,
        key_position=max(position if isinstance(position, int) else 1, 1) if body.get("primaryKey") is True else 0,
        description=text_of(body, "description"),
        classification=text_of(body, "classification"),
        tags=texts_of(body, "tags"),
        rules=tuple(read_rules(body, found, {}, name)),
        references=tuple(_references(body, found, name)),
    )


def _options(body: Mapped, logical: str, found: Findings) -> Mapping[str, Any]:
    given = body.get("logicalTypeOptions")
    if not isinstance(given, Mapped):
        return {}
    known = words.OPTIONS.get(words.OPTIONS_AS.get(logical, logical))
    known = (*known, *words.ZONED) if known is not None and logical in ("timestamp", "time") else known
    for key in given if known is not None else ():
        if key not in known:  # type: ignore[operator]
            hint = f"there are: {', '.join(known)}." if known else ""
            found.wrong(given.line_of(key), f"`{key}` is no option of the logical type {logical}.", hint)
    for key, value in given.items():
        kind = words.TEXT if logical in words.OF_TIME and key in words.ENDS else words.OPTION_KINDS.get(key, words.ANY)
        if not is_of(value, kind):
            found.wrong(given.line_of(key), f"`{key}` is {kind}.")
    return dict(given)


def _verify_nested(body: Mapped, found: Findings) -> None:
    """What is within an array or an object is read for mistakes; the physical type says what it is."""
    for each in found.entries(body, "properties", words.PROPERTY, "a property", "name"):
        _field(each, found)
    items = body.get("items")
    if isinstance(items, Mapped):
        found.verify(items, words.PROPERTY, "`items`")
        _verify_nested(items, found)


def _references(body: Mapped, found: Findings, column: str) -> Iterator[Reference]:
    for each in found.entries(body, "relationships", words.RELATIONSHIP, "a relationship", "to"):
        line, given = each.line, [column] if column else each.get("from")
        if column and "from" in each:
            found.wrong(each.line_of("from"), "`from` is the property itself.", "take `from` out.")
        sides = [_elements(given), _elements(each.get("to"))]
        if not all(sides) or len(sides[0]) != len(sides[1]) or not all(map(NAME.match, sides[1])):
            hint = "from: orders.customer_id, to: customers.id, or lists of equal length."
            found.wrong(line, "a relationship does not say which columns are those of which.", hint)
            continue
        tables = {each.partition(".")[0] for each in sides[1]}
        if len(tables) > 1:
            found.wrong(line, "a relationship leads to several objects.")
            continue
        columns, fields = (tuple(each.rpartition(".")[2] for each in side) for side in sides)
        yield Reference(columns, tables.pop(), fields, Place(found.path, line))


def _elements(value: Any) -> list[str]:
    """`table.column` in a list; a full path such as `/schema/x/properties/y` as `x.y`."""
    listed = value if isinstance(value, list) else [value]
    texts = [str(each) for each in listed if each]
    return [re.sub(r"^/?schema/([^/]+)/properties/([^/]+)$", r"\1.\2", each) for each in texts]


def _column_name(body: Mapped) -> str:
    return text_of(body, "physicalName") or text_of(body, "name")
