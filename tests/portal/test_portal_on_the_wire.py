"""The portal as others reach it: over TLS, behind a proxy, and with those who never come to an end."""

from __future__ import annotations

import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from pathlib import Path
from urllib.parse import urlencode

import pytest
from portal_team import COOKIE, FORM, NAME, PASSWORD, Team, serving

from dryland.errors import UsageError
from dryland.portal.door import patience
from dryland.portal.door.patience import HEAD_MAX
from dryland.portal.door.reach import Reach
from dryland.portal.door.tokens import FIELD
from dryland.portal.serve import serve

pytestmark = pytest.mark.medium

PLAIN = Reach(names=(NAME,), allows_plain_http=True)


@contextmanager
def sent(port: int, data: bytes) -> Iterator[socket.socket]:
    """A connection on which this was sent."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(data)
        yield connection


def answered(port: int, data: bytes) -> bytes:
    """All that comes back until the other side hangs up."""
    with sent(port, data) as connection:
        found = b""
        while piece := connection.recv(65536):
            found += piece
        return found


def asked(port: int, path: str = "/sign-in", **headers: str) -> HTTPResponse:
    with closing(HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        connection.request("GET", path, headers={"Host": NAME, **{n.replace("_", "-"): v for n, v in headers.items()}})
        answer = connection.getresponse()
        answer.text = answer.read().decode()  # type: ignore[attr-defined]
        return answer


# --- those who never come to an end -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "begun",
    [b"", b"\r\n", b"GET / HTTP/1.1\r\n", b"GET / HTTP/1.1\r\nHost: x\r\nX: ",
     b"POST /sign-in HTTP/1.1\r\nHost: portal.example.org\r\nContent-Length: 100\r\n\r\ntoken="],
)  # fmt: skip
def test_who_never_ends_his_request_is_hung_up_on(team: Team, monkeypatch: pytest.MonkeyPatch, begun: bytes) -> None:
    monkeypatch.setattr(patience, "REQUEST_S", 0.3)
    with serving(team, PLAIN) as port:
        began = time.monotonic()
        answered(port, begun)
        assert 0.2 < time.monotonic() - began < 5
        assert asked(port).status == 200


def test_a_drop_now_and_then_does_not_help(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also after a request that was one."""
    monkeypatch.setattr(patience, "REQUEST_S", 0.5)
    good = f"GET /sign-in HTTP/1.1\r\nHost: {NAME}\r\n\r\n".encode()
    with serving(team, PLAIN) as port, sent(port, good) as connection:
        assert connection.recv(100).startswith(b"HTTP/1.1 200")
        began = time.monotonic()
        with pytest.raises(OSError):
            while time.monotonic() - began < 8:
                connection.sendall(b"G" if time.monotonic() - began < 0.1 else b"E")
                time.sleep(0.1)
        assert time.monotonic() - began < 5


@pytest.mark.slow
def test_people_who_read_a_page_are_not_hung_up_on(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "REQUEST_S", 0.3)
    with serving(team, PLAIN) as port, closing(HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        for _ in range(2):
            connection.request("GET", "/sign-in", headers={"Host": NAME})
            answer = connection.getresponse()
            assert answer.status == 200 and answer.read()
            time.sleep(0.6)


def test_answers_do_not_wait_for_each_other(team: Team) -> None:
    """Kernels hold small packets back for 40 ms, unless somebody says that they should not."""
    with serving(team, PLAIN) as port, closing(HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        took = []
        for _ in range(15):
            began = time.perf_counter()
            connection.request("GET", "/favicon.ico", headers={"Host": NAME})
            connection.getresponse().read()
            took.append(time.perf_counter() - began)
    assert min(took[1:]) < 0.03


def test_headers_without_end_are_not_kept(team: Team) -> None:
    line = b"X-Filler: " + b"x" * 1000 + b"\r\n"
    with serving(team, PLAIN) as port:
        with sent(port, b"GET / HTTP/1.1\r\n") as connection, pytest.raises(OSError):
            for _ in range(100 * HEAD_MAX // len(line)):
                connection.sendall(line)
                time.sleep(0.001)
        assert asked(port).status == 200


@pytest.mark.parametrize(
    "request_",
    ["GET / HTTP/1.1\r\nHost: {name}\r\nHost: evil.org\r\nConnection: close\r\n\r\n",
     "GET / HTTP/1.1\r\nConnection: close\r\n\r\n",
     "GET http://evil.org/ HTTP/1.1\r\nHost: evil.org\r\nConnection: close\r\n\r\n",
     "POST /sign-in HTTP/1.1\r\nHost: {name}\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\nConnection: close"
     "\r\n\r\n0\r\n\r\nGET /me HTTP/1.1\r\nHost: {name}\r\n\r\n",
     "POST /sign-in HTTP/1.1\r\nHost: {name}\r\nContent-Length: 0\r\nContent-Length: 5\r\nConnection: close\r\n\r\nx",
     "GET / HTTP/1.1\r\nHost: {name}\r\nUpgrade: websocket\r\nConnection: upgrade, close\r\n"
     "Sec-WebSocket-Key: x\r\nSec-WebSocket-Version: 13\r\n\r\n",
     "GET /\x00 HTTP/1.1\r\nHost: {name}\r\n\r\n", "\x16\x03\x01\x02\x00\x01\r\n\r\n"],
)  # fmt: skip
def test_requests_that_can_be_read_in_two_ways_are_read_in_none(team: Team, request_: str) -> None:
    with serving(team, PLAIN) as port:
        found = answered(port, request_.format(name=NAME).encode("latin-1"))
        status = found.split(b" ", 2)[1]
        assert status in (b"400", b"403", b"421", b"303")
        assert b"shop" not in found and b"101 " not in found[:20]
        assert status != b"303" or b"location: /sign-in" in found


# --- TLS ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate that vouches for itself."""
    folder = tmp_path_factory.mktemp("papers")
    words = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={NAME}", "-addext",
             f"subjectAltName=DNS:{NAME}", "-keyout", "key.pem", "-out", "cert.pem"]  # fmt: skip
    subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)
    return folder


def test_people_sign_in_over_tls(team: Team, papers: Path) -> None:
    reach = Reach("0.0.0.0", None, (NAME,), papers / "cert.pem", papers / "key.pem")
    trusted = ssl.create_default_context(cafile=str(papers / "cert.pem"))
    trusted.check_hostname = False  # it is reached by its number here
    with serving(team, reach) as port, closing(HTTPSConnection("127.0.0.1", port, context=trusted, timeout=10)) as door:
        door.request("GET", "/sign-in", headers={"Host": NAME})
        answer = door.getresponse()
        form = FORM.search(answer.read().decode())
        visitor = answer.headers["set-cookie"].partition(";")[0]
        assert form and visitor.startswith("__Host-")
        assert answer.headers["strict-transport-security"]
        body = urlencode({FIELD: form.group(1), "name": "ana", "password": PASSWORD})
        kind = "application/x-www-form-urlencoded"
        door.request("POST", "/sign-in", body, {"Host": NAME, "Cookie": visitor, "Content-Type": kind})
        answer = door.getresponse()
        assert answer.status == 303 and answer.headers["set-cookie"].startswith(COOKIE)
        answer.read()
        assert b"shop" not in answered(port, f"GET / HTTP/1.1\r\nHost: {NAME}\r\n\r\n".encode()), "nothing in plain"


@pytest.mark.parametrize("key", ["none", "cert", "other"])
def test_a_certificate_that_is_none_is_said_before_anybody_comes(team: Team, papers: Path, key: str) -> None:
    other = papers / "other.pem"
    other.write_text("not a key")
    files = {"none": None, "cert": papers / "cert.pem", "other": other}
    reach = Reach("127.0.0.1", 0, (NAME,), papers / "cert.pem", files[key])
    with pytest.raises(UsageError, match="cannot be used as a certificate"):
        serve(team.desk, reach, lambda _: None)


# --- behind a proxy -----------------------------------------------------------------------------------------------


def test_a_proxy_that_was_named_says_who_asks_and_how(team: Team) -> None:
    with serving(team, Reach(names=(NAME,), proxies=("127.0.0.0/8",))) as port:
        answer = asked(port, X_Forwarded_Proto="https", X_Forwarded_For="198.51.100.7")
        assert answer.status == 200 and answer.headers["set-cookie"].startswith("__Host-")
        for proto in ({}, {"X_Forwarded_Proto": "http"}, {"X_Forwarded_Proto": "https, http"}):
            assert asked(port, X_Forwarded_For="198.51.100.7", **proto).status == 403, "not the whole way is https"


def test_what_a_stranger_says_before_the_proxy_does_not_count(team: Team) -> None:
    """The proxy adds whom it sees at the end; what stood before is anybody's word."""
    reach = Reach(names=(NAME,), proxies=("127.0.0.1",))
    with serving(team, reach) as port, closing(HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        said = {"Host": NAME, "X-Forwarded-Proto": "https", "X-Forwarded-For": "127.0.0.1, <b>, 203.0.113.50"}
        connection.request("GET", "/sign-in", headers=said)
        answer = connection.getresponse()
        form = FORM.search(answer.read().decode())
        assert form
        cookie = answer.headers["set-cookie"].partition(";")[0]
        body = urlencode({FIELD: form.group(1), "name": "ana", "password": "wrong"})
        kind = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
        connection.request("POST", "/sign-in", body, {**said, **kind})
        assert connection.getresponse().status == 401
    assert team.log(action="sign in", limit=1)[0].address == "203.0.113.50"


def test_nobody_else_is_a_proxy(team: Team) -> None:
    with serving(team, Reach(names=(NAME,), proxies=("10.9.9.9",))) as port:
        assert asked(port, X_Forwarded_Proto="https", X_Forwarded_For="127.0.0.1").status == 403


# --- who is reached at all ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reach", "says"),
    [
        (Reach("0.0.0.0"), "plain http"),
        (Reach("0.0.0.0", allows_plain_http=True), "by which name"),
        (Reach("192.0.2.1"), "plain http"),
        (Reach(names=(NAME,)), "plain http"),
        (Reach(proxies=("10.0.0.1",)), "by which name"),
        (Reach(names=(NAME,), proxies=("*",)), "no address of a proxy"),
        (Reach(names=("https://portal.example.org",), allows_plain_http=True), "no name of a machine"),
        (Reach(key=Path("k.pem")), "no --certificate"),
        (Reach(certificate=Path("/nowhere.pem")), "no file"),
        (Reach("0.0.0.0", None, (NAME,), allows_plain_http=True), "nobody could sign in"),
        (Reach(wants_sign_in=True), "nobody could sign in"),
    ],
)
def test_it_is_not_served_where_that_would_be_careless(reach: Reach, says: str) -> None:
    with pytest.raises(UsageError, match=says) as error:
        reach.verify(can_sign_in=False)
    assert error.value.hint or "certificate" in says or "no file" in says


def test_at_the_machine_alone_nobody_has_to_sign_in() -> None:
    for host in ("127.0.0.1", "localhost", "::1"):
        reach = Reach(host)
        reach.verify(can_sign_in=False)
        assert not reach.signs_in
