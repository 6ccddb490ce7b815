"""Tells a run over OTLP: a trace with a span for each dataset that was made, and metrics of the whole.

Datadog, Grafana, Honeycomb and every OpenTelemetry collector take it. Needs the extra `telemetry`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.util import find_spec
from typing import Any

from dryland.errors import ConfigError
from dryland.telemetry.told import Step, Told

TIMEOUT_S = 5


def send(told: Told, endpoint: str, headers: Mapping[str, str], version: str) -> None:
    """Send the trace to `/v1/traces` and the metrics to `/v1/metrics` of an endpoint.

    Raises:
        ConfigError: OpenTelemetry is not installed.
        OSError: the endpoint did not take it.
    """
    if find_spec("opentelemetry.sdk") is None:
        raise ConfigError("OpenTelemetry is not installed.", hint='pip install "dryland[telemetry]"')
    from opentelemetry.sdk.resources import Resource

    resource = Resource({"service.name": "dryland", "service.version": version, "service.namespace": told.project.name})
    _send_trace(told, endpoint, headers, resource)
    _send_metrics(told, endpoint, headers, resource)


def _send_trace(told: Told, endpoint: str, headers: Mapping[str, str], resource: Any) -> None:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SpanExportResult
    from opentelemetry.trace import Status, StatusCode, set_span_in_context

    tracer = TracerProvider(resource=resource, shutdown_on_exit=False).get_tracer("dryland")
    whole: Any = tracer.start_span(f"dryland {told.verb}", start_time=_ns(told.began), attributes=_of_run(told))
    within, spans = set_span_in_context(whole), []
    for step in told.steps:
        name = told.project.name_of(step.node)
        span: Any = tracer.start_span(name, within, start_time=_ns(step.began), attributes=_of_step(step))
        for verdict in step.verdicts:
            said = {"dryland.check": verdict.check, "dryland.failures": verdict.failures}
            span.add_event(f"check {verdict.status}", said, timestamp=_ns(verdict.at or step.ended))
        if step.error:
            span.set_status(Status(StatusCode.ERROR, step.error))
        span.end(_ns(step.ended))
        spans.append(span)
    if told.status in ("refused", "failed", "partly"):
        whole.set_status(Status(StatusCode.ERROR, told.error or told.status))
    whole.end(_ns(told.ended))
    exporter = OTLPSpanExporter(f"{endpoint.rstrip('/')}/v1/traces", headers=dict(headers), timeout=TIMEOUT_S)
    if exporter.export([whole, *spans]) is not SpanExportResult.SUCCESS:
        raise OSError("the endpoint did not take the trace")


def _send_metrics(told: Told, endpoint: str, headers: Mapping[str, str], resource: Any) -> None:
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.metrics.export import InMemoryMetricReader, MetricExportResult

    reader = InMemoryMetricReader()
    provider = MeterProvider([reader], resource=resource, shutdown_on_exit=False)
    meter = provider.get_meter("dryland")
    about = {"dryland.environment": told.environment, "dryland.verb": told.verb}
    meter.create_counter("dryland.runs").add(1, {**about, "dryland.status": told.status})
    seconds = (told.ended - told.began).total_seconds()
    meter.create_histogram("dryland.run.duration", unit="s").record(seconds, about)
    rows = meter.create_gauge("dryland.dataset.rows")
    took = meter.create_histogram("dryland.dataset.duration", unit="s")
    checks = meter.create_counter("dryland.checks")
    for step in told.steps:
        dataset = {"dryland.environment": told.environment, "dryland.dataset": step.node}
        took.record((step.ended - step.began).total_seconds(), dataset)
        if step.rows is not None:
            rows.set(step.rows, dataset)
        for verdict in step.verdicts:
            checks.add(1, {**dataset, "dryland.status": verdict.status})
    exporter = OTLPMetricExporter(f"{endpoint.rstrip('/')}/v1/metrics", headers=dict(headers), timeout=TIMEOUT_S)
    data = reader.get_metrics_data()
    if data is not None and exporter.export(data) is not MetricExportResult.SUCCESS:
        raise OSError("the endpoint did not take the metrics")


def _of_run(told: Told) -> dict[str, str | int]:
    release = {"dryland.release": told.release} if told.release is not None else {}
    return {
        "dryland.project": told.project.name, "dryland.environment": told.environment, "dryland.run": told.run,
        "dryland.status": told.status, "dryland.blocked": len(told.blocked), **release,
    }  # fmt: skip


def _of_step(step: Step) -> dict[str, str | int]:
    known = {"dryland.rows": step.rows, "dryland.build": step.build.key if step.build else None}
    return {"dryland.dataset": step.node, **{name: value for name, value in known.items() if value is not None}}


def _ns(at: datetime) -> int:
    """Nanoseconds since 1970."""
    seconds = (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
    return int(seconds * 1_000_000) * 1_000
