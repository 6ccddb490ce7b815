"""Settles which expectations of a suite become checks of a table, and tells of each that does not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dryland.check.given import arguments_of
from dryland.errors import ConfigError
from dryland.project.expectations.mapping import checks_of
from dryland.project.expectations.rules import RULES, NotImportedError
from dryland.project.expectations.suite import Expectation
from dryland.project.nodes import Check, Node, Place
from dryland.project.project import Project
from dryland.project.written_checks import WrittenCheck
from dryland.values import dataclass


@dataclass(frozen=True, slots=True)
class Settled:
    """One expectation: as which checks it is written, or why it is not."""

    expectation: Expectation
    checks: tuple[WrittenCheck, ...] = ()
    reason: str = ""
    remark: str = ""  # what the checks see otherwise

    @property
    def is_there(self) -> bool:
        """Whether the model has its checks already."""
        return not self.checks and not self.reason


@dataclass(frozen=True, slots=True)
class Imported:
    """What becomes of the expectations for one table."""

    node: str
    settled: tuple[Settled, ...]

    @property
    def written(self) -> tuple[WrittenCheck, ...]:
        """The checks, each once."""
        return tuple(check for each in self.settled for check in each.checks)


def imported(project: Project, node: Node, expectations: Sequence[Expectation]) -> Imported:
    """The checks that a table would get."""
    tables = {each.name for each in project.nodes.values()}
    said = [_meaning(check) for check in project.checks.values() if check.node == node.unique_id]
    settled = []
    for expectation in expectations:
        found = _settle(expectation, tables)
        new = tuple(each for each in found.checks if _meant(each) not in said)
        said += [_meant(each) for each in new]
        settled.append(replace(found, checks=new))
    return Imported(node.unique_id, tuple(settled))


def _settle(expectation: Expectation, tables: set[str]) -> Settled:
    try:
        checks = checks_of(expectation, tables)
        for each in checks:
            _verify(each)
    except (NotImportedError, ConfigError) as error:
        return Settled(expectation, reason=getattr(error, "message", "") or str(error))
    return Settled(expectation, checks, remark=RULES[expectation.name].remark)


def _verify(written: WrittenCheck) -> None:
    """Whether the kind takes these arguments.

    Raises:
        ConfigError: it does not.
    """
    to = (str(written.arguments["to"]),) if "to" in written.arguments else ()
    arguments_of(
        Check("", "", written.name, "", Place(""), (), column=written.column, arguments=written.arguments, refs=to)
    )  # fmt: skip


def _meant(written: WrittenCheck) -> tuple[object, ...]:
    return (written.name, written.column.lower(), dict(written.arguments), written.settings.get("where") or "")


def _meaning(check: Check) -> tuple[object, ...]:
    kind = check.kind.rpartition(".")[2]
    given = {name: value for name, value in check.arguments.items() if name != "column_name"}
    return (kind, check.column.lower(), given, check.where or "")
