"""Gives templates dbt's `config`, with which they declare their configuration and read it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jinja2

from dryland.errors import ConfigError
from dryland.project.jinja.state import current, overlooks


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
