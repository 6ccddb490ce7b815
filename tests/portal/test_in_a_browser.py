"""People use the portal: in Chromium, by keyboard, in light and dark, on a phone, watched by axe."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from chromium import IN_CHROMIUM, page_for_axe, problems_on, watched_page
from portal_shop import copied, served

from dryland.platform import Platform

pytestmark = IN_CHROMIUM
PAGES = (
    "/", "/datasets", "/datasets?q=nothing+like+that", "/datasets/big_spenders", "/datasets/hostile",
    "/datasets/customer_orders/columns/revenue", "/lineage", "/releases", "/releases/2", "/releases/1/rollback",
    "/runs", "/runs/1", "/plan", "/environments", "/owners", "/measures", "/measures?weeks=4", "/nothing",
    "/query", "/datasets/hostile/export", "/datasets/hostile/sample",
)  # fmt: skip


@pytest.fixture(scope="module")
def address(history_once: Path) -> Iterator[str]:
    with served(history_once) as found:
        yield found


@pytest.fixture(scope="module")
def story_address(story_once: Path) -> Iterator[str]:
    with served(story_once) as found:
        yield found


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    with watched_page(browser, "404") as page:
        yield page


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_on_any_page(browser: Any, address: str, scheme: str, width: int) -> None:
    """Neither does a page scroll sideways as a whole; and no policy is broken, nothing is fetched from elsewhere."""
    assert _axe(browser, address, PAGES, scheme, width) == ({}, [])


def _axe(browser: Any, address: str, pages: Sequence[str], scheme: str, width: int) -> tuple[dict[str, Any], list[str]]:
    """What axe finds, by page; and what was fetched from elsewhere."""
    foreign: list[str] = []
    found = {}
    with page_for_axe(browser, scheme, width) as page:
        page.on("request", lambda asked: foreign.append(asked.url) if not asked.url.startswith(address) else None)
        for path in pages:
            page.goto(address + path)
            page.wait_for_load_state("networkidle")
            if problems := problems_on(page):
                found[path] = problems
    return found, foreign


STORY_PAGES = (
    "/", "/incidents", "/incidents/1", "/incidents/2", "/incidents/alerts", "/monitors",
    "/monitors/customer_orders?backtest=1",
)  # fmt: skip


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_on_pages_about_what_is_wrong(
    browser: Any, story_address: str, scheme: str, width: int
) -> None:
    assert _axe(browser, story_address, STORY_PAGES, scheme, width) == ({}, [])


def test_somebody_follows_an_incident_to_its_cause_and_ends_it(page: Any, story_once: Path, tmp_path: Path) -> None:
    """The edit that cost a campaign: from the first page to the line that did it, and back, without a mouse."""
    with served(copied(story_once, tmp_path / "shop")) as own:
        page.goto(own)
        assert page.locator(".card").first.inner_text().split()[0] == "2"
        page.get_by_role("link", name="active_customers: active_means_within_a_week").first.focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/incidents/1")
        assert "Readers see it now" in page.locator(".lead").inner_text()
        removed, added = (page.locator(f".diff .{kind}").inner_text() for kind in ("removed", "added"))
        assert "interval '7 days'" in removed and "interval '90 days'" in added
        page.get_by_label("Give it to").fill("bo")
        page.keyboard.press("Enter")
        page.wait_for_url("**/incidents/1")
        page.get_by_text("assigned to").wait_for()
        page.get_by_role("link", name="release 3 (widen the window)").focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/releases/3")
        page.get_by_role("link", name="active_customers: active_means_within_a_week").focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/incidents/1")
        page.get_by_role("link", name="Roll back to release 2").focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/releases/2/rollback")
        page.get_by_role("button", name="Roll back to release 2").focus()
        page.keyboard.press("Enter")
        page.get_by_text("Done: readers of prod see what they saw with release 2").wait_for()
        page.goto(f"{own}/incidents/1")
        assert "resolved" in page.locator("h1").inner_text()
        assert "Readers saw it for" in page.locator(".lead").inner_text()
        page.goto(own)
        assert page.locator(".card").first.inner_text().split()[0] == "1"


def test_a_list_of_incidents_shows_what_comes_while_it_is_looked_at(
    page: Any, story_once: Path, tmp_path: Path
) -> None:
    root = copied(story_once, tmp_path / "shop")
    with served(root) as own:
        page.goto(f"{own}/incidents")
        row = page.locator("tbody tr").first
        assert row.locator(".state").first.inner_text() == "open"
        page.locator("#incident-2").focus()
        with Platform.open(root) as platform:
            platform.note_act(1, "acknowledged", who="bo")
        page.locator("tbody .state", has_text="acknowledged").wait_for(timeout=10_000)
        assert page.url.endswith("/incidents"), "without being loaded again"
        assert page.evaluate("document.activeElement.id") == "incident-2", "who works with the keyboard stays there"


def test_every_page_runs_without_a_word_of_complaint(page: Any, address: str) -> None:
    """No script fails, no policy is broken, no dialog opens: hostile words stay words."""
    for path in PAGES:
        page.goto(address + path)
        page.wait_for_load_state("networkidle")


def test_somebody_finds_a_dataset_and_decides_to_trust_it_without_a_mouse(page: Any, address: str) -> None:
    page.goto(address)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "find"
    page.keyboard.type("revenue")
    page.keyboard.press("Enter")
    page.wait_for_url("**/datasets?q=revenue")
    page.keyboard.press("/")
    page.keyboard.type("customer_orders")
    page.wait_for_url("**q=customer_orders**")
    assert page.locator("[role=status]").first.inner_text() == "1 found"
    assert page.evaluate("document.activeElement.id") == "words", "who types goes on typing"
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent") == "customer_orders":
            break
    page.keyboard.press("Enter")
    page.wait_for_url("**/datasets/model.shop.customer_orders")
    assert "good" in page.locator("h1").inner_text()
    assert "3 of 3 checks say yes" in page.locator("main").inner_text()
    page.get_by_role("link", name="revenue", exact=True).focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/columns/revenue")
    assert page.locator(".drawing a").count() >= 3


def test_somebody_rolls_a_release_back_without_a_mouse(page: Any, history_once: Path, tmp_path: Path) -> None:
    with served(copied(history_once, tmp_path / "shop")) as own:
        page.goto(f"{own}/releases")
        page.get_by_role("link", name="Bring readers back to release 1").focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/releases/1/rollback")
        page.get_by_role("button", name="Roll back to release 1").focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/actions/1")
        page.get_by_text("Done: readers of prod see what they saw with release 1").wait_for()
        page.get_by_role("link", name="Show release 3").focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/releases/3")
        assert "live" in page.locator("h1").inner_text()


def test_lineage_is_walked_with_the_arrows(page: Any, address: str) -> None:
    page.goto(f"{address}/lineage?focus=stg_orders&up=1&down=all")
    page.locator("[data-ready]").wait_for()
    page.locator("canvas").focus()
    told = page.locator(".told")
    assert told.inner_text().startswith("stg_orders: model, good")
    page.keyboard.press("ArrowRight")
    assert told.inner_text().startswith("customer_orders")
    page.keyboard.press("ArrowRight")
    assert told.inner_text().startswith("big_spenders: model, failing")
    page.keyboard.press("Enter")
    page.wait_for_url("**/datasets/model.shop.big_spenders")


def test_the_theme_stays_as_it_was_chosen(page: Any, address: str) -> None:
    page.goto(address)
    before = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.get_by_role("button", name="Light or dark").click()
    after = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert after != before
    page.goto(f"{address}/owners")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == after


def test_nothing_moves_while_a_page_is_drawn(page: Any, address: str) -> None:
    page.add_init_script(
        "window.moved = 0;"
        "new PerformanceObserver(list => list.getEntries().forEach(each => window.moved += each.value))"
        ".observe({type: 'layout-shift', buffered: true})"
    )
    for path in ("/", "/datasets", "/datasets/big_spenders", "/lineage"):
        page.goto(address + path)
        page.wait_for_load_state("networkidle")
        assert page.evaluate("window.moved") < 0.02, path


def test_pages_are_whole_without_scripts(browser: Any, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/datasets")
    page.locator("#words").fill("spend")
    page.get_by_role("button", name="Search").click()
    page.wait_for_url("**q=spend**")
    assert page.locator("tbody tr").count() == 1
    context.close()
