"""People come in by a provider: led there, let in when they come back with its word, and by nobody else's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from portal_shop import copied
from portal_team import COOKIE, HERE, Browser, Team, team_at

from dryland.project.access_rules import Oidc
from oidc_provider import Stand

pytestmark = pytest.mark.medium

AT = datetime.fromisoformat("2026-01-01T00:10")  # when the provider's tokens are good


@pytest.fixture(scope="module")
def one_house(one_stand: Stand, history_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    oidc = Oidc(one_stand.issuer, "dryland", "secret", ("openid",), "email", "groups", {"data": "engineer"}, None)
    with team_at(copied(history_once, tmp_path_factory.mktemp("oidc") / "shop"), oidc=oidc) as found:
        yield found


@pytest.fixture
def house(one_house: Team) -> Team:
    one_house.now = AT
    one_house.desk.door.limits._left.clear()  # type: ignore[union-attr]
    return one_house


def led_away(browser: Browser, place: str = "/") -> str:
    """Where the button leads; what was begun stays in the browser."""
    answer = browser.client.get("/sign-in/provider", params={"next": place})
    assert answer.status_code == 303
    return str(answer.headers["location"])


def test_somebody_comes_in_by_the_provider(house: Team, stand: Stand) -> None:
    browser = house.stranger()
    page = browser.get("/sign-in?next=/runs").text
    assert 'href="/sign-in/provider?next=%2Fruns"' in page
    url = led_away(browser, "/runs")
    assert url.startswith(stand.issuer) and "secret" not in url and "%2Fsigned-in" in url
    answer = browser.client.get("/signed-in", params=stand.sign_in(url), headers={"sec-fetch-site": "cross-site"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/runs")
    assert browser.session
    text = browser.get("/me").text
    assert "ana@example.org" in text and "engineer" in text and "staff" in text
    assert "Change the password" not in text
    entry = house.log(limit=1)[0]
    assert (entry.person, entry.action, entry.outcome, entry.subject) == (
        "ana@example.org", "sign in", "done", "provider",
    )  # fmt: skip


def test_the_answer_is_of_no_use_in_another_browser(house: Team, stand: Stand) -> None:
    """Nobody is signed in as somebody else by an address that he was sent, and no answer counts twice."""
    mine, victim = house.stranger(), house.stranger()
    answer = stand.sign_in(led_away(mine))
    led_away(victim)
    for browser in (victim, house.stranger()):
        refused = browser.client.get("/signed-in", params=answer)
        assert refused.status_code == 401 and not browser.session
        assert "begin again" in refused.text
    assert mine.client.get("/signed-in", params=answer).status_code == 303
    assert mine.client.get("/signed-in", params=answer).status_code == 401


@pytest.mark.parametrize("lie", ["stranger", "unsigned", "shared secret"])
def test_what_the_provider_did_not_say_lets_nobody_in(house: Team, stand: Stand, lie: str) -> None:
    browser = house.stranger()
    url = led_away(browser)
    stand.lie = lie
    answer = browser.client.get("/signed-in", params=stand.sign_in(url))
    assert answer.status_code == 401 and not browser.session
    assert "shop" not in answer.text


def test_the_name_of_a_local_user_is_his(house: Team, stand: Stand) -> None:
    stand.claims = {"email": "ada"}
    browser = house.stranger()
    answer = browser.client.get("/signed-in", params=stand.sign_in(led_away(browser)))
    assert answer.status_code == 401 and "somebody else" in answer.text


def test_a_session_from_before_ends_and_the_place_is_of_here(house: Team, stand: Stand) -> None:
    browser = house.browser("vi")
    before = browser.session
    answer = browser.client.get("/signed-in", params=stand.sign_in(led_away(browser, "//evil.org")))
    assert answer.headers["location"] == "/" and browser.session != before
    assert house.stranger().get("/", cookie=f"{COOKIE}={before}").status_code == 303
    cookie = f"__Host-dryland_begun={browser.client.cookies.get('__Host-dryland_begun') or 'x'}~https%3A%2F%2Fevil.org"
    assert "evil" not in house.stranger().get("/signed-in?code=1&state=2", cookie=cookie).text


def test_what_the_provider_says_is_words_on_the_page(house: Team) -> None:
    browser = house.stranger()
    led_away(browser)
    text = browser.client.get("/signed-in", params={"error": "<script>alert(1)</script>", "state": "x"}).text
    assert "<script>alert" not in text


def test_a_provider_that_does_not_answer_is_said_and_nothing_more(house: Team, stand: Stand) -> None:
    stand.lie = "issuer"
    answer = house.stranger().get("/sign-in/provider")
    assert answer.status_code == 503 and "calls itself" in answer.text
    assert urlsplit(HERE).hostname not in answer.headers.get("location", "")


def test_without_a_provider_there_is_no_way_to_one(team: Team) -> None:
    for path in ("/sign-in/provider", "/signed-in?code=1&state=2"):
        assert team.stranger().get(path).status_code == 404
    assert "/sign-in/provider" not in team.stranger().get("/sign-in").text
