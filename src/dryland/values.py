"""Makes classes of frozen values: dataclasses whose methods cost nothing until somebody calls them.

A verb imports hundreds of such classes and makes values of a few. Python's own decorator writes and compiles six
functions for each of them, a good part of what a short verb does. Here `__init__` is compiled when the first value
is made, and the other methods are closures that need no compiling.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from operator import attrgetter
from reprlib import recursive_repr
from typing import TYPE_CHECKING, Any

VALUE = {"frozen": True, "slots": True}

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
else:

    def dataclass(cls=None, /, **options):
        """As `dataclasses.dataclass`; what is asked for with `frozen` and `slots` alone is made as said above.

        Such values are also pickled quickly: what is kept of a project is tens of thousands of them.

        >>> @dataclass(frozen=True, slots=True)
        ... class Place:
        ...     path: str
        ...     line: int = 1
        >>> Place("orders.sql")
        Place(path='orders.sql', line=1)
        >>> Place("orders.sql") == Place("orders.sql", line=2)
        False
        """
        if cls is None:
            return lambda each: dataclass(each, **options)
        return (
            _value_class(cls) if options == {"frozen": True, "slots": True} else dataclasses.dataclass(cls, **options)
        )


def _value_class(written: type) -> type:
    own = vars(written)
    hashes = own.get("__hash__")  # None where a class says itself what is equal
    cls: type[Any] = dataclasses.dataclass(init=False, repr=False, eq=False, slots=True)(written)
    fields = dataclasses.fields(cls)
    methods: dict[str, Callable[..., Any]] = {
        "__init__": _init_when_asked(cls),
        "__repr__": _repr(tuple(each.name for each in fields if each.repr)),
        "__eq__": _eq(_values_of([each.name for each in fields if each.compare])),
    }
    for name, method in methods.items():
        if name not in own:
            _add(cls, name, method)
    if hashes is None:
        hashed = [each.name for each in fields if (each.compare if each.hash is None else each.hash)]
        _add(cls, "__hash__", _hash(_values_of(hashed)))
    names = frozenset(each.name for each in fields)
    _add(cls, "__setattr__", _refuse(cls, names, "__setattr__", "assign to"))
    _add(cls, "__delattr__", _refuse(cls, names, "__delattr__", "delete"))
    _add_pickling(cls, [each.name for each in fields])
    return cls


def _add(cls: type, name: str, method: Callable[..., Any]) -> None:
    method.__name__, method.__qualname__ = name, f"{cls.__qualname__}.{name}"
    setattr(cls, name, method)


def _values_of(names: list[str]) -> Callable[[Any], tuple[Any, ...]]:
    """What takes the values of some fields out of a value, as a tuple."""
    if len(names) > 1:
        return attrgetter(*names)
    return lambda value: tuple(getattr(value, name) for name in names)


def _repr(names: tuple[str, ...]) -> Callable[[Any], str]:
    @recursive_repr()
    def method(self: Any) -> str:
        return f"{type(self).__qualname__}({', '.join(f'{name}={getattr(self, name)!r}' for name in names)})"

    return method


def _eq(values: Callable[[Any], tuple[Any, ...]]) -> Callable[[Any, object], bool]:
    def method(self: Any, other: object) -> bool:
        return values(self) == values(other) if other.__class__ is self.__class__ else NotImplemented

    return method


def _hash(values: Callable[[Any], tuple[Any, ...]]) -> Callable[[Any], int]:
    return lambda self: hash(values(self))


def _refuse(cls: type, names: frozenset[str], method_name: str, what: str) -> Callable[..., None]:
    """What lets only attributes through that a subclass adds, which is not frozen itself."""

    def method(self: Any, name: str, *value: Any) -> None:
        if type(self) is cls or name in names:
            raise dataclasses.FrozenInstanceError(f"cannot {what} field {name!r}")
        getattr(super(cls, self), method_name)(name, *value)

    return method


def _add_pickling(cls: type, names: list[str]) -> None:
    puts = [getattr(cls, name).__set__ for name in names]  # past the class's own `__setattr__`

    def get_state(self: Any) -> list[Any]:
        return [getattr(self, name) for name in names]

    def set_state(self: Any, state: list[Any]) -> None:
        for put, value in zip(puts, state, strict=True):
            put(self, value)

    _add(cls, "__getstate__", get_state)
    _add(cls, "__setstate__", set_state)


def _init_when_asked(cls: type) -> Callable[..., None]:
    def method(self: Any, *values: Any, **named: Any) -> None:
        made = _compiled_init(cls)
        if vars(cls)["__init__"] is method:
            _add(cls, "__init__", made)
        made(self, *values, **named)

    return method


def _compiled_init(cls: Any) -> Callable[..., None]:
    """A function that takes the fields and puts them into their slots, written out as anybody would."""
    fields = dataclasses.fields(cls)
    known: dict[str, Any] = {"_absent": _ABSENT}
    for each in fields:
        known[f"_put_{each.name}"] = getattr(cls, each.name).__set__
        known[f"_default_{each.name}"] = each.default
        known[f"_make_{each.name}"] = each.default_factory
    asked = [each for each in fields if each.init]
    by_place = [_parameter(each) for each in asked if not each.kw_only]
    by_name = [_parameter(each) for each in asked if each.kw_only]
    lines = [f" _put_{each.name}(self, {value})" for each in fields if (value := _value(each))]
    if hasattr(cls, "__post_init__"):
        lines.append(" self.__post_init__()")
    parameters = ", ".join(["self", *by_place, *(["*", *by_name] if by_name else [])])
    exec(f"def __init__({parameters}):\n" + "\n".join(lines or [" pass"]), known)  # noqa: S102 - of names of fields
    made: Callable[..., None] = known["__init__"]
    made.__module__ = cls.__module__
    return made


_ABSENT = object()


def _parameter(field: dataclasses.Field[Any]) -> str:
    if field.default is not dataclasses.MISSING:
        return f"{field.name}=_default_{field.name}"
    if field.default_factory is not dataclasses.MISSING:
        return f"{field.name}=_absent"
    return field.name


def _value(field: dataclasses.Field[Any]) -> str:
    """What is put into a slot, as Python; empty where nothing is."""
    has_factory = field.default_factory is not dataclasses.MISSING
    if not field.init:
        if has_factory:
            return f"_make_{field.name}()"
        return f"_default_{field.name}" if field.default is not dataclasses.MISSING else ""
    return f"_make_{field.name}() if {field.name} is _absent else {field.name}" if has_factory else field.name
