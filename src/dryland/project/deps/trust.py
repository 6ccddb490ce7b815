"""Decides whose list of packages may read what: secrets are for the lists of the project itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from dryland.errors import ConfigError
from dryland.project.deps.listing import Wanted, listed
from dryland.project.deps.local import found_locally
from dryland.project.jinja.marks import has_jinja
from dryland.project.jinja.templates import Templates
from dryland.project.jinja.variables import PREFIX, EnvironmentVariables
from dryland.project.nodes import Place

ALLOWED = "DBT_"  # variables that are meant for dbt projects; of all others nobody knows what is in them
HINT = "whoever wrote that package could send it anywhere. List what it needs in your own packages.yml."


class OthersVariables(EnvironmentVariables):
    """The environment as a fetched package's list may ask it: an address that it names must carry no secret away."""

    def __init__(self, process: EnvironmentVariables) -> None:
        super().__init__({})
        self._process = process

    def read(self, name: str, default: Any = None) -> str:
        """`env_var` of a list that came from elsewhere; a variable that is none of its business has its default.

        Raises:
            ConfigError: it asks for a secret, or for something else that it must not know.
        """
        is_allowed = name.startswith(ALLOWED) and not name.startswith(PREFIX)
        if is_allowed:
            return self._process.read(name, default)
        if default is None or name.startswith(PREFIX):
            raise ConfigError(f"a package's list of packages asks for `{name}` of your environment.", hint=HINT)
        return str(default)


def verify_plain(entry: Any, place: Place) -> None:
    """What a package index answers is text, and never a template.

    Raises:
        ConfigError: there is Jinja in it.
    """
    if any(has_jinja(text) for text in _texts(entry)):
        raise ConfigError("the package index answers with a template.", path=place.path, line=place.line, hint=HINT)


def verify_lock(entries: Iterable[Wanted], own: Iterable[Wanted]) -> None:
    """A template in the lock stands in a list of the project as well: a lock may come from anywhere.

    Raises:
        ConfigError: one does not.
    """
    asking = [each for each in entries if any(has_jinja(text) for text in _texts(each.raw))]
    known = {text for each in own for text in _texts(each.raw)} if asking else set()
    for each in asking:
        if any(has_jinja(text) and text not in known for text in _texts(each.raw)):
            raise ConfigError(
                "the lock reads your environment for a package that you do not list.", path=each.place.path,
                line=each.place.line, hint="`dryland deps --upgrade` makes the lock anew.",
            )  # fmt: skip


def own_lists(packages: Sequence[Wanted], root: Path, templates: Templates) -> Iterator[Wanted]:
    """What the project lists itself, and what the folders of this machine list that it takes in."""
    left, seen = list(packages), set()
    while left:
        each = left.pop()
        yield each
        if each.kind == "local" and each.what not in seen:
            seen.add(each.what)
            folder = Path(each.what)
            below = listed(folder, templates, f"{each.written}/")
            left += [found_locally(one, root, folder) if one.kind == "local" else one for one in below]


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, each in value.items():
            yield from _texts(key)
            yield from _texts(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _texts(each)
