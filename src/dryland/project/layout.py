"""Reads dbt_project.yml: the name, the folders and the configuration of a project or package."""

from __future__ import annotations

import copy
import difflib
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dryland.errors import ConfigError
from dryland.project.config import as_list
from dryland.project.deps.versions import DBT, is_for_dbt
from dryland.project.jinja.state import Scope
from dryland.project.jinja.world import Stage
from dryland.project.properties import files_below
from dryland.project.text_file import read_text
from dryland.project.yaml_file import Mapped, read_yaml
from dryland.values import dataclass

if TYPE_CHECKING:
    from dryland.project.jinja.macro import MacroFile
    from dryland.project.jinja.templates import Templates

FILE = "dbt_project.yml"
KEYS = frozenset(
    """
    analysis-paths analyses anchors asset-paths clean-targets config-version data-paths data_tests dbt-cloud dispatch
    docs-paths exposures flags function-paths functions log-path macro-paths macros metrics model-paths models name
    on-run-end on-run-start packages-install-path profile query-comment quoting require-dbt-version restrict-access
    saved-queries seed-paths seeds semantic-models snapshot-paths snapshots source-paths sources sql_header
    target-path test-paths tests unit_tests vars version
    """.split()
)
OLD_PATHS = {"model-paths": "source-paths", "seed-paths": "data-paths"}  # key -> what it was called before
NAME = re.compile(r"[^\d\W]\w*")
RENDERED_LATER = frozenset({"vars", "on-run-start", "on-run-end", "query-comment"})
BUILT_IN_MACROS = Path(__file__).parent / "macros"


@dataclass(frozen=True, slots=True)
class Layout:
    """A project or package: its name, its folders, its dbt_project.yml."""

    name: str
    root: Path
    raw: Mapped
    prefix: str = ""  # of its files' paths in errors: empty for the project itself

    @property
    def version(self) -> str | None:
        """Which version of itself it says it is."""
        return str(self.raw["version"]) if self.raw.get("version") is not None else None

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
        key = f"{kind}-paths"
        said = self.raw.get(key) if key in self.raw else self.raw.get(OLD_PATHS.get(key, key))
        return [str(each) for each in as_list(said)] or default.get(kind, [])

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
        _verify_folders(raw, self.root, self.prefix)
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
    if not NAME.fullmatch(str(raw["name"])):
        raise ConfigError(
            f"`{raw['name']}` is no name for a project.", path=shown, line=raw.line_of("name"),
            hint="letters, digits and underscores, no digit first: macros are called by it.",
        )  # fmt: skip
    for key in raw:
        if key not in KEYS:
            near = difflib.get_close_matches(str(key), sorted(KEYS), n=1)
            raise ConfigError(
                f"`{key}` is not a key of {FILE}.", path=shown, line=raw.line_of(key),
                hint=f"did you mean `{near[0]}`?" if near else "vars and configuration go under their sections.",
            )  # fmt: skip
    for new, old in OLD_PATHS.items():
        if new in raw and old in raw:
            raise ConfigError(
                f"`{old}` is what `{new}` was called before: both are there.", path=shown, line=raw.line_of(old),
                hint=f"keep `{new}`.",
            )  # fmt: skip
    _verify_folders(raw, root, prefix)
    return Layout(str(raw["name"]), root, raw, prefix)


def _verify_folders(raw: Mapped, root: Path, prefix: str) -> None:
    """A folder is seen from the project, as in dbt, and may be beside it; one that the project stands in is a slip."""
    for key in (key for key in raw if key.endswith("-paths")):
        for folder in map(str, as_list(raw[key])):
            above = Path(os.path.normpath(root / folder))
            if Path(folder).is_absolute() or (root.is_relative_to(above) and root != above):
                raise ConfigError(
                    f"`{key}` has `{folder}`, which is no folder of the project.", path=prefix + FILE,
                    line=raw.line_of(key), hint="folders are named as seen from the project: models, ../shared/macros.",
                )  # fmt: skip


def verify_own_folders(layout: Layout) -> None:
    """What is installed reads its own files, and not those of whoever installs it.

    Raises:
        ConfigError: one of its folders is elsewhere.
    """
    for key in (key for key in layout.raw if key.endswith("-paths")):
        for folder in map(str, as_list(layout.raw[key])):
            if not Path(os.path.normpath(layout.root / folder)).is_relative_to(layout.root):
                raise ConfigError(
                    f"`{key}` of the package `{layout.name}` has `{folder}`, which is outside of it.",
                    path=layout.prefix + FILE, line=layout.raw.line_of(key), hint="do not use this package.",
                )  # fmt: skip


def verify_dbt_versions(layouts: Sequence[Layout], environment: Mapping[str, str]) -> None:
    """Dryland does as dbt 1.11 does; a project or package for another dbt says so in `require-dbt-version`.

    Raises:
        ConfigError: one does, and nobody has said as to dbt that it does not matter.
    """
    said = environment.get("DBT_VERSION_CHECK", layouts[0].section("flags").get("version_check", True))
    for layout in layouts if str(said).lower() not in ("false", "0", "no") else ():
        required = [str(each) for each in as_list(layout.raw.get("require-dbt-version"))]
        where: dict[str, Any] = {
            "path": layout.prefix + FILE, "line": layout.raw.line_of("require-dbt-version")
        }  # fmt: skip
        try:
            is_right = is_for_dbt(required)
        except ConfigError as error:
            raise ConfigError(error.message, hint=error.hint, **where) from error
        if not is_right:
            raise ConfigError(
                f"`{layout.name}` is for dbt {' '.join(required)}; Dryland does as dbt {'.'.join(map(str, DBT))} does.",
                hint="is there another version of it? `flags: {version_check: false}` takes it as it is.", **where,
            )  # fmt: skip


def macro_files(layouts: list[Layout]) -> Iterator[MacroFile]:
    """All files that may define macros: Dryland's own, then each package's macros and generic tests."""
    from dryland.project.jinja.macro import BUILT_IN, MacroFile  # brings Jinja, which a kept project does without

    for path in sorted(BUILT_IN_MACROS.glob("*.sql")):
        yield MacroFile(f"<dryland>/{path.name}", read_text(path, path.name), BUILT_IN)
    for layout in layouts:
        folders = [*layout.folders("macro"), *(f"{folder}/generic" for folder in layout.folders("test"))]
        for path in files_below(layout.root, folders, (".sql",)):
            yield MacroFile(layout.shown(path), read_text(path, layout.shown(path)), layout.name)
