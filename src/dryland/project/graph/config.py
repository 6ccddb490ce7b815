"""Says how something is configured as dbt writes it: every key with its default, and what was written of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dryland.project.config import as_list, merged
from dryland.project.config_defaults import DEFAULTS, hook_dict
from dryland.project.graph.parts import Parts

SECTIONS = {
    "model": "models", "seed": "seeds", "snapshot": "snapshots", "test": "data_tests", "source": "sources",
    "exposure": "exposures", "unit_test": "unit_tests", "analysis": "models", "operation": "models",
    "metric": "metrics", "semantic_model": "semantic-models", "saved_query": "saved-queries",
}  # fmt: skip
NESTED = ("docs", "contract", "snapshot_meta_column_names")  # a mapping that says some of its keys keeps the others
HOOKS = {"pre_hook": "pre-hook", "post_hook": "post-hook"}
KEPT_AS = {True: "table", False: "ephemeral"}


def full_config(kind: str, config: Mapping[str, Any]) -> dict[str, Any]:
    """A configuration with every key that dbt writes of this kind; a team's own words come last.

    >>> full_config("exposure", {"tags": "daily", "ours": 1})
    {'enabled': True, 'tags': ['daily'], 'meta': {}, 'ours': 1}
    """
    defaults = DEFAULTS[kind]
    found = {key: list(value) if isinstance(value, list) else value for key, value in defaults.items()}
    for key, value in config.items():
        name = HOOKS.get(str(key), str(key))
        if name in NESTED and isinstance(value, Mapping):
            found[name] = {**(defaults.get(name) or {}), **value}
        elif value is not None or name not in defaults:
            found[name] = plain(value)
    for key in ("pre-hook", "post-hook"):
        if key in defaults:
            found[key] = [hook_dict(each) for each in as_list(found[key])]
    if "tags" in found:
        found["tags"] = [str(tag) for tag in as_list(found["tags"])]
    return _kept_failures(found) if kind == "test" else found


def unrendered(
    parts: Parts, kind: str, fqn: Sequence[str], patch: Mapping[str, Any], called: Iterable[Mapping[str, Any]] = ()
) -> dict[str, Any]:
    """What was written, the nearest word of each key: what dbt compares to see whether configuration changed."""
    found: dict[str, Any] = {}
    package = parts.written[str(fqn[0])] if fqn and fqn[0] in parts.written else parts.written[parts.own.name]
    for level in _levels(_section(package, kind), fqn):
        found |= level
    found |= {str(key): value for key, value in patch.items()}
    said: dict[str, Any] = {}
    for each in called:
        said = merged(said, each) if said else {HOOKS.get(str(key), str(key)): value for key, value in each.items()}
    found |= said
    if package.name != parts.own.name:
        for level in _levels(_section(parts.written[parts.own.name], kind), fqn):
            found |= level
    return {key: plain(value) for key, value in found.items()}


def plain(value: Any) -> Any:
    """The value as JSON knows it: no dates, sets or mappings of our own."""
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(each) for each in value]
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)


def _section(layout: Any, kind: str) -> Mapping[str, Any]:
    section: Mapping[str, Any] = layout.section(SECTIONS[kind])
    return {**layout.section("tests"), **section} if kind == "test" else section


def _levels(section: Mapping[str, Any], fqn: Sequence[str]) -> Iterable[dict[str, Any]]:
    """What each folder on the way says of itself, the outermost first."""
    level: Any = section
    for part in (*fqn, None):
        yield {
            str(key).removeprefix("+").strip(): value
            for key, value in level.items()
            if str(key).startswith("+") or not isinstance(value, Mapping)
        }
        level = level.get(part) if part is not None else None
        if not isinstance(level, Mapping):
            return


def _kept_failures(config: dict[str, Any]) -> dict[str, Any]:
    """Two words for one thing: `store_failures_as` decides when both are there."""
    said = config["store_failures_as"]
    if said is not None:
        config["store_failures"] = said != "ephemeral"
    elif config["store_failures"] is not None:
        config["store_failures_as"] = KEPT_AS[bool(config["store_failures"])]
    return config
