"""Reads dbt's semantic layer: semantic models, metrics and saved queries. They are read, and not served."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any, NoReturn

from dryland.errors import ConfigError, DuplicateError, UnknownNameError
from dryland.project.config import as_list, from_project, merged
from dryland.project.docs import Docs
from dryland.project.jinja.state import Scope
from dryland.project.jinja.templates import Templates
from dryland.project.jinja.world import Pass
from dryland.project.layout import Layout
from dryland.project.names import Names
from dryland.project.nodes import Place
from dryland.project.properties import Patch, Properties, config_of
from dryland.project.uses import Semantic, SemanticKind
from dryland.project.yaml_file import Mapped
from dryland.values import dataclass

METRIC_TYPES = ("simple", "ratio", "cumulative", "derived", "conversion")
NAME = re.compile(r"[A-Za-z]\w*")
FILTERS = ("filter", "where")  # their Jinja is that of the semantic layer's own service


@dataclass(frozen=True, slots=True)
class _Entry:
    """One of them as it was read, before it has found what it names."""

    kind: SemanticKind
    layout: Layout
    patch: Patch
    body: Mapping[str, Any]
    config: Mapping[str, Any]

    @property
    def unique_id(self) -> str:
        return f"{self.kind}.{self.layout.name}.{self.patch.name}"


@dataclass(frozen=True, slots=True)
class SemanticReader:
    """Knows the property files of a project and its packages."""

    layouts: tuple[Layout, ...]
    properties: Mapping[str, Properties]  # by package
    names: Names
    templates: Templates
    docs: Docs

    def read(self) -> dict[str, Semantic]:
        """Everything that is enabled, by unique id.

        Raises:
            ConfigError: one has no model, no type or no measure.
            UnknownNameError: one names a measure or metric that is nowhere.
            DuplicateError: two of a kind have one name.
        """
        entries = _unique(self._entries())
        measures = {
            str(measure["name"]): entry.unique_id
            for entry in entries.values() if entry.kind == "semantic_model"
            for measure in _named(entry, "measures")
        }  # fmt: skip
        metrics = {entry.patch.name: entry.unique_id for entry in entries.values() if entry.kind == "metric"}
        known = _Known(measures, metrics)
        return {unique_id: self._made(entry, known) for unique_id, entry in entries.items()}

    def _entries(self) -> Iterator[_Entry]:
        for layout in self.layouts:
            found = self.properties[layout.name]
            sections: tuple[tuple[SemanticKind, list[Patch]], ...] = (
                ("semantic_model", found.semantic_models), ("metric", found.metrics),
                ("saved_query", found.saved_queries),
            )  # fmt: skip
            for kind, patches in sections:
                for patch in patches:
                    entry = self._entry(kind, layout, patch)
                    if entry.config.get("enabled", True):
                        yield entry
                        yield from self._of_measures(entry)

    def _entry(self, kind: SemanticKind, layout: Layout, patch: Patch) -> _Entry:
        if not NAME.fullmatch(patch.name):
            _refuse(patch, f"`{patch.name}` is no name of a {_told(kind)}.", "letters, digits and underscores.")
        scope = Scope(patch.place.path, layout.name, line=patch.place.line)
        body = self.templates.value(_without_filters(patch.body), scope)
        section = layout.section(f"{kind.replace('_', '-')}s".replace("querys", "queries"))
        return _Entry(kind, layout, patch, body, merged(from_project(section, fqn_of(layout, patch)), config_of(body)))

    def _of_measures(self, entry: _Entry) -> Iterator[_Entry]:
        """`create_metric: true` makes a simple metric of a measure, under its name."""
        if entry.kind != "semantic_model":
            return
        for measure in _named(entry, "measures"):
            if measure.get("create_metric") is True:
                name = str(measure["name"])
                said = {"name": name, "type": "simple", "type_params": {"measure": name}, "label": measure.get("label")}
                config = {key: entry.config[key] for key in ("enabled", "meta") if key in entry.config}
                place = Place(entry.patch.place.path, getattr(measure, "line", entry.patch.place.line))
                yield _Entry("metric", entry.layout, Patch(name, place, entry.patch.body), said, config)

    def _made(self, entry: _Entry, known: _Known) -> Semantic:
        kind, patch, layout, body, config = entry.kind, entry.patch, entry.layout, entry.body, entry.config
        reads = {"semantic_model": self._model, "metric": known.of_metric, "saved_query": known.of_query}[kind](entry)
        return Semantic(
            entry.unique_id, kind, patch.name, layout.name, patch.place, fqn_of(layout, patch),
            description=self.docs.described(body.get("description"), patch.place, layout.name),
            label=str(body.get("label") or ""),
            depends_on=tuple(dict.fromkeys(reads)),
            tags=tuple(str(tag) for tag in as_list(config.get("tags"))) if kind != "semantic_model" else (),
            meta=config.get("meta") or {},
            config=config,
            group=str(config.get("group") or ""),
            body=body,
        )  # fmt: skip

    def _model(self, entry: _Entry) -> Iterable[str]:
        """The model that a semantic model is about."""
        text, patch = entry.body.get("model"), entry.patch
        if not text:
            _refuse(patch, f"the semantic model `{patch.name}` has no model.", "model: ref('orders')")
        scope = Scope(patch.place.path, entry.layout.name, line=patch.body.line_of("model"))
        try:
            _, state = self.templates.argument(str(text), scope, {}, Pass(resolver=self.names))
        except UnknownNameError as error:
            raise UnknownNameError(error.message, hint=error.hint, path=scope.path, line=scope.line) from error
        if not state.refs:
            _refuse(patch, f"`{text}` is no ref.", "model: ref('orders')", "model")
        return [self.names.ref(*key, asking=scope)[0] for key in state.refs]


@dataclass(frozen=True, slots=True)
class _Known:
    """What metrics and saved queries can name."""

    measures: Mapping[str, str]  # name -> unique id of the semantic model
    metrics: Mapping[str, str]

    def of_metric(self, entry: _Entry) -> Iterator[str]:
        """The semantic models of its measures, or the metrics that it is worked out from."""
        kind = entry.body.get("type")
        if kind not in METRIC_TYPES:
            text = f"`{kind}` is no type of a metric." if kind else f"the metric `{entry.patch.name}` has no type."
            _refuse(entry.patch, text, f"there are {', '.join(METRIC_TYPES)}.", "type")
        said = entry.body.get("type_params") or {}
        if kind in ("ratio", "derived"):
            given = (
                [said.get("numerator"), said.get("denominator")] if kind == "ratio" else as_list(said.get("metrics"))
            )
            yield from self._found(entry, given, self.metrics, "metric", "numerator and denominator", "type_params")
            return
        converted = said.get("conversion_type_params") or {}
        given = [said.get("measure")] if kind != "conversion" else [
            converted.get("base_measure"), converted.get("conversion_measure"),
        ]  # fmt: skip
        yield from self._found(entry, given, self.measures, "measure", "a measure", "type_params")

    def of_query(self, entry: _Entry) -> Iterator[str]:
        """The metrics that it asks for."""
        said = entry.body.get("query_params")
        if not isinstance(said, Mapping):
            _refuse(entry.patch, f"the saved query `{entry.patch.name}` has no query_params.", "query_params: ...")
        yield from self._found(entry, as_list(said.get("metrics")), self.metrics, "metric", "metrics", "query_params")

    def _found(
        self, entry: _Entry, given: Iterable[Any], there: Mapping[str, str], what: str, needed: str, key: str
    ) -> Iterator[str]:
        for each in given:
            name = str(each.get("name")) if isinstance(each, Mapping) else each
            if name is None:
                _refuse(entry.patch, f"the {_told(entry.kind)} `{entry.patch.name}` needs {needed}.", "", key)
            if name not in there:
                near = difflib.get_close_matches(name, there, n=1)
                raise UnknownNameError(
                    f"the {_told(entry.kind)} `{entry.patch.name}` names the {what} `{name}`, which nothing defines.",
                    hint=f"`{near[0]}` exists." if near else "", path=entry.patch.place.path,
                    line=entry.patch.body.line_of(key),
                )  # fmt: skip
            yield there[name]


def _unique(entries: Iterable[_Entry]) -> dict[str, _Entry]:
    found: dict[str, _Entry] = {}
    for entry in entries:
        if entry.unique_id in found:
            other = found[entry.unique_id].patch.place
            raise DuplicateError(
                f"the {_told(entry.kind)} `{entry.patch.name}` is declared twice: {other.path}:{other.line} and here.",
                path=entry.patch.place.path, line=entry.patch.place.line, hint="keep one of them.",
            )  # fmt: skip
        found[entry.unique_id] = entry
    return found


def _named(entry: _Entry, key: str) -> Iterator[Mapping[str, Any]]:
    """The measures of a semantic model, each of which has a name."""
    for each in entry.body.get(key) or ():
        if not isinstance(each, Mapping) or "name" not in each:
            _refuse(entry.patch, f"an entry of `{key}` of `{entry.patch.name}` has no name.", "- name: ...", key)
        yield each


def _refuse(patch: Patch, message: str, hint: str, key: str = "name") -> NoReturn:
    raise ConfigError(message, hint=hint, path=patch.place.path, line=patch.body.line_of(key))


def _told(kind: SemanticKind) -> str:
    return kind.replace("_", " ")


def _without_filters(value: Any) -> Any:
    """The same mapping without what only the semantic layer's own service renders."""
    if isinstance(value, Mapped):
        kept = Mapped({key: _without_filters(each) for key, each in value.items() if key not in FILTERS})
        kept.line, kept.lines = value.line, value.lines
        return kept
    return [_without_filters(each) for each in value] if isinstance(value, list) else value


def fqn_of(layout: Layout, patch: Patch) -> tuple[str, ...]:
    """By what selectors and dbt_project.yml know something that YAML declares: package, folders, name."""
    path = PurePosixPath(patch.place.path.removeprefix(layout.prefix))
    return (layout.name, *path.parts[1:-1], patch.name)
