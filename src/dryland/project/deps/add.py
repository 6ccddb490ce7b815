"""Lists one more package in packages.yml, and leaves every other line as it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dryland.errors import UsageError
from dryland.project.deps.listing import DEPENDENCIES, PACKAGES
from dryland.project.deps.versions import parse_bounds
from dryland.project.text_file import read_text
from dryland.project.yaml_file import Listed, Mapped, parse_yaml, read_yaml

FORM = re.compile(r"(?P<name>[\w-]+/[\w-]+)@(?P<version>.+)")


@contextmanager
def with_package(root: Path, added: str) -> Iterator[None]:
    """For the time of an installation list `owner/name@version` too; when that fails, the file is as before.

    Raises:
        UsageError: it has another form, is listed already, or the file's list cannot be added to.
    """
    if not added:
        yield
        return
    path = _file(root)
    before = read_text(path, path.name) if path.is_file() else None
    path.write_text(_longer(before or "", added, path.name), encoding="utf-8")
    try:
        yield
    except BaseException:
        if before is None:
            path.unlink()
        else:
            path.write_text(before, encoding="utf-8")
        raise


def _file(root: Path) -> Path:
    dependencies = root / DEPENDENCIES
    is_there = dependencies.is_file() and "packages" in read_yaml(dependencies, DEPENDENCIES)
    return dependencies if is_there else root / PACKAGES


def _longer(text: str, added: str, shown: str) -> str:
    """The file's text with one more entry at the end of its list."""
    match = FORM.fullmatch(added)
    if match is None:
        raise UsageError(f"`{added}` is no package with a version.", hint="--add-package dbt-labs/dbt_utils@1.3.0")
    bounds = [str(bound) for bound in parse_bounds([match["version"]])]
    version = f'"{bounds[0]}"' if len(bounds) == 1 else "[" + ", ".join(f'"{each}"' for each in bounds) + "]"
    listed = parse_yaml(text, shown).get("packages") or Listed()
    other = next((each for each in listed if isinstance(each, Mapped) and each.get("package") == match["name"]), None)
    if other is not None:
        raise UsageError(
            f"{shown}:{other.line} lists `{match['name']}` already.", hint="change its version, then `dryland deps`."
        )
    longer = _inserted(text, listed, (f"- package: {match['name']}", f"  version: {version}"))
    if len(parse_yaml(longer, shown).get("packages") or ()) != len(listed) + 1:
        raise UsageError(
            f"{shown} has its list in a form that cannot be added to.",
            hint=f"add it there yourself: package: {match['name']}, version: {version}",
        )
    return longer


def _inserted(text: str, listed: Listed, entry: tuple[str, str]) -> str:
    """The text with an entry after the last one of its list, as far in as that."""
    lines = text.splitlines()
    if not listed:
        rest = [line for line in lines if not line.startswith("packages:")]
        return "\n".join([*rest, "packages:", *(f"  {line}" for line in entry)]) + "\n"
    last = listed.lines[-1] - 1
    indent = max(lines[last].find("-"), 0)
    end = last + 1
    while end < len(lines) and lines[end].startswith(" " * (indent + 1)):
        end += 1
    return "\n".join([*lines[:end], *(" " * indent + line for line in entry), *lines[end:]]) + "\n"
