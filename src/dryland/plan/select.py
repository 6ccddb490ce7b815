"""Chooses nodes by dbt's selectors.

orders            by name, file name, path, or dotted fqn with wildcards
+orders  2+orders  orders+  orders+1  @orders     with ancestors, descendants, or descendants and all they need
tag:daily  path:models/marts  config.materialized:table  source:raw.orders  exposure:board  ...
a b               either;     a,b     both
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from dryland.errors import SelectorError
from dryland.plan.order import reach, topological, turned
from dryland.plan.selectable import Selectable, Selection, selectables
from dryland.plan.selector_methods import METHODS, OUTSIDE
from dryland.project.project import Project

FILE_ENDINGS = (".sql", ".py", ".csv")
TERM = re.compile(
    r"(?P<at>@)?(?P<up>(?P<up_depth>\d*)\+)?(?:(?P<method>[\w.]+):)?(?P<value>.*?)(?P<down>\+(?P<down_depth>\d*))?"
)


def select(
    project: Project,
    include: Sequence[str],
    exclude: Sequence[str] = (),
    *,
    states: Mapping[str, frozenset[str]] | None = None,
) -> tuple[str, ...]:
    """Unique ids of the nodes that are chosen, in topological order. Nothing included means everything.

    `states` gives the nodes behind `state:new` and `state:modified`.

    Raises:
        SelectorError: a selector cannot be read, matches nothing, or no node.
    """
    chooser = _Chooser(Selection(project, selectables(project), states or {}))
    chosen = chooser.union(include) if include else frozenset(project.nodes)
    left = chosen - (chooser.union(exclude) if exclude else frozenset())
    if include and chosen.isdisjoint(project.nodes) and not chooser.asks_outside(include):
        raise _no_node(chooser, include, chosen)
    return tuple(unique_id for unique_id in topological(project) if unique_id in left)


def select_one(project: Project, name: str) -> str:
    """The unique id of the node that a person means: by its name (of several versions the latest), or a selector.

    Raises:
        SelectorError: there is none.
    """
    chosen = select(project, [name])
    exact = [each for each in chosen if project.nodes[each].name == name and project.nodes[each].is_latest]
    if not chosen:
        raise SelectorError(f"`{name}` is no model or seed.", hint="dryland ls lists what there is.")
    return (exact or chosen)[0]


@dataclass
class _Chooser:
    selection: Selection
    things: Mapping[str, Selectable] = field(init=False)

    def __post_init__(self) -> None:
        self.things = self.selection.things

    def union(self, words: Iterable[str]) -> frozenset[str]:
        """Either of several selectors, each possibly several words."""
        return frozenset[str]().union(*(self._intersection(word) for word in _words(words)))

    def asks_outside(self, words: Iterable[str]) -> bool:
        """Whether an empty answer is fine: what changed may be nothing, and so may an overlap."""
        terms = [TERM.fullmatch(part) for word in _words(words) for part in word.split(",")]
        methods = [(term["method"] or "").partition(".")[0] for term in terms if term]
        return any(method in OUTSIDE for method in methods) or any("," in word for word in _words(words))

    def _intersection(self, word: str) -> frozenset[str]:
        parts = [self._with_relatives(part) for part in word.split(",") if part]
        return frozenset.intersection(*parts) if parts else frozenset()

    def _with_relatives(self, text: str) -> frozenset[str]:
        term = TERM.fullmatch(text)
        if term is None or not term["value"]:
            raise SelectorError(f"`{text}` names nothing to select.", hint="for example: orders, +orders, tag:daily.")
        if term["at"] and term["down"]:
            raise SelectorError(f"`{text}`: `@` takes descendants along already.", hint=f"write `{text.rstrip('+')}`.")
        core = self._matching(term, text)
        chosen = core
        if term["at"]:
            chosen |= reach(core, self._below)
            chosen |= reach(chosen, self._above)
        if term["up"]:
            chosen |= reach(core, self._above, _depth(term["up_depth"]))
        if term["down"]:
            chosen |= reach(core, self._below, _depth(term["down_depth"]))
        return frozenset(chosen & self.things.keys())

    def _matching(self, term: re.Match[str], text: str) -> frozenset[str]:
        value = term["value"]
        method, _, argument = (term["method"] or _default_method(value)).partition(".")
        finder = METHODS.get(method)
        if finder is None:
            near = difflib.get_close_matches(method, METHODS, n=1)
            meant = f"did you mean `{near[0]}`? " if near else ""
            raise SelectorError(
                f"`{text}`: there is no selector method `{method}`.",
                hint=f"{meant}there are {', '.join(sorted(METHODS))}.",
            )
        found = finder(self.selection, value, argument)
        if not found and method not in OUTSIDE:
            raise SelectorError(f"`{text}` matches nothing.", hint=self._hint(method, value))
        return found

    def _hint(self, method: str, value: str) -> str:
        project = self.selection.project
        candidates: dict[str, Iterable[str]] = {
            "fqn": [node.name for node in project.nodes.values()],
            "source": [project.name_of(unique_id) for unique_id in project.sources],
            "exposure": [exposure.name for exposure in project.exposures.values()],
            "tag": {tag for thing in self.things.values() for tag in thing.tags},
            "group": project.groups,
        }
        leaf = value.rpartition(".")[2] if method == "fqn" else value
        near = difflib.get_close_matches(leaf, sorted(candidates.get(method, ())), n=1, cutoff=0.5)
        return f"`{near[0]}` exists." if near else "dryland ls lists what there is."

    def _above(self, unique_id: str) -> Iterable[str]:
        thing = self.things.get(unique_id)
        return thing.reads if thing else ()

    def _below(self, unique_id: str) -> Iterable[str]:
        return self._readers.get(unique_id, ())

    @cached_property
    def _readers(self) -> Mapping[str, tuple[str, ...]]:
        return turned({unique_id: thing.reads for unique_id, thing in self.things.items()})


def _default_method(value: str) -> str:
    """What a bare word is: a path if it has a slash, a file by its ending, else a name."""
    if "/" in value:
        return "path"
    return "file" if value.lower().endswith(FILE_ENDINGS) else "fqn"


def _no_node(chooser: _Chooser, include: Sequence[str], chosen: frozenset[str]) -> SelectorError:
    text = " ".join(include)
    found = ", ".join(sorted({chooser.things[unique_id].kind for unique_id in chosen}))
    return SelectorError(
        f"`{text}` selects only {found}, no model or seed.",
        hint=f"`+{text}` selects what it needs, `{text}+` what reads it.",
    )


def _words(words: Iterable[str]) -> list[str]:
    return [term for word in words for term in word.split()]


def _depth(text: str) -> int | None:
    return int(text) if text else None
