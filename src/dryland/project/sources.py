"""Reads the sources: tables that somebody else fills, as property files declare them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field, replace
from pathlib import PurePosixPath
from typing import Any

from dryland.engines.relation import Relation
from dryland.errors import ConfigError, DuplicateError
from dryland.project.config import as_list, from_project, merged
from dryland.project.docs import Docs
from dryland.project.external_source import READING_FILES, expression_of
from dryland.project.jinja.state import Scope
from dryland.project.jinja.templates import Templates
from dryland.project.layout import Layout
from dryland.project.nodes import Place, Source
from dryland.project.properties import Patch, Properties, config_of
from dryland.project.quoting import unquoted
from dryland.project.source_freshness import QUERY, Level, asked_of, freshness_of, levels_of
from dryland.project.yaml_file import Mapped
from dryland.values import dataclass

BESIDE_TABLES = ("columns", "data_tests", "tests", "description")  # rendered by their own readers, not with the table


@dataclass(frozen=True, slots=True)
class SourceReader:
    """Knows a project's or package's property files, and makes sources of them."""

    layout: Layout
    properties: Properties
    templates: Templates
    docs: Docs
    database: str  # of sources that name none
    last_word: Mapping[str, Any] = field(default_factory=dict)  # `sources:` of the project, about a package's

    def sources(self) -> Iterator[tuple[Source, Mapped]]:
        """Every enabled source, with the YAML of its table."""
        for patch in self.properties.sources:
            for table in patch.body.get("tables") or ():
                if not isinstance(table, Mapped) or "name" not in table:
                    line = getattr(table, "line", patch.body.line_of("tables"))
                    raise ConfigError(
                        f"a table of the source `{patch.name}` has no name.", path=patch.place.path, line=line,
                        hint="- name: ...",
                    )  # fmt: skip
                source = self._source(patch, table)
                if source is not None:
                    yield source, table

    def _source(self, patch: Patch, table: Mapped) -> Source | None:
        place = Place(patch.place.path, table.line_of("name"))
        body = self._rendered(patch.body, ("tables", "description"), place)
        own = self._rendered(table, BESIDE_TABLES, place)
        name = str(table["name"])
        fqn = (*self._folders(patch), patch.name, name)
        configured, last = from_project(self.layout.section("sources"), fqn), from_project(self.last_word, fqn)
        config = merged(merged(merged(configured, config_of(body)), config_of(own)), last)
        if not config.get("enabled", True):
            return None
        meta = config.get("meta") or {}

        levels = (*levels_of(body, own), *([last] if "freshness" in last else []))
        field, query = asked_of(_with_queries(levels_of(body, own), patch.body, table), configured | last, place)
        return Source(
            unique_id=f"source.{self.layout.name}.{patch.name}.{name}",
            source_name=patch.name,
            name=name,
            package=self.layout.name,
            relation=self._relation(body, own, config, place, source=patch.name, table=name),
            place=place,
            fqn=fqn,
            description=self.docs.described(table.get("description"), place, self.layout.name),
            columns=self.docs.columns(table.get("columns"), name, place, self.layout.name),
            tags=tuple(str(tag) for tag in as_list(config.get("tags"))),
            meta=meta,
            config={**config, QUERY: query} if query else config,
            owner=str(meta.get("owner") or ""),
            loaded_at_field=field,
            loaded_at_query=query,
            freshness=freshness_of(levels, configured.get("freshness"), place),
        )

    def _relation(
        self, body: Mapping[str, Any], own: Mapping[str, Any], config: Mapping[str, Any], place: Place, *,
        source: str, table: str,
    ) -> Relation:  # fmt: skip
        """Where it is; with what stands for a source that is no table, where dbt's adapter knows such sources."""
        relation = Relation(
            str(body.get("database") or self.database),
            str(body.get("schema") or source),
            str(own.get("identifier") or table),
            unquoted=unquoted(body.get("quoting"), own.get("quoting")),
        )
        if self.templates.macros.adapter not in READING_FILES:
            return relation
        return replace(relation, expression=expression_of(table, relation, config, place))

    def _rendered(self, body: Mapped, without: tuple[str, ...], place: Place) -> Mapping[str, Any]:
        scope = Scope(place.path, self.layout.name, line=place.line)
        rendered: Mapping[str, Any] = self.templates.value(
            {key: _unasked(value) for key, value in body.items() if key not in (*without, QUERY)}, scope
        )
        return rendered

    def _folders(self, patch: Patch) -> tuple[str, ...]:
        """The package and the folders of the YAML file: by them dbt_project.yml configures a source."""
        path = PurePosixPath(patch.place.path.removeprefix(self.layout.prefix))
        folders = (PurePosixPath(each) for kind in ("model", "seed") for each in self.layout.folders(kind))
        folder = next((each for each in folders if path.is_relative_to(each)), PurePosixPath())
        return (self.layout.name, *path.relative_to(folder).parent.parts)


def _unasked(value: Any) -> Any:
    """A configuration without the query that is rendered only when the source is asked."""
    if not isinstance(value, Mapped) or QUERY not in value:
        return value
    kept = Mapped({key: each for key, each in value.items() if key != QUERY})
    kept.line, kept.lines = value.line, value.lines
    return kept


def _with_queries(levels: tuple[Level, ...], body: Mapped, table: Mapped) -> tuple[Level, ...]:
    """The levels with the queries that were written there."""
    written = levels_of(body, table)
    return tuple(
        {**level, QUERY: said[QUERY]} if said.get(QUERY) else level
        for level, said in zip(levels, written, strict=True)
    )  # fmt: skip


def unique_sources(sources: Iterator[tuple[Source, Mapped]]) -> dict[str, tuple[Source, Mapped]]:
    """Sources by unique id.

    Raises:
        DuplicateError: two have one name; names both places.
    """
    found: dict[str, tuple[Source, Mapped]] = {}
    for source, table in sources:
        if source.unique_id in found:
            other = found[source.unique_id][0].place
            name = f"{source.source_name}.{source.name}"
            raise DuplicateError(
                f"the source `{name}` is declared twice: {other.path}:{other.line} and here.",
                path=source.place.path, line=source.place.line, hint="keep one of them.",
            )  # fmt: skip
        found[source.unique_id] = source, table
    return found
