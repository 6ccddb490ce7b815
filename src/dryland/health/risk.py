"""Decides what to do first: how many rely on a dataset, times how much may go wrong there unseen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from dryland.health.dataset import Dataset, Fact
from dryland.values import dataclass

EXPOSURE_READERS, TOLD_READERS = 5, 5  # people outside count more than models, for nobody rebuilds them
WEIGHTS: Mapping[Fact, int] = {
    "checks": 5,
    "key": 4,
    "freshness": 3,
    "owner": 2,
    "contract": 2,
    "description": 1,
}
"""How much goes unseen without it."""
FOLDER_MIN = 3  # datasets without an owner, for one line about their folder
FAILING, STALE, UNRELEASED, WARNED = 10, 8, 6, 4


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do about one dataset."""

    unique_id: str  # empty: it is about a folder
    name: str
    why: str
    command: str
    risk: int
    readers: int


def readers_of(dataset: Dataset) -> int:
    """How much relies on a dataset: itself, each node below, and five times each exposure and each reader it tells."""
    return 1 + dataset.nodes_below + EXPOSURE_READERS * dataset.exposures + TOLD_READERS * dataset.told


def score_of(datasets: Iterable[Dataset]) -> int:
    """What there is, of what there should be, in percent: each weighted by what goes unseen, and by who reads.

    Rounded down, so that only what is complete is 100; a project without datasets is.
    """
    have = wanted = 0
    for dataset in datasets:
        readers = readers_of(dataset)
        for fact, is_there in dataset.has.items():
            wanted += readers * WEIGHTS[fact]
            have += readers * WEIGHTS[fact] * is_there
    return 100 * have // wanted if wanted else 100


def steps_of(datasets: Iterable[Dataset]) -> tuple[Step, ...]:
    """What to do, the greatest risk first."""
    listed = list(datasets)
    unowned = _unowned(listed)
    found = [*_of_folders(unowned)]
    for dataset in listed:
        found += _steps(dataset, is_owner_asked=dataset.folder not in unowned)
    return tuple(sorted(found, key=lambda each: (-each.risk, each.name, each.why)))


def _unowned(datasets: Sequence[Dataset]) -> dict[str, list[Dataset]]:
    """Folders of which several have no owner: one line of dbt_project.yml gives them one."""
    found: dict[str, list[Dataset]] = {}
    for dataset in datasets:
        if dataset.folder and "owner" in dataset.missing:
            found.setdefault(dataset.folder, []).append(dataset)
    return {folder: each for folder, each in found.items() if len(each) >= FOLDER_MIN}


def _of_folders(unowned: Mapping[str, Sequence[Dataset]]) -> Iterator[Step]:
    """As urgent as the one of them that has the most readers."""
    for folder, datasets in unowned.items():
        readers = max(map(readers_of, datasets))
        what = f"edit dbt_project.yml: {folder}: +meta: {{owner: ...}}"
        why = f"no owner of {len(datasets)} {datasets[0].kind}s"
        yield Step("", datasets[0].layer, why, what, readers * WEIGHTS["owner"], readers)


def _steps(dataset: Dataset, *, is_owner_asked: bool) -> Iterator[Step]:
    readers = readers_of(dataset)
    for why, command, weight in (*_of_standing(dataset), *_of_missing(dataset, is_owner_asked=is_owner_asked)):
        yield Step(dataset.unique_id, dataset.name, why, command, readers * weight, readers)


def _of_standing(dataset: Dataset) -> Iterator[tuple[str, str, int]]:
    name, standing = _selected(dataset), dataset.standing
    if standing.failing:
        yield f"{_counted(standing.failing)} no", f"dryland check -s {name}", FAILING
    if standing.stale_since:
        yield f"stale since {standing.stale_since[:16].replace('T', ' ')}", f"dryland run -s +{name}", STALE
    if not standing.is_released:
        yield "not released", f"dryland apply -s +{name}", UNRELEASED
    if standing.warned:
        yield f"{_counted(standing.warned)} a warning", f"dryland check -s {name}", WARNED


def _counted(names: tuple[str, ...]) -> str:
    return "1 check says" if len(names) == 1 else f"{len(names)} checks say"


def _of_missing(dataset: Dataset, *, is_owner_asked: bool) -> Iterator[tuple[str, str, int]]:
    missing = set(dataset.missing) - (set() if is_owner_asked else {"owner"})
    watched = [fact for fact in ("key", "checks") if fact in missing]
    if watched:
        yield f"no {' and no '.join(watched)}", _watch(dataset), sum(WEIGHTS[fact] for fact in watched)
    if "contract" in missing:
        file = f"contracts/{dataset.name}.odcs.yaml"
        yield "no contract", f"dryland contract export {dataset.name} -o {file}", WEIGHTS["contract"]
    if "freshness" in missing and dataset.kind == "source":
        yield "no freshness", f"edit {dataset.place}: freshness: {{warn_after: ...}}", WEIGHTS["freshness"]
    told: list[Fact] = [fact for fact in ("owner", "description") if fact in missing]
    if told:
        keys = {"owner": "config: {meta: {owner: ...}}", "description": "description: ..."}
        said = ", ".join(keys[fact] for fact in told)
        yield f"no {' and no '.join(told)}", f"edit {dataset.place}: {said}", sum(WEIGHTS[fact] for fact in told)


def _watch(dataset: Dataset) -> str:
    if dataset.kind == "source":
        return f"edit {dataset.place}: data_tests: [...]"
    return f"dryland check suggest {dataset.name}{' --write' if dataset.is_own else ''}"


def _selected(dataset: Dataset) -> str:
    return f"source:{dataset.name}" if dataset.kind == "source" else dataset.name
