"""Who watches sees how far the reading of a project is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from dryland.build.progress import Event
from dryland.cli.progress import PATIENCE_S, Lines
from dryland.platform import Platform
from dryland.project.keeping import MANY, Shelf
from dryland.project.load import load_asked, load_parts
from dryland.project.opening import Asked
from dryland.project.watching import Tell

pytestmark = pytest.mark.medium

MODELS = MANY + 20  # so many that other processes help


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "models").mkdir()
    (tmp_path / "dbt_project.yml").write_text("name: many\nprofile: many\n")
    (tmp_path / "profiles.yml").write_text("many: {target: d, outputs: {d: {type: duckdb, path: warehouse.duckdb}}}\n")
    for number in range(MODELS):
        (tmp_path / f"models/m{number}.sql").write_text(f"select {number} as id {{{{ '' }}}}")
        (tmp_path / f"models/m{number}.yml").write_text(f"models: [{{name: m{number}}}]")
    return tmp_path


class Watcher:
    """Somebody who watches."""

    def __init__(self) -> None:
        self.told: dict[str, tuple[int, int]] = {}  # name -> how many are done, of how many

    @contextmanager
    def __call__(self, total: int, name: str) -> Iterator[Tell]:
        self.told[name] = 0, total

        def tell(more: int) -> None:
            self.told[name] = self.told[name][0] + more, total

        yield tell


def test_each_thing_is_told_of_once(root: Path) -> None:
    watcher = Watcher()
    asked = Asked(root, {}, watching=watcher)
    load_asked(asked, Shelf())
    assert watcher.told == {
        "what YAML says": (MODELS, MODELS),
        "what models say": (2 * MODELS, 2 * MODELS),
        "what is checked": (MODELS, MODELS),
    }


def test_what_is_read_again_beside_other_work_is_not_told_of(root: Path) -> None:
    watcher = Watcher()
    load_parts(Asked(root, {}, watching=watcher), Shelf())
    assert watcher.told == {}


def test_a_verb_tells_of_it(root: Path) -> None:
    events: list[Event] = []

    class Seen:
        def on(self, event: Event) -> None:
            events.append(event)

    with Platform.open(root, progress=Seen()) as platform:
        assert len(platform.project.nodes) == MODELS
    names = dict.fromkeys(name for event in events for name in event.running)
    assert list(names) == ["what YAML says", "what models say", "what is checked"]
    assert [event.kind for event in events if event.kind != "step_started"] == ["start", "end"] * 3


class Live:
    """What would be drawn on a terminal."""

    def __init__(self) -> None:
        self.drawn: list[str] = []

    def update(self, line: str) -> None:
        self.drawn.append(line)

    def start(self) -> None:
        """Begin to draw."""

    def stop(self) -> None:
        """Draw nothing more."""


@pytest.mark.parametrize(("pause_s", "is_drawn"), [(0.0, True), (2 * PATIENCE_S, False)])
def test_short_works_one_after_the_other_are_one_wait(
    monkeypatch: pytest.MonkeyPatch, *, pause_s: float, is_drawn: bool
) -> None:
    now, live = [100.0], Live()
    monkeypatch.setattr("dryland.cli.progress.time.monotonic", lambda: now[0])
    monkeypatch.setattr("rich.live.Live", lambda *args, **named: live)
    lines: Any = Lines()
    lines._terminal = True
    for _ in range(2):
        lines.on(Event("start", total=10))
        now[0] += 0.7 * PATIENCE_S
        lines.on(Event("step_started", done=5, total=10, running=("what YAML says",)))
        lines.on(Event("end", done=10, total=10))
        now[0] += pause_s
    assert bool(live.drawn) is is_drawn
