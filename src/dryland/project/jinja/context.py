"""Lists what templates can use: dbt's functions and variables, in dbt's names."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

from dryland.engines.relation import Relation
from dryland.errors import ConfigError, TemplateError, UnknownNameError, UnsupportedError
from dryland.project.jinja.macros import Returned
from dryland.project.jinja.modules import MODULES
from dryland.project.jinja.relation import CteValue, RelationValue
from dryland.project.jinja.state import current

NOWHERE = "dryland_unresolved"  # database of relations whose names are not known yet; replaced before anyone sees it


def functions() -> dict[str, Any]:
    """The part of the context that is the same for every template."""
    return {
        "ref": ref,
        "source": source,
        "config": Config(),
        "is_incremental": is_incremental,
        "should_full_refresh": lambda: bool(current().config.get("full_refresh")),
        "return": return_,
        "log": lambda message, info=False: "",
        "print": lambda message: "",
        "exceptions": EXCEPTIONS,
        "modules": MODULES,
        "fromjson": lambda text, default=None: _or(default, json.loads, text),
        "tojson": lambda value, default=None, sort_keys=False: _or(
            default, lambda v: json.dumps(v, sort_keys=sort_keys), value
        ),
        "fromyaml": lambda text, default=None: _or(default, _load_yaml, text),
        "toyaml": lambda value, default=None, sort_keys=False: _or(default, lambda v: _dump_yaml(v, sort_keys), value),
        "set": lambda value, default=None: _or(default, set, value),
        "set_strict": set,
        "zip": lambda *each, default=None: _or(default, lambda v: list(zip(*v, strict=False)), each),
        "zip_strict": lambda *each: list(zip(*each, strict=True)),
        "local_md5": _md5,
        "dbt_version": "1.11.0",
        "flags": SimpleNamespace(FULL_REFRESH=False, WHICH="build", STORE_FAILURES=False),
        "selected_resources": [],
        "builtins": {"ref": ref, "source": source, "config": Config()},
        "doc": lambda *names: "",
    }


def ref(*names: str, version: Any = None, v: Any = None) -> RelationValue | CteValue:
    """A model or seed: `ref('orders')`, `ref('package', 'orders')`, `ref('orders', v=2)`."""
    if not 1 <= len(names) <= 2:
        raise ConfigError(
            f"ref takes one or two names, not {len(names)}.", hint="ref('model') or ref('package', 'model')"
        )
    state = current()
    wanted = version if version is not None else v
    key = (names[-1], names[0] if len(names) == 2 else "", "" if wanted is None else str(wanted))
    state.refs[key] = None
    if state.resolver is None:
        return RelationValue(Relation(NOWHERE, "ref", "/".join(key)), ("ref", *key))
    unique_id, found = state.resolver.ref(*key, asking=state.scope)
    if isinstance(found, str):
        return CteValue(found, unique_id)
    return RelationValue(state.relations.get(unique_id, found), unique_id)


def source(*names: str) -> RelationValue:
    """A table of a source: `source('shop', 'orders')`."""
    if len(names) != 2:
        raise ConfigError(f"source takes two names, not {len(names)}.", hint="source('source_name', 'table_name')")
    state = current()
    state.sources[names[0], names[1]] = None
    if state.resolver is None:
        return RelationValue(Relation(NOWHERE, "source", "/".join(names)), ("source", *names))
    unique_id, found = state.resolver.source(*names, asking=state.scope)
    return RelationValue(state.relations.get(unique_id, found), unique_id)


def is_incremental() -> bool:
    """Whether this rendering adds to what is there."""
    state = current()
    state.asked_incremental = True
    return state.is_incremental


def return_(value: Any = None) -> Any:
    """End the macro with a value."""
    raise Returned(value)


class Config:
    """`config(...)` declares, `config.get(...)` reads."""

    def __call__(self, *positional: Mapping[str, Any], **named: Any) -> str:
        """Declare, as keywords or as one mapping."""
        declared = {**(dict(positional[0]) if positional else {}), **named}
        state = current()
        state.called_config.append(declared)
        state.config.update(declared)
        return ""

    def get(self, name: str, default: Any = None, validator: Any = None) -> Any:
        """A value after the whole hierarchy; `meta` is not looked into, `meta_get` does that."""
        config = current().config
        value = config.get(name)
        return default if value is None else value

    def require(self, name: str, validator: Any = None) -> Any:
        """A value that must be there."""
        value = self.get(name)
        if value is None:
            raise ConfigError(f"the configuration `{name}` is required here and not set.", hint=f"config({name}=...)")
        return value

    def meta_get(self, name: str, default: Any = None) -> Any:
        """A value of `meta`."""
        return (current().config.get("meta") or {}).get(name, default)

    def persist_relation_docs(self) -> bool:
        """Whether dbt would write descriptions of the table to the warehouse."""
        return bool((current().config.get("persist_docs") or {}).get("relation"))

    def persist_column_docs(self) -> bool:
        """Whether dbt would write descriptions of columns to the warehouse."""
        return bool((current().config.get("persist_docs") or {}).get("columns"))


class Graph:
    """dbt's `graph`, which Dryland does not have."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise UnsupportedError(
            f"`graph.{name}` is not available in templates.",
            hint="list the models you need with ref(); macros over the whole graph are on the roadmap.",
        )


def _raise(message: Any = "") -> None:
    raise TemplateError(str(message))


def _unknown_column(*_: Any, **__: Any) -> None:
    raise UnknownNameError("a column is missing.")


EXCEPTIONS = SimpleNamespace(
    raise_compiler_error=_raise,
    raise_parsing_error=_raise,
    raise_fail_fast_error=_raise,
    raise_database_error=_raise,
    raise_not_implemented=_raise,
    raise_dependency_error=_raise,
    raise_contract_error=_raise,
    column_type_missing=_unknown_column,
    missing_config=_raise,
    missing_relation=_raise,
    relation_wrong_type=_raise,
    warn=lambda message: "",
)


def _or(default: Any, make: Callable[[Any], Any], value: Any) -> Any:
    try:
        return make(value)
    except Exception:
        return default


def _load_yaml(text: str) -> Any:
    import yaml

    return yaml.safe_load(text)


def _dump_yaml(value: Any, sort_keys: bool) -> str:
    import yaml

    return str(yaml.safe_dump(value, sort_keys=sort_keys))


def _md5(text: str) -> str:
    import hashlib

    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
