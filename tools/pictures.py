"""Takes the pictures of docs/images anew: every page of the demo's portal, light and dark, on a desk and on a phone."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

IMAGES = Path(__file__).resolve().parent.parent / "docs" / "images"
DRYLAND = str(Path(sys.executable).with_name("dryland"))
SIZES = {"": (1280, 853, 0.65), "-phone": (390, 844, 0.6)}  # width, height and how much of that the file has
QUESTION = "select segment, count(*) as customers, avg(revenue_last_year) as revenue from customers_360 group by 1"
PASSWORD = "a long way to dry land"  # noqa: S105 - of nobody: the project is gone when the pictures are taken
PAGES = {
    "home": "/", "incidents": "/incidents", "incident": "/incidents/4", "alerts": "/incidents/alerts",
    "catalogue": "/datasets", "dataset": "/datasets/customers_360",
    "column": "/datasets/customers_360/columns/segment", "export": "/datasets/customers_360/export",
    "lineage": "/lineage", "monitors": "/monitors", "monitor": "/monitors/fct_active_customers",
    "console": f"/query?sql={QUESTION}", "sample": "/datasets/customers_360", "plan": "/plan", "releases": "/releases",
    "release": "/releases/10", "rollback": "/releases/9/rollback", "runs": "/runs", "run": "/runs/1",
    "environments": "/environments", "owners": "/owners", "metrics": "/measures",
}  # fmt: skip
OF_PEOPLE = {"sign-in": "/sign-in", "me": "/me", "people": "/people", "audit": "/audit"}
BEFORE: dict[str, Callable[[Any], None]] = {
    "console": lambda page: page.get_by_role("button", name="Run").click(),
    "sample": lambda page: page.get_by_role("link", name="Show some rows").click(),
}
"""What somebody does on a page before it looks as the picture shows it."""


def main() -> int:
    """Play the demo, and look at all of it."""
    with tempfile.TemporaryDirectory(prefix="pictures-") as name:
        root = Path(name) / "demo"
        words = ("demo", "--dir", str(root), "--customers", "6000", "--orders", "120000", "--portal")
        with serving(*words) as address:
            taken = pictures(address, PAGES)
        added = (DRYLAND, "access", "user", "add", "ana", "--role", "admin", "-C", str(root))
        subprocess.run(added, input=f"{PASSWORD}\n", text=True, check=True, stdout=subprocess.DEVNULL)  # noqa: S603
        with serving("portal", "--sign-in", "--port", "0", "-C", str(root)) as address:
            taken += pictures(address, OF_PEOPLE, signs_in=True)
    print(f"{taken} pictures in {IMAGES}")
    return 0


@contextmanager
def serving(*words: str) -> Iterator[str]:
    """A command that ends in a portal; its address."""
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen((DRYLAND, *words), stdout=subprocess.PIPE, text=True, env=environment) as process:  # noqa: S603
        assert process.stdout
        try:
            found = next(filter(None, (re.search(r"http://127\.0\.0\.1:\d+", line) for line in process.stdout)), None)
            if found is None:
                raise SystemExit(f"`dryland {' '.join(words)}` served nothing")
            yield found[0]
        finally:
            process.send_signal(signal.SIGINT)


def pictures(address: str, pages: dict[str, str], *, signs_in: bool = False) -> int:
    """Take them; how many there are."""
    taken = 0
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for scheme in ("light", "dark"):
            for suffix, (width, height, scale) in SIZES.items():
                context = chromium.new_context(
                    viewport={"width": width, "height": height}, color_scheme=scheme, device_scale_factor=scale
                )
                page = context.new_page()
                for name, path in pages.items():
                    _shown(page, address + path, BEFORE.get(name))
                    page.screenshot(path=IMAGES / f"portal-{name}-{scheme}{suffix}.png")
                    taken += 1
                    if signs_in and name == "sign-in":
                        page.get_by_label("Name").fill("ana")
                        page.get_by_label("Password").fill(PASSWORD)
                        page.get_by_role("button", name="Sign in").click()
                        page.wait_for_load_state("networkidle")
                context.close()
        chromium.close()
    return taken


def _shown(page: Any, address: str, do: Callable[[Any], None] | None) -> None:
    page.goto(address)
    page.wait_for_load_state("networkidle")
    if do:
        do(page)
        answer = page.locator("table.answer").first
        answer.wait_for()
        answer.scroll_into_view_if_needed()


if __name__ == "__main__":
    raise SystemExit(main())
