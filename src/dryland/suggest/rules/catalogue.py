"""Lists the rules by which checks are proposed, in the order in which proposals are shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from dryland.suggest.proposal import Candidate
from dryland.suggest.rules import (
    arithmetic,
    categories,
    formats,
    keys,
    moments,
    nulls,
    order,
    ranges,
    references,
    volume,
)
from dryland.suggest.subject import Subject

Rule = Callable[[Subject], Iterator[Candidate]]

RULES: tuple[Rule, ...] = tuple(
    module.candidates
    for module in (keys, nulls, references, categories, formats, ranges, order, arithmetic, moments, volume)
)
