"""Says which process this is, and whether another of this machine has ended: its lease need not be waited for."""

from __future__ import annotations

import getpass
import os
import socket
import sys
from functools import cache
from hashlib import blake2b
from pathlib import Path

BOOT = Path("/proc/sys/kernel/random/boot_id")
BORN = 19  # the field of /proc/PID/stat that says when it began, after its name


@cache
def who() -> str:
    """`user@host`, for people."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        user = str(os.getuid()) if hasattr(os, "getuid") else "somebody"
    return f"{user}@{socket.gethostname()}"


def this_process() -> str:
    """Where its number means something, its number, and when it began: numbers are given again."""
    pid = os.getpid()
    return f"{_home()}:{pid}:{_born(pid)}"


def is_gone(process: str) -> bool:
    """Whether a process is known to have ended; of another machine nobody knows."""
    home, pid, born = process.split(":")
    if home != _home() or sys.platform == "win32":  # a signal of 0 would end it there
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass
    return _born(int(pid)) != born or _is_over(int(pid))


@cache
def _home() -> str:
    """One machine since it was started, and one list of processes on it: containers have lists of their own."""
    try:
        known = [BOOT.read_text(), str(Path("/proc/self/ns/pid").readlink())]
    except OSError:
        known = [socket.gethostname(), sys.platform]
    return blake2b("\n".join(known).encode(), digest_size=8).hexdigest()


def _born(pid: int) -> str:
    fields = _fields(pid)
    return fields[BORN] if fields else ""


def _is_over(pid: int) -> bool:
    """Whether it is only waiting for its parent to take note."""
    fields = _fields(pid)
    return bool(fields) and fields[0] in "ZX"


def _fields(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
