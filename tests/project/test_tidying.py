"""The cache folder does not grow for ever, and loses nothing that somebody uses."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from dryland.project import keeping, tidying
from dryland.project.keeping import keep, recalled, shared
from dryland.project.tidying import tidy

DAY_S = 86_400
ONE, TWO, THREE = (f"0123456789abcdef-{number:016x}" for number in (1, 2, 3))


FOREIGN = ("notes.txt", "0123.project", "0123456789abcdef", "0123456789abcdef.jpg", f"{ONE}.tar.gz")


def kept(folder: Path, name: str, days: float, size: int = 10) -> Path:
    """A file that was used so many days ago."""
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"x" * size)
    moment = time.time() - days * DAY_S
    os.utime(file, (moment, moment))
    return file


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_what_nobody_asked_for_in_a_month_makes_way_with_all_that_belongs_to_it(tmp_path: Path) -> None:
    for ending in ("project", "drafts", "0123456789abcdef.manifest", "0123456789abcdef.manifest.edits"):
        kept(tmp_path, f"{ONE}.{ending}", 31)
        kept(tmp_path, f"{TWO}.{ending}", 31)
    kept(tmp_path, f"{TWO}.0123456789abcdef.plan", 29)
    tidy(tmp_path)
    assert {name.partition(".")[0] for name in names(tmp_path)} == {TWO}
    assert len(names(tmp_path)) == 5


def test_of_too_much_the_rest_stays_that_was_used_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tidying, "BYTES_MAX", 250)
    for project, days in ((ONE, 3), (TWO, 1), (THREE, 2)):
        kept(tmp_path, f"{project}.project", days, size=100)
    tidy(tmp_path)
    assert names(tmp_path) == {f"{TWO}.project", f"{THREE}.project"}


def test_what_was_just_used_stays_however_large_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tidying, "BYTES_MAX", 1)
    kept(tmp_path, f"{ONE}.project", 0, size=100)
    kept(tmp_path, f"{TWO}.project", 0.05, size=100)
    kept(tmp_path, f"{THREE}.project", 1, size=100)
    tidy(tmp_path)
    assert names(tmp_path) == {f"{ONE}.project", f"{TWO}.project"}


def test_whatever_is_read_counts_as_used(tmp_path: Path) -> None:
    file = tmp_path / f"{ONE}.project"
    assert keep(file, "stamp", "value")
    for stamp, days in (("stamp", 0), ("another", 40)):
        moment = time.time() - 40 * DAY_S
        os.utime(file, (moment, moment))
        assert recalled(file, stamp) == ("value" if stamp == "stamp" else None)
        assert round((time.time() - file.stat().st_mtime) / DAY_S) == days
    moment = time.time() - keeping.USED_AGAIN_S / 2
    os.utime(file, (moment, moment))
    recalled(file, "stamp")
    assert file.stat().st_mtime == pytest.approx(moment), "not with every verb"


def test_what_is_not_ours_stays(tmp_path: Path) -> None:
    elsewhere = kept(tmp_path / "elsewhere", "precious", 100)
    others = [kept(tmp_path / "cache", name, 100) for name in FOREIGN]
    (tmp_path / "cache" / f"{ONE}.folder").mkdir()
    (tmp_path / "cache" / f"{TWO}.link").symlink_to(elsewhere)
    gone = kept(tmp_path / "cache", f"{THREE}.project", 100)
    tidy(tmp_path / "cache")
    assert elsewhere.exists() and all(each.exists() for each in others)
    assert names(tmp_path / "cache") == {*(each.name for each in others), f"{ONE}.folder", f"{TWO}.link"}
    assert not gone.exists()


def test_what_a_killed_process_left_half_written_makes_way(tmp_path: Path) -> None:
    kept(tmp_path, f"{ONE}.project", 0)
    kept(tmp_path, f"{ONE}.project.4711.140230", 1)
    being_written = kept(tmp_path, f"{ONE}.drafts.4712.140231", 0)
    tidy(tmp_path)
    assert names(tmp_path) == {f"{ONE}.project", being_written.name}


def test_what_cannot_be_dropped_stops_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(path: Path) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    kept(tmp_path, f"{ONE}.project", 100)
    kept(tmp_path, f"{TWO}.project", 100)
    monkeypatch.setattr(Path, "unlink", refused)
    tidy(tmp_path)
    assert names(tmp_path) == {f"{ONE}.project", f"{TWO}.project"}


def test_a_folder_that_is_not_there_stops_nothing(tmp_path: Path) -> None:
    tidy(tmp_path / "nowhere")


def test_what_all_readings_of_a_folder_share_has_one_name(tmp_path: Path) -> None:
    assert shared(tmp_path / f"{ONE}.project", "meanings") == shared(tmp_path / f"{TWO}.project", "meanings")
    assert shared(tmp_path / f"{ONE}.project", "meanings") != shared(tmp_path / f"{ONE}.project", "templates")
