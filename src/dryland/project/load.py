"""Reads a whole project: files in, `Project` out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from dryland.engines.relation import Relation
from dryland.errors import ConfigError, DuplicateError, UnknownNameError, UnsupportedError
from dryland.project import drafts as reading
from dryland.project.config import as_list, from_project, merged
from dryland.project.data_tests import Tested, TestMaker, unique_checks
from dryland.project.drafts import Draft
from dryland.project.jinja.state import Scope
from dryland.project.jinja.templates import Pass, Templates, World
from dryland.project.layout import Layout, macro_files, read_layout, read_packages
from dryland.project.names import Names
from dryland.project.nodes import (
    Check,
    Export,
    Exposure,
    Group,
    Node,
    Notification,
    Place,
    Project,
    Rendered,
    Settings,
    Source,
    Warehouse,
)
from dryland.project.profiles import from_settings, warehouse_of
from dryland.project.properties import Patch, Properties, columns_of, config_of, read_properties
from dryland.project.python_model import code_hash
from dryland.project.rendering import rendered_hooks, rendered_model, rendered_text
from dryland.project.seeds import read_seed
from dryland.project.settings import SettingsFile, read_settings
from dryland.project.yaml_file import Mapped

MATERIALIZED = ("view", "table", "incremental", "ephemeral")


def load_project(
    root: Path,
    *,
    target: str | None = None,
    profiles_dir: Path | None = None,
    variables: Mapping[str, Any] | None = None,
    environment: Mapping[str, str],
) -> Project:
    """Read the dbt project at `root`, with dryland.yml if there is one.

    Raises:
        ProjectError: whatever must be mended, with file, line and a hint.
    """
    layout = read_layout(root)
    packages = read_packages(layout)
    settings, raw_settings = read_settings(root)
    given = variables or {}
    world = _world(layout, given, environment)
    bare = Templates(world)
    if settings.warehouse is not None:
        section = bare.value(settings.warehouse, Scope("dryland.yml", layout.name), secrets=True)
        warehouse = from_settings(section, "dryland.yml", raw_settings.line_of("warehouse"))
    else:
        profile = str(bare.value(layout.raw.get("profile", layout.name), Scope("dbt_project.yml", layout.name)))
        warehouse = warehouse_of(
            root, profile, target=target, profiles_dir=profiles_dir, environment=environment, templates=bare
        )
    layouts = [layout, *packages]
    templates = Templates(replace(world, target=_target(warehouse), adapter=warehouse.type), list(macro_files(layouts)))
    return _Loading(layout, layouts, templates, warehouse, settings).project()


def _world(layout: Layout, given: Mapping[str, Any], environment: Mapping[str, str]) -> World:
    dispatch = {
        str(each["macro_namespace"]): [str(name) for name in each["search_order"]]
        for each in as_list(layout.raw.get("dispatch"))
    }
    return World(
        project=layout.name,
        target={},
        adapter="duckdb",
        environment=environment,
        variables=layout.section("vars"),
        given_variables=given,
        dispatch=dispatch,
    )


def _target(warehouse: Warehouse) -> dict[str, Any]:
    """What templates may know of the warehouse: nothing secret."""
    return {
        "name": warehouse.target_name,
        "schema": warehouse.schema,
        "database": warehouse.database,
        "dbname": warehouse.database,
        "type": warehouse.type,
        "threads": warehouse.threads,
        "profile_name": warehouse.profile_name,
    }


@dataclass
class _Loading:
    layout: Layout
    layouts: list[Layout]
    templates: Templates
    warehouse: Warehouse
    settings: SettingsFile

    def project(self) -> Project:
        self.properties = {layout.name: self._properties(layout) for layout in self.layouts}
        self.drafts = reading.unique(self._drafts())
        self.sources = dict(self._sources())
        self.names = Names(self.drafts, self.sources, self.layout.name)
        self.names.place(self.templates)
        self.groups = {
            name: self._group(patch) for each in self.properties.values() for name, patch in each.groups.items()
        }
        self.nodes = {uid: self._node(draft) for uid, draft in self.drafts.items() if draft.is_enabled}
        self._verify_relations()
        checks = unique_checks(self._checks())
        return Project(
            name=self.layout.name,
            root=self.layout.root,
            warehouse=self.warehouse,
            nodes=self.nodes,
            sources=self.sources,
            checks=checks,
            exposures={exposure.unique_id: exposure for exposure in self._exposures()},
            groups=self.groups,
            settings=self._settings(),
            on_run_start=self._run_hooks("on-run-start"),
            on_run_end=self._run_hooks("on-run-end"),
            vars=self.layout.section("vars"),
            warnings=self._undefined_patches(),
            templates=self.templates,
        )

    # --- reading -------------------------------------------------------------------------------------------------

    def _properties(self, layout: Layout) -> Properties:
        folders = [folder for kind in ("model", "seed", "test", "macro") for folder in layout.folders(kind)]
        return read_properties(layout.root, list(dict.fromkeys(folders)), layout.prefix, layout.folders("docs"))

    def _drafts(self) -> Iterator[Draft]:
        for layout in self.layouts:
            outer = layout is not self.layout
            properties = self.properties[layout.name]
            reading.refuse_snapshots(layout)
            override = self.layout.section("models") if outer else {}
            yield from reading.read_models(layout, properties, self.templates, override)
            override = self.layout.section("seeds") if outer else {}
            yield from reading.read_seed_drafts(layout, properties, override)

    def _sources(self) -> Iterator[tuple[str, Source]]:
        seen: dict[str, Place] = {}
        for layout in self.layouts:
            for patch in self.properties[layout.name].sources:
                for table in patch.body.get("tables") or ():
                    source = self._source(patch, table, layout)
                    if source is None:
                        continue
                    if source.unique_id in seen:
                        other = seen[source.unique_id]
                        raise DuplicateError(
                            f"the source `{source.source_name}.{source.name}` is declared twice: "
                            f"{other.path}:{other.line} and here.",
                            path=source.place.path,
                            line=source.place.line,
                        )
                    seen[source.unique_id] = source.place
                    yield source.unique_id, source

    def _source(self, patch: Patch, table: Mapped, layout: Layout) -> Source | None:
        place = Place(patch.place.path, table.line_of("name"))
        scope = Scope(place.path, layout.name, line=place.line)
        body = self.templates.value({key: value for key, value in patch.body.items() if key != "tables"}, scope)
        name = str(table["name"])
        fqn = (layout.name, patch.name, name)
        config = from_project(layout.section("sources"), fqn)
        config = merged(merged(config, config_of(body)), config_of(table))
        if not config.get("enabled", True):
            return None
        own = self.templates.value(
            {key: value for key, value in table.items() if key not in ("columns", "data_tests", "tests")}, scope
        )
        documented = Patch(name, place, table)
        meta = config.get("meta") or {}
        return Source(
            unique_id=f"source.{layout.name}.{patch.name}.{name}",
            source_name=patch.name,
            name=name,
            package=layout.name,
            relation=Relation(
                str(body.get("database") or self.warehouse.database),
                str(body.get("schema") or patch.name),
                str(own.get("identifier") or name),
            ),
            place=place,
            fqn=fqn,
            description=self.properties[layout.name].described(own.get("description"), place),
            columns=columns_of(documented, self.properties[layout.name]),
            tags=tuple(str(tag) for tag in as_list(config.get("tags"))),
            meta=meta,
            config=config,
            owner=str(meta.get("owner") or ""),
            loader=str(own.get("loader") or body.get("loader") or ""),
            loaded_at_field=str(
                own.get("loaded_at_field") or config.get("loaded_at_field") or body.get("loaded_at_field") or ""
            ),
            freshness=own.get("freshness") or config.get("freshness") or body.get("freshness") or {},
        )

    # --- nodes ---------------------------------------------------------------------------------------------------

    def _node(self, draft: Draft) -> Node:
        config, patch = draft.config, draft.patch
        properties = self.properties[draft.package]
        place = patch.place if patch else draft.place
        meta = config.get("meta") or {}
        group = str(config.get("group") or "")
        contents = self._contents(draft)
        return Node(
            unique_id=draft.unique_id,
            kind=draft.kind,
            name=draft.name,
            package=draft.package,
            place=draft.place,
            language=draft.language,  # type: ignore[arg-type]
            raw=draft.raw,
            relation=self.names.relations[draft.unique_id],
            fqn=draft.fqn,
            config=config,
            description=properties.described(patch.body.get("description") if patch else "", place),
            columns=columns_of(patch, properties),
            tags=tuple(str(tag) for tag in as_list(config.get("tags"))),
            meta=meta,
            owner=str(meta.get("owner") or (self.groups[group].owner.get("name", "") if group in self.groups else "")),
            group=group,
            access=str(config.get("access") or "protected"),
            version=draft.version,
            constraints=tuple(dict(each) for each in (patch.body.get("constraints") if patch else None) or ()),
            pre_hooks=rendered_hooks(draft, "pre-hook", self.names, self.templates),
            post_hooks=rendered_hooks(draft, "post-hook", self.names, self.templates),
            patch=patch.place if patch else None,
            **contents,
        )

    def _contents(self, draft: Draft) -> dict[str, Any]:
        """What depends on the language: SQL and its incremental form, Python, or a seed's file."""
        if draft.kind == "seed":
            path = draft.layout.root / draft.place.path.removeprefix(draft.layout.prefix)
            seed = read_seed(path, draft.place.path, str(draft.config.get("delimiter", ",")))
            return {
                "materialized": "seed",
                "file_hash": seed.file_hash,
                "seed_columns": seed.columns,
                "seed_hashes": seed.hashes,
                "seed_rows": seed.rows,
                "file": path,
            }
        materialized = str(draft.config.get("materialized") or "view")
        if materialized not in MATERIALIZED:
            raise UnsupportedError(
                f"`materialized: {materialized}` is not supported yet.",
                path=draft.place.path,
                line=1,
                hint=f"there are: {', '.join(MATERIALIZED)}.",
            )
        if draft.language == "python":
            refs = [self._python_ref(draft, *key, line=line) for key, line in draft.python.refs.items()]
            sources = [self.names.source(*key, asking=draft.scope)[0] for key in draft.python.sources]
            kept = "incremental" if materialized == "incremental" else "table"
            return {
                "materialized": kept,
                "file_hash": draft.file_hash,
                "template_hash": code_hash(draft.raw),
                "rendered": Rendered("", {}, tuple(refs), tuple(sources)),
            }
        rendered = rendered_model(draft, self.names, self.templates)
        incremental = None
        if materialized == "incremental" and draft.state and draft.state.asked_incremental:
            incremental = rendered_model(draft, self.names, self.templates, is_incremental=True)
        elif materialized == "incremental":
            incremental = rendered
        return {
            "materialized": materialized,
            "file_hash": draft.file_hash,
            "rendered": rendered,
            "rendered_incremental": incremental,
            "template_hash": self.templates.template_hash(draft.raw),
        }

    def _python_ref(self, draft: Draft, name: str, package: str, version: str, line: int) -> str:
        try:
            return self.names.ref(name, package, version, asking=draft.scope)[0]
        except UnknownNameError as error:
            raise UnknownNameError(error.message, hint=error.hint, path=draft.place.path, line=line) from error

    def _verify_relations(self) -> None:
        """Two nodes must not be published under one name."""
        seen: dict[Relation, Node] = {}
        for node in self.nodes.values():
            if node.materialized == "ephemeral":
                continue
            other = seen.setdefault(node.relation, node)
            if other is not node:
                raise DuplicateError(
                    f"{other.place.path} and {node.place.path} are both published as {node.relation}.",
                    path=node.place.path,
                    line=1,
                    hint="give one of them an `alias` or another `schema`.",
                )

    # --- checks, exposures, the rest -----------------------------------------------------------------------------

    def _checks(self) -> Iterator[Check]:
        maker = TestMaker(
            {layout.name: layout for layout in self.layouts},
            self.templates,
            self.names,
            self._seen_through,
            self.layout.name,
        )
        for node in self.nodes.values():
            patch = self.drafts[node.unique_id].patch
            if patch:
                ephemeral = node.materialized == "ephemeral"
                relation = f"__dbt__cte__{node.relation.name}" if ephemeral else node.relation
                name = f"{node.name}_v{node.version.replace('.', '_')}" if node.version else node.name
                tested = Tested(node.unique_id, name, relation, node.package, node.fqn, patch.place)
                yield from maker.of_entry(patch.body, tested)
        for layout in self.layouts:
            properties = self.properties[layout.name]
            for patch in properties.sources:
                for table in patch.body.get("tables") or ():
                    source = self.sources.get(f"source.{layout.name}.{patch.name}.{table['name']}")
                    if source:
                        tested = Tested(
                            source.unique_id,
                            f"{source.source_name}_{source.name}",
                            source.relation,
                            layout.name,
                            source.fqn,
                            source.place,
                            prefix="source_",
                        )
                        yield from maker.of_entry(table, tested)
            if layout is self.layout:
                yield from maker.singular(layout, properties)

    def _seen_through(self, unique_id: str) -> tuple[str, ...]:
        node = self.nodes.get(unique_id)
        if node is None or node.materialized != "ephemeral":
            return (unique_id,)
        return tuple(dict.fromkeys(each for read in node.depends_on for each in self._seen_through(read)))

    def _exposures(self) -> Iterator[Exposure]:
        for patch in self.properties[self.layout.name].exposures:
            body, scope = patch.body, Scope(patch.place.path, self.layout.name, line=patch.place.line)
            config = config_of(body)
            if not config.get("enabled", True):
                continue
            yield Exposure(
                unique_id=f"exposure.{self.layout.name}.{patch.name}",
                name=patch.name,
                package=self.layout.name,
                place=patch.place,
                fqn=(self.layout.name, patch.name),
                type=str(body.get("type") or ""),
                label=str(body.get("label") or ""),
                description=self.properties[self.layout.name].described(body.get("description"), patch.place),
                url=str(body.get("url") or ""),
                maturity=str(body.get("maturity") or ""),
                owner=dict(body.get("owner") or {}),
                depends_on=tuple(self._depends_on(body.get("depends_on") or (), scope)),
                tags=tuple(str(tag) for tag in as_list(config.get("tags"))),
                meta=config.get("meta") or {},
            )

    def _depends_on(self, texts: Any, scope: Scope) -> Iterator[str]:
        for text in texts:
            try:
                _, state = self.templates.argument(str(text), scope, {}, Pass(resolver=self.names))
            except UnknownNameError as error:
                raise UnknownNameError(error.message, hint=error.hint, path=scope.path, line=scope.line) from error
            yield from (self.names.ref(*key, asking=scope)[0] for key in state.refs)
            yield from (self.names.source(*key, asking=scope)[0] for key in state.sources)

    def _group(self, patch: Patch) -> Group:
        return Group(patch.name, dict(patch.body.get("owner") or {}))

    def _run_hooks(self, key: str) -> tuple[Rendered, ...]:
        scope = Scope("dbt_project.yml", self.layout.name, line=self.layout.raw.line_of(key))
        texts = as_list(self.layout.raw.get(key))
        found = (rendered_text(str(text), scope, {}, self.names, self.templates) for text in texts)
        return tuple(hook for hook in found if hook.sql.strip())

    def _undefined_patches(self) -> tuple[str, ...]:
        """YAML about models that do not exist: dbt warns of it, and so do we."""
        properties = self.properties[self.layout.name]
        names = {draft.name for draft in self.drafts.values()}
        patches = [*properties.models.values(), *properties.seeds.values()]
        return tuple(
            f"{patch.place.path}:{patch.place.line} describes `{patch.name}`, which no file defines"
            for patch in patches
            if patch.name not in names
        )

    def _settings(self) -> Settings:
        file = self.settings
        scope = Scope("dryland.yml", self.layout.name)
        value: Callable[[str], str] = lambda text: str(self.templates.value(text, scope, secrets=True))  # noqa: E731
        return Settings(
            state_url=value(file.state),
            store_schema=file.store_schema,
            default_environment=file.default_environment,
            volatile=file.volatile,
            views_over_sources=file.views_over_sources,
            releases_kept=file.retention.releases,
            threads=file.threads,
            retries=file.retries,
            timeout_s=file.timeout,
            exports=tuple(
                Export(each.name, self._exported(each.model), value(each.to), each.table) for each in file.exports
            ),
            notifications=tuple(
                Notification(each.name, tuple(each.on), value(each.webhook), each.file) for each in file.notifications
            ),
        )

    def _exported(self, name: str) -> str:
        try:
            return self.names.ref(name, "", "", asking=Scope("dryland.yml", self.layout.name))[0]
        except UnknownNameError as error:
            raise ConfigError(f"an export {error.message}", path="dryland.yml", hint=error.hint) from error
