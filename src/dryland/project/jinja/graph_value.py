"""Gives templates dbt's `graph` and `model`: what is known of the whole project, and of what is being rendered."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterator, Mapping, MutableMapping
from typing import Any

from dryland.project.jinja.state import State, current


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
