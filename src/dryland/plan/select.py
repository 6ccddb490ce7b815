"""Chooses nodes, checks and whatever else there is by dbt's selectors.

orders            by name, file name, path, or dotted fqn with wildcards
+orders  2+orders  orders+  orders+1  @orders     with ancestors, descendants, or descendants and all they need
tag:daily  path:models/marts  config.materialized:table  source:raw.orders  exposure:board  ...
a b               either;     a,b     both
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, reduce
from operator import and_, or_, sub

from dryland.errors import SelectorError
from dryland.plan.choice import NOTHING_KNOWN, Choice, Chosen, Known, choice_of, everything, resolved
from dryland.plan.order import reach, topological, turned
from dryland.plan.selectable import Selectable, Selection, selectables
from dryland.plan.selector_methods import METHODS, OUTSIDE
from dryland.project.project import Project
from dryland.project.selector import RESOURCE_TYPES, Group, Indirect, Selector, Term

Both = tuple[frozenset[str], frozenset[str]]  # what is chosen, and tests that may be, once more is
NOTHING: frozenset[str] = frozenset()


def select(
    project: Project, chosen: Chosen, exclude: Sequence[str] = (), *, known: Known = NOTHING_KNOWN
) -> tuple[str, ...]:
    """Unique ids of the nodes that are chosen, in topological order. Nothing said means everything.

    Raises:
        SelectorError: a selector cannot be read, matches nothing, or no node.
    """
    choice = choice_of(chosen, exclude)
    chooser = _chooser(project, choice, known)
    found = chooser.all_of(choice)
    included = chooser.included
    if choice.include and included.isdisjoint(project.nodes) and not chooser.may_be_nothing:
        raise _no_node(chooser, choice.include, included)
    return tuple(unique_id for unique_id in topological(project) if unique_id in found)


def select_any(
    project: Project, chosen: Chosen, exclude: Sequence[str] = (), *, known: Known = NOTHING_KNOWN
) -> tuple[str, ...]:
    """Unique ids of everything that is chosen, whatever its kind: nodes in topological order first, then by kind.

    Raises:
        SelectorError: a selector cannot be read, or matches nothing.
    """
    choice = choice_of(chosen, exclude)
    chooser = _chooser(project, choice, known)
    found = chooser.all_of(choice)
    nodes = [unique_id for unique_id in topological(project) if unique_id in found]
    others = (unique_id for unique_id in found if unique_id not in project.nodes)
    things = chooser.selection.things
    return (*nodes, *sorted(others, key=lambda each: (RESOURCE_TYPES.index(things[each].kind), each)))


def select_checks(
    project: Project, chosen: Chosen, exclude: Sequence[str] = (), *, known: Known = NOTHING_KNOWN
) -> tuple[str, ...]:
    """Unique ids of the checks that are chosen, by themselves or with what they look at.

    Raises:
        SelectorError: a selector cannot be read, or matches nothing.
    """
    found = _all_of(project, choice_of(chosen, exclude), known)
    return tuple(unique_id for unique_id in project.checks if unique_id in found)


def select_unit_tests(
    project: Project, chosen: Chosen, exclude: Sequence[str] = (), *, known: Known = NOTHING_KNOWN
) -> tuple[str, ...]:
    """Unique ids of the unit tests that are chosen, by themselves or with the model that they are about.

    Raises:
        SelectorError: a selector cannot be read, or matches nothing.
    """
    found = _all_of(project, choice_of(chosen, exclude), known)
    return tuple(unique_id for unique_id in project.unit_tests if unique_id in found)


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


def _all_of(project: Project, choice: Choice, known: Known) -> frozenset[str]:
    return _chooser(project, choice, known).all_of(choice)


def _chooser(project: Project, choice: Choice, known: Known) -> _Chooser:
    return _Chooser(Selection(project, selectables(project), known), choice.indirect)


@dataclass
class _Chooser:
    selection: Selection
    indirect: Indirect = "eager"
    things: Mapping[str, Selectable] = field(init=False)
    included: frozenset[str] = field(init=False, default=NOTHING)  # before anything was excluded
    may_be_nothing: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        self.things = self.selection.things

    def all_of(self, choice: Choice) -> frozenset[str]:
        """Everything that is chosen, of the kinds that are asked for."""
        said = resolved(choice, self.selection.project)
        selector = said or everything()
        first, *excluded = selector.parts if choice.exclude and isinstance(selector, Group) else (selector,)
        self.included = self.chosen(first)
        self.may_be_nothing = self._may_be_nothing(first)
        found = self.included - self.chosen(*excluded)
        return frozenset(unique_id for unique_id in found if choice.wants(self.things[unique_id].kind))

    def chosen(self, *selectors: Selector) -> frozenset[str]:
        """What any of these chooses."""
        return NOTHING.union(*(self._sets(each)[0] for each in selectors))

    def _may_be_nothing(self, selector: Selector) -> bool:
        """Whether an empty answer is fine: what changed may be nothing, and so may an overlap."""
        if isinstance(selector, Term):
            return selector.method in OUTSIDE
        overlaps = selector.how == "intersection" and len(selector.parts) > 1
        return overlaps or any(self._may_be_nothing(part) for part in selector.parts)

    def _sets(self, selector: Selector) -> Both:
        if isinstance(selector, Term):
            return self._with_tests(self._with_relatives(selector), selector.indirect or self.indirect)
        pairs = [self._sets(part) for part in selector.parts]
        if not pairs:
            return NOTHING, NOTHING
        chosen = _combined(selector.how, [direct for direct, _ in pairs])
        perhaps = _combined(selector.how, [direct | later for direct, later in pairs])
        return self._with_those_complete(chosen, perhaps, selector.indirect or self.indirect), perhaps

    def _with_relatives(self, term: Term) -> frozenset[str]:
        core = self._matching(term)
        chosen = core
        if term.with_needs_below:
            chosen |= reach(core, self._below)
            chosen |= reach(chosen, self._above)
        if term.above != 0:
            chosen |= reach(core, self._above, term.above)
        if term.below != 0:
            chosen |= reach(core, self._below, term.below)
        return frozenset(chosen & self.things.keys())

    def _with_tests(self, chosen: frozenset[str], how: Indirect) -> Both:
        """The tests of what is chosen, and those that wait for more to be chosen."""
        if how == "empty":
            return chosen, NOTHING
        tests = {test for each in chosen for test in self._tests.get(each, ())} - chosen
        if how == "eager":
            return chosen | tests, NOTHING
        sources = self.selection.project.sources.keys() if how == "buildable" else NOTHING
        there = self._there(chosen, how) | sources
        complete = {test for test in tests if there.issuperset(self.things[test].reads)}
        return chosen | complete, frozenset(tests - complete)

    def _with_those_complete(self, chosen: frozenset[str], perhaps: frozenset[str], how: Indirect) -> frozenset[str]:
        """Tests that waited, of which all that they look at is chosen by now."""
        if how not in ("cautious", "buildable") or chosen == perhaps:
            return chosen
        there = self._there(chosen, how)
        return chosen | {each for each in perhaps - chosen if there.issuperset(self.things[each].reads)}

    def _there(self, chosen: frozenset[str], how: Indirect) -> frozenset[str]:
        return chosen | reach(chosen, self._above) if how == "buildable" else chosen

    def _matching(self, term: Term) -> frozenset[str]:
        found = METHODS[term.method](self.selection, term.value, term.argument)
        if not found and term.must_match and term.method not in OUTSIDE:
            raise SelectorError(f"`{term.text}` matches nothing.", hint=self._hint(term.method, str(term.value)))
        return found

    def _hint(self, method: str, value: str) -> str:
        project = self.selection.project
        candidates: dict[str, Iterable[str]] = {
            "fqn": [node.name for node in project.nodes.values()],
            "source": [project.name_of(unique_id) for unique_id in project.sources],
            "tag": {tag for thing in self.things.values() for tag in thing.tags},
            "group": project.groups,
        }
        named = (thing.name for thing in self.things.values() if thing.kind == method)  # exposure:, metric:, ...
        leaf = value.rpartition(".")[2] if method == "fqn" else value
        near = difflib.get_close_matches(leaf, sorted(candidates.get(method, named)), n=1, cutoff=0.5)
        return f"`{near[0]}` exists." if near else "dryland ls lists what there is."

    def _above(self, unique_id: str) -> Iterable[str]:
        thing = self.things.get(unique_id)
        return thing.reads if thing else ()

    def _below(self, unique_id: str) -> Iterable[str]:
        return self._readers.get(unique_id, ())

    @cached_property
    def _readers(self) -> Mapping[str, tuple[str, ...]]:
        return turned({unique_id: thing.reads for unique_id, thing in self.things.items()})

    @cached_property
    def _tests(self) -> Mapping[str, tuple[str, ...]]:
        """The tests of each thing."""
        return turned({uid: thing.reads for uid, thing in self.things.items() if thing.kind in ("test", "unit_test")})


def _combined(how: str, sets: Sequence[frozenset[str]]) -> frozenset[str]:
    combine = {"union": or_, "intersection": and_, "difference": sub}[how]
    return reduce(combine, sets)


def _no_node(chooser: _Chooser, include: Sequence[str], chosen: frozenset[str]) -> SelectorError:
    text = " ".join(include)
    kinds = {chooser.things[unique_id].kind for unique_id in chosen}
    found = ", ".join(sorted(kinds - {"test"} or kinds))
    return SelectorError(
        f"`{text}` selects only {found}, no model or seed.",
        hint=f"`+{text}` selects what it needs, `{text}+` what reads it.",
    )
