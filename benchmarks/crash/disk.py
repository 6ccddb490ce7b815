"""Makes a disk that is small, and fills it: a tmpfs where we may mount one."""

from __future__ import annotations

import os
import subprocess
from contextlib import suppress
from pathlib import Path

SIZE_MB = 192
TRIES = 10
BALLAST = "ballast"


class Disk:
    """A folder whose room can be taken away; `is_small` says whether it is a disk of its own."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self.folder = folder
        self.is_small = os.geteuid() == 0 and self._mounted()

    def fill(self, left_bytes: int) -> None:
        """Leave so much room."""
        with (self.folder / BALLAST).open("wb") as file:
            for wanted in range(TRIES, 0, -1):
                disk = os.statvfs(self.folder)
                try:
                    os.posix_fallocate(file.fileno(), 0, max(disk.f_bavail * disk.f_frsize - left_bytes, 1))
                    return
                except OSError:  # others took of it between the look and the filling
                    if wanted == 1:
                        raise

    def clear(self) -> None:
        """Give the room back."""
        with suppress(FileNotFoundError):
            (self.folder / BALLAST).unlink()

    def close(self) -> None:
        """Take the disk away."""
        if self.is_small:
            subprocess.run(["umount", "-l", self.folder], check=True)

    def _mounted(self) -> bool:
        mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE_MB}m,mode=755", "crash", str(self.folder)]
        with suppress(FileNotFoundError):
            return subprocess.run(mount, check=False, capture_output=True).returncode == 0
        return False
