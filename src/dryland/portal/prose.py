"""Shows what people wrote in Markdown, as descriptions in dbt are: nothing in it can be more than words and links.

HTML stays text, pictures are none (they would tell strangers who looks), addresses lead to the web or to a mailbox, and
headings are bold lines, for a page has headings of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

SCHEMES = ("http", "https", "mailto")
KEPT = 4_000  # texts that were worked out before


@lru_cache(maxsize=KEPT)
def prose(text: str) -> Markup:
    """A text as HTML."""
    read = _reader()
    tokens = read.parse(text)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = "p"
            token.attrs = {"class": "heading"} if token.nesting > 0 else {}
        elif token.type in ("th_open", "td_open"):
            token.attrs = {}  # how a column is aligned would be a style in the page
        elif token.type == "fence":
            token.info = ""
        for part in token.children or ():
            if part.type == "link_open":
                part.attrSet("rel", "noopener noreferrer nofollow")
    return Markup(read.renderer.render(tokens, read.options, {}))  # noqa: S704 - what it makes is escaped


@lru_cache(maxsize=KEPT)
def words(text: str) -> str:
    """The words alone, in a line: where there is no room for more.

    >>> words("# Orders\\n\\nOne row for *each* [order](https://x.example).")
    'Orders One row for each order.'
    """
    return " ".join("".join(_words(_reader().parse(text))).split())


def _words(tokens: Iterable[Token]) -> Iterator[str]:
    for token in tokens:
        if token.children is not None:
            yield from _words(token.children)
            yield " "
        elif token.content or token.type in ("softbreak", "hardbreak"):
            yield token.content or " "


@cache
def _reader() -> MarkdownIt:
    made = MarkdownIt("commonmark", {"html": False}).enable("table").disable(["image", "html_block", "html_inline"])
    made.validateLink = _leads_to_web  # type: ignore[method-assign]
    return made


def _leads_to_web(url: str) -> bool:
    try:
        return urlsplit(url).scheme.lower() in SCHEMES
    except ValueError:
        return False
