"""Makes checks of `meta: {checks: [...]}`: those that dbt has no word for stand where dbt lets a project say anything.

dbt passes over them, so that the project stays one that dbt can run.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from dryland.errors import ConfigError
from dryland.project.called import called, looks_called
from dryland.project.data_test_id import data_test_hash
from dryland.project.data_test_settings import data_test_settings
from dryland.project.data_test_spec import CONFIG_KEYS, DataTestSpec, dbt_name, parse_spec, table_name
from dryland.project.drafts import Draft
from dryland.project.jinja.state import Scope
from dryland.project.names import Names
from dryland.project.nodes import Check, ColumnDoc, Node, Place, Source
from dryland.project.tested import Tested
from dryland.values import dataclass

CHECKS = "checks"
HINT = "checks: [not_null, {row_count: {min_value: 1}}]"


def native_checks(
    nodes: Iterable[Node],
    drafts: Mapping[str, Draft],
    sources: Iterable[Source],
    names: Names,
    prefixes: Mapping[str, str],
) -> Iterator[Check]:
    """The checks that models, seeds, snapshots and tables of sources, and columns of these, say in their `meta`.

    What a check's name and arguments mean is settled where checks are run: `check.kinds`.

    Raises:
        ConfigError: `checks` is no list of names with arguments, or the model is ephemeral.
        UnknownNameError: an argument refers to what nothing defines.
    """
    for node in nodes:
        patch = drafts[node.unique_id].patch
        tested = Tested.node(node, patch, prefixes) if patch else Tested.alone(node)
        yield from _Maker(tested, names, patch.body if patch else {}).checks(node.meta, node.columns)
    for source in sources:
        yield from _Maker(Tested.source(source, prefixes), names, {}).checks(source.meta, source.columns)


@dataclass(frozen=True, slots=True)
class _Maker:
    """Makes the checks of one table."""

    tested: Tested
    names: Names
    body: Mapping[str, Any]  # its entry in YAML, which knows lines

    def checks(self, meta: Mapping[str, Any], columns: Iterable[ColumnDoc]) -> Iterator[Check]:
        """Those of the table, then those of its columns."""
        for spec in self._specs(meta, self.body):
            yield self._check(spec, "")
        written = {str(each.get("name")): each for each in self.body.get("columns") or ()}
        for column in columns:
            for spec in self._specs(column.meta, written.get(column.name, {})):
                yield self._check(spec, column.name)

    def _specs(self, meta: Mapping[str, Any], body: Mapping[str, Any]) -> Iterator[DataTestSpec]:
        listed = meta.get(CHECKS)
        if listed is None:
            return
        places = self._places(body)
        if not isinstance(listed, list | tuple):
            place = places[0] if places else self.tested.place
            raise ConfigError("`checks` is a list.", path=place.path, line=place.line, hint=HINT)
        if isinstance(self.tested.relation, str):
            if not places:
                return  # dbt_project.yml says it of a whole folder
            raise ConfigError(
                f"`{self.tested.name}` is ephemeral: there is no table to check.",
                path=places[0].path, line=places[0].line, hint="check what reads it, or write data_tests.",
            )  # fmt: skip
        for number, entry in enumerate(listed):
            place = places[number] if len(places) == len(listed) else self.tested.place
            spec = _parsed(entry, place)
            if spec.config.get("enabled", True):
                yield spec

    def _places(self, body: Mapping[str, Any]) -> list[Place]:
        """Where the entries stand; nothing when they come from dbt_project.yml, which says them of many models."""
        for inner in ((body.get("config") or {}).get("meta"), body.get("meta")):
            listed = inner.get(CHECKS) if isinstance(inner, Mapping) else None
            if listed is not None:
                lines = getattr(listed, "lines", ()) if isinstance(listed, list) else ()
                lines = lines or [inner.line_of(CHECKS)]  # type: ignore[union-attr]
                return [Place(self.tested.place.path, line) for line in lines]
        return []

    def _check(self, spec: DataTestSpec, column: str) -> Check:
        kind = spec.kind
        tested, place = self.tested, spec.place
        prefix = f"{tested.prefix}{re.sub(r'[^0-9a-zA-Z_]+', '_', kind)}_{tested.name}"
        name = spec.name or dbt_name(prefix, {**spec.arguments, **({"column_name": column} if column else {})})
        hashed = data_test_hash(name, f"{CHECKS}.{kind}", tested.unique_id, column, spec.arguments)
        unique_id = f"test.{tested.package}.{name}.{hashed}"
        scope = Scope(place.path, tested.package, unique_id, name, line=place.line)
        arguments, read = self._arguments(spec, scope)
        settings = {key: spec.config[key] for key in CONFIG_KEYS & spec.config.keys()}
        return Check(
            unique_id, name, kind, tested.package, place, (*tested.fqn, name), node=tested.unique_id, column=column,
            arguments=arguments, refs=(tested.unique_id, *(each for each in read if each != tested.unique_id)),
            description=spec.description, config=settings, alias=str(settings.get("alias") or table_name(name, prefix)),
            **data_test_settings(settings, place),
        )  # fmt: skip

    def _arguments(self, spec: DataTestSpec, scope: Scope) -> tuple[dict[str, Any], list[str]]:
        """The arguments, and the tables that they refer to; `ref('x')` is its unique id, with `..._name` beside it."""
        arguments: dict[str, Any] = {}
        read: list[str] = []
        for key, value in spec.arguments.items():
            arguments[key] = value
            if looks_called(value):
                found = called(value, self.names, scope, spec.place)
                if found is None:
                    raise ConfigError(
                        f"`{key}: {value}` names no table.", path=spec.place.path, line=spec.place.line,
                        hint=f"{key}: ref('orders'), of a model that is not ephemeral.",
                    )  # fmt: skip
                arguments |= {key: found[0], f"{key}_name": value}
                read.append(found[0])
        return arguments, list(dict.fromkeys(read))


def _parsed(entry: Any, place: Place) -> DataTestSpec:
    if not isinstance(entry, str | Mapping) or not entry:
        raise ConfigError(
            "a check is a name, or a name with arguments.", path=place.path, line=place.line,
            hint="- not_null, or - accepted_range: {min_value: 0}",
        )  # fmt: skip
    return parse_spec(entry, place)
