"""Reads files of cases: a title, lines that are taken out of a text and put into it, and what is said of it then."""

from __future__ import annotations

import os
import re
from pathlib import Path

CASE = re.compile(r"^# (?P<title>.+)\n(?P<edits>(?:[-+] .*\n)*)(?P<said>(?:=> .+\n)*)", re.MULTILINE)


def read_cases(file: Path) -> list[re.Match[str]]:
    """The cases of a file, all of those that it has."""
    found = list(CASE.finditer(file.read_text()))
    assert len(found) == len(re.findall(r"^# ", file.read_text(), re.MULTILINE)) > 20
    return found


def edited(text: str, edits: str) -> str:
    """A text with runs of lines replaced: those after `- ` by those after `+ `."""
    for run in re.findall(r"(?:- .*\n)+(?:\+ .*\n)*", edits):
        old = "".join(re.findall(r"^- (.*\n)", run, re.MULTILINE))
        new = "".join(re.findall(r"^\+ (.*\n)", run, re.MULTILINE))
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def verify_said(file: Path, case: re.Match[str], said: str) -> None:
    """What is said is what the case expects; with UPDATE_CASES it is written down instead."""
    if os.environ.get("UPDATE_CASES"):
        file.write_text(file.read_text().replace(case[0], case[0].removesuffix(case["said"]) + said))
    else:
        assert said == case["said"]
