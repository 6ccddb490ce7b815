"""Whoever means no good gets nothing: over HTTP, where people sign in."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from portal_shop import copied
from portal_team import COOKIE, HERE, NAME, PASSWORD, Team, team_at
from starlette.websockets import WebSocketDisconnect

from dryland.portal.door.doorkeeper import local_path
from dryland.portal.door.guard import BODY_MAX
from dryland.portal.door.limits import KEPT_MAX, SIGNED_IN, STRANGER, Limit, Limits
from dryland.portal.door.tokens import FIELD
from dryland.portal.visits import FIELDS_MAX

pytestmark = pytest.mark.medium

ROLLBACK = "/releases/1/rollback"


def live_of(team: Team) -> int | None:
    environment = team.desk.state.environment("prod")
    assert environment
    return environment.live_release


# --- sessions -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("is_real", [True, False])
def test_a_session_that_somebody_was_given_is_nobodys_after_signing_in(team: Team, is_real: bool) -> None:
    """Fixation: neither a number that was made up nor one that a thief has had is good afterwards."""
    thief, victim = team.browser("vi"), team.stranger()
    planted = thief.session if is_real else "made-up"
    victim.client.cookies.set(COOKIE, planted, domain=NAME, path="/")
    form = victim.form("/me" if is_real else "/sign-in")
    answer = victim.client.post("/sign-in", data={FIELD: form, "name": "ada", "password": PASSWORD, "next": "/"})
    assert answer.status_code == 303 and planted not in answer.headers["set-cookie"]
    assert team.stranger().get("/", cookie=f"{COOKIE}={planted}").status_code == 303


@pytest.mark.parametrize("name", ["dryland_session", "__Secure-dryland_session", "__host-dryland_session"])
def test_a_session_counts_only_under_the_name_that_no_other_host_can_set(team: Team, name: str) -> None:
    session = team.browser("ana").session
    assert team.stranger().get("/me", cookie=f"{name}={session}").status_code == 303
    assert team.stranger().get("/me", cookie=f"{COOKIE}={session}").status_code == 200


@pytest.mark.parametrize("session", ["", "x", "0" * 4000, "'; drop table sessions; --", "é"])
def test_made_up_sessions_are_nobodys(team: Team, session: str) -> None:
    answer = team.stranger().client.get("/", headers={"cookie": f"{COOKIE}={session}".encode("latin-1")})
    assert answer.status_code == 303


@pytest.mark.parametrize(
    "header",
    ["Bearer", "Bearer ", "Bearer x", "Bearer dry_", "Bearer dry__", "Bearer dry_x_y", "bearer dry_1_2_3", "Basic YTpi",
     "Bearer " + "dry_" * 1500, "Bearer {session}", "Token {token}", "{token}", "Bearer {token}x", "Bearer x{token}"],
)  # fmt: skip
def test_what_is_no_token_lets_nobody_in(team: Team, header: str) -> None:
    text = header.format(session=team.browser("ana").session, token=team.token("ana", "look"))
    answer = team.stranger().get("/api/v1/datasets", authorization=text)
    assert answer.status_code == 401
    assert "invalid_token" in answer.headers["www-authenticate"]
    assert "dry_" not in answer.json()["error"]


def test_a_wrong_token_is_not_made_good_by_a_session(team: Team) -> None:
    """Whoever says who he is, is that or nobody."""
    assert team.browser("ada").get("/api/v1/datasets", authorization="Bearer dry_1_2").status_code == 401


def test_stolen_tokens_are_worth_nothing_once_they_ended(team: Team) -> None:
    text = team.token("ana", "look", days=1)
    headers = {"authorization": f"Bearer {text}"}
    assert team.stranger("203.0.113.9").get("/api/v1/me", **headers).status_code == 200
    team.later(days=1)
    assert team.stranger("203.0.113.9").get("/api/v1/me", **headers).status_code == 401


def test_tokens_are_taken_from_nowhere_but_their_header(team: Team) -> None:
    token = team.token("ada", "look")
    for path in (f"/api/v1/me?token={token}", f"/api/v1/me?access_token={token}"):
        assert team.stranger().get(path).status_code == 401
    assert team.stranger().get("/api/v1/me", cookie=f"{COOKIE}={token}; token={token}").status_code == 401


# --- forms of others ----------------------------------------------------------------------------------------------

ELSEWHERE = (
    {"origin": "https://evil.example.org"}, {"origin": "null"}, {"origin": f"http://{NAME}"},
    {"origin": f"{HERE}.evil.org"}, {"origin": f"{HERE}:8443"}, {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
)  # fmt: skip


@pytest.mark.parametrize("headers", ELSEWHERE)
def test_a_form_from_elsewhere_does_nothing_though_it_has_its_token(team: Team, headers: dict[str, str]) -> None:
    assert team.browser("ed").post(ROLLBACK, ROLLBACK, **headers).status_code == 403
    assert team.stranger().post(
        "/sign-in", "/sign-in", {"name": "vi", "password": PASSWORD}, **headers
    ).status_code == (403), "nobody is signed in as somebody else without knowing"
    assert live_of(team) == 2


def test_the_token_of_a_form_is_of_one_session(team: Team) -> None:
    ed, ada = team.browser("ed"), team.browser("ada")
    others = [ada.form("/me"), team.browser("ed").form("/me"), team.stranger().form("/sign-in"), "", "x", "é"]
    old = ed.form("/me")
    ed.post("/sign-out", "/me")
    ed.sign_in("ed")
    own = ed.form("/me")
    for carried in (*others, old, own[:-1], own + "x"):
        answer = ed.client.post(ROLLBACK, data={FIELD: carried})
        assert answer.status_code == 403 and "earlier visit" in answer.text
    assert live_of(team) == 2


def test_the_door_takes_only_forms_that_it_gave_out(team: Team) -> None:
    stranger = team.stranger()
    form = team.stranger().form("/sign-in")
    for given in ({}, {FIELD: ""}, {FIELD: form}):
        answer = stranger.client.post("/sign-in", data={**given, "name": "ana", "password": PASSWORD})
        assert answer.status_code == 403 and not stranger.session
        assert "shop" not in answer.text


def test_a_session_changes_nothing_by_the_interface_unless_a_page_sent_it(team: Team) -> None:
    """A form of another site that a browser sends without saying so has nothing to go by but a cookie."""
    browser = team.browser("ada")
    assert browser.client.post("/api/v1/datasets").status_code == 403
    assert browser.client.post("/api/v1/datasets", headers={"origin": HERE}).status_code == 405


# --- leading astray -----------------------------------------------------------------------------------------------

AWAY = (
    "https://evil.org", "//evil.org", "///evil.org", "/\\evil.org", "\\\\evil.org", "/\t/evil.org", "/%0d\r\nX: 1",
    "javascript:alert(1)", "data:text/html,x", "http:evil.org", "evil.org", "@evil.org", "/\x00", "", " /",
    "/" + "x" * 3000, "/sign-out", "/sign-in?next=/", "https:/evil.org", "/\u2028//evil.org", "/\\/evil.org",
)  # fmt: skip


@pytest.mark.parametrize("place", AWAY)
def test_nobody_is_led_elsewhere(team: Team, place: str) -> None:
    assert local_path(place) == "/"
    browser = team.stranger()
    answer = browser.sign_in("ana", place=place)
    assert answer.status_code == 303 and answer.headers["location"] == "/"
    assert "x" not in answer.headers
    again = browser.client.get("/sign-in", params={"next": place})
    assert again.headers["location"] == "/"


def test_a_place_with_quotes_is_words_on_the_page(team: Team) -> None:
    text = team.stranger().client.get("/sign-in", params={"next": '/"><script>alert(1)</script>'}).text
    assert "<script>alert" not in text
    text = team.stranger().sign_in('"><img src=x onerror=alert(1)>', "x").text
    assert "<img src=x" not in text


def test_headers_are_not_split(team: Team) -> None:
    split = "%0d%0aSet-Cookie:%20x=1"
    for path in (f"/a{split}", f"/datasets?q={split}", f"/sign-in?next=/{split}"):
        answer = team.stranger().get(path)
        assert "x=1" not in answer.headers.get("set-cookie", "")
        assert "\n" not in answer.headers.get("location", "")


# --- what stands around it ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    ["/assets/../texts.toml", "/assets/0/..%2f..%2ftexts.toml", "/assets/%2e%2e/%2e%2e/app.py",
     "/assets/0/....//app.py",
     "/assets/0//etc/passwd", "/assets/0/%00", "/assets//", "/assets/{hash}/..%2ftexts.toml", "/assets/{hash}/.",
     "/assets/..;/people", "/assets/../people", "/assets/%2e%2e/api/v1/datasets"],
)  # fmt: skip
def test_nothing_but_assets_is_under_assets(team: Team, path: str) -> None:
    from dryland.portal.face import asset_hash

    answer = team.stranger().get(path.replace("{hash}", asset_hash("portal.css")))
    assert answer.status_code in (303, 404)
    assert "brand =" not in answer.text and "root:" not in answer.text and "customer_orders" not in answer.text


@pytest.mark.parametrize(
    "path",
    ["//me", "/me/", "/ME", "/./me", "/%6de", "/sign-in/../me", "/sign-in/me", "/sign-in;/me", "/sign-in%3F/../me",
     "/sign-in%23/me", "/si%09gn-in", "/sign-in%00", "/sign-in%2f..%2fme", "/assets%3f/me"],
)  # fmt: skip
def test_no_way_of_writing_an_address_leads_past_the_door(team: Team, path: str) -> None:
    answer = team.stranger().client.request("GET", HERE + path)
    assert answer.status_code in (303, 307)
    assert "sign-in" in answer.headers["location"]


@pytest.mark.parametrize(
    "host",
    ["evil.org", f"{NAME}.evil.org", f"evil.org/{NAME}", f"{NAME}@evil.org", f"evil.org@{NAME}", f"{NAME}/evil.org",
     f"{NAME}#", f"{NAME}\\evil.org", "", "[", f"a {NAME}"],
)  # fmt: skip
def test_under_other_names_nothing_is_answered(team: Team, host: str) -> None:
    answer = team.browser("ada").get("/", host=host)
    assert answer.status_code in (400, 421)
    assert "shop" not in answer.text


def test_there_is_no_other_way_of_talking(team: Team) -> None:
    with pytest.raises(WebSocketDisconnect), TestClient(team.app, base_url=HERE).websocket_connect("/"):
        pass


def test_what_is_said_twice_is_not_answered(team: Team) -> None:
    """The guard and the application would each believe another one of two."""
    client = TestClient(team.app, base_url=HERE)
    for name, values in (("host", ("evil.org", NAME)), ("content-length", ("0", "5")), ("authorization", ("a", "b"))):
        twice = [("host", NAME)] if name != "host" else []
        answer = client.get("/", headers=[*twice, *((name, value) for value in values)])
        assert answer.status_code in (400, 421), name
        assert "location" not in answer.headers


@pytest.mark.parametrize(
    "forwarded", ["x-forwarded-for", "x-real-ip", "forwarded", "x-forwarded-host", "x-forwarded-proto"]
)
def test_nobody_says_himself_where_he_comes_from(team: Team, forwarded: str) -> None:
    """Without a proxy that was named, such headers are words like others."""
    browser = team.stranger("203.0.113.7")
    browser.client.post(
        "/sign-in", data={FIELD: browser.form("/sign-in"), "name": "ana", "password": "x"},
        headers={forwarded: "127.0.0.1"},
    )  # fmt: skip
    assert team.log(action="sign in", limit=1)[0].address == "203.0.113.7"


@pytest.mark.parametrize("address", ["10.0.0.1", "127.0.0.1"])
@pytest.mark.parametrize("here", [f"http://{NAME}", "http://localhost"])
def test_over_plain_http_nobody_signs_in_but_at_the_machine(team: Team, address: str, here: str) -> None:
    answer = team.stranger(address, here).get("/sign-in")
    is_at_the_machine = here == "http://localhost" and address == "127.0.0.1"
    assert answer.status_code == (200 if is_at_the_machine else 403)
    assert ("password" in answer.text) == is_at_the_machine
    assert "strict-transport-security" not in answer.headers
    assert "strict-transport-security" in team.stranger().get("/sign-in").headers
    at_the_machine = team.stranger("127.0.0.1", "https://localhost").get("/sign-in")
    assert "strict-transport-security" not in at_the_machine.headers, "browsers keep it for all ports of a machine"


def test_a_network_that_is_trusted_does_without_https_when_somebody_said_so(history_once: Path, tmp_path: Path) -> None:
    with team_at(copied(history_once, tmp_path / "shop"), plain_http=True) as found:
        answer = found.stranger(here=f"http://{NAME}").sign_in("ana")
        assert answer.status_code == 303
        assert "secure" not in answer.headers["set-cookie"].lower()


def test_large_things_are_refused_before_anybody_looks_at_them(team: Team) -> None:
    stranger = team.stranger()
    assert stranger.client.post("/sign-in", content=b"x" * (BODY_MAX + 1)).status_code == 413
    assert stranger.client.post("/sign-in", content=iter([b"x" * 40_000] * 2)).status_code == 413
    assert stranger.get("/sign-in?next=/" + "x" * 9000).status_code == 414
    many = "&".join(f"a{n}=1" for n in range(FIELDS_MAX + 1))
    headers = {"content-type": "application/x-www-form-urlencoded"}
    assert stranger.client.post("/sign-in", content=many, headers=headers).status_code == 400


# --- too much -----------------------------------------------------------------------------------------------------


def test_one_person_does_not_keep_all_others_out(team: Team) -> None:
    ana, token = team.browser("ana"), team.token("ana", "look")
    statuses = [ana.get("/api/v1/health").status_code for _ in range(int(SIGNED_IN.burst) + 1)]
    assert statuses[0] == 200 and statuses[-1] == 429
    answer = team.stranger().get("/api/v1/health", authorization=f"Bearer {token}")
    assert answer.status_code == 429, "his programs are he"
    assert int(answer.headers["retry-after"]) >= 1
    assert team.browser("vi").get("/").status_code == 200
    team.later(seconds=1)
    assert ana.get("/").status_code == 200


def test_strangers_are_answered_only_so_often(team: Team) -> None:
    stranger = team.stranger("198.51.100.1")
    statuses = {stranger.get("/api/v1/me", authorization=f"Bearer dry_{n}_x").status_code for n in range(70)}
    assert statuses == {401, 429}
    assert team.stranger("198.51.100.1").get("/sign-in").status_code == 429
    assert team.stranger("198.51.100.2").get("/sign-in").status_code == 200


def test_counting_takes_no_more_memory_than_it_should() -> None:
    limits = Limits(lambda: 0.0)
    for number in range(KEPT_MAX + 500):
        limits.wait_s(STRANGER, str(number))
    assert len(limits._left) == KEPT_MAX


def test_waiting_as_long_as_was_said_is_enough() -> None:
    now = [0.0]
    limits, limit = Limits(lambda: now[0]), Limit(burst=2, per_s=0.5)
    assert [limits.wait_s(limit, "a") for _ in range(3)] == [0.0, 0.0, 2.0]
    now[0] += 2.0
    assert limits.wait_s(limit, "a") == 0.0


# --- what is written down -----------------------------------------------------------------------------------------


def test_whatever_changes_something_is_in_the_log(team: Team) -> None:
    ed = team.browser("ed", "10.1.2.3")
    vi = team.browser("vi")
    ed.client.post(ROLLBACK, data={FIELD: "wrong"})
    vi.client.post(ROLLBACK, data={FIELD: vi.form("/me")})
    log = [(each.person, each.action, each.outcome, each.subject) for each in team.log(limit=2)]
    what = ("POST /releases/{number}/rollback", "refused", ROLLBACK)
    assert log == [("vi", *what), ("ed", *what)]


def test_a_rollback_is_its_persons(history_once: Path, tmp_path: Path) -> None:
    """In the log, and as the release's author."""
    with team_at(copied(history_once, tmp_path / "shop")) as own:
        answer = own.browser("ed", "10.1.2.3").post(ROLLBACK, ROLLBACK)
        assert answer.headers["location"] == "/actions/1"
        own.desk.actions.finish()
        log = [(each.person, each.via, each.address, each.action, each.outcome, each.subject) for each in own.log()[:2]]
        assert log == [
            ("ed", "", "", "rollback", "done", "prod: release 1"),
            ("ed", "session", "10.1.2.3", "rollback", "asked", "prod: release 1"),
        ]
        release = own.desk.state.release(live_of(own) or 0)
        assert release and (release.kind, release.author) == ("rollback", "ed")


def test_nothing_secret_is_in_the_log_or_the_metadata(team: Team) -> None:
    browser, token = team.browser("ana"), team.token("ana", "look")
    team.stranger().get("/api/v1/me", authorization=f"Bearer {token}")
    known = [browser.session, token, token.split("_", 2)[2], PASSWORD]
    stored = (team.desk.library.root / ".dryland").rglob("*")
    data = b"".join(each.read_bytes() for each in stored if each.is_file() and each.suffix != ".key")
    assert len(data) > 10_000
    for secret in known:
        assert secret.encode() not in data


# --- words of others ----------------------------------------------------------------------------------------------

EVIL = '"><script>alert(1)</script>'


def test_words_of_people_are_words_to_administrators(team: Team) -> None:
    """Names, purposes and filters: whoever looks after people is not had by them."""
    name = EVIL.replace(" ", "").lower()
    ada = team.browser("ada")
    given = {"action": "add", "name": name, "password": PASSWORD, "role_viewer": "yes"}
    assert ada.post("/people", "/people", given).status_code == 303
    evil = team.browser(name)
    evil.post("/me/tokens", "/me", {"purpose": EVIL, "days": "1", "scope_look": "yes"})
    evil.client.post(ROLLBACK + "%3Cscript%3E", data={FIELD: evil.form("/me")})
    pages = [evil.get("/me"), evil.get("/"), ada.get("/people"), ada.get("/audit")]
    pages += [ada.client.get("/audit", params={each: EVIL}) for each in ("person", "action", "dataset", "days")]
    pages += [ada.post("/people", "/people", {**given, "password": "short"})]
    for page in pages:
        assert "<script>alert" not in page.text and page.status_code in (200, 400)
    assert "&lt;script&gt;" in ada.get("/people").text
