"""Lets two hundred people click through a catalogue of 5,000 datasets, and times what they wait for.

python benchmarks/portal.py --datasets 500 --seconds 5
python benchmarks/portal.py --write      # benchmarks/results/portal.md and .json
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from urllib.request import urlopen

sys.path.insert(0, str(Path(__file__).resolve().parent))

from clicking.catalogue import write
from clicking.crowd import Answer, crowd
from record import add_result_arguments, our_versions_told, record, when_and_where

PAGES = {"home": "/", "catalogue": "/datasets", "lineage": "/lineage", "releases": "/releases", "owners": "/owners",
         "metrics": "/measures"}  # fmt: skip
SEARCHES = ("o", "or", "orders", "mar customers", "country month", "finance payments daily", "nothing like that")
MEASURED = ("count", "p50_ms", "p95_ms", "p99_ms", "max_ms")
CHROMIUM = shutil.which("chromium")
QUIET = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking")


def main() -> None:
    """Build the catalogue, serve it, let people in."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--datasets", type=int, default=5_000)
    parser.add_argument("--clients", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--look", type=float, default=2.0, help="seconds that somebody looks at a page")
    parser.add_argument("--at", type=Path, help="a folder for the project, to be used again")
    add_result_arguments(parser)
    told = parser.parse_args()
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as place:
        root = told.at or Path(place) / "big"
        build_s = built(root, told.datasets)
        names = [f"model.big.{path.stem}" for path in sorted((root / "models").rglob("*.sql"))]
        with serving(root) as (port, first_s):
            searched = search_times(port)
            seen = in_chromium(port)
            answers = crowd(port, told.clients, told.seconds, names, told.look)
    text, data = report(told, answers, searched, seen, build_s, first_s)
    record("portal", f"{text}\n\n{our_versions_told()}; {when_and_where(load)}", data, told)
    if any(answer.status != 200 for answer in answers):
        sys.exit("some answers were errors")


def built(root: Path, datasets: int) -> float:
    """Release the catalogue twice, unless that was done before; seconds of the first release."""
    if (root / "warehouse.duckdb").exists():
        return 0.0
    write(root, datasets)
    began = time.monotonic()
    dryland(root, "apply", "--yes", "--quiet")
    took = time.monotonic() - began
    model = next((root / "models" / "marts").glob("*.sql"))
    model.write_text(model.read_text().replace("a.amount + b.amount", "a.amount * 2 + b.amount"))
    dryland(root, "apply", "--yes", "--quiet")
    return took


def dryland(root: Path, *words: str) -> None:
    """Run a verb."""
    subprocess.run([sys.executable, "-m", "dryland", *words], cwd=root, check=True, stdout=subprocess.DEVNULL)


@contextmanager
def serving(root: Path) -> Iterator[tuple[int, float]]:
    """The portal in a process of its own: its port, and how long until it answered."""
    began = time.monotonic()
    command = [sys.executable, "-m", "dryland", "portal", "--port", "0"]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            port = int(process.stdout.readline().split()[4].rstrip("/").rsplit(":", 1)[1])
            urlopen(f"http://127.0.0.1:{port}/").read()
            yield port, time.monotonic() - began
        finally:
            process.terminate()


def search_times(port: int) -> list[float]:
    """How long the list takes that changes while somebody types, one after the other."""
    times = []
    for words in SEARCHES * 5:
        address = f"http://127.0.0.1:{port}/api/v1/datasets?q={words.replace(' ', '+')}"
        began = time.monotonic()
        urlopen(address).read()
        times.append(time.monotonic() - began)
    return times


def in_chromium(port: int) -> dict[str, float]:
    """Milliseconds until pages are drawn in a browser that has nothing of them yet."""
    if not CHROMIUM:
        return {}
    from playwright.sync_api import sync_playwright

    seen = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        for name, path in PAGES.items():
            times = []
            for _ in range(3):
                page = browser.new_context().new_page()
                page.goto(f"http://127.0.0.1:{port}{path}", wait_until="load")
                if name == "lineage":
                    page.locator("[data-ready]").wait_for()
                    seen["lineage, ms for each of 60 frames while it is moved"] = page.evaluate(MOVED)
                drawn = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? performance.now()"
                times.append(page.evaluate("performance.now()" if name == "lineage" else drawn))
                page.context.close()
            seen[name] = median(times)
        browser.close()
    return seen


MOVED = """
new Promise(done => {
  const canvas = document.querySelector("canvas"), box = canvas.getBoundingClientRect();
  const at = (kind, x) => canvas.dispatchEvent(
    new PointerEvent(kind, {pointerId: 1, clientX: box.x + x, clientY: box.y + 200, bubbles: true}));
  canvas.setPointerCapture = () => {};
  at("pointerdown", 100);
  let frames = 0;
  const began = performance.now();
  const step = () => {
    at("pointermove", 100 + frames);
    if (++frames < 60) requestAnimationFrame(step);
    else { at("pointerup", 160); done((performance.now() - began) / 60); }
  };
  requestAnimationFrame(step);
})
"""


def share(values: Sequence[float], part: float) -> float:
    """The value below which so many are."""
    listed = sorted(values)
    return listed[min(int(len(listed) * part), len(listed) - 1)] if listed else 0.0


def report(
    told: argparse.Namespace, answers: Sequence[Answer], searched: Sequence[float], seen: dict[str, float],
    build_s: float, first_s: float,
) -> tuple[str, object]:  # fmt: skip
    """For people and machines."""
    kinds = sorted({answer.kind for answer in answers})
    rows = []
    for kind in (*kinds, "all"):
        times = [1000 * each.seconds for each in answers if kind in (each.kind, "all")]
        rows.append((kind, len(times), share(times, 0.5), share(times, 0.95), share(times, 0.99), max(times)))
    table = "\n".join(
        f"| {kind} | {count:,} | {a:.0f} | {b:.0f} | {c:.0f} | {d:.0f} |" for kind, count, a, b, c, d in rows
    )
    wrong = sum(answer.status != 200 for answer in answers)
    pages = "\n".join(f"| {name} | {value:.0f} |" for name, value in seen.items())
    text = (
        f"# The portal under {told.clients} people\n\n"
        f"{told.datasets:,} datasets, {told.clients} people who look at a page for about {told.look:g} s and click "
        f"again, for {told.seconds:g} s: {len(answers) / told.seconds:.0f} pages a second, {wrong} errors. "
        "Milliseconds, as the browser waits:\n\n"
        "| page | pages | half below | 95 % below | 99 % below | longest |\n"
        f"| --- | ---: | ---: | ---: | ---: | ---: |\n{table}\n\n"
        f"Search as somebody types, one after the other: half below {1000 * share(searched, 0.5):.0f} ms, 95 % below "
        f"{1000 * share(searched, 0.95):.0f} ms. From the command to the first page: {first_s:.1f} s.\n"
    )
    if seen:
        head = "In Chromium, milliseconds until a page is drawn (lineage: with the whole picture)"
        text += f"\n{head}:\n\n| page | ms |\n| --- | ---: |\n{pages}\n"
    data = {
        "datasets": told.datasets, "clients": told.clients, "errors": wrong, "build_s": build_s, "first_s": first_s,
        "pages": {row[0]: dict(zip(MEASURED, row[1:], strict=True)) for row in rows},
        "search_p95_ms": 1000 * share(searched, 0.95), "chromium_ms": seen,
    }  # fmt: skip
    return text, data


if __name__ == "__main__":
    main()
