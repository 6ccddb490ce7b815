"""Gives templates `var` and `env_var`, and keeps what the environment said out of every error."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from dryland.errors import ConfigError, DrylandError, MissingSettingError
from dryland.project.jinja.state import overlooks

PREFIX = "DBT_ENV_SECRET"  # dbt's prefix of names whose values must reach no SQL
HIDDEN = "***"
TELLING_MIN = 5  # shorter values are `dev`, `1` or `true`: hiding those hides the message and no secret
NOT_GIVEN = object()


class Var:
    """`var('name', default)`: the command line first, then the project's word for the package, then the package's.

    A text with Jinja in it is rendered where it is asked for, if there is somebody to do so.
    """

    def __init__(
        self,
        package: str,
        levels: tuple[Mapping[str, Any], ...],
        given: Mapping[str, Any],
        render: Callable[[str], str] | None = None,
    ) -> None:
        self._render = render
        self._values: dict[str, Any] = {}
        for level in levels:
            own = level.get(package)
            self._values |= {**level, **(own if isinstance(own, Mapping) else {})}
        self._values |= given

    def __call__(self, name: str, default: Any = NOT_GIVEN) -> Any:
        """The value; the default when nobody gave one.

        Raises:
            MissingSettingError: nobody gave one, and there is no default.
        """
        if name in self._values:
            value = self._values[name]
            if isinstance(value, str) and self._render is not None:
                return self._render(value)
            return copy.deepcopy(value) if isinstance(value, dict | list) else value  # templates may change it
        if default is NOT_GIVEN and overlooks():
            return None
        if default is NOT_GIVEN:
            raise MissingSettingError(
                f"the var `{name}` is not set.",
                hint=f"set it under `vars:` in dbt_project.yml, or --vars '{{{name}: ...}}'.",
            )
        return default

    def over(self, values: Mapping[str, Any]) -> Var:
        """The same with these values, which outweigh all others."""
        return Var("", (self._values,), values, self._render)

    def has_var(self, name: str) -> bool:
        """Whether it is set."""
        return name in self._values


class EnvironmentVariables:
    """The process's environment as templates may ask it; remembers what it gave, to keep it out of errors."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values
        self._given: set[str] = set()
        self.asked: dict[str, str | None] = {}  # what templates wanted to know, and what there was

    def read(self, name: str, default: Any = None) -> str:
        """`env_var('NAME', default)` where secrets may be used: profiles.yml and dryland.yml.

        Raises:
            MissingSettingError: it is not set, and there is no default.
        """
        self.asked[name] = self._values.get(name)
        if name not in self._values:
            if default is not None:
                return str(default)
            raise MissingSettingError(
                f"the environment variable `{name}` is not set.", hint=f"export {name}=..., or give env_var a default."
            )
        value = str(self._values[name])
        if len(value) >= TELLING_MIN or (value and name.startswith(PREFIX)):
            self._given.add(value)
        return value

    def read_plain(self, name: str, default: Any = None) -> str:
        """`env_var` in SQL and properties, which people see.

        Raises:
            ConfigError: the name says that it is a secret.
        """
        if name.startswith(PREFIX):
            raise ConfigError(
                f"the secret `{name}` must not be used in SQL or YAML properties.",
                hint="secrets belong in profiles.yml.",
            )
        return self.read(name, default)

    def told_of(self, names: Iterable[str]) -> dict[str, str | None]:
        """Those of these names that may be read later, with their values; noted, so that a change is seen."""
        found = {name: self._values.get(name) for name in sorted(names) if not name.startswith(PREFIX)}
        self.asked |= found
        return found

    def hidden(self, text: str) -> str:
        """A text without any value that was given."""
        for value in sorted(self._given, key=len, reverse=True):
            text = text.replace(value, HIDDEN)
        return text

    def hidden_secrets(self, text: str) -> str:
        """A text without the values of names that say that they are secrets."""
        secrets = (value for name, value in self._values.items() if name.startswith(PREFIX) and value.strip())
        for value in sorted(secrets, key=len, reverse=True):
            text = text.replace(value, HIDDEN)
        return text

    def discreet(self, error: DrylandError, cause: BaseException | None) -> tuple[DrylandError, BaseException | None]:
        """The error without any value that was given, and its cause if that does not tell one either."""
        message, hint = self.hidden(error.message), self.hidden(error.hint)
        if cause is error or self.hidden(str(cause)) != str(cause):
            cause = None
        if (message, hint) != (error.message, error.hint):
            error.message, error.hint, error.args = message, hint, (message,)
        return error, cause

    def __repr__(self) -> str:
        return "EnvironmentVariables()"
