"""Reads each model, seed and snapshot once: a draft, with what its template asked for, before names are known."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from dryland.errors import DuplicateError
from dryland.project.config import from_project, merged
from dryland.project.jinja.state import Scope, State
from dryland.project.jinja.templates import Templates
from dryland.project.jinja.world import Pass
from dryland.project.layout import Layout
from dryland.project.model_versions import versions_of
from dryland.project.nodes import NodeKind, Place
from dryland.project.properties import Patch, Properties, files_below, node_config_of
from dryland.project.python_model import PythonScan, scan_python_model
from dryland.project.text_file import read_text


@dataclass
class Draft:
    """A node on its way."""

    unique_id: str
    kind: NodeKind
    name: str
    package: str
    place: Place
    language: str
    raw: str
    file_hash: str
    fqn: tuple[str, ...]
    config: dict[str, Any]
    layout: Layout
    patch: Patch | None = None
    version: str = ""
    sql: str = ""
    state: State | None = None  # of the first rendering
    last_word: Mapping[str, Any] = field(default_factory=dict)  # of the project about a package's node
    python: PythonScan = field(default_factory=PythonScan)

    @property
    def scope(self) -> Scope:
        """Where its templates are."""
        model = {
            "alias": self.config.get("alias") or self.name,
            "fqn": list(self.fqn),
            "tags": self.config.get("tags") or [],
            "resource_type": self.kind,
            "package_name": self.package,
            "version": self.version or None,
            "original_file_path": self.place.path,
            "schema": "",
            "database": "",
        }
        return Scope(self.place.path, self.package, self.unique_id, self.name, model=model)

    @property
    def is_enabled(self) -> bool:
        """Whether the project wants it."""
        return bool(self.last_word.get("enabled", self.config.get("enabled", True)))


def read_models(
    layout: Layout, properties: Properties, templates: Templates, override: Mapping[str, Any]
) -> Iterator[Draft]:
    """Drafts of a project's models; `override` is what the main project configures for a package's."""
    versions = versions_of(properties)
    for folder in layout.folders("model"):
        for path in files_below(layout.root, [folder], (".sql", ".py")):
            patch, version, name = versions.get(path.stem, (properties.models.get(path.stem), "", path.stem))
            inner = path.relative_to(layout.root / folder)
            fqn = (layout.name, *inner.parent.parts, name, *([f"v{version}"] if version else []))
            suffix = f".v{version}" if version else ""
            draft = Draft(
                unique_id=f"model.{layout.name}.{name}{suffix}",
                kind="model",
                name=name,
                package=layout.name,
                place=Place(layout.shown(path)),
                language="python" if path.suffix == ".py" else "sql",
                raw=read_text(path, layout.shown(path)),
                file_hash="",
                fqn=fqn,
                config=configured(layout.section("models"), fqn, patch, templates),
                last_word=from_project(override, fqn),
                layout=layout,
                patch=patch,
                version=version,
            )
            yield scanned(draft, templates)


def texts_of_models(layout: Layout) -> Iterator[tuple[str, str]]:
    """What stands in the files of SQL models, and the path of each as it is shown."""
    for path in files_below(layout.root, layout.folders("model"), (".sql",)):
        yield read_text(path, layout.shown(path)), layout.shown(path)


def read_seed_drafts(
    layout: Layout, properties: Properties, templates: Templates, override: Mapping[str, Any]
) -> Iterator[Draft]:
    """Drafts of a project's seeds."""
    for folder in layout.folders("seed"):
        for path in files_below(layout.root, [folder], (".csv",)):
            patch = properties.seeds.get(path.stem)
            fqn = (layout.name, *path.relative_to(layout.root / folder).parent.parts, path.stem)
            yield Draft(
                unique_id=f"seed.{layout.name}.{path.stem}",
                kind="seed",
                name=path.stem,
                package=layout.name,
                place=Place(layout.shown(path)),
                language="csv",
                raw="",
                file_hash="",
                fqn=fqn,
                config=merged(configured(layout.section("seeds"), fqn, patch, templates), from_project(override, fqn)),
                layout=layout,
                patch=patch,
            )


def unique(drafts: Iterator[Draft]) -> dict[str, Draft]:
    """Drafts by unique id; one that nobody wants makes way for one that somebody does.

    Raises:
        DuplicateError: two files make the same node; names both.
    """
    found: dict[str, Draft] = {}
    for draft in drafts:
        other = found.get(draft.unique_id)
        if other is not None and not draft.is_enabled:
            continue
        if other is not None and other.is_enabled:
            raise DuplicateError(
                f"two files make `{draft.name}`: {other.place.path} and {draft.place.path}.",
                path=draft.place.path,
                line=1,
                hint="rename one of them; the name is the file's.",
            )
        found[draft.unique_id] = draft
    return found


def scanned(draft: Draft, templates: Templates) -> Draft:
    """The draft after its first rendering; its file may switch it on, but for what the project has the last word on."""
    if not draft.last_word.get("enabled", True):
        return draft
    if draft.language == "python":
        draft.python = scan_python_model(draft.raw, draft.place.path)
        draft.config = merged(draft.config, draft.python.config)
    else:
        known = merged(draft.config, draft.last_word)
        draft.sql, draft.state = templates.render(draft.raw, draft.scope, known, Pass())
        for declared in draft.state.called_config:
            draft.config = merged(draft.config, declared)
    draft.config = merged(draft.config, draft.last_word)
    draft.file_hash = hashlib.blake2b(draft.raw.encode(), digest_size=8).hexdigest()
    return draft


def configured(
    section: Mapping[str, Any],
    fqn: tuple[str, ...],
    patch: Patch | None,
    templates: Templates,
) -> dict[str, Any]:
    """What dbt_project.yml and YAML properties configure, before the file itself has its say."""
    config = from_project(section, fqn)
    if patch is None:
        return config
    scope = Scope(patch.place.path, fqn[0], line=patch.place.line)
    return merged(config, templates.value(node_config_of(patch.body), scope))
