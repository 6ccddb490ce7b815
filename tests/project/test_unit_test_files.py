"""Unit tests are read as dbt reads them, and what it would refuse is refused with its place."""

from __future__ import annotations

import os

import pytest

from dryland.errors import ConfigError, DuplicateError
from dryland.project.load import load_project
from dryland.project.unit_test import UnitTest

TEST = """\
# rows in, rows out
unit_tests:
  - name: it
    model: paid
    given:
      - input: ref('raw')
        rows: []
    expect: {rows: []}
"""


@pytest.fixture
def project(workspace):
    workspace.write("dbt_project.yml", "name: shop\nversion: '1.0'\nprofile: shop\n")
    workspace.write(
        "profiles.yml", "shop: {target: dev, outputs: {dev: {type: duckdb, path: w.duckdb, schema: main}}}\n"
    )
    workspace.write("seeds/raw.csv", "id,name\n1,Ana\n2,\n")
    workspace.write("models/marts/paid.sql", "select * from {{ ref('raw') }}\n")
    workspace.write("models/marts/unit.yml", TEST)
    return workspace


def read(workspace) -> dict[str, UnitTest]:
    return dict(load_project(workspace.root, environment=os.environ).unit_tests)


def only(workspace) -> UnitTest:
    (test,) = read(workspace).values()
    return test


def test_a_unit_test_is_named_and_placed_as_in_dbt(project) -> None:
    test = only(project)
    assert test.unique_id == "unit_test.shop.paid.it"
    assert test.fqn == ("shop", "marts", "paid", "it")
    assert test.model == "model.shop.paid"
    assert [fixture.of for fixture in test.given] == ["seed.shop.raw"]
    assert (test.place.path, test.place.line) == ("models/marts/unit.yml", 3)


def test_configuration_comes_from_the_project_and_the_test(project) -> None:
    project.write(
        "dbt_project.yml",
        "name: shop\nversion: '1.0'\nprofile: shop\nunit_tests: {shop: {marts: {+tags: [nightly]}}}\n",
    )
    project.edit(
        "models/marts/unit.yml", "    model: paid\n", "    model: paid\n    config: {tags: fast, meta: {owner: ana}}\n"
    )
    assert only(project).tags == ("nightly", "fast")
    assert only(project).meta == {"owner": "ana"}


@pytest.mark.parametrize("key", ["    config: {enabled: false}\n", ""])
def test_what_is_disabled_is_not_there(project, key) -> None:
    """Itself, or the model that it is about."""
    project.edit("models/marts/unit.yml", "    model: paid\n", "    model: paid\n" + key)
    if not key:
        project.write("models/marts/paid.sql", "{{ config(enabled=false) }} select 1 as x\n")
    assert read(project) == {}


def test_a_csv_field_that_is_empty_is_null(project) -> None:
    project.edit(
        "models/marts/unit.yml", "rows: []\n    expect", 'format: csv\n        rows: "id,name\\n1,\\n"\n    expect'
    )
    assert only(project).given[0].rows == ({"id": "1", "name": None},)


def test_fixtures_stand_in_files_and_are_no_tests_of_their_own(project) -> None:
    project.write("tests/fixtures/deep/some.csv", "id\n7\n")
    project.write("tests/fixtures/query.sql", "select 1 as id\n")
    project.edit(
        "models/marts/unit.yml",
        "rows: []\n    expect: {rows: []}",
        "format: csv\n        fixture: some\n    expect: {format: sql, fixture: query}",
    )
    test = only(project)
    assert test.given[0].rows == ({"id": "7"},)
    assert test.expected.sql == "select 1 as id\n"
    assert load_project(project.root, environment=os.environ).checks == {}


def test_a_seed_without_rows_gives_its_file(project) -> None:
    project.edit("models/marts/unit.yml", "        rows: []\n", "")
    assert only(project).given[0].rows == ({"id": "1", "name": "Ana"}, {"id": "2", "name": ""})


def test_jinja_in_rows_is_rendered(project) -> None:
    project.edit("models/marts/unit.yml", "rows: []\n    expect", "rows: [{id: \"{{ var('first', 9) }}\"}]\n    expect")
    assert only(project).given[0].rows == ({"id": 9},)


def test_each_version_of_a_model_is_tested(project) -> None:
    project.write("models/marts/paid_v1.sql", "select 1 as id")
    project.write("models/marts/paid_v2.sql", "select 2 as id")
    (project.root / "models/marts/paid.sql").unlink()
    project.write("models/marts/paid.yml", "models: [{name: paid, latest_version: 2, versions: [{v: 1}, {v: 2}]}]\n")
    assert sorted(read(project)) == ["unit_test.shop.paid.it_v1", "unit_test.shop.paid.it_v2"]
    project.edit("models/marts/unit.yml", "    model: paid\n", "    model: paid\n    versions: {exclude: [1]}\n")
    assert only(project).model == "model.shop.paid.v2"


def test_overrides_are_kept_by_what_they_replace(project) -> None:
    project.edit(
        "models/marts/unit.yml",
        "    model: paid\n",
        "    model: paid\n    overrides: {macros: {is_incremental: true, now: x}, vars: {a: 1}, env_vars: {B: 2}}\n",
    )
    test = only(project)
    assert (test.is_incremental, test.macros, test.variables, test.environment) == (
        True,
        {"now": "x"},
        {"a": 1},
        {"B": "2"},
    )


def test_an_input_that_is_not_there_fails_the_test_and_not_the_project(project) -> None:
    project.edit("models/marts/unit.yml", "ref('raw')", "ref('row')")
    trouble = only(project).trouble
    assert "the input `ref('row')` of the unit test" in trouble.message
    assert (trouble.hint, trouble.path) == ("`raw` exists.", "models/marts/unit.yml")
    line = (project.root / trouble.path).read_text().splitlines()[trouble.line - 1]
    assert "ref('row')" in line


@pytest.mark.parametrize(
    ("old", "new", "message", "line"),
    [
        ("model: paid", "model: payed", "is about `payed`, which no model of `shop` defines", 4),
        ("    model: paid\n", "", "has no `model`", 3),
        ("    expect: {rows: []}\n", "", "has no `expect`", 3),
        ("ref('raw')", "raw", "`raw` is no input", 6),
        ("ref('raw')", "ref(raw)", "is no input", 6),
        ("        rows: []\n", "        rows: {id: 1}\n", "a list of mappings", 7),
        ("        rows: []\n", "        rows: []\n        format: xml\n", "`format: xml` is no format", 8),
        ("        rows: []\n", "        format: csv\n        fixture: none\n", "there is no fixture `none`", 8),
        ("        rows: []\n", "        format: csv\n        rows: []\n", "`format: csv` takes text", 8),
        ("        rows: []\n", '        format: csv\n        rows: "a\\n1,2\\n"\n', "more fields than the header", 8),
        ("    expect: {rows", "    expect: {row", "a list of mappings", 8),
        ("    model: paid\n", "    model: paid\n    versions: {include: [1]}\n", "has no versions", 5),
        ("    model: paid\n", "    model: paid\n    overrides: {seeds: {}}\n", "`seeds` cannot be overridden", 5),
        ("    given:", "    givn:", "`givn` is not a property of unit tests", 5),
    ],
)
def test_a_slip_is_refused_with_its_line(project, old, new, message, line) -> None:
    project.edit("models/marts/unit.yml", old, new)
    with pytest.raises(ConfigError, match=message.replace("(", r"\(")) as caught:
        read(project)
    assert (caught.value.path, caught.value.line) == ("models/marts/unit.yml", line)


def test_an_incremental_model_must_be_told_what_it_is(project) -> None:
    """As in dbt: whether it adds to what is there, and if so, to what."""
    project.write(
        "models/marts/paid.sql",
        "{{ config(materialized='incremental') }} select 1 as id {% if is_incremental() %} from {{ this }} {% endif %}",
    )
    with pytest.raises(ConfigError, match="does not say what to answer"):
        read(project)
    project.edit(
        "models/marts/unit.yml",
        "    model: paid\n",
        "    model: paid\n    overrides: {macros: {is_incremental: true}}\n",
    )
    with pytest.raises(ConfigError, match="does not give `this`"):
        read(project)
    project.edit("models/marts/unit.yml", "ref('raw')", "this")
    assert only(project).given[0].of == "this"


def test_two_tests_of_one_name_are_told_with_both_places(project) -> None:
    project.write("models/other.yml", TEST)
    with pytest.raises(DuplicateError, match=r"models/marts/unit.yml:3 and here"):
        read(project)
