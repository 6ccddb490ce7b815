"""Reads who uses the data and who owns it: exposures and groups, as property files declare them."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import Any

from dryland.errors import ConfigError, UnknownNameError
from dryland.project.config import as_list, from_project, merged
from dryland.project.docs import Docs
from dryland.project.jinja.state import Scope
from dryland.project.jinja.templates import Templates
from dryland.project.jinja.world import Pass
from dryland.project.layout import Layout
from dryland.project.names import Names
from dryland.project.properties import Patch, Properties, config_of
from dryland.project.semantic import fqn_of
from dryland.project.uses import Exposure, Group, Semantic
from dryland.values import dataclass

LATER = ("depends_on", "description")  # keys whose Jinja may use more than that of the others
TYPES = ("dashboard", "notebook", "analysis", "ml", "application")
MATURITIES = ("low", "medium", "high")
METRIC = re.compile(r"""\s*metric\(\s*(?:['"](\w+)['"]\s*,\s*)?['"](\w+)['"]\s*\)\s*""")


def groups_of(properties: Properties) -> dict[str, Group]:
    """Groups by name, with their owners."""
    return {name: Group(name, dict(patch.body.get("owner") or {})) for name, patch in properties.groups.items()}


@dataclass(frozen=True, slots=True)
class ExposureReader:
    """Knows a project's property files, and makes exposures of them."""

    layout: Layout
    properties: Properties
    names: Names
    templates: Templates
    docs: Docs
    semantics: Mapping[str, Semantic] = field(default_factory=dict)

    def exposures(self) -> Iterator[Exposure]:
        """Every enabled exposure."""
        for patch in self.properties.exposures:
            exposure = self._exposure(patch)
            if exposure is not None:
                yield exposure

    def _exposure(self, patch: Patch) -> Exposure | None:
        scope = Scope(patch.place.path, self.layout.name, line=patch.place.line)
        body = self.templates.value({key: value for key, value in patch.body.items() if key not in LATER}, scope)
        fqn = fqn_of(self.layout, patch)
        config = merged(from_project(self.layout.section("exposures"), fqn), config_of(body))
        if not config.get("enabled", True):
            return None
        depends_on = tuple(dict.fromkeys(self._depends_on(patch)))
        _verify(patch, body)
        return Exposure(
            unique_id=f"exposure.{self.layout.name}.{patch.name}",
            name=patch.name,
            package=self.layout.name,
            place=patch.place,
            fqn=fqn,
            type=str(body.get("type") or ""),
            description=self.docs.described(patch.body.get("description"), patch.place, self.layout.name),
            url=str(body.get("url") or ""),
            owner=dict(body.get("owner") or {}),
            depends_on=depends_on,
            tags=tuple(str(tag) for tag in as_list(config.get("tags"))),
            meta=config.get("meta") or {},
        )

    def _depends_on(self, patch: Patch) -> Iterator[str]:
        listed = patch.body.get("depends_on") or ()
        lines = getattr(listed, "lines", ())
        for number, text in enumerate(listed):
            line = lines[number] if number < len(lines) else patch.place.line
            yield from self._ids(text, Scope(patch.place.path, self.layout.name, line=line))

    def _ids(self, text: Any, scope: Scope) -> Iterator[str]:
        if named := METRIC.fullmatch(str(text)):
            yield self._metric(named[2], named[1] or "", scope)
            return
        try:
            _, state = self.templates.argument(str(text), scope, {}, Pass(resolver=self.names))
        except UnknownNameError as error:
            raise UnknownNameError(error.message, hint=error.hint, path=scope.path, line=scope.line) from error
        if not state.refs and not state.sources:
            raise ConfigError(
                f"`{text}` is no ref, source or metric.", path=scope.path, line=scope.line, hint="- ref('orders')"
            )
        yield from (self.names.ref(*key, asking=scope)[0] for key in state.refs)
        yield from (self.names.declared(*key, asking=scope).unique_id for key in state.sources)

    def _metric(self, name: str, package: str, scope: Scope) -> str:
        metrics = [each for each in self.semantics.values() if each.kind == "metric"]
        found = [each for each in metrics if each.name == name and package in ("", each.package)]
        if not found:
            near = difflib.get_close_matches(name, [each.name for each in metrics], n=1)
            raise UnknownNameError(
                f"refers to the metric `{name}`, which nothing defines.", path=scope.path, line=scope.line,
                hint=f"`{near[0]}` exists." if near else "declare it under `metrics:` in a YAML file of the models.",
            )  # fmt: skip
        return min(found, key=lambda each: each.package != self.layout.name).unique_id


def _verify(patch: Patch, body: Mapping[str, Any]) -> None:
    """What dbt wants of every exposure: of which type it is, and whom to ask.

    Raises:
        ConfigError: it has none, or another than there is.
    """
    _verify_word(patch, "type", body.get("type"), TYPES)
    if body.get("maturity") is not None:
        _verify_word(patch, "maturity", body["maturity"], MATURITIES)
    owner = body.get("owner")
    if not isinstance(owner, Mapping) or not (owner.get("name") or owner.get("email")):
        raise ConfigError(
            f"the exposure `{patch.name}` has no owner with a name or an email.", path=patch.place.path,
            line=patch.body.line_of("owner"), hint="owner: {name: Ana, email: ana@example.org}",
        )  # fmt: skip


def _verify_word(patch: Patch, key: str, said: Any, known: tuple[str, ...]) -> None:
    if said in known:
        return
    near = difflib.get_close_matches(str(said), known, n=1)
    text = f"`{said}` is no {key} of an exposure." if said else f"the exposure `{patch.name}` has no {key}."
    raise ConfigError(
        text, path=patch.place.path, line=patch.body.line_of(key),
        hint=f"did you mean `{near[0]}`?" if near else f"there are {', '.join(known)}.",
    )  # fmt: skip
