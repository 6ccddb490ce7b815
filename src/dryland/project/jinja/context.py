"""Lists what templates can use: dbt's functions and variables, in dbt's names."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, Literal

from dryland.engines.relation import Relation
from dryland.errors import ConfigError, TemplateError, UnknownNameError
from dryland.project.jinja.config_function import Config
from dryland.project.jinja.cte import CteValue
from dryland.project.jinja.macros import Returned
from dryland.project.jinja.modules import MODULES
from dryland.project.jinja.relation import RelationValue
from dryland.project.jinja.state import Said, called, current
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
