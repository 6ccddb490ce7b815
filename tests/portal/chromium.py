"""Opens pages in Chromium, and notices what goes wrong on them: scripts that fail, broken policies, what axe finds."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = os.environ.get("DRYLAND_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
IN_CHROMIUM = [
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM, reason="there is no Chromium: apt-get install chromium, or DRYLAND_CHROMIUM=path"),
]
"""The marks of a file whose tests need it."""
QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium, for the tests of a file."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield chromium
        chromium.close()


@contextmanager
def watched_page(browser: Any, *meant: str) -> Iterator[Any]:
    """A page that nothing goes wrong on without being noticed; what the console says of `meant` is no trouble."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, accept_downloads=True)
    page = context.new_page()
    trouble: list[str] = []
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on("dialog", lambda dialog: (trouble.append(f"dialog {dialog.message}"), dialog.dismiss()))
    page.on("response", lambda answer: trouble.append(f"{answer.status} {answer.url}") if answer.status > 499 else None)

    def said(what: Any) -> None:
        if what.type == "error" and not any(each in what.text for each in meant):
            trouble.append(what.text)

    page.on("console", said)
    yield page
    context.close()
    assert trouble == []


@contextmanager
def page_for_axe(browser: Any, scheme: str, width: int) -> Iterator[Any]:
    """A page that axe may be let loose on."""
    context = browser.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme, bypass_csp=True)
    yield context.new_page()
    context.close()


def problems_on(page: Any) -> list[tuple[str, list[str]]]:
    """What axe finds on it as it stands; and whether it scrolls sideways as a whole."""
    page.evaluate(AXE)
    violations = page.evaluate("axe.run(document, {resultTypes: ['violations']}).then(found => found.violations)")
    problems = [(each["id"], [node["html"][:160] for node in each["nodes"][:3]]) for each in violations]
    if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
        problems.append(("scrolls sideways", []))
    return problems
