"""Writes files of a project, all or none: where it would be another project then, they go back to what they were."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from dryland.errors import DrylandError, UsageError
from dryland.project.nodes import Node, Place
from dryland.project.project import Project
from dryland.values import dataclass

NOWHERE = Place("")


@dataclass(frozen=True, slots=True)
class Edit:
    """A file, as it is and as it is to be."""

    path: str  # relative to the project
    before: bytes | None  # None: there is none yet
    after: bytes


def put(
    project: Project, edits: Sequence[Edit], counts: Mapping[str, int], reread: Callable[[], Project]
) -> Project:  # fmt: skip
    """Write files and read the project again, which has to be itself and these checks; else all is as it was.

    `counts` are how many checks nodes are to get. Returns the project as it is then.

    Raises:
        UsageError: it would be another project.
    """
    is_kept = False
    try:
        for edit in edits:
            _write((project.root / edit.path).resolve(), edit.after)
        after = _read_again(reread, edits)
        strange = next(_strangers(project, after, counts), "")
        if strange:
            raise _left(edits, strange)
        is_kept = True
        return after
    finally:
        if not is_kept:
            for edit in edits:
                _restore((project.root / edit.path).resolve(), edit)


def _read_again(reread: Callable[[], Project], edits: Sequence[Edit]) -> Project:
    try:
        return reread()
    except DrylandError as error:
        raise _left(edits, f"the project could not be read any more: {error.message.rstrip('.')}") from error


def _left(edits: Sequence[Edit], why: str) -> UsageError:
    files = ", ".join(edit.path for edit in edits)
    return UsageError(f"{files}: left as it was, for {why}.", hint="leave out --write to see the checks.")


def _restore(file: Path, edit: Edit) -> None:
    """What was there before; what somebody else wrote there meanwhile is theirs, and stays."""
    if not file.exists() or file.read_bytes() != edit.after:
        return
    if edit.before is None:
        file.unlink()
    else:
        _write(file, edit.before)


def _write(file: Path, content: bytes) -> None:
    """In one step, so that nobody sees half of it; who may read it stays as it is."""
    beside = file.with_name(f".{file.name}.{os.getpid()}")
    mode = file.stat().st_mode & 0o7777 if file.exists() else None
    if mode is not None and not mode & 0o222:
        raise UsageError(f"{file} is read-only, and stays as it is.", hint="chmod u+w, if it may be written.")
    try:
        beside.write_bytes(content)
        if mode is not None:
            beside.chmod(mode)
        beside.replace(file)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise UsageError(f"{file} cannot be written: {error.strerror}.") from error


def _strangers(before: Project, after: Project, counts: Mapping[str, int]) -> Iterator[str]:
    """What differs between two readings besides so many new checks of each node."""
    ours, theirs = _checks(before), _checks(after)
    if any(theirs.get(uid) != check for uid, check in ours.items()):
        yield "a check that is there would change"
    new = Counter(check.node for uid, check in theirs.items() if uid not in ours)
    if new != counts:
        yield f"{sum(new.values())} checks would be new instead of {sum(counts.values())}"
    if before.nodes.keys() != after.nodes.keys():
        yield "there would be other models"
    for uid, node in before.nodes.items():
        if _meant(node, uid in counts) != _meant(after.nodes[uid], uid in counts):
            yield f"`{node.name}` would change"


def _checks(project: Project) -> dict[str, Any]:
    return {uid: replace(check, place=NOWHERE, rendered=None) for uid, check in project.checks.items()}


def _meant(node: Node, is_edited: bool) -> Node:
    """A node without the lines on which its YAML stands, and what checks in it are kept in."""
    if not is_edited:
        return replace(node, patch=None)
    return replace(node, patch=None, columns=(), meta={}, config={})
