"""The pages of checks list every kind, and every expectation, as the code has them."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path

from doc_page import read_page

from dryland.check.kinds.catalogue import KINDS, find
from dryland.check.kinds.kind import Kind
from dryland.project.expectations.rules import REASONS, RULES

DOCS = Path(__file__).parents[2] / "docs"
HEADER = {
    "checks.md": ["kind", "what it checks", "about", "arguments", "other names"],
    "import-great-expectations.md": ["expectation", "becomes"],
}


def kinds() -> Iterator[list[str]]:
    for name, kind in KINDS.items():
        yield [f"`{name}`", said(kind), "column or table" if kind.about == "either" else kind.about, arguments(kind),
               ", ".join(f"`{each}`" for each in kind.also if each != name)]  # fmt: skip


def said(kind: Kind) -> str:
    """The first sentence of its module, without what every one begins with."""
    first = (sys.modules[kind.term.__module__].__doc__ or "").split("\n\n")[0].partition("; ")
    what = " ".join(first[0].removeprefix("Checks that ").removeprefix("Checks ").split()).rstrip(".")
    fails = " ".join(first[2].split()).rstrip(".")
    return (f"{what}; {fails}" if fails else what).replace("|", "\\|")


def arguments(kind: Kind) -> str:
    """Those that must be given first; which columns it is about is known where it stands at one."""
    needs = [need.split("|") for need in kind.needs if "column" not in need.split("|")]
    needed = [" or ".join(f"**`{word}`**" for word in words) for words in needs]
    shown = {word for words in needs for word in words}
    more = [f"`{each}`" for each in kind.takes if each not in shown]
    return ", ".join([*needed, *more, *(["`group_by`"] if kind.is_grouped else [])])


def expectations() -> Iterator[list[str]]:
    for name in sorted({**RULES, **REASONS}):
        if name in REASONS:
            yield [f"`{name}`", f"not imported: {REASONS[name].rstrip('.')}"]
        else:
            remark = RULES[name].remark
            yield [f"`{name}`", f"`{RULES[name].kind}`" + (f"; {remark.rstrip('.')}" if remark else "")]


def is_in_step(page: str, wanted: list[list[str]]) -> bool:
    """Whether a page has just this table; `UPDATE_CASES=1` writes it."""
    header = HEADER[page]
    lines = [f"| {' | '.join(cells)} |" for cells in (header, ["---"] * len(header), *wanted)]
    text = (DOCS / page).read_text()
    before, _, rest = text.partition(lines[0] + "\n")
    below = rest.splitlines(keepends=True)
    table = list(takewhile(lambda line: line.startswith("|"), below))
    is_same = [line.rstrip("\n") for line in table] == lines[1:]
    if not is_same and os.environ.get("UPDATE_CASES"):
        (DOCS / page).write_text(before + "\n".join(lines) + "\n" + "".join(below[len(table) :]))
        return True
    return is_same


def test_every_kind_is_listed_with_what_it_takes() -> None:
    assert is_in_step("checks.md", list(kinds())), "UPDATE_CASES=1 writes the table"


def test_every_expectation_is_listed_with_what_it_becomes() -> None:
    assert is_in_step("import-great-expectations.md", list(expectations())), "UPDATE_CASES=1 writes the table"


def test_every_kind_of_the_import_is_one() -> None:
    assert {rule.kind for rule in RULES.values()} <= KINDS.keys()


def test_a_test_of_a_package_that_is_told_as_absent_is_absent() -> None:
    page = read_page(DOCS / "checks.md").section("What of dbt's packages is not there")
    absent = "expect_column_values_to_be_within_n_moving_stdevs"
    assert f"- `{absent}`: " in page and find(absent) is None


def test_the_readme_counts_as_the_pages_do() -> None:
    """Numbers on the first page are those of the pages that it leads to."""
    readme = (DOCS.parent / "README.md").read_text()
    found = re.search(r"(\d+) faults: (\d+) stopped, .* (\d+) not stopped", (DOCS / "what-is-stopped.md").read_text())
    assert found is not None
    every, stopped, missed = found.groups()
    assert f"[{len(KINDS)} kinds of check](docs/checks.md)" in readme
    assert f"Of {every}\n[faults](docs/what-is-stopped.md)" in readme
    assert f"{stopped} are stopped; the page names the {missed} that are not" in readme
