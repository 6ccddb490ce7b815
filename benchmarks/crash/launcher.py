"""Starts verbs of Dryland as processes that can be killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

LIMIT_S = 120.0  # no verb of so small a project may take longer, whatever happened to it


@dataclass
class Verb:
    """A verb that runs, or ran."""

    pid: int
    began: float
    said: Path
    _ended: threading.Event = field(default_factory=threading.Event)
    code: int | None = None
    duration_s: float = 0.0

    @property
    def is_running(self) -> bool:
        """Whether it is still there."""
        return not self._ended.is_set()

    def signal(self, number: int) -> bool:
        """Send it a signal; whether it was there to hear it."""
        if not self.is_running:
            return False
        with suppress(ProcessLookupError):
            os.kill(self.pid, number)
            return True
        return False

    def pause(self, seconds: float) -> None:
        """Wait so long, or until it has ended."""
        self._ended.wait(max(seconds, 0.0))

    def end(self) -> int:
        """Wait for its end; the code of it, negative for a signal.

        Raises:
            AssertionError: it hangs; it was killed for that.
        """
        if not self._ended.wait(LIMIT_S):
            self.signal(signal.SIGKILL)
            self._ended.wait()
            raise AssertionError(f"hung for {LIMIT_S:.0f} s: {self.text}")
        assert self.code is not None
        return self.code

    @property
    def text(self) -> str:
        """What it said."""
        return self.said.read_text(errors="replace")[-3000:]

    def note_end(self, code: int) -> None:
        """Note that it has ended."""
        self.code, self.duration_s = code, time.monotonic() - self.began
        self._ended.set()


class Launcher:
    """Starts verbs in a folder, one at a time."""

    def __init__(self, folder: Path, beside: Path) -> None:
        self._folder, self._beside = folder, beside
        path = os.pathsep.join(filter(None, (str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH"))))
        self._process = subprocess.Popen(
            [sys.executable, "-m", "crash.zygote"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env={**os.environ, "PYTHONPATH": path, "NO_COLOR": "1", "DRYLAND_DEBUG": "1"}, start_new_session=True,
        )  # fmt: skip
        self._hear("ready")

    def close(self) -> None:
        """Start no more."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()

    def start(self, *arguments: str, environment: dict[str, str], die_at: int | None = None,
              file_bytes_max: int | None = None) -> Verb:  # fmt: skip
        """Start a verb; `die_at` is the point at which it kills itself."""
        said = self._beside / "said.txt"
        self._ask({
            "arguments": arguments, "folder": str(self._folder), "environment": environment, "said": str(said),
            "points": str(self._points), "die_at": die_at, "file_bytes_max": file_bytes_max,
        })  # fmt: skip
        verb = Verb(self._hear("pid"), time.monotonic(), said)
        threading.Thread(target=lambda: verb.note_end(self._hear("code")), daemon=True).start()
        return verb

    @property
    def points(self) -> int:
        """How many points the last verb that came to its end has passed."""
        return int(self._points.read_text())

    @property
    def _points(self) -> Path:
        return self._beside / "points.txt"

    def _ask(self, request: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()

    def _hear(self, word: str) -> int:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the process that starts verbs is gone"
        return int(json.loads(line)[word])
