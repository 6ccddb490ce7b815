"""The page about profiles names every key that there is, and dbt-duckdb knows no other."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest
from doc_page import read_page

from dryland.engines.duckdb_plugins import BUILT_IN
from dryland.engines.profile_keys import INSIDE, SETTINGS
from real_dbt import DBT

ROOT = Path(__file__).parents[2]
ASKED = """
import dataclasses
from dbt.adapters.duckdb import credentials as c, plugins
def keys(kind):
    return {each.name for each in dataclasses.fields(kind)}
print({
    "": keys(c.DuckDBCredentials),
    "attach": keys(c.Attachment), "extensions": keys(c.Extension),
    "plugins": keys(c.PluginConfig), "retries": keys(c.Retries),
    "built in": plugins.BasePlugin._BUILTIN,
})
"""


def test_the_page_names_every_setting() -> None:
    page = read_page(ROOT / "docs" / "profiles.md")
    first = [line.split(" | ")[0] for line in page.text.splitlines() if line.startswith("| `")]
    assert {key for cell in first for key in re.findall(r"`([^`]+)`", cell)} == SETTINGS["duckdb"]


@pytest.mark.parametrize("setting", ["attach", "retries"])
def test_the_page_names_what_stands_inside(setting: str) -> None:
    told = re.findall(r"`([^`\n]+)`", read_page(ROOT / "docs" / "profiles.md").prose)
    assert INSIDE["duckdb"][setting] <= set(told)


@pytest.mark.dbt
@pytest.mark.slow
@pytest.mark.skipif(not DBT.exists(), reason=f"dbt is not installed: {DBT} is missing")
def test_what_dbt_knows_is_known() -> None:
    done = subprocess.run(
        [str(DBT.with_name("python")), "-c", ASKED], capture_output=True, text=True, check=True, timeout=120
    )
    known = ast.literal_eval(done.stdout.splitlines()[-1])
    assert known.pop("") | {"type", "threads"} == SETTINGS["duckdb"]
    assert known.pop("built in") - {"pd"} == BUILT_IN
    assert known == INSIDE["duckdb"]
