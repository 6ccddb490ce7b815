"""A project is read once, and again as soon as anything behind it changed."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from dryland.project.kept import Loading, read_project
from dryland.project.opening import Asked
from dryland.project.project import Project

pytestmark = pytest.mark.slow  # each reads a project several times


@pytest.fixture
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def read(shop, cache):
    """Reads the sample project: the project, and whether it was kept from the time before."""

    def read(target: str | None = None, variables: dict | None = None, **environment: str) -> tuple[Project, bool]:
        env = {"HOME": str(shop.root), "DRYLAND_CACHE": str(cache), **environment}
        project = read_project(Asked(shop.root, env, target, None, variables or {}))
        return project, isinstance(project.templates, Loading)

    return read


def appended(path: Path, text: str) -> None:
    path.write_text(path.read_text() + text)


def test_what_did_not_change_is_not_read_again(read) -> None:
    first, kept_at_first = read()
    second, kept_then = read()
    assert (kept_at_first, kept_then) == (False, True)
    assert second == first


def test_what_is_kept_renders_as_what_was_read(read) -> None:
    """What only a build needs is read from the files when it is needed."""
    (first, _), (second, _) = read(), read()
    assert second.templates.template_hash("{{ x }}") == first.templates.template_hash("{{ x }}")
    assert set(second.parts.drafts) == set(first.parts.drafts)


@pytest.mark.parametrize(
    "change",
    [
        lambda root: (root / "models/new.sql").write_text("select 1 as x"),
        lambda root: (root / "models/marts/big_spenders.sql").rename(root / "models/big_spenders.sql"),
        lambda root: appended(root / "seeds/raw_orders.csv", "15,1,1.0,2026-02-01\n"),
        lambda root: appended(root / "models/schema.yml", "\n# a comment\n"),
        lambda root: (root / "dryland.yml").write_text("retries: 1\n"),
        lambda root: (root / "profiles.yml").write_text(
            (root / "profiles.yml").read_text().replace("schema: main", "schema: other")
        ),
    ],
    ids=["a new file", "a file elsewhere", "a seed", "a property file", "settings", "the profile"],
)
def test_a_change_is_noticed(shop, read, change) -> None:
    read()
    change(shop.root)
    assert read()[1] is False


def test_a_file_of_the_same_size_and_time_is_another_file(shop, read) -> None:
    """Whoever restores times, as tools for copying do, cannot restore when the file was changed."""
    read()
    path = shop.root / "models/marts/customer_orders.sql"
    before = path.stat()
    time.sleep(0.02)
    path.write_text(path.read_text().replace("revenue", "revanue"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert read()[1] is False


def test_other_variables_are_another_project(read) -> None:
    read()
    assert read(variables={"since": "2026"})[1] is False
    assert read()[1] is True


def test_only_environment_variables_that_were_asked_for_count(shop, read) -> None:
    shop.write("models/marts/placed.sql", "select '{{ env_var('PLACE', 'nowhere') }}' as place")
    read(PLACE="north", OTHER="1")
    assert read(PLACE="north", OTHER="2")[1] is True
    project, was_kept = read(PLACE="south")
    assert not was_kept
    assert "south" in project.nodes["model.shop.placed"].rendered.sql


def test_a_project_that_looks_at_the_clock_is_not_kept(shop, read) -> None:
    shop.write("models/marts/timed.sql", "select '{{ run_started_at }}' as at")
    read()
    assert read()[1] is False


def test_no_secret_is_kept(shop, read, cache) -> None:
    shop.edit(
        "profiles.yml", "schema: main", "schema: main, settings: {custom_user_agent: \"{{ env_var('SECRET') }}\"}"
    )
    shop.write(
        "dryland.yml",
        """
        notifications: [{name: chat, webhook: "https://chat.example/{{ env_var('SECRET') }}"}]
        exports: [{name: out, model: customer_orders, to: "sqlite:///{{ env_var('SECRET') }}.db"}]
        """,
    )
    read(SECRET="tops3cretvalue")
    project, was_kept = read(SECRET="tops3cretvalue")
    assert was_kept
    assert project.settings.exports[0].to == "sqlite:///tops3cretvalue.db"
    assert project.warehouse.settings["settings"] == {"custom_user_agent": "tops3cretvalue"}
    assert all(b"tops3cretvalue" not in path.read_bytes() for path in cache.iterdir())


def test_a_damaged_file_is_no_failure_and_heals(read, cache) -> None:
    read()
    (kept,) = cache.iterdir()
    kept.write_bytes(kept.read_bytes()[:-100])
    assert read()[1] is False
    assert read()[1] is True


def test_nothing_is_kept_when_nobody_wants_it(shop, read, cache) -> None:
    env = {"HOME": str(shop.root), "DRYLAND_CACHE": ""}
    read_project(Asked(shop.root, env))
    assert not isinstance(read_project(Asked(shop.root, env)).templates, Loading)
    assert not list(cache.iterdir())


def test_a_place_that_cannot_be_written_is_no_failure(shop, tmp_path) -> None:
    (tmp_path / "file").write_text("")
    env = {"HOME": str(shop.root), "DRYLAND_CACHE": str(tmp_path / "file" / "below")}
    assert read_project(Asked(shop.root, env)).name == "shop"
