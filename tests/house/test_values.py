"""Frozen values are what Python's own dataclasses make of the same words, down to hashes and errors."""

from __future__ import annotations

import copy
import dataclasses
import pickle
import re
from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, FrozenInstanceError, dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar

import pytest

from dryland import values

ROOT = Path(__file__).parents[2]
MADE_HERE = re.compile(r"^from dryland.values import .*\bdataclass\b", re.MULTILINE)
Decorator = Callable[[Any], Any]
OURS, PYTHONS = values.dataclass(frozen=True, slots=True), dataclass(frozen=True, slots=True)


def shelf(decorated: Decorator) -> Any:
    """A class with everything that values of ours have."""

    class Shelf:
        """Where things are."""

        kinds: ClassVar[int] = 3
        name: str
        rows: tuple[int, ...] = ()
        said: Mapping[str, str] = field(default_factory=dict, hash=False)
        secret: str = field(default="", repr=False, compare=False)
        length: int = field(init=False, default=0)
        made: list[str] = field(init=False, default_factory=list, hash=False)
        _: KW_ONLY
        place: str | None = None

        def __post_init__(self) -> None:
            object.__setattr__(self, "length", len(self.rows))

    return decorated(Shelf)


@values.dataclass(frozen=True, slots=True)
class Kept:
    """What can be pickled stands in a module."""

    name: str
    rows: tuple[int, ...] = ()


@values.dataclass(frozen=True, slots=True)
class KeptLonger(Kept):
    """One with more to say."""

    until: int = 0


ASKED: list[tuple[tuple[Any, ...], dict[str, Any]]] = [
    (("a",), {}),
    (("a", (1, 2)), {"place": "here"}),
    ((), {"name": "a", "said": {"x": "y"}, "secret": "s"}),
    (("a", (1,), {}, "s"), {}),
]


@pytest.mark.parametrize(("given", "named"), ASKED)
def test_values_are_made_told_compared_and_hashed_alike(given: tuple[Any, ...], named: dict[str, Any]) -> None:
    ours, pythons = shelf(OURS), shelf(PYTHONS)
    one, other = ours(*given, **named), pythons(*given, **named)
    assert repr(one) == repr(other)
    assert dataclasses.asdict(one) == dataclasses.asdict(other)
    assert hash(one) == hash(other)
    for again in ASKED:
        assert (one == ours(*again[0], **again[1])) == (other == pythons(*again[0], **again[1]))
    assert one != other, "of another class"
    assert repr(replace(one, name="b")) == repr(replace(other, name="b"))
    assert ours.__match_args__ == pythons.__match_args__
    assert ours.__slots__ == pythons.__slots__


@pytest.mark.parametrize(
    ("given", "named"), [((), {}), (("a", (), {}, "s", 1), {}), (("a",), {"b": 1}), (("a",), {"length": 1})]
)
def test_what_does_not_fit_is_refused_in_the_same_words(given: tuple[Any, ...], named: dict[str, Any]) -> None:
    said = []
    for decorated in (OURS, PYTHONS):
        with pytest.raises(TypeError) as refused:
            shelf(decorated)(*given, **named)
        said.append(str(refused.value))
    assert said[0] == said[1]


@pytest.mark.parametrize("change", [lambda it: setattr(it, "name", "b"), lambda it: delattr(it, "name")])
def test_nothing_of_a_value_changes(change: Callable[[Any], None]) -> None:
    said = []
    for decorated in (OURS, PYTHONS):
        value = shelf(decorated)("a")
        with pytest.raises(FrozenInstanceError) as refused:
            change(value)
        said.append(str(refused.value))
        assert value.name == "a"
    assert said[0] == said[1]


def test_each_value_has_collections_of_its_own() -> None:
    one, other = shelf(OURS)("a"), shelf(OURS)("a")
    one.made.append("x")
    assert not other.made


def test_what_a_class_says_itself_stands() -> None:
    @values.dataclass(frozen=True, slots=True)
    class Folded:
        name: str

        def __repr__(self) -> str:
            return f"<{self.name}>"

        def __eq__(self, other: object) -> bool:
            return isinstance(other, Folded) and other.name.lower() == self.name.lower()

        def __hash__(self) -> int:
            return hash(self.name.lower())

    assert repr(Folded("a")) == "<a>"
    assert len({Folded("a"), Folded("A")}) == 1


def test_values_of_values_inherit() -> None:
    one = KeptLonger("a", (1,), 2)
    assert repr(one) == "KeptLonger(name='a', rows=(1,), until=2)"
    assert one != Kept("a", (1,))
    with pytest.raises(FrozenInstanceError):
        one.name = "b"  # type: ignore[misc]


@pytest.mark.parametrize("value", [Kept("a", (1, 2)), KeptLonger("b", until=3)])
def test_values_come_back_from_pickles_and_copies(value: Kept) -> None:
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        assert pickle.loads(pickle.dumps(value, protocol)) == value
    assert copy.deepcopy(value) == copy.copy(value) == value


def test_other_words_are_pythons_own() -> None:
    @values.dataclass(frozen=True, slots=True, order=True)
    class Ordered:
        number: int

    assert sorted([Ordered(2), Ordered(1)]) == [Ordered(1), Ordered(2)]
    with pytest.raises(FrozenInstanceError):
        Ordered(1).number = 3  # type: ignore[misc]


def test_what_holds_itself_is_told_once() -> None:
    @values.dataclass(frozen=True, slots=True)
    class Ring:
        parts: list[Any]

    ring = Ring([])
    ring.parts.append(ring)
    assert repr(ring).count("Ring(") == 1


def test_every_frozen_value_is_made_so() -> None:
    texts = {path: path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*.py")}
    frozen = {path: text for path, text in texts.items() if "@dataclass(frozen=True, slots=True)" in text}
    assert len(frozen) > 200
    assert [str(path) for path, text in frozen.items() if not MADE_HERE.search(text)] == [str(Path(values.__file__))]
