"""Collects what is wrong with a contract file: everything, not only the first thing."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from datetime import date, time
from typing import Any

from dryland.errors import ConfigError
from dryland.project.nodes import Place
from dryland.project.odcs.words import ANY, CUSTOM, FLAG, KEYS, LINK, LIST, NUMBER, TEXT, TEXTS, Words
from dryland.project.yaml_file import Mapped
from dryland.values import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a contract; advice does not stop anybody."""

    place: Place
    message: str
    hint: str = ""
    is_advice: bool = False

    @property
    def error(self) -> ConfigError:
        """The same for who cannot go on with it."""
        return ConfigError(self.message, path=self.place.path, line=self.place.line, hint=self.hint)


@dataclass
class Findings:
    """What was found in one file so far."""

    path: str
    problems: list[Problem] = field(default_factory=list)

    def wrong(self, line: int, message: str, hint: str = "") -> None:
        """Note what has to be mended."""
        self.problems.append(Problem(Place(self.path, line), message, hint))

    def advise(self, line: int, message: str, hint: str = "") -> None:
        """Note what is better to know."""
        self.problems.append(Problem(Place(self.path, line), message, hint, is_advice=True))

    def verify(self, body: Mapped, words: Words, what: str, required: tuple[str, ...] = ()) -> None:
        """Note keys that nobody reads, values of another kind, and what is not there."""
        meant: set[str] = set()
        for key, value in body.items():
            if key not in words:
                near = difflib.get_close_matches(key, words, n=1)
                meant.update(near)
                hint = f"`{near[0]}` exists." if near else f"there are: {', '.join(sorted(words))}."
                self.wrong(body.line_of(key), f"`{key}` is no key of {what}.", hint)
            elif value is not None and not is_of(value, words[key]):
                hint = f"write {value!r} in quotes." if words[key] == TEXT and isinstance(value, int | float) else ""
                self.wrong(body.line_of(key), f"`{key}` of {what} is {words[key]}.", hint)
        for key in required:
            if body.get(key) in (None, "") and key not in meant:
                self.wrong(body.line, f"{what} has no `{key}`.")

    def entries(self, body: Mapping[str, Any], key: str, words: Words, what: str, *required: str) -> Iterator[Mapped]:
        """The mappings of a list, each with the keys that it may have."""
        listed = body.get(key)
        for each in listed if isinstance(listed, list) else ():
            if isinstance(each, Mapped):
                self.verify(each, words, what, required)
                yield each
            else:
                line = body.line_of(key) if isinstance(body, Mapped) else 1
                self.wrong(line, f"an entry of `{key}` is no keys and values.")

    def custom(self, body: Mapped) -> dict[str, Any]:
        """The custom properties of a part, by name; the keys of its links are verified, and nobody reads them."""
        for _ in self.entries(body, "authoritativeDefinitions", LINK, "a link", "url", "type"):
            pass
        listed = self.entries(body, "customProperties", CUSTOM, "a custom property", "property")
        return {str(each.get("property")): each.get("value") for each in listed}

    def verify_once(self, named: Iterable[tuple[str, int]], what: str) -> None:
        """Note names that are there already; each comes with its line."""
        seen: dict[str, int] = {}
        for name, line in named:
            first = seen.setdefault(name.lower(), line)
            if first != line:
                self.wrong(line, f"the {what} `{name}` is there twice.", f"it stands on line {first} already.")


def is_of(value: Any, kind: str) -> bool:
    """Whether a value is of a kind that `words` names."""
    if kind == TEXTS:
        return isinstance(value, list) and all(isinstance(each, str) for each in value)
    expected: Mapping[str, tuple[type, ...]] = {
        TEXT: (str, date, time), FLAG: (bool,), NUMBER: (int, float), LIST: (list,), KEYS: (dict,), ANY: (object,),
    }  # fmt: skip
    return isinstance(value, expected[kind]) and not (kind == NUMBER and isinstance(value, bool))
