"""Readers of PostgreSQL never meet a release in the making: the benchmark that shows it, for some seconds."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "publication.py"

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def test_no_reader_meets_an_error_or_a_mixture_while_releases_come_and_go(tmp_path: Path) -> None:
    words = ["--seconds", "8", "--models", "20", "--rows", "300", "--readers", "3", "--without-dbt", "--write"]
    done = subprocess.run(
        [sys.executable, str(BENCHMARK), *words, "--results", str(tmp_path)],
        capture_output=True, text=True, check=False, timeout=290,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    (ours,) = json.loads((tmp_path / "publication.json").read_text())
    assert (ours["errors"], ours["mixtures"]) == (0, 0)
    assert ours["releases"] >= 1 and ours["queries"] > 100 and ours["cursors"] == 1
    assert ours["slowest_ms"] < 5_000
