"""Turns first renderings into final SQL, once names are known."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from dryland.errors import UnknownNameError, UnsupportedError
from dryland.project.config import as_list
from dryland.project.drafts import Draft
from dryland.project.held_still import held_still
from dryland.project.jinja.clock import Clock
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
    rendering = _Rendering(draft, names, templates, is_incremental)
    if is_incremental or draft.state.is_provisional:
        found, asked = rendering.again(None)
    else:
        found, asked = _placed(draft.sql, draft.state, names, draft), draft.state.asked
    return held_still(found, asked, lambda clock: rendering.again(clock)[0].sql)


@dataclass(frozen=True, slots=True)
class _Rendering:
    draft: Draft
    names: Names
    templates: Templates
    is_incremental: bool

    def again(self, clock: Clock | None) -> tuple[Rendered, set[str]]:
        """With all names known; also says what it looked at."""
        draft, names = self.draft, self.names
        this = names.relations[draft.unique_id]
        how = Pass(execute=True, is_incremental=self.is_incremental, resolver=names, this=this, clock=clock)
        try:
            sql, state = self.templates.render(draft.raw, draft.scope, draft.config, how)
        except NeedsWarehouseError:
            sql, state = self.templates.render(draft.raw, draft.scope, draft.config, Pass(clock=clock))
            return replace(_placed(sql, state, names, draft), needs_warehouse=True), state.asked
        except UnknownNameError as error:
            raise _at_the_ref(error, draft.raw, draft.place.path) from error
        return collected(sql, state, names, draft.scope), state.asked


def rendered_text(text: str, scope: Scope, config: Mapping[str, Any], names: Names, templates: Templates) -> Rendered:
    """A hook or a singular test, rendered with all names known."""
    how = Pass(execute=True, resolver=names, this=names.relations.get(scope.unique_id))
    try:
        sql, state = templates.render(text, scope, config, how)
    except UnknownNameError as error:
        raise _at_the_ref(error, text, scope.path, scope.line) from error
    except NeedsWarehouseError:
        raise _unsupported("queries the warehouse while it renders", scope) from None
    if state.asked_incremental:
        raise _unsupported("asks is_incremental()", scope)
    found = collected(sql, state, names, scope)
    again = lambda clock: templates.render(text, scope, config, replace(how, clock=clock))[0]  # noqa: E731
    return held_still(found, state.asked, again)


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


def _placed(sql: str, state: State, names: Names, draft: Draft) -> Rendered:
    """Put names where the first rendering left marks."""
    marks: dict[str, str] = {}
    relations: dict[str, str] = {}
    refs, sources = [], []
    for key in state.refs:
        refs.append(_asked(partial(names.ref, *key, draft.scope), draft, key[0])[0])
    for source in state.sources:
        sources.append(_asked(partial(names.source, *source, draft.scope), draft, source[1])[0])
    placing = State(draft.scope, {}, state.clock)
    with active(placing):
        for mark, meant in state.texts.items():
            marks[mark] = str(_value(meant, names, draft))
    relations = dict(placing.texts)
    if marks:
        pattern = re.compile("|".join(re.escape(mark) for mark in sorted(marks, key=len, reverse=True)))
        sql = pattern.sub(lambda found: marks[found[0]], sql)
    return Rendered(sql, relations, _once(refs), _once(sources), tuple(sorted(state.macros)))


def _value(meant: Any, names: Names, draft: Draft) -> RelationValue | CteValue:
    if meant == "this":
        return RelationValue(names.relations[draft.unique_id], "this")
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
