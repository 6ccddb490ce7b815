"""Lists what templates can use: dbt's functions and variables, in dbt's names."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterator, Mapping, MutableMapping
from types import SimpleNamespace
from typing import Any, Literal

import jinja2

from dryland.engines.relation import Relation
from dryland.errors import ConfigError, TemplateError, UnknownNameError
from dryland.project.jinja.macros import Returned
from dryland.project.jinja.modules import MODULES
from dryland.project.jinja.relation import CteValue, RelationValue
from dryland.project.jinja.state import Said, State, called, current, overlooks
from dryland.project.jinja.value_functions import VALUE_FUNCTIONS

NOWHERE = "dryland_unresolved"  # database of relations whose names are not known yet; replaced before anyone sees it


def functions() -> dict[str, Any]:
    """The part of the context that is the same for every template."""
    return {
        "ref": REF,
        "source": source,
        "config": Config(),
        "is_incremental": is_incremental,
        "should_full_refresh": should_full_refresh,
        "return": return_,
        "log": log,
        "print": print_,
        "exceptions": EXCEPTIONS,
        "modules": MODULES,
        **VALUE_FUNCTIONS,
        "dbt_version": "1.11.0",
        "dbt_metadata_envs": {},
        "invocation_args_dict": {"which": "build"},
        "thread_id": "Thread-1",
        "sql_now": "now()",
        "validation": SimpleNamespace(
            any=lambda *_: lambda value: None
        ),  # of configuration, which is checked when read
        "write": lambda payload: "",
        "builtins": {"ref": REF, "source": source, "config": Config()},
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


class Reference:
    """dbt's `ref`, through which packages reach the configuration of the run."""

    def __call__(self, *names: str, **version: Any) -> RelationValue | CteValue:
        """A model or seed."""
        return ref(*names, **version)

    @property
    def config(self) -> Any:
        """The run's configuration."""
        return current().context["__config__"]


REF = Reference()


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
    called("macro.dbt.is_incremental")
    state.asked_incremental = True
    return state.is_incremental


def should_full_refresh() -> bool:
    """Whether a table is to be made from nothing: as it is configured, or else as this run was asked."""
    state = current()
    said = state.config.get("full_refresh")
    return bool(state.context["flags"].FULL_REFRESH if said is None else said)


def log(msg: Any, info: bool = False) -> str:
    """Told to people when `info` is set."""
    return print_(msg) if info else ""


def print_(msg: Any = "") -> str:
    """Told to people."""
    return _say("info", msg)


def _say(kind: Literal["warning", "info"], message: Any) -> str:
    state = current()
    state.say(Said(kind, str(message), state.scope.path))
    return ""


def return_(value: Any = None) -> Any:
    """End the macro with a value."""
    raise Returned(value)


class Config:
    """`config(...)` declares, `config.get(...)` reads."""

    def __call__(self, *positional: Mapping[str, Any], **named: Any) -> str:
        """Declare, as keywords or as one mapping."""
        declared = {**(dict(positional[0]) if positional else {}), **named}
        for value in declared.values():
            if isinstance(value, jinja2.Undefined):
                value._fail_with_undefined_error()  # it would be kept
        state = current()
        state.called_config.append(declared)
        if not state.execute:
            state.config.update(declared)
        return ""

    def set(self, name: str, value: Any) -> str:
        """Declare one value."""
        return self(**{name: value})

    def get(self, name: str, default: Any = None, validator: Any = None) -> Any:
        """A value after the whole hierarchy; a key of dbt's that is not set is None, whatever the default.

        While names are looked for there is none yet, as in dbt: what a template refers to depends on no configuration.
        """
        if overlooks():
            return ""
        return current().config.get(name, default)

    def require(self, name: str, validator: Any = None) -> Any:
        """A value that must be there."""
        if overlooks():
            return ""
        value = self.get(name)
        if value is None:
            raise ConfigError(f"the configuration `{name}` is required here and not set.", hint=f"config({name}=...)")
        return value

    def meta_get(self, name: str, default: Any = None) -> Any:
        """A value of `meta`."""
        if overlooks():
            return ""
        return (current().config.get("meta") or {}).get(name, default)

    def meta_require(self, name: str, validator: Any = None) -> Any:
        """A value of `meta` that must be there."""
        value = self.meta_get(name)
        if value is None:
            raise ConfigError(f"`{name}` is required in `meta` here and not set.", hint="config(meta={...})")
        return value

    def persist_relation_docs(self) -> bool:
        """Whether dbt would write descriptions of the table to the warehouse."""
        return bool((current().config.get("persist_docs") or {}).get("relation"))

    def persist_column_docs(self) -> bool:
        """Whether dbt would write descriptions of columns to the warehouse."""
        return bool((current().config.get("persist_docs") or {}).get("columns"))


class Graph(MutableMapping[str, Any]):
    """dbt's `graph`: everything in the project, as dictionaries; empty in the parsing pass.

    What a template adds to it the others of its run find there, as packages do that keep their books in it.
    """

    def __getitem__(self, name: str) -> Any:
        state = current()
        state.asked.add("execute")
        return self._parts(state)[name]

    def __setitem__(self, name: str, value: Any) -> None:
        current().added_to_graph[name] = value

    def __delitem__(self, name: str) -> None:
        del current().added_to_graph[name]

    def __iter__(self) -> Iterator[str]:
        state = current()
        state.asked.add("execute")
        return iter(self._parts(state))

    def __len__(self) -> int:
        return len(list(iter(self)))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self.get(name, {})

    def _parts(self, state: State) -> Mapping[str, Any]:
        known = state.graph() if state.execute and state.graph is not None else {}
        return ChainMap(state.added_to_graph, known)  # type: ignore[arg-type]


class ModelValue(dict[str, Any]):
    """dbt's `model`: what is being rendered; what it does not say of itself, the graph does."""

    _is_whole = False

    def __missing__(self, key: str) -> Any:
        return dict(self.items())[key]

    def __contains__(self, key: object) -> bool:
        return dict.__contains__(self._whole(), key)

    def __iter__(self) -> Iterator[str]:
        return dict.__iter__(self._whole())

    def __len__(self) -> int:
        return dict.__len__(self._whole())

    def __repr__(self) -> str:
        return dict.__repr__(self._whole())

    __str__ = __repr__

    def get(self, key: str, default: Any = None) -> Any:
        """What it says of itself, or the default."""
        return dict.get(self._whole(), key, default)

    def items(self) -> Any:
        """All of it."""
        return dict.items(self._whole())

    def keys(self) -> Any:
        """The names of all of it."""
        return dict.keys(self._whole())

    def _whole(self) -> ModelValue:
        """With what the graph says; that is nothing before all names are known, and dbt leaves out what is not set."""
        state = current()
        if not self._is_whole and state.execute and state.graph is not None:
            self._is_whole = True
            found = state.graph().get("nodes", {}).get(self["unique_id"], {})
            self.update({key: value for key, value in found.items() if value is not None})
        return self


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
    warn=lambda msg, *_: _say("warning", msg),
)
