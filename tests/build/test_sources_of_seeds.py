"""A source may be a seed of the project itself: as it is written it is a source, as it is built it is the seed."""

from __future__ import annotations

import json
from typing import Any

import pytest

FILES = {
    "dbt_project.yml": "name: crm\nprofile: crm\nmodels: {crm: {+materialized: table}}\n",
    "profiles.yml": "crm: {target: dev, outputs: {dev: {type: duckdb, path: warehouse.duckdb, schema: main}}}\n",
    "seeds/people.csv": "id,name\n1,ana\n2,ben\n",
    "models/shouted.sql": "select id, upper(name) as name from {{ source('crm', 'people') }}\n",
    "models/kept.py": 'def model(dbt, session):\n    return dbt.source("crm", "people").filter("id > 1")\n',
    "models/sources.yml": """
        sources:
          - name: crm
            schema: main
            tables:
              - name: people
                columns: [{name: id, data_tests: [unique]}]
        models:
          - name: shouted
            columns:
              - name: id
                data_tests: [{relationships: {to: "source('crm', 'people')", field: id}}]
        exposures:
          - {name: board, type: dashboard, owner: {name: Ana}, depends_on: ["source('crm', 'people')"]}
        """,
}
ASKING = """
    {% set people = source('crm', 'people') %}
    {% if execute %}{% set found = run_query('select max(id) from ' ~ people) %}
    select {{ found.columns[0].values()[0] }} as latest{% else %}select 1 as latest{% endif %}
    """


@pytest.fixture
def crm(workspace: Any) -> Any:
    """A seed, the source that it is, and two models that read this."""
    for path, text in FILES.items():
        workspace.write(path, text)
    return workspace


def listed(workspace: Any, selector: str) -> set[str]:
    answer = workspace.dryland("ls", "-s", selector, "--resource-type", "all", "--json").json
    return {each["name"] for each in (*answer["nodes"], *answer.get("others", ()))}


def test_models_in_sql_and_python_are_built_after_the_seed_and_follow_it(crm: Any) -> None:
    crm.dryland("apply", "--yes")
    assert crm.sql("select * from shouted order by id") == [(1, "ANA"), (2, "BEN")]
    crm.write("seeds/people.csv", "id,name\n2,ben\n3,cyd\n")
    crm.dryland("apply", "--yes")
    assert crm.sql("select * from shouted order by id") == [(2, "BEN"), (3, "CYD")]
    assert crm.sql("select * from kept order by id") == [(2, "ben"), (3, "cyd")]
    assert crm.building() == []


def test_a_template_that_asks_the_warehouse_sees_the_seed_that_is_about_to_be_published(crm: Any) -> None:
    crm.write("models/latest.sql", ASKING)
    crm.dryland("apply", "--yes")
    crm.write("seeds/people.csv", "id,name\n1,ana\n2,ben\n3,cyd\n")
    crm.dryland("apply", "--yes")
    assert crm.sql("select latest from latest") == [(3,)]


def test_tests_of_the_source_hold_the_seed_back(crm: Any) -> None:
    crm.dryland("apply", "--yes")
    crm.write("seeds/people.csv", "id,name\n1,ana\n1,ben\n")
    answer = crm.dryland("apply", "--yes", code=1)
    assert "source_unique_crm_people_id" in answer.out
    assert crm.sql("select name from people order by id") == [("ana",), ("ben",)]
    assert crm.sql("select count(distinct id) from people") == [(2,)]


def test_selectors_name_the_source_and_not_the_seed(crm: Any) -> None:
    tests = {"source_unique_crm_people_id", "relationships_shouted_id__id__source_crm_people_"}
    assert listed(crm, "source:crm+") == {"crm.people", "shouted", "kept", "board", *tests}
    assert listed(crm, "+kept") == {"crm.people", "kept", *tests}
    assert listed(crm, "people+") == {"people"}


def test_the_manifest_names_the_source_and_not_the_seed(crm: Any) -> None:
    crm.dryland("artifacts")
    manifest = json.loads((crm.root / "target" / "manifest.json").read_text())
    read = ["source.crm.crm.people"]
    assert manifest["nodes"]["model.crm.shouted"]["depends_on"]["nodes"] == read
    assert manifest["nodes"]["model.crm.kept"]["depends_on"]["nodes"] == read
    assert manifest["exposures"]["exposure.crm.board"]["depends_on"]["nodes"] == read


def test_a_change_of_the_seed_hits_the_exposures_of_the_source(crm: Any) -> None:
    crm.dryland("apply", "--yes")
    crm.write("seeds/people.csv", "id,name\n3,cyd\n")
    assert "exposure board" in crm.dryland("plan").out


def test_a_test_that_asks_while_it_renders_sees_the_candidate_of_the_seed(crm: Any) -> None:
    """What readers see still is what the release is about to replace."""
    crm.write(
        "macros/as_new.sql",
        """
        {% test as_new(model) %}
        {% if execute %}{% set found = run_query('select max(id) from ' ~ model) %}
        select 1 where {{ found.columns[0].values()[0] }} <> (select max(id) from {{ model }})
        {% else %}select 1{% endif %}
        {% endtest %}
        """,
    )
    crm.edit("models/sources.yml", "- name: people\n", "- name: people\n        data_tests: [as_new]\n")
    crm.dryland("apply", "--yes")
    crm.write("seeds/people.csv", "id,name\n2,ben\n3,cyd\n")
    verdicts = crm.dryland("apply", "--yes", "--json").json["verdicts"]
    assert [each["status"] for each in verdicts if "as_new" in each["check"]] == ["pass"]


def test_persons_columns_of_the_source_are_those_of_the_seed(crm: Any) -> None:
    """Whoever describes the source alone has described the table."""
    test = "- {name: name, meta: {pii: true}, data_tests: [{accepted_values: {values: [zoe]}}]}"
    crm.edit(
        "models/sources.yml",
        "columns: [{name: id, data_tests: [unique]}]\n",
        f"columns:\n                  - {{name: id, data_tests: [unique]}}\n                  {test}\n",
    )
    said = crm.dryland("apply", "--yes", code=1)
    assert "source_accepted_values_crm_people_name__zoe" in said.out
    assert "***" in said.out
    assert "ana" not in said.out + said.err


def test_health_knows_the_table_once_with_what_is_said_of_either(crm: Any) -> None:
    crm.edit("models/sources.yml", "- name: people\n", "- name: people\n        description: Whom we know.\n")
    crm.dryland("apply", "--yes")
    for words in ((), ("-s", "source:crm")):
        found = {each["name"]: each for each in crm.dryland("health", *words, "--json").json["datasets"]}
        assert "crm.people" not in found
        assert found["people"]["has"] == {"owner": False, "description": True, "key": True, "checks": True}
