"""One cause is one incident: found again when it is seen again, over when all is quiet, and back when it comes back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from dryland.state.incident_records import Incident
from dryland.watch.family import Family
from dryland.watch.finding import Finding
from dryland.watch.report import Quiet, Report
from dryland.watch.triage import Change, triage

NOON = datetime.fromisoformat("2026-03-02 12:00")
FAMILY = Family({"b": ["a"], "c": ["b"], "d": ["a"], "m": ["x", "y"]})  # a -> b -> c, a -> d; x, y -> m


def finding(dataset: str, subject: str = "t", *, minutes: float = 0, **more: object) -> Finding:
    at = NOON + timedelta(minutes=minutes)
    given = {"kind": "check", "severity": "error", "message": f"{dataset} is bad", **more}
    return Finding("prod", dataset, subject=subject, at=at, **given)  # type: ignore[arg-type]


class Hospital:
    """Incidents, as they stand after each report."""

    def __init__(self, family: Family = FAMILY, *, warnings: bool = False) -> None:
        self.family, self.warnings = family, warnings
        self.known: list[Incident] = []
        self.last: tuple[Change, ...] = ()

    def hears(self, *findings: Finding, quiet: Sequence[Quiet] = (), minutes: float = 0) -> list[Incident]:
        report = Report("prod", NOON + timedelta(minutes=minutes), findings, tuple(quiet), "it was mended")
        self.last = triage(self.known, report, self.family, lambda incident: incident, warnings=self.warnings)
        for change in self.last:
            if change.before is None:
                change.incident = replace(change.incident, id=len(self.known) + 1)
                self.known.append(change.incident)
            else:
                self.known[change.incident.id - 1] = change.incident
        return self.known

    @property
    def open_(self) -> list[Incident]:
        return [each for each in self.known if each.is_open]


def test_what_fails_downstream_is_part_of_what_fails_upstream() -> None:
    (one,) = Hospital().hears(finding("c"), finding("a"), finding("b"), finding("d"))
    assert one.cause == "a" and {each.dataset for each in one.symptoms} == {"a", "b", "c", "d"}


def test_datasets_that_do_not_read_each_other_are_two_incidents() -> None:
    assert [each.cause for each in Hospital().hears(finding("x"), finding("a"))] == ["a", "x"]


def test_what_reads_two_causes_is_part_of_one_of_them() -> None:
    one, other = Hospital().hears(finding("m"), finding("y"), finding("x"))
    assert {one.cause, other.cause} == {"x", "y"}
    assert len(one.symptoms) + len(other.symptoms) == 3


def test_a_new_finding_downstream_joins_the_open_incident() -> None:
    hospital = Hospital()
    hospital.hears(finding("a"))
    (one,) = hospital.hears(finding("c", minutes=5), minutes=5)
    assert one.cause == "a" and len(one.symptoms) == 2
    assert hospital.last[0].kinds == {"joined"}


def test_an_upstream_finding_that_comes_later_takes_over() -> None:
    hospital = Hospital()
    hospital.hears(finding("c"))
    (one,) = hospital.hears(finding("a", minutes=5), minutes=5)
    assert one.cause == "a" and hospital.last[0].kinds == {"joined", "cause"}


def test_two_incidents_with_a_common_cause_become_one() -> None:
    hospital = Hospital()
    hospital.hears(finding("c"), finding("d"))
    assert len(hospital.open_) == 2
    hospital.hears(finding("a", minutes=5), minutes=5)
    (left,) = hospital.open_
    assert left.cause == "a" and {each.dataset for each in left.symptoms} == {"a", "c", "d"}
    (gone,) = (each for each in hospital.known if not each.is_open)
    assert gone.merged_into == left.id


def test_the_same_finding_again_is_seen_again() -> None:
    hospital = Hospital()
    hospital.hears(finding("a"))
    (one,) = hospital.hears(finding("a", minutes=5), minutes=5)
    assert (one.symptoms[0].times, hospital.last[0].kinds) == (2, {"seen"})
    assert one.symptoms[0].first_at == NOON


def test_what_was_remembered_is_no_news() -> None:
    """A verdict on a table that did not change says what it said."""
    hospital = Hospital()
    hospital.hears(finding("a"))
    hospital.hears(finding("a"), minutes=5)
    assert hospital.last == ()


def test_a_finding_said_twice_in_one_report_is_one() -> None:
    (one,) = Hospital().hears(finding("a"), finding("a"))
    assert len(one.symptoms) == 1


def test_it_is_over_when_everything_is_quiet() -> None:
    hospital = Hospital()
    hospital.hears(finding("a"), finding("b", "u"))
    (one,) = hospital.hears(quiet=[Quiet("a", "check", "t")], minutes=5)
    assert one.is_open and one.cause == "b", "what is left is the cause"
    (one,) = hospital.hears(quiet=[Quiet("b", "check")], minutes=9)
    assert one.status == "resolved" and one.resolved_at == NOON + timedelta(minutes=9)
    assert one.resolve_s == 9 * 60


def test_what_is_quiet_elsewhere_resolves_nothing() -> None:
    hospital = Hospital()
    hospital.hears(finding("a"))
    others = [
        Quiet("a", "check", "other"),
        Quiet("b", "check"),
        Quiet("a", "monitor"),
        Quiet("a", "check", "t", "release"),
    ]
    hospital.hears(quiet=others, minutes=5)
    assert hospital.open_ and hospital.last == ()


def test_it_comes_back_within_a_day_and_is_a_new_one_afterwards() -> None:
    hospital = Hospital()
    hospital.hears(finding("a"))
    hospital.hears(quiet=[Quiet("a", "check")], minutes=5)
    (one,) = hospital.hears(finding("a", minutes=60), minutes=60)
    assert one.status == "open" and one.resolved_at is None and "reopened" in hospital.last[0].kinds
    hospital.hears(quiet=[Quiet("a", "check")], minutes=70)
    later = 70 + 24 * 60 + 1
    assert len(hospital.hears(finding("a", minutes=later), minutes=later)) == 2


def test_a_refused_release_says_nothing_of_the_data_that_are_there() -> None:
    refused = finding("c", "u", kind="gate", are_readers_hit=False, track="release")
    one, other = Hospital().hears(finding("a"), refused)
    assert (one.track, other.track) == ("data", "release")
    assert not other.are_readers_hit and other.hit_s == 0 and other.safe_at == other.arrived_at


def test_times_are_those_of_the_data() -> None:
    """From when the bad rows arrived to when they were seen, and to when readers were safe."""
    hospital = Hospital()
    hospital.hears(finding("a", minutes=10, since=NOON + timedelta(minutes=3)), minutes=10)
    (one,) = hospital.hears(quiet=[Quiet("a", "check")], minutes=30)
    assert (one.detect_s, one.resolve_s, one.hit_s) == (7 * 60, 20 * 60, 27 * 60)


def test_a_warning_that_becomes_an_error_is_worse() -> None:
    hospital = Hospital(warnings=True)
    hospital.hears(finding("a", severity="warn"))
    hospital.hears(finding("a", minutes=5), minutes=5)
    assert hospital.last[0].is_worse and hospital.known[0].severity == "error"


def test_a_warning_of_a_check_joins_an_incident_and_neither_opens_one_nor_keeps_one_open() -> None:
    hospital = Hospital()
    assert hospital.hears(finding("a", "w", severity="warn")) == []
    hospital.hears(finding("a"), finding("b", "w", severity="warn"))
    assert [len(each.symptoms) for each in hospital.known] == [2]
    hospital.hears(quiet=[Quiet("a", "check", "t")], minutes=5)
    assert [each.status for each in hospital.known] == ["resolved"]
    hospital.hears(finding("b", "w", severity="warn", minutes=9), minutes=9)
    assert [each.status for each in hospital.known] == ["resolved"], "a warning alone does not bring it back"


def test_what_a_monitor_or_a_promise_warns_of_is_an_incident() -> None:
    hospital = Hospital()
    hospital.hears(finding("a", severity="warn", kind="monitor"), finding("x", severity="warn", kind="freshness"))
    assert [each.severity for each in hospital.known] == ["warn", "warn"]


DATASETS = st.sampled_from("abcdxym")


@given(st.lists(st.lists(DATASETS, max_size=5), max_size=6), st.data())
def test_open_incidents_never_explain_each_other_and_lose_nothing(
    reports: list[list[str]], data: st.DataObject
) -> None:
    """Whatever is reported in whatever order: each failing dataset is in one open incident, and causes are roots."""
    hospital, failing = Hospital(), set()
    for minute, datasets in enumerate(reports):
        over = data.draw(st.sets(DATASETS))
        found = [finding(each, minutes=minute) for each in datasets]
        hospital.hears(*found, quiet=[Quiet(each, "check") for each in over], minutes=minute)
        failing = (failing - over) | set(datasets)
        still = [each.dataset for incident in hospital.open_ for each in incident.still]
        assert sorted(still) == sorted(failing)
        for incident in hospital.open_:
            assert incident.cause in {each.dataset for each in incident.still}
            assert all(not FAMILY.is_above(each.dataset, incident.cause) for each in incident.still)
        assert all(each.still == () for each in hospital.known if not each.is_open and each.merged_into is None)
