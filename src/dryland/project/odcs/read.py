"""Reads a contract file of ODCS 3, and tells everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from dryland.errors import ConfigError, DuplicateError
from dryland.project.nodes import Place
from dryland.project.odcs import words
from dryland.project.odcs.contract import TOLD, Contract, Service, major_of
from dryland.project.odcs.objects import read_dataset
from dryland.project.odcs.problem import Findings, Problem
from dryland.project.odcs.scalars import plain, text_of, texts_of
from dryland.project.properties import files_below
from dryland.project.text_file import read_text
from dryland.project.yaml_file import Mapped, parse_yaml
from dryland.timings import timed

ENDINGS = (".odcs.yaml", ".odcs.yml")
REQUIRED = ("version", "apiVersion", "kind", "id", "status")
UPDATED = "Dryland reads ODCS 3.0 and 3.1."


def contract_folders(root: Path) -> list[str]:
    """The folders in which a project's contracts stand, as dryland.yml says."""
    from dryland.project.settings import read_settings  # takes a tenth of a second to import

    return read_settings(root)[0].contract_paths


def contract_files(root: Path, folder: str) -> Iterator[Path]:
    """The contract files below a folder, in a fixed order.

    Raises:
        ConfigError: the folder is not within the project.
    """
    if not (root / folder).resolve().is_relative_to(root.resolve()):
        raise ConfigError(
            f"the folder of contracts `{folder}` is not within the project.", path="dryland.yml",
            hint="contract_paths: [contracts]",
        )  # fmt: skip
    return (path for path in files_below(root, [folder], (".yaml", ".yml")) if path.name.endswith(ENDINGS))


@timed("contracts")
def contracts_in(root: Path, folders: Iterable[str]) -> tuple[Contract, ...]:
    """Every contract below these folders.

    Raises:
        ConfigError: the first thing that must be mended.
        DuplicateError: two files have one id.
    """
    found: dict[str, Contract] = {}
    for path in (each for folder in folders for each in contract_files(root, folder)):
        contract, problems = read_contract(path, path.relative_to(root).as_posix())
        error = first_error(problems)
        if error is not None:
            raise error
        other = found.setdefault(contract.id, contract)
        if other is not contract:
            raise DuplicateError(
                f"two contracts have the id `{contract.id}`: {other.place.path} and this one.",
                path=contract.place.path, line=contract.place.line, hint="an id names one contract, in all versions.",
            )  # fmt: skip
    return tuple(found.values())


def the_contract(path: Path) -> Contract:
    """A contract that has to be understood.

    Raises:
        ConfigError: the first thing that must be mended.
    """
    contract, problems = read_contract(path, path.as_posix())
    error = first_error(problems)
    if error is not None:
        raise error
    return contract


def read_contract(path: Path, shown: str) -> tuple[Contract, tuple[Problem, ...]]:
    """A contract and what is wrong with it; what cannot be understood is left out.

    Raises:
        ConfigError: it is no YAML; `shown` names the file.
    """
    return parse_contract(read_text(path, shown), shown)


def parse_contract(text: str, shown: str) -> tuple[Contract, tuple[Problem, ...]]:
    """As `read_contract`, for a text."""
    body, found = parse_yaml(text.rstrip(), shown), Findings(shown)
    found.verify(body, words.CONTRACT, "a contract", REQUIRED)
    _verify_standard(body, found)
    contract = Contract(
        id=text_of(body, "id"),
        version=text_of(body, "version"),
        status=text_of(body, "status"),
        place=Place(shown, body.line_of("version")),
        name=text_of(body, "name"),
        description=_described(body, found),
        owner=_owner(body, found),
        tags=texts_of(body, "tags"),
        datasets=tuple(
            read_dataset(each, found) for each in found.entries(body, "schema", words.OBJECT, "an object", "name")
        ),
        services=tuple(_services(body, found)),
        told=_told(body, found),
    )
    _verify_names(contract, found)
    return contract, tuple(sorted(found.problems, key=lambda each: each.place.line))


def first_error(problems: Iterable[Problem]) -> ConfigError | None:
    """What stops whoever needs the contract."""
    return next((each.error for each in problems if not each.is_advice), None)


def _verify_standard(body: Mapped, found: Findings) -> None:
    standard, kind = text_of(body, "apiVersion"), text_of(body, "kind")
    if standard and not standard.startswith("v3."):
        found.wrong(body.line_of("apiVersion"), f"`{standard}` is no version of the standard that is known.", UPDATED)
    if kind and kind != "DataContract":
        found.wrong(body.line_of("kind"), f"`{kind}` is no data contract.", "kind: DataContract")
    version = text_of(body, "version")
    if version and major_of(version) is None:
        line = body.line_of("version")
        found.wrong(line, f"the version `{version}` does not start with a number.", "version: 1.0.0")
    if "slaDefaultElement" in body:
        found.advise(body.line_of("slaDefaultElement"), "`slaDefaultElement` goes away with ODCS 4.")


def _described(body: Mapped, found: Findings) -> str:
    about = body.get("description")
    if not isinstance(about, Mapped):
        return ""
    found.verify(about, words.ABOUT, "`description`")
    return text_of(about, "purpose")


def _owner(body: Mapped, found: Findings) -> str:
    """The team, or else the member that is called owner, or the only one."""
    team = body.get("team")
    if isinstance(team, Mapped):
        found.verify(team, words.TEAM, "`team`")
        members = list(found.entries(team, "members", words.MEMBER, "a member", "username"))
        if named := text_of(team, "name"):
            return named
    else:  # as ODCS 3.0 has it
        members = list(found.entries(body, "team", words.MEMBER, "a member", "username"))
    staying = [each for each in members if not each.get("dateOut")]
    owners = [each for each in staying if "owner" in text_of(each, "role").lower()] or staying
    return text_of(owners[0], "name") or text_of(owners[0], "username") if owners else ""


def _services(body: Mapped, found: Findings) -> Iterator[Service]:
    for each in found.entries(body, "slaProperties", words.SERVICE, "a service level", "property", "value"):
        written = text_of(each, "property")
        place = Place(found.path, each.line_of("property"))
        word = words.SERVICES.get(written.lower(), written)
        unit, element, driver = (text_of(each, key) for key in ("unit", "element", "driver"))
        yield Service(word, plain(each.get("value")), place, unit, element, driver)


def _told(body: Mapped, found: Findings) -> Mapping[str, tuple[str, ...]]:
    value = found.custom(body).get(TOLD)
    if value is None:
        return {}
    if not isinstance(value, Mapped) or not all(isinstance(each, list) for each in value.values()):
        line = value.line if isinstance(value, Mapped) else body.line_of("customProperties")
        found.wrong(line, f"`{TOLD}` names readers by version.", "value: {2.0.0: [finance, churn_dashboard]}")
        return {}
    return {version: tuple(str(name) for name in names) for version, names in value.items()}


def _verify_names(contract: Contract, found: Findings) -> None:
    found.verify_once([(each.name, each.place.line) for each in contract.datasets], "object")
    names = {name for each in contract.datasets for name in (each.name, each.physical_name)}
    for service in contract.services:
        for element in service.element.split(","):
            table = element.strip().rpartition(".")[0]
            if table and table not in names:
                hint = f"there are: {', '.join(sorted(names - {''}))}."
                found.advise(service.place.line, f"`{element.strip()}` is in no object of this contract.", hint)
