"""Tells a run as OpenLineage events: the run itself, every dataset it made from which columns, and what checks said.

https://openlineage.io/spec/2-0-2/OpenLineage.json; facets by the versions named in `FACETS`.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from dryland.project.project import Project
from dryland.sql.meaning import ROWS, WHOLE, Meaning, Part, Read
from dryland.state.records import Verdict
from dryland.telemetry.told import Step, Told

Event = dict[str, Any]
SPEC = "https://openlineage.io/spec"
EVENT = f"{SPEC}/2-0-2/OpenLineage.json#/$defs/RunEvent"
PRODUCER = "https://github.com/dryland/dryland"
FACETS: Mapping[str, tuple[str, str]] = {  # name in an event: version and name of its definition
    "columnLineage": ("1-2-0", "ColumnLineageDatasetFacet"),
    "dataQualityAssertions": ("1-1-0", "DataQualityAssertionsDatasetFacet"),
    "datasetVersion": ("1-0-1", "DatasetVersionDatasetFacet"),
    "documentation": ("1-1-0", "DocumentationDatasetFacet"),
    "errorMessage": ("1-0-1", "ErrorMessageRunFacet"),
    "jobType": ("2-0-4", "JobTypeJobFacet"),
    "outputStatistics": ("1-0-2", "OutputStatisticsOutputDatasetFacet"),
    "ownership": ("1-0-1", "OwnershipDatasetFacet"),
    "parent": ("1-2-0", "ParentRunFacet"),
    "processing_engine": ("1-1-1", "ProcessingEngineRunFacet"),
    "schema": ("1-2-0", "SchemaDatasetFacet"),
    "sql": ("1-1-0", "SQLJobFacet"),
}
ENDINGS = {"published": "COMPLETE", "nothing": "COMPLETE", "partly": "COMPLETE", "refused": "FAIL", "failed": "FAIL"}


def events(told: Told, *, namespace: str, place: str, version: str) -> list[Event]:
    """The events of a run in the order in which they happened.

    The same run gives the same events whenever it is told: its ids are hashes of where (`place`) and which it was.
    """
    return _Teller(told, namespace, place, version).events()


def dataset_namespace(project: Project) -> str:
    """What OpenLineage calls a warehouse: `postgres://host:5432`, or the file of DuckDB."""
    warehouse = project.warehouse
    if host := warehouse.settings.get("host"):
        return f"{warehouse.type}://{host}:{warehouse.settings.get('port') or 5432}"
    path = str(warehouse.settings.get("path") or ":memory:").partition("?")[0]
    return f"{warehouse.type}://{path}"


class _Teller:
    """Holds what all events of one run have in common."""

    def __init__(self, told: Told, namespace: str, place: str, version: str) -> None:
        self._told, self._namespace, self._place, self._version = told, namespace, place, version
        self._datasets = dataset_namespace(told.project)

    def events(self) -> list[Event]:
        """The run begins, its steps begin and end, their checks are said, the run ends."""
        told = self._told
        begun = self._event("START", told.began, told.name, "", {}, {"jobType": self._kind("RUN")})
        said = [event for step in told.steps for event in self._of_step(step)]
        run = {"errorMessage": _error(told.error)} if told.error else {}
        ended = self._event(ENDINGS[told.status], told.ended, told.name, "", run, {"jobType": self._kind("RUN")})
        return [begun, *sorted(said, key=lambda each: str(each["eventTime"])), ended]

    def _of_step(self, step: Step) -> list[Event]:
        name = f"{self._told.project.name}.{self._told.environment}.{self._told.project.name_of(step.node)}"
        job = {"jobType": self._kind("MODEL"), **_documentation(self._told.project, step.node)}
        if step.sql:
            job["sql"] = _facet("sql", query=step.sql, dialect=self._told.project.warehouse.type)
        inputs = [self._dataset(each) for each in sorted(step.meaning.inputs)] if step.meaning else []
        outputs = [self._output(step)]
        run = {"errorMessage": _error(step.error)} if step.error else {}
        ending = "FAIL" if step.error else "COMPLETE"
        return [
            self._event("START", step.began, name, step.node, {}, job, inputs, outputs),
            self._event(ending, step.ended, name, step.node, run, job, inputs, outputs),
            *self._of_checks(step, name),
        ]

    def _of_checks(self, step: Step, name: str) -> list[Event]:
        """What the checks on a candidate said, as a job that reads it."""
        said = [verdict for verdict in step.verdicts if verdict.check in self._told.project.checks]
        if not said:
            return []
        read = self._dataset(step.node)
        read["inputFacets"] = {"dataQualityAssertions": _facet("dataQualityAssertions", assertions=self._said(said))}
        at = max((verdict.at for verdict in said if verdict.at), default=step.ended)
        ending = "FAIL" if any(verdict.status in ("fail", "error") for verdict in said) else "COMPLETE"
        job, about = {"jobType": self._kind("TEST")}, f"{step.node}:checks"
        return [
            self._event(kind, max(at, step.ended), f"{name}.checks", about, {}, job, [read])
            for kind in ("START", ending)
        ]

    def _said(self, verdicts: Iterable[Verdict]) -> list[dict[str, Any]]:
        found = []
        for verdict in verdicts:
            check = self._told.project.checks[verdict.check]
            column = {"column": check.column} if check.column else {}
            found.append(
                {"assertion": check.kind, "success": verdict.status == "pass", **column, "name": check.name,
                 "severity": check.severity, "description": verdict.message, "actual": str(verdict.failures)}
            )  # fmt: skip
        return found

    def _event(
        self, kind: str, at: datetime, name: str, about: str, run: Mapping[str, Any], job: Mapping[str, Any],
        inputs: Iterable[Event] = (), outputs: Iterable[Event] = (),
    ) -> Event:  # fmt: skip
        whole = {"run": {"runId": self._id("")}, "job": {"namespace": self._namespace, "name": self._told.name}}
        parent = {"parent": _facet("parent", **whole)} if about else {}
        engine = {"processing_engine": _facet("processing_engine", name="dryland", version=self._version)}
        return {
            "eventType": kind, "eventTime": _moment(at), "producer": PRODUCER, "schemaURL": EVENT,
            "run": {"runId": self._id(about), "facets": {**engine, **parent, **run}},
            "job": {"namespace": self._namespace, "name": name, "facets": dict(job)},
            "inputs": list(inputs), "outputs": list(outputs),
        }  # fmt: skip

    def _id(self, about: str) -> str:
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{self._place}/{self._told.run}/{about}"))

    def _kind(self, kind: str) -> dict[str, Any]:
        return _facet("jobType", processingType="BATCH", integration="DRYLAND", jobType=kind)

    def _dataset(self, unique_id: str) -> Event:
        name = ".".join(self._told.relations.get(unique_id, (unique_id,)))
        return {"namespace": self._datasets, "name": name, "facets": {}}

    def _output(self, step: Step) -> Event:
        found = self._dataset(step.node)
        found["facets"] = facets = _documentation(self._told.project, step.node)
        node = self._told.project.nodes.get(step.node)
        if node and node.owner:
            facets["ownership"] = _facet("ownership", owners=[{"name": node.owner}])
        if step.build:
            texts = {column.name: column.description for column in node.columns} if node else {}
            facets["schema"] = _facet("schema", fields=[_field(*each, texts) for each in step.build.columns])
            facets["datasetVersion"] = _facet("datasetVersion", datasetVersion=step.build.key)
        if step.meaning and step.meaning.columns is not None:
            facets["columnLineage"] = self._lineage(step.meaning)
        if step.rows is not None:
            found["outputFacets"] = {"outputStatistics": _facet("outputStatistics", rowCount=step.rows)}
        return found

    def _lineage(self, meaning: Meaning) -> dict[str, Any]:
        columns = {name: part for name, part in (meaning.columns or {}).items() if self._fields(part, "DIRECT")}
        fields = {name: {"inputFields": self._fields(part, "DIRECT")} for name, part in columns.items()}
        return _facet("columnLineage", fields=fields, dataset=self._fields(meaning.rows, "INDIRECT"))

    def _fields(self, part: Part, kind: str) -> list[dict[str, Any]]:
        """The columns that a part reads; what reads a whole input is told by its inputs."""
        return [self._field_read(read, kind) for read in sorted(part.reads) if read[1] not in (ROWS, WHOLE)]

    def _field_read(self, read: Read, kind: str) -> dict[str, Any]:
        unique_id, column = read
        where = self._dataset(unique_id)
        return {
            "namespace": where["namespace"], "name": where["name"], "field": column,
            "transformations": [{"type": kind}],
        }  # fmt: skip


def _facet(kind: str, /, **values: Any) -> dict[str, Any]:
    version, definition = FACETS[kind]
    url = f"{SPEC}/facets/{version}/{definition}.json#/$defs/{definition}"
    return {"_producer": PRODUCER, "_schemaURL": url, **values}


def _field(name: str, kind: str, texts: Mapping[str, str]) -> dict[str, str]:
    described = {"description": texts[name]} if texts.get(name) else {}
    return {"name": name, "type": kind, **described}


def _documentation(project: Project, unique_id: str) -> dict[str, Any]:
    node = project.nodes.get(unique_id)
    return {"documentation": _facet("documentation", description=node.description)} if node and node.description else {}


def _error(message: str) -> dict[str, Any]:
    return _facet("errorMessage", message=message, programmingLanguage="SQL")


def _moment(at: datetime) -> str:
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).isoformat()
