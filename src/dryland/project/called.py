"""Reads `ref('x')` and `source('x', 'y')` where they stand as text, without running them."""

from __future__ import annotations

import ast
import re

from dryland.engines.relation import Relation
from dryland.errors import UnknownNameError
from dryland.project.jinja.state import Scope
from dryland.project.names import Names
from dryland.project.nodes import Place

CALL = re.compile(r"\s*(\{\{\s*)?(ref|source)\s*\(.*\)\s*(\}\})?\s*", re.DOTALL)


def looks_called(text: object) -> bool:
    """Whether a text is a call of `ref` or `source`, with or without Jinja's braces."""
    return isinstance(text, str) and CALL.fullmatch(text) is not None


def called(text: str, names: Names, scope: Scope, place: Place) -> tuple[str, Relation] | None:
    """The unique id that a call names and where that is; None when it is no call, or no table.

    Raises:
        UnknownNameError: there is no such model or source; carries the place.
    """
    function, given, version = parsed_call(text.strip().removeprefix("{{").removesuffix("}}"))
    try:
        if function == "source" and len(given) == 2:
            return names.source(given[0], given[1], asking=scope)
        if function == "ref" and len(given) in (1, 2):
            unique_id, relation = names.ref(given[-1], given[0] if len(given) == 2 else "", version, scope)
            return (unique_id, relation) if isinstance(relation, Relation) else None
    except UnknownNameError as error:
        raise UnknownNameError(error.message, hint=error.hint, path=place.path, line=place.line) from error
    return None


def parsed_call(text: str) -> tuple[str, list[str], str]:
    """Function, names and version of a call with literal arguments; empty when it is none.

    >>> parsed_call("ref('orders', v=2)")
    ('ref', ['orders'], '2')
    """
    try:
        tree = ast.parse(text.strip(), mode="eval").body
        if not isinstance(tree, ast.Call) or not isinstance(tree.func, ast.Name):
            return "", [], ""
        given = [str(ast.literal_eval(each)) for each in tree.args]
        options = {str(each.arg): str(ast.literal_eval(each.value)) for each in tree.keywords}
    except (SyntaxError, ValueError):
        return "", [], ""
    return tree.func.id, given, options.get("v") or options.get("version") or ""
