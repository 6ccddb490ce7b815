"""Says who released, and from which commit of the project."""

from __future__ import annotations

import getpass
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from dryland.timings import timed
from dryland.values import dataclass

CHANGED = "+changes"  # behind a commit: and what was not committed


@dataclass(frozen=True, slots=True)
class Provenance:
    """Who released, from which commit."""

    author: str
    git_commit: str
    first_commit_at: str = ""  # ISO time of the oldest commit that was not released before; empty when there is none


@timed("git")
def provenance(root: Path, since: str = "") -> Provenance:
    """The git commit and author of the project at `root`; the system user where there is no repository.

    `since` is the commit that was released before: work on what is released now began after it.
    """
    text = _git(root, "log", "-1", "--format=%H%n%an%n%ct") or ""
    commit, author, newest = (*text.split("\n"), "", "")[:3] if text else ("", "", "")
    released = since.removesuffix(CHANGED)
    if released and commit and released != commit:
        unreleased = _git(root, "log", f"{released}..{commit}", "--format=%ct", "--", ".").split()
        newest = min(unreleased, key=int, default=newest)
    first = "" if not newest or released == commit else datetime.fromtimestamp(int(newest), UTC).isoformat()
    if commit and _git(root, "status", "--porcelain", "--untracked-files=no", "."):
        commit += CHANGED
    return Provenance(_git(root, "config", "user.name") or author or _user(), commit, first)


def _git(root: Path, *arguments: str) -> str:
    try:
        answer = subprocess.run(  # noqa: S603
            ["git", "-C", str(root), *arguments],  # noqa: S607
            capture_output=True, text=True, timeout=10, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return answer.stdout.strip() if answer.returncode == 0 else ""


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
