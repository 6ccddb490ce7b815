"""Other processes do their share, and whatever becomes of them nothing is lost."""

from __future__ import annotations

import pickle
import signal
from pathlib import Path

import pytest

from dryland.errors import SqlError
from dryland.platform import Platform
from dryland.project.keeping import MANY, SOME, Shelf
from dryland.workers import Workers

pytestmark = pytest.mark.medium

PROFILE = "shop: {target: dev, outputs: {dev: {type: duckdb, path: warehouse.duckdb, schema: main}}}"


@pytest.mark.parametrize("count", [0, 1, 3])
def test_everything_comes_back_in_its_order(count: int) -> None:
    items = [f"text {number}" for number in range(10)]
    with Workers(count) as workers:
        assert workers.share(pickle.dumps, items) == [pickle.dumps(each) for each in items]
        assert workers.share(pickle.dumps, items[:1]) == [pickle.dumps(items[0])]


@pytest.mark.parametrize("count", [0, 1, 3])
@pytest.mark.parametrize("items", [0, 1, 10])
def test_who_watches_is_told_of_each(count: int, items: int) -> None:
    told: list[int] = []
    with Workers(count) as workers:
        workers.share(pickle.dumps, range(items), told.append)
    assert sum(told) == items and all(each > 0 for each in told)


def test_what_raises_is_left_to_who_asked() -> None:
    with Workers(1) as workers:
        assert workers.share(bytes.fromhex, ["zz", "0a", "0b", "zz"]) == [None, b"\n", b"\x0b", None]


def test_a_process_that_dies_leaves_its_share_undone() -> None:
    with Workers(1) as workers:
        workers.share(signal.raise_signal, [0, signal.SIGKILL])  # to this process nothing is sent
        assert workers.share(bytes.fromhex, ["0a", "0b", "0c"]) == [b"\n", None, b"\x0c"]
        assert workers._processes and workers._processes[0].wait() == -signal.SIGKILL


def test_what_only_this_process_knows_is_done_here() -> None:
    with Workers(1) as workers:
        assert workers.share(_of_this_module, ["here", "elsewhere"]) == [b"here", None]


def test_processes_are_gone_when_the_work_is_done() -> None:
    with Workers(2) as workers:
        workers.share(pickle.dumps, [1, 2, 3])
        processes = workers._processes
    assert processes and [each.returncode for each in processes] == [0, 0]


def test_a_shelf_has_done_elsewhere_what_is_worth_it_alone() -> None:
    shelf = Shelf()
    with Workers(1) as workers:
        shelf.prepare(pickle.dumps, {str(each): each for each in range(MANY - 1)}, workers)
        assert workers._processes is None
        shelf.prepare(pickle.dumps, {str(each): each for each in range(MANY)}, workers)
        assert workers._processes
        shelf.prepare(pickle.dumps, {f"few {each}": each for each in range(SOME)}, workers)  # they are there
    assert shelf.remembered("few 3", lambda: pytest.fail("it is known")) == 3
    assert shelf.remembered("3", lambda: pytest.fail("it is known")) == 3


@pytest.fixture
def many(tmp_path: Path) -> Path:
    (tmp_path / "models").mkdir()
    (tmp_path / "dbt_project.yml").write_text("{name: shop, profile: shop}")
    (tmp_path / "profiles.yml").write_text(PROFILE)
    for number in range(MANY + 5):
        read = f"{{{{ ref('m{number - 1}') }}}}" if number % 5 else "(select 1 as a)"
        (tmp_path / f"models/m{number}.sql").write_text(f"select a, a + {number} as b{number} from {read} as x")
    return tmp_path


def test_a_project_means_the_same_on_one_core_and_on_two(many: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRYLAND_CACHE", "")
    found = []
    for count in (0, 1):
        monkeypatch.setattr("dryland.workers._cores", lambda count=count: count + 1)
        monkeypatch.setattr("dryland.project.keeping.MANY", 10)
        with Platform.open(many) as platform:
            found.append((dict(platform.meanings), platform.project.nodes))
    assert found[0] == found[1]
    assert len(found[0][0]) == MANY + 5


def test_what_does_not_parse_is_told_with_its_file_all_the_same(many: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRYLAND_CACHE", "")
    monkeypatch.setattr("dryland.workers._cores", lambda: 2)
    (many / "models/m7.sql").write_text("select a,\n from from")
    with Platform.open(many) as platform, pytest.raises(SqlError, match=r"models/m7\.sql:2"):
        platform.plan()


def _of_this_module(text: str) -> bytes:
    return text.encode()


def test_a_program_that_is_no_python_does_everything_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/usr/bin/uwsgi")
    with Workers(3) as workers:
        assert workers.share(bytes.fromhex, ["0a", "0b"]) == [b"\n", b"\x0b"]
        assert workers._processes == []


def test_nobody_waits_for_what_is_not_wanted_any_more() -> None:
    with pytest.raises(KeyboardInterrupt), Workers(1) as workers:
        workers.share(bytes.fromhex, ["0a", "0b"])
        processes = workers._processes
        raise KeyboardInterrupt
    assert processes and processes[0].returncode == -signal.SIGKILL
