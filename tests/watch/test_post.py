"""Messages go out over real connections, are tried again when that fails, and are never lost nor sent a third time."""

from __future__ import annotations

import hashlib
import hmac
import json
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from incident_values import NOON, Clock, incident

from alert_servers import Hook, Mailbox, mail_server, make_papers
from dryland.project.alerting import Channel, Route, Smtp
from dryland.project.project import Project
from dryland.state.deliveries import TAKEN_S
from dryland.state.store import State
from dryland.watch.alerting import queued_for
from dryland.watch.desk import acted, put_changes
from dryland.watch.post import Post
from dryland.watch.triage import Change

pytestmark = pytest.mark.slow  # mail, webhooks and their servers, on both kinds of database


def open_one(state: State, project: Project, at=NOON, **more: object):
    """An incident that opens, with its messages in the queue."""
    change = Change(incident(**more))
    change.note("opened", at)
    with state.writing():
        (written,) = put_changes(state, (change,))
        state.add_deliveries(queued_for(project, at, state)((written,), {}))
    return written.incident


def statuses(state: State) -> list[str]:
    return [each.status for each in reversed(state.deliveries())]


@pytest.fixture
def by_mail(project_of, mailbox: Mailbox) -> Project:
    smtp = Smtp("127.0.0.1", mailbox.port, sender="Dryland <dryland@example.org>")
    return project_of(
        Channel("mail", "email", ("ana@example.org", "bo@example.org")), smtp=smtp, url="https://p.example"
    )


@pytest.fixture
def by_hook(project_of, hook: Hook) -> Project:
    return project_of(Channel("hook", "webhook", (hook.url,), "the key"))


def test_a_mail_says_what_where_since_when_and_who_is_hit(
    state: State, by_mail: Project, mailbox: Mailbox, clock
) -> None:
    hit = {"datasets": [{"name": "revenue"}], "exposures": [{"name": "board", "owner": "Cy"}], "consumers": ["crm"]}
    open_one(state, by_mail, hit=hit, probably={"what": "release 4", "why": "it was new", "do": "roll back"})
    (sent,) = Post(state, by_mail, clock).send_due()
    assert str(sent) == "alerted mail: [prod] new: orders: 3 rows have no id"
    (mail,) = mailbox.mails
    assert mail["Subject"] == "[prod] new: orders: 3 rows have no id"
    assert mail["To"] == "ana@example.org, bo@example.org"
    text, html = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))
    for word in ("2026-03-02 12:00:00 UTC", "see it now", "revenue", "board (Cy)", "crm", "release 4: it was new",
                 "roll back", "https://p.example/incidents/1", "ana"):  # fmt: skip
        assert word in text and word in html
    assert statuses(state) == ["sent"]


def test_what_people_wrote_is_escaped_in_html_and_stays_one_line(
    state: State, by_mail: Project, mailbox: Mailbox, clock
) -> None:
    title = '<script>alert(1)</script>\r\nBcc: all@example.org & "more"'
    open_one(state, by_mail, title=title, owner="<b>ana</b>")
    Post(state, by_mail, clock).send_due()
    (mail,) = mailbox.mails
    html = mail.get_body(("html",)).get_content()
    assert "<script" not in html and "<b>" not in html and "&lt;script&gt;" in html
    assert mail["Bcc"] is None and "\n" not in mail["Subject"]


def test_mail_goes_through_starttls_with_a_login(state: State, project_of, tmp_path: Path, clock: Clock) -> None:
    papers = make_papers(tmp_path)
    with mail_server(papers, password="pa55") as box:
        smtp = Smtp("127.0.0.1", box.port, "starttls", "ana", "pa55", ca_file=str(papers / "mail.pem"))
        project = project_of(Channel("mail", "email", ("ana@example.org",)), smtp=smtp)
        open_one(state, project)
        assert [each.status for each in Post(state, project, clock).send_due()] == ["sent"]
        assert (box.logins, box.encrypted) == (["ana"], [True])


def test_mail_does_not_go_to_whom_nobody_vouches_for(state: State, project_of, tmp_path: Path, clock: Clock) -> None:
    papers = make_papers(tmp_path)
    with mail_server(papers) as box:
        project = project_of(Channel("mail", "email", ("a@b.c",)), smtp=Smtp("127.0.0.1", box.port, "starttls"))
        open_one(state, project)
        assert [each.status for each in Post(state, project, clock).send_due()] == ["waiting"]
        assert not box.mails


def test_a_wrong_password_is_told_without_it(state: State, project_of, tmp_path: Path, clock: Clock) -> None:
    with mail_server(password="pa55") as box:
        smtp = Smtp("127.0.0.1", box.port, user="ana", password="wr0ng")
        project = project_of(Channel("mail", "email", ("a@b.c",)), smtp=smtp)
        open_one(state, project)
        (said,) = Post(state, project, clock).send_due()
        assert str(said) == "could not alert mail: the mail server answered 535; it is tried again"


def test_a_webhook_gets_stable_keys_and_a_signature(state: State, by_hook: Project, hook: Hook, clock: Clock) -> None:
    open_one(state, by_hook)
    Post(state, by_hook, clock).send_due()
    ((headers, body),) = hook.posts
    signed = hmac.new(b"the key", headers["X-Dryland-Timestamp"].encode() + b"." + body, hashlib.sha256).hexdigest()
    assert headers["X-Dryland-Signature"] == f"sha256={signed}"
    told = json.loads(body)
    assert told.keys() == {"version", "event", "subject", "text", "items"}
    assert told["items"][0]["incident"].keys() == {
        "id", "environment", "project", "title", "status", "severity", "owner", "dataset", "about", "are_readers_hit",
        "were_readers_hit", "problems", "hit", "probably", "arrived_at", "seen_at", "safe_at", "opened_at",
        "resolved_at", "detect_s", "resolve_s", "hit_s", "url",
    }  # fmt: skip


def test_a_webhook_that_fails_is_tried_again_later_each_time_until_it_recovers(
    state: State, by_hook: Project, hook: Hook, clock: Clock
) -> None:
    hook.answers = [500, 503]
    open_one(state, by_hook)
    post = Post(state, by_hook, clock)
    (said,) = post.send_due()
    assert str(said) == "could not alert hook: it answered 500; it is tried again"
    assert post.send_due() == (), "not before it is due"
    clock.goes_on(seconds=31)
    assert [each.status for each in post.send_due()] == ["waiting"]
    clock.goes_on(seconds=31)
    assert post.send_due() == (), "it waits longer each time"
    clock.goes_on(seconds=31)
    assert [each.status for each in post.send_due()] == ["sent"]
    (delivery,) = state.deliveries()
    assert (delivery.status, delivery.attempts, delivery.error) == ("sent", 3, "")
    assert len({headers["X-Dryland-Delivery"] for headers, _ in hook.posts}) == 1


def test_one_that_never_answers_is_given_up_in_the_end(state: State, project_of, clock: Clock) -> None:
    project = project_of(Channel("hook", "webhook", ("http://127.0.0.1:9/s3cret",)))
    open_one(state, project)
    for _ in range(12):
        Post(state, project, clock).send_due()
        clock.goes_on(hours=2)
    (delivery,) = state.deliveries()
    assert (delivery.status, delivery.attempts) == ("failed", 10)
    assert delivery.error == "Connection refused; given up after 10 attempts"


def test_one_that_does_not_want_it_is_not_asked_again(state: State, by_hook: Project, hook: Hook, clock: Clock) -> None:
    hook.answers = [404]
    open_one(state, by_hook)
    (said,) = Post(state, by_hook, clock).send_due()
    assert str(said) == "could not alert hook: it answered 404"
    assert statuses(state) == ["failed"]


def test_what_is_posted_is_not_led_elsewhere(state: State, by_hook: Project, hook: Hook, clock: Clock) -> None:
    hook.answers, hook.location = [302], f"http://127.0.0.1:{hook.port}/elsewhere"
    open_one(state, by_hook)
    assert [each.status for each in Post(state, by_hook, clock).send_due()] == ["failed"]
    assert len(hook.posts) == 1


def test_a_slow_one_is_waited_for_only_so_long(
    state: State, by_hook: Project, hook: Hook, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dryland.watch.channels.webhook.TIMEOUT_S", 0.2)
    hook.delay_s = 1.0
    open_one(state, by_hook)
    (said,) = Post(state, by_hook, clock).send_due()
    assert (said.status == "waiting" and "TimeoutError" in said.error) or "timed out" in said.error


def test_a_channel_that_fails_keeps_none_of_the_others_from_theirs(
    state: State, project_of, hook: Hook, clock: Clock, tmp_path: Path
) -> None:
    broken = Channel("broken", "webhook", ("http://127.0.0.1:9/",))
    project = project_of(
        broken, Channel("journal", "file", ("out/alerts.jsonl",)), Channel("hook", "webhook", (hook.url,))
    )
    open_one(state, project)
    assert [each.status for each in Post(state, project, clock).send_due()] == ["waiting", "sent", "sent"]
    assert json.loads((tmp_path / "out/alerts.jsonl").read_text())["event"] == "opened"


def test_a_sender_that_ends_in_between_loses_nothing_and_sends_at_most_twice(
    state: State, by_hook: Project, hook: Hook, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was posted, and whoever posted it was killed before that was written down."""
    open_one(state, by_hook)

    class KilledError(BaseException):
        pass

    def killed(*_: object, **__: object) -> None:
        raise KilledError

    for _ in range(4):
        with monkeypatch.context() as patch:
            patch.setattr(State, "end_deliveries", killed)
            with suppress(KilledError):
                Post(state, by_hook, clock).send_due()
        assert Post(state, by_hook, clock).send_due() == (), "it is somebody's, as far as anybody knows"
        clock.goes_on(seconds=TAKEN_S + 1)
    assert len(hook.posts) == 2
    Post(state, by_hook, clock).send_due()
    (delivery,) = state.deliveries()
    assert delivery.status == "failed" and "it may have gone out" in delivery.error


def test_a_sender_killed_before_it_sent_is_made_up_for(
    state: State, by_hook: Project, hook: Hook, clock: Clock
) -> None:
    open_one(state, by_hook)
    assert len(state.take_due(clock())) == 1  # and is never heard of again
    assert Post(state, by_hook, clock).send_due() == ()
    clock.goes_on(seconds=TAKEN_S + 1)
    assert [each.status for each in Post(state, by_hook, clock).send_due()] == ["sent"]
    assert len(hook.posts) == 1


def test_several_that_are_due_go_together(state: State, project_of, hook: Hook, clock: Clock) -> None:
    channel = Channel("hook", "webhook", (hook.url,))
    project = project_of(channel, routes=(Route("r", ("hook",), digest_s=3600),))
    for name in ("orders", "customers", "visits"):
        open_one(state, project, NOON + timedelta(minutes=1), title=f"{name} are bad")
    clock.goes_on(minutes=30)
    assert Post(state, project, clock).send_due() == ()
    clock.goes_on(minutes=30)
    assert [len(each.deliveries) for each in Post(state, project, clock).send_due()] == [3]
    ((_, body),) = hook.posts
    told = json.loads(body)
    assert told["event"] == "digest" and len(told["items"]) == 3 and "3 messages" in told["subject"]


def test_reminders_come_until_somebody_looks_after_it(state: State, project_of, hook: Hook, clock: Clock) -> None:
    channel = Channel("hook", "webhook", (hook.url,))
    project = project_of(channel, routes=(Route("r", ("hook",), remind_s=3600),))
    made = open_one(state, project)
    post = Post(state, project, clock)
    post.send_due()
    for _ in range(2):
        clock.goes_on(hours=1)
        post.send_due()
    assert [json.loads(body)["event"] for _, body in hook.posts] == ["opened", "reminder", "reminder"]
    put_changes(state, (acted(made, "acknowledged", clock(), "ana"),))
    clock.goes_on(hours=1)
    assert post.send_due() == ()
    assert statuses(state)[-1] == "dropped"


def test_a_channel_that_left_the_settings_is_told(state: State, by_hook: Project, project_of, clock: Clock) -> None:
    open_one(state, by_hook)
    (said,) = Post(state, project_of(), clock).send_due()
    assert said.status == "failed" and "no channel of that name" in said.error


@pytest.mark.filterwarnings("ignore")  # its own
def test_apprise_carries_a_message(state: State, project_of, hook: Hook, clock: Clock) -> None:
    pytest.importorskip("apprise", reason="the extra `alerts` is not installed")
    project = project_of(Channel("chat", "apprise", (f"json://127.0.0.1:{hook.port}/x",)))
    open_one(state, project)
    assert [each.status for each in Post(state, project, clock).send_due()] == ["sent"]
    ((_, body),) = hook.posts
    assert json.loads(body)["title"] == "[prod] new: orders: 3 rows have no id"


@pytest.mark.filterwarnings("ignore")
def test_an_address_that_apprise_does_not_know_is_told_without_it(state: State, project_of, clock: Clock) -> None:
    pytest.importorskip("apprise", reason="the extra `alerts` is not installed")
    project = project_of(Channel("chat", "apprise", ("nonsense://s3cret",)))
    open_one(state, project)
    (said,) = Post(state, project, clock).send_due()
    assert said.error == "apprise does not know this kind of address"
