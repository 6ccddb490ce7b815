"""Tells what went wrong in a template: file, line, and the macros it went through."""

from __future__ import annotations

import traceback
from collections.abc import Collection

import jinja2

from dryland.errors import DrylandError, ProjectError, TemplateError
from dryland.project.jinja.state import Scope


def explained(error: Exception, scope: Scope, files: Collection[str]) -> DrylandError:
    """The error to raise in place of Jinja's or Python's; one of ours gets the place it lacks."""
    frames = [
        (frame.filename, frame.lineno or 1, frame.name)
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename in files
    ]
    path, line = (frames[-1][0], frames[-1][1]) if frames else (scope.path, None)
    if path == scope.path and line is not None:
        line += scope.line - 1
    stack = tuple(f"{file}:{at}" for file, at, _ in frames)
    if isinstance(error, jinja2.TemplateSyntaxError):
        return TemplateError(
            f"the Jinja does not parse: {error.message}.", path=error.filename or scope.path,
            line=(error.lineno or 1) + (scope.line - 1 if (error.filename or scope.path) == scope.path else 0),
            hint="is a block left open, or a brace missing?",
        )  # fmt: skip
    if isinstance(error, ProjectError):
        if error.path is None:
            error.path, error.line = path, line or scope.line
        if isinstance(error, TemplateError) and not error.stack:
            error.stack = stack
        return error
    if isinstance(error, DrylandError):
        return error
    what = str(error).splitlines()[0] if str(error) else type(error).__name__
    return TemplateError(
        f"the Jinja cannot be rendered: {what}.", path=path, line=line or scope.line, stack=stack,
        hint="look at the values at that line; {{ log(x) }} and `dryland show` help.",
    )  # fmt: skip
