"""Names everything that can go wrong, as a tree a person can act on.

    DrylandError                      exit code
    |-- UsageError                        2   the command line asks for something impossible
    |   |-- SelectorError                 2   a selector matches nothing or cannot be read
    |   |-- RefusedQueryError             2   a query does what nobody may do here, or what cannot be looked through
    |   `-- StalePlanError                2   the environment was released to since the plan was made
    |-- RightsError                       2   somebody asks for what he may not see or do
    |   `-- SignInError                   2   nobody is signed in: wrong, over, or tried too often
    |-- ProjectError                      2   a project file must be mended: path, line, column, hint
    |   |-- ConfigError                   2   YAML or configuration that cannot be understood
    |   |-- TemplateError                 2   Jinja that cannot be rendered
    |   |-- SqlError                      2   SQL that does not parse
    |   |-- ModelError                    2   a Python model that raised
    |   |-- UnknownNameError              2   a ref, source, macro or column that nothing defines
    |   |-- CycleError                    2   models that need each other; carries the path
    |   |-- DuplicateError                2   two things with one name
    |   |-- MissingSettingError           2   an environment variable, var or profile that is not set
    |   |-- UnsupportedError              2   a feature Dryland does not have
    |   |-- UntranslatedError             2   SQL that cannot be said in the dialect of another warehouse
    |   `-- ContractError                 2   a contract with readers would be broken; carries what, and whom that hits
    |-- InTheWayError                     2   somebody else's objects stand where we would publish
    |-- WarehouseError                    3   the warehouse could not do it
    |   |-- WarehouseLockedError          3   another process holds the warehouse
    |   |-- BusyError                     3   more is asked for at once than is given
    |   |-- WarehouseLostError            3   the connection was lost in the middle of something
    |   |-- HeldError                     3   somebody else is at work on the environment; carries who, and since when
    |   |-- FencedError                   3   somebody else was at work on the environment since; carries the fence
    |   |-- QueryError                    3   a statement failed; carries the SQL
    |   `-- StepTimeoutError              3   a statement took longer than it may
    |-- UnreachableError                  3   a package index, archive or repository could not be reached
    |-- StateError                        3   the metadata store is damaged, newer than us, or out of reach
    `-- InterruptedRunError             130   a person pressed Ctrl-C

What we expect to happen is a value (a failed check is a `Verdict`), not an error. What we got
wrong ourselves is an assert. Only `cli` and `portal` render a `DrylandError`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

EXCERPT_LINES = 2  # before and after the one that failed
EXCERPT_WIDTH = 160


class DrylandError(Exception):
    """Something a person can do something about: what happened, where, and what to do next."""

    exit_code: ClassVar[int] = 2

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        path: str | Path | None = None,
        line: int | None = None,
        column: int | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.path = str(path) if path is not None else None
        self.line = line
        self.column = column
        self.stack: tuple[str, ...] = ()  # the macros on a template's way, outermost first: `path:line in name`

    @property
    def excerpt(self) -> tuple[str, ...]:
        """A few lines of what was being done, the one that failed marked; empty when there is nothing to show."""
        return ()

    @property
    def location(self) -> str:
        """`path:line:column`, as far as known; empty when nothing is."""
        parts = [self.path, self.line, self.column]
        return ":".join(str(part) for part in parts if part is not None)

    def as_dict(self) -> dict[str, object]:
        """The error for machines; the keys are stable."""
        return {
            "error": type(self).__name__,
            "message": self.message,
            "hint": self.hint,
            "path": self.path,
            "line": self.line,
            "column": self.column,
            "stack": list(self.stack),
        }

    def __str__(self) -> str:
        where = f"{self.location}: " if self.location else ""
        seen = "".join(f"\n  at {frame}" for frame in self.stack) + "".join(f"\n  {line}" for line in self.excerpt)
        hint = f"\nhint: {self.hint}" if self.hint else ""
        return f"{where}{self.message}{seen}{hint}"


class UsageError(DrylandError):
    """The command line asks for something impossible."""


class SelectorError(UsageError):
    """A selector matches nothing or cannot be read."""


class RefusedQueryError(UsageError):
    """A query does what nobody may do here, or cannot be looked through."""


class RightsError(DrylandError):
    """Somebody asks for what he may not see or do; it never says whether it is there."""


class SignInError(RightsError):
    """Nobody is signed in; `retry_after_s` says when it is worth another attempt, where that is known."""

    def __init__(self, message: str, *, retry_after_s: float | None = None, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.retry_after_s = retry_after_s


class StalePlanError(UsageError):
    """The environment was released to since the plan was made."""


class ProjectError(DrylandError):
    """A project file must be mended."""


class ConfigError(ProjectError):
    """YAML or configuration that cannot be understood."""


class TemplateError(ProjectError):
    """Jinja that cannot be rendered."""


class SqlError(ProjectError):
    """SQL that does not parse."""


class ModelError(ProjectError):
    """A Python model that raised."""


class UnknownNameError(ProjectError):
    """A ref, source, macro or column that nothing defines."""


class CycleError(ProjectError):
    """Models that need each other; `cycle` starts and ends with the same name."""

    def __init__(self, message: str, *, cycle: tuple[str, ...], **where: object) -> None:
        super().__init__(message, **where)  # type: ignore[arg-type]
        self.cycle = cycle


class DuplicateError(ProjectError):
    """Two things with one name."""


class MissingSettingError(ProjectError):
    """An environment variable, var or profile that is not set."""


class UnsupportedError(ProjectError):
    """A feature Dryland does not have; the hint says what to do instead."""


class UntranslatedError(ProjectError):
    """SQL cannot be said in the dialect of another warehouse."""


class ContractError(ProjectError):
    """A contract with readers would be broken; `broken` has each dataset with its changes and readers."""

    def __init__(self, message: str, *, broken: tuple[dict[str, object], ...], **where: object) -> None:
        super().__init__(message, **where)  # type: ignore[arg-type]
        self.broken = broken

    def as_dict(self) -> dict[str, object]:
        """The error for machines, with what would be broken."""
        return {**super().as_dict(), "broken": list(self.broken)}


class InTheWayError(DrylandError):
    """Objects that Dryland did not make stand where it would publish."""

    def __init__(self, message: str, *, objects: tuple[str, ...], hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.objects = objects


class WarehouseError(DrylandError):
    """The warehouse could not do it."""

    exit_code = 3


class WarehouseLockedError(WarehouseError):
    """Another process holds the warehouse; `retry_after_s` says when it is worth another attempt, where known."""

    def __init__(self, message: str, *, retry_after_s: float | None = None, **where: Any) -> None:
        super().__init__(message, **where)
        self.retry_after_s = retry_after_s


class BusyError(WarehouseError):
    """More is asked for at once than is given; `retry_after_s` says when it is worth another attempt."""

    def __init__(self, message: str, *, retry_after_s: float, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.retry_after_s = retry_after_s


class WarehouseLostError(WarehouseError):
    """The connection was lost in the middle of something: whoever connects again may do better."""


class HeldError(WarehouseError):
    """Somebody else is at work on what is to be changed; `holder` says who, for machines."""

    def __init__(self, message: str, *, holder: dict[str, object], hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.holder = holder

    def as_dict(self) -> dict[str, object]:
        """The error for machines, with who is at work."""
        return {**super().as_dict(), "holder": self.holder}


class FencedError(WarehouseError):
    """Somebody else was at work on the environment since; `noted` is their fence, 0 when it is not known."""

    def __init__(self, message: str, *, noted: int = 0, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.noted = noted


class QueryError(WarehouseError):
    """A statement failed in the warehouse; `transient` says whether trying again may help.

    `sql_line` is the line of `sql` at which it failed, where the warehouse says so.
    """

    def __init__(
        self, message: str, *, sql: str = "", sql_line: int | None = None, transient: bool = False, **where: object
    ) -> None:
        super().__init__(message, **where)  # type: ignore[arg-type]
        self.sql = sql
        self.sql_line = sql_line
        self.transient = transient

    @property
    def excerpt(self) -> tuple[str, ...]:
        """The lines of the SQL around the one that failed."""
        if self.sql_line is None:
            return ()
        first = max(self.sql_line - EXCERPT_LINES, 1)
        lines = self.sql.splitlines()[first - 1 : self.sql_line + EXCERPT_LINES]
        return tuple(
            f"{'>' if number == self.sql_line else ' '} {number:>4} | {line[:EXCERPT_WIDTH]}".rstrip()
            for number, line in enumerate(lines, first)
        )


class StepTimeoutError(WarehouseError):
    """A statement took longer than it may."""


class UnreachableError(DrylandError):
    """A package index, archive or repository could not be reached."""

    exit_code = 3


class StateError(DrylandError):
    """The metadata store is damaged, newer than this Dryland, or out of reach; `is_passing`: try again."""

    exit_code = 3

    def __init__(self, message: str, *, is_passing: bool = False, **where: object) -> None:
        super().__init__(message, **where)  # type: ignore[arg-type]
        self.is_passing = is_passing


class InterruptedRunError(DrylandError):
    """A person pressed Ctrl-C; nothing was half-published."""

    exit_code = 130


def may_pass(error: DrylandError) -> bool:
    """Whether the same, done again, may end otherwise: a connection was lost, or two were in each other's way."""
    if isinstance(error, StateError):
        return error.is_passing
    return isinstance(error, WarehouseLostError) or (isinstance(error, QueryError) and error.transient)
