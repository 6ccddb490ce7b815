"""Takes a contract file into a project: bound to a model as it is, or as dbt's own YAML."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path

from dryland.errors import ConfigError, UsageError
from dryland.project.nodes import Node
from dryland.project.odcs.as_dbt import dbt_yaml
from dryland.project.odcs.contract import Contract, Dataset
from dryland.project.odcs.lint import lint_project
from dryland.project.odcs.objects import MODEL
from dryland.project.odcs.problem import Problem
from dryland.project.odcs.read import ENDINGS, contract_folders, parse_contract, the_contract
from dryland.project.project import Project
from dryland.values import dataclass

NAMES = re.compile(r"\W+")


@dataclass(frozen=True, slots=True)
class Taken:
    """A file to be written: where in the project, with which text, and what it could not say."""

    place: str
    text: str
    lost: tuple[str, ...] = ()


def taken_in(project: Project, file: Path, model: str) -> Taken:
    """A contract as it is, with the name of the model if one is given; a new version takes the old one's place.

    Raises:
        ConfigError: the file is no contract, or does not fit the project.
        UsageError: it has several objects, and the model is of one of them.
    """
    contract, text = _read(file), file.read_text(encoding="utf-8")
    if model:
        _verify_model(project, model)
        text = named_after(text, file.as_posix(), contract, model)
    other = next((each for each in project.contracts if each.id == contract.id), None)
    name = NAMES.sub("_", file.name.removesuffix(ENDINGS[0]).removesuffix(ENDINGS[1]).partition(".")[0])
    return Taken(other.place.path if other else f"{contract_folders(project.root)[0]}/{name}{ENDINGS[0]}", text)


def put_in(root: Path, taken: Taken, warnings: Callable[[], Iterable[str]]) -> tuple[Problem, ...]:
    """Write a file, and take it back if the project does not fit it; what there is to say of it."""
    path = root / taken.place
    before = path.read_text(encoding="utf-8") if path.exists() else None
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(taken.text, encoding="utf-8")
    found = lint_project(root, warnings)
    if any(not each.is_advice for each in found):
        path.unlink() if before is None else path.write_text(before, encoding="utf-8")
    return tuple(each for each in found if not each.is_advice or each.place.path == taken.place)


def taken_as_dbt(project: Project, file: Path, model: str) -> Taken:
    """The same as dbt's YAML beside the model, and what dbt has no word for.

    Raises:
        ConfigError: the file is no contract.
        UsageError: it has several objects and no model is named, or YAML describes the model already.
    """
    contract = _read(file)
    dataset = _only(contract, model)
    name = model or dataset.model or dataset.physical_name or dataset.name
    node = _verify_model(project, name)
    if node.patch is not None and not any(node.patch.path == each.place.path for each in project.contracts):
        raise UsageError(
            f"{node.patch.path}:{node.patch.line} describes `{name}` already.",
            hint="take that entry out first, or import the contract as it is: leave out --as-dbt.",
        )
    folder = Path(node.place.path).parent
    text, lost = dbt_yaml(contract, dataset, node.name)
    return Taken((folder / f"{name}_contract.yml").as_posix(), text, lost)


def named_after(text: str, shown: str, contract: Contract, model: str) -> str:
    """A contract's text with one line more, that binds its only object to a model; everything else stays.

    Raises:
        UsageError: the object says already what it is called in the warehouse, or where to put the line is unclear.
    """
    dataset = _only(contract, "")
    if model in (dataset.model, dataset.physical_name, dataset.name):
        return text
    lines = text.splitlines(keepends=True)
    at = dataset.place.line - 1
    found = re.match(r"^(\s*(?:-\s+)?)name\s*:", lines[at])
    if dataset.physical_name or dataset.model or found is None:
        raise UsageError(
            f"{shown}:{dataset.place.line} has to be bound by hand.",
            hint=f"customProperties: [{{property: {MODEL}, value: {model}}}] in the object, or physicalName: {model}",
        )
    indent = " " * len(found[1])
    lines.insert(at + 1, f"{indent}physicalName: {model}\n")
    changed = "".join(lines)
    assert parse_contract(changed, shown)[0].datasets[0].physical_name == model
    return changed


def _read(file: Path) -> Contract:
    contract = the_contract(file)
    if not contract.datasets:
        raise ConfigError("the contract has no `schema`: it promises nothing.", path=file, line=1)
    return contract


def _only(contract: Contract, model: str) -> Dataset:
    named = [each for each in contract.datasets if model and model in (each.model, each.physical_name, each.name)]
    found = named or list(contract.datasets)
    if len(found) > 1:
        raise UsageError(
            f"the contract has {len(found)} objects: {', '.join(each.name for each in found)}.",
            hint="name one of them with --model.",
        )
    return found[0]


def _verify_model(project: Project, model: str) -> Node:
    node = next((each for each in project.nodes.values() if each.kind == "model" and each.name == model), None)
    if node is None:
        raise UsageError(f"there is no model `{model}`.", hint="--model NAME says which model the contract is about.")
    return node
