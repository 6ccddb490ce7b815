"""Defines what goes along with a statement, and what comes back: a remark, a small answer, and who gives it."""

from __future__ import annotations

from typing import Any, Protocol

from dryland.values import dataclass


@dataclass(frozen=True, slots=True)
class Rows:
    """A small answer: column names and rows of plain Python values."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]

    def as_dicts(self) -> list[dict[str, Any]]:
        """The rows as dictionaries."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


class Asked(Protocol):
    """Whatever runs a query: a session, whoever holds it."""

    def fetch(self, sql: str, *, rows_max: int | None = None) -> Rows:
        """Run one query and return its rows."""
        ...


@dataclass(frozen=True, slots=True)
class Remark:
    """A comment on every statement that a session sends, for whoever looks at the warehouse's log."""

    text: str = ""
    is_appended: bool = False

    @property
    def lines_before(self) -> int:
        """How many lines it puts before a statement: errors are told by the lines of the statement alone."""
        return 0 if self.is_appended or not self.text else self.text.count("\n") + 1

    def on(self, sql: str) -> str:
        """The statement with the comment.

        >>> Remark("orders").on("select 1")
        '/* orders */\\nselect 1'
        >>> Remark("orders", is_appended=True).on("select 1;")
        'select 1\\n/* orders */;'
        """
        if not self.text:
            return sql
        if not self.is_appended:
            return f"/* {self.text} */\n{sql}"
        bare = sql.rstrip()
        end = ";" if bare.endswith(";") else ""
        return f"{bare.removesuffix(';')}\n/* {self.text} */{end}"
