"""Decides what somebody sees of a dataset: the first rule that is about both decides, and else the default.

Columns with personal data are what the YAML says of them: `meta: {pii: true}` on a column, or on the dataset a list of
columns or a mapping of columns to masks. Nobody sees them as they are unless a rule says so.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import field
from typing import Any, cast, get_args

from dryland.access.masks import Mask
from dryland.access.person import ROLES, Person
from dryland.access.reading import ShownColumn, no_such_dataset
from dryland.errors import ConfigError, SelectorError
from dryland.plan.select import select_any
from dryland.project.access_rules import AccessSettings, Role, Rule, Sight
from dryland.project.nodes import Node
from dryland.project.personal import EVERY, personal_in
from dryland.project.project import Project
from dryland.values import dataclass

SIGHTS = frozenset(get_args(Sight))


@dataclass(frozen=True, slots=True)
class Sights:
    """How somebody sees one dataset, and which rule says so."""

    may_read: bool
    rule: Rule | None = None  # None: the default
    pii: Sight = "hash"

    def of(self, column: str, personal: Mapping[str, Sight | None]) -> Sight:
        """How he sees a column; names are compared without their capitals."""
        rule, name = self.rule, column.lower()
        if not self.may_read:
            return "hidden"
        if rule is not None:
            if rule.columns and name not in _lower(rule.columns):
                return "hidden"
            if name in _lower(rule.hide):
                return "hidden"
            said = {each.lower(): sight for each, sight in rule.masks.items()}.get(name)
            if said is not None:
                return said
        if name in personal or EVERY in personal:
            return (rule.pii if rule is not None else None) or personal.get(name) or self.pii
        return "plain"


@dataclass(frozen=True, slots=True)
class Rights:
    """All rules of a project, with what each is about."""

    project: Project
    settings: AccessSettings
    _selected: dict[int, frozenset[str]] = field(default_factory=dict, compare=False)

    def sights(self, person: Person, dataset: str) -> Sights:
        """How a person sees a dataset."""
        if person.is_local:
            return Sights(True, Rule(("*",), pii="plain"), "plain")
        for number, rule in enumerate(self.settings.rules):
            if person.is_meant(rule.to, self.settings.groups) and dataset in self._about(number, rule):
                return Sights(not rule.is_denial, rule, self.settings.pii)
        return Sights(self.settings.default == "all", None, self.settings.pii)

    def readable(self, person: Person, datasets: Iterable[str]) -> tuple[str, ...]:
        """Those of the datasets that he may read at all."""
        if not person.may("read"):
            return ()
        return tuple(each for each in datasets if self.sights(person, each).may_read)

    def shown(self, person: Person, dataset: str, columns: Iterable[str]) -> tuple[ShownColumn, ...]:
        """The columns that he sees, in their order, each as he sees it.

        Raises:
            RightsError: he sees none of them.
        """
        sights, personal = self.sights(person, dataset), self.personal(dataset)
        seen = ((column, sights.of(column, personal)) for column in columns)
        shown = tuple(
            ShownColumn(column, None if sight == "plain" else cast(Mask, sight))
            for column, sight in seen if sight != "hidden"
        )  # fmt: skip
        if not shown or not person.may("read"):
            raise no_such_dataset(dataset.split(".", 2)[-1])
        return shown

    def is_plain(self, person: Person, dataset: str, column: str) -> bool:
        """Whether he sees a column as it is.

        What is remembered of its values (the profile's ends and categories, rows that failed a check) goes past the
        desk: whoever shows any of it asks here first.
        """
        return person.may("read") and self.sights(person, dataset).of(column, self.personal(dataset)) == "plain"

    def plain(self, person: Person, dataset: str, columns: Iterable[str]) -> frozenset[str]:
        """Those of the columns that he sees as they are: the same for many, decided once."""
        if not person.may("read"):
            return frozenset()
        sights, personal = self.sights(person, dataset), self.personal(dataset)
        return frozenset(column for column in columns if sights.of(column, personal) == "plain")

    def hides_nothing(self, person: Person, dataset: str) -> bool:
        """Whether he sees all of a dataset as it is, also columns that it had once or is about to have."""
        sights, personal = self.sights(person, dataset), self.personal(dataset)
        rule = sights.rule
        named = {*personal, *((*rule.hide, *rule.masks) if rule else ())}
        is_listed = rule is not None and bool(rule.columns)
        return sights.may_read and not is_listed and all(sights.of(each, personal) == "plain" for each in named)

    def personal(self, dataset: str) -> dict[str, Sight | None]:
        """The columns of a dataset with personal data, in lower case; with a mask where the YAML names one.

        Of what left the project nobody says any more which they are: all of it counts.
        """
        node = self.project.nodes.get(dataset)
        return personal_columns(node) if node is not None else {EVERY: None}

    def _about(self, number: int, rule: Rule) -> Collection[str]:
        if number not in self._selected:
            self._selected[number] = frozenset(self._chosen(rule))
        return self._selected[number]

    def _chosen(self, rule: Rule) -> Collection[str]:
        """What a rule selects. A selector that finds nothing stops everybody: a denial must not end by a renaming.

        Raises:
            ConfigError: it cannot be read, or finds nothing.
        """
        if not rule.select:
            return self.project.nodes
        try:
            return select_any(self.project, rule.select.split())
        except SelectorError as error:
            raise ConfigError(
                f"a rule of `access` selects nothing: {error.message}", path="dryland.yml", line=rule.line,
                hint=error.hint or "rules that are about nothing may be denials that were renamed: mend or remove it.",
            ) from error  # fmt: skip


def personal_columns(node: Node) -> dict[str, Sight | None]:
    """Columns of a node with personal data, in lower case, each with the mask that its YAML names, if it does."""
    return {column: _sight(said) for column, said in personal_in(node).items()}


def _sight(said: Any) -> Sight | None:
    """A word that is a mask is one; any other (`email`, `high`) says what kind of data it is."""
    return cast(Sight, said) if isinstance(said, str) and said in SIGHTS - {"plain"} else None


def role_words(words: Iterable[str]) -> tuple[Role, ...]:
    """Roles from what somebody typed.

    Raises:
        ConfigError: one of them is none.
    """
    listed = tuple(dict.fromkeys(word.strip() for word in words if word.strip()))
    strange = [word for word in listed if word not in ROLES]
    if strange:
        raise ConfigError(f"`{strange[0]}` is no role.", hint=f"there are: {', '.join(ROLES)}.")
    return cast(tuple[Role, ...], listed)


def _lower(names: Iterable[str]) -> set[str]:
    return {name.lower() for name in names}
