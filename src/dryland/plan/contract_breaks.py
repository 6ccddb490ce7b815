"""Refuses a plan that would break a contract with readers, unless its version is raised and they were told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dryland.errors import ContractError
from dryland.plan.impact import Impact
from dryland.plan.promise import Promise, promise_in, promise_of
from dryland.plan.promise_changes import PromiseChange, promise_changes
from dryland.plan.request import Question
from dryland.project.nodes import Node
from dryland.project.odcs.contract import TOLD, Contract, major_of
from dryland.project.project import Project
from dryland.sql.meaning import ROWS, WHOLE
from dryland.values import dataclass

GONE = PromiseChange("breaking", "", "the dataset is gone", "whoever reads it fails")
UNCONTRACTED = PromiseChange("breaking", "", "nothing is promised of it any more", "readers rely on it")


@dataclass(frozen=True, slots=True)
class Break:
    """What one dataset promised its readers, and would not keep."""

    node: str
    old: Promise
    changes: tuple[PromiseChange, ...]
    contract: Contract | None  # the file as it is now, whether or not models are held to it
    version: str  # that is promised now
    readers: tuple[str, ...] = ()  # nodes and exposures that are hit
    untold: tuple[str, ...] = ()  # the names of those that the contract does not name

    @property
    def is_raised(self) -> bool:
        """Whether the version says that something breaks."""
        before, now = major_of(self.old.version), major_of(self.version)
        return now is not None and (before is None or now > before)

    @property
    def is_announced(self) -> bool:
        """Whether it may go on."""
        return self.contract is not None and self.is_raised and not self.untold


def breaks_in(question: Question) -> tuple[Break, ...]:
    """What a release of code would break, whether or not that was announced; a refresh breaks nothing."""
    if question.request.verb != "apply":
        return ()
    impact = Impact(question)
    return tuple(found for node in question.deployed.pointers if (found := _break(question, impact, node)))


def verify_contracts_kept(question: Question) -> None:
    """Refuse to break a data contract, or a version of a model that dbt would not let change.

    Environments besides the default one are where changes are tried: there the plan only notes it.

    Raises:
        ContractError: names what breaks, who reads it, and what to do.
    """
    if question.deployed.environment != question.project.settings.default_environment:
        return
    refused = [each for each in breaks_in(question) if _is_refused(each, question.project)]
    if refused:
        raise _refusal(refused, question)


def contract_notes(question: Question) -> Iterator[str]:
    """Sentences about promises that are broken and may be: it was announced, or nobody is held to them."""
    for each in breaks_in(question):
        name, what = question.project.name_of(each.node), "; ".join(map(str, each.changes))
        if each.is_announced:
            yield f"{each.old.title} {each.version} breaks what {each.old.version} promised of {name}: {what}"
        elif each.old.contract or _is_refused(each, question.project):
            default = question.project.settings.default_environment
            yield f"this breaks the contract of {name}, and {default} would refuse it: {what}"
        else:
            hit = _hit(each, question.project)
            yield f"this breaks dbt's contract of {name}: {what}" + (f"; it hits {', '.join(hit)}" if hit else "")


def _break(question: Question, impact: Impact, node: str) -> Break | None:
    project, old = question.project, promise_in(question.definition(node))
    is_asked = question.request.includes(node)
    if old is None or not is_asked:
        return None
    own = project.nodes.get(node)
    new = promise_of(own, project) if own is not None else None
    contract = next((each for each in project.contracts if each.id == old.contract), None) if old.contract else None
    changes = _broken(question, old, new, is_there=own is not None)
    if not changes:
        return None
    version = contract.version if contract else new.version if new else ""
    readers = _readers(impact, node, changes)
    owner = contract.owner if contract else own.owner if own else ""
    told = _told(contract, old) if contract else frozenset()
    untold = tuple(_name(project, each) for each in readers if not _knows(project, each, told, owner))
    return Break(node, old, changes, contract, version, readers, tuple(dict.fromkeys(untold)))


def _broken(question: Question, old: Promise, new: Promise | None, *, is_there: bool) -> tuple[PromiseChange, ...]:
    if new is None:
        return (UNCONTRACTED if is_there else GONE,)
    found = promise_changes(old, new, question.request.dialect)
    gone = (UNCONTRACTED,) if old.contract and not new.contract else ()
    return (*gone, *(each for each in found if each.kind == "breaking"))


def _readers(impact: Impact, node: str, changes: Iterable[PromiseChange]) -> tuple[str, ...]:
    """Who is hit: readers of the columns, or all of them; and exposures of the dataset or of such readers."""
    columns = {each.about for each in changes}
    touched = (ROWS, WHOLE) if "" in columns else sorted(columns)
    readers = tuple(impact.readers(node, touched))
    return (*readers, *impact.exposures([node, *readers]))


def _told(contract: Contract, old: Promise) -> frozenset[str]:
    """Who was told of a version after the one that was released."""
    before = major_of(old.version)
    newer = [names for version, names in contract.told.items() if before is None or (major_of(version) or 0) > before]
    return frozenset(name.lower() for names in newer for name in names)


def _knows(project: Project, reader: str, told: frozenset[str], owner: str) -> bool:
    """A reader knows when it, its group or its owner was told, or belongs to who makes the promise."""
    names = {_name(project, reader).lower()}
    if reader in project.nodes:
        node: Node = project.nodes[reader]
        names |= {node.name.lower(), node.owner.lower(), node.group.lower()}
        return bool((names - {""}) & told) or bool(owner and node.owner.lower() == owner.lower())
    people = {str(value).lower() for value in project.exposures[reader].owner.values() if value}
    return bool((names | people) & told) or bool(owner and owner.lower() in people)


def _name(project: Project, reader: str) -> str:
    return project.exposures[reader].name if reader in project.exposures else project.name_of(reader)


def _hit(each: Break, project: Project) -> list[str]:
    return [f"exposure {_name(project, r)}" if r in project.exposures else _name(project, r) for r in each.readers]


def _is_refused(each: Break, project: Project) -> bool:
    """A data contract binds; one of dbt's does where a model has versions, of which newer ones may still change."""
    if each.old.contract:
        return not each.is_announced
    node = project.nodes.get(each.node)
    return node is not None and bool(node.version) and not _is_preview(node, project)


def _is_preview(node: Node, project: Project) -> bool:
    same = (each for each in project.nodes.values() if (each.package, each.name) == (node.package, node.name))
    latest = next((each.version for each in same if each.is_latest), "")
    return (major_of(node.version) or 0) > (major_of(latest) or 0)


def _refusal(refused: list[Break], question: Question) -> ContractError:
    project = question.project
    lines = [line for each in refused for line in _lines(each, project)]
    first = refused[0]
    node = project.nodes.get(first.node)
    place = first.contract.place if first.contract else (node.patch or node.place) if node else None
    return ContractError(
        "\n  ".join(["a contract with readers would be broken:", *lines]),
        path=place.path if place else None, line=place.line if place else None, hint=_hint(refused),
        broken=tuple(_as_json(each, project) for each in refused),
    )  # fmt: skip


def _lines(each: Break, project: Project) -> Iterator[str]:
    title = f"{each.old.title} {each.old.version}".strip() if each.old.contract else "its contract"
    yield f"{project.name_of(each.node)}, which {title} promises:"
    for change in each.changes:
        yield f"  {change} ({change.why})"
    if hit := _hit(each, project):
        yield f"  it hits {', '.join(hit)}"


def _hint(refused: list[Break]) -> str:
    """What to do about each contract; its datasets have one version and one list of readers."""
    by_contract: dict[str, list[Break]] = {}
    for each in refused:
        by_contract.setdefault(each.old.contract or each.node, []).append(each)
    untold = {key: dict.fromkeys(name for each in found for name in each.untold) for key, found in by_contract.items()}
    return "\n".join(_hint_of(found[0], ", ".join(untold[key])) for key, found in by_contract.items())


def _hint_of(each: Break, names: str) -> str:
    if not each.old.contract:
        return "dbt's way is a new version of the model: add it to `versions`, and let readers move."
    if each.contract is None:
        return (
            f"keep the promise, or keep its file with `status: retired`, the next version, and `{TOLD}`: "
            "who was told of that version."
        )
    following = f"{(major_of(each.old.version) or 0) + 1}.0.0"
    version = each.version if each.is_raised else following
    told = f"customProperties: [{{property: {TOLD}, value: {{{version}: [{names}]}}}}]"
    if each.is_raised:
        return f"tell the readers of {version}, and name them (or their owners) in the contract: {told}"
    raise_it = f"keep the promise, or raise the contract's version to {version}"
    return f"{raise_it}, tell the readers and name them (or their owners): {told}" if names else f"{raise_it}."


def _as_json(each: Break, project: Project) -> dict[str, object]:
    return {
        "dataset": project.name_of(each.node),
        "contract": each.old.contract,
        "version": each.old.version,
        "changes": [{"column": change.about, "what": change.what, "why": change.why} for change in each.changes],
        "readers": _hit(each, project),
        "untold": list(each.untold),
    }
