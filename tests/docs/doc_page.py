"""Reads a page of the documentation: its prose, and what a reader would type, write and see, in order."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FENCE = re.compile(r"^( *)(`{3,})(\w*) *(.*)$")
START = re.compile(r"<!-- starts from: (.+?) -->")
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
IMAGE = re.compile(r'(?:src|srcset)="([^"]+)"')
HEADING = re.compile(r"^#+ +(.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: its language, the words after that, its text, and the line its text begins on."""

    language: str
    attributes: dict[str, str]
    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Command:
    """One `$` line of a console block, with the output below it."""

    text: str
    expected: str
    line: int


@dataclass(frozen=True, slots=True)
class Page:
    """A page."""

    path: Path
    text: str

    @property
    def starts_from(self) -> str:
        """The project that the page's commands are typed in."""
        found = START.search(self.text)
        assert found, f"{self.path.name} does not say what it starts from"
        return found[1]

    @property
    def blocks(self) -> tuple[Block, ...]:
        """All fenced blocks."""
        return tuple(_blocks(self.text))

    @property
    def commands(self) -> tuple[Command, ...]:
        """All commands."""
        return tuple(command for block in self.blocks for command in commands(block))

    @property
    def prose(self) -> str:
        """The page without its fenced blocks."""
        lines = self.text.splitlines()
        for block in self.blocks:
            for number in range(block.line - 2, block.line + block.text.count("\n")):
                lines[number] = ""
        return "\n".join(lines)

    @property
    def links(self) -> tuple[str, ...]:
        """What the page points to."""
        return tuple(LINK.findall(self.prose) + IMAGE.findall(self.prose))

    @property
    def anchors(self) -> frozenset[str]:
        """What a link with `#` can point to."""
        plain = (re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in HEADING.findall(self.prose))
        return frozenset(plain)

    def section(self, title: str) -> str:
        """The text below the heading `title`, up to the next heading."""
        parts = re.split(r"^#+ +(.+)$", self.text, flags=re.MULTILINE)
        return parts[parts.index(title) + 1]


def read_page(path: Path) -> Page:
    """The page at `path`."""
    return Page(path, path.read_text(encoding="utf-8"))


def commands(block: Block) -> Iterator[Command]:
    """What is typed in a console block; a line that begins with `> ` goes on with the command above it."""
    if block.language != "console":
        return
    typed: list[str] = []
    seen: list[str] = []
    at = block.line
    for number, line in enumerate(block.text.splitlines(), start=block.line):
        if line.startswith("$ "):
            if typed:
                yield Command("\n".join(typed), "\n".join(seen), at)
            typed, seen, at = [line.removeprefix("$ ")], [], number
        elif line.startswith("> ") and typed and not seen:
            typed.append(line.removeprefix("> "))
        else:
            assert typed, f"line {number}: a console block begins with a command"
            seen.append(line)
    if typed:
        yield Command("\n".join(typed), "\n".join(seen), at)


def _blocks(text: str) -> Iterator[Block]:
    lines = iter(enumerate(text.splitlines(), start=1))
    for number, line in lines:
        opened = FENCE.match(line)
        if opened is None:
            continue
        body = []
        for _, inner in lines:
            if inner.strip() == opened[2]:
                break
            body.append(inner)
        yield Block(opened[3], _attributes(opened[4]), textwrap.dedent("\n".join(body)), number + 1)


def _attributes(words: str) -> dict[str, str]:
    return dict(word.split("=", 1) for word in words.split() if "=" in word)
