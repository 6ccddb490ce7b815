"""Kills: each kind does its harm while a verb runs, waits for the verb's end, and makes the world whole again."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from crash.deeds import Deed, next_apply
from crash.ground import Ground
from crash.launcher import Verb
from crash.mill import LEASE_S
from crash.places import Place

LATE = 1.05  # of the time that a verb takes: some harm comes just after its last word
LAST_POINTS = 40  # publication is at the end of most verbs
OTHER_S = 12.0  # for another, while one stands still: who holds what it needs is then let go on
TERMINATE = """
    select pg_terminate_backend(pid) from (
        select pid from pg_stat_activity where application_name like 'dryland%%' order by random() limit {}
    ) as chosen
"""


@dataclass(frozen=True, slots=True)
class Struck:
    """What was done to a verb, and how it ended."""

    landed: bool  # the verb was still there, and felt it
    where: str
    code: int
    text: str
    also: Deed | None = None  # what somebody else did meanwhile
    also_code: int = 0


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of kill."""

    name: str
    weight: int
    is_possible: Callable[[Place, Deed], bool]
    strike: Callable[[Ground, Deed], Struck]


def _kill_process(ground: Ground, deed: Deed) -> Struck:
    verb = ground.start(deed)
    delay_s = _wait(ground, deed, verb)
    landed = verb.signal(signal.SIGKILL)
    return _struck(verb, landed, f"after {delay_s:.3f} s")


def _kill_at_point(ground: Ground, deed: Deed) -> Struck:
    measured = ground.measured[deed.name]
    first = max(measured.points - LAST_POINTS, 1) if ground.chance.random() < 0.5 else 1
    point = ground.chance.randint(first, measured.points)
    verb = ground.start(deed, die_at=point)
    landed = verb.end() == -signal.SIGKILL
    struck = _struck(verb, landed, f"before statement {point} of {measured.points}")
    if not landed:
        measured.points = min(ground.launcher.points, measured.points)
    return struck


def _stop_server(ground: Ground, deed: Deed) -> Struck:
    server = ground.place.server
    assert server is not None
    verb = ground.start(deed)
    delay_s = _wait(ground, deed, verb)
    landed = verb.is_running
    server.stop(at_once=True)
    time.sleep(ground.chance.choice((0.0, 0.0, 0.3)))
    server.start()
    return _struck(verb, landed, f"after {delay_s:.3f} s")


def _kill_child(ground: Ground, deed: Deed) -> Struck:
    server = ground.place.server
    assert server is not None
    verb = ground.start(deed)
    delay_s = _wait(ground, deed, verb)
    landed = verb.is_running
    title = server.kill_child(ground.chance)
    struck = _struck(verb, landed, f"after {delay_s:.3f} s: {title}")
    server.wait()
    return struck


def _terminate_backend(ground: Ground, deed: Deed) -> Struck:
    server = ground.place.server
    assert server is not None
    with server.connect("postgres") as connection:
        verb = ground.start(deed)
        delay_s = _wait(ground, deed, verb)
        count = ground.chance.choice((1, 1, 9))
        ended = connection.execute(TERMINATE.format(count)).fetchall()
    return _struck(verb, bool(ended), f"{len(ended)} connections after {delay_s:.3f} s")


def _cut_wire(ground: Ground, deed: Deed) -> Struck:
    wire, measured = ground.place.wire, ground.measured[deed.name]
    assert wire is not None
    at = ground.chance.randint(1, max(measured.bytes, 2))
    with wire.cut_after(at):
        verb = ground.start(deed, wired=True)
        verb.end()
        landed = wire.was_cut
        measured.learn_bytes(wire.bytes, was_cut=landed)
    return _struck(verb, landed, f"after {at} bytes")


def _fill_disk(ground: Ground, deed: Deed) -> Struck:
    disk = ground.chance.choice([each for each in ground.place.disks if each.is_small])
    measured = ground.measured[deed.name]
    left = int(ground.chance.random() ** 2 * measured.room_bytes)
    disk.fill(left)
    try:
        verb = ground.start(deed)
        landed = verb.end() not in deed.codes
    finally:
        disk.clear()
    measured.learn_room(felt=landed)
    if ground.place.server:
        ground.place.server.wait()  # it ends itself when its log cannot grow
    return _struck(verb, landed, f"{disk.folder.name} with {left} bytes left")


def _limit_files(ground: Ground, deed: Deed) -> Struck:
    """Where no small disk can be had: no file of the verb may grow beyond a size."""
    largest = max(each.stat().st_size for each in ground.place.root.rglob("*") if each.is_file())
    limit = 20_000 + int(largest * ground.chance.random() ** 2)
    verb = ground.start(deed, file_bytes_max=limit)
    landed = verb.end() not in deed.codes
    return _struck(verb, landed, f"no file beyond {limit} bytes")


def _pause(ground: Ground, deed: Deed) -> Struck:
    """Stop it past its lease; somebody else releases other code meanwhile; let it go on."""
    verb = ground.start(deed)
    delay_s = _wait(ground, deed, verb)
    landed = verb.signal(signal.SIGSTOP)
    also = next_apply(ground.standing())
    try:
        time.sleep(LEASE_S * 1.2)
        ground.prepare(also)
        other = ground.start(also, beside=True)
        other.pause(OTHER_S)
    finally:
        verb.signal(signal.SIGCONT)
    code = other.end()
    struck = _struck(verb, landed, f"after {delay_s:.3f} s; the other ended with {code}")
    return replace(struck, also=also, also_code=code, text=f"{struck.text}\n--- the other:\n{other.text}")


def _wait(ground: Ground, deed: Deed, verb: Verb) -> float:
    delay_s = ground.chance.uniform(0.0, LATE) * ground.measured[deed.name].duration_s
    verb.pause(delay_s - (time.monotonic() - verb.began))
    return delay_s


def _struck(verb: Verb, landed: bool, where: str) -> Struck:
    return Struck(landed, where, verb.end(), verb.text)


def _always(_: Place, __: Deed) -> bool:
    return True


def _has_server(place: Place, _: Deed) -> bool:
    return place.server is not None


def _has_small_disk(place: Place, _: Deed) -> bool:
    return any(disk.is_small for disk in place.disks)


def _has_files_alone(place: Place, deed: Deed) -> bool:
    return not _has_server(place, deed) and not _has_small_disk(place, deed)


def _can_be_overtaken(place: Place, deed: Deed) -> bool:
    """A file can be opened by one process, which keeps it while it stands still."""
    return _has_server(place, deed) and deed.is_beside_others


KINDS = (
    Kind("process: SIGKILL at any time", 5, _always, _kill_process),
    Kind("process: SIGKILL at a statement", 5, _always, _kill_at_point),
    Kind("process: paused past its lease", 4, _can_be_overtaken, _pause),
    Kind("server: immediate shutdown", 3, _has_server, _stop_server),
    Kind("server: SIGKILL of a process of it", 2, _has_server, _kill_child),
    Kind("connection: terminated", 3, _has_server, _terminate_backend),
    Kind("connection: cut in a message", 3, _has_server, _cut_wire),
    Kind("disk: full", 3, _has_small_disk, _fill_disk),
    Kind("disk: files may not grow", 3, _has_files_alone, _limit_files),
)
