"""Reads dbt_project.yml and finds the packages beside it."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dryland.errors import ConfigError
from dryland.project.config import as_list
from dryland.project.jinja.macros import BUILT_IN, MacroFile
from dryland.project.properties import files_below
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
            "test": ["tests"],
            "macro": ["macros"],
        }
        return [str(each) for each in as_list(self.raw.get(f"{kind}-paths"))] or default.get(kind, [])

    def section(self, name: str) -> Mapping[str, Any]:
        """A configuration section such as `models`."""
        found = self.raw.get(name)
        return found if isinstance(found, Mapping) else {}

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
    """Packages that are already on disk: below dbt_packages, and local ones of packages.yml."""
    folder = project.root / str(project.raw.get("packages-install-path") or "dbt_packages")
    found = [path.parent for path in sorted(folder.glob(f"*/{FILE}"))] if folder.is_dir() else []
    for name in ("packages.yml", "dependencies.yml"):
        if (project.root / name).is_file():
            listed = read_yaml(project.root / name, name).get("packages") or []
            found += [(project.root / each["local"]).resolve() for each in listed if "local" in each]
    layouts: dict[str, Layout] = {}
    for path in found:
        prefix = (
            f"{path.relative_to(project.root).as_posix()}/" if path.is_relative_to(project.root) else f"{path.name}/"
        )
        layout = read_layout(path, prefix)
        layouts.setdefault(layout.name, layout)
    return list(layouts.values())


def macro_files(layouts: list[Layout]) -> Iterator[MacroFile]:
    """All files that may define macros: Dryland's own, then each package's macros and generic tests."""
    for path in sorted(BUILT_IN_MACROS.glob("*.sql")):
        yield MacroFile(f"<dryland>/{path.name}", path.read_text(encoding="utf-8"), BUILT_IN)
    for layout in layouts:
        folders = [*layout.folders("macro"), *(f"{folder}/generic" for folder in layout.folders("test"))]
        for path in files_below(layout.root, folders, (".sql",)):
            yield MacroFile(layout.shown(path), path.read_text(encoding="utf-8"), layout.name)
