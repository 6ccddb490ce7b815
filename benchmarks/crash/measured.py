"""Remembers what a verb takes when nobody harms it, so that harm can be done in the middle of it."""

from __future__ import annotations

from dataclasses import dataclass

BYTES = 300_000  # of a verb whose bytes nobody counted yet
ROOM_BYTES = 3_000_000  # left on a disk that is to become full, at first


@dataclass(slots=True)
class Measured:
    """Of one verb: its time, its statements, its bytes on the wire, and the room that may be too little for it."""

    duration_s: float
    points: int
    bytes: int = BYTES
    room_bytes: float = ROOM_BYTES

    def learn_bytes(self, count: int, *, was_cut: bool) -> None:
        """A wire that was not cut carried all there is."""
        self.bytes = max(self.bytes, count) if was_cut else count

    def learn_room(self, *, felt: bool) -> None:
        """Whether a disk with less than that was felt: half of them should be."""
        self.room_bytes = min(self.room_bytes * (1.5 if felt else 0.5), ROOM_BYTES * 2)
