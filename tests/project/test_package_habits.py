"""What old and far-reaching packages do in their files: other names for folders, switches, and names in Jinja."""

from __future__ import annotations

from pathlib import Path

import pytest

from dryland.errors import DuplicateError
from dryland.project.load import load_project
from dryland.project.project import Project

BASE = {
    "dbt_project.yml": "name: shop\nprofile: shop\nvars: {lake: lake, more: true}\n",
    "profiles.yml": "shop: {target: dev, outputs: {dev: {type: duckdb, path: w.duckdb, schema: main}}}\n",
}
AGED = "name: aged\nsource-paths: [src]\ndata-paths: [data]\nmodels: {aged: {extra: {+enabled: false}}}\n"


def project(root: Path, files: dict[str, str]) -> Project:
    for path, text in {**BASE, **files}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return load_project(root, environment={})


def package(files: dict[str, str]) -> dict[str, str]:
    return {f"dbt_packages/aged/{path}": text for path, text in {"dbt_project.yml": AGED, **files}.items()}


def test_folders_may_have_the_names_they_had_before(tmp_path: Path) -> None:
    found = project(tmp_path, package({"src/m.sql": "select 1 as a\n", "data/s.csv": "a\n1\n"}))
    assert set(found.nodes) == {"model.aged.m", "seed.aged.s"}


def test_a_file_switches_on_what_dbt_project_switches_off(tmp_path: Path) -> None:
    """By itself, or by a macro; a file that says nothing stays off."""
    files = {
        "src/extra/own.sql": "{{ config(enabled=var('more')) }} select 1 as a\n",
        "src/extra/by_macro.sql": "{{ on() }} select 1 as a\n",
        "src/extra/silent.sql": "select 1 as a\n",
        "macros/on.sql": "{% macro on() %}{{ config(enabled=true) }}{% endmacro %}\n",
    }
    assert set(project(tmp_path, package(files)).nodes) == {"model.aged.own", "model.aged.by_macro"}


def test_the_project_has_the_last_word_on_switches(tmp_path: Path) -> None:
    files = package({"src/extra/own.sql": "{{ config(enabled=true) }} select 1 as a\n"})
    files["dbt_project.yml"] = BASE["dbt_project.yml"] + "models: {aged: {extra: {+enabled: false}}}\n"
    assert not project(tmp_path, files).nodes


@pytest.mark.parametrize(("own", "said"), [("default", "theirs"), ("duckdb", "own")])
def test_dispatch_without_a_namespace_asks_the_package_of_the_template_first(
    tmp_path: Path, own: str, said: str
) -> None:
    """A form for the adapter goes before one for all, wherever it is."""
    files = package({
        "src/m.sql": "select '{{ adapter.dispatch('unit')() }}' as a\n",
        "macros/m.sql": "{% macro default__unit() %}theirs{% endmacro %}\n",
    })  # fmt: skip
    files["macros/own.sql"] = f"{{% macro {own}__unit() %}}own{{% endmacro %}}\n"
    rendered = project(tmp_path, files).nodes["model.aged.m"].rendered
    assert rendered is not None
    assert rendered.sql.strip() == f"select '{said}' as a"


def test_property_files_name_things_in_jinja(tmp_path: Path) -> None:
    text = """
sources:
  - name: "{{ var('lake') }}"
    tables: [{name: "raw_{{ 1 + 1 }}", columns: [{name: "{{ 'i' ~ 'd' }}", data_tests: [not_null]}]}]
models:
  - {name: "{{ 'm' }}", columns: [{name: "{{ 'i' ~ 'd' }}", data_tests: [unique]}]}
"""
    found = project(tmp_path, {"models/m.sql": "select * from {{ source('lake', 'raw_2') }}\n", "models/m.yml": text})
    assert set(found.sources) == {"source.shop.lake.raw_2"}
    assert {(check.name, check.column) for check in found.checks.values()} == {
        ("source_not_null_lake_raw_2_id", "id"), ("unique_m_id", "id"),
    }  # fmt: skip


def test_two_entries_of_one_name_are_told_of_also_when_one_is_in_jinja(tmp_path: Path) -> None:
    text = "models:\n  - {name: m}\n  - {name: \"{{ 'm' }}\"}\n"
    with pytest.raises(DuplicateError, match="described twice"):
        project(tmp_path, {"models/m.sql": "select 1 as id\n", "models/m.yml": text})
