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
from dryland.project.nodes import Project

NODE_KINDS = frozenset({"model", "seed", "snapshot"})
FILE_ENDINGS = (".sql", ".py", ".csv")
TERM = re.compile(
    r"(?P<at>@)?(?P<up>(?P<up_depth>\d*)\+)?(?:(?P<method>[\w.]+):)?(?P<value>.*?)(?P<down>\+(?P<down_depth>\d*))?"
)

Named = Mapping[str, frozenset[str]]


def select(
    project: Project,
    include: Sequence[str],
    exclude: Sequence[str] = (),
    *,
    states: Named | None = None,
    results: Named | None = None,
    kinds: frozenset[str] = NODE_KINDS,
) -> tuple[str, ...]:
    """Unique ids of what is chosen, in topological order. Nothing included means everything.

    `states` gives the nodes behind `state:new` and `state:modified`, `results` those behind `result:error` and the
    like. `kinds` says what is wanted: model, seed, snapshot, source, test, exposure. A wanted test is chosen with
    whatever it reads, as dbt does.

    Raises:
        SelectorError: a selector cannot be read, or matches nothing.
    """
    chooser = _Chooser(Selection(project, selectables(project), states or {}, results or {}), kinds)
    chosen = chooser.union(include) if include else frozenset(chooser.things)
    left = chosen - (chooser.union(exclude) if exclude else frozenset())
    wanted = {unique_id for unique_id in chosen if chooser.things[unique_id].kind in kinds}
    if include and not wanted and not chooser.asks_outside(include):
        raise _nothing_wanted(chooser, include, chosen, kinds)
    order = (*project.sources, *topological(project), *project.checks, *project.exposures)
    return tuple(unique_id for unique_id in order if unique_id in left and unique_id in wanted)


@dataclass
class _Chooser:
    selection: Selection
    kinds: frozenset[str]
    things: Mapping[str, Selectable] = field(init=False)

    def __post_init__(self) -> None:
        self.things = self.selection.things

    def union(self, words: Iterable[str]) -> frozenset[str]:
        """Either of several selectors, each possibly several words."""
        found = frozenset[str]().union(*(self._intersection(word) for word in _words(words)))
        return found | self._tests_of(found) if "test" in self.kinds else found

    def asks_outside(self, words: Iterable[str]) -> bool:
        """Whether an empty answer is fine: what changed or failed may be nothing, and so may an overlap."""
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
            raise SelectorError(
                f"`{text}`: there is no selector method `{method}`.",
                hint=f"did you mean `{_nearest(method, METHODS)}`? there are {', '.join(sorted(METHODS))}.",
            )
        found = finder(self.selection, value, argument)
        if not found and method not in OUTSIDE:
            raise SelectorError(f"`{text}` matches nothing.", hint=self._hint(method, value))
        return found

    def _hint(self, method: str, value: str) -> str:
        project = self.selection.project
        candidates: dict[str, Iterable[str]] = {
            "fqn": [thing.name for thing in self.things.values() if thing.kind in NODE_KINDS],
            "source": [project.name_of(unique_id) for unique_id in project.sources],
            "exposure": [exposure.name for exposure in project.exposures.values()],
            "tag": {tag for thing in self.things.values() for tag in thing.tags},
            "group": project.groups,
        }
        leaf = value.rpartition(".")[2] if method == "fqn" else value
        near = difflib.get_close_matches(leaf, sorted(candidates.get(method, ())), n=1, cutoff=0.5)
        return f"`{near[0]}` exists." if near else "dryland ls lists what there is."

    def _tests_of(self, chosen: frozenset[str]) -> frozenset[str]:
        checks = self.selection.project.checks
        return frozenset(unique_id for unique_id, check in checks.items() if not chosen.isdisjoint(check.refs))

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


def _nothing_wanted(
    chooser: _Chooser, include: Sequence[str], chosen: frozenset[str], kinds: frozenset[str]
) -> SelectorError:
    text = " ".join(include)
    found = ", ".join(sorted({chooser.things[unique_id].kind for unique_id in chosen}))
    return SelectorError(
        f"`{text}` selects only {found}, no {' or '.join(sorted(kinds - {'snapshot'}))}.",
        hint=f"`+{text}` selects what it needs, `{text}+` what reads it.",
    )


def _words(words: Iterable[str]) -> list[str]:
    return [term for word in words for term in word.split()]


def _depth(text: str) -> int | None:
    return int(text) if text else None


def _nearest(word: str, words: Iterable[str]) -> str:
    listed = sorted(words)
    return next(iter(difflib.get_close_matches(word, listed, n=1, cutoff=0.0)), listed[0])
