"""Tells what templates refer to, as they wrote it and by what it means."""

from __future__ import annotations

from typing import Any

from dryland.errors import UnknownNameError
from dryland.project.config import as_list
from dryland.project.drafts import Draft
from dryland.project.graph.parts import Parts
from dryland.project.hook_entry import hook_entry
from dryland.project.jinja.world import Pass

Refs = list[tuple[str, str, str]]  # name, package, version
Sources = list[tuple[str, str]]  # source, table


def references(parts: Parts, draft: Draft) -> dict[str, Any]:
    """What a template or a Python model refers to, by the names that it wrote and by what they mean."""
    refs: Refs = list(draft.state.refs if draft.state else draft.python.refs)
    sources = list(draft.state.sources if draft.state else draft.python.sources)
    of_hooks = hooks_called(parts, draft)
    return {
        "language": draft.language,
        **written_references(refs, sources),
        "metrics": [],
        "functions": [],
        "depends_on": {
            "macros": list({**(draft.state.called if draft.state else {}), **of_hooks}),
            "nodes": meant(parts, draft.scope, refs, sources) if draft.is_enabled else [],
        },
        "compiled_path": None,
    }


def hooks_called(parts: Parts, draft: Draft) -> dict[str, None]:
    """The macros that hooks call, which dbt counts as their node's own."""
    texts = (hook_entry(each).sql for key in ("pre-hook", "post-hook") for each in as_list(draft.config.get(key)))
    found: dict[str, None] = {}
    for text in texts:
        found |= parts.templates.render(text, draft.scope, draft.config, Pass())[1].called
    return found


def written_references(refs: Refs, sources: Sources) -> dict[str, Any]:
    """Refs and sources as they are written."""
    return {
        "refs": [
            {"name": name, "package": package or None, "version": number(version)} for name, package, version in refs
        ],
        "sources": [list(each) for each in sources],
    }


def meant(parts: Parts, asking: Any, refs: Refs, sources: Sources) -> list[str]:
    """Unique ids of what is referred to, each once."""
    found = [parts.names.declared(*key, asking).unique_id for key in sources]
    found += [parts.names.ref(*key, asking=asking)[0] for key in refs]
    return list(dict.fromkeys(found))


def all_known(parts: Parts, asking: Any, refs: Refs, sources: Sources) -> bool:
    """Whether everything is there that is referred to; a data test of which something is not is switched off."""
    try:
        meant(parts, asking, refs, sources)
    except UnknownNameError:
        return False
    return True


def number(version: Any) -> Any:
    """A version as YAML reads it: `2` is a number, `2b` a word; none is none.

    >>> number("2"), number("1.5"), number("2b"), number("")
    (2, 1.5, '2b', None)
    """
    text = str(version or "")
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text or None
