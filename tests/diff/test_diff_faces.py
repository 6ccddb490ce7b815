"""A diff is shown as text, Markdown and a page: nothing of it is markup, and every picture says what it shows."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from html.parser import HTMLParser

import click
import pytest

from dryland.cli.show_diff import diff_lines
from dryland.diff.difference import ColumnDifference, Comparison, Example, Share, Shift, TableDifference, as_json
from dryland.diff.markdown import markdown_of
from dryland.diff.page import page_of

EVIL = '<script>alert("1")</script> & [x](http://evil) | `a` \x1b[31m @ana'
SHIFT = Shift("psi", 0.31, (Share("≤ 1", 0.9, 0.1), Share(EVIL, 0.1, 0.9)), ((0.5, "1", "2"),))
COLUMN = ColumnDifference(
    EVIL, "INTEGER", "BIGINT", 2, (Example({"id": EVIL}, EVIL, None), Example({"id": 7}, 1.5, None)), SHIFT
)
TABLE = TableDifference(
    EVIL, "different", key=("id",), rows_before=1_000, rows_after=1_001, added=2, removed=1, changed=4,
    columns=(COLUMN, ColumnDifference("gone", "TEXT"), ColumnDifference("steady", "TEXT", "TEXT")),
    examples_added=(Example({"id": EVIL, "note": " x "}),), notes=(EVIL,), sampled_rows=500,
)  # fmt: skip
COMPARISON = Comparison(
    "prod", EVIL, (TABLE, TableDifference("new", "added", rows_after=3), TableDifference("same", "equal"),
                   TableDifference("lost", "unknown", "its build is gone")),
)  # fmt: skip


class Page(HTMLParser):
    """The tags of a page, each closed where it must be."""

    VOID = ("meta", "rect", "line", "br")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID or (tag == "rect" and "x" in dict(attrs)):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def named(self, name: str) -> list[dict[str, str | None]]:
        return [attrs for tag, attrs in self.tags if tag == name]


@pytest.fixture(scope="module")
def page() -> Page:
    return Page(page_of(COMPARISON))


def test_a_page_closes_what_it_opens_and_runs_nothing(page) -> None:
    assert not page.open
    assert not page.named("script") and not page.named("link") and not page.named("img")
    assert all(not name.startswith("on") for _, attrs in page.tags for name in attrs)
    assert all(attrs["href"].startswith("#") for attrs in page.named("a"))


def test_every_picture_has_words(page) -> None:
    pictures = page.named("svg")
    assert len(pictures) == 3
    assert all(attrs["role"] == "img" and attrs["aria-label"] for attrs in pictures)
    assert pictures[0]["aria-label"] == "Rows: 995 equal, 2 added, 1 removed, 4 changed"


def test_every_link_leads_to_something_on_the_page(page) -> None:
    ids = {attrs["id"] for _, attrs in page.tags if "id" in attrs}
    assert {attrs["href"][1:] for attrs in page.named("a")} <= ids


def test_pictures_are_well_formed() -> None:
    text = page_of(COMPARISON).replace("\x1b", "")
    for part in text.split("<svg")[1:]:
        ET.fromstring("<svg" + part.partition("</svg>")[0] + "</svg>")


def test_a_page_is_for_light_and_dark_and_for_keyboards() -> None:
    text = page_of(COMPARISON)
    assert "prefers-color-scheme: dark" in text and ":focus-visible" in text
    assert "http" not in text.replace("http://evil", "").replace("http-equiv", "")


def test_markdown_is_text_and_no_markup() -> None:
    text = "\n".join(markdown_of(COMPARISON))
    assert "<script" not in text and "[x](" not in text and "@ana" not in text
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    columns = {line.replace("\\|", "").count("|") for line in rows}
    assert columns == {4, 6}


def test_text_steers_no_terminal_and_says_all() -> None:
    text = "\n".join(map(click.unstyle, diff_lines(COMPARISON)))
    assert "\x1b" not in text
    for said in ("3 of 4 tables differ", "+ new  added, 3 rows", "? lost  its build is gone", "1 equal: same",
                 "1,000 → 1,001 rows", "~ <script>", "INTEGER → BIGINT", "- gone", "PSI 0.31 (major), median 1 → 2",
                 "a sample of 500 rows", "note=' x '", "7: 1.5 → null"):  # fmt: skip
        assert said in text, said


def test_equal_is_one_line() -> None:
    equal = Comparison("prod", "dev", (TableDifference("same", "equal"),))
    assert list(diff_lines(equal)) == ["\x1b[1mprod → dev: \x1b[0mno difference"]
    assert list(markdown_of(equal)) == ["### prod → dev: no difference"]
    assert Page(page_of(equal)).open == []
    assert next(diff_lines(Comparison("a", "b", ()))).endswith("there is nothing to compare")


def test_json_leaves_out_columns_of_which_there_is_nothing_to_say() -> None:
    table = as_json(COMPARISON)["tables"][0]
    assert [column["name"] for column in table["columns"]] == [EVIL, "gone"]
    assert (table["equal"], table["columns"][0]["schema_change"]) == (995, "retyped")


def test_unknown_is_not_equal() -> None:
    assert not Comparison("a", "b", (TableDifference("lost", "unknown"),)).is_equal
