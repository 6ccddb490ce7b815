"""Collects what property YAML says of models, seeds, sources, exposures and groups, with its places."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import field
from pathlib import Path
from typing import Any

from dryland.errors import ConfigError, DuplicateError
from dryland.project.config import merged
from dryland.project.docs import blocks_of
from dryland.project.nodes import Place
from dryland.project.text_file import read_text
from dryland.project.watching import Watching, unwatched
from dryland.project.yaml_file import Mapped, read_yaml
from dryland.values import dataclass

SECTIONS = frozenset(
    """
    analyses anchors data_tests exposures functions groups macros metrics models montecarlo saved_queries seeds
    semantic_models snapshots sources tests unit_tests version
    """.split()
)
UNREAD = frozenset({"functions"})
IGNORE_FILE = ".dbtignore"


@dataclass(frozen=True, slots=True)
class Patch:
    """What YAML says of one model, seed or snapshot."""

    name: str
    place: Place
    body: Mapped
    package: str = ""  # whose file it stands in, where that is not the node's own package


@dataclass
class Properties:
    """Everything that property files say."""

    models: dict[str, Patch] = field(default_factory=dict)
    seeds: dict[str, Patch] = field(default_factory=dict)
    snapshots: dict[str, Patch] = field(default_factory=dict)
    sources: list[Patch] = field(default_factory=list)  # one per source, with its tables
    exposures: list[Patch] = field(default_factory=list)
    groups: dict[str, Patch] = field(default_factory=dict)
    singular: dict[str, Patch] = field(default_factory=dict)  # of data tests in files of their own
    unit_tests: list[Patch] = field(default_factory=list)
    macros: dict[str, Patch] = field(default_factory=dict)
    analyses: dict[str, Patch] = field(default_factory=dict)
    docs: dict[str, str] = field(default_factory=dict)
    semantic_models: list[Patch] = field(default_factory=list)
    metrics: list[Patch] = field(default_factory=list)
    saved_queries: list[Patch] = field(default_factory=list)
    monte_carlo: list[tuple[Any, Place]] = field(default_factory=list)  # its monitors, as they stand in files
    unread: dict[str, list[Patch]] = field(default_factory=dict)  # sections that Dryland does nothing with


def read_properties(
    root: Path, folders: Iterable[str], prefix: str = "", docs: Iterable[str] = (), watching: Watching = unwatched
) -> Properties:
    """Read every YAML file below these folders of a project or package, and every Markdown file below `docs`."""
    found = Properties()
    for path in files_below(root, docs or folders, (".md",)):
        found.docs |= blocks_of(read_text(path, prefix + path.relative_to(root).as_posix()))
    paths = [*files_below(root, folders, (".yml", ".yaml"))]
    with watching(len(paths), "what YAML says") as tell:
        for path in paths:
            _read_file(found, path, prefix + path.relative_to(root).as_posix())
            tell(1)
    return found


def files_below(root: Path, folders: Iterable[str], endings: tuple[str, ...]) -> Iterator[Path]:
    """Files with these endings, in a fixed order, each once; not those that `.dbtignore` names.

    Raises:
        ConfigError: a link leads out of the project.
    """
    seen: set[Path] = set()
    is_ignored = _ignoring(root)
    for folder in folders:
        for path in sorted((root / folder).rglob("*")) if (root / folder).is_dir() else ():
            if not path.suffix and path.is_symlink() and path.is_dir() and not is_ignored(path):
                raise ConfigError(
                    "the folder is a link, and would not be looked into.", path=path.relative_to(root).as_posix(),
                    hint="name the folder that it leads to in `model-paths` and its like.",
                )  # fmt: skip
            if path.suffix.lower() in endings and path.is_file() and path not in seen and not is_ignored(path):
                if path.is_symlink() and not path.resolve().is_relative_to(root.resolve()):
                    raise ConfigError("the file is a link out of the project.", path=path.relative_to(root).as_posix())
                seen.add(path)
                yield path


def _ignoring(root: Path) -> Callable[[Path], bool]:
    """Whether a project's `.dbtignore` names a file: patterns as in `.gitignore`, seen from its root."""
    file = root / IGNORE_FILE
    if not file.is_file():
        return lambda path: False
    from pathspec import PathSpec  # here, for few projects have one

    try:
        spec = PathSpec.from_lines("gitignore", read_text(file, IGNORE_FILE).splitlines())
    except ValueError as error:
        raise ConfigError(
            f"{error}.", path=IGNORE_FILE, hint="write patterns as .gitignore has them: models/old/, *.bak.sql"
        ) from error
    return lambda path: spec.match_file(path.relative_to(root).as_posix())


def config_of(body: Mapping[str, Any]) -> dict[str, Any]:
    """The configuration in a patch: its `config:`, and the keys that dbt allows beside it."""
    beside = {key: body[key] for key in ("meta", "tags", "access", "group", "docs", "enabled") if key in body}
    return merged(beside, body.get("config") or {})


def node_config_of(body: Mapping[str, Any]) -> dict[str, Any]:
    """The same of a model, seed, snapshot or analysis: dbt passes over `tags` and `enabled` beside their `config:`."""
    beside = {key: body[key] for key in ("meta", "access", "group", "docs", "contract") if key in body}
    return merged(beside, body.get("config") or {})


def _read_file(found: Properties, path: Path, shown: str) -> None:
    content = read_yaml(path, shown)
    unknown = sorted(set(content) - SECTIONS)
    if unknown:
        raise ConfigError(
            f"`{unknown[0]}` is not a section of a property file.", path=shown, line=content.line_of(unknown[0]),
            hint=f"there are: {', '.join(sorted(SECTIONS - {'version'}))}.",
        )  # fmt: skip
    for patch in _entries(content, "models", shown):
        _add(found.models, patch)
    for patch in _entries(content, "seeds", shown):
        _add(found.seeds, patch)
    for patch in _entries(content, "snapshots", shown):
        _add(found.snapshots, patch)
    for section in ("data_tests", "tests"):
        for patch in _entries(content, section, shown):
            _add(found.singular, patch)
    for patch in _entries(content, "macros", shown):
        found.macros.setdefault(patch.name, patch)
    for patch in _entries(content, "analyses", shown):
        found.analyses.setdefault(patch.name, patch)
    for patch in _entries(content, "groups", shown):
        _add(found.groups, patch)
    if "montecarlo" in content:
        found.monte_carlo.append((content["montecarlo"], Place(shown, content.line_of("montecarlo"))))
    for section in UNREAD & content.keys():
        found.unread.setdefault(section, []).extend(_entries(content, section, shown))
    found.sources.extend(_entries(content, "sources", shown))
    found.exposures.extend(_entries(content, "exposures", shown))
    found.semantic_models.extend(_entries(content, "semantic_models", shown))
    found.metrics.extend(_entries(content, "metrics", shown))
    found.saved_queries.extend(_entries(content, "saved_queries", shown))
    found.unit_tests.extend(_entries(content, "unit_tests", shown))


def _entries(content: Mapped, section: str, shown: str) -> Iterator[Patch]:
    entries = content.get(section) or []
    if not isinstance(entries, list):
        raise ConfigError(
            f"`{section}` is a list.", path=shown, line=content.line_of(section), hint="start each with `- name:`."
        )
    for body in entries:
        if not isinstance(body, Mapped) or "name" not in body:
            line = getattr(body, "line", content.line_of(section))
            raise ConfigError(f"an entry of `{section}` has no name.", path=shown, line=line, hint="- name: ...")
        yield Patch(str(body["name"]), Place(shown, body.line_of("name")), body)


def by_name(patches: Iterable[Patch]) -> dict[str, Patch]:
    """Patches by name.

    Raises:
        DuplicateError: two have one name; names both places.
    """
    found: dict[str, Patch] = {}
    for patch in patches:
        _add(found, patch)
    return found


def _add(patches: dict[str, Patch], patch: Patch) -> None:
    if patch.name in patches:
        other = patches[patch.name].place
        raise DuplicateError(
            f"`{patch.name}` is described twice: {other.path}:{other.line} and here.",
            path=patch.place.path, line=patch.place.line, hint="keep one of them.",
        )  # fmt: skip
    patches[patch.name] = patch
