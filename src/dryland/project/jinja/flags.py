"""Tells templates how this run was called: dbt's `flags`."""

from __future__ import annotations

from dryland.project.jinja.state import NeedsWarehouseError, current
from dryland.values import dataclass


@dataclass(frozen=True, slots=True)
class Flags:
    """What a template may know of the command line."""

    is_full_refresh: bool = False
    WHICH: str = "build"
    STORE_FAILURES: bool = False

    @property
    def FULL_REFRESH(self) -> bool:  # noqa: N802 - dbt's name
        """Whether growing tables start from nothing this time: known when a table is built, not before.

        Raises:
            NeedsWarehouseError: it is not built now.
        """
        state = current()
        state.looked_closer = True
        if state.execute and state.warehouse is None and state.scope.unique_id:
            raise NeedsWarehouseError
        return self.is_full_refresh
