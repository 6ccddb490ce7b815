"""After every edit readers see what a full rebuild gives, and little more is built than has to be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import chain
from pathlib import Path

import duckdb
import pytest
from edits.beside import dbt_on
from edits.catalogue import VARIANTS, edits_of
from edits.contents import Content, contents
from edits.counts import REACHED, as_markdown, missed_by, ratio_of
from edits.edit import Edit
from edits.project import files_of, write_project
from edits.rebuilt import Rebuilt
from edits.trial import GROWS, OTHER_INPUT, OWN, Ground, Trial
from files import write_files

from dryland.platform import Platform
from dryland.project.project import Project
from real_dbt import DBT, dbt

QUICK = (
    "layout", "order of WHERE parts", "column nobody reads dropped", "column renamed, with its readers",
    "filter, same rows", "filter, other rows", "seed: a row that no filter lets through", "macro: other SQL",
    "window frame", "leaf removed",
)  # fmt: skip
"""Ten kinds; of each the first edit that a small project has."""
OF_A_KIND = 2  # edits, where every kind is tried; `make bench-edits` tries two hundred of a large project


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """A project of thirty models, released."""
    with pytest.MonkeyPatch.context() as patch, Ground(tmp_path_factory.mktemp("edits") / "ground", 1) as made:
        patch.setenv("DRYLAND_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield made


def all_edits(areas: int = 1, count: int = 1_000) -> tuple[Edit, ...]:
    return edits_of(files_of(areas), areas=areas, count=count)


def assert_right(trial: Trial) -> None:
    """Too few is wrong: what readers see is compared, and what was built."""
    assert not trial.wrong, f"{trial.edit.name}: {trial.wrong} hold something else than a full rebuild gives"
    assert not trial.missed, f"{trial.edit.name}: {sorted(trial.missed)} were not built"
    assert trial.built <= trial.planned, trial.edit.name


@pytest.mark.slow
def test_ten_edits_end_as_a_full_rebuild_does(ground: Ground) -> None:
    first = {edit.kind: edit for edit in reversed(all_edits())}
    trials = [ground.tried(first[kind]) for kind in QUICK]
    for trial in trials:
        assert_right(trial)
    by_kind = {trial.edit.kind: trial for trial in trials}
    assert not by_kind["layout"].planned and not by_kind["order of WHERE parts"].planned
    assert len(by_kind["filter, same rows"].planned) > len(by_kind["filter, same rows"].built)
    assert by_kind["macro: other SQL"].needed and by_kind["filter, other rows"].needed
    assert set(by_kind["filter, other rows"].needless.values()) == {OTHER_INPUT}, "a plan's reason has other words now"


@pytest.mark.slow
def test_what_a_rebuild_would_show_otherwise_is_noticed(ground: Ground) -> None:
    """The comparison can fail: one constant, rebuilt and not released."""
    edit = next(each for each in all_edits() if each.kind == "constant")
    path = next(iter(edit.files))
    noticed = ground.differences_with({path: edit.files[path]})
    assert noticed and all(each.startswith("main.") for each in noticed)


def test_two_hundred_edits_are_different_and_of_many_kinds() -> None:
    edits = all_edits(10, 200)
    assert len(edits) == 200 and edits == all_edits(10, 200)
    assert len({frozenset(edit.files.items()) for edit in edits}) == 200
    assert all(list(edit.files) == sorted(edit.files) for edit in edits)
    assert {edit.kind for edit in edits} == {variant.kind for variant in VARIANTS}
    assert sum(path.startswith("models") and path.endswith(".sql") for path in files_of(10)) == 300


def test_the_table_tells_what_was_built_and_not_needed() -> None:
    edit, none = Edit(1, "constant", "marts", "web", {}), frozenset[str]()
    one, both = frozenset({"model.e.one"}), frozenset({"model.e.one", "model.e.two"})
    reasons = {"model.e.one": "its code changed", "model.e.two": "an input it reads changed"}
    reads, kinds = {"model.e.one": none, "model.e.two": one}, dict.fromkeys(both, "table")
    trial = Trial(edit, both, both, one, none, none, (), kinds, reasons, reads)
    assert trial.needless == {"model.e.two": OTHER_INPUT} and ratio_of([trial]) == 2
    assert "| constant | 1 | 2 | 2 | 1 | 1 |" in as_markdown([trial], [], "here")
    same = replace(trial, needed=none)
    assert same.needless == {"model.e.one": OWN, "model.e.two": GROWS} and same.least == one
    assert "| constant | 1 | 2 | 2 | 1 | 0 |" in as_markdown([same], [], "here")


@pytest.mark.slow
def test_every_kind_of_edit_of_a_small_project_ends_as_a_full_rebuild_does(ground: Ground) -> None:
    by_kind: dict[str, list[Edit]] = {}
    for edit in all_edits():
        by_kind.setdefault(edit.kind, []).append(edit)
    assert by_kind.keys() == {variant.kind for variant in VARIANTS}
    for edit in chain.from_iterable(edits[:OF_A_KIND] for edits in by_kind.values()):
        assert_right(ground.tried(edit))


@pytest.mark.slow
def test_little_more_is_built_than_has_to_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of many models, as the benchmark has them: in small projects every look at one table weighs more."""
    monkeypatch.setenv("DRYLAND_CACHE", str(tmp_path / "cache"))
    with Ground(tmp_path / "ground", 3) as several:
        trials = [several.tried(edit) for edit in all_edits(3, 45)]
    for trial in trials:
        assert_right(trial)
    assert ratio_of(trials) <= REACHED


@pytest.mark.slow
@pytest.mark.dbt
@pytest.mark.parametrize("kind", ["macro: other SQL", "filter, other rows", "column added"])
def test_a_full_rebuild_is_what_dbt_builds(kind: str, tmp_path: Path) -> None:
    """What we compare with shares the reading of the project with us; dbt does not."""
    if not DBT.exists():
        pytest.skip("dbt is not installed: `make test` installs it")
    edit = next(each for each in all_edits() if each.kind == kind)
    write_project(tmp_path, 1)
    rebuilt = Rebuilt(project_at(tmp_path), 1)
    dbt_builds(tmp_path)
    assert shown_in(tmp_path, rebuilt.released) == rebuilt.released
    write_files(tmp_path, {path: text for path, text in edit.files.items() if text is not None})
    after = rebuilt.after(project_at(tmp_path))
    dbt_builds(tmp_path)
    assert shown_in(tmp_path, after) == after != rebuilt.released
    rebuilt.close()


def project_at(root: Path) -> Project:
    with Platform.open(root) as platform:
        return platform.project


def dbt_builds(root: Path) -> None:
    done = dbt(root, "build")
    assert done.returncode == 0, done.stdout


def shown_in(root: Path, names: Iterable[str]) -> Mapping[str, Content]:
    with duckdb.connect(str(root / "warehouse.duckdb"), read_only=True) as connection:
        return contents(connection, names)


@pytest.mark.slow
@pytest.mark.dbt
def test_dbt_misses_variables_and_nothing_else(ground: Ground, tmp_path: Path) -> None:
    """Its `state:modified+` is far too much, but for variables in dbt_project.yml, which it does not compare."""
    if not DBT.exists():
        pytest.skip("dbt is not installed: `make test` installs it")
    edits = [edit for edit in all_edits() if edit.kind == "variable"] + list(all_edits(count=20))
    edits = [replace(edit, number=number) for number, edit in enumerate(edits)]
    peer = dbt_on(edits, tmp_path, 1)
    assert peer is not None
    missing = {edit.kind for edit in edits if missed_by(peer, ground.tried(edit))}
    assert missing == {"variable"}
