"""Tells what went wrong in a template: file, line, and the macros it went through."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Collection

import jinja2

from dryland.errors import DrylandError, ProjectError, TemplateError
from dryland.project.jinja.macro import COMPILED
from dryland.project.jinja.state import Scope
from dryland.values import dataclass

MacroAt = Callable[[str, int], str]
"""(path, line) -> the name of the macro that stands there, or nothing."""


def explained(error: Exception, scope: Scope, files: Collection[str], macro_at: MacroAt) -> DrylandError:
    """The error to raise in place of Jinja's or Python's; one of ours gets the place it lacks."""
    if isinstance(error, jinja2.TemplateSyntaxError):
        return _of_syntax(error, scope)
    frames = _frames(error, scope, files, macro_at)
    innermost = frames[-1] if frames else _Frame(scope.path, scope.line)
    if not isinstance(error, DrylandError):
        what = str(error).splitlines()[0].replace(COMPILED, "") if str(error) else type(error).__name__
        error = TemplateError(
            f"the Jinja cannot be rendered: {what}.",
            hint="look at the values at that line; {{ log(x, info=True) }} prints them.",
        )
    if isinstance(error, ProjectError) and error.path is None:
        error.path, error.line = innermost.path, innermost.line
    elif error.path is None and frames:
        error.path, error.line = frames[0].path, frames[0].line
    if not error.stack and len(frames) > 1:
        error.stack = tuple(str(frame) for frame in frames)
    return error


@dataclass(frozen=True, slots=True)
class _Frame:
    """A line of a template that was being rendered."""

    path: str
    line: int
    macro: str = ""

    def __str__(self) -> str:
        return f"{self.path}:{self.line}" + (f" in {self.macro}" if self.macro else "")


def _frames(error: Exception, scope: Scope, files: Collection[str], macro_at: MacroAt) -> list[_Frame]:
    """Outermost first; a template inside YAML starts further down its file."""
    found = []
    for frame, lineno in traceback.walk_tb(error.__traceback__):
        path = frame.f_code.co_filename
        if path in files:
            compiled = frame.f_globals.get("__jinja_template__")  # else Jinja put the template's own line there
            line = compiled.get_corresponding_lineno(lineno) if compiled else lineno
            found.append(_Frame(path, line + scope.line - 1 if path == scope.path else line, macro_at(path, line)))
    return found


def _of_syntax(error: jinja2.TemplateSyntaxError, scope: Scope) -> TemplateError:
    path = error.filename or scope.path
    return TemplateError(
        f"the Jinja does not parse: {str(error.message).rstrip('.')}.", path=path,
        line=(error.lineno or 1) + (scope.line - 1 if path == scope.path else 0),
        hint="is a block left open, or a brace missing?",
    )  # fmt: skip
