"""Works out how old a source may be, and how it is asked: the table's word counts over the source's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from dryland.errors import ConfigError
from dryland.project.config_keys import verify_words
from dryland.project.jinja.state import Scope
from dryland.project.jinja.world import Pass
from dryland.project.nodes import Place, Source
from dryland.project.project import Project
from dryland.project.render import KnownNames

LIMITS = ("warn_after", "error_after")
PERIODS = ("minute", "hour", "day")
KEYS = frozenset({*LIMITS, "filter"})
QUERY = "loaded_at_query"  # the one key whose Jinja is rendered when the source is asked: it may say `{{ this }}`

Level = Mapping[str, Any]  # what a source or table says, or its `config`
Freshness = Mapping[str, Any]


def levels_of(body: Level, own: Level) -> tuple[Level, ...]:
    """Where freshness may be said in YAML: by the source, its configuration, the table, its configuration."""
    return body, body.get("config") or {}, own, own.get("config") or {}


def freshness_of(levels: Iterable[Level], configured: Any, place: Place) -> Freshness:
    """How old the data may be, in dbt's words; empty when nobody says, or somebody switched it off with `null`.

    `configured` is what dbt_project.yml says: it counts where YAML gives no whole limit.

    Raises:
        ConfigError: a limit is no count and period.
    """
    first, *others = [_threshold(level, place) for level in levels]
    found = first
    for update in others:
        if found is not None and update is not None:
            found = _merged(found, update)
        else:
            found = update if found is None and update and _is_limited(update) else None
    if found is not None and not _is_limited(found):
        found = _threshold({"freshness": configured}, place) if configured else {}
    return found if found and _is_limited(found) else {}


def asked_of(levels: tuple[Level, ...], configured: Level, place: Place) -> tuple[str, str]:
    """The field and the query that say when data arrived; the query counts where both are there.

    Raises:
        ConfigError: a source or a table gives both.
    """
    body, body_config, own, own_config = levels
    for outer, inner, what in ((body, body_config, "source"), (own, own_config, "table")):
        if (outer.get("loaded_at_field") or inner.get("loaded_at_field")) and (outer.get(QUERY) or inner.get(QUERY)):
            raise ConfigError(
                f"the {what} has a loaded_at_field and a loaded_at_query.", path=place.path, line=place.line,
                hint="keep one of them.",
            )  # fmt: skip
    names_field = "loaded_at_field" in own or own_config.get("loaded_at_field")
    field = (own if names_field else body).get("loaded_at_field") or (own_config if names_field else body_config).get(
        "loaded_at_field"
    )
    query = own.get(QUERY) or own_config.get(QUERY)
    if not query and "loaded_at_field" not in own:
        query = body.get(QUERY) or body_config.get(QUERY)
    if not field and not query and "loaded_at_field" not in own:
        field, query = configured.get("loaded_at_field"), configured.get(QUERY)
    return str(field or ""), str(query or "")


def _threshold(level: Level, place: Place) -> Freshness | None:
    """What one level says; nothing of it is not the same as `null`."""
    said = level.get("freshness", {})
    if said is None:
        return None
    if not isinstance(said, Mapping):
        raise ConfigError(
            f"`freshness` is a mapping, not `{said}`.", path=place.path, line=place.line,
            hint="freshness: {warn_after: {count: 12, period: hour}}",
        )  # fmt: skip
    verify_words(said, KEYS, "a key of `freshness`", Place(place.path, getattr(said, "line", place.line)))
    for key in LIMITS:
        _verify_limit(said.get(key), key, Place(place.path, getattr(said, "lines", {}).get(key, place.line)))
    return said


def _verify_limit(limit: Any, key: str, place: Place) -> None:
    if limit is None:
        return
    said = limit if isinstance(limit, Mapping) else {"count": limit}
    count, period = said.get("count"), said.get("period")
    is_number = count is None or (isinstance(count, int) and not isinstance(count, bool))
    if not isinstance(limit, Mapping) or not is_number or (period is not None and period not in PERIODS):
        shown = dict(limit) if isinstance(limit, Mapping) else limit
        raise ConfigError(
            f"`{key}` has a count and a period ({', '.join(PERIODS)}); found `{shown}`.",
            path=place.path, line=place.line, hint=f"{key}: {{count: 12, period: hour}}",
        )  # fmt: skip


def _merged(base: Freshness, update: Freshness) -> Freshness:
    """`update` over `base`: half a limit says nothing, `null` takes one away."""
    found: dict[str, Any] = {}
    for key in LIMITS:
        old, new = base.get(key), update.get(key)
        is_taken_away = key in update and new is None
        found[key] = new if is_taken_away or _is_whole(new) else old
    found["filter"] = update.get("filter") if update.get("filter") is not None else base.get("filter")
    return {key: value for key, value in found.items() if value is not None or key in update}


def _is_limited(said: Freshness) -> bool:
    return any(_is_whole(said.get(key)) for key in LIMITS)


def _is_whole(limit: Any) -> bool:
    return isinstance(limit, Mapping) and limit.get("count") is not None and bool(limit.get("period"))


def rendered_query(project: Project, source: Source) -> str:
    """The `loaded_at_query` with its Jinja rendered; `this` is the source.

    Raises:
        TemplateError: it cannot be rendered.
    """
    scope = Scope(source.place.path, source.package, source.unique_id, source.name, line=source.place.line)
    names = KnownNames(project, frozenset((*project.nodes, *project.sources)))
    how = Pass(execute=True, this=source.relation, resolver=names)
    text: str = project.templates.render(source.loaded_at_query, scope, dict(source.config), how)[0]
    return text.strip().rstrip(";")
