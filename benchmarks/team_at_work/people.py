"""Plays the people of a team, each on a thread of his own, with the commands that they would type."""

from __future__ import annotations

import random
import statistics
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from peers import DRYLAND

from team_at_work.office import AREAS, PUBLISHED, Office, commit, git, write_area

ENGINEERS, CI_JOBS, READERS = 4, 2, 2


@dataclass(slots=True)
class Done:
    """What one of them did, and met."""

    who: str
    commands: int = 0
    refused: int = 0  # by somebody else's lease, in spite of waiting
    planned_again: int = 0  # since somebody released between plan and release
    waited: int = 0  # for somebody else's lease, or for a build that somebody else was making
    middle_s: float = 0.0
    errors: list[str] = field(default_factory=list)
    took_s: list[float] = field(default_factory=list)


def work_for(office: Office, seconds: float) -> list[Done]:
    """Everybody works until the time is over, and finishes what he is at."""
    stop = threading.Event()
    roles: list[tuple[str, Callable[[Office, Done, threading.Event], None]]] = [
        *((f"engineer {number}", _engineer) for number in range(ENGINEERS)),
        *((f"ci {number}", _ci) for number in range(CI_JOBS)),
        ("scheduler", _scheduler),
        *((f"reader {number}", _reader) for number in range(READERS)),
    ]
    done = [Done(who) for who, _ in roles]
    threads = [
        threading.Thread(target=role, args=(office, each, stop)) for (_, role), each in zip(roles, done, strict=True)
    ]
    for thread in threads:
        thread.start()
    stop.wait(seconds)
    stop.set()
    for thread in threads:
        thread.join()
    for each in done:
        each.middle_s = statistics.median(each.took_s) if each.took_s else 0.0
    return done


def _engineer(office: Office, done: Done, stop: threading.Event) -> None:
    """Edits a model of his areas, looks at it in his own environment, and pushes it."""
    number = int(done.who.split()[1])
    chance, clone = random.Random(number), office.clone(f"engineer_{number}")
    mine = [area for area in range(AREAS) if area % ENGINEERS == number]
    while not stop.is_set():
        git(clone, "pull", "--quiet", "--rebase")
        area, factor = chance.choice(mine), chance.randrange(2, 1_000)
        write_area(clone, area, factor)
        if not git(clone, "status", "--porcelain"):
            continue
        if _dryland(clone, done, "apply", "--env", f"dev_{number}"):
            commit(clone, f"area {area} times {factor}")
            _push(clone)
        stop.wait(chance.uniform(0, 2))


def _push(clone: Path) -> None:
    while True:
        try:
            git(clone, "push", "--quiet", "origin", "main")
        except subprocess.CalledProcessError:
            git(clone, "pull", "--quiet", "--rebase")
        else:
            return


def _ci(office: Office, done: Done, stop: threading.Event) -> None:
    """Releases to prod what was pushed."""
    clone = office.clone(done.who.replace(" ", "_"))
    released = ""
    while not stop.is_set():
        git(clone, "pull", "--quiet", "--rebase")
        head = git(clone, "rev-parse", "HEAD")
        if head != released and _dryland(clone, done, "apply"):
            released = head
        stop.wait(0.5)


def _scheduler(office: Office, done: Done, stop: threading.Event) -> None:
    """Loads rows, and refreshes prod."""
    clone = office.clone("scheduler")
    while not stop.is_set():
        office.load(100)
        git(clone, "pull", "--quiet", "--rebase")
        _dryland(clone, done, "run")
        stop.wait(1)


def _reader(office: Office, done: Done, stop: threading.Event) -> None:
    """Reads what prod shows, as fast as it can."""
    chance = random.Random(done.who)
    with office.server.connect(office.database) as connection:
        while not stop.is_set():
            began = time.monotonic()
            try:
                connection.execute(f"select count(*) from main.{chance.choice(PUBLISHED)}").fetchall()
            except Exception as error:
                done.errors.append(str(error).splitlines()[0])
            done.commands += 1
            done.took_s.append(time.monotonic() - began)
            time.sleep(0.01)


def _dryland(clone: Path, done: Done, *words: str) -> bool:
    """Run a verb; whether it did what it should."""
    began = time.monotonic()
    command = [str(DRYLAND), *words, "--yes", "--wait"]
    ended = subprocess.run(command, cwd=clone, capture_output=True, text=True, check=False)
    done.commands += 1
    done.took_s.append(time.monotonic() - began)
    done.planned_again += ended.stderr.count("Planning again")
    done.waited += "waiting: " in ended.stderr or " builds it for " in ended.stderr
    if ended.returncode == 3 and "is at work" in ended.stderr:
        done.refused += 1
    elif ended.returncode:
        done.errors.append(f"{' '.join(words)}: exit {ended.returncode}: {ended.stdout[-300:]}{ended.stderr[-700:]}")
    return ended.returncode == 0
