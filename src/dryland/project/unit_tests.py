"""Reads unit tests: rows that are given to a model, and the rows that it must make of them."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from dryland.errors import ConfigError, UnknownNameError
from dryland.project.called import parsed_call
from dryland.project.config import as_list, from_project, merged
from dryland.project.config_keys import verify_words
from dryland.project.docs import Docs
from dryland.project.drafts import Draft
from dryland.project.fixtures import FixtureReader
from dryland.project.jinja.state import Scope
from dryland.project.layout import Layout
from dryland.project.names import Names
from dryland.project.nodes import Node, Place
from dryland.project.properties import Patch, Properties
from dryland.project.twice import unique
from dryland.project.unit_test import Fixture, UnitTest
from dryland.project.yaml_file import Mapped
from dryland.values import dataclass

THIS = "this"  # the input that stands for what the model made before
KEYS = frozenset("config description expect given model name overrides versions".split())
INPUT_KEYS = frozenset("fixture format input rows".split())
OVERRIDES = frozenset({"macros", "vars", "env_vars"})
ASKS_INCREMENTAL = re.compile(r"\bis_incremental\s*\(")
COMMENT = re.compile(r"{#.*?#}", re.DOTALL)


@dataclass(frozen=True, slots=True)
class UnitTestReader:
    """Knows what the unit tests of a project or package speak about, and makes them."""

    layout: Layout
    properties: Properties
    fixtures: FixtureReader
    models: Mapping[str, Sequence[Draft]]  # of this project or package, by name; disabled ones too
    names: Names
    docs: Docs
    override: Mapping[str, Any]  # what the main project configures for those of a package

    def tests(self) -> Iterator[UnitTest]:
        """Every enabled unit test of an enabled model; one for each version that it is about."""
        for patch in self.properties.unit_tests:
            verify_words(patch.body, KEYS, "a property of unit tests", patch.place)
            for key in ("model", "expect"):
                if not patch.body.get(key):
                    raise _error(f"the unit test `{patch.name}` has no `{key}`.", patch, "name")
            for node in self._models(patch):
                fqn = (self.layout.name, *self._folders(patch), node.name, patch.name)
                config = self._config(patch, fqn)
                if config.get("enabled", True):
                    yield self._test(patch, node, fqn, config)

    def _test(self, patch: Patch, node: Node, fqn: tuple[str, ...], config: Mapping[str, Any]) -> UnitTest:
        overrides = self._overrides(patch)
        given, troubles = self._given(patch, node)
        macros = dict(overrides.get("macros") or {})
        _verify_incremental(patch, node, macros, given)
        suffix = f"_v{node.version}" if node.version else ""
        return UnitTest(
            unique_id=f"unit_test.{self.layout.name}.{patch.body['model']}.{patch.name}{suffix}",
            name=patch.name,
            package=self.layout.name,
            place=patch.place,
            fqn=fqn,
            model=node.unique_id,
            given=given,
            expected=self._expected(patch),
            is_incremental=macros.pop("is_incremental", False) is True,
            macros=macros,
            variables=dict(overrides.get("vars") or {}),
            environment={str(key): str(value) for key, value in (overrides.get("env_vars") or {}).items()},
            description=self.docs.described(patch.body.get("description"), patch.place, self.layout.name),
            tags=tuple(str(tag) for tag in as_list(config.get("tags"))),
            meta=config.get("meta") or {},
            config=config,
            trouble=troubles[0] if troubles else None,
        )

    def _models(self, patch: Patch) -> list[Node]:
        """The model of that name, in the versions that the test is about; none when it is disabled."""
        name, _, version = str(patch.body["model"]).partition(" ")
        named = [each for each in self.models.get(name, ()) if version.strip().removeprefix("v") in ("", each.version)]
        if not named:
            near = difflib.get_close_matches(name, self.models, n=1)
            raise _error(
                f"the unit test `{patch.name}` is about `{name}`, which no model of `{self.layout.name}` defines.",
                patch, "model", hint=f"`{near[0]}` exists." if near else "is the file missing?",
            )  # fmt: skip
        found = [node for each in named if (node := self.fixtures.nodes.get(each.unique_id))]
        return self._versions(patch, found) if found else []

    def _versions(self, patch: Patch, nodes: list[Node]) -> list[Node]:
        wanted = patch.body.get("versions") or {}
        include, exclude = ([str(each) for each in as_list(wanted.get(key))] for key in ("include", "exclude"))
        if not nodes[0].version:
            if include or exclude:
                raise _error(
                    f"`{nodes[0].name}` has no versions, and `{patch.name}` names some.", patch, "versions",
                    hint="leave `versions` out.",
                )  # fmt: skip
            return nodes
        chosen = [node for node in nodes if node.version not in exclude and (not include or node.version in include)]
        if not chosen:
            there = ", ".join(node.version for node in nodes)
            raise _error(
                f"`{patch.name}` is about no version of `{nodes[0].name}`.", patch, "versions", hint=f"it has: {there}."
            )
        return chosen

    def _given(self, patch: Patch, node: Node) -> tuple[tuple[Fixture, ...], list[UnknownNameError]]:
        """The inputs, and what is wrong with them: that fails the test, and not the reading of the project."""
        found, troubles = [], []
        for body in patch.body.get("given") or ():
            line = getattr(body, "line", _line(patch, "given"))
            place = Place(patch.place.path, line)
            if not isinstance(body, Mapped) or "input" not in body:
                raise ConfigError(
                    f"an entry of `given` of `{patch.name}` has no `input`.", path=place.path, line=line,
                    hint="- input: ref('orders')",
                )  # fmt: skip
            verify_words(body, INPUT_KEYS, "a property of an input", place)
            try:
                of = self._input(str(body["input"]).strip(), place)
            except UnknownNameError as error:
                text = f"the input `{body['input']}` of the unit test `{patch.name}` {error.message}"
                at = body.line_of("input")
                troubles.append(UnknownNameError(text, hint=error.hint, path=place.path, line=at))
                continue
            found.append(self.fixtures.fixture(body, THIS if of == node.unique_id else of, place))
        return tuple(found), troubles

    def _expected(self, patch: Patch) -> Fixture:
        body = patch.body["expect"]
        if not isinstance(body, Mapped):
            raise _error(f"`expect` of `{patch.name}` is a mapping.", patch, "expect", hint="expect: {rows: []}")
        return self.fixtures.fixture(body, "", Place(patch.place.path, _line(patch, "expect")))

    def _input(self, text: str, place: Place) -> str:
        """The unique id behind `ref('orders')`, `source('shop', 'orders')` or `this`."""
        if text == THIS:
            return THIS
        scope = Scope(place.path, self.layout.name, line=place.line)
        function, names, version = parsed_call(text)
        if function == "source" and len(names) == 2:
            return self.names.source(names[0], names[1], scope)[0]
        if function == "ref" and len(names) in (1, 2):
            return self.names.ref(names[-1], names[0] if len(names) == 2 else "", version, asking=scope)[0]
        raise ConfigError(
            f"`{text}` is no input.", path=place.path, line=place.line,
            hint="ref('orders'), source('shop', 'orders'), or this.",
        )  # fmt: skip

    def _overrides(self, patch: Patch) -> Mapping[str, Any]:
        overrides = patch.body.get("overrides") or {}
        unknown = sorted(overrides.keys() - OVERRIDES)
        if unknown:
            raise _error(
                f"`{unknown[0]}` cannot be overridden.", patch, "overrides", hint=f"there are: {', '.join(OVERRIDES)}."
            )
        scope = Scope(patch.place.path, self.layout.name, line=_line(patch, "overrides"))
        rendered: Mapping[str, Any] = self.fixtures.templates.value(overrides, scope)
        return rendered

    def _config(self, patch: Patch, fqn: tuple[str, ...]) -> dict[str, Any]:
        scope = Scope(patch.place.path, self.layout.name, line=_line(patch, "config"))
        own = self.fixtures.templates.value(patch.body.get("config") or {}, scope)
        outer = from_project(self.layout.section("unit_tests"), fqn)
        return merged(merged(outer, from_project(self.override, fqn)), own)

    def _folders(self, patch: Patch) -> tuple[str, ...]:
        """The folders of the YAML file, without the one that dbt_project.yml names."""
        path = PurePosixPath(patch.place.path.removeprefix(self.layout.prefix))
        return path.parts[1:-1]


def verify_inputs(tests: Iterable[UnitTest]) -> None:
    """What unit tests give must stand for something that there is.

    Raises:
        UnknownNameError: an input of one does not.
    """
    for test in tests:
        if test.trouble is not None:
            raise test.trouble


def models_by_name(drafts: Iterable[Draft], package: str) -> dict[str, list[Draft]]:
    """The models of a package, each with all its versions."""
    found: dict[str, list[Draft]] = {}
    for draft in drafts:
        if draft.kind == "model" and draft.package == package:
            found.setdefault(draft.name, []).append(draft)
    return found


def asks_incremental(node: Node) -> bool:
    """Whether a model asks `is_incremental()`."""
    return ASKS_INCREMENTAL.search(COMMENT.sub("", node.raw)) is not None


def unique_unit_tests(tests: Iterable[UnitTest]) -> dict[str, UnitTest]:
    """Unit tests by unique id.

    Raises:
        DuplicateError: two of one model have one name; names both places.
    """
    return unique(tests, "unit test", hint="rename one of them.")


def _verify_incremental(patch: Patch, node: Node, macros: Mapping[str, Any], given: Iterable[Fixture]) -> None:
    """A model that asks `is_incremental()` must be told, and what it made before is then an input."""
    if not asks_incremental(node):
        return
    wanted = macros.get("is_incremental")
    if not isinstance(wanted, bool):
        raise _error(
            f"`{node.name}` asks is_incremental(), and the unit test `{patch.name}` does not say what to answer.",
            patch, "overrides", hint="overrides: {macros: {is_incremental: false}}",
        )  # fmt: skip
    if wanted and not any(fixture.of == THIS for fixture in given):
        raise _error(
            f"the unit test `{patch.name}` of the incremental `{node.name}` does not give `this`.",
            patch, "given", hint="- {input: this, rows: []} is the table as it was before.",
        )  # fmt: skip


def _line(patch: Patch, key: str) -> int:
    return patch.body.line_of(key)


def _error(message: str, patch: Patch, key: str, hint: str = "") -> ConfigError:
    return ConfigError(message, path=patch.place.path, line=_line(patch, key), hint=hint)
