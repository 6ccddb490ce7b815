"""Remembers what was said when nothing was to be done: of the very same things it is said again at once.

It depends on the project, the warehouse and the metadata. Where these two are plain files, they need
not be opened to see that nothing happened in them. Whatever cannot be told so is worked out anew.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dryland.artifacts.invocation import target_folder, wants_artifacts
from dryland.plan.plan import Plan
from dryland.project.keeping import UNWRITABLE, read_kept, write_kept
from dryland.project.project import Project
from dryland.project.session_settings import deciding_settings
from dryland.state.records import digest

if TYPE_CHECKING:
    from dryland.workshop import Workshop

OF_FILES = "duckdb"  # the kind of warehouse that may be one file
SETTINGS_OF_SESSIONS = ("config_options", "extensions", "module_paths", "plugins", "settings")
PLAIN_SETTINGS = frozenset({*SETTINGS_OF_SESSIONS, "database", "path", "schema", "threads", "type"})  # none attaches
COARSE_NS = 1_000_000  # a file system whose clock is no finer may show two writes as one
UNFINISHED = ("wal", "journal")  # endings of files beside one into which somebody writes


def stamp_of(workshop: Workshop) -> str:
    """A hash of all that plans and checks depend on, before any of it is opened; empty when that cannot be told."""
    project = workshop.project
    if project.kept is None or _is_about_files(project):
        return ""
    warehouse, metadata = files_as_they_are(project), _as_it_is(workshop.metadata_file)
    if not warehouse or not metadata:
        return ""
    settings = sorted((name, str(value)) for name, value in deciding_settings(project.warehouse).items())
    return digest([project.kept.stamp, warehouse, metadata, settings, str(workshop.place)])


def said_before(workshop: Workshop, what: str, stamp: str) -> Any:
    """What was said of the same stamp, None when nothing was; `what` names it: `prod.plan`."""
    kept = workshop.project.kept
    match read_kept(kept.beside(_ending(what))) if kept and stamp else None:
        case (known, said) if known == stamp:
            return said
    return None


def remember(workshop: Workshop, what: str, stamp: str, said: object) -> None:
    """Remember what was said of a stamp, in place of what was said before."""
    kept = workshop.project.kept
    if kept and stamp:
        with suppress(*UNWRITABLE):
            write_kept(kept.beside(_ending(what)), (stamp, said))


def remember_plan(workshop: Workshop, plan: Plan, stamp: str) -> None:
    """Remember a plan for the whole of an environment, if it found nothing to do and no clock decides about it."""
    if stamp and plan.is_empty and not any(meaning.volatile for meaning in workshop.meanings.values()):
        bare = replace(plan, targets={}, definitions={}, source_versions={})  # what a release would need
        remember(workshop, f"{plan.environment}.plan", stamp, bare)


def has_manifest(project: Project) -> bool:
    """Whether dbt's artifacts of an earlier release are where they are looked for, or nobody wants them."""
    if not wants_artifacts(project, os.environ):
        return True
    return (target_folder(project, os.environ) / "manifest.json").exists()


def files_as_they_are(project: Project) -> str:
    """Equal while nothing happened in a warehouse that is one file; empty for others."""
    settings = project.warehouse.settings
    if project.warehouse.type != OF_FILES or set(settings) - PLAIN_SETTINGS:
        return ""
    return _as_it_is(project.root / str(settings.get("path", "")))


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


def _ending(what: str) -> str:
    name, _, kind = what.rpartition(".")
    return f"{digest(name)}.{kind}"
