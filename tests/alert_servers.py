"""Takes mail and posts on 127.0.0.1, as servers do that work, fail, are slow, want a password, or recover."""

from __future__ import annotations

import base64
import email
import email.policy
import socketserver
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


@dataclass
class Mailbox:
    """What a mail server has taken, and how it behaves."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    refuses: str = ""  # what it answers to a mail instead of taking it


@contextmanager
def mail_server(papers: Path | None = None, password: str = "") -> Iterator[Mailbox]:
    """A mail server; with STARTTLS when there are papers, with a login when there is a password."""
    box = Mailbox()

    class Handler(socketserver.StreamRequestHandler):
        timeout = 20

        def say(self, line: str) -> None:
            self.wfile.write(line.encode() + b"\r\n")
            self.wfile.flush()

        def finish(self) -> None:
            super().finish()
            self.request.close()  # a connection that went over to TLS is another than the one that came

        def handle(self) -> None:
            with suppress(OSError):  # who called may hang up, above all on whom nobody vouches for
                self.talk()

        def talk(self) -> None:
            is_encrypted = False
            self.say("220 here")
            while line := self.rfile.readline().decode(errors="replace").strip():
                word, _, rest = line.partition(" ")
                match word.upper():
                    case "EHLO" | "HELO":
                        offers = ["STARTTLS"] if papers and not is_encrypted else []
                        offers += ["AUTH PLAIN"] if password else []
                        for each in ["here", *offers][:-1]:
                            self.say(f"250-{each}")
                        self.say(f"250 {['here', *offers][-1]}")
                    case "STARTTLS":
                        assert papers
                        self.say("220 go on")
                        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                        context.load_cert_chain(papers / "mail.pem", papers / "mail.key")
                        self.request = context.wrap_socket(
                            self.request, server_side=True, do_handshake_on_connect=False
                        )
                        self.request.do_handshake()
                        self.rfile, self.wfile = self.request.makefile("rb"), self.request.makefile("wb")
                        is_encrypted = True
                    case "AUTH":
                        _, user, said = base64.b64decode(rest.split()[1]).decode().split("\0")
                        box.logins.append(user)
                        self.say("235 welcome" if said == password else "535 no")
                    case "DATA":
                        if box.refuses:
                            self.say(box.refuses)
                            continue
                        self.say("354 go on")
                        lines = []
                        while (part := self.rfile.readline()) != b".\r\n":
                            lines.append(part.removeprefix(b".") if part.startswith(b"..") else part)
                        mail = email.message_from_bytes(b"".join(lines), policy=email.policy.default)
                        assert isinstance(mail, EmailMessage)
                        box.mails.append(mail)
                        box.encrypted.append(is_encrypted)
                        self.say("250 taken")
                    case "QUIT":
                        self.say("221 bye")
                        return
                    case _:
                        self.say("250 yes")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        box.port = server.server_address[1]
        with _served(server):
            yield box


@dataclass
class Hook:
    """What was posted to a web server, and how it behaves."""

    port: int = 0
    posts: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)  # the next ones; 200 afterwards
    delay_s: float = 0.0
    location: str = ""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?token=s3cret-in-the-address"


@contextmanager
def hook_server() -> Iterator[Hook]:
    """A web server to which one posts."""
    hook = Hook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            hook.posts.append((dict(self.headers), body))
            time.sleep(hook.delay_s)
            try:
                self.send_response(hook.answers.pop(0) if hook.answers else 200)
                if hook.location:
                    self.send_header("Location", hook.location)
                self.end_headers()
            except OSError:
                pass  # who posted waits no longer

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    with server:
        hook.port = server.server_address[1]
        with _served(server):
            yield hook


@contextmanager
def _served(server: socketserver.BaseServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()


def make_papers(folder: Path) -> Path:
    """A certificate for 127.0.0.1 that signs itself, `mail.pem`, with its key."""
    words = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]
    words += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(folder / "mail.key")]
    subprocess.run([*words, "-out", str(folder / "mail.pem")], check=True, capture_output=True)
    return folder
