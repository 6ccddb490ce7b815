"""Tells names with dots between them from strings and comments in a query's text."""

from __future__ import annotations

import re

PART = r'(?:"(?:[^"]|"")*"|`[^`]*`|[\w$]+)'
KEPT = r"""
    (?P<kept>
        --[^\n]*
      | /\*(?:[^/*]|\*(?!/)|/(?!\*)|/\*(?:[^/*]|\*(?!/)|/(?!\*)|/\*.*?\*/)*\*/)*\*/
      | \b[eE]'(?:[^'\\]|''|\\.)*'
      | '(?:[^']|'')*'
      | (?P<dollars>\$(?:[A-Za-z_]\w*)?\$).*?(?P=dollars)
    )
"""  # comments, which may hold others, and strings
PATH = rf"(?P<path>{PART}(?:\.{PART})*)"  # a name, or some with dots between them
WORDS = re.compile(rf"{KEPT}|{PATH}", re.VERBOSE | re.DOTALL)
ONE_PATH = re.compile(PATH)
ONE_PART = re.compile(PART)
