"""Plants secrets, and looks for them in everything that came out."""

from __future__ import annotations

import base64
import json
import threading
import urllib.parse
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg


class Planted:
    """Secrets by where they were planted; each is like no other text."""

    def __init__(self, *places: str) -> None:
        self._values = {place: f"S3cr3t{place.replace('_', '')}{'9f3a7c51'[: 3 + number % 5]}q" for number, place
                        in enumerate(places)}  # fmt: skip

    def __getitem__(self, place: str) -> str:
        return self._values[place]

    def found_in(self, data: bytes) -> list[str]:
        """The places whose secrets stand in it, in whatever writing."""
        return [
            place for place, value in self._values.items()
            if any(form in data for form in _writings(value))
        ]  # fmt: skip

    def found_below(self, folders: Iterable[Path], *, but: Iterable[Path] = ()) -> list[str]:
        """`file: place` of all that stand in files, and in files' names."""
        left_out = set(but)
        files = [file for folder in folders for file in folder.rglob("*") if file.is_file() and file not in left_out]
        assert files
        return [
            f"{file}: {place}" for file in files for place in self.found_in(str(file).encode() + b"\0" + _read(file))
        ]  # fmt: skip


def _writings(value: str) -> Iterator[bytes]:
    yield value.encode()
    yield value.encode("utf-16-le")
    yield base64.b64encode(value.encode()).rstrip(b"=")[:-1]
    yield urllib.parse.quote(value).encode()
    yield json.dumps(value)[1:-1].encode()


def _read(file: Path) -> bytes:
    with suppress(FileNotFoundError):
        return file.read_bytes()
    return b""


@contextmanager
def watched(owner: psycopg.Connection[object]) -> Iterator[list[bytes]]:
    """What anybody on the machine or the server can see meanwhile: titles of processes, and what the server does."""
    seen: set[bytes] = set()
    found: list[bytes] = []
    stop = threading.Event()

    def look() -> None:
        while not stop.wait(0.02):
            for title in Path("/proc").glob("[0-9]*/cmdline"):
                with suppress(OSError):
                    seen.add(title.read_bytes())
            rows = owner.execute("select query || ' ' || application_name from pg_stat_activity").fetchall()
            seen.update(str(text).encode() for (text,) in rows)  # type: ignore[misc, attr-defined]

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield found
    finally:
        stop.set()
        watcher.join()
        found += sorted(seen)
