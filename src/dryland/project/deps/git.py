"""Gets a package from a git repository, by the `git` command."""

from __future__ import annotations

import difflib
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path

from dryland.errors import ConfigError, UnreachableError
from dryland.project.deps.listing import CREDENTIALS, Wanted

TIMEOUT_S = 300.0
COMMIT = re.compile(r"[0-9a-f]{7,40}")
WHOLE_COMMIT = 40
QUIET = {
    "GIT_TERMINAL_PROMPT": "0",  # nobody is there to answer
    "GIT_ASKPASS": "true",
    "GIT_ALLOW_PROTOCOL": "file:git:http:https:ssh",  # not `ext::`, which runs commands
    "LC_ALL": "C",
}
OWN_REPOSITORY = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR")  # set inside of hooks


def check_out(wanted: Wanted, folder: Path, environment: Mapping[str, str], *, commit: str = "") -> tuple[Path, str]:
    """Bring a repository's files to an empty folder; where the package is in it, and the commit.

    Tags come before branches of the same name. Nothing of the repository but its files is kept: no history, and
    no address with somebody's credentials.

    Raises:
        UnreachableError: git is missing, or the repository does not answer.
        ConfigError: there is no such revision or subdirectory.
    """
    git = _Git(wanted, folder, environment)
    folder.mkdir(parents=True, exist_ok=True)
    git.run("init", "--quiet", ".")
    found = git.fetch(commit or wanted.revision or "HEAD")
    git.run("checkout", "--quiet", "--detach", found)
    commit = git.run("rev-parse", "HEAD").strip()
    shutil.rmtree(folder / ".git")
    return _subdirectory(wanted, folder), commit


def _subdirectory(wanted: Wanted, folder: Path) -> Path:
    inner = (folder / wanted.subdirectory).resolve()
    if not inner.is_relative_to(folder.resolve()) or not inner.is_dir():
        raise ConfigError(
            f"the repository has no folder `{wanted.subdirectory}`.", path=wanted.place.path, line=wanted.place.line,
            hint="`subdirectory:` is seen from the top of the repository.",
        )  # fmt: skip
    return inner


class _Git:
    """Runs git in one folder, for one repository."""

    def __init__(self, wanted: Wanted, folder: Path, environment: Mapping[str, str]) -> None:
        self._wanted = wanted
        self._folder = folder
        own = {name: value for name, value in environment.items() if name not in OWN_REPOSITORY}
        self._environment = {"GIT_SSH_COMMAND": "ssh -oBatchMode=yes", **own, **QUIET}

    def fetch(self, revision: str) -> str:
        """Fetch a revision, as little of its history as possible; the commit."""
        refs = self._refs()
        for ref in (f"refs/tags/{revision}^{{}}", f"refs/tags/{revision}", f"refs/heads/{revision}", revision):
            if ref in refs:
                self.run("fetch", "--quiet", "--depth", "1", "--", self._wanted.what, ref.removesuffix("^{}"))
                return refs[ref]
        commit = self._commit(revision) if COMMIT.fullmatch(revision) else ""
        if not commit:
            raise self._no_revision(revision, refs)
        return commit

    def run(self, *words: str) -> str:
        """What a git command prints.

        Raises:
            UnreachableError: it failed, or git is missing.
        """
        code, out, err = self._process(words)
        if code:
            said = next((line for line in reversed(err.splitlines()) if line.startswith(("fatal:", "error:"))), err)
            raise self._failed(said.partition(": ")[2].strip().rstrip(".") or f"git {words[0]} ended with {code}")
        return out

    def _refs(self) -> dict[str, str]:
        """The repository's branches and tags, and the commit of each."""
        lines = self.run("ls-remote", "--", self._wanted.what).splitlines()
        return {ref: commit for commit, _, ref in (line.partition("\t") for line in lines)}

    def _commit(self, revision: str) -> str:
        """A commit by its hash or the beginning of it; some servers give only what a branch or tag leads to."""
        if len(revision) == WHOLE_COMMIT:
            code, _, _ = self._process(("fetch", "--quiet", "--depth", "1", "--", self._wanted.what, revision))
            if code == 0:
                return revision
        self.run("fetch", "--quiet", "--tags", "--", self._wanted.what, "+refs/heads/*:refs/remotes/origin/*")
        code, out, _ = self._process(("rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}"))
        return "" if code else out.strip()

    def _process(self, words: tuple[str, ...]) -> tuple[int, str, str]:
        try:
            process = subprocess.Popen(  # noqa: S603
                ("git", *words), cwd=self._folder, env=self._environment, stdin=subprocess.DEVNULL,  # noqa: S607
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace", start_new_session=True,
            )  # fmt: skip
        except FileNotFoundError:
            raise self._failed(
                "the `git` command is not installed", "install git, or use a tarball: package."
            ) from None
        try:
            out, err = process.communicate(timeout=TIMEOUT_S)
        except subprocess.TimeoutExpired:
            raise self._failed(f"git took more than {TIMEOUT_S:.0f} s") from None
        finally:
            _end(process)
        return process.returncode, out, err

    def _failed(self, why: str, hint: str = "") -> UnreachableError:
        place = self._wanted.place
        why = CREDENTIALS.sub("", why)
        return UnreachableError(
            f"the repository {self._wanted} could not be reached: {why}.", path=place.path, line=place.line,
            hint=hint or "may you read it? Or put the package's folder into dbt_packages, or list it as `local:`.",
        )  # fmt: skip

    def _no_revision(self, revision: str, refs: Mapping[str, str]) -> ConfigError:
        known = sorted({ref.split("/", 2)[2].removesuffix("^{}") for ref in refs if ref.startswith("refs/")})
        near = difflib.get_close_matches(revision, known, n=1, cutoff=0.4)
        there = ", ".join(known[-5:]) or "none"
        return ConfigError(
            f"the repository {self._wanted} has no revision `{revision}`.", path=self._wanted.place.path,
            line=self._wanted.line_of("revision"),
            hint=f"`{near[0]}` exists." if near else f"branches and tags: {there}.",
        )  # fmt: skip


def _end(process: subprocess.Popen[str]) -> None:
    """No part of git is left running, whatever stopped us: it starts helpers of its own."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
