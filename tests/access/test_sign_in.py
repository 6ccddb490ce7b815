"""Who is let in, for how long, and what a thief has of what he took."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher

from dryland.access.journal import Journal
from dryland.access.keys import FILE, read_key
from dryland.access.oidc import Provider
from dryland.access.passwords import Passwords
from dryland.access.person import LOCAL, Person
from dryland.access.sessions import Sessions
from dryland.access.sign_in import ATTEMPTS_MAX, SignIn, Users
from dryland.access.tokens import Tokens
from dryland.errors import ConfigError, DrylandError, RightsError, SignInError, UsageError
from dryland.project.access_rules import Oidc
from dryland.state.dump import dump
from dryland.state.store import State
from oidc_provider import Stand

pytestmark = pytest.mark.slow  # people, sessions and providers, on both kinds of database

PASSWORD = "correct horse battery"
ADMIN = Person("ada", ("admin",))
CHEAP = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)
KEY = b"k" * 32


@dataclass
class House:
    """A door with its clock in our hand."""

    state: State
    now: datetime = field(default_factory=lambda: datetime.fromisoformat("2026-01-01T00:10"))
    journal: Journal = field(init=False)

    def __post_init__(self) -> None:
        self.journal = Journal(self.state, clock=self.clock)
        self.sessions = Sessions(self.state, KEY, self.clock)
        self.tokens = Tokens(self.state, KEY, self.clock)
        self.passwords = Passwords(CHEAP)
        self.door = SignIn(self.state, KEY, self.passwords, self.sessions, self.journal, self.clock)
        self.users = Users(self.state, self.passwords, self.sessions, self.journal, self.clock)

    def clock(self) -> datetime:
        return self.now

    def later(self, **time: float) -> None:
        self.now += timedelta(**time)

    def enter(self, name: str = "ana", password: str = PASSWORD, address: str = "10.0.0.1", **more: Any) -> Any:
        return self.door.sign_in(name, password, address=address, **more)


@pytest.fixture
def house(state: State) -> House:
    one = House(state)
    one.users.add(ADMIN, "ana", PASSWORD, ["analyst"])
    return one


# --- passwords ----------------------------------------------------------------------------------------------------


def test_the_right_password_lets_in(house: House) -> None:
    session = house.enter(" Ana ")
    assert session.person == Person("ana", ("analyst",), via="session")
    assert house.sessions.resume(session.id).person.may("query")


def test_whoever_is_refused_hears_the_same(house: House) -> None:
    house.users.add(ADMIN, "bo", PASSWORD, ["viewer"])
    house.users.disable(ADMIN, "bo")
    told = set()
    for name, password in (("ana", "wrong password"), ("nobody", PASSWORD), ("bo", PASSWORD), ("", ""),
                           ("x" * 999, "y"),
                           ("ana", PASSWORD * 999), ("ana\0", PASSWORD), ("ana' or 1=1 --", PASSWORD)):  # fmt: skip
        with pytest.raises(SignInError) as refusal:
            house.enter(name, password)
        told.add(str(refusal.value))
        house.later(minutes=20)
    assert len(told) == 1


def test_an_unknown_name_takes_as_long_as_a_known_one(house: House) -> None:
    """Whoever measures does not learn who is here; one hash is computed for each."""

    def seconds(name: str) -> float:
        house.later(hours=1)
        began = time.perf_counter()
        with pytest.raises(SignInError):
            house.enter(name, "wrong password")
        return time.perf_counter() - began

    slow = PasswordHasher(time_cost=2, memory_cost=32 * 1024, parallelism=1)
    house.passwords._hasher = slow
    house.users.change_password(ADMIN, "ana", PASSWORD)
    seconds("ana"), seconds("nobody")
    known, unknown = ([seconds(name) for _ in range(7)] for name in ("ana", "nobody"))
    assert 0.6 < median(known) / median(unknown) < 1.6


def test_attempts_are_limited_by_name_and_address(house: House) -> None:
    for _ in range(ATTEMPTS_MAX["both"]):
        with pytest.raises(SignInError, match="not right"):
            house.enter(password="wrong password")
    with pytest.raises(SignInError, match="too many") as refusal:
        house.enter()  # even the right one
    assert refusal.value.retry_after_s and 0 < refusal.value.retry_after_s <= 900
    assert house.enter(address="10.0.0.2").person.name == "ana", "others are not shut out by one address"
    house.later(seconds=refusal.value.retry_after_s + 1)
    assert house.enter().person.name == "ana"


def test_many_names_or_many_addresses_are_no_way_around(house: House) -> None:
    outcomes = []
    for number in range(ATTEMPTS_MAX["address"] + 3):
        with pytest.raises(SignInError) as refusal:
            house.enter(f"name{number}", "wrong password", address="10.0.0.9")
        outcomes.append(refusal.value.retry_after_s)
    assert outcomes[: ATTEMPTS_MAX["address"]] == [None] * ATTEMPTS_MAX["address"]
    assert all(outcomes[ATTEMPTS_MAX["address"] :])
    house.later(hours=1)
    outcomes = []
    for number in range(ATTEMPTS_MAX["name"] + 3):
        with pytest.raises(SignInError) as refusal:
            house.enter("ana", "wrong password", address=f"10.1.0.{number}")
        outcomes.append(refusal.value.retry_after_s)
    assert outcomes[0] is None and outcomes[-1] is not None


@pytest.mark.parametrize("password", ["short", "aaaaaaaaaaaaaa", "ana-ana-ana-ana", "x" * 2000])
def test_a_password_that_is_guessed_first_is_none(house: House, password: str) -> None:
    with pytest.raises(UsageError):
        house.users.change_password(Person("ana", ("analyst",)), "ana", password, current=PASSWORD)


def test_a_stronger_hash_replaces_an_older_one(house: House) -> None:
    before = house.state.user("ana")
    house.passwords._hasher = PasswordHasher(time_cost=2, memory_cost=2048, parallelism=1)
    house.enter()
    after = house.state.user("ana")
    assert before and after and before.password != after.password
    assert "m=2048,t=2" in after.password
    assert house.enter().person.name == "ana"


# --- sessions -----------------------------------------------------------------------------------------------------


def test_signing_in_gives_a_new_number_whatever_somebody_came_with(house: House) -> None:
    """Who planted a session in a browser does not share what comes of it."""
    planted = house.enter()
    fresh = house.enter(came_with=planted.id)
    assert fresh.id != planted.id and fresh.csrf != planted.csrf
    with pytest.raises(SignInError):
        house.sessions.resume(planted.id)
    invented = house.enter(came_with="a number of my own")
    with pytest.raises(SignInError):
        house.sessions.resume("a number of my own")
    assert house.sessions.resume(invented.id).person.name == "ana"


def test_a_session_ends_with_its_time_and_when_nothing_is_heard_of_it(house: House) -> None:
    session = house.enter()
    for _ in range(13):
        house.later(minutes=50)
        house.sessions.resume(session.id)
    house.later(minutes=61)
    with pytest.raises(SignInError):
        house.sessions.resume(session.id)
    session = house.enter()
    for _ in range(14):
        house.later(minutes=50)
        house.sessions.resume(session.id)
    house.later(minutes=21)
    with pytest.raises(SignInError):
        house.sessions.resume(session.id)


def test_signing_out_ends_a_session_here_or_everywhere(house: House) -> None:
    here, there, third = house.enter(), house.enter(), house.enter()
    house.door.sign_out(here)
    with pytest.raises(SignInError):
        house.sessions.resume(here.id)
    house.door.sign_out(there, everywhere=True)
    for session in (there, third):
        with pytest.raises(SignInError):
            house.sessions.resume(session.id)


@pytest.mark.parametrize("what", ["disable", "passwd"])
def test_whoever_is_disabled_or_has_a_new_password_is_out_at_once(house: House, what: str) -> None:
    session = house.enter()
    text, _ = house.tokens.create(session.person, purpose="t", scopes=["read"], days=1)
    if what == "disable":
        house.users.disable(ADMIN, "ana")
    else:
        house.users.change_password(ADMIN, "ana", "another horse battery")
    with pytest.raises(SignInError):
        house.sessions.resume(session.id)
    with pytest.raises(SignInError):
        house.tokens.person(text)


def test_roles_that_were_taken_away_are_gone_with_the_next_click(house: House) -> None:
    session = house.enter()
    text, _ = house.tokens.create(session.person, purpose="t", scopes=["query"], days=1)
    house.users.change_roles(ADMIN, "ana", ["viewer"])
    assert not house.sessions.resume(session.id).person.may("query")
    assert not house.tokens.person(text).may("query")


@pytest.mark.parametrize("number", ["", "x", "'", "\0", "ü", "a" * 100_000, "../../x"])
def test_no_session_is_guessed(house: House, number: str) -> None:
    house.enter()
    with pytest.raises(SignInError):
        house.sessions.resume(number)


# --- tokens -------------------------------------------------------------------------------------------------------


def test_a_token_is_good_for_its_scopes_and_its_time(house: House) -> None:
    ana = house.enter().person
    text, _ = house.tokens.create(ana, purpose="nightly", scopes=["read"], days=2)
    person = house.tokens.person(text)
    assert (person.name, person.may("read"), person.may("query")) == ("ana", True, False)
    house.later(days=1, hours=23)
    assert house.tokens.person(text).name == "ana"
    house.later(hours=1)
    with pytest.raises(SignInError):
        house.tokens.person(text)


def test_a_token_gives_nobody_more_than_he_has(house: House) -> None:
    ana = house.enter().person
    for scopes in (["administer"], ["release"], ["read", "handle"]):
        with pytest.raises(RightsError):
            house.tokens.create(ana, purpose="", scopes=scopes, days=1)
    for scopes, days in ((["everything"], 1), ([], 1), (["read"], 0), (["read"], 5000)):
        with pytest.raises(UsageError):
            house.tokens.create(ana, purpose="", scopes=scopes, days=days)
    text, _ = house.tokens.create(ana, purpose="", scopes=["read", "query"], days=1)
    with pytest.raises(RightsError, match="makes no tokens"):
        house.tokens.create(house.tokens.person(text), purpose="", scopes=["read"], days=365)
    with pytest.raises(RightsError):
        house.users.change_password(house.tokens.person(text), "ana", "a thief's password")


def test_a_revoked_token_is_worth_nothing(house: House) -> None:
    ana, bo = house.enter().person, Person("bo", ("analyst",))
    text, token = house.tokens.create(ana, purpose="", scopes=["read"], days=9)
    for person in (bo, Person("eve", ("engineer",))):
        with pytest.raises(RightsError, match="no token"):
            house.tokens.revoke(person, token.id)
        assert house.tokens.listed(person) == ()
        with pytest.raises(RightsError):
            house.tokens.listed(person, everybodys=True)
    assert house.tokens.person(text)
    house.tokens.revoke(ADMIN, token.id)
    with pytest.raises(SignInError):
        house.tokens.person(text)


def test_nothing_that_is_nearly_a_token_is_one(house: House) -> None:
    text, token = house.tokens.create(house.enter().person, purpose="", scopes=["read"], days=9)
    other, _ = house.tokens.create(house.enter().person, purpose="", scopes=["read"], days=9)
    secret = text.rpartition(f"{token.id}_")[2]
    told = set()
    for guess in ("", "dry", "dry__", f"dry_{token.id}_", f"dry_{token.id}_{secret[:-1]}", f"dry_{token.id}_{secret}x",
                  f"dry_{token.id}_{token.hash}", f"dry_%_{secret}", f"dry_' or 1=1 --_{secret}",
                  f"x_{token.id}_{secret}",
                  text.upper(), f"dry_{other.split('_')[1]}_{secret}", "dry_\0_x", "x" * 100_000):  # fmt: skip
        with pytest.raises(SignInError) as refusal:
            house.tokens.person(guess)
        told.add(str(refusal.value))
    assert len(told) == 1
    assert house.tokens.person(f" {text}\n").name == "ana"


def test_who_steals_the_metadata_has_nothing_to_come_in_with(house: House, tmp_path: Path) -> None:
    session = house.enter()
    text, token = house.tokens.create(session.person, purpose="p", scopes=["read"], days=9)
    dump(house.state, tmp_path / "dump.jsonl")
    stolen = (tmp_path / "dump.jsonl").read_text()
    with house.state.reading() as connection:
        stolen += repr([list(connection.execute(sa.text(f"select * from {table}"))) for table in
                        ("users", "api_tokens", "sessions", "sign_in_attempts", "audit")])  # fmt: skip
    secret = text.rpartition(f"{token.id}_")[2]
    assert not [each for each in (secret, session.id, PASSWORD, KEY.decode(), "10.0.0.1-ana") if each in stolen]
    assert token.hash in stolen and "$argon2id$" in stolen
    for hash_ in (token.hash, house.sessions._hash(session.id)):
        with pytest.raises(SignInError):
            house.sessions.resume(hash_)
    elsewhere = Tokens(house.state, b"x" * 32, house.clock)
    with pytest.raises(SignInError):
        elsewhere.person(text)


def test_the_key_is_made_once_and_is_nobody_elses(tmp_path: Path) -> None:
    key = read_key("", tmp_path)
    assert read_key("", tmp_path) == key and len(key) == 32
    assert (tmp_path / FILE).stat().st_mode & 0o077 == 0
    assert [each.name for each in tmp_path.iterdir()] == [FILE]
    assert read_key("s" * 40, tmp_path) == read_key("s" * 40, tmp_path) != key
    with pytest.raises(ConfigError, match="fewer than"):
        read_key("short", tmp_path)


# --- users --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["viewer", "analyst", "engineer"])
def test_only_administrators_keep_users(house: House, role: Any) -> None:
    somebody = Person("eve", (role,))
    calls = (
        lambda: house.users.add(somebody, "new", PASSWORD, ["admin"]),
        lambda: house.users.disable(somebody, "ana"),
        lambda: house.users.change_roles(somebody, "eve", ["admin"]),
        lambda: house.users.change_password(somebody, "ana", "another horse battery"),
        lambda: house.users.listed(somebody),
        lambda: house.users.end_all(somebody, "ana"),
        lambda: house.users.enable(somebody, "ana"),
    )
    for call in calls:
        with pytest.raises(RightsError):
            call()
    refused = [each for each in house.state.audit() if each.outcome == "refused"]
    assert {each.action for each in refused} == {
        "user add", "user disable", "user roles", "user passwd", "user end", "user enable",
    }  # fmt: skip
    ana = Person("ana", ("analyst",))
    with pytest.raises(SignInError, match="current"):
        house.users.change_password(ana, "ana", "another horse battery", current="a guess")
    house.users.change_password(ana, "ana", "another horse battery", current=PASSWORD)
    assert house.users.add(LOCAL, "new", PASSWORD, ["viewer"]).roles == ("viewer",)


@pytest.mark.parametrize("name", ["", " ", "With Capitals", "two words", "tab\tinside", "x" * 201, "ana"])
def test_a_name_is_one_word_and_nobody_elses(house: House, name: str) -> None:
    with pytest.raises(UsageError):
        house.users.add(ADMIN, name, PASSWORD, ["viewer"])


def test_the_log_tells_who_came_and_never_what_was_typed(house: House) -> None:
    house.enter()
    for name in ("ana", "my password in the wrong field"):
        with pytest.raises(SignInError):
            house.enter(name, "typed and wrong")
    log = house.state.audit()
    assert [(each.person, each.action, each.outcome) for each in log] == [
        ("?", "sign in", "refused"), ("ana", "sign in", "refused"), ("ana", "sign in", "done"),
        ("ada", "user add", "done"),
    ]  # fmt: skip
    assert "typed" not in repr(log) and "wrong field" not in repr(log) and PASSWORD not in repr(log)


def test_what_is_over_is_forgotten_in_time(house: House) -> None:
    house.enter()
    _, old = house.tokens.create(Person("ana", ("analyst",)), purpose="", scopes=["read"], days=1)
    house.later(days=200)
    _, new = house.tokens.create(Person("ana", ("analyst",)), purpose="", scopes=["read"], days=1)
    house.journal.changed("ana", "", "sign in", "")
    day = timedelta(days=1)
    house.state.forget_access(house.now, audit_since=house.now - 100 * day, kept_since=house.now - 90 * day)
    assert [each.id for each in house.state.api_tokens()] == [new.id] != [old.id]
    assert len(house.state.audit()) == 1
    with house.state.reading() as connection:
        assert connection.execute(sa.text("select count(*) from sessions")).scalar() == 0
        assert connection.execute(sa.text("select count(*) from sign_in_attempts")).scalar() == 0


# --- OpenID Connect -----------------------------------------------------------------------------------------------

BACK = "http://127.0.0.1:8080/signed-in"


def provider_of(stand: Stand, house: House, **more: Any) -> Provider:
    settings = Oidc(
        stand.issuer, "dryland", "secret", ("openid", "email"), "email", "groups", {"data": "engineer"}, None
    )
    return Provider(replace(settings, **more), KEY, house.clock)


def test_somebody_comes_back_from_the_provider_as_who_he_is(stand: Stand, house: House) -> None:
    provider = provider_of(stand, house)
    begun = provider.begin(BACK)
    assert "code_verifier" not in begun.url and "secret" not in begun.url
    person = provider.finish(begun.sealed, stand.sign_in(begun.url))
    assert (person.name, person.roles, person.groups) == ("ana@example.org", ("engineer",), ("data", "staff"))
    session = house.sessions.begin(person, "oidc")
    assert house.sessions.resume(session.id).person.may("release")


def test_a_provider_makes_nobody_somebody_else(stand: Stand, house: House) -> None:
    """Neither a local user, nor by what its groups are called anybody of a role or of a rule."""
    stand.claims = {"email": "ana"}
    provider = provider_of(stand, house)
    begun = provider.begin(BACK)
    with pytest.raises(SignInError, match="somebody else's"):
        house.sessions.begin(provider.finish(begun.sealed, stand.sign_in(begun.url)), "oidc")
    groups = ("admin", "engineer", "*", "person:ada", "real")
    person = Person("eve", ("viewer",), groups)
    for words in (("admin",), ("engineer",), ("person:ada",)):
        assert not person.is_meant(words, {"admin": ("eve",), "person:ada": ("eve",)})
    assert person.is_meant(("real",), {})
    house.users.end_all(ADMIN, "eve")


@pytest.mark.parametrize("lie", ["stranger", "unsigned", "shared secret"])
def test_a_token_that_the_provider_did_not_sign_is_worth_nothing(stand: Stand, house: House, lie: str) -> None:
    provider = provider_of(stand, house)
    begun = provider.begin(BACK)
    stand.lie = lie
    with pytest.raises(SignInError, match="does not vouch"):
        provider.finish(begun.sealed, stand.sign_in(begun.url))


@pytest.mark.parametrize(
    "claims",
    [{"iss": "https://other.example"}, {"aud": "somebody else"}, {"aud": ["a", "b"]}, {"azp": "somebody else"},
     {"exp": 1},
     {"iat": 9_999_999_999}, {"exp": None}, {"sub": ""}, {"nonce": "of another attempt"}, {"email": None},
     {"email_verified": False}, {"groups": ["staff"]}, {"groups": None}],
)  # fmt: skip
def test_claims_that_are_not_for_us_let_nobody_in(stand: Stand, house: House, claims: dict[str, Any]) -> None:
    provider = provider_of(stand, house)
    begun = provider.begin(BACK)
    stand.claims = claims
    with pytest.raises(SignInError):
        provider.finish(begun.sealed, stand.sign_in(begun.url))


def test_an_answer_counts_only_with_its_own_beginning(stand: Stand, house: House) -> None:
    provider = provider_of(stand, house)
    mine, thiefs = provider.begin(BACK), provider.begin(BACK)
    answer = stand.sign_in(mine.url)
    for sealed, said in (
        (thiefs.sealed, answer), (mine.sealed, {**answer, "state": "x"}), (mine.sealed, {"code": answer["code"]}),
        (mine.sealed, {**answer, "code": ""}), (mine.sealed, {**answer, "iss": "https://other.example"}),
        (mine.sealed[:-1], answer), ("", answer), (mine.sealed, {"error": "access_denied", "state": answer["state"]}),
    ):  # fmt: skip
        with pytest.raises(SignInError):
            provider.finish(sealed, said)
    assert provider.finish(mine.sealed, answer).name == "ana@example.org"
    with pytest.raises(SignInError):
        provider.finish(mine.sealed, answer)  # a code is good once


def test_who_takes_too_long_begins_again(stand: Stand, house: House) -> None:
    provider = provider_of(stand, house)
    begun = provider.begin(BACK)
    house.later(minutes=11)
    with pytest.raises(SignInError, match="begin again"):
        provider.finish(begun.sealed, stand.sign_in(begun.url))


def test_a_provider_that_is_another_or_can_be_overheard_is_none(stand: Stand, house: House) -> None:
    with pytest.raises(ConfigError, match="not https"):
        provider_of(stand, house, issuer="http://provider.example").begin(BACK)
    stand.lie = "issuer"
    with pytest.raises(ConfigError, match="calls itself"):
        provider_of(stand, house).begin(BACK)
    with pytest.raises(DrylandError):
        provider_of(stand, house, issuer="http://127.0.0.1:9").begin(BACK)


def test_a_token_of_somebody_whom_a_provider_vouches_for_keeps_his_groups(house: House) -> None:
    """Rules that deny are about groups, too: a token is no way out of one."""
    olga = Person("olga@example.org", ("analyst",), ("contractors",), via="session")
    text, _ = house.tokens.create(olga, purpose="t", scopes=["read"], days=1)
    assert house.tokens.person(text).groups == ("contractors",)


def test_a_new_user_has_nothing_of_whom_a_provider_vouched_for_under_his_name(house: House) -> None:
    """Nor has that one anything of his: a token is its owner's, and its owner is a name."""
    stranger = Person("bea", ("admin",), ("contractors",), via="session")
    text, _ = house.tokens.create(stranger, purpose="t", scopes=["read"], days=1)
    house.users.add(ADMIN, "bea", PASSWORD, ["viewer"])
    with pytest.raises(SignInError):
        house.tokens.person(text)
    mine, _ = house.tokens.create(Person("bea", ("viewer",)), purpose="t", scopes=["look"], days=1)
    assert house.tokens.person(mine).name == "bea"
