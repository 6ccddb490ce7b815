"""What dbt's users say in environment variables is said to Dryland as well; the command line outweighs them."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.slow  # each releases a project


@pytest.mark.parametrize("prefix", ["DBT_", "DBT_ENGINE_"])
def test_the_project_and_its_profile_are_found(shop, tmp_path, prefix: str) -> None:
    (tmp_path / "elsewhere").mkdir()
    (shop.root / "profiles.yml").rename(tmp_path / "elsewhere/profiles.yml")
    shop.write("below/note.txt", "")
    assert "no profiles.yml" in shop.dryland("ls", code=2).err
    told = shop.dryland("ls", **{f"{prefix}PROFILES_DIR": str(tmp_path / "elsewhere")})
    assert "customer_orders" in told.out
    (tmp_path / "elsewhere/profiles.yml").rename(shop.root / "profiles.yml")
    assert "no dbt_project.yml" in shop.dryland("ls", code=2, **{f"{prefix}PROJECT_DIR": "below"}).err
    assert "customer_orders" in shop.dryland("ls", "-C", ".", **{f"{prefix}PROJECT_DIR": "below"}).out


@pytest.mark.parametrize("prefix", ["DBT_", "DBT_ENGINE_"])
def test_the_target_is_chosen_and_the_command_line_outweighs_it(shop, prefix: str) -> None:
    shop.edit("profiles.yml", "    dev:", "    two: {type: duckdb, path: two.duckdb, schema: other}\n    dev:")
    published = lambda *words, **said: shop.dryland("ls", "--json", *words, **said).json["nodes"][0]["published"]  # noqa: E731
    assert published().startswith("main.")
    assert published(**{f"{prefix}TARGET": "two"}).startswith("other.")
    assert published("-t", "dev", **{f"{prefix}TARGET": "two"}).startswith("main.")


def test_the_profile_is_chosen(shop) -> None:
    profile = "{target: dev, outputs: {dev: {type: duckdb, path: mine.duckdb, schema: mine}}}"
    text = (shop.root / "profiles.yml").read_text()
    (shop.root / "profiles.yml").write_text(f"{text}\nmine: {profile}\n")
    assert shop.dryland("ls", "--json", DBT_PROFILE="mine").json["nodes"][0]["published"].startswith("mine.")
    assert shop.dryland("ls", "--json").json["nodes"][0]["published"].startswith("main.")


def test_kinds_and_checks_are_chosen(shop) -> None:
    seeds = {each["kind"] for each in shop.dryland("ls", "--json", DBT_RESOURCE_TYPES="seed").json["nodes"]}
    assert seeds == {"seed"}
    left = {each["kind"] for each in shop.dryland("ls", "--json", DBT_EXCLUDE_RESOURCE_TYPES="seed test").json["nodes"]}
    assert left == {"model"}
    words = ("ls", "-s", "customer_orders", "--resource-type", "test", "--json")
    assert "others" in shop.dryland(*words).json
    assert "others" not in shop.dryland(*words, DBT_INDIRECT_SELECTION="empty").json


def test_batches_are_asked_for(shop) -> None:
    told = shop.dryland("plan", code=2, DBT_EVENT_TIME_START="2026-01-02", DBT_EVENT_TIME_END="2026-01-01").err
    assert "2026-01-02" in told
    assert shop.dryland("plan", code=2, DBT_EVENT_TIME_START="soon").code == 2


@pytest.mark.slow
def test_a_full_refresh_and_silence_are_asked_for(shop) -> None:
    assert shop.dryland("apply", "--yes", DBT_QUIET="1").err.count("✓") == 0
    assert "--full-refresh" not in shop.dryland("plan").out
    assert "--full-refresh has nothing to do" in shop.dryland("plan", DBT_FULL_REFRESH="true").out
    assert "--full-refresh has nothing to do" in shop.dryland("apply", "--yes", DBT_FULL_REFRESH="1").out


def test_a_folder_to_compare_with_is_named(shop) -> None:
    told = shop.dryland("ls", code=2, DBT_STATE="nowhere").err
    assert "--state names" in told and "nowhere, which is no folder" in told


# --- --state ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["plan", "ls", "check"])
@pytest.mark.parametrize("words", [(), ("-s", "result:fail"), ("-s", "state:modified")])
def test_a_folder_that_is_not_there_is_told(released, verb: str, words: tuple[str, ...]) -> None:
    """An empty plan would look as if nothing had failed or changed."""
    told = released.dryland(verb, "--state", "nowhere", *words, code=2).err
    assert told.startswith(f"error: --state names {released.root / 'nowhere'}, which is no folder.")
    assert "hint: keep a copy of what `target` holds" in told


def test_a_folder_that_holds_nothing_to_compare_with_is_told(released) -> None:
    released.write("empty/note.txt", "")
    assert "there is no manifest.json in" in released.dryland("plan", "--state", "empty", code=2).err
    released.write("empty/sources.json", '{"results": []}')
    told = released.dryland("ls", "-s", "state:modified", "--state", "empty", code=2).err
    assert f"there is no {released.root / 'empty/manifest.json'}." in told
    assert "`dryland artifacts` write it" in told
    released.write("empty/manifest.json", '{"nodes": {}}')
    told = released.dryland("ls", "-s", "state:modified", "--state", "empty", code=2).err
    assert "manifest.json is no manifest." in told


@pytest.mark.slow
def test_an_own_manifest_is_a_state_as_well(released) -> None:
    released.dryland("artifacts")
    (released.root / "target").rename(released.root / "before")
    assert released.dryland("ls", "-s", "state:modified", "--state", "before", "--json").json == {"nodes": []}
    released.edit("models/staging/stg_orders.sql", "amount,", "amount, 1 as one,")
    released.write("models/fresh.sql", "select 1 as id")
    said = released.dryland("ls", "-s", "state:modified", "--state", "before", "--json").json["nodes"]
    assert [each["name"] for each in said] == ["fresh", "stg_orders"]
    said = released.dryland("ls", "-s", "state:new", "--state", "before", "--json").json["nodes"]
    assert [each["name"] for each in said] == ["fresh"]
    assert "will build" in released.dryland("plan", "-s", "state:modified+", "--state", "before").out


@pytest.mark.slow
def test_a_macro_of_a_macro_is_a_modification(released) -> None:
    released.write("macros/money.sql", "{% macro outer() %}{{ inner() }}{% endmacro %}")
    released.write("macros/inner.sql", "{% macro inner() %}1{% endmacro %}")
    released.write("models/priced.sql", "select {{ outer() }} as price")
    released.dryland("artifacts")
    (released.root / "target").rename(released.root / "before")
    released.edit("macros/inner.sql", "%}1{%", "%}2{%")
    for way in ("modified", "modified.macros"):
        said = released.dryland("ls", "-s", f"state:{way}", "--state", "before", "--json").json["nodes"]
        assert [each["name"] for each in said] == ["priced"]
