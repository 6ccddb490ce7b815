"""Remembers what was said when nothing was to be done: of the very same things it is said again at once.

It depends on the project, the warehouse and the metadata. Where these two are plain files, they need
not be opened to see that nothing happened in them. Whatever cannot be told so is worked out anew.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dryland.artifacts.invocation import target_folder, wants_artifacts
from dryland.digest import digest
from dryland.engines.registry import file_of
from dryland.plan.plan import Plan
from dryland.project.keeping import keep, recalled
from dryland.project.project import Project
from dryland.project.session_settings import deciding_settings
from dryland.values import dataclass

if TYPE_CHECKING:
    from dryland.sql.meaning import Meaning
    from dryland.workshop import Workshop

COARSE_NS = 1_000_000  # a file system whose clock is no finer may show two writes as one
UNFINISHED = ("wal", "journal")  # endings of files beside one into which somebody writes


@dataclass(frozen=True, slots=True)
class Memory:
    """What was said of a project; nothing is remembered without a stamp."""

    place: Path | None = None
    stamp: str = ""  # a hash of all that the answer depends on, taken before any of that is opened

    @staticmethod
    def of(workshop: Workshop, environment: str, what: str) -> Memory:
        """Of one question about an environment; without a stamp where it cannot be told what the answer depends on."""
        kept, stamp = workshop.project.kept, _stamp(workshop)
        if kept is None or not stamp:
            return Memory()
        name = environment or workshop.project.settings.default_environment
        return Memory(kept.beside(f"{digest(name)}.{what}"), stamp)

    def said(self) -> Any:
        """What was said of the same stamp; None when nothing was."""
        return recalled(self.place, self.stamp)

    def remember(self, said: object) -> None:
        """Remember an answer, in place of the one before."""
        keep(self.place, self.stamp, said)

    def remember_plan(self, plan: Plan, meanings: Mapping[str, Meaning]) -> None:
        """Remember a plan, if it found nothing to do and no clock decides about it."""
        if plan.is_empty and not any(meaning.volatile for meaning in meanings.values()):
            self.remember(replace(plan, targets={}, definitions={}, source_versions={}))  # what a release would need


def has_manifest(project: Project) -> bool:
    """Whether dbt's artifacts of an earlier release are where they are looked for, or nobody wants them."""
    if not wants_artifacts(project, os.environ):
        return True
    return (target_folder(project, os.environ) / "manifest.json").exists()


def warehouse_as_it_is(project: Project) -> str:
    """Equal while nothing happened in a warehouse that is one file; empty for others."""
    return _as_it_is(file_of(project.warehouse.type, project.warehouse.settings, project.root))


def _stamp(workshop: Workshop) -> str:
    project = workshop.project
    if project.kept is None or _is_about_files(project):
        return ""
    warehouse, metadata = warehouse_as_it_is(project), _as_it_is(workshop.metadata_file)
    if not warehouse or not metadata:
        return ""
    settings = deciding_settings(project.warehouse)
    return digest([project.kept.stamp, warehouse, metadata, settings, str(workshop.place)])


def _is_about_files(project: Project) -> bool:
    """Whether files outside of the warehouse are read, or written."""
    reads = any(source.relation.expression for source in project.sources.values())
    return reads or any(node.materialized == "external" for node in project.nodes.values())


def _as_it_is(file: Path | None) -> str:
    """Which file it is, and when it was written to last; empty when it is none, or somebody writes to it now."""
    if file is None or any(file.with_name(f"{file.name}{mark}{each}").exists() for each in UNFINISHED for mark in ".-"):
        return ""
    try:
        found = file.stat()
    except OSError:
        return ""
    if found.st_mtime_ns % COARSE_NS == 0:
        return ""
    return digest([str(file), found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino])
