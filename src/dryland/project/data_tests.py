"""Makes checks of dbt's data tests: those in YAML, and those in files of their own."""

from __future__ import annotations

import difflib
import functools
import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dryland.engines.relation import Relation
from dryland.errors import ConfigError, DuplicateError, UnknownNameError
from dryland.project.config import from_project, merged
from dryland.project.jinja.macros import BUILT_IN, MacroCall
from dryland.project.jinja.relation import CteValue, RelationValue
from dryland.project.jinja.state import Scope
from dryland.project.jinja.templates import Pass, Templates
from dryland.project.layout import Layout
from dryland.project.names import Names
from dryland.project.nodes import Check, Place, Rendered
from dryland.project.properties import Properties, files_below
from dryland.project.rendering import collected, rendered_text
from dryland.project.yaml_file import Mapped

BUILT_IN_KINDS = ("not_null", "unique", "accepted_values", "relationships")
CONFIG_KEYS = frozenset(
    """
    severity error_if warn_if where limit fail_calc store_failures store_failures_as tags enabled meta database
    schema alias group
    """.split()
)
NAME_MAX = 64  # dbt shortens longer names of generic tests with a hash


@dataclass(frozen=True, slots=True)
class Tested:
    """What tests of a YAML entry are attached to."""

    unique_id: str
    name: str  # as it stands in dbt's names of tests
    relation: Relation | str  # the CTE's name for an ephemeral model
    package: str
    fqn: tuple[str, ...]
    place: Place
    prefix: str = ""  # "source_" for sources


@dataclass
class TestMaker:
    """Knows the project, and makes checks."""

    __test__ = False

    layouts: Mapping[str, Layout]
    templates: Templates
    names: Names
    seen_through: Callable[[str], tuple[str, ...]]  # a node -> what must exist to look at it; ephemeral ones -> inputs
    project: str

    def of_entry(self, body: Mapped, tested: Tested) -> Iterator[Check]:
        """Checks of a model, seed or table of a source, and of its columns."""
        for spec, line in _specs(body):
            yield from self._generic(spec, line, tested, "")
        for column in body.get("columns") or ():
            for spec, line in _specs(column):
                yield from self._generic(spec, line, tested, str(column["name"]))

    def singular(self, layout: Layout, properties: Properties) -> Iterator[Check]:
        """Checks in files of their own: a query for what must not be."""
        for folder in layout.folders("test"):
            for path in files_below(layout.root, [folder], (".sql",)):
                inner = path.relative_to(layout.root / folder)
                if inner.parts[0] != "generic":
                    shown = layout.shown(path)
                    text = path.read_text(encoding="utf-8")
                    yield from self._singular(text, shown, path.stem, inner.parent.parts, layout, properties)

    def _singular(
        self, text: str, shown: str, name: str, folders: tuple[str, ...], layout: Layout, properties: Properties
    ) -> Iterator[Check]:
        patch = properties.singular.get(name)
        fqn = (layout.name, *folders, name)
        config = self._project_config(layout, fqn)
        if patch:
            config = merged(config, patch.body.get("config") or {})
        unique_id = f"test.{layout.name}.{name}"
        scope = Scope(shown, layout.name, unique_id, name)
        _, state = self.templates.render(text, scope, config, Pass())
        for declared in state.called_config:
            config = merged(config, declared)
        if not config.get("enabled", True):
            return
        rendered = rendered_text(text, scope, config, self.names, self.templates)
        described = properties.described(patch.body.get("description") if patch else "", Place(shown))
        yield self._check(
            unique_id, name, "singular", layout.name, Place(shown), fqn, config,
            rendered=rendered, refs=self._refs(rendered), description=described,
        )  # fmt: skip

    def _generic(self, spec: Any, line: int, tested: Tested, column: str) -> Iterator[Check]:
        place = Place(tested.place.path, line)
        full_name, arguments, config, custom, description = _read_spec(spec, place)
        scope = Scope(place.path, tested.package, f"test.{tested.name}", full_name, line=line)
        layout = self.layouts[tested.package]
        given = self.templates.value(config, scope)
        config = merged(self._project_config(layout, tested.fqn), given)
        if not config.get("enabled", True):
            return
        package, _, kind = full_name.rpartition(".")
        prefix = f"{tested.prefix}{full_name.replace('.', '_')}_{tested.name}"
        name = custom or _dbt_name(prefix, {**arguments, **_column(column)})
        hashed = hashlib.md5(
            repr([tested.unique_id, name, column, sorted(map(str, arguments.items()))]).encode(), usedforsecurity=False
        )
        unique_id = f"test.{tested.package}.{name}.{hashed.hexdigest()[:10]}"
        made = self._native(kind, package, arguments, scope, tested, column)
        if made is None:
            rendered, declared = self._rendered(kind, package, arguments, config, scope, tested, column)
            if declared:  # the macro's own configuration stands between the project's and the test's
                config = merged(merged(self._project_config(layout, tested.fqn), declared), given)
            if declared.get("where"):
                rendered, _ = self._rendered(kind, package, arguments, config, scope, tested, column)
            made = {"rendered": rendered, "refs": self._refs(rendered, tested.unique_id), "arguments": arguments}
        yield self._check(
            unique_id, name, kind if not package else full_name, tested.package, place, (*tested.fqn, name), config,
            node=tested.unique_id, column=column, description=description, alias=_alias(name, prefix), **made,
        )  # fmt: skip

    def _native(
        self, kind: str, package: str, arguments: Mapping[str, Any], scope: Scope, tested: Tested, column: str
    ) -> dict[str, Any] | None:
        """The four built-in kinds, unless the project has a macro of its own for them or the table is no table."""
        if (
            kind not in BUILT_IN_KINDS
            or package not in ("", BUILT_IN)
            or isinstance(tested.relation, str)
            or not column
        ):
            return None
        if self.templates.macros.find(f"test_{kind}", self.project):
            return None
        refs: tuple[str, ...] = (tested.unique_id,)
        if kind == "relationships":
            parent = self._related(arguments, scope)
            if parent is None:
                return None
            arguments = {"to": parent, "field": _bare(str(arguments["field"])), "to_name": str(arguments["to"])}
            refs += (parent,)
        else:
            arguments = {key: self.templates.argument(value, scope, {}, Pass())[0] for key, value in arguments.items()}
        return {"arguments": arguments, "refs": refs}

    def _related(self, arguments: Mapping[str, Any], scope: Scope) -> str | None:
        """The unique id behind `to: ref('...')`; None when it is not a table of its own."""
        if "to" not in arguments or "field" not in arguments:
            raise ConfigError(
                "a relationships test needs `to` and `field`.", path=scope.path, line=scope.line,
                hint="relationships: {to: ref('parent'), field: id}",
            )  # fmt: skip
        value, state = self.templates.argument(arguments["to"], scope, {}, Pass(resolver=self.names))
        if not isinstance(value, RelationValue):
            return None
        ids = [self.names.ref(*key, asking=scope)[0] for key in state.refs]
        ids += [self.names.source(*key, asking=scope)[0] for key in state.sources]
        return ids[0] if len(ids) == 1 else None

    def _rendered(
        self, kind: str, package: str, arguments: Mapping[str, Any], config: Mapping[str, Any], scope: Scope,
        tested: Tested, column: str,
    ) -> tuple[Rendered, Mapping[str, Any]]:  # fmt: skip
        """Call the macro `test_<kind>` as dbt does; with what it says of its own configuration."""
        call = self._macro(kind, package, scope)
        how = Pass(execute=True, resolver=self.names)
        model: Any = (
            CteValue(tested.relation, tested.unique_id) if isinstance(tested.relation, str)
            else RelationValue(tested.relation, tested.unique_id)
        )  # fmt: skip
        where = config.get("where")
        rendered: dict[str, Any] = {}
        refs: list[tuple[str, str, str]] = []
        sources: list[tuple[str, str]] = []
        for key, value in arguments.items():
            rendered[key], state = self.templates.argument(value, scope, config, how)
            refs += state.refs
            sources += state.sources
        named = {"model": Filtered(model, str(where)) if where else model, **rendered, **_column(column)}
        sql, state = self.templates.call(call.macro.name, scope, config, how, package=call.macro.package, **named)
        state.refs.update(dict.fromkeys(refs))
        state.sources.update(dict.fromkeys(sources))
        declared: Mapping[str, Any] = functools.reduce(merged, state.called_config, {})
        return collected(str(sql).strip(), state, self.names, scope), declared

    def _macro(self, kind: str, package: str, scope: Scope) -> MacroCall:
        macros = self.templates.macros
        found = (
            macros.find(f"test_{kind}", package)
            if package
            else macros.find(f"test_{kind}", scope.package) or macros.find(f"test_{kind}")
        )
        if found is None:
            known = [
                name.removeprefix("test_")
                for calls in macros.by_package.values()
                for name in calls
                if name.startswith("test_")
            ]
            near = difflib.get_close_matches(kind, known, n=1)
            raise UnknownNameError(
                f"there is no test `{kind}`.", path=scope.path, line=scope.line,
                hint=f"`{near[0]}` exists." if near else "is its package installed?",
            )  # fmt: skip
        return found

    def _refs(self, rendered: Rendered, first: str = "") -> tuple[str, ...]:
        """Everything that must exist before the check can run, the table it is attached to first."""
        ids = [first, *rendered.refs, *rendered.sources] if first else [*rendered.refs, *rendered.sources]
        return tuple(dict.fromkeys(each for unique_id in ids for each in self.seen_through(unique_id)))

    def _project_config(self, layout: Layout, fqn: tuple[str, ...]) -> dict[str, Any]:
        section = {**layout.section("tests"), **layout.section("data_tests")}
        return from_project(section, fqn)

    def _check(
        self, unique_id: str, name: str, kind: str, package: str, place: Place, fqn: tuple[str, ...],
        config: Mapping[str, Any], **more: Any,
    ) -> Check:  # fmt: skip
        severity = str(config.get("severity") or "error").lower()
        if severity not in ("error", "warn"):
            raise ConfigError(f"severity is `error` or `warn`, not `{severity}`.", path=place.path, line=place.line)
        limit = config.get("limit")
        return Check(
            unique_id=unique_id, name=name, kind=kind, package=package, place=place, fqn=fqn,
            severity=severity,  # type: ignore[arg-type]
            warn_if=str(config.get("warn_if") or "!= 0"),
            error_if=str(config.get("error_if") or "!= 0"),
            fail_calc=str(config.get("fail_calc") or "count(*)"),
            where=str(config.get("where") or ""),
            limit=int(limit) if limit is not None else None,
            store_failures=bool(config.get("store_failures")),
            tags=tuple(str(tag) for tag in config.get("tags") or ()),
            meta=config.get("meta") or {},
            **more,
        )  # fmt: skip


class Filtered:
    """A model under a test's `where`: prints as dbt's subquery."""

    def __init__(self, model: RelationValue | CteValue, where: str) -> None:
        self._model = model
        self._where = where

    def __str__(self) -> str:
        return f"(select * from {self._model} where {self._where}) dbt_subquery"

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self._model, name)


def unique_checks(checks: Iterator[Check]) -> dict[str, Check]:
    """Checks by unique id.

    Raises:
        DuplicateError: two have one name; names both places.
    """
    found: dict[str, Check] = {}
    for check in checks:
        if check.unique_id in found:
            other = found[check.unique_id].place
            raise DuplicateError(
                f"the test `{check.name}` is there twice: {other.path}:{other.line} and here.",
                path=check.place.path, line=check.place.line, hint="give one of them a `name`.",
            )  # fmt: skip
        found[check.unique_id] = check
    return found


def _specs(body: Mapping[str, Any]) -> Iterator[tuple[Any, int]]:
    for key in ("data_tests", "tests"):
        listed = body.get(key) or ()
        lines = getattr(listed, "lines", ())
        for number, spec in enumerate(listed):
            yield spec, lines[number] if number < len(lines) else 1


def _read_spec(spec: Any, place: Place) -> tuple[str, dict[str, Any], dict[str, Any], str, str]:
    """Kind, arguments, configuration, custom name, description: of all of dbt's forms."""
    if isinstance(spec, str):
        return spec, {}, {}, "", ""
    if not isinstance(spec, Mapping) or not spec:
        raise ConfigError("a test is a name, or a name with arguments.", path=place.path, line=place.line)
    beside = dict(spec)
    if "test_name" in beside:
        kind, body = str(beside.pop("test_name")), beside
    else:
        kind = next((key for key in beside if key not in CONFIG_KEYS | {"name", "config", "description"}), "")
        if not kind:
            raise ConfigError("a test has no name.", path=place.path, line=place.line)
        inner = beside.pop(kind)
        if inner is not None and not isinstance(inner, Mapping):
            raise ConfigError(
                f"the arguments of `{kind}` are keys and values.", path=place.path, line=place.line,
                hint=f"{kind}: {{arguments: {{...}}}}",
            )  # fmt: skip
        body = {**(inner or {}), **beside}
    config = {**{key: body[key] for key in CONFIG_KEYS & body.keys()}, **(body.get("config") or {})}
    reserved = CONFIG_KEYS | {"config", "name", "description", "arguments"}
    arguments = {**{key: value for key, value in body.items() if key not in reserved}, **(body.get("arguments") or {})}
    return kind, arguments, config, str(body.get("name") or ""), str(body.get("description") or "")


def _dbt_name(prefix: str, arguments: Mapping[str, Any]) -> str:
    """dbt's name of a generic test: kind, table, then the arguments in the order of their names."""
    words: list[str] = []
    for key in sorted(arguments):
        value = arguments[key]
        parts = value.values() if isinstance(value, Mapping) else value if isinstance(value, list | tuple) else [value]
        words += [str(part) for part in parts]
    clean = "__".join(re.sub("[^0-9a-zA-Z_]+", "_", word) for word in words)
    return f"{prefix}_{clean}"


def _alias(name: str, prefix: str) -> str:
    """What dbt calls the table of failing rows: the name, cut where a warehouse would cut it."""
    if len(name) < NAME_MAX:
        return name
    return prefix[:30] + "_" + hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()


def _column(column: str) -> dict[str, str]:
    return {"column_name": column} if column else {}


def _bare(name: str) -> str:
    """A column's name without the quotes that YAML authors put for the warehouse."""
    return name[1:-1].replace('""', '"') if len(name) > 1 and name[0] == name[-1] == '"' else name
