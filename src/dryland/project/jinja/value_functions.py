"""Gives templates dbt's small functions over values: JSON, YAML, sets, pairs, hashes, differences."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from dryland.errors import DrylandError, TemplateError


def fromjson(string: Any, default: Any = None) -> Any:
    """The value that a text of JSON says, or the default."""
    return _or(default, json.loads, string)


def tojson(value: Any, default: Any = None, sort_keys: bool = False) -> Any:
    """The value as JSON, or the default when it has none."""
    return _or(default, lambda each: json.dumps(each, sort_keys=sort_keys), value)


def fromyaml(value: Any, default: Any = None) -> Any:
    """The value that a text of YAML says, or the default."""
    import yaml

    return _or(default, yaml.safe_load, value)


def toyaml(value: Any, default: Any = None, sort_keys: bool = False) -> Any:
    """The value as YAML, or the default when it has none."""
    import yaml

    return _or(default, lambda each: yaml.safe_dump(each, sort_keys=sort_keys), value)


class OrderedSet(set[Any]):
    """A set that gives its values in the order in which they came: what a template makes of it is always the same."""

    def __init__(self, values: Iterable[Any] = ()) -> None:
        self._order = dict.fromkeys(values)
        super().__init__(self._order)

    def __iter__(self) -> Iterator[Any]:
        left = [each for each in self._order if each in self]
        return iter([*left, *(each for each in super().__iter__() if each not in self._order)])

    def __repr__(self) -> str:
        return "{" + ", ".join(map(repr, self)) + "}" if self else "set()"


def make_set(value: Any, default: Any = None) -> Any:
    """The set of the values, or the default."""
    return _or(default, OrderedSet, value)


def pairs(*args: Any, default: Any = None) -> Any:
    """First with first, second with second, as far as the shortest goes; or the default."""
    return _or(default, lambda each: list(zip(*each, strict=False)), args)


def pairs_strict(*args: Iterable[Any]) -> list[tuple[Any, ...]]:
    """The same; an error when something is no list. As in dbt lists need not be of one length."""
    return list(zip(*args, strict=False))


def local_md5(value: str) -> str:
    """The MD5 of a text."""
    return hashlib.md5(value.encode(), usedforsecurity=False).hexdigest()


def diff_of_two_dicts(dict_a: Mapping[str, list[str]], dict_b: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """What stands in lists of the first and not in those of the second, whatever the case of the letters."""
    taken = {key.casefold(): {each.casefold() for each in values} for key, values in dict_b.items()}
    left = {}
    for key, values in dict_a.items():
        kept = [each for each in values if each.casefold() not in taken.get(key.casefold(), ())]
        if kept or key.casefold() not in taken:
            left[key] = kept
    return left


def try_or_compiler_error(message_if_exception: str, func: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """What the function gives; its failure is told in the given words."""
    try:
        return func(*args, **kwargs)
    except DrylandError:
        raise
    except Exception as error:
        raise TemplateError(str(message_if_exception)) from error


VALUE_FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "fromjson": fromjson,
    "tojson": tojson,
    "fromyaml": fromyaml,
    "toyaml": toyaml,
    "set": make_set,
    "set_strict": OrderedSet,
    "zip": pairs,
    "zip_strict": pairs_strict,
    "local_md5": local_md5,
    "diff_of_two_dicts": diff_of_two_dicts,
    "try_or_compiler_error": try_or_compiler_error,
}
"""By dbt's names."""


def _or(default: Any, make: Callable[[Any], Any], value: Any) -> Any:
    try:
        return make(value)
    except Exception:
        return default
