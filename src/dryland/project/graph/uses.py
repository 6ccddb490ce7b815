"""Tells exposures, groups, unit tests and docs blocks as dbt writes them into its manifest."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from dryland.project.config import from_project, merged
from dryland.project.docs import blocks_of
from dryland.project.graph.config import full_config, plain, unrendered
from dryland.project.graph.described import description
from dryland.project.graph.parts import Parts
from dryland.project.graph.references import Refs, Sources, meant, number, written_references
from dryland.project.jinja.state import Scope
from dryland.project.jinja.world import Pass
from dryland.project.layout import Layout
from dryland.project.properties import Patch, config_of, files_below
from dryland.project.text_file import read_text

LATER = ("depends_on", "description")


def exposures(parts: Parts) -> Iterator[dict[str, Any]]:
    """Every exposure, disabled ones too."""
    for layout, patch in parts.entries("exposures"):
        yield _exposure(parts, layout, patch)


def _exposure(parts: Parts, layout: Layout, patch: Patch) -> dict[str, Any]:
    scope = Scope(patch.place.path, layout.name, line=patch.place.line)
    body = parts.templates.value({key: value for key, value in patch.body.items() if key not in LATER}, scope)
    file = _file(parts, layout, patch)
    fqn = (layout.name, *PurePosixPath(file["path"]).parts[:-1], patch.name)
    config = full_config("exposure", merged(from_project(layout.section("exposures"), fqn), config_of(body)))
    refs, sources = _asked(parts, patch.body.get("depends_on") or (), scope)
    return {
        "name": patch.name, "resource_type": "exposure", "package_name": layout.name, **file,
        "unique_id": f"exposure.{layout.name}.{patch.name}", "fqn": list(fqn), "type": body.get("type"),
        "owner": _owner(body.get("owner")),
        "description": description(parts, patch.body.get("description"), patch.place, layout.name),
        "label": body.get("label"), "maturity": body.get("maturity"), "meta": config["meta"],
        "tags": sorted(set(config["tags"])), "config": {**config, "tags": sorted(set(config["tags"]))},
        "unrendered_config": unrendered(parts, "exposure", fqn, body.get("config") or {}), "url": body.get("url"),
        "depends_on": {"macros": [], "nodes": meant(parts, scope, refs, sources) if config["enabled"] else []},
        **written_references(refs, sources), "metrics": [], "created_at": parts.made_at,
    }  # fmt: skip


def groups(parts: Parts) -> Iterator[dict[str, Any]]:
    """Every group, with its owner."""
    for layout, patch in parts.entries("groups"):
        config = plain(patch.body.get("config") or {})
        yield {
            "name": patch.name, "resource_type": "group", "package_name": layout.name,
            **_file(parts, layout, patch), "unique_id": f"group.{layout.name}.{patch.name}",
            "owner": _owner(patch.body.get("owner")), "description": patch.body.get("description"),
            "config": {"meta": {}, **config},
        }  # fmt: skip


def unit_tests(parts: Parts) -> Iterator[dict[str, Any]]:
    """Every unit test, as it is written."""
    for layout in parts.layouts:
        listed = getattr(parts.properties[layout.name], "unit_tests", None)
        if listed is None:
            listed = parts.properties[layout.name].unread.get("unit_tests", [])
        for patch in listed.values() if isinstance(listed, Mapping) else listed:
            yield from _unit_tests(parts, layout, patch)


def _unit_tests(parts: Parts, layout: Layout, patch: Patch) -> Iterator[dict[str, Any]]:
    body = patch.body
    about = str(body.get("model", ""))
    drafts = [d for d in parts.drafts.values() if d.name == about and d.package == layout.name and d.kind == "model"]
    wanted = body.get("versions") or {}
    for draft in drafts:
        version = number(draft.version)
        if ("include" in wanted and version not in wanted["include"]) or version in (wanted.get("exclude") or ()):
            continue
        yield _unit_test(parts, layout, patch, draft)


def _unit_test(parts: Parts, layout: Layout, patch: Patch, draft: Any) -> dict[str, Any]:
    body, about = patch.body, draft.name
    suffix = f"_v{draft.version}" if draft.version else ""
    file = _file(parts, layout, patch)
    folders = PurePosixPath(file["path"]).parts[:-1]
    fqn = (layout.name, *folders, about, *([f"v{draft.version}"] if draft.version else []), patch.name)
    config = merged(from_project(layout.section("unit_tests"), fqn), config_of(body))
    given = [_fixture(layout, each, is_input=True) for each in body.get("given") or ()]
    expect = _fixture(layout, body.get("expect") or {}, is_input=False)
    overrides = _overrides(body.get("overrides"))
    found = {
        "model": about, "given": given, "expect": expect, "name": patch.name, "resource_type": "unit_test",
        "package_name": layout.name, **file,
        "unique_id": f"unit_test.{layout.name}.{about}.{patch.name}{suffix}", "fqn": list(fqn),
        "description": description(parts, body.get("description"), patch.place, layout.name),
        "overrides": overrides, "depends_on": {"macros": [], "nodes": [draft.unique_id]},
        "config": full_config("unit_test", config), "schema": parts.relation(draft).schema,
        "created_at": parts.made_at, "versions": plain(body.get("versions")), "version": number(draft.version),
    }  # fmt: skip
    return {**found, "checksum": _unit_checksum(found)}


def docs(parts: Parts) -> Iterator[dict[str, Any]]:
    """Every docs block, with the file it stands in."""
    kinds = ("model", "seed", "snapshot", "analysis", "macro", "test")
    for layout in parts.layouts:
        declared = layout.folders("docs") or [folder for kind in kinds for folder in layout.folders(kind)]
        for folder in dict.fromkeys(declared):
            for path in files_below(layout.root, [folder], (".md",)):
                yield from _blocks(parts, layout, layout.shown(path), path.relative_to(layout.root / folder).as_posix())


def _blocks(parts: Parts, layout: Layout, shown: str, inner: str) -> Iterator[dict[str, Any]]:
    scope = Scope(shown, layout.name)
    for name, text in blocks_of(read_text(layout.root / parts.original_path(shown, layout.name), shown)).items():
        yield {
            "name": name, "resource_type": "doc", "package_name": layout.name, "path": inner,
            "original_file_path": parts.original_path(shown, layout.name), "unique_id": f"doc.{layout.name}.{name}",
            "block_contents": _rendered(parts, text, scope),
        }  # fmt: skip


def _rendered(parts: Parts, text: str, scope: Scope) -> str:
    return parts.templates.render(text, scope, {}, Pass())[0] if "{{" in text else text


def _file(parts: Parts, layout: Layout, patch: Patch) -> dict[str, str]:
    original = parts.original_path(patch.place.path, layout.name)
    inner = PurePosixPath(original)
    return {"path": PurePosixPath(*inner.parts[1:]).as_posix(), "original_file_path": original}


def _owner(said: Any) -> dict[str, Any]:
    return {"email": None, "name": None, **plain(said or {})}


def _asked(parts: Parts, listed: Any, scope: Scope) -> tuple[Refs, Sources]:
    refs: Refs = []
    sources: Sources = []
    for text in listed:
        _, state = parts.templates.argument(str(text), scope, {}, Pass())
        refs += state.refs
        sources += state.sources
    return refs, sources


def _fixture(layout: Layout, said: Mapping[str, Any], *, is_input: bool) -> dict[str, Any]:
    rows, form = plain(said.get("rows")), str(said.get("format") or "dict")
    if form == "csv" and isinstance(rows, str):
        rows = _csv(rows)
    found = {"rows": rows, "format": form, "fixture": said.get("fixture")}
    if found["fixture"]:
        found["rows"] = _fixture_rows(layout, str(found["fixture"]), form)
    return {"input": str(said.get("input", "")), **found} if is_input else found


def _fixture_rows(layout: Layout, name: str, form: str) -> Any:
    ending = ".sql" if form == "sql" else ".csv"
    folders = [f"{folder}/fixtures" for folder in layout.folders("test")]
    for path in files_below(layout.root, folders, (ending,)):
        if path.stem == name:
            text = read_text(path, layout.shown(path))
            return text if form == "sql" else _csv(text)
    return None


def _csv(text: str) -> list[dict[str, str | None]]:
    import csv
    import io

    return [{key: value or None for key, value in row.items()} for row in csv.DictReader(io.StringIO(text))]


def _overrides(said: Any) -> dict[str, Any] | None:
    if not isinstance(said, Mapping):
        return None
    return {key: plain(said.get(key) or {}) for key in ("macros", "vars", "env_vars")}


def _unit_checksum(test: Mapping[str, Any]) -> str:
    """What dbt tells a unit test by: its parts as Python prints dbt's classes."""
    given = f"[{', '.join(_printed('UnitTestInputFixture', each) for each in test['given'])}]"
    expect = _printed("UnitTestOutputFixture", test["expect"])
    said = test["overrides"]
    shown = None if said is None else f"UnitTestOverrides({', '.join(f'{k}={v!r}' for k, v in said.items())})"
    text = f"{test['model']}-{test['versions']}-{given}-{expect}-{shown}"
    text += "".join(f"-{each['rows']}" for each in test["given"] if each["fixture"])
    return hashlib.sha256(text.encode()).hexdigest()


def _printed(name: str, fixture: Mapping[str, Any]) -> str:
    form = str(fixture["format"])
    member = {"csv": "CSV", "dict": "Dict", "sql": "SQL"}[form]
    shown = {key: repr(value) for key, value in fixture.items()} | {"format": f"<UnitTestFormat.{member}: '{form}'>"}
    return f"{name}({', '.join(f'{key}={value}' for key, value in shown.items())})"
