"""Makes checks of dbt's data tests: those in YAML, and those in files of their own."""

from __future__ import annotations

import difflib
import functools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from dryland.errors import ConfigError, ProjectError, UnknownNameError
from dryland.project.config import from_project, merged
from dryland.project.config_keys import verify_words
from dryland.project.data_test_id import data_test_hash
from dryland.project.data_test_settings import data_test_settings
from dryland.project.data_test_spec import CONFIG_KEYS, DataTestSpec, dbt_name, specs_of, table_name
from dryland.project.docs import Docs
from dryland.project.fixtures import is_fixture
from dryland.project.generic_test import WHERE, GenericTest
from dryland.project.held_still import held_still
from dryland.project.jinja.macro import BUILT_IN
from dryland.project.jinja.macros import MacroCall
from dryland.project.jinja.relation import RelationValue
from dryland.project.jinja.state import NeedsWarehouseError, Said, Scope, State
from dryland.project.jinja.templates import Templates
from dryland.project.jinja.world import Pass
from dryland.project.layout import Layout
from dryland.project.monitors_elementary import is_monitor
from dryland.project.names import Names
from dryland.project.nodes import Check, Place, Rendered
from dryland.project.properties import Properties, files_below
from dryland.project.rendering import collected, late, rendered_text
from dryland.project.tested import Tested
from dryland.project.text_file import read_text
from dryland.project.twice import unique
from dryland.project.yaml_file import Mapped

BUILT_IN_KINDS = ("not_null", "unique", "accepted_values", "relationships")


@dataclass
class TestMaker:
    """Knows the project, and makes checks."""

    __test__ = False

    layouts: Mapping[str, Layout]
    templates: Templates
    names: Names
    docs: Docs
    seen_through: Callable[[str], tuple[str, ...]]  # a node -> what must exist to look at it; ephemeral ones -> inputs
    project: str

    def of_entry(self, body: Mapped, tested: Tested) -> Iterator[Check]:
        """Checks of a model, seed or table of a source, and of its columns."""
        for spec in _tests(body, tested.place.path):
            yield from self._unless_lost(spec, tested, "")
        for column in body.get("columns") or ():
            for spec in _tests(column, tested.place.path):
                name = str(column["name"])
                yield from self._unless_lost(spec, tested, f'"{name}"' if column.get("quote") else name)

    def _unless_lost(self, spec: DataTestSpec, tested: Tested, column: str) -> Iterator[Check]:
        """The check, unless it refers to what is not there: dbt warns of such tests and goes on without them."""
        try:
            yield from self._generic(spec, tested, column)
        except UnknownNameError:
            scope = Scope(spec.place.path, tested.package, f"test.{tested.name}", spec.kind, line=spec.place.line)
            macro = self._macro(spec, scope).macro
            test = GenericTest(macro.name, macro.package, tested, column, spec.arguments, scope, {})
            if not self._is_lost(test.ask(self.templates, Pass())[1], spec.kind):
                raise

    def _is_lost(self, state: State, name: str) -> bool:
        """Whether something that a test refers to is not there, or disabled; people are told."""
        try:
            for ref in state.refs:
                self.names.ref(*ref, asking=state.scope)
            for source in state.sources:
                self.names.source(*source, state.scope)
        except UnknownNameError as error:
            state.say(Said("warning", f"the test `{name}` is not run: {error.message}", state.scope.path))
            return True
        return False

    def singular(self, layout: Layout, properties: Properties) -> Iterator[Check]:
        """Checks in files of their own: a query for what must not be."""
        for folder in layout.folders("test"):
            for path in files_below(layout.root, [folder], (".sql",)):
                inner = path.relative_to(layout.root / folder)
                if inner.parts[0] != "generic" and not is_fixture(inner):
                    shown = layout.shown(path)
                    text = read_text(path, shown)
                    yield from self._singular(text, shown, path.stem, inner.parent.parts, layout, properties)

    def _singular(
        self, text: str, shown: str, name: str, folders: tuple[str, ...], layout: Layout, properties: Properties
    ) -> Iterator[Check]:
        patch = properties.singular.get(name)
        fqn = (layout.name, *folders, name)
        config, last = self._project_config(layout, fqn), self._last_word(layout.name, fqn)
        if patch:
            config = merged(config, patch.body.get("config") or {})
        unique_id = f"test.{layout.name}.{name}"
        scope = Scope(shown, layout.name, unique_id, name, model=_as_model(shown, layout.name, name, fqn))
        _, state = self.templates.render(text, scope, config, Pass())
        for declared in state.called_config:
            config = merged(config, declared)
        config = merged(config, last)
        if not config.get("enabled", True) or self._is_lost(state, name):
            return
        rendered = rendered_text(text, scope, config, self.names, self.templates)
        described = self.docs.described(patch.body.get("description") if patch else "", Place(shown), layout.name)
        yield Check(
            unique_id, name, "singular", layout.name, Place(shown), fqn,
            rendered=rendered, refs=self._refs(rendered), description=described, config=config,
            alias=str(config.get("alias") or ""),
            **data_test_settings(config, Place(shown)),
        )  # fmt: skip

    def _generic(self, spec: DataTestSpec, tested: Tested, column: str) -> Iterator[Check]:
        prefix = f"{tested.prefix}{spec.kind.replace('.', '_')}_{tested.name}"
        name = spec.name or dbt_name(prefix, {**spec.arguments, **_column(column)})
        unique_id = _unique_id(name, spec, tested, column)
        fqn = (*tested.fqn, name)
        about = _as_model(spec.place.path, tested.package, name, fqn)
        about |= {"column_name": column or None, "attached_node": tested.unique_id}
        scope = Scope(spec.place.path, tested.package, unique_id, name, line=spec.place.line, model=about)
        project = self._project_config(self.layouts[tested.package], fqn)
        verify_words(spec.config, CONFIG_KEYS, "a configuration of tests", spec.place)
        given = self.templates.value(spec.config, scope)
        last = self._last_word(tested.package, fqn)
        config = merged(merged(project, given), last)
        if not config.get("enabled", True):
            return
        made = self._native(spec, scope, tested, column)
        if made is None:
            rendered, declared = self._rendered(spec, config, scope, tested, column)
            if declared:  # the macro's own configuration stands between the project's and the test's
                config = merged(merged(merged(project, declared), given), last)
            if declared.get("where"):
                rendered, _ = self._rendered(spec, config, scope, tested, column)
            made = {"rendered": rendered, "refs": self._refs(rendered, tested.unique_id), "arguments": spec.arguments}
        yield Check(
            unique_id, name, spec.kind, tested.package,
            spec.place, fqn, node=tested.unique_id, column=_bare(column),
            description=spec.description, config=config,
            alias=str(config.get("alias") or spec.name or table_name(name, prefix)),
            **made, **data_test_settings(config, spec.place),
        )  # fmt: skip

    def _native(self, spec: DataTestSpec, scope: Scope, tested: Tested, column: str) -> dict[str, Any] | None:
        """The four built-in kinds, unless the project has a macro of its own for them or the table is no table."""
        is_built_in = spec.macro.removeprefix("test_") in BUILT_IN_KINDS and spec.package in ("", BUILT_IN)
        if not is_built_in or isinstance(tested.relation, str) or not column:
            return None
        if any(self.templates.macros.is_replaced(name) for name in (spec.macro, WHERE)):
            return None
        if spec.macro == "test_relationships":
            parent = self._related(spec.arguments, scope)
            if parent is None:
                return None
            field = _bare(str(spec.arguments["field"]))
            arguments = {"to": parent, "field": field, "to_name": str(spec.arguments["to"])}
            return {"arguments": arguments, "refs": (tested.unique_id, parent)}
        arguments = {key: self.templates.argument(each, scope, {}, Pass())[0] for key, each in spec.arguments.items()}
        return {"arguments": arguments, "refs": (tested.unique_id,)}

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
        ids += [self.names.declared(*key, asking=scope).unique_id for key in state.sources]
        return ids[0] if len(ids) == 1 else None

    def _rendered(
        self, spec: DataTestSpec, config: Mapping[str, Any], scope: Scope, tested: Tested, column: str
    ) -> tuple[Rendered, Mapping[str, Any]]:
        """Call the macro `test_<kind>` as dbt does; with what it says of its own configuration."""
        macro = self._macro(spec, scope).macro
        test = GenericTest(macro.name, macro.package, tested, column, spec.arguments, scope, config)
        how = Pass(execute=True, resolver=self.names)
        try:
            sql, state = test.ask(self.templates, how)
        except (NeedsWarehouseError, ProjectError) as error:
            trouble = error if isinstance(error, ProjectError) else None
            code = self.templates.late_hash("{{ " + macro.name + "() }}")
            _, state = test.ask(self.templates, replace(how, execute=False))
            return late(test, code, self.names, self.templates, how, trouble), _declared(state)
        rendered = collected(sql, state, self.names, scope)
        again = lambda clock: test.ask(self.templates, replace(how, clock=clock))[0]  # noqa: E731
        return held_still(rendered, state.asked, again), _declared(state)

    def _macro(self, spec: DataTestSpec, scope: Scope) -> MacroCall:
        macros = self.templates.macros
        packages = [spec.package] if spec.package else [scope.package, ""]
        found = next((call for package in packages if (call := macros.find(spec.macro, package))), None)
        if found is None:
            known = [
                name.removeprefix("test_") for calls in macros.by_package.values() for name in calls
                if name.startswith("test_")
            ]  # fmt: skip
            near = difflib.get_close_matches(spec.macro.removeprefix("test_"), known, n=1)
            raise UnknownNameError(
                f"there is no test `{spec.kind}`.", path=scope.path, line=scope.line,
                hint=f"`{near[0]}` exists." if near else "is its package installed?",
            )  # fmt: skip
        return found

    def _refs(self, rendered: Rendered, first: str = "") -> tuple[str, ...]:
        """Everything that must exist before the check can run, the table it is attached to first."""
        ids = [first, *rendered.refs, *rendered.sources] if first else [*rendered.refs, *rendered.sources]
        return tuple(dict.fromkeys(each for unique_id in ids for each in self.seen_through(unique_id)))

    def _last_word(self, package: str, fqn: tuple[str, ...]) -> dict[str, Any]:
        """What the project says of a package's tests: over all that the package says."""
        return {} if package == self.project else self._project_config(self.layouts[self.project], fqn)

    def _project_config(self, layout: Layout, fqn: tuple[str, ...]) -> dict[str, Any]:
        section = {**layout.section("tests"), **layout.section("data_tests")}
        return from_project(section, fqn)


def _tests(body: Mapped, path: str) -> Iterator[DataTestSpec]:
    """The entries that are tests here; some of another tool's are monitors."""
    return (spec for spec in specs_of(body, path) if not is_monitor(spec))


def _as_model(path: str, package: str, name: str, fqn: tuple[str, ...]) -> dict[str, Any]:
    """What a test's template finds as `model`."""
    return {
        "alias": name, "fqn": list(fqn), "resource_type": "test", "package_name": package, "original_file_path": path,
    }  # fmt: skip


def unique_checks(checks: Iterator[Check]) -> dict[str, Check]:
    """Checks by unique id.

    Raises:
        DuplicateError: two have one name; names both places.
    """
    return unique(checks, "test", hint="give one of them a `name`.")


def _unique_id(name: str, spec: DataTestSpec, tested: Tested, column: str) -> str:
    hashed = data_test_hash(name, spec.kind, tested.unique_id, column, spec.arguments)
    return f"test.{tested.package}.{name}.{hashed}"


def _declared(state: State) -> Mapping[str, Any]:
    """What a test's macro says of its own configuration."""
    return functools.reduce(merged, state.called_config, {})


def _column(column: str) -> dict[str, str]:
    return {"column_name": column} if column else {}


def _bare(name: str) -> str:
    """A column's name without the quotes that YAML authors put for the warehouse."""
    return name[1:-1].replace('""', '"') if len(name) > 1 and name[0] == name[-1] == '"' else name
