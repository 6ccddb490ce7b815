"""Holds what is asked of a comparison of two tables."""

from __future__ import annotations

from dryland.values import dataclass

BUCKETS = 4_096  # twice as many cost a twentieth of the scan more, and halve what 2,000 changes have to join
CELLS_AT_ONCE = 100_000_000  # values of both sides that are joined at a time, unless rows are told
SAMPLE_CELLS = 2_000_000
SAMPLE_ROWS = 100_000  # of each side: shares are within half a percent of those of all rows
EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class DiffRequest:
    """How two tables are to be compared."""

    name: str
    dialect: str
    key: tuple[str, ...] = ()
    persons: frozenset[str] = frozenset()  # columns, in lower case, of which no value is shown
    examples_max: int = EXAMPLES
    buckets: int = BUCKETS  # a power of two
    rows_at_once: int = 0  # of both sides; 0 leaves it to the number of columns
    shifts: bool = True  # whether to look at distributions

    def rows_for(self, columns: int) -> int:
        """How many rows of both sides are joined at a time."""
        return self.rows_at_once or max(CELLS_AT_ONCE // max(columns, 1), 1)

    def sample_for(self, columns: int) -> int:
        """How many rows of each side distributions are taken from."""
        return max(min(SAMPLE_ROWS, SAMPLE_CELLS // max(columns, 1)), 1)
