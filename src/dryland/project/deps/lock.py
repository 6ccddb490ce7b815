"""Reads and writes package-lock.yml: the exact packages that were installed, in dbt's own form."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from dryland.project.deps.listing import Wanted, entries
from dryland.project.jinja.templates import Templates
from dryland.project.yaml_file import read_yaml
from dryland.values import dataclass

FILE = "package-lock.yml"
HASH = "sha1_hash"


@dataclass(frozen=True, slots=True)
class Pinned:
    """A package whose version is settled."""

    wanted: Wanted  # where it comes from
    name: str  # of its project: the name of its folder
    version: str = ""  # of a hub package; of a repository the commit; empty for folders

    @property
    def shown(self) -> str:
        """Name and version for people."""
        short = self.version[:10] if self.wanted.kind == "git" else self.version
        kinds = {"local": f"from {self.wanted}", "tarball": f"from {self.wanted}"}
        return f"{self.name} {short or kinds.get(self.wanted.kind, '')}".rstrip()


def hash_of(packages: Sequence[Wanted]) -> str:
    """What dbt writes beside the lock, to see that what the project lists has changed since."""
    forms = sorted(json.dumps(_listed_form(each), sort_keys=True, default=str) for each in packages)
    return hashlib.sha1("\n".join(forms).encode(), usedforsecurity=False).hexdigest()


def read_lock(root: Path, packages: Sequence[Wanted], templates: Templates) -> tuple[Pinned, ...] | None:
    """The packages of the lock; None when there is none, or it was made for another list."""
    if not (root / FILE).is_file():
        return None
    content = read_yaml(root / FILE, FILE)
    if content.get(HASH) != hash_of(packages):
        return None
    found = entries(content, FILE, templates)
    return tuple(Pinned(each, each.likely_name, "".join(each.versions) or each.revision) for each in found)


def lock_text(packages: Sequence[Wanted], pinned: Sequence[Pinned], hidden: Callable[[str], str]) -> str:
    """The file's content; what `hidden` knows as a secret is not in it.

    Addresses are kept as the project wrote them, so that a secret stays the name of its environment variable.
    """
    forms = [{key: hidden(value) for key, value in _pinned_form(each).items()} for each in pinned]
    return yaml.dump({"packages": forms, HASH: hash_of(packages)}, Dumper=_Indented, allow_unicode=True)


def _listed_form(wanted: Wanted) -> Mapping[str, Any]:
    """An entry with everything that may stand in it: what dbt hashes."""
    entry = wanted.entry
    defaults: dict[str, dict[str, Any]] = {
        "package": {"version": None, "install_prerelease": False},
        "git": {"revision": None, "subdirectory": None, "warn-unpinned": None},
    }
    given = {key: value for key, value in entry.items() if key != "name" or value is not None}
    return {**defaults.get(wanted.kind, {}), **given, "unrendered": dict(wanted.raw)}


def _pinned_form(pinned: Pinned) -> Mapping[str, str]:
    wanted = pinned.wanted
    form = {wanted.kind: wanted.written, "name": pinned.name}
    if wanted.kind == "package":
        form["version"] = pinned.version
    if wanted.kind == "git":
        form["revision"] = pinned.version
    if wanted.subdirectory:
        form["subdirectory"] = wanted.subdirectory
    return form


class _Indented(yaml.SafeDumper):
    """Lists stand further in than their key, as dbt writes them."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """One level in."""
        super().increase_indent(flow, False)
