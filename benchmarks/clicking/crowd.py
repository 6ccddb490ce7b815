"""Lets a crowd click: each opens a page, looks at it for a moment, opens the next; and how long each answer took."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

TYPED = ("or", "ord", "orders", "mar cust", "country", "finance pay")


@dataclass(frozen=True)
class Answer:
    """One page, as somebody waited for it."""

    kind: str
    seconds: float
    status: int


async def _client(
    host: str, port: int, until: float, paths: Sequence[tuple[str, str]], look_s: float, seed: int
) -> list[Answer]:
    dice, answers = random.Random(seed), []
    await asyncio.sleep(dice.random() * look_s)
    reader, writer = await asyncio.open_connection(host, port)
    while time.monotonic() < until:
        kind, path = dice.choice(paths)
        began = time.monotonic()
        more = "hx-request: true\r\n" if kind == "search" else ""
        writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{more}\r\n".encode())
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = int(head.partition(b"content-length:")[2].split(b"\r\n", 1)[0])
        await reader.readexactly(length)
        answers.append(Answer(kind, time.monotonic() - began, int(head.split(b" ", 2)[1])))
        await asyncio.sleep(dice.uniform(0.5, 1.5) * look_s)
    writer.close()
    return answers


def crowd(port: int, clients: int, seconds: float, names: Sequence[str], look_s: float) -> list[Answer]:
    """Let them click for so long; a dataset is another one each time."""
    dice = random.Random(3)
    some = dice.sample(list(names), min(400, len(names)))
    paths = [
        *[("home", "/")] * 40,
        *[("catalogue", f"/datasets?page={page}") for page in range(1, 41)],
        *[("search", f"/datasets?q={quote(words)}") for words in TYPED] * 10,
        *[("dataset", f"/datasets/{quote(name)}") for name in some],
        *[("lineage", f"/lineage?focus={quote(name)}") for name in some[:60]],
        *[("releases", "/releases")] * 20, *[("release", "/releases/2")] * 20, *[("runs", "/runs")] * 10,
        *[("owners", "/owners")] * 10, *[("environments", "/environments")] * 10,
        *[("metrics", "/measures")] * 10, ("scrape", "/metrics"),
    ]  # fmt: skip

    async def all_of_them() -> list[Answer]:
        until = time.monotonic() + seconds
        found = await asyncio.gather(
            *(_client("127.0.0.1", port, until, paths, look_s, seed) for seed in range(clients))
        )
        return [answer for each in found for answer in each]

    return asyncio.run(all_of_them())
