"""Reads dbt_project.yml and finds the packages beside it."""

from __future__ import annotations

import copy
import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from dryland.errors import ConfigError
from dryland.project.config import as_list
from dryland.project.jinja.macros import BUILT_IN, MacroFile
from dryland.project.jinja.state import Scope
from dryland.project.jinja.templates import Templates
from dryland.project.jinja.world import Stage
from dryland.project.properties import files_below
from dryland.project.text_file import read_text
from dryland.project.yaml_file import Mapped, read_yaml

FILE = "dbt_project.yml"
KEYS = frozenset(
    """
    analysis-paths analyses anchors asset-paths clean-targets config-version data_tests dispatch docs-paths
    exposures flags function-paths functions log-path macro-paths macros metrics model-paths models name on-run-end
    on-run-start packages-install-path profile query-comment quoting require-dbt-version restrict-access
    saved-queries seed-paths seeds semantic-models snapshot-paths snapshots sources sql_header target-path
    test-paths tests unit_tests vars version
    """.split()
)
RENDERED_LATER = frozenset({"vars", "on-run-start", "on-run-end", "query-comment"})
BUILT_IN_MACROS = Path(__file__).parent / "macros"


@dataclass(frozen=True, slots=True)
class Layout:
    """A project or package: its name, its folders, its dbt_project.yml."""

    name: str
    root: Path
    raw: Mapped
    prefix: str = ""  # of its files' paths in errors: empty for the project itself

    def folders(self, kind: str) -> list[str]:
        """Folders of a kind such as `model`."""
        default = {
            "model": ["models"],
            "seed": ["seeds"],
            "snapshot": ["snapshots"],
            "analysis": ["analyses"],
            "test": ["tests"],
            "macro": ["macros"],
        }
        return [str(each) for each in as_list(self.raw.get(f"{kind}-paths"))] or default.get(kind, [])

    def section(self, name: str) -> Mapping[str, Any]:
        """A configuration section such as `models`."""
        found = self.raw.get(name)
        return found if isinstance(found, Mapping) else {}

    def rendered(self, templates: Templates) -> Layout:
        """The same with the Jinja in its dbt_project.yml rendered, but that of vars and hooks."""
        scope = Scope(self.prefix + FILE, self.name)
        raw = copy.copy(self.raw)
        for key in raw.keys() - RENDERED_LATER:
            where = replace(scope, line=self.raw.line_of(key))
            raw[key] = templates.value(self.raw[key], where, stage=Stage.PROJECT)
        return replace(self, raw=raw)

    def shown(self, path: Path) -> str:
        """A file's path for people."""
        return self.prefix + path.relative_to(self.root).as_posix()


def read_layout(root: Path, prefix: str = "") -> Layout:
    """Read a folder's dbt_project.yml.

    Raises:
        ConfigError: there is none, it has no name, or a key that dbt does not know.
    """
    path = root / FILE
    shown = prefix + FILE
    if not path.is_file():
        raise ConfigError(
            f"there is no {FILE} in {root}.",
            hint="go to your dbt project, or say where it is: -C path. `dryland init` starts one.",
        )
    raw = read_yaml(path, shown)
    if "name" not in raw:
        raise ConfigError("the project has no name.", path=shown, line=1, hint="name: my_project")
    for key in raw:
        if key not in KEYS:
            near = difflib.get_close_matches(str(key), sorted(KEYS), n=1)
            raise ConfigError(
                f"`{key}` is not a key of {FILE}.", path=shown, line=raw.line_of(key),
                hint=f"did you mean `{near[0]}`?" if near else "vars and configuration go under their sections.",
            )  # fmt: skip
    return Layout(str(raw["name"]), root, raw, prefix)


def read_packages(project: Layout) -> list[Layout]:
    """Packages that are already on disk: below dbt_packages, and local ones of packages.yml.

    Raises:
        ConfigError: packages.yml lists one that is not there.
    """
    folder = project.root / str(project.raw.get("packages-install-path") or "dbt_packages")
    installed = [path.parent for path in sorted(folder.glob(f"*/{FILE}"))] if folder.is_dir() else []
    found = [*installed, *_listed(project, len(installed))]
    layouts: dict[str, Layout] = {}
    for path in found:
        prefix = (
            f"{path.relative_to(project.root).as_posix()}/" if path.is_relative_to(project.root) else f"{path.name}/"
        )
        layout = read_layout(path, prefix)
        layouts.setdefault(layout.name, layout)
    return list(layouts.values())


def _listed(project: Layout, installed: int) -> Iterator[Path]:
    """Folders of local packages; the others must be installed, as dbt demands too."""
    for name in ("packages.yml", "dependencies.yml"):
        content = read_yaml(project.root / name, name) if (project.root / name).is_file() else {}
        for entry in content.get("packages") or ():
            line = getattr(entry, "line", 1)
            if "local" in entry:
                path = (project.root / str(entry["local"])).resolve()
                if not (path / FILE).is_file():
                    raise ConfigError(
                        f"the package `{entry['local']}` has no {FILE}.", path=name, line=line,
                        hint="`local:` is a folder, as seen from the project.",
                    )  # fmt: skip
                yield path
            elif not installed:
                wanted = next((str(entry[key]) for key in ("package", "git", "tarball") if key in entry), "a package")
                raise ConfigError(
                    f"{wanted} is not installed.", path=name, line=line, hint="`dbt deps` puts it into dbt_packages."
                )


def macro_files(layouts: list[Layout]) -> Iterator[MacroFile]:
    """All files that may define macros: Dryland's own, then each package's macros and generic tests."""
    for path in sorted(BUILT_IN_MACROS.glob("*.sql")):
        yield MacroFile(f"<dryland>/{path.name}", read_text(path, path.name), BUILT_IN)
    for layout in layouts:
        folders = [*layout.folders("macro"), *(f"{folder}/generic" for folder in layout.folders("test"))]
        for path in files_below(layout.root, folders, (".sql",)):
            yield MacroFile(layout.shown(path), read_text(path, layout.shown(path)), layout.name)
