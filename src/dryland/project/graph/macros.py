"""Tells macros as dbt writes them into its manifest: each with its own text, cut out of its file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from dryland.project.graph.config import plain
from dryland.project.graph.described import description
from dryland.project.graph.parts import Parts
from dryland.project.jinja.macro import BUILT_IN, MacroFile
from dryland.project.jinja.macro_blocks import BLOCK
from dryland.project.layout import Layout, macro_files
from dryland.project.properties import files_below
from dryland.project.text_file import read_text
from dryland.project.yaml_file import read_yaml

ADAPTER = re.compile(r"adapter\s*=\s*['\"](\w+)['\"]")
LANGUAGES = re.compile(r"supported_languages\s*=\s*\[([^\]]*)\]")
SHOWN = {"show": True, "node_color": None}


def macros(parts: Parts, theirs: Path | None = None) -> Iterator[dict[str, Any]]:
    """The macros of the project and its packages, and those that every project has.

    Those are dbt's own where `theirs` has the folders of an installation of dbt, so that it finds them unchanged
    when it compares; else ours.
    """
    for file in macro_files(list(parts.layouts)):
        if file.package != BUILT_IN:
            layout = parts.by_package[file.package]
            yield from _described(parts, layout, _of_file(file, file.path.removeprefix(layout.prefix), parts.made_at))
        elif theirs is None:
            yield from _of_file(file, file.path, parts.made_at)
    if theirs is not None:
        yield from _of_installation(theirs, parts)


def blocks_of(text: str) -> Iterator[tuple[str, str, str]]:
    """Each macro of a file: its name as dbt knows it, its whole text, and the languages of a materialisation.

    >>> list(blocks_of("{# {% macro no() %} #}{% test odd(model) %}select 1{% endtest %}"))
    [('test_odd', '{% test odd(model) %}select 1{% endtest %}', '')]
    """
    for found in BLOCK.finditer(text.strip()):
        kind, name = found["kind"], found["name"]
        if kind == "macro":
            yield name, found["text"], ""
        elif kind in ("test", "data_test"):
            yield f"test_{name}", found["text"], ""
        elif kind == "materialization":
            adapter = ADAPTER.search(found["rest"])
            spoken = LANGUAGES.search(found["rest"])
            languages = spoken[1] if spoken else "sql"
            yield f"materialization_{name}_{adapter[1] if adapter else 'default'}", found["text"], languages


def _of_file(file: MacroFile, path: str, made_at: float) -> Iterator[dict[str, Any]]:
    for name, text, languages in blocks_of(file.text):
        yield {
            "name": name, "resource_type": "macro", "package_name": file.package, "path": path,
            "original_file_path": path, "unique_id": f"macro.{file.package}.{name}", "macro_sql": text,
            "depends_on": {"macros": []}, "description": "", "meta": {}, "docs": SHOWN,
            "config": {"meta": {}, "docs": SHOWN}, "patch_path": None, "arguments": [], "created_at": made_at,
            "supported_languages": re.findall(r"\w+", languages) or None,
        }  # fmt: skip


def _described(parts: Parts, layout: Layout, made: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """With what YAML says of them, and with the macros that they call."""
    patches = parts.properties[layout.name].macros
    for macro in made:
        macro["depends_on"] = {"macros": _called(parts, layout, macro["name"])}
        patch = patches.get(macro["name"])
        if patch is None:
            yield macro
            continue
        body, config = patch.body, patch.body.get("config") or {}
        meta = plain({**(body.get("meta") or {}), **(config.get("meta") or {})})
        docs = {**SHOWN, **(body.get("docs") or {}), **(config.get("docs") or {})}
        yield {
            **macro, "meta": meta, "docs": docs, "config": {"meta": meta, "docs": docs},
            "description": description(parts, body.get("description"), patch.place, layout.name),
            "patch_path": parts.patch_path(patch, layout.name),
            "arguments": [
                {
                    "name": str(each.get("name", "")), "type": each.get("type"),
                    "description": description(parts, each.get("description"), patch.place, layout.name),
                }
                for each in body.get("arguments") or () if isinstance(each, Mapping)
            ],
        }  # fmt: skip


def _called(parts: Parts, layout: Layout, name: str) -> list[str]:
    macros = parts.templates.macros
    found = macros.find(name, layout.name)
    if found is None:
        return []
    names = sorted(found.macro.uses - {name})
    if "dispatch" in found.macro.uses:
        names += [f"{parts.warehouse.type}__{name}", f"default__{name}"]
    calls = [macros.find(each, package) for each in names for package in (layout.name, "")]
    return list(dict.fromkeys(each.macro.unique_id for each in calls if each is not None))


def _of_installation(theirs: Path, parts: Parts) -> Iterator[dict[str, Any]]:
    """The macros that dbt and the adapter bring, in folders such as `dbt/include/global_project`."""
    for folder in (theirs / "global_project", theirs / parts.warehouse.type):
        file = folder / "dbt_project.yml"
        if not file.is_file():
            continue
        layout = Layout("", folder, read_yaml(file, str(file)))
        tests = [f"{each}/generic" for each in layout.folders("test")]
        for path in files_below(folder, [*layout.folders("macro"), *tests], (".sql",)):
            found = MacroFile(str(path), read_text(path, str(path)), str(layout.raw["name"]))
            yield from _of_file(found, path.relative_to(folder).as_posix(), parts.made_at)
