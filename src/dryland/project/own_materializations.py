"""Finds the macro of a project or package that makes a model's table, where that is not Dryland's own work."""

from __future__ import annotations

import difflib
from typing import Any

from dryland.errors import UnsupportedError
from dryland.project.config_place import place_of
from dryland.project.drafts import Draft
from dryland.project.external_file import EXTERNAL
from dryland.project.jinja.macro import Macro
from dryland.project.jinja.templates import Templates

BUILT_IN = ("view", "table", "incremental", "ephemeral")
OF_ADAPTERS = (EXTERNAL, "materialized_view")


def own_materialization(draft: Draft, name: str, templates: Templates) -> dict[str, Any]:
    """What a node says of the macro that makes it; nothing when it is made by Dryland itself.

    Raises:
        UnsupportedError: nothing makes such tables, or not from Python; names the nearest that exists.
    """
    macro = templates.macros.materialization(name)
    if macro is None and name not in built_in(templates):
        raise _unknown(draft, name, templates)
    if macro is None or name == "ephemeral":
        return {}
    if draft.language == "python":
        raise UnsupportedError(
            f"the materialization `{name}` ({macro.path}:{macro.line}) cannot make a Python model.",
            **place_of("materialized", draft),
            hint="give it `table` or `incremental`, or write the model in SQL.",
        )
    return {"materialization_macro": macro.unique_id, "materialization_hash": _hash(macro, draft, templates)}


def built_in(templates: Templates) -> tuple[str, ...]:
    """What Dryland makes itself for this project's warehouse."""
    return (*BUILT_IN, *(name for name in OF_ADAPTERS if templates.macros.has_of_adapter(name)))


def refuse_own(kind: str, templates: Templates) -> None:
    """Seeds and snapshots are made by Dryland.

    Raises:
        UnsupportedError: the project has a materialization that would make them.
    """
    macro = templates.macros.materialization(kind)
    if macro is not None:
        raise UnsupportedError(
            f"{kind}s are made by Dryland: a materialization `{kind}` of the project's own is not supported.",
            path=macro.path, line=macro.line, hint="remove it, or give it another name and make models with it.",
        )  # fmt: skip


def _hash(macro: Macro, draft: Draft, templates: Templates) -> str:
    """Of the macro, of all it reaches, and of what it may read of the project."""
    return templates.late_hash("{{ " + macro.name + "() }}", draft.config)


def _unknown(draft: Draft, name: str, templates: Templates) -> UnsupportedError:
    known = [*built_in(templates), *templates.macros.materializations()]
    near = difflib.get_close_matches(name, known, n=1)
    return UnsupportedError(
        f"nothing makes `materialized: {name}`: it is not built in, and no macro defines it.",
        **place_of("materialized", draft),
        hint=f"`{near[0]}` exists." if near else f"there are: {', '.join(dict.fromkeys(known))}.",
    )
