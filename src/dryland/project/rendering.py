"""Turns first renderings into final SQL, once names are known."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from dryland.digest import digest
from dryland.errors import ProjectError, UnknownNameError
from dryland.project.config import as_list
from dryland.project.drafts import Draft
from dryland.project.held_still import held_still
from dryland.project.hook_entry import hook_entry
from dryland.project.jinja.clock import Clock
from dryland.project.jinja.cte import CteValue
from dryland.project.jinja.marks import has_jinja
from dryland.project.jinja.relation import EVERY_ROW, RelationValue
from dryland.project.jinja.state import NeedsWarehouseError, Said, Scope, State, active
from dryland.project.jinja.templates import Templates
from dryland.project.jinja.world import Pass
from dryland.project.names import Names
from dryland.project.nodes import Rendered
from dryland.values import dataclass


def rendered_model(
    draft: Draft, names: Names, templates: Templates, *, is_incremental: bool = False, is_anew: bool = False
) -> Rendered:
    """A model's SQL with the names that dbt would have written.

    The first rendering serves when the template only printed relations; one that looked closer is rendered again, as
    is one that these templates would write otherwise (`is_anew`).
    """
    assert draft.state is not None, draft.unique_id
    rendering = _Rendering(draft, names, templates, is_incremental)
    if is_anew or is_incremental or draft.state.is_provisional:
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
        how = Pass(
            execute=True, is_incremental=self.is_incremental, resolver=names, this=this, clock=clock, selected=None
        )
        try:
            sql, state = self.templates.render(draft.raw, draft.scope, draft.config, how)
        except NeedsWarehouseError:
            return self._later(clock)
        except ProjectError as error:
            return self._later(clock, error)
        return collected(sql, state, names, draft.scope), state.asked

    def _later(self, clock: Clock | None, error: ProjectError | None = None) -> tuple[Rendered, set[str]]:
        """Left for the build, with what is known of it until then."""
        draft = self.draft
        sql, state = self.templates.render(draft.raw, draft.scope, draft.config, Pass(clock=clock))
        template = TextTemplate(draft.raw, draft.scope, draft.config)
        found = _placed(sql, state, self.names, draft)
        if error is not None:
            foretell(error, state)
        late = _late(found, template, self.templates.late_hash(draft.raw, draft.config))
        return replace(late, trouble=error), state.asked


@dataclass(frozen=True, slots=True)
class TextTemplate:
    """A text before Jinja, and where it stands: enough to render it again."""

    text: str
    scope: Scope
    config: Mapping[str, Any]

    def ask(self, templates: Templates, how: Pass) -> tuple[str, State]:
        """Its SQL, and what it asked for on the way."""
        return templates.render(self.text, self.scope, self.config, how)


def rendered_text(
    text: str, scope: Scope, config: Mapping[str, Any], names: Names, templates: Templates, *, is_late: bool = False
) -> Rendered:
    """A hook or a singular test, rendered with all names known.

    One that asks the warehouse, or whether its model is incremental, is rendered when it is used. So is one that
    is told to be late: it uses what is known only then.
    """
    template = TextTemplate(text, scope, config)
    how = Pass(execute=True, resolver=names, this=names.relations.get(scope.unique_id), selected=None)
    trouble = None
    try:
        sql, state = template.ask(templates, replace(how, execute=not is_late))
        is_late = is_late or state.asked_incremental
    except NeedsWarehouseError:
        is_late = True
    except ProjectError as error:
        is_late, trouble = True, error
    try:
        if is_late and has_jinja(text):
            return late(template, templates.late_hash(text, config), names, templates, how, trouble)
    except UnknownNameError as error:
        raise _at_the_ref(error, text, scope.path, scope.line) from error
    again = lambda clock: template.ask(templates, replace(how, clock=clock))[0]  # noqa: E731
    return held_still(collected(sql, state, names, scope), state.asked, again)


def late(
    template: Any, hashed: str, names: Names, templates: Templates, how: Pass, trouble: ProjectError | None = None
) -> Rendered:
    """What is rendered when it is used; until then the hash of its code stands for its SQL.

    As in dbt so is what can be rendered only as long as nothing is asked: its trouble is told when it is used.
    """
    sql, state = template.ask(templates, replace(how, execute=False))
    if trouble is not None:
        foretell(trouble, state)
    return replace(_late(collected(sql, state, names, template.scope), template, hashed), trouble=trouble)


def _late(found: Rendered, template: Any, hashed: str) -> Rendered:
    printed = sorted(text for text, meant in found.relations.items() if meant != "this")  # perhaps into its rows
    return replace(
        found, needs_warehouse=True, template=template, still=f"rendered_late_{digest([hashed, printed])}"
    )  # fmt: skip


def foretell(error: ProjectError, state: State) -> None:
    """Tell people now what will fail when its turn comes."""
    state.say(Said("warning", f"`{state.scope.name}` will fail: {error.message}", error.location or state.scope.path))


def rendered_hooks(draft: Draft, key: str, names: Names, templates: Templates) -> tuple[Rendered, ...]:
    """A node's pre- or post-hooks."""
    found = (_hook(each, draft, names, templates) for each in as_list(draft.config.get(key)))
    return tuple(hook for hook in found if hook.needs_warehouse or hook.sql.strip())


def _hook(written: Any, draft: Draft, names: Names, templates: Templates) -> Rendered:
    entry = hook_entry(written)
    found = rendered_text(entry.sql, draft.scope, draft.config, names, templates)
    said = hook_entry(found.sql)  # one may be `{{ before_begin(...) }}`, which says what it is when it is rendered
    return replace(found, sql=said.sql, in_transaction=entry.in_transaction and said.in_transaction)


def collected(sql: str, state: State, names: Names, scope: Scope) -> Rendered:
    """What a rendering with known names gave."""
    refs = [names.ref(*key, asking=scope)[0] for key in state.refs]
    sources = [names.declared(*key, scope).unique_id for key in state.sources]
    return _rendered(sql, state, names, dict(state.texts), refs, sources)


def _placed(sql: str, state: State, names: Names, draft: Draft) -> Rendered:
    """Put names where the first rendering left marks."""
    marks: dict[str, str] = {}
    relations: dict[str, str] = {}
    refs, sources = [], []
    for key in state.refs:
        refs.append(_asked(partial(names.ref, *key, draft.scope), draft, key[0])[0])
    for source in state.sources:
        sources.append(_asked(partial(names.declared, *source, draft.scope), draft, source[1]).unique_id)
    placing = State(draft.scope, {}, state.clock)
    with active(placing):
        for mark, meant in state.texts.items():
            marks[mark] = _printed(mark, _value(meant, names, draft), state)
    relations = dict(placing.texts)
    for mark in sorted(marks, key=len, reverse=True):  # no name holds a mark
        sql = sql.replace(mark, marks[mark])
    return _rendered(sql, state, names, relations, refs, sources)


def _rendered(
    sql: str, state: State, names: Names, relations: dict[str, str], refs: list[str], sources: list[str]
) -> Rendered:
    macros = tuple(sorted(state.macros))
    return Rendered(sql, relations, _once(refs), _once(sources), names.seeds_of(sources), macros)


def _printed(mark: str, value: RelationValue | CteValue, state: State) -> str:
    """The name in the place of its mark, with the parts that the template wanted."""
    as_marked = state.printed.get(mark)
    if isinstance(value, CteValue) or as_marked is None:
        return str(value)
    placed = as_marked.named(value.relation, value.stands_for)
    return str(placed.render() if mark.endswith(EVERY_ROW) else placed)


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
