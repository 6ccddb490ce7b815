"""Says what a measure may be: stretches of numbers (or of dates, as text), their ends in them or not."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from dryland.values import dataclass

End = int | float | str
OPERATORS = (
    "mustBe", "mustNotBe", "mustBeGreaterThan", "mustBeGreaterOrEqualTo", "mustBeLessThan", "mustBeLessOrEqualTo",
    "mustBeBetween", "mustNotBeBetween",
)  # fmt: skip
RENAMED = {  # the same in ODCS 3.0
    "mustBeGreaterThanOrEqualTo": "mustBeGreaterOrEqualTo", "mustBeLessThanOrEqualTo": "mustBeLessOrEqualTo",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stretch:
    """From `low` to `high`; None has no end."""

    low: End | None = None
    has_low: bool = True
    high: End | None = None
    has_high: bool = True

    def is_within(self, other: Stretch) -> bool:
        """Whether everything in it is in the other; what cannot be compared is not."""
        try:
            return self._starts_in(other) and self._ends_in(other)
        except TypeError:
            return False

    def _starts_in(self, other: Stretch) -> bool:
        if other.low is None:
            return True
        if self.low is None:
            return False
        return self.low > other.low or (self.low == other.low and (other.has_low or not self.has_low))  # type: ignore[operator]

    def _ends_in(self, other: Stretch) -> bool:
        if other.high is None:
            return True
        if self.high is None:
            return False
        return self.high < other.high or (self.high == other.high and (other.has_high or not self.has_high))  # type: ignore[operator]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing in it."""
        if self.low is None or self.high is None:
            return False
        return self.low > self.high or (self.low == self.high and not (self.has_low and self.has_high))  # type: ignore[operator]


@dataclass(frozen=True, slots=True)
class Allowed:
    """One of several stretches."""

    stretches: tuple[Stretch, ...]

    def is_within(self, other: Allowed) -> bool:
        """Whether it allows nothing that the other does not: it promises at least as much."""
        return all(any(mine.is_within(theirs) for theirs in other.stretches) for mine in self.stretches)

    def counted(self, *, is_whole: bool) -> Allowed:
        """The same of something that is counted: never under nothing, and perhaps only whole."""
        cut = [_not_negative(each) for each in self.stretches]
        cut = [_whole(each) for each in cut] if is_whole else cut
        return Allowed(tuple(each for each in cut if not each.is_empty))

    @property
    def is_of_numbers(self) -> bool:
        """Whether it compares numbers, and no texts."""
        ends = [end for each in self.stretches for end in (each.low, each.high)]
        return not any(isinstance(end, str) for end in ends)

    @property
    def most(self) -> int | None:
        """The number up to which all whole numbers are allowed, and nothing else; None when it is not so."""
        cut = self.counted(is_whole=True).stretches
        is_upto = len(cut) == 1 and cut[0].low == 0 and isinstance(cut[0].high, int)
        return int(cut[0].high) if is_upto else None  # type: ignore[arg-type]

    def as_json(self) -> list[list[Any]]:
        """The JSON form, read back by `Allowed.from_json`."""
        return [[each.low, each.has_low, each.high, each.has_high] for each in self.stretches]

    @staticmethod
    def from_json(value: Sequence[Sequence[Any]]) -> Allowed:
        """The inverse of `as_json`."""
        return Allowed(tuple(Stretch(*each) for each in value))

    def __str__(self) -> str:
        return " or ".join(_told(each) for each in self.stretches) or "nothing"


NOTHING_MORE = Allowed((Stretch(0, True, 0, True),))  # than none


def parse_allowed(operator: str, value: Any) -> Allowed | None:
    """What an operator of ODCS allows; None when its value is of no use.

    >>> str(parse_allowed("mustBeLessThan", 5)), str(parse_allowed("mustBeBetween", [2, 9]))
    ('under 5', 'over 2 and under 9')
    """
    if operator in ("mustBeBetween", "mustNotBeBetween"):
        if not isinstance(value, list) or len(value) != 2 or not all(map(_is_number, value)) or value[0] > value[1]:
            return None
        low, high = value
        between = (Stretch(low, False, high, False),)
        return Allowed(between if operator == "mustBeBetween" else (Stretch(None, True, low), Stretch(high)))
    if not _is_number(value) and not (isinstance(value, str) and operator in ("mustBe", "mustNotBe")):
        return None
    stretches: Mapping[str, tuple[Stretch, ...]] = {
        "mustBe": (Stretch(value, True, value, True),),
        "mustNotBe": (Stretch(None, True, value, False), Stretch(value, False)),
        "mustBeGreaterThan": (Stretch(value, False),),
        "mustBeGreaterOrEqualTo": (Stretch(value),),
        "mustBeLessThan": (Stretch(None, True, value, False),),
        "mustBeLessOrEqualTo": (Stretch(None, True, value),),
    }
    return Allowed(stretches[operator])


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and value == value  # NaN compares with nothing


def _not_negative(each: Stretch) -> Stretch:
    if each.low is None or (isinstance(each.low, int | float) and each.low < 0):
        return Stretch(0, True, each.high, each.has_high)
    return each


def _whole(each: Stretch) -> Stretch:
    low, high = each.low, each.high
    if isinstance(low, int | float):
        low = math.ceil(low) if each.has_low or low != math.ceil(low) else int(low) + 1
    if isinstance(high, int | float):
        high = math.floor(high) if each.has_high or high != math.floor(high) else int(high) - 1
    return Stretch(low, True, high, True)


def _told(each: Stretch) -> str:
    if each.low is not None and each.low == each.high:
        return str(each.low)
    low = "" if each.low is None else f"{'at least' if each.has_low else 'over'} {each.low}"
    high = "" if each.high is None else f"{'at most' if each.has_high else 'under'} {each.high}"
    return " and ".join(part for part in (low, high) if part) or "anything"
