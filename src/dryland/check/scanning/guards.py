"""Takes what shows that no row fails apart at its AND and OR: each part is asked where that takes the least work."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sqlglot import exp


def parts_of(guard: exp.Expr) -> Iterator[exp.Expr]:
    """What is asked by itself."""
    guard = guard.unnest()
    if isinstance(guard, exp.And | exp.Or):
        yield from parts_of(guard.left)
        yield from parts_of(guard.right)
    elif not isinstance(guard, exp.Boolean):
        yield guard


def holds(guard: exp.Expr, is_so: Callable[[exp.Expr], bool]) -> bool:
    """Whether it is so when only these parts are; a part that is not asked shows nothing.

    >>> guard = exp.maybe_parse("a AND (b OR c)")
    >>> holds(guard, lambda part: part.name != "c"), holds(guard, lambda part: part.name != "a")
    (True, False)
    """
    guard = guard.unnest()
    if not isinstance(guard, exp.And | exp.Or):
        return bool(guard.this) if isinstance(guard, exp.Boolean) else is_so(guard)
    sides = (holds(each, is_so) for each in (guard.left, guard.right))
    return all(sides) if isinstance(guard, exp.And) else any(sides)
