"""Adds checks to the YAML that describes a table: dbt's own as data tests, all others in its `meta`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from pathlib import PurePosixPath
from typing import Any

from dryland.errors import UsageError
from dryland.project.edits import Edit
from dryland.project.native_checks import CHECKS
from dryland.project.nodes import Node, Place
from dryland.project.plain_names import is_plain
from dryland.project.project import Project
from dryland.project.yaml_file import Mapped, parse_yaml
from dryland.project.yaml_insertion import Addition, Named, NoPlaceError, Step, with_additions
from dryland.values import dataclass

SECTIONS = {"model": "models", "seed": "seeds", "snapshot": "snapshots"}
TESTS = ("data_tests", "tests")
BYTE_ORDER = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class WrittenCheck:
    """A check as YAML has it."""

    name: str
    column: str = ""  # empty: it is about the table
    arguments: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)  # severity and the like
    is_native: bool = False  # one that dbt does not have

    def entry(self, *, is_flat: bool) -> Any:
        """What stands in the list; `is_flat` is the older of dbt's two forms, without `arguments`."""
        if not self.arguments and not self.settings:
            return self.name
        if self.is_native:
            return {self.name: {**self.arguments, **self.settings}}
        inner = dict(self.arguments) if is_flat or not self.arguments else {"arguments": dict(self.arguments)}
        return {self.name: {**inner, **({"config": dict(self.settings)} if self.settings else {})}}


Wanted = Sequence[tuple[Node, Sequence[WrittenCheck]]]


def edits_for(project: Project, wanted: Wanted) -> tuple[Edit, ...]:
    """The files that describe nodes, with these checks; a new file beside a node that none describes.

    Raises:
        UsageError: a node is of an installed package, or its YAML is in a form that cannot be added to.
    """
    found: dict[str, Edit] = {}
    for node, checks in wanted:
        if not checks:
            continue
        path = node.patch.path if node.patch else _file_for(project, node)
        before = (project.root / path).read_bytes() if (project.root / path).exists() else None
        edit = found.get(path, Edit(path, before, before or b""))
        found[path] = replace(edit, after=_with_checks(project, node, checks, edit))
    return tuple(found.values())


def no_place(project: Project, node: Node) -> str:
    """Why nothing can be written of just this node; empty when it can be."""
    if node.package != project.name:
        return f"`{node.name}` is of the package `{node.package}`: what is written there is lost by the next `deps`."
    if any(each.name == node.name and each.version != node.version for each in project.nodes.values()):
        return f"`{node.name}` has several versions: what is written of it is asked of each of them."
    return ""


def _with_checks(project: Project, node: Node, checks: Sequence[WrittenCheck], edit: Edit) -> bytes:
    if why := no_place(project, node):
        raise UsageError(
            why, hint="leave out --write, and put what you want into YAML of your own that describes the model."
        )
    mark = BYTE_ORDER if edit.after.startswith(BYTE_ORDER) else b""
    text = edit.after.removeprefix(mark).decode("utf-8")
    body, is_flat = _body(text, edit.path, node), _is_flat(text, edit.path)
    additions = [_addition(each, node, body, is_flat=is_flat) for each in checks]
    try:
        return mark + with_additions(text, additions, edit.path).encode("utf-8")
    except NoPlaceError as error:
        place = node.patch or Place(edit.path)
        raise UsageError(
            f"what describes `{node.name}` is in a form that cannot be added to without touching the rest: {error}.",
            hint="put what you want there yourself: --json has each check as YAML wants it.",
            path=place.path, line=place.line,
        ) from error  # fmt: skip


def _file_for(project: Project, node: Node) -> str:
    """Where a node is to be described: in the one file that describes all others of its folder, else in a new one."""
    folder = PurePosixPath(node.place.path).parent
    others = [each for each in project.nodes.values() if each.kind == node.kind and each.patch is not None]
    described = {each.patch.path for each in others if each.patch and _folder(each) == folder}
    names = {each.name for each in others}
    shared = [path for path in described if PurePosixPath(path).parent == folder]
    if len(described) == 1 and shared and PurePosixPath(shared[0]).stem.lstrip("_") not in names:
        return shared[0]
    for name in (node.name, f"_{node.name}"):
        path = (folder / f"{name}.yml").as_posix()
        if not (project.root / path).exists():
            return path
    raise UsageError(f"{path} is there already, and does not describe `{node.name}`.", hint="describe it in some file.")


def _folder(node: Node) -> PurePosixPath:
    return PurePosixPath(node.place.path).parent


def _body(text: str, path: str, node: Node) -> Mapping[str, Any]:
    """The entry of a node, empty when there is none."""
    listed = parse_yaml(text, path).get(SECTIONS[node.kind]) or () if text.strip() else ()
    return next((each for each in listed if isinstance(each, Mapped) and str(each.get("name")) == node.name), {})


def _addition(check: WrittenCheck, node: Node, body: Mapping[str, Any], *, is_flat: bool) -> Addition:
    base: tuple[Step, ...] = (SECTIONS[node.kind], Named(node.name))
    inner = body
    if check.column:
        columns = [each for each in body.get("columns") or () if isinstance(each, Mapping)]
        found = [each for each in columns if str(each.get("name")).lower() == check.column.lower()]
        inner = found[0] if found else {}
        beside = () if is_plain(check.column) else (("quote", True),)
        base = (*base, "columns", Named(str(inner.get("name") or check.column), beside))
    return Addition((*base, *_list_in(inner, is_native=check.is_native)), check.entry(is_flat=is_flat))


def _list_in(body: Mapping[str, Any], *, is_native: bool) -> tuple[str, ...]:
    """Under which keys of an entry a check goes: the list that is there, else dbt's newer word for it."""
    if not is_native:
        return (next((key for key in TESTS if key in body), TESTS[0]),)
    said = body.get("meta")
    is_older = isinstance(said, Mapping) and (CHECKS in said or not isinstance(body.get("config"), Mapping))
    return ("meta", CHECKS) if is_older else ("config", "meta", CHECKS)


def _is_flat(text: str, path: str) -> bool:
    """Whether a file has arguments of tests in the older form only."""
    written = list(_with_arguments(parse_yaml(text, path))) if text.strip() else []
    return bool(written) and not any("arguments" in each for each in written)


def _with_arguments(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if key in TESTS and isinstance(inner, Iterable):
                yield from (body for each in inner if isinstance(each, Mapping) for body in _bodies(each))
            else:
                yield from _with_arguments(inner)
    elif isinstance(value, list):
        for each in value:
            yield from _with_arguments(each)


def _bodies(entry: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from (body for body in entry.values() if isinstance(body, Mapping) and body.keys() - {"config", "name"})
