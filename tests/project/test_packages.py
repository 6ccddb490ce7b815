"""Packages are read from where they are, with all that is in them; what is missing is told with who needs it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from dryland.errors import ConfigError, DrylandError, DuplicateError
from dryland.project.load import load_project
from dryland.project.project import Project


class Folder:
    """A folder of projects: the main one is `shop`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.project("shop", "profile: shop")
        self.write("shop/profiles.yml", "shop: {target: dev, outputs: {dev: {type: duckdb, path: x.duckdb}}}\n")

    def write(self, path: str, text: str) -> None:
        file = self.path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def project(self, path: str, *lines: str, name: str = "", needs: tuple[str, ...] = ()) -> None:
        """A project with a macro that tells its name, and the packages it lists."""
        name = name or path.rpartition("/")[2]
        self.write(f"{path}/dbt_project.yml", "\n".join((f"name: {name}", 'version: "1.0"', *lines, "")))
        self.write(f"{path}/macros/who.sql", "{% macro who() %}" + f"'{name}'" + "{% endmacro %}\n")
        if needs:
            self.write(f"{path}/packages.yml", "packages:\n" + "".join(f"  - {{{each}}}\n" for each in needs))

    def load(self, **environment: str) -> Project:
        return load_project(self.path / "shop", environment=environment)

    def refused(self, kind: type[DrylandError], **environment: str) -> DrylandError:
        with pytest.raises(kind) as caught:
            self.load(**environment)
        return caught.value

    def asks(self, sql: str) -> str:
        """The SQL of a model of the main project."""
        self.write("shop/models/asks.sql", sql)
        return self.load().nodes["model.shop.asks"].rendered.sql


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


# --- where they are ----------------------------------------------------------------------------------------------


def test_what_stands_in_dbt_packages_is_read_whatever_is_listed(folder: Folder) -> None:
    folder.project("shop/dbt_packages/dates")
    assert folder.asks("{{ dates.who() }}") == "'dates'"


def test_a_link_in_dbt_packages_is_a_package(folder: Folder) -> None:
    folder.project("dates")
    folder.write("dates/models/days.sql", "select 1 as day")
    folder.write("shop/dbt_packages/.keep", "")
    (folder.path / "shop/dbt_packages/dates").symlink_to("../../dates")
    days = folder.load().nodes["model.dates.days"]
    assert days.place.path == "dbt_packages/dates/models/days.sql"


def test_packages_may_be_kept_elsewhere(folder: Folder) -> None:
    folder.project("shop", "profile: shop", "packages-install-path: \"{{ env_var('WHERE', 'vendor') }}\"")
    folder.project("shop/vendor/dates")
    assert folder.asks("{{ dates.who() }}") == "'dates'"


def test_folders_that_are_listed_need_not_be_installed(folder: Folder) -> None:
    folder.project("dates")
    folder.project("shop", "profile: shop", needs=("local: ../dates",))
    assert folder.asks("{{ dates.who() }}") == "'dates'"
    folder.write("dates/models/days.sql", "select 1 as day")
    assert folder.load().nodes["model.dates.days"].place.path == "../dates/models/days.sql"


def test_the_project_may_lie_inside_of_its_package(folder: Folder) -> None:
    """As the integration tests of a package do: each reads its own folders and no more."""
    folder.project("shop", "profile: shop", "model-paths: [models]", needs=("local: ../",))
    folder.project(".", name="dates")
    folder.write("models/days.sql", "select 1 as day")
    folder.write("tests/generic/even.sql", "{% test even(model) %}select 1{% endtest %}")
    folder.write("seeds/d.csv", "id\n1\n")
    assert folder.asks("select {{ dates.who() }} from {{ ref('days') }}").startswith("select 'dates'")
    project = folder.load()
    assert sorted(project.nodes) == ["model.dates.days", "model.shop.asks", "seed.dates.d"]
    assert project.nodes["seed.dates.d"].file == folder.path / "seeds/d.csv"


def test_a_package_finds_the_packages_it_needs(folder: Folder) -> None:
    """Seen from the project, as dbt sees them; else from itself."""
    folder.project("libs/money", needs=("local: ../dates",))
    folder.project("libs/dates")
    folder.write("libs/money/macros/m.sql", "{% macro m() %}{{ dates.who() }}{% endmacro %}")
    folder.project("shop", "profile: shop", needs=("local: ../libs/money",))
    assert folder.asks("{{ money.m() }}") == "'dates'"
    folder.project("dates", name="dates")
    folder.write("dates/macros/who.sql", "{% macro who() %}'nearer'{% endmacro %}")
    assert folder.asks("{{ money.m() }}") == "'nearer'"


def test_a_package_that_is_installed_and_listed_is_read_once(folder: Folder) -> None:
    folder.project("dates")
    folder.project("shop", "profile: shop", needs=("local: ../dates", "local: ../dates"))
    folder.write("shop/dbt_packages/.keep", "")
    shutil.copytree(folder.path / "dates", folder.path / "shop/dbt_packages/dates")
    folder.write("dates/macros/who.sql", "{% macro who() %}'not installed'{% endmacro %}")
    assert folder.asks("{{ dates.who() }}") == "'dates'"
    shutil.rmtree(folder.path / "dates")
    assert folder.asks("{{ dates.who() }}") == "'dates'"


def test_packages_that_need_each_other_can_be_read(folder: Folder) -> None:
    folder.project("money", needs=("local: ../dates",))
    folder.project("dates", needs=("local: ../money",))
    folder.project("shop", "profile: shop", needs=("local: ../money",))
    assert folder.asks("{{ dates.who() }}{{ money.who() }}") == "'dates''money'"


def test_packages_are_listed_with_values_from_outside(folder: Folder) -> None:
    folder.project("libs/dates")
    folder.project("shop", "profile: shop", needs=("local: \"{{ env_var('LIBS') }}/dates\"",))
    assert "macro.dates.who" in {
        call.macro.unique_id for call in folder.load(LIBS="../libs").templates.macros.by_package["dates"].values()
    }


# --- what is missing ---------------------------------------------------------------------------------------------


def test_a_package_that_is_not_installed_is_told(folder: Folder) -> None:
    folder.project("shop", "profile: shop", needs=("package: acme/dates, version: 1.0.0",))
    error = folder.refused(ConfigError)
    assert (error.path, error.line, error.message) == ("packages.yml", 2, "the package acme/dates is not installed.")
    assert "`dryland deps`" in error.hint
    folder.project("shop/dbt_packages/dates")
    folder.load()
    folder.project("shop", "profile: shop", needs=("package: acme/dates, version: 1.0.0", "git: https://x/money.git"))
    assert folder.refused(ConfigError).message == "the package https://x/money.git is not installed."
    folder.project("shop/dbt_packages/cash")
    folder.load()  # nobody knows how the project in a repository is called: dbt counts, and so do we


def test_who_needs_a_package_is_told(folder: Folder) -> None:
    folder.project("money", needs=("package: acme/dates, version: 1.0.0",))
    folder.project("shop", "profile: shop", needs=("local: ../money",))
    error = folder.refused(ConfigError)
    assert (error.path, error.line, error.message) == (
        "../money/packages.yml", 2, "the package acme/dates is not installed."
    )  # fmt: skip
    folder.project("dates")
    folder.project("shop", "profile: shop", needs=("local: ../money", "local: ../dates"))
    folder.load()


def test_a_folder_that_is_no_package_is_told(folder: Folder) -> None:
    folder.write("shop/dbt_packages/dates/README.md", "")
    error = folder.refused(ConfigError)
    assert error.message == "the package in dates has no dbt_project.yml."
    assert error.path == "dbt_packages/dates"
    shutil.rmtree(folder.path / "shop/dbt_packages/dates")
    folder.write("shop/dbt_packages/__MACOSX/x", "")
    folder.load()
    folder.project("shop", "profile: shop", needs=("local: ../nothing",))
    assert folder.refused(ConfigError).message == "the package `../nothing` is not there."
    folder.write("nothing/x", "")
    assert folder.refused(ConfigError).message == "the package `../nothing` has no dbt_project.yml."


@pytest.mark.parametrize(
    ("path", "name", "message"),
    [
        ("other", "shop", "the package `shop` is named as the project itself."),
        ("other", "dbt", "the package `dbt` is named as dbt's own macros."),
        ("other", "dates", "the package `dates` is named as the package at dbt_packages/dates."),
    ],
)
def test_names_that_are_taken_are_told(folder: Folder, path: str, name: str, message: str) -> None:
    folder.project("shop/dbt_packages/dates")
    folder.project(f"shop/dbt_packages/{path}", name=name)
    assert folder.refused(DuplicateError).message == message


def test_a_name_that_no_macro_could_be_called_by_is_told(folder: Folder) -> None:
    folder.project("shop/dbt_packages/dates", name="my-dates")
    error = folder.refused(ConfigError)
    assert (error.path, error.line) == ("dbt_packages/dates/dbt_project.yml", 1)


def test_a_package_for_another_dbt_is_told(folder: Folder) -> None:
    folder.project("shop/dbt_packages/dates", 'require-dbt-version: [">=1.3.0", "<1.8.0"]')
    error = folder.refused(ConfigError)
    assert error.message == "`dates` is for dbt >=1.3.0 <1.8.0; Dryland does as dbt 1.11 does."
    assert (error.path, error.line) == ("dbt_packages/dates/dbt_project.yml", 3)
    folder.load(DBT_VERSION_CHECK="false")
    folder.project("shop", "profile: shop", "flags: {version_check: false}")
    folder.load()
    folder.project("shop", "profile: shop", 'require-dbt-version: ">=1.3.0,<2.0.0"')
    folder.project("shop/dbt_packages/dates")
    folder.load()
    folder.project("shop", "profile: shop", "require-dbt-version: new")
    assert folder.refused(ConfigError).line == 4


# --- what is in them ---------------------------------------------------------------------------------------------


def test_tests_exposures_and_hooks_of_packages_count(folder: Folder) -> None:
    folder.project("dates", "on-run-start: [select 'dates']", "on-run-end: [select 'dates']")
    folder.project("areas", "on-run-start: [select 'areas']")
    folder.project(
        "shop", "profile: shop", "on-run-start: [select 'shop']", needs=("local: ../dates", "local: ../areas")
    )
    folder.write("dates/models/days.sql", "select 1 as day")
    folder.write("dates/tests/no_day_0.sql", "select * from {{ ref('days') }} where day = 0")
    folder.write(
        "dates/models/all.yml",
        "exposures: [{name: calendar, type: dashboard, owner: {name: x}, depends_on: [\"ref('days')\"]}]\n",
    )
    project = folder.load()
    check = project.checks["test.dates.no_day_0"]
    assert (check.package, check.place.path, check.refs) == (
        "dates", "../dates/tests/no_day_0.sql", ("model.dates.days",)
    )  # fmt: skip
    assert project.exposures["exposure.dates.calendar"].depends_on == ("model.dates.days",)
    assert [hook.sql for hook in project.on_run_start] == ["select 'shop'", "select 'areas'", "select 'dates'"]
    assert [hook.sql for hook in project.on_run_end] == ["select 'dates'"]


def test_vars_of_the_project_stand_over_those_of_a_package(folder: Folder) -> None:
    folder.project("dates", "vars: {zone: own, left: own, said: own, dates: {deep: own}}")
    folder.project(
        "shop", "profile: shop", "vars: {zone: all, dates: {left: yes, zone: dates}}", needs=("local: ../dates",)
    )
    folder.write("dates/models/v.sql", "{{ var('zone') }} {{ var('left') }} {{ var('said') }} {{ var('deep') }}")
    folder.write("shop/models/v2.sql", "{{ var('zone') }} {{ var('left', 'none') }}")
    project = load_project(folder.path / "shop", environment={}, variables={"said": "given"})
    assert project.nodes["model.dates.v"].rendered.sql == "dates True given own"
    assert project.nodes["model.shop.v2"].rendered.sql == "all none"
