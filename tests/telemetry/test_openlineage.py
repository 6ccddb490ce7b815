"""Events are OpenLineage's: the official client's classes, which are made from the published schemas, take them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dryland.telemetry.openlineage import FACETS

pytestmark = pytest.mark.medium

FILE = "telemetry: {openlineage: {file: logs/lineage.jsonl}}\n"


def told(workspace: Any, *, code: int = 0) -> list[dict[str, Any]]:
    """The events of one release."""
    file = workspace.root / "logs" / "lineage.jsonl"
    file.unlink(missing_ok=True)
    workspace.dryland("apply", "--yes", code=code)
    return [json.loads(line) for line in file.read_text().splitlines()]


def ends(events: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The last event of each job, by its name without the environment's."""
    return {event["job"]["name"].removeprefix("shop.prod."): event for event in events}


@pytest.fixture
def watched(shop: Any) -> Any:
    """The sample project, which tells a file."""
    shop.write("dryland.yml", FILE)
    return shop


def facets_in(value: Any) -> list[tuple[str, dict[str, Any]]]:
    """Every facet in an event, with its name."""
    if isinstance(value, list):
        return [each for part in value for each in facets_in(part)]
    if not isinstance(value, dict):
        return []
    found = [(name, each) for name, each in value.items() if isinstance(each, dict) and "_schemaURL" in each]
    return found + [each for part in value.values() for each in facets_in(part)]


def test_the_official_client_takes_every_event_and_facet(watched: Any) -> None:
    from openlineage.client import event_v2, facet_v2

    classes = {
        "columnLineage": facet_v2.column_lineage_dataset.ColumnLineageDatasetFacet,
        "dataQualityAssertions": facet_v2.data_quality_assertions_dataset.DataQualityAssertionsDatasetFacet,
        "datasetVersion": facet_v2.dataset_version_dataset.DatasetVersionDatasetFacet,
        "documentation": facet_v2.documentation_dataset.DocumentationDatasetFacet,
        "errorMessage": facet_v2.error_message_run.ErrorMessageRunFacet,
        "jobType": facet_v2.job_type_job.JobTypeJobFacet,
        "outputStatistics": facet_v2.output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet,
        "ownership": facet_v2.ownership_dataset.OwnershipDatasetFacet,
        "parent": facet_v2.parent_run.ParentRunFacet,
        "processing_engine": facet_v2.processing_engine_run.ProcessingEngineRunFacet,
        "schema": facet_v2.schema_dataset.SchemaDatasetFacet,
        "sql": facet_v2.sql_job.SQLJobFacet,
    }
    assert classes.keys() == FACETS.keys()
    events = told(watched)
    watched.edit("models/staging/stg_orders.sql", "    amount,", "    cast('never' || amount as date) as amount,")
    events += told(watched, code=3)
    seen = set()
    for event in events:
        event_v2.RunEvent(
            eventTime=event["eventTime"], producer=event["producer"], eventType=event_v2.RunState(event["eventType"]),
            run=event_v2.Run(event["run"]["runId"]), job=event_v2.Job(event["job"]["namespace"], event["job"]["name"]),
        )  # fmt: skip
        for name, facet in facets_in(event):
            made = classes[name](**{key: value for key, value in facet.items() if not key.startswith("_")})
            assert facet["_schemaURL"] == made._get_schema() or name == "documentation"
            seen.add(name)
    assert seen == {*FACETS} - {"ownership"}


def test_a_run_begins_ends_and_is_the_parent_of_what_it_made(watched: Any) -> None:
    events = told(watched)
    assert [events[0]["eventType"], events[-1]["eventType"]] == ["START", "COMPLETE"]
    assert events[0]["run"]["runId"] == events[-1]["run"]["runId"]
    assert events[0]["job"]["name"] == events[-1]["job"]["name"] == "shop.prod.apply"
    inner = events[1:-1]
    assert {event["run"]["facets"]["parent"]["run"]["runId"] for event in inner} == {events[0]["run"]["runId"]}
    assert sorted(each["eventTime"] for each in inner) == [each["eventTime"] for each in inner]
    assert events[0]["eventTime"] <= inner[0]["eventTime"] and inner[-1]["eventTime"] <= events[-1]["eventTime"]


def test_a_dataset_is_told_with_its_columns_and_where_they_come_from(watched: Any) -> None:
    event = ends(told(watched))["customer_orders"]
    (output,) = event["outputs"]
    assert output["name"] == "warehouse.main.customer_orders"
    assert output["namespace"].startswith("duckdb://") and output["namespace"].endswith("warehouse.duckdb")
    assert {"name": "name", "type": "VARCHAR"}.items() <= output["facets"]["schema"]["fields"][1].items()
    assert output["outputFacets"]["outputStatistics"]["rowCount"] == 3
    lineage = output["facets"]["columnLineage"]
    (read,) = lineage["fields"]["name"]["inputFields"]
    assert (read["name"], read["field"]) == ("warehouse.main.stg_customers", "name")
    assert read["transformations"] == [{"type": "DIRECT"}]
    assert "customer_id" in {each["field"] for each in lineage["dataset"]}
    assert {each["name"] for each in event["inputs"]} == {
        "warehouse.main.stg_customers", "warehouse.main.stg_orders"
    }  # fmt: skip
    assert "select" in event["job"]["facets"]["sql"]["query"].lower()


def test_what_checks_said_is_told_of_the_candidate(watched: Any) -> None:
    told(watched)
    watched.edit("seeds/raw_orders.csv", "11,1,5.00", "10,1,5.00")
    events = ends(told(watched, code=1))
    event = events["stg_orders.checks"]
    assert event["eventType"] == "FAIL"
    (read,) = event["inputs"]
    said = {each["name"]: each for each in read["inputFacets"]["dataQualityAssertions"]["assertions"]}
    failed = said["unique_stg_orders_order_id"]
    assert (failed["success"], failed["column"], failed["assertion"], failed["actual"]) == (
        False, "order_id", "unique", "1",
    )  # fmt: skip
    assert events["apply"]["eventType"] == "FAIL"


def test_what_could_not_be_built_says_why(watched: Any) -> None:
    watched.edit("models/staging/stg_orders.sql", "    amount,", "    cast('never' || amount as date) as amount,")
    event = ends(told(watched, code=3))["stg_orders"]
    assert event["eventType"] == "FAIL"
    assert "date" in event["run"]["facets"]["errorMessage"]["message"]


def test_nothing_to_do_is_nothing_to_tell(watched: Any) -> None:
    told(watched)
    (watched.root / "logs" / "lineage.jsonl").unlink()
    watched.dryland("apply", "--yes")
    assert not (watched.root / "logs" / "lineage.jsonl").exists()
