"""A project is read once, and again as soon as anything behind it changed."""

from __future__ import annotations

import os
import time
from datetime import date
from pathlib import Path

import pytest

from dryland.errors import ConfigError, ProjectError, UnknownNameError
from dryland.project import listing, load
from dryland.project.kept import read_project
from dryland.project.late_parts import Loading
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


@pytest.mark.parametrize("is_kept", [False, True])
def test_what_is_written_to_while_it_is_read_is_read_again(read, shop, monkeypatch, is_kept: bool) -> None:
    """A checkout that comes in between is released as a whole, or not at all."""
    if is_kept:
        read()
        appended(shop.root / "models/staging/stg_orders.sql", "\n-- an edit")
    real = listing.Places.listing
    looks = iter((None, "select 1 as one", "select 2 as two"))

    def listed(places):
        """The files, and somebody who writes after each of the first looks."""
        found = real(places)
        if text := next(looks, None):
            (shop.root / "models/marts/big_spenders.sql").write_text(text)
        return found

    monkeypatch.setattr(listing.Places, "listing", listed)
    next(looks)
    project, _ = read()
    assert project.nodes["model.shop.big_spenders"].raw == "select 2 as two"


def test_who_never_stops_writing_is_told_of(read, shop, monkeypatch) -> None:
    real = listing.Places.listing

    def listed(places):
        appended(shop.root / "models/marts/big_spenders.sql", "\n")
        return real(places)

    monkeypatch.setattr(listing.Places, "listing", listed)
    with pytest.raises(ProjectError, match="was written to while it was read, 5 times") as told:
        read()
    assert told.value.path == "models/marts/big_spenders.sql"


def test_data_that_lies_about_in_a_project_may_be_written_to_all_the_time(read, shop, monkeypatch) -> None:
    real = listing.Places.listing

    def listed(places):
        with (shop.root / "arrivals.csv").open("a") as file:
            file.write("1\n")
        return real(places)

    monkeypatch.setattr(listing.Places, "listing", listed)
    assert "model.shop.big_spenders" in read()[0].nodes


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
    assert "revanue" in read()[0].nodes["model.shop.customer_orders"].rendered.sql


def test_other_variables_are_another_project(read) -> None:
    read()
    assert read(variables={"since": "2026"})[1] is False
    assert read()[1] is True


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"m": {"a": 1, "b": 2}}, {"m": {"b": 2, "a": 1}}),
        ({"m": date(2026, 1, 1)}, {"m": "2026-01-01"}),
        ({"m": {1: "a"}}, {"m": {"1": "a"}}),
    ],
    ids=["their order", "a date", "a number as a key"],
)
def test_variables_are_others_as_soon_as_a_template_can_tell(read, one, other) -> None:
    read(variables=one)
    assert read(variables=other)[1] is False
    assert read(variables=one)[1] is True


@pytest.mark.parametrize("folder", [".packages", "target/packages", "../packages"])
def test_a_new_package_is_noticed_wherever_packages_are(shop, read, folder) -> None:
    shop.edit("dbt_project.yml", "name: shop", f"name: shop\npackages-install-path: {folder}")
    read()
    shop.write(f"{folder}/more/dbt_project.yml", "name: more")
    shop.write(f"{folder}/more/models/of_more.sql", "select 1 as x")
    assert "model.more.of_more" in read()[0].nodes


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


def test_a_project_that_leaves_something_to_chance_is_not_kept(shop, read) -> None:
    shop.write("models/marts/drawn.sql", "select {{ [1, 2, 3] | random }} as n")
    project, _ = read()
    assert read()[1] is False
    assert project.nodes["model.shop.drawn"].rendered.volatile == ("random",)


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
    for kept in cache.iterdir():
        kept.write_bytes(kept.read_bytes()[:-100])
    assert read()[1] is False
    assert read()[1] is True


@pytest.fixture
def completed(monkeypatch) -> list[int]:
    """How many drafts were completed, each time that somebody did."""
    times: list[int] = []
    real = load._completed
    monkeypatch.setattr(load, "_completed", lambda files, named: times.append(len(files.drafts)) or real(files, named))
    return times


def test_what_renders_late_reads_files_and_works_no_node_out_again(read, completed) -> None:
    read()
    project, _ = read()
    assert len(completed) == 1
    assert project.parts.drafts.keys() >= project.nodes.keys()
    assert project.templates is not None and project.templates.macros
    assert len(completed) == 1


def test_where_a_template_looks_around_all_are_rendered_before_one_is_late(shop, read, completed) -> None:
    """For what each adds to the graph."""
    shop.write("models/counts.sql", "select {{ graph.nodes | length if execute else 0 }} as nodes")
    read()
    project, is_kept = read()
    assert (is_kept, len(completed)) == (True, 1)
    assert project.parts.drafts
    assert len(completed) == 2


def test_nothing_is_kept_when_nobody_wants_it(shop, read, cache) -> None:
    env = {"HOME": str(shop.root), "DRYLAND_CACHE": ""}
    read_project(Asked(shop.root, env))
    assert not isinstance(read_project(Asked(shop.root, env)).templates, Loading)
    assert not list(cache.iterdir())


def test_a_place_that_cannot_be_written_is_no_failure(shop, tmp_path) -> None:
    (tmp_path / "file").write_text("")
    env = {"HOME": str(shop.root), "DRYLAND_CACHE": str(tmp_path / "file" / "below")}
    assert read_project(Asked(shop.root, env)).name == "shop"


def test_a_checkout_of_the_same_files_is_no_change(shop, read) -> None:
    read()
    for path in (shop.root / "models").rglob("*"):
        os.utime(path)
    assert read()[1] is True


BIG_SPENDERS = "models/marts/big_spenders.sql"


def big_spenders(shop, text: str) -> None:
    """Write another text, with the same configuration unless it has one."""
    shop.write(BIG_SPENDERS, text if "config(" in text else "{{ config(materialized='view') }} " + text)


def as_it_says(shop, cache) -> Project:
    """The project as its files say, nothing of it kept."""
    return read_project(Asked(shop.root, {"HOME": str(shop.root), "DRYLAND_CACHE": ""}))


@pytest.mark.parametrize(
    "text",
    [
        "select customer_id from {{ ref('customer_orders') }} where revenue > 7",
        "select 1 as customer_id -- of nobody",
        "select customer_id from {{ ref('stg_orders') }} {% if execute %}where amount > 1{% endif %}",
        "{% set least = var('least', 5) %}select customer_id as id from {{ ref('stg_orders') }} where 5 > {{ least }}",
        "select * from {{ this.schema }}.big, {{ ref('customer_orders') }}",
    ],
    ids=["a condition", "no refs", "another ref, closer", "a variable", "itself"],
)
def test_a_model_whose_text_changed_is_read_alone_and_as_if_all_were_read(shop, read, cache, text) -> None:
    read()
    big_spenders(shop, text)
    for _ in range(2):  # once it is read again, then it is kept
        project, was_kept = read()
        assert was_kept
        assert project == as_it_says(shop, cache)


def test_edits_follow_each_other(shop, read, cache) -> None:
    read()
    stamps = set()
    for text in ("select 1 as customer_id", "select 2 as customer_id", "select 1 as customer_id"):
        big_spenders(shop, text)
        shop.write("models/marts/customer_orders.sql", f"{text}, 3 as revenue, 4 as orders")
        project, was_kept = read()
        assert was_kept
        assert project == as_it_says(shop, cache)
        stamps.add(project.kept.stamp)
    assert len(stamps) == 2, "the same files, the same stamp"


@pytest.mark.parametrize(
    "text",
    [
        "{{ config(tags=['new']) }} select 1 as customer_id",
        "{{ config(materialized='table') }} select 1 as customer_id",
        "{{ config(materialized='ephemeral') }} select 1 as customer_id",
        "{{ config(alias='other') }} select 1 as customer_id",
        "select '{{ run_started_at }}' as customer_id",
        "{% do log('hear this', info=true) %} select 1 as customer_id",
        "select {{ (graph.nodes | length) if execute else 1 }} as customer_id",
    ],
    ids=["tags", "a table", "ephemeral", "an alias", "the clock", "says something", "looks around"],
)
def test_what_others_may_see_reads_everything_again(shop, read, cache, text) -> None:
    read()
    big_spenders(shop, text)
    project, was_kept = read()
    assert not was_kept
    assert project.nodes == as_it_says(shop, cache).nodes or "run_started_at" in text
    assert project.said == as_it_says(shop, cache).said


def test_a_configuration_that_compares_as_equal_may_be_another(shop, read, cache) -> None:
    for meta in ("{'a': 1, 'b': 2}", "{'a': True, 'b': 2}", "{'b': 2, 'a': True}"):
        big_spenders(shop, f"{{{{ config(materialized='view', meta={meta}) }}}} select 1 as customer_id")
        meta_read = read()[0].nodes["model.shop.big_spenders"].config["meta"]
        assert repr(meta_read) == meta


def test_who_begins_to_ask_whether_it_grows_has_to_tell_its_unit_tests(shop, read) -> None:
    shop.write(
        "models/tested.yml",
        "unit_tests: [{name: some, model: big_spenders, given: [], expect: {rows: [{customer_id: 1}]}}]",
    )
    big_spenders(shop, "select 1 as customer_id")
    read()
    big_spenders(shop, "select {{ 2 if is_incremental() else 1 }} as customer_id")
    with pytest.raises(ConfigError, match="does not say what to answer"):
        read()


def test_where_one_model_looks_around_no_other_is_read_alone(shop, read) -> None:
    shop.write("models/marts/counted.sql", "select {{ (graph.nodes | length) if execute else 1 }} as nodes")
    read()
    big_spenders(shop, "select 1 as customer_id")
    assert read()[1] is False


def test_what_is_wrong_in_an_edit_is_told_with_its_place(shop, read) -> None:
    read()
    big_spenders(shop, "select 1 as customer_id\nfrom {{ ref('nobody') }}")
    with pytest.raises(UnknownNameError) as told:
        read()
    assert (told.value.path, told.value.line) == (BIG_SPENDERS, 2)


def test_variables_of_the_environment_that_an_edit_asks_for_count(shop, read) -> None:
    read(PLACE="north")
    big_spenders(shop, "select '{{ env_var('PLACE', 'nowhere') }}' as customer_id")
    assert read(PLACE="north")[1] is True
    project, was_kept = read(PLACE="south")
    assert not was_kept
    assert "south" in project.nodes["model.shop.big_spenders"].rendered.sql


def test_what_was_compiled_is_kept_and_gives_the_same(shop, read, cache) -> None:
    """A change that reads everything again compiles only what is new."""
    read()
    compiled = {path.suffix: path.stat().st_size for path in cache.iterdir()}
    appended(shop.root / "models/schema.yml", "\n# a comment\n")
    project, was_kept = read()
    assert not was_kept
    assert project == as_it_says(shop, cache)
    assert compiled[".templates"] > 1000


def test_what_was_kept_of_another_project_makes_way_after_a_month(read, cache) -> None:
    old, unused_since = cache / "0123456789abcdef-0123456789abcdef.project", time.time() - 40 * 86_400
    old.write_bytes(b"of a folder that is gone")
    os.utime(old, (unused_since, unused_since))
    read()
    assert not old.exists()
    assert read()[1] is True
