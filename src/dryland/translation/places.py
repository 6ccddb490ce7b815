"""Finds the line on which something stands that is not translated."""

from __future__ import annotations

import re

from dryland.project.nodes import Place
from dryland.translation.problem import Problem

NAME = re.compile(r"[A-Za-z_]\w*")
IDLE = frozenset({"as", "cast", "select", "from", "and", "or", "not", "case", "when", "then", "else", "end"})


def place_in(text: str, problem: Problem, path: str, line: int) -> Place:
    """The line of a file that has most of the words at which the problem stands; the first of those.

    The SQL was written anew by templates and parsers, so that only words can be looked for.

    >>> place_in("select a,\\n  list_sum(b)", Problem("...", near="LIST_SUM(t.b)"), "m.sql", 1).line
    2
    """
    wanted = {word.lower() for word in NAME.findall(problem.near)} - IDLE
    if not wanted or not text:
        return Place(path, line)
    scores = [len(wanted & {word.lower() for word in NAME.findall(each)}) for each in text.splitlines()]
    best = max(scores, default=0)
    return Place(path, scores.index(best) + 1) if best else Place(path, line)
