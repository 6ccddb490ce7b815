"""Binds contracts to models: columns, types, owner and descriptions go where dbt's own contract has them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from dryland.errors import ConfigError, DuplicateError, UnknownNameError
from dryland.project.config import as_list, merged
from dryland.project.drafts import Draft
from dryland.project.nodes import Place
from dryland.project.odcs.contract import Contract, Dataset, Field
from dryland.project.odcs.physical_type import physical_type
from dryland.project.odcs.types import parse_type
from dryland.project.properties import Patch
from dryland.project.yaml_file import Mapped
from dryland.values import dataclass

PERSONAL = frozenset({"confidential", "personal", "pii", "restricted", "secret", "sensitive"})  # rows show it masked


def bound(contracts: Iterable[Contract], drafts: Mapping[str, Draft], dialect: str) -> tuple[Contract, ...]:
    """The contracts with the nodes that they are about; drafts of these get what is promised.

    A draft that a proposed or retired contract is about stays as it is.

    Raises:
        ConfigError: YAML says something else of a column than the contract; names both places.
        UnknownNameError: `dryland_model` names no model.
        DuplicateError: two contracts are about one model.
    """
    binding = _Binding(drafts, dialect, {})
    return tuple(
        replace(contract, datasets=tuple(binding.dataset(contract, each) for each in contract.datasets))
        for contract in contracts
    )


def unbound(contracts: Iterable[Contract]) -> Iterator[str]:
    """A sentence for each dataset of a contract that holds nobody to it, and should."""
    for contract in contracts:
        for dataset in contract.datasets if contract.is_kept else ():
            if not dataset.node:
                where = f"{dataset.place.path}:{dataset.place.line}"
                yield f"{where} promises `{dataset.name}`, which is no model of this project: nothing is checked of it"


@dataclass(frozen=True, slots=True)
class _Binding:
    drafts: Mapping[str, Draft]
    dialect: str
    taken: dict[str, Dataset]

    def dataset(self, contract: Contract, dataset: Dataset) -> Dataset:
        draft = self._draft(dataset, is_kept=contract.is_kept)
        if draft is None:
            return dataset
        if contract.is_kept:
            self._take(draft, dataset)
            self._fill(draft, contract, dataset)
        return replace(dataset, node=draft.unique_id)

    def _draft(self, dataset: Dataset, *, is_kept: bool) -> Draft | None:
        """What the contract means: the model that it names, or else one that is called or published so."""
        models = [each for each in self.drafts.values() if each.kind == "model" and each.is_enabled]
        if dataset.model:
            named = [each for each in models if dataset.model in _names(each)]
            if not named and is_kept:
                raise UnknownNameError(
                    f"the contract is about `{dataset.model}`, which no model defines.", path=dataset.place.path,
                    line=dataset.place.line, hint="`dryland_model` is the name of a model, or orders.v2 of a version.",
                )  # fmt: skip
            return named[0] if named else None
        for name in (dataset.physical_name, dataset.name):
            found = [each for each in models if name and name in (*_names(each), str(each.config.get("alias") or ""))]
            if found:
                return found[0]
        return None

    def _take(self, draft: Draft, dataset: Dataset) -> None:
        other = self.taken.setdefault(draft.unique_id, dataset)
        if other is not dataset:
            raise DuplicateError(
                f"`{draft.name}` has two contracts: {other.place.path}:{other.place.line} and here.",
                path=dataset.place.path, line=dataset.place.line, hint="keep one of them, or retire one.",
            )  # fmt: skip

    def _fill(self, draft: Draft, contract: Contract, dataset: Dataset) -> None:
        written = draft.patch.body if draft.patch else _mapped({"name": draft.name}, dataset.place.line)
        body = _mapped(written, dataset.place.line)
        columns = self._columns(draft, dataset, {str(each.get("name")): each for each in written.get("columns") or ()})
        body["columns"] = columns
        body["description"] = written.get("description") or dataset.description or contract.description
        place = draft.patch.place if draft.patch else dataset.place
        draft.patch = replace(draft.patch, body=body) if draft.patch else Patch(draft.name, place, body)
        draft.config = merged(draft.config, _config(draft, contract, dataset))

    def _columns(self, draft: Draft, dataset: Dataset, written: Mapping[str, Mapped]) -> list[Mapped]:
        """The columns of the contract, each with what YAML says of it besides."""
        folded = {name.lower(): body for name, body in written.items()}
        promised = {column.name.lower() for column in dataset.fields}
        for name, body in folded.items():
            if name not in promised:
                raise _disagreement(
                    draft, body, dataset.place, f"it has no column `{body.get('name')}`",
                    "add it to the contract, or take it out of the YAML.",
                )  # fmt: skip
        return [self._column(draft, column, folded.get(column.name.lower())) for column in dataset.fields]

    def _column(self, draft: Draft, column: Field, written: Mapped | None) -> Mapped:
        kind = physical_type(column)
        if not kind:
            raise ConfigError(
                f"the contract gives no type to `{column.name}`.", path=column.place.path, line=column.place.line,
                hint="physicalType: the warehouse's own name of it, for example decimal(10, 2).",
            )  # fmt: skip
        said: Mapping[str, Any] = written if written is not None else {}
        given = str(said.get("data_type") or "")
        if given and not self._is_same(given, kind):
            raise _disagreement(
                draft, written, column.place, f"`{column.name}` is {kind} there, and {given} here",
                "write the same type in both places, or in the contract only.",
            )  # fmt: skip
        body = _mapped(said, column.place.line)
        body |= {"name": column.name, "data_type": kind}
        body["description"] = said.get("description") or column.description
        meta = {"pii": True} if is_personal(column) else {}
        body["meta"] = {**meta, **(said.get("meta") or {})}
        body["tags"] = [*dict.fromkeys((*column.tags, *as_list(said.get("tags"))))]
        return body

    def _is_same(self, one: str, other: str) -> bool:
        return parse_type(one, self.dialect) == parse_type(other, self.dialect)


def is_personal(column: Field) -> bool:
    """Whether a column is about persons: rows that offend are shown without it."""
    return column.classification.lower() in PERSONAL or not PERSONAL.isdisjoint(tag.lower() for tag in column.tags)


def _config(draft: Draft, contract: Contract, dataset: Dataset) -> dict[str, Any]:
    services = [f"{each.property} {each.value} {each.unit}".strip() for each in contract.services_of(dataset)]
    said = {"id": contract.id, "version": contract.version, "status": contract.status}
    meta: dict[str, Any] = {"data_contract": said}
    meta |= {"owner": contract.owner} if contract.owner else {}
    meta |= {"sla": ", ".join(services)} if services else {}
    meta |= draft.config.get("meta") or {}  # the team's own words count over those of the contract
    return {"contract": {"enforced": True}, "meta": meta, "tags": [*dataset.tags]}


def _disagreement(draft: Draft, written: Any, place: Place, why: str, hint: str) -> ConfigError:
    assert draft.patch is not None
    return ConfigError(
        f"`{draft.name}` is promised by {place.path}:{place.line} too, and they do not agree: {why}.",
        path=draft.patch.place.path, line=getattr(written, "line", draft.patch.place.line), hint=hint,
    )  # fmt: skip


def _names(draft: Draft) -> tuple[str, ...]:
    version = (f"{draft.name}.v{draft.version}", f"{draft.name}_v{draft.version}") if draft.version else ()
    return (*version, draft.unique_id) if draft.version else (draft.name, draft.unique_id)


def _mapped(body: Mapping[str, Any], line: int) -> Mapped:
    made = Mapped(body)
    made.line, made.lines = getattr(body, "line", line), dict(getattr(body, "lines", {}))
    return made
