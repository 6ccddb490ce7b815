"""A team uses the portal in Chromium: signs in, makes a token, is refused, and is led to the door when time is over."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from chromium import IN_CHROMIUM, page_for_axe, problems_on, watched_page
from portal_team import PASSWORD, Team, serving

from dryland.portal.door.reach import Reach

pytestmark = IN_CHROMIUM


@pytest.fixture(scope="module")
def address(team_once: Team) -> Iterator[str]:
    with serving(team_once, Reach(wants_sign_in=True)) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    with watched_page(browser, "401", "403", "429") as page:
        yield page


def come_in(page: Any, name: str) -> None:
    """By keyboard alone: the first field has the focus."""
    page.locator("#name:focus").wait_for()
    page.keyboard.type(name)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_axe_finds_nothing_where_people_come_in(
    browser: Any, address: str, team: Team, scheme: str, width: int
) -> None:  # fmt: skip
    found = {}
    with page_for_axe(browser, scheme, width) as page:

        def look(what: str) -> None:
            if problems := problems_on(page):
                found[what] = problems

        page.goto(f"{address}/me")
        look("the door")
        page.locator("#password").fill("wrong")
        page.locator("#name").fill("ada")
        page.keyboard.press("Enter")
        page.get_by_role("alert").wait_for()
        look("a wrong password")
        page.locator("#password").fill(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url("**/me")
        page.get_by_text("Make a token").first.click()
        look("oneself")
        page.get_by_role("button", name="Make a token").click()
        page.get_by_text("Copy it now").wait_for()
        look("a new token")
        page.goto(f"{address}/people")
        page.get_by_text("Change ana").click()
        look("people")
        page.goto(f"{address}/audit")
        look("the log")
    assert found == {}


def test_somebody_asks_for_what_he_may_not(page: Any, address: str) -> None:
    """He is led to the door, back to where he wanted to be, and told what it takes; nobody shows him a way to it."""
    page.goto(f"{address}/releases/2")
    come_in(page, "ana")
    page.wait_for_url("**/releases/2")
    assert page.get_by_text("Bring readers back").count() == 0
    page.goto(f"{address}/releases/1/rollback")
    said = page.locator("main").inner_text()
    assert "takes the right to `release`" in said and "engineer" in said
    page.goto(f"{address}/people")
    assert "takes the right to `administer`" in page.locator("main").inner_text()


def test_who_is_signed_out_elsewhere_is_led_to_the_door_with_his_next_click(
    page: Any, address: str, team: Team
) -> None:
    """Also where only a part of the page is asked for: the whole page goes there, and back to where it was."""
    page.goto(f"{address}/datasets")
    come_in(page, "vi")
    page.wait_for_url("**/datasets")
    page.locator("#words").fill("spend")
    page.wait_for_url("**q=spend**")
    team.platform.sessions.end_everywhere("vi")
    page.locator("#words").fill("orders")
    page.wait_for_url("**/sign-in?next=**")
    come_in(page, "vi")
    page.wait_for_url("**/datasets?q=spend**")


def test_somebody_leaves_without_a_mouse(page: Any, address: str) -> None:
    page.goto(address)
    come_in(page, "ed")
    page.get_by_role("link", name="Signed in as ed").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/me")
    page.get_by_role("button", name="Sign out", exact=True).focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/sign-in")
    page.go_back()
    page.goto(f"{address}/me")
    page.wait_for_url("**/sign-in?next=%2Fme")
