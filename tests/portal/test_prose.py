"""Descriptions are shown as the Markdown that they are, and can be nothing else."""

from __future__ import annotations

from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from portal_shop import HOSTILE

from dryland.portal.prose import prose, words

TAGS = {
    "p", "em", "strong", "code", "pre", "a", "ul", "ol", "li", "blockquote", "hr", "br",
    "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
ATTRIBUTES = {"href", "rel", "class", "start", "title"}
PIECES = (
    "javascript:alert(1)", "<script>", "</td>", "](", "[a", ")", "![", "data:text/html,", "https://x.y", "mailto:a@b",
    "&#106;", '"onclick=x', "`", "```", "\n\n", "# ", "|a|b|\n|:-|-:|\n|", "<a href=x>", "<javascript:x>", "\\", "*",
    "\x00", HOSTILE,
)  # fmt: skip


class Seen(HTMLParser):
    """What is in a piece of HTML."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def seen(text: str) -> Seen:
    found = Seen()
    found.feed(str(prose(text)))
    return found


def test_markdown_is_shown_as_it_is_meant() -> None:
    text = str(prose("One row for *each* `order`.\n\n# Columns\n\n- [how](https://wiki.example/x)\n- **why**\n"))
    assert "<p>One row for <em>each</em> <code>order</code>.</p>" in text
    assert '<p class="heading">Columns</p>' in text, "a page has headings of its own"
    assert '<a href="https://wiki.example/x" rel="noopener noreferrer nofollow">how</a>' in text
    assert "<strong>why</strong>" in text


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "JaVaScRiPt:alert(1)", "&#106;avascript:alert(1)", "data:text/html,x", "vbscript:x", "file:///etc",
     "//evil.example", "/admin", "\tjavascript:x", "view-source:https://x"],
)  # fmt: skip
def test_addresses_lead_to_the_web_alone(url: str) -> None:
    for text in (f"[x]({url})", f"[x](<{url}>)", f"<{url}>", f"[x][1]\n\n[1]: {url}"):
        assert "a" not in {tag for tag, _ in seen(text).tags}, text


@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=8)), max_size=12).map("".join))
def test_whatever_is_written_is_words_and_links(text: str) -> None:
    for tag, attributes in seen(text).tags:
        assert tag in TAGS
        assert attributes.keys() <= ATTRIBUTES
        assert urlsplit(attributes.get("href") or "https:").scheme in ("http", "https", "mailto")
    assert "\n" not in words(text)


def test_hostile_words_stay_words() -> None:
    assert "<script>alert(1)</script>" in seen(HOSTILE).text
    assert {tag for tag, _ in seen(HOSTILE).tags} == {"p"}


def test_a_list_has_the_words_alone() -> None:
    assert words("## Orders\n\nOne *row* for each\n[order](https://x.example).") == "Orders One row for each order."
