"""Defines what a person chooses on the command line: selectors, kinds of things, and which tests come along."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any

from dryland.errors import SelectorError, UsageError
from dryland.project.project import Project
from dryland.project.selector import EVERYTHING, RESOURCE_TYPES, Group, Indirect, Selector, terms_of, union_of
from dryland.values import dataclass


@dataclass(frozen=True, slots=True)
class Choice:
    """Words of selectors, or the name of one in selectors.yml; neither is everything."""

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    selector: str = ""
    kinds: frozenset[str] = frozenset()  # only these; none is all
    without_kinds: frozenset[str] = frozenset()
    indirect: Indirect = "eager"
    state_dir: str = ""  # where an earlier run left run_results.json and sources.json

    def __post_init__(self) -> None:
        if self.selector and (self.include or self.exclude):
            raise UsageError(
                "--selector names a whole selection: it does not go with --select or --exclude.",
                hint="selectors.yml can say `exclude` and take other selectors in (method: selector).",
            )

    def wants(self, kind: str) -> bool:
        """Whether things of this kind are asked for."""
        return (not self.kinds or kind in self.kinds) and kind not in self.without_kinds


Chosen = Sequence[str] | Choice  # what programs may say: words, or everything that the command line can say


@dataclass(frozen=True, slots=True)
class Known:
    """What selectors may need to know besides the project."""

    states: Mapping[str, frozenset[str]] = field(default_factory=dict)  # `modified.body` -> unique ids
    results: Mapping[str, frozenset[str]] = field(default_factory=dict)  # `error` -> unique ids
    fresher: frozenset[str] = frozenset()  # sources that have newer rows than when they were asked before


NOTHING_KNOWN = Known()


def choice_of(select: Chosen, exclude: Sequence[str] = ()) -> Choice:
    """Both forms as one."""
    return select if isinstance(select, Choice) else Choice(tuple(select), tuple(exclude))


def resolved(choice: Choice, project: Project) -> Selector | None:
    """The selector that is meant; the project's default one where nothing is said; None is everything.

    Raises:
        SelectorError: a word cannot be read, or selectors.yml has no such name.
    """
    if choice.selector:
        return _named(choice.selector, project)
    if choice.include or choice.exclude:
        include = union_of(choice.include) if choice.include else everything()
        return Group("difference", (include, union_of(choice.exclude))) if choice.exclude else include
    default = default_of(project)
    return _named(default, project) if default else None


def is_partial(choice: Choice, project: Project) -> bool:
    """Whether anything may be left out."""
    return bool(choice.kinds or choice.without_kinds or resolved(choice, project))


def default_of(project: Project) -> str:
    """The name of the selector that counts where nothing is said; empty when there is none."""
    return next((name for name, each in project.selectors.items() if each.is_default), "")


def methods_of(choice: Choice, project: Project) -> frozenset[str]:
    """The methods that a choice uses: some need to know more than the project."""
    selector = resolved(choice, project)
    return frozenset(term.method for term in terms_of(selector)) if selector else frozenset()


def values_of(choice: Choice, project: Project, method: str) -> tuple[Any, ...]:
    """What a choice gives to one method."""
    selector = resolved(choice, project)
    return tuple(term.value for term in terms_of(selector) if term.method == method) if selector else ()


def everything() -> Group:
    """What an empty choice stands for."""
    return union_of([EVERYTHING], must_match=False)


def verify_kinds(words: Sequence[str]) -> frozenset[str]:
    """Words of `--resource-type`; `all` is every one, `default` leaves it to the verb.

    Raises:
        UsageError: one is none.
    """
    unknown = [word for word in words if word not in (*RESOURCE_TYPES, "all", "default")]
    if unknown:
        raise UsageError(
            f"there is no resource type `{unknown[0]}`.", hint=f"there are {', '.join(RESOURCE_TYPES)}, all."
        )
    return frozenset(RESOURCE_TYPES) if "all" in words else frozenset(words) - {"default"}


def _named(name: str, project: Project) -> Selector:
    if name not in project.selectors:
        near = difflib.get_close_matches(name, project.selectors, n=1)
        there = f"there are {', '.join(project.selectors)}." if project.selectors else "there is no selectors.yml."
        raise SelectorError(
            f"selectors.yml has no selector `{name}`.", hint=f"did you mean `{near[0]}`?" if near else there
        )
    return project.selectors[name].selector
