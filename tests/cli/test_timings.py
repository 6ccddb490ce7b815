"""`--timings` and `--trace` tell where the time went, however a command ends; where nobody asks, nothing is noted."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from dryland.cli.node_timings import longest_building
from dryland.cli.show_timings import timing_lines
from dryland.cli.write_trace import trace_events
from dryland.timings import Span, handed_over, timed, watching

NODES = {"raw_customers", "raw_orders", "stg_customers", "stg_orders", "customer_orders", "big_spenders"}


def rows(err: str) -> dict[str, float]:
    """What the table of a command says, by its label with its indentation."""
    found = re.findall(r"^  (.*\S) +(\d+\.\d{3}) s +\d+%", err, re.MULTILINE)
    return {label: float(seconds) for label, seconds in found}


def nested(spans: list[Span]) -> dict[tuple[str, ...], float]:
    total: dict[tuple[str, ...], float] = defaultdict(float)
    for span in spans:
        total[span.path] += span.duration_s
    return total


def test_what_is_done_within_something_is_a_part_of_it() -> None:
    with watching("plan") as spans:
        with timed("load"):
            with timed("YAML"):
                time.sleep(0.002)
            with timed("YAML"):
                time.sleep(0.002)
        with timed("plan it"):
            pass
    assert [span.path for span in spans] == [
        ("plan", "load", "YAML"), ("plan", "load", "YAML"), ("plan", "load"), ("plan", "plan it"), ("plan",),
    ]  # fmt: skip
    total = nested(spans)
    assert 0.004 <= total["plan", "load", "YAML"] <= total["plan", "load"] <= total["plan",]
    assert total["plan", "load"] + total["plan", "plan it"] <= total["plan",]


def test_a_part_of_the_same_thing_is_not_told_twice() -> None:
    @timed("warehouse")
    def fetch() -> int:
        with timed("warehouse"):
            return 7

    with watching("ls") as spans:
        assert fetch() == 7
    assert [span.path for span in spans] == [("ls", "warehouse"), ("ls",)]


def test_work_that_is_handed_over_is_noted_on_its_thread_and_as_a_part_of_who_handed_it_over() -> None:
    gate = threading.Event()

    @timed("build")
    def work(answer: int) -> int:
        gate.wait(5)
        return answer

    with watching("apply") as spans, timed("nodes"), ThreadPoolExecutor(1) as pool:
        first = pool.submit(handed_over(work, "task", "model.shop.a"), 1)
        second = pool.submit(handed_over(work, "task", "model.shop.b", needs=frozenset({"model.shop.a"})), 2)
        time.sleep(0.02)
        gate.set()
        assert (first.result(), second.result()) == (1, 2)
    a, b = (span for span in spans if span.name == "task")
    assert a.path == b.path == ("apply", "nodes", "task")
    assert a.thread == b.thread != spans[-1].thread
    assert (a.about, b.about, b.needs) == ("model.shop.a", "model.shop.b", {"model.shop.a"})
    assert a.waited_s < 0.02 <= b.waited_s, "the second waited for the only thread"
    assert ("apply", "nodes", "task", "build") in nested(spans)


def test_one_thing_can_be_handed_over_many_times() -> None:
    both = threading.Barrier(2, timeout=5)
    with watching("test") as spans, ThreadPoolExecutor(2) as pool:
        assert list(pool.map(handed_over(lambda number: both.wait() * 0 + number, "task"), [1, 2])) == [1, 2]
    assert len({span.thread for span in spans if span.name == "task"}) == 2


def spent_s(work: Callable[[], object]) -> float:
    """The processor's time of one call; the best of five, for others use the machine too."""
    found = []
    for _ in range(5):
        began = time.process_time()
        for _ in range(5_000):
            work()
        found.append((time.process_time() - began) / 5_000)
    return min(found)


def stretch() -> None:
    with timed("load"):
        pass


def test_watching_costs_little_and_not_watching_next_to_nothing() -> None:
    """A release of a thousand models notes some ten thousand stretches, and takes half a minute."""
    assert spent_s(stretch) < 5e-6
    with watching("plan"):
        assert spent_s(stretch) < 50e-6


def test_where_nobody_watches_nothing_is_in_the_way() -> None:
    def work() -> None: ...

    with timed("load"):
        assert handed_over(work, "task") is work
    with watching("plan") as spans:
        pass
    with timed("load"):
        pass
    assert [span.path for span in spans] == [("plan",)]


def test_two_who_watch_at_once_do_not_see_each_other() -> None:
    both = threading.Barrier(2, timeout=5)

    def command(name: str) -> set[str]:
        with watching(name) as spans:
            both.wait()
            with timed(f"load {name}"):
                both.wait()
        return {span.name for span in spans}

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(command, ["a", "b"])) == [{"a", "load a"}, {"b", "load b"}]


def test_what_raises_is_noted_with_its_error() -> None:
    with pytest.raises(KeyError), watching("plan") as spans, timed("load"):
        raise KeyError
    assert [(span.name, span.error) for span in spans] == [("load", "KeyError"), ("plan", "")]


# --- the table -------------------------------------------------------------------------------------------------------


def span(path: str, began_s: float, ended_s: float, thread: int = 1, about: str = "", **more: object) -> Span:
    return Span(tuple(path.split("/")), began_s, ended_s, thread, about, **more)  # type: ignore[arg-type]


def task(name: str, ready_s: float, began_s: float, ended_s: float, thread: int, *needs: str) -> list[Span]:
    """One node: three quarters of its time it is built, the rest checked."""
    built_s, within = began_s + (ended_s - began_s) * 0.75, "apply/nodes/task"
    ids = frozenset(f"model.shop.{each}" for each in needs)
    return [
        span(f"{within}/build", began_s, built_s, thread),
        span(f"{within}/check", built_s, ended_s, thread),
        span(within, began_s, ended_s, thread, f"model.shop.{name}", ready_s=ready_s, needs=ids),
    ]


BUILT = [
    *task("raw", 1.0, 1.0, 2.0, 2), *task("side", 1.0, 1.0, 1.5, 3), *task("staged", 2.0, 2.0, 5.0, 3, "raw", "side"),
    *task("other", 2.0, 2.0, 4.0, 2), *task("final", 5.0, 6.0, 9.0, 2, "staged", "other", "a_source"),
    span("apply/load/YAML", 0.0, 0.5), span("apply/load", 0.0, 1.0), span("apply/tiny", 1.0, 1.01),
    span("apply/nodes", 1.0, 9.0), span("apply", 0.0, 10.0),
]  # fmt: skip


def test_the_table_adds_up_largest_first() -> None:
    lines = timing_lines(BUILT, worked_s=4.0)
    assert lines[1].replace("\x1b[1m", "").replace("\x1b[0m", "") == "apply took 10.00 s, 4.00 s of the processor"
    told = rows("\n".join(lines[2:]))
    assert list(told.items()) == [("nodes", 8.0), ("load", 1.0), ("  YAML", 0.5), ("  other", 0.5), ("other", 1.0)]


def test_the_critical_path_is_what_was_waited_for_last() -> None:
    building = longest_building(BUILT)
    assert building is not None
    assert [each.span.about.rpartition(".")[2] for each in building.deciding] == ["raw", "staged", "final"]
    assert (building.deciding_s, building.deciding_waited_s, building.threads) == (7.0, 1.0, 2)
    assert building.busy_share == pytest.approx(9.5 / 16)
    assert {each.span.about.rpartition(".")[2]: each.spent_s("build") for each in building.tasks} == {
        "raw": 0.75, "side": 0.375, "staged": 2.25, "other": 1.5, "final": 2.25,
    }  # fmt: skip


def test_the_critical_path_is_one_line_and_marked() -> None:
    text = "\n".join(timing_lines(BUILT, worked_s=4.0))
    assert "decided when it ended: raw 1.00 s → staged 3.00 s → final 3.00 s" in text
    assert "together 7.00 s, and 1.00 s waiting for a thread" in text
    assert re.findall(r"◆\S* (\w+) ", text) == ["staged", "final", "raw", "decided"]


# --- the file --------------------------------------------------------------------------------------------------------


def test_the_trace_has_a_track_for_each_thread_and_counts_who_waits() -> None:
    events = trace_events(BUILT)
    tracks = {each["args"]["name"]: each["tid"] for each in events if each["name"] == "thread_name"}
    assert tracks == {"main": 1, "thread 2": 2, "thread 3": 3}
    (final,) = (each for each in events if each["name"] == "final")
    assert (final["ph"], final["ts"], final["dur"], final["tid"]) == ("X", 6e6, 3e6, 2)
    assert final["args"] == {"about": "model.shop.final", "waited_s": 1.0}
    waiting = [(each["ts"], each["args"]["nodes"]) for each in events if each["ph"] == "C"]
    assert waiting[-2:] == [(5e6, 1), (6e6, 0)]
    arrows = [each for each in events if each["ph"] in "sf"]
    told = [(each["ph"], each["id"], each["tid"], round(each["ts"] / 1e6, 3)) for each in arrows]
    assert told == [("s", 1, 2, 2.0), ("f", 1, 3, 2.0), ("s", 2, 3, 5.0), ("f", 2, 2, 6.0)]


def verify_nests(events: list[dict]) -> None:
    """On a track, what begins within something ends within it; viewers draw nonsense otherwise."""
    tracks = defaultdict(list)
    for each in events:
        if each["ph"] == "X":
            tracks[each["tid"]].append((each["ts"], -each["dur"]))
    for found in tracks.values():
        open_until: list[float] = []
        for began, negative in sorted(found):
            while open_until and open_until[-1] <= began + 0.01:
                open_until.pop()
            assert not open_until or began - negative <= open_until[-1] + 0.01
            open_until.append(began - negative)


# --- commands --------------------------------------------------------------------------------------------------------


def test_a_release_tells_every_node_on_its_thread(shop) -> None:
    answer = shop.dryland("apply", "--yes", "--quiet", "--threads", "2", "--timings", "--trace", "out/trace.json")
    trace = json.loads((shop.root / "out" / "trace.json").read_text())
    assert trace["otherData"]["command"] == "apply"
    assert "select" not in json.dumps(trace), "nobody's SQL is in it"
    spans = [each for each in trace["traceEvents"] if each["ph"] == "X"]
    main = next(each["tid"] for each in spans if each["name"] == "apply")
    tasks = {each["name"]: each for each in spans if each["cat"] == "task"}
    assert tasks.keys() >= NODES
    for name in NODES:
        parts = {each["name"] for each in spans if each["tid"] == tasks[name]["tid"] and is_in(each, tasks[name])}
        assert {"build", "check"} <= parts, name
        assert tasks[name]["tid"] != main
    verify_nests(spans)
    told = rows(answer.err)
    assert {"load", "build", "publish", "artifacts", "meanings", "plan", "imports ×2"} >= {*told} & {"load", "build"}
    assert {"load", "build", "  nodes"} <= told.keys()
    assert "nodes took" in answer.err and "decided when it ended:" in answer.err
    assert "apply took" not in answer.out
    top = sum(seconds for label, seconds in told.items() if not label.startswith(" "))
    whole = next(each["dur"] for each in spans if each["name"] == "apply") / 1e6
    assert top == pytest.approx(whole, rel=0.02), "what is told adds up to the whole"


def is_in(inner: dict, outer: dict) -> bool:
    return outer["ts"] <= inner["ts"] and inner["ts"] + inner["dur"] <= outer["ts"] + outer["dur"] + 0.01


def test_who_does_not_ask_gets_nothing(shop) -> None:
    answer = shop.dryland("plan")
    assert "took" not in answer.err + answer.out
    before = {*shop.root.rglob("*.json")}
    shop.dryland("ls")
    assert {*shop.root.rglob("*.json")} == before


def test_stdout_stays_clean_for_machines(shop) -> None:
    answer = shop.dryland("plan", "--json", "--timings", "--trace", "t.json")
    assert answer.json["environment"] == "prod"
    assert answer.err.startswith("\nplan took") and "wrote t.json" in answer.err


def test_a_refused_release_tells_too(shop) -> None:
    shop.edit("seeds/raw_orders.csv", "11,1,", "10,1,")
    answer = shop.dryland("apply", "--yes", "--timings", code=1)
    assert "  nodes" in rows(answer.err) and "publish" not in rows(answer.err)


def test_an_error_is_told_first_and_then_the_time(shop) -> None:
    shop.edit("models/staging/stg_orders.sql", "raw_orders", "raw_ordrs")
    answer = shop.dryland("plan", "--timings", code=2)
    assert answer.err.index("hint:") < answer.err.index("plan took")
    assert "load" in rows(answer.err)


def test_verbs_without_a_project_tell_too(workspace) -> None:
    assert "version took" in workspace.dryland("version", "--timings").err
    assert "Perfetto" in workspace.dryland("env", "list", "--help").out
    assert "Perfetto" in workspace.dryland("query", "--help").out


def test_a_trace_that_cannot_be_written_changes_nothing(workspace) -> None:
    workspace.write("file", "")
    answer = workspace.dryland("version", "--trace", "file/trace.json", code=0)
    assert answer.err == "did not write file/trace.json: File exists\n"


SLEEPER = """
import pathlib, time
def model(dbt, session):
    dbt.config(materialized="table")
    pathlib.Path("building").touch()
    time.sleep(1)
    return session.sql("select 1 as id")
"""


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, -signal.SIGTERM)])
def test_who_is_stopped_tells_what_is_known(shop, number: signal.Signals, code: int) -> None:
    shop.write("models/sleeper.py", SLEEPER)
    command = [sys.executable, "-m", "dryland", "apply", "--yes", "--timings", "--trace", "trace.json"]
    heard = partial(signal.signal, number, signal.SIG_DFL)  # shells have what runs in the background ignore Ctrl-C
    with subprocess.Popen(
        command, cwd=shop.root, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, preexec_fn=heard
    ) as run:
        until = time.monotonic() + 30
        while not (shop.root / "building").exists() and time.monotonic() < until:
            time.sleep(0.02)
        os.kill(run.pid, number)
        _, err = run.communicate(timeout=30)
    assert run.returncode == code, err
    assert {"build", "  nodes"} <= rows(err).keys(), err
    assert not shop.dryland("release", "list", "--json").json["releases"]
    events = json.loads((shop.root / "trace.json").read_text())["traceEvents"]
    assert {"start of Python", "load", "build", "sleeper"} <= {each["name"] for each in events}
    verify_nests(events)
