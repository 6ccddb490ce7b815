"""Lints contract files: each by itself, and then whether they fit the project."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from dryland.errors import ConfigError, DrylandError
from dryland.project.nodes import Place
from dryland.project.odcs.problem import Problem
from dryland.project.odcs.read import contract_files, contract_folders, read_contract


def lint_files(paths: Iterable[Path], root: Path | None = None) -> tuple[Problem, ...]:
    """Everything that is wrong with these files, each by itself."""
    found: list[Problem] = []
    for path in paths:
        shown = path.relative_to(root).as_posix() if root else path.as_posix()
        try:
            found += read_contract(path, shown)[1]
        except ConfigError as error:
            found.append(_of_error(error))
    return tuple(found)


def lint_project(root: Path, warnings: Callable[[], Iterable[str]]) -> tuple[Problem, ...]:
    """The same of all contracts of a project; where these can be read, whether the models fit them.

    `warnings` reads the project, and gives what it has to say.
    """
    root = root.resolve()
    files = [path for folder in contract_folders(root) for path in contract_files(root, folder)]
    found = lint_files(files, root)
    if any(not each.is_advice for each in found):
        return found
    try:
        said = warnings()
    except DrylandError as error:
        return (*found, _of_error(error))
    names = tuple(path.relative_to(root).as_posix() for path in files)
    return (*found, *(_of_warning(each) for each in said if each.startswith(names)))


def _of_error(error: DrylandError) -> Problem:
    return Problem(Place(error.path or "", error.line or 1), error.message, error.hint)


def _of_warning(text: str) -> Problem:
    """A warning begins with its file, and perhaps the line."""
    where, _, said = text.partition(" ")
    path, _, line = where.partition(":")
    return Problem(Place(path, int(line) if line.isdigit() else 1), said, is_advice=True)
