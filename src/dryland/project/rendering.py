"""Turns first renderings into final SQL, once names are known."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from dryland.engines.relation import Relation
from dryland.errors import UnknownNameError, UnsupportedError
from dryland.project.config import as_list
from dryland.project.drafts import Draft
from dryland.project.jinja.relation import CteValue, RelationValue
from dryland.project.jinja.state import NeedsWarehouseError, Scope, State, active
from dryland.project.jinja.templates import Templates
from dryland.project.jinja.world import Pass
from dryland.project.names import Names
from dryland.project.nodes import Rendered


def rendered_model(draft: Draft, names: Names, templates: Templates, *, is_incremental: bool = False) -> Rendered:
    """A model's SQL with the names that dbt would have written.

    The first rendering serves when the template only printed relations; one that looked closer is rendered again.
    """
    assert draft.state is not None, draft.unique_id
    this = names.relations[draft.unique_id]
    if not is_incremental and not draft.state.looked_closer:
        return _placed(draft.sql, draft.state, names, draft, this)
    how = Pass(execute=True, is_incremental=is_incremental, resolver=names, this=this)
    try:
        sql, state = templates.render(draft.raw, draft.scope, draft.config, how)
    except NeedsWarehouseError:
        first = _placed(draft.sql, draft.state, names, draft, this)
        return Rendered(first.sql, first.relations, first.refs, first.sources, first.macros, needs_warehouse=True)
    except UnknownNameError as error:
        raise _at_the_ref(error, draft.raw, draft.place.path) from error
    return collected(sql, state, names, draft.scope)


def rendered_text(text: str, scope: Scope, config: Mapping[str, Any], names: Names, templates: Templates) -> Rendered:
    """A hook or a singular test, rendered with all names known."""
    this = names.relations.get(scope.unique_id)
    try:
        sql, state = templates.render(text, scope, config, Pass(execute=True, resolver=names, this=this))
    except UnknownNameError as error:
        raise _at_the_ref(error, text, scope.path, scope.line) from error
    except NeedsWarehouseError:
        raise _unsupported("queries the warehouse while it renders", scope) from None
    if state.asked_incremental:
        raise _unsupported("asks is_incremental()", scope)
    return collected(sql, state, names, scope)


def _unsupported(what: str, scope: Scope) -> UnsupportedError:
    """Hooks and singular tests are rendered once, before anything is built."""
    return UnsupportedError(
        f"a hook or test here {what}, which is not supported yet.", path=scope.path, line=scope.line,
        hint="write it as plain SQL, or move the condition into the model.",
    )  # fmt: skip


def rendered_hooks(draft: Draft, key: str, names: Names, templates: Templates) -> tuple[Rendered, ...]:
    """A node's pre- or post-hooks."""
    texts = [hook["sql"] if isinstance(hook, Mapping) else hook for hook in as_list(draft.config.get(key))]
    found = (rendered_text(str(text), draft.scope, draft.config, names, templates) for text in texts)
    return tuple(hook for hook in found if hook.sql.strip())


def collected(sql: str, state: State, names: Names, scope: Scope) -> Rendered:
    """What a rendering with known names gave."""
    refs = [names.ref(*key, asking=scope)[0] for key in state.refs]
    sources = [names.source(*key, scope)[0] for key in state.sources]
    return Rendered(sql, dict(state.texts), _once(refs), _once(sources), tuple(sorted(state.macros)))


def _placed(sql: str, state: State, names: Names, draft: Draft, this: Relation) -> Rendered:
    """Put names where the first rendering left marks."""
    marks: dict[str, str] = {}
    relations: dict[str, str] = {}
    refs, sources = [], []
    for key in state.refs:
        refs.append(_asked(partial(names.ref, *key, draft.scope), draft, key[0])[0])
    for source in state.sources:
        sources.append(_asked(partial(names.source, *source, draft.scope), draft, source[1])[0])
    placing = State(draft.scope, {})
    with active(placing):
        for mark, meant in state.texts.items():
            marks[mark] = str(_value(meant, names, draft, this))
    relations = dict(placing.texts)
    if marks:
        pattern = re.compile("|".join(re.escape(mark) for mark in sorted(marks, key=len, reverse=True)))
        sql = pattern.sub(lambda found: marks[found[0]], sql)
    return Rendered(sql, relations, _once(refs), _once(sources), tuple(sorted(state.macros)))


def _value(meant: Any, names: Names, draft: Draft, this: Relation) -> RelationValue | CteValue:
    if meant == "this":
        return RelationValue(this, "this")
    if meant[0] == "source":
        _, source, table = meant
        unique_id, relation = names.source(source, table, draft.scope)
        return RelationValue(relation, unique_id)
    _, name, package, version = meant
    unique_id, found = names.ref(name, package, version, draft.scope)
    return CteValue(found, unique_id) if isinstance(found, str) else RelationValue(found, unique_id)


def _asked(ask: Callable[[], Any], draft: Draft, name: str) -> Any:
    try:
        return ask()
    except UnknownNameError as error:
        raise _at_the_ref(error, draft.raw, draft.place.path, name=name) from error


def _at_the_ref(error: UnknownNameError, text: str, path: str, first_line: int = 1, name: str = "") -> UnknownNameError:
    """The error with the line on which the name stands."""
    wanted = name or (re.search(r"`(?:\w+\.)?([^`]+)`", error.message) or [None, ""])[1]
    found = re.search(rf"['\"]{re.escape(str(wanted))}['\"]", text)
    line = text[: found.start()].count("\n") + first_line if found else (error.line or first_line)
    return UnknownNameError(error.message, hint=error.hint, path=error.path or path, line=line)


def _once(ids: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(ids))
