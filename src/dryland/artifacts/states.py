"""Says what `state:` selectors stand for against an earlier manifest, dbt's or ours: dbt's comparison, part by part."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

Entry = Mapping[str, Any]
Entries = Mapping[str, Entry]
Same = Callable[[Entry, Entry], bool]

KINDS = ("nodes", "sources", "exposures", "metrics", "semantic_models", "saved_queries", "unit_tests")
DBTS_OWN = ("macro.dbt.", "macro.dbt_", "macro.dryland.")  # they change with a version, and not with the project
NAMED = ("database", "schema", "alias")
NOT_COMPARED = {  # configuration that is not compared as such: where it goes, and what is only told
    "model": {*NAMED, "tags", "group"}, "seed": {*NAMED, "tags", "group"}, "snapshot": {*NAMED, "tags", "group"},
    "analysis": {*NAMED, "tags", "group"}, "operation": {*NAMED, "tags", "group"}, "test": {*NAMED, "tags", "group"},
    "metric": {"group"},
}  # fmt: skip
SOURCE = ("database", "schema", "identifier", "fqn", "quoting", "freshness", "loaded_at_field", "external")
EXPOSURE = ("fqn", "type", "owner", "maturity", "url", "description", "label")
METRIC = ("type", "description", "label")
SEMANTIC_MODEL = (
    "model", "description", "defaults", "entities", "dimensions", "measures", "config", "primary_entity", "group"
)  # fmt: skip
SAVED_QUERY = ("description", "label", "config", "group", "tags")


def states_since(now: Entry, before: Entry, uses: Callable[[str], Iterable[str]]) -> Mapping[str, frozenset[str]]:
    """By state, the unique ids of everything in `now` that is in it; both are manifests.

    `uses` tells which macros a macro of the project calls. Macros of dbt itself are taken for unmodified.
    """
    things, known = _things(now), _things(before)
    of_macros = _MacroChanges(now["macros"], before["macros"], uses)

    def is_modified(new: Entry, old: Entry | None) -> bool:
        is_other = not _is_same(new, old) or of_macros.reach(new)
        return is_other or (new["resource_type"] == "model" and old is not None and not _same_contract(new, old))

    def modified_in(parts: Mapping[str, Same]) -> Callable[[Entry, Entry | None], bool]:
        def differs(new: Entry, old: Entry | None) -> bool:
            same = parts.get(new["resource_type"])
            return same is not None and (old is None or not same(new, old))

        return differs

    ways: Mapping[str, Callable[[Entry, Entry | None], bool]] = {
        "new": lambda new, old: old is None,
        "old": lambda new, old: old is not None,
        "modified": is_modified,
        "unmodified": lambda new, old: not is_modified(new, old),
        "modified.macros": lambda new, old: of_macros.reach(new),
        "modified.body": modified_in(dict.fromkeys(NODES, _same_body)),
        "modified.configs": modified_in({**dict.fromkeys((*NODES, *CONFIGURED), _same_config), **WHOLE_CONFIG}),
        "modified.relation": modified_in({**dict.fromkeys(NODES, _same_name), "source": _same_place}),
        "modified.contract": modified_in({**dict.fromkeys(NODES, _same_always), "model": _same_contract}),
        "modified.persisted_descriptions": modified_in(dict.fromkeys(NODES, _same_persisted)),
    }
    return {
        way: frozenset(uid for uid, each in things.items() if is_so(each, known.get(uid)))
        for way, is_so in ways.items()
    }


def _things(manifest: Entry) -> dict[str, Entry]:
    return {uid: each for kind in KINDS for uid, each in manifest.get(kind, {}).items()}


class _MacroChanges:
    """Which macros are other ones than before, and what calls one of them, however far away."""

    def __init__(self, now: Entries, before: Entries, uses: Callable[[str], Iterable[str]]) -> None:
        self._uses = uses
        texts, known = ({uid: _text(each) for uid, each in listed.items()} for listed in (now, before))
        either = [uid for uid in {**texts, **known} if not uid.startswith(DBTS_OWN)]
        self._changed = {uid for uid in either if texts.get(uid) != known.get(uid)}

    def reach(self, thing: Entry) -> bool:
        left = list((thing.get("depends_on") or {}).get("macros") or ()) if self._changed else []
        seen: set[str] = set()
        while left:
            uid = left.pop()
            if uid in self._changed:
                return True
            if uid not in seen:
                seen.add(uid)
                left += self._uses(uid)
        return False


def _text(macro: Entry) -> str:
    return str(macro["macro_sql"]).strip()


# --- whole things ----------------------------------------------------------------------------------------------------


def _is_same(new: Entry, old: Entry | None) -> bool:
    """dbt's verdict on the whole: a node that was not there is another one; of a source or exposure it says nothing."""
    kind = new["resource_type"]
    if old is None:
        return kind in ("source", "exposure", "metric", "semantic_model", "saved_query")
    if kind in SAME:
        return SAME[kind](new, old)
    if kind == "test" and new.get("test_metadata"):
        return _same_config(new, old) and _alike(new, old, ("fqn",))
    parts = (_same_body, _same_config, _same_persisted, _same_name)
    return all(same(new, old) for same in parts) and _alike(new, old, ("fqn",))


def _same_model(new: Entry, old: Entry) -> bool:
    parts = (_same_body, _same_config, _same_persisted, _same_name, _same_contract)
    told = ("fqn", "latest_version", "access", "deprecation_date")
    return all(same(new, old) for same in parts) and _alike(new, old, told)


def _same_source(new: Entry, old: Entry) -> bool:
    return _alike(new, old, SOURCE) and _same_config(new, old)


def _same_exposure(new: Entry, old: Entry) -> bool:
    read, known = (set(each["depends_on"]["nodes"]) for each in (new, old))
    return _alike(new, old, EXPOSURE) and read == known and _same_config(new, old)


def _same_query(new: Entry, old: Entry) -> bool:
    asked, known = new["query_params"], old["query_params"]
    exports, before = ([_exported(one) for one in each.get("exports") or ()] for each in (new, old))
    return (
        _alike(new, old, SAVED_QUERY) and _alike(asked, known, ("metrics", "group_by", "where")) and exports == before
    )


def _exported(export: Entry) -> list[Any]:
    said = export.get("unrendered_config") or {}
    return [export.get("name"), *(said.get(key) for key in ("export_as", "schema", "alias"))]


# --- parts -----------------------------------------------------------------------------------------------------------


def _same_body(new: Entry, old: Entry) -> bool:
    """A seed's content by its checksum: too big a file has none, and its path stands for it."""
    if new["resource_type"] == "seed":
        return _alike(new["checksum"], old["checksum"], ("name", "checksum"))
    return _alike(new, old, ("raw_code",))


def _same_config(new: Entry, old: Entry) -> bool:
    left = NOT_COMPARED.get(new["resource_type"], set())
    said, known = new.get("unrendered_config") or {}, old.get("unrendered_config") or {}
    absent = object()
    return all(said.get(key, absent) == known.get(key, absent) for key in {*said, *known} - left)


def _same_name(new: Entry, old: Entry) -> bool:
    """What is configured counts, and not what the target makes of it."""
    return _alike(new.get("unrendered_config") or {}, old.get("unrendered_config") or {}, NAMED)


def _same_place(new: Entry, old: Entry) -> bool:
    return _alike(new, old, ("database", "schema", "identifier"))


def _same_persisted(new: Entry, old: Entry) -> bool:
    wanted = new["config"].get("persist_docs") or {}
    if wanted.get("relation") and not _alike(new, old, ("description",)):
        return False
    told, known = ({name: column.get("description") for name, column in each["columns"].items()} for each in (new, old))
    return not wanted.get("columns") or told == known


def _same_contract(new: Entry, old: Entry) -> bool:
    said, known = new.get("contract") or {}, old.get("contract") or {}
    if not known.get("enforced") and not said.get("enforced"):
        return True
    return bool(known.get("enforced") and said.get("enforced") and _alike(said, known, ("checksum",)))


def _same_always(new: Entry, old: Entry) -> bool:
    return True


def _same_whole_config(new: Entry, old: Entry) -> bool:
    return _alike(new, old, ("config",))


def _alike(new: Entry, old: Entry, keys: Iterable[str]) -> bool:
    return all(new.get(key) == old.get(key) for key in keys)


NODES = ("model", "seed", "snapshot", "analysis", "operation", "test")
CONFIGURED = ("source", "exposure", "metric")
WHOLE_CONFIG: Mapping[str, Same] = {"semantic_model": _same_whole_config, "saved_query": _same_whole_config}
SAME: Mapping[str, Same] = {
    "model": _same_model,
    "source": _same_source,
    "exposure": _same_exposure,
    "metric": lambda new, old: _alike(new, old, METRIC) and _same_config(new, old),
    "semantic_model": lambda new, old: _alike(new, old, SEMANTIC_MODEL),
    "saved_query": _same_query,
    "unit_test": lambda new, old: _alike(new, old, ("checksum",)),
}
