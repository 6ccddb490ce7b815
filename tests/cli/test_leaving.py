"""A process ends quickly, and leaves nothing undone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

DRYLAND = Path(sys.executable).with_name("dryland")
LARGE = """
class Large:
    def __del__(self):
        print("taken apart", flush=True)
large = Large()
"""


def ended(code: str) -> subprocess.CompletedProcess[str]:
    leaving = f"import sys\nfrom dryland.cli.leave import leave\n{LARGE}{code}\nprint('said', end='')\nleave(3)"
    return subprocess.run([sys.executable, "-c", leaving], capture_output=True, text=True, check=False, timeout=20)


def test_nothing_is_taken_apart() -> None:
    process = ended("")
    assert (process.returncode, process.stdout, process.stderr) == (3, "said", "")


@pytest.mark.parametrize("who", ["sys.setprofile(lambda *_: None)", "sys.settrace(lambda *_: None)"])
def test_where_somebody_looks_on_python_ends_as_usual(who: str) -> None:
    process = ended(f"import os\nos._exit = lambda code: print(' left', end='')\n{who}")
    assert (process.returncode, process.stdout) == (3, "said")


def test_threads_and_what_was_left_for_the_end_are_done() -> None:
    process = ended(
        """
import atexit, threading, time
def late():
    time.sleep(0.3)
    print(" by a thread", end="")
threading.Thread(target=late).start()
threading.Thread(target=time.sleep, args=(3600,), daemon=True).start()
atexit.register(lambda: print(" at the end", end=""))
"""
    )
    assert (process.returncode, process.stdout) == (3, "said by a thread at the end")


def test_a_pool_of_threads_that_nobody_shut_down_ends() -> None:
    """As one that somebody's Python model keeps: its threads wait for more to do."""
    process = ended(
        """
import time
from concurrent.futures import ThreadPoolExecutor
pool = ThreadPoolExecutor(2)
pool.submit(time.sleep, 0.01).result()
pool.submit(lambda: (time.sleep(0.3), print(" by a thread", end="")))
"""
    )
    assert (process.returncode, process.stdout) == (3, "said by a thread")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_an_answer_that_cannot_be_written_is_no_success() -> None:
    with Path("/dev/full").open("w") as full:
        process = subprocess.run([DRYLAND, "--version"], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert process.returncode != 0
    assert "No space left" in process.stderr


@pytest.mark.parametrize("to", ["| true", ">&-", ">&- 2>&-"])
def test_who_does_not_listen_misses_it(to: str) -> None:
    shell = ["bash", "-c", f"set -o pipefail; {DRYLAND} --help {to}"]
    process = subprocess.run(shell, capture_output=True, text=True, check=False)
    assert (process.returncode, process.stderr) == (0, "")
