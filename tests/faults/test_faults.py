"""What goes wrong in the demo ends as docs/what-is-stopped.md says, and a finding is what readers saw."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("dlt", reason="the demo extra is not installed: dlt is missing")
pytest.importorskip("sklearn", reason="the demo extra is not installed: scikit-learn is missing")

from faulty.catalogue import FAULTS
from faulty.fault import Fault, edited
from faulty.judge import Finding, judged, play
from faulty.stage import Stage, content_of, prepare
from faulty.told import BEGIN, END, as_page, summary

pytestmark = pytest.mark.slow  # each releases a project

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "what-is-stopped.md"
ROW = re.compile(r"^\| `(\w+)`: .* \| \**(stopped|in part|absorbed|not stopped)\** \|", re.MULTILINE)
EACH = 12  # every twelfth fault is played, and all that are not stopped: the whole takes minutes
REASONS = re.compile(r"^- `(\w+)`", re.MULTILINE)


def listed() -> dict[str, str]:
    """How each fault ends, by the tables of the page."""
    return dict(ROW.findall(PAGE.read_text().partition(BEGIN)[2].partition(END)[0]))


def test_the_page_lists_every_fault_once_and_counts_them_rightly() -> None:
    ends = listed()
    assert list(ends) == [fault.name for fault in FAULTS]
    assert len(ROW.findall(PAGE.read_text())) == len(FAULTS)
    findings = [Finding(name, end) for name, end in ends.items()]
    assert summary(findings) + "." in PAGE.read_text()


def test_everything_that_is_not_stopped_has_a_reason_on_the_page() -> None:
    """And nothing else has one: a reason that outlives its gap is taken away."""
    reasons = REASONS.findall(PAGE.read_text().partition(END)[2])
    assert sorted(reasons) == sorted(name for name, end in listed().items() if end in ("not stopped", "in part"))


def test_there_are_many_kinds_of_fault_and_each_has_a_name_of_its_own() -> None:
    assert len({fault.name for fault in FAULTS}) == len(FAULTS) >= 40
    assert all(bool(fault.sql) != bool(fault.edits) for fault in FAULTS)


@pytest.mark.parametrize("fault", [fault for fault in FAULTS if fault.edits], ids=lambda fault: fault.name)
def test_an_edit_finds_its_place_in_the_demo(fault: Fault) -> None:
    for edit in fault.edits:
        assert (ROOT / "examples" / "segmentation" / edit.path).read_text().count(edit.old) == 1


BEFORE = {"orders": (2, "a"), "days": (1, "x")}
FRESH = {"orders": (3, "b"), "days": (1, "y")}
NO = (("not_null check", "not_null_orders_id"),)


@pytest.mark.parametrize(
    ("by", "after", "end", "wrong"),
    [
        (NO, BEFORE, "stopped", ()),
        (NO, {**BEFORE, "orders": (3, "b")}, "stopped", ()),
        (NO, {**BEFORE, "orders": (3, "?")}, "in part", ("orders",)),
        ((), FRESH, "absorbed", ()),
        ((), {**FRESH, "days": (1, "?")}, "not stopped", ("days",)),
        ((), BEFORE, "not stopped", ()),
        ((), {**FRESH, "surprise": (1, "z")}, "not stopped", ("surprise",)),
    ],
)
def test_a_finding_is_what_readers_see_and_whether_anything_said_no(by, after, end, wrong) -> None:
    """The last good rows or the right new ones are good; old rows that nobody speaks of are not."""
    found = judged(Finding("any", "absorbed", by), BEFORE, FRESH, after, refreshed=True)
    assert (found.end, found.wrong) == (end, wrong)


def test_a_page_keeps_what_stands_around_the_tables() -> None:
    fault = edited("one", "something goes wrong", "models/a.sql", "a", "b")
    page = as_page(f"# Before\n{BEGIN}old\n{END}after\n", [fault], [Finding("one", "stopped", NO)])
    assert page.startswith("# Before\n") and page.endswith("after\n") and "old" not in page
    assert "| `one`: something goes wrong | stopped | not_null check not_null_orders_id |" in page


@pytest.mark.parametrize(
    ("old", "new", "end", "by"),
    [
        ("select id as", "select distinct id as", "absorbed", ""),
        ("id as customer_id", "1 as customer_id", "stopped", "unique_stg_customers_customer_id"),
        ("id as customer_id", "idd as customer_id", "stopped", "idd"),
        ("name, country", "upper(name) as name, country", "not stopped", ""),
    ],
)
def test_a_fault_is_played_for_real(released, tmp_path_factory, old, new, end, by) -> None:
    """On the sample project: what is the same is absorbed, a check or the warehouse says no, nobody knows better."""
    folder = tmp_path_factory.mktemp("stage")
    shutil.copytree(released.root, folder / "released")
    stage = Stage(folder, content_of(folder / "released"), {})
    found = play(edited("one", "something", "models/staging/stg_customers.sql", old, new), stage)
    assert found.end == end
    assert by in " ".join(which for _, which in found.by)
    assert bool(found.wrong) == (end == "not stopped")
    assert content_of(folder / "released") == stage.before


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The demo's project, released; a day has arrived."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DRYLAND_CACHE", "")  # put back at the end: `prepare` sets its own
        yield prepare(tmp_path_factory.mktemp("stage"))


@pytest.mark.slow
def test_faults_end_as_the_page_says(stage: Stage) -> None:
    """`python benchmarks/faults.py --page` plays all of them, and writes the page anew."""
    ends = listed()
    played = [fault for at, fault in enumerate(FAULTS) if at % EACH == 0 or ends[fault.name] == "not stopped"]
    assert {fault.name: play(fault, stage).end for fault in played} == {each.name: ends[each.name] for each in played}
