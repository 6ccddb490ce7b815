"""Does what a page says: types its commands, writes its files, and compares what is seen."""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from doc_page import Block, Command, Page, commands

PROGRESS = re.compile(r"^[✓✗-] +\d+/\d+ .*\n", re.MULTILINE)  # on a terminal a live line, which goes away
VARIES = (  # what differs from run to run, and is shown as it was on the day of writing
    (re.compile(r"\b\d+\.\d+ s\b"), "0.0 s"),
    (re.compile(r'("duration_s": )[\d.]+'), r"\g<1>0.0"),
    (re.compile(r"\b20\d\d-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d+)?(\+00:00)?"), "TIME"),
    (re.compile(r"\buntil 20\d\d-\d\d-\d\d\b"), "until DAY"),
    (re.compile(r"\b[0-9a-f]{16}\b"), "KEY"),
)
WRITTEN_WHOLE = ("json", "sql", "yaml", "python", "csv", "toml", "text")


@dataclass
class Terminal:
    """A person at a terminal in a folder."""

    folder: Path
    environment: Mapping[str, str]
    code: int = 0
    ran: list[str] = field(default_factory=list)

    def type(self, text: str) -> str:
        """Run a command and return what the terminal shows."""
        self.ran.append(text)
        words = shlex.split(text)
        if words[0] == "cd":
            self.folder = (self.folder / words[1]).resolve()
            assert self.folder.is_dir(), f"{text}: there is no such folder"
            return ""
        if words == ["echo", "$?"]:
            shown, self.code = f"{self.code}\n", 0
            return shown
        if words[0] == "dryland" and not set("|<>;&`") & set(re.sub(r"'[^']*'|\"[^\"]*\"", "", text)):
            return self._dryland(words[1:])
        return self._shell(text)

    def _dryland(self, words: list[str]) -> str:
        """The command in this process, which spares half a second for each."""
        from dryland.cli import main

        shown = io.StringIO()
        with contextlib.chdir(self.folder), _environment(self.environment), _keyboard(shown):
            try:
                main(words)
            except SystemExit as stop:
                self.code = int(stop.code or 0)
        return PROGRESS.sub("", shown.getvalue())

    def _shell(self, text: str) -> str:
        done = subprocess.run(
            ["bash", "-c", text], cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            env={**os.environ, **self.environment}, timeout=120, check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        self.code = done.returncode
        return PROGRESS.sub("", done.stdout)


class Answering(io.StringIO):
    """A keyboard at which somebody always says yes, on a screen that shows it."""

    def __init__(self, screen: io.StringIO) -> None:
        super().__init__()
        self._screen = screen

    def isatty(self) -> bool:
        return True

    def readline(self, size: int | None = -1, /) -> str:
        self._screen.write("y\n")
        return "y\n"


@contextlib.contextmanager
def _keyboard(screen: io.StringIO):
    before = sys.stdin
    sys.stdin = Answering(screen)
    try:
        with contextlib.redirect_stdout(screen), contextlib.redirect_stderr(screen):
            yield
    finally:
        sys.stdin = before


@contextlib.contextmanager
def _environment(values: Mapping[str, str]):
    before = dict(os.environ)
    os.environ.update(values)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def follow(page: Page, terminal: Terminal, *, is_run_elsewhere) -> list[tuple[Command, str]]:
    """Do all that the page says; return the commands whose output was another, with that output.

    A block with a `title` is a file to write, a `diff` with one is a change of that file. A command that fails must be
    announced: by `exit=1` on its block, or by `$ echo $?` below it.
    """
    surprises = []
    for block in page.blocks:
        if "title" in block.attributes:
            write(block, terminal.folder)
        typed = list(commands(block))
        for number, command in enumerate(typed):
            if is_run_elsewhere(command.text):
                continue
            shown = terminal.type(command.text)
            if not looks_like(shown, command.expected):
                surprises.append((command, shown))
            following = typed[number + 1].text if number + 1 < len(typed) else ""
            announced = int(block.attributes.get("exit", 0)) if not following else 0
            if following != "echo $?":
                where = f"{page.path.name}:{command.line}: $ {command.text}"
                assert terminal.code == announced, f"{where}\nexit {terminal.code}, not {announced}\n{shown}"
    return surprises


def write(block: Block, folder: Path) -> None:
    """Put a block into the file that its title names."""
    file = folder / block.attributes["title"]
    if block.language == "diff":
        text = file.read_text()
        lines = block.text.splitlines()
        old = "\n".join(line[1:] for line in lines if line[:1] in " -")
        new = "\n".join(line[1:] for line in lines if line[:1] in " +")
        assert text.count(old) == 1, f"line {block.line}: {file.name} does not have this once:\n{old}\n\n{text}"
        file.write_text(text.replace(old, new))
        return
    assert block.language in WRITTEN_WHOLE, f"line {block.line}: {block.language} is not written to a file"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(block.text + "\n")


def looks_like(shown: str, expected: str) -> bool:
    """Whether output is what the page shows.

    `...` on a line of its own stands for any lines, within a line for anything there; times and keys for others of
    their kind.
    """
    pattern = "".join(
        r"(?:.*\n)*" if line == "..." else ".*".join(re.escape(part) for part in line.split("...")) + r"\n"
        for line in _settled(expected).splitlines()
    )
    return re.fullmatch(pattern, _settled(shown)) is not None


def _settled(text: str) -> str:
    for pattern, replacement in VARIES:
        text = pattern.sub(replacement, text)
    return "".join(f"{line.rstrip()}\n" for line in text.strip("\n").splitlines())
