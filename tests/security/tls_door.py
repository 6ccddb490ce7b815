"""Lets clients in to a server's socket through TLS on 127.0.0.1: the server that PyPI has was built without TLS.

What clients see is PostgreSQL's own way into TLS: they ask, are told yes, shake hands and go on in the same
connection. Who does not ask is turned away.
"""

from __future__ import annotations

import select
import socket
import ssl
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

NAME = "db.example.org"  # what the certificate says; the door is reached as 127.0.0.1
ASKS_FOR_TLS = 80877103  # PostgreSQL's number for it
ASKS_FOR_GSS = 80877104


@contextmanager
def tls_door(papers: Path, behind: str) -> Iterator[int]:
    """A port of 127.0.0.1 that leads to the socket at `behind`; certificates are made in `papers`.

    The door is a process of its own: libpq asks for some things without letting other threads of Python go on.
    """
    make_certificates(papers)
    words = [sys.executable, __file__, str(papers), behind]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as door:
        assert door.stdout is not None
        try:
            yield int(door.stdout.readline())
        finally:
            door.kill()


def stand_open(papers: Path, behind: str) -> None:
    """Let in whoever comes, until somebody ends this process; the port is told first."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(papers / "server.pem", papers / "server.key")
    with socket.create_server(("127.0.0.1", 0)) as door:
        print(door.getsockname()[1], flush=True)
        while True:
            client, _ = door.accept()
            threading.Thread(target=_serve, args=(client, context, behind), daemon=True).start()


def _serve(client: socket.socket, context: ssl.SSLContext, behind: str) -> None:
    with suppress(OSError), client:
        while (asked := struct.unpack("!ii", _exactly(client, 8))[1]) == ASKS_FOR_GSS:
            client.sendall(b"N")
        if asked != ASKS_FOR_TLS:
            return
        client.sendall(b"S")
        with context.wrap_socket(client, server_side=True) as inside, socket.socket(socket.AF_UNIX) as server:
            server.connect(behind)
            _carry(inside, server)


def _carry(inside: ssl.SSLSocket, server: socket.socket) -> None:
    """Pass on what comes until one of them has ended; in one thread, since TLS can be used by one at a time."""
    while True:
        ready = [inside] if inside.pending() else select.select([inside, server], [], [])[0]
        for source in ready:
            data = source.recv(65536)
            if not data:
                return
            (server if source is inside else inside).sendall(data)


def _exactly(client: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        more = client.recv(size - len(data))
        if not more:
            raise ConnectionResetError
        data += more
    return data


def make_certificates(papers: Path) -> None:
    """An authority, a certificate of it for NAME, and another authority."""

    def openssl(*words: str) -> None:
        subprocess.run(["openssl", *words], cwd=papers, check=True, capture_output=True)

    for who in ("ca", "stranger"):
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={who}",
                "-keyout", f"{who}.key", "-out", f"{who}.pem")  # fmt: skip
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={NAME}", "-keyout", "server.key", "-out", "asked")
    (papers / "names").write_text(f"subjectAltName=DNS:{NAME}")
    openssl("x509", "-req", "-in", "asked", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
            "-extfile", "names", "-out", "server.pem")  # fmt: skip


if __name__ == "__main__":
    stand_open(Path(sys.argv[1]), sys.argv[2])
