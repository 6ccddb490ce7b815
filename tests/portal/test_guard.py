"""What is not meant for the portal, or not from it, goes no further."""

from __future__ import annotations

import re

import pytest
from portal_shop import Portal

from dryland.portal.door.guard import BODY_MAX
from dryland.portal.door.tokens import COOKIE

ROLLBACK = "/releases/1/rollback"


def token_on(page: str) -> str:
    found = re.search(r'name="token" value="([0-9a-f]+)"', page)
    assert found
    return found.group(1)


def live_of(portal: Portal) -> int | None:
    environment = portal.desk.state.environment("prod")
    assert environment
    return environment.live_release


@pytest.mark.parametrize("path", ["/", "/nothing", "/api/v1/datasets", "/assets/0/x.js", ROLLBACK])
def test_every_answer_says_what_a_browser_may_do(looked_at: Portal, path: str) -> None:
    headers = looked_at.client.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"


@pytest.mark.parametrize("host", ["evil.example.org", "localhost.evil.org", "", "127.0.0.1.nip.io", "[", "a:b:c"])
def test_other_names_are_not_answered(looked_at: Portal, host: str) -> None:
    """A page elsewhere may have its name mean this machine; it is not let in by it."""
    answer = looked_at.client.get("/", headers={"host": host})
    assert answer.status_code == 421
    assert "Dryland" not in answer.text


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8765", "[::1]:8765"])
def test_names_of_this_machine_are(looked_at: Portal, host: str) -> None:
    assert looked_at.client.get("/", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example.org"},
        {"origin": "null"},
        {"origin": "http://localhost:1"},
        {"origin": "http://localhost.evil.org"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
def test_a_form_from_elsewhere_changes_nothing(looked_at: Portal, headers: dict[str, str]) -> None:
    token = token_on(looked_at.page(ROLLBACK))
    answer = looked_at.client.post(ROLLBACK, data={"token": token}, headers=headers)
    assert answer.status_code == 403
    assert live_of(looked_at) == 2


def test_a_form_without_its_token_changes_nothing(looked_at: Portal) -> None:
    looked_at.page(ROLLBACK)
    right = token_on(looked_at.page(ROLLBACK))
    for given in ({}, {"token": ""}, {"token": "0" * 64}, {"token": right[:-1]}, {"token": "é"}):
        assert looked_at.client.post(ROLLBACK, data=given).status_code == 403
    assert live_of(looked_at) == 2


def test_the_token_of_one_browser_is_of_no_use_to_another(looked_at: Portal) -> None:
    token = token_on(looked_at.page(ROLLBACK))
    for cookie in ("", "somebody-else"):
        answer = looked_at.client.post(ROLLBACK, data={"token": token}, headers={"cookie": f"{COOKIE}={cookie}"})
        assert answer.status_code == 403
    assert live_of(looked_at) == 2


def test_a_cookie_is_for_pages_of_the_portal_alone(own: Portal) -> None:
    said = own.client.get("/").headers["set-cookie"].lower()
    assert "httponly" in said
    assert "samesite=strict" in said


def test_looking_changes_nothing(looked_at: Portal) -> None:
    """A link that somebody was sent rolls nothing back."""
    for path in (ROLLBACK, f"{ROLLBACK}?token=1", "/releases/1"):
        looked_at.client.get(path)
        looked_at.client.head(path)
    assert looked_at.client.put(ROLLBACK).status_code == 405
    assert live_of(looked_at) == 2


def test_what_is_too_large_is_refused(looked_at: Portal) -> None:
    large = b"x" * (BODY_MAX + 1)
    assert looked_at.client.post(ROLLBACK, content=large).status_code == 413
    assert looked_at.client.post(ROLLBACK, content=iter([large[:40_000], large[:40_000]])).status_code == 413
    assert looked_at.client.get(f"/datasets?q={'x' * 9000}").status_code == 414
    assert looked_at.client.get("/", headers={"content-length": "many"}).status_code == 413


def test_a_program_that_is_no_browser_may_ask(looked_at: Portal) -> None:
    assert looked_at.client.get("/api/v1/openapi.json", headers={"origin": "https://elsewhere.org"}).status_code == 200
