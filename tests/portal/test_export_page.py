"""What docs/export.md has programs do works as it stands there."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet
import pytest
from portal_shop import copied, served

pytestmark = pytest.mark.slow
PAGE = (Path(__file__).parents[2] / "docs" / "export.md").read_text()
HERE = "http://127.0.0.1:8765"
NAMES = {"/customers/": "/customer_orders/", "columns=customer,revenue": "columns=name,revenue"}


def blocks(language: str, address: str) -> list[str]:
    """The page's examples, on the datasets of the shop of these tests."""
    found = re.findall(rf"```{language}[^\n]*\n(.*?)```", PAGE, re.DOTALL)
    for old, new in {HERE: address, **NAMES}.items():
        found = [text.replace(old, new) for text in found]
    return found


def test_programs_do_what_the_page_says(history_once: Path, tmp_path: Path) -> None:
    with served(copied(history_once, tmp_path / "shop")) as address:
        (frame,) = blocks("python", address)
        said = subprocess.run([sys.executable, "-c", frame], capture_output=True, text=True, check=True).stdout
        assert said == "3 ['customer_id', 'name', 'orders', 'revenue']\n"
        assert shutil.which("curl"), "the page shows curl"
        (shell,) = blocks("bash", address)
        answer = subprocess.run(["sh", "-ec", shell], cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert '"row_count":3' in answer
    (file,) = tmp_path.glob("customer_orders-*.parquet")
    assert pyarrow.parquet.read_table(file).num_rows == 3
