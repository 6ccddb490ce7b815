"""Holds the queries that must not do what they try, for whoever shows that none does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

CASES = Path(__file__).parent / "cases" / "access" / "attacks.txt"
CASE = re.compile(r"^# (?P<title>.+?)(?: \[(?P<engine>\w+)\])?\n(?P<sql>(?:(?!# ).*\n)*)", re.MULTILINE)
KEPT_APART = (
    "hunter2",
    "90000",
    "psst",
    "file-canary",
    "ana@example",
    "bo@example",
    "4111111111111111",
    "'Ana'",
    "'Bo'",
)
"""What a person without rights must never be told."""


def attacks() -> Iterator[tuple[str, str, str]]:
    for case in CASE.finditer(CASES.read_text().partition("\n\n")[2]):
        yield case["title"], case["engine"] or "", case["sql"].rstrip("\n")


ATTACKS = tuple(attacks())


def filled_in(sql: str, folder: Path) -> str:
    deep = "select " + "(" * 5_000 + "1" + ")" * 5_000
    parts = {"{folder}": str(folder), "{deep}": deep, "{long}": "select 1" + " " * 200_000, "{nul}": "\0"}
    for name, text in parts.items():
        sql = sql.replace(name, text)
    return sql
