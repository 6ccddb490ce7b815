"""People come in by name and password, stay as long as they should, and go."""

from __future__ import annotations

import re

import pytest
from portal_team import COOKIE, PASSWORD, TEAM, Team

pytestmark = pytest.mark.medium

PAGES = ("/", "/datasets", "/datasets/hostile", "/releases/1", "/lineage", "/runs", "/owners", "/nothing")


@pytest.mark.parametrize("path", PAGES)
def test_who_is_not_signed_in_is_led_to_the_door(team: Team, path: str) -> None:
    """Nothing of the project is told on the way, not even whether a page is there."""
    stranger = team.stranger()
    answer = stranger.get(path)
    assert answer.status_code == 303
    place = answer.headers["location"]
    assert place == ("/sign-in" if path == "/" else f"/sign-in?next={path.replace('/', '%2F')}")
    page = stranger.get(place)
    assert page.status_code == 200
    assert "shop" not in page.text and "prod" not in page.text
    assert "nosniff" in page.headers["x-content-type-options"]


def test_somebody_signs_in_and_is_where_he_wanted_to_be(team: Team) -> None:
    browser = team.stranger()
    answer = browser.sign_in("ana", place="/datasets?q=revenue")
    assert (answer.status_code, answer.headers["location"]) == (303, "/datasets?q=revenue")
    said = answer.headers["set-cookie"].lower()
    assert said.startswith(COOKIE.lower()) and "domain" not in said
    for word in ("httponly", "secure", "path=/", "samesite=lax"):
        assert word in said
    page = browser.get("/datasets?q=revenue")
    assert "customer_orders" in page.text and ">ana</a>" in page.text
    assert browser.get("/sign-in?next=/runs").headers["location"] == "/runs", "who is in is led on"


def test_a_wrong_password_says_nothing_of_who_is_here(team: Team) -> None:
    told = set()
    for name, password in (("ana", "wrong"), ("nobody", PASSWORD), ("", ""), ("x" * 999, "y")):
        browser = team.stranger()
        answer = browser.sign_in(name, password)
        assert answer.status_code == 401 and not browser.session
        told.update(re.findall(r'role="alert"[^>]*>([^<]+)', answer.text))
    assert told == {"the name or the password is not right."}


def test_who_tries_too_often_waits_and_is_told_for_how_long(team: Team) -> None:
    browser = team.stranger("10.0.0.9")
    for _ in range(5):
        assert browser.sign_in("ana", "wrong").status_code == 401
    answer = browser.sign_in("ana")
    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= 900
    assert "Too many attempts" in answer.text
    assert team.browser("ana", "10.0.0.10").session, "others are not shut out"
    team.later(seconds=int(answer.headers["retry-after"]))
    assert browser.sign_in("ana").status_code == 303


def test_many_names_from_one_address_are_many_attempts(team: Team) -> None:
    statuses = [team.stranger("2001:db8::1").sign_in(f"name{each}", "wrong").status_code for each in range(22)]
    assert statuses[:20] == [401] * 20 and statuses[20:] == [429, 429]
    assert team.stranger("2001:db8::ffff:1").sign_in("other", "x").status_code == 429, "the network has many addresses"


def test_signing_out_ends_the_session_and_not_only_the_cookie(team: Team) -> None:
    browser = team.browser("ana")
    stolen = browser.session
    answer = browser.post("/sign-out", "/me")
    assert answer.headers["location"] == "/sign-in" and not browser.session
    thief = team.stranger()
    assert thief.get("/", cookie=f"{COOKIE}={stolen}").status_code == 303


def test_signing_out_everywhere_ends_all_of_them(team: Team) -> None:
    here, there, others = team.browser("ana"), team.browser("ana"), team.browser("vi")
    here.post("/sign-out", "/me", {"everywhere": "yes"})
    assert there.get("/").status_code == 303
    assert others.get("/").status_code == 200


def test_a_session_ends_with_its_time_or_when_nothing_is_heard_of_it(team: Team) -> None:
    idle = team.browser("ana")
    team.later(minutes=61)
    assert idle.get("/").status_code == 303
    busy = team.browser("ana")
    for _ in range(12):
        assert busy.get("/me").status_code == 200
        team.later(minutes=59)
    team.later(minutes=20)
    assert busy.get("/").status_code == 303, "twelve hours are over"


def test_the_pages_about_oneself_tell_who_one_is(team: Team) -> None:
    text = team.browser("ed").get("/me").text
    assert "<h1>ed</h1>" in text and "engineer" in text
    assert "release and roll back" in text and "look after people" not in text


def test_a_token_is_shown_once_used_and_revoked(team: Team) -> None:
    browser = team.browser("ana")
    page = browser.post("/me/tokens", "/me", {"purpose": "nightly", "days": "3", "scope_look": "yes"})
    found = re.search(r"dry_\w+_[\w-]+", page.text)
    assert page.status_code == 200 and found
    token = found.group(0)
    assert token not in browser.get("/me").text and "nightly" in browser.get("/me").text
    headers = {"authorization": f"Bearer {token}"}
    assert team.stranger().get("/api/v1/me", **headers).json() == {
        "name": "ana", "roles": ["analyst"], "may": ["look"], "via": f"token:{token.split('_')[1]}",
    }  # fmt: skip
    browser.post(f"/me/tokens/{token.split('_')[1]}/revoke", "/me")
    assert team.stranger().get("/api/v1/me", **headers).status_code == 401
    log = [each.action for each in team.log(person="ana")[:2]]
    assert log == ["token revoke", "token create"]


@pytest.mark.parametrize(
    "given",
    [{}, {"days": "3"}, {"days": "0", "scope_look": "yes"}, {"days": "9999", "scope_look": "yes"},
     {"days": "-1", "scope_look": "yes"}, {"days": "x", "scope_look": "yes"}],
)  # fmt: skip
def test_a_token_that_is_good_for_nothing_is_not_made(team: Team, given: dict[str, str]) -> None:
    browser, before = team.browser("ana"), len(team.platform.state.api_tokens("ana"))
    answer = browser.post("/me/tokens", "/me", given)
    assert answer.status_code == 400 and 'role="alert"' in answer.text
    assert len(team.platform.state.api_tokens("ana")) == before


def test_a_changed_password_ends_sessions_and_tokens(team: Team) -> None:
    team.platform.users.add(team.platform.somebody("ada"), "bo", PASSWORD, ["viewer"])
    here, there, token = team.browser("bo"), team.browser("bo"), team.token("bo", "look")
    new = "quite other words than before"
    wrong = here.post("/me/password", "/me", {"current": "a guess", "new": new, "again": new})
    assert wrong.status_code == 400 and "current password is not right" in wrong.text
    differ = here.post("/me/password", "/me", {"current": PASSWORD, "new": new, "again": new + "x"})
    assert "The new passwords differ" in differ.text
    answer = here.post("/me/password", "/me", {"current": PASSWORD, "new": new, "again": new})
    assert answer.headers["location"] == "/sign-in?said=changed"
    assert there.get("/").status_code == 303
    assert team.stranger().get("/api/v1/me", authorization=f"Bearer {token}").status_code == 401
    assert team.stranger().sign_in("bo").status_code == 401
    assert team.stranger().sign_in("bo", new).status_code == 303


def test_whoever_sits_at_somebodys_browser_does_not_guess_his_password(team: Team) -> None:
    browser = team.browser("vi")
    guesses = [
        browser.post("/me/password", "/me", {"current": f"{n}", "new": PASSWORD, "again": PASSWORD}).status_code
        for n in range(7)
    ]
    assert guesses == [400] * 5 + [429] * 2


def test_an_administrator_lets_people_in_and_out(team: Team) -> None:
    ada = team.browser("ada")
    given = {"action": "add", "name": "cy", "password": PASSWORD, "role_viewer": "yes"}
    assert ada.post("/people", "/people", given).status_code == 303
    assert ada.post("/people", "/people", given).status_code == 400, "there is one"
    cy = team.browser("cy")
    assert cy.get("/releases/1/rollback").status_code == 403
    ada.post("/people", "/people", {"action": "roles", "name": "cy", "role_engineer": "yes"})
    assert cy.get("/releases/1/rollback").status_code == 200, "from the next click on"
    ada.post("/people", "/people", {"action": "end", "name": "cy"})
    assert cy.get("/").status_code == 303
    cy = team.browser("cy")
    ada.post("/people", "/people", {"action": "disable", "name": "cy"})
    assert cy.get("/").status_code == 303
    assert team.stranger().sign_in("cy").status_code == 401
    assert "let in no more" in ada.get("/people").text
    ada.post("/people", "/people", {"action": "enable", "name": "cy"})
    assert team.browser("cy").get("/").status_code == 200
    actions = [each.action for each in team.log(person="ada") if "cy" in each.subject]
    assert actions == ["user enable", "user disable", "user end", "user roles", "user add"]


@pytest.mark.parametrize(
    "given",
    [{"action": "disable", "name": "ada"}, {"action": "roles", "name": " ADA ", "role_viewer": "yes"},
     {"action": "end", "name": "ada"}, {"action": "roles", "name": "vi"}, {"action": "add", "name": "no roles"},
     {"action": "disable", "name": "nobody"}, {"action": "crown", "name": "vi"}, {},
     {"action": "add", "name": "dee", "password": "short", "role_viewer": "yes"}],
)  # fmt: skip
def test_what_would_lock_everybody_out_or_means_nothing_is_refused(team: Team, given: dict[str, str]) -> None:
    before = team.platform.state.users()
    answer = team.browser("ada").post("/people", "/people", given)
    assert answer.status_code == 400 and 'role="alert"' in answer.text
    assert team.platform.state.users() == before


def test_the_log_is_read_with_filters(team: Team) -> None:
    ada = team.browser("ada")
    team.browser("ana")
    text = ada.get("/audit?person=ana&action=sign+in").text
    rows = re.findall(r'<th scope="row">(\w*)</th><td>([\w ]+)</td>', text)
    assert rows and set(rows) == {("ana", "sign in")}
    assert "10.0.0.1" in text
    assert "Nothing of that kind" in ada.get("/audit?person=nobody&days=1").text
    items = ada.get("/api/v1/audit?limit=3").json()["items"]
    assert len(items) == 3 and items[0]["action"] == "sign in"


def test_who_may_not_is_shown_no_way_to(team: Team) -> None:
    for name, role in TEAM.items():
        browser = team.browser(name)
        release, me = browser.get("/releases/2").text, browser.get("/me").text
        assert ("Bring readers back" in release) == (role in ("engineer", "admin"))
        assert ('href="/people"' in me) == ('href="/audit"' in me) == (role == "admin")
