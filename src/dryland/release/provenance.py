"""Says who released, and from which commit of the project."""

from __future__ import annotations

import getpass
import subprocess
from dataclasses import dataclass
from pathlib import Path

from dryland.timings import timed


@dataclass(frozen=True, slots=True)
class Provenance:
    """Who released, from which commit."""

    author: str
    git_commit: str


@timed("git")
def provenance(root: Path) -> Provenance:
    """The git commit and author of the project at `root`; the system user where there is no repository."""
    text = _git(root, "log", "-1", "--format=%H%n%an") or ""
    commit, _, author = text.partition("\n")
    if commit and _git(root, "status", "--porcelain", "--untracked-files=no", "."):
        commit += "+changes"
    return Provenance(_git(root, "config", "user.name") or author or _user(), commit)


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
