"""Cuts the macros out of a file: each with its own text, and nothing of what stands between them."""

from __future__ import annotations

import re

BLOCK = re.compile(
    r"""
    (?P<comment>\{\#.*?\#\})
  | (?P<raw>\{%-?\s*raw\s*-?%\}.*?\{%-?\s*endraw\s*-?%\})
  | (?P<text>
        (?:\s*\{%-|\{%)\s*(?P<kind>macro|test|data_test|materialization)\s+(?P<name>\w+)(?P<rest>(?:[^%]|%(?!\}))*)%\}
        .*?
        \{%-?\s*end(?P=kind)\s*(?:-%\}\s*|%\})
    )
    """,
    re.VERBOSE | re.DOTALL,
)


OPENING = re.compile(r"\{%-?\s*(?:macro|test|data_test|materialization)\s+\w+")


def only_blocks(text: str) -> str:
    r"""The macros of a file where they stand, and blank lines for all else: dbt does not read that, either.

    >>> only_blocks("{% https://example.org %}\n{% macro one() %}1{% endmacro %}")
    '\n{% macro one() %}1{% endmacro %}'
    """
    kept, end = [], 0
    for found in BLOCK.finditer(text):
        kept.append(_between(text[end : found.start()]))
        kept.append(found["text"] or "\n" * found[0].count("\n"))
        end = found.end()
    return "".join((*kept, _between(text[end:])))


def _between(text: str) -> str:
    """Blank lines; a macro that nobody closed is left for Jinja to tell of."""
    found = OPENING.search(text)
    start = found.start() if found else len(text)
    return "\n" * text.count("\n", 0, start) + text[start:]
