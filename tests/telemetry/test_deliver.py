"""Everybody who is named is told over the wire; who cannot be told never fails a release."""

from __future__ import annotations

import json
import socket
from typing import Any

import pytest

pytestmark = pytest.mark.medium

SECRET = "a-secret-that-nobody-sees"


def test_events_are_posted_one_after_the_other_with_the_key(shop: Any, taker: Any, monkeypatch: Any) -> None:
    monkeypatch.setenv("LINEAGE_KEY", SECRET)
    url = f"{taker.address}/api/v1/lineage"
    key = "{{ env_var('LINEAGE_KEY') }}"
    shop.write("dryland.yml", f'telemetry: {{openlineage: {{url: {url}, api_key: "{key}", namespace: team}}}}\n')
    answer = shop.dryland("apply", "--yes")
    events = [json.loads(body) for _, _, body in taker.taken]
    assert {path for path, _, _ in taker.taken} == {"/api/v1/lineage"}
    assert {headers["Authorization"] for _, headers, _ in taker.taken} == {f"Bearer {SECRET}"}
    assert {event["job"]["namespace"] for event in events} == {"team"}
    assert [events[0]["eventType"], events[-1]["eventType"]] == ["START", "COMPLETE"]
    assert SECRET not in answer.out + answer.err + json.dumps(events)


def test_a_server_that_refuses_is_told_of_and_fails_nothing(shop: Any, taker: Any) -> None:
    taker.status = 503
    shop.write("dryland.yml", f"telemetry: {{openlineage: {{url: '{taker.address}/?token={SECRET}'}}}}\n")
    answer = shop.dryland("apply", "--yes")
    assert "could not tell OpenLineage: the server answered 503" in answer.out
    assert SECRET not in answer.out + answer.err and len(taker.taken) == 1


def test_a_server_that_is_not_there_fails_nothing(shop: Any) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    shop.write("dryland.yml", f"telemetry: {{openlineage: {{url: 'http://127.0.0.1:{port}'}}}}\n")
    assert "could not tell OpenLineage: Connection refused" in shop.dryland("apply", "--yes").out


def test_a_trace_and_metrics_go_out_over_otlp(shop: Any, taker: Any) -> None:
    """Read back with OpenTelemetry's own definitions of what goes over the wire."""
    from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    shop.write("dryland.yml", f"telemetry: {{otlp: {{endpoint: '{taker.address}', headers: {{x-key: k1}}}}}}\n")
    answer = shop.dryland("apply", "--yes")
    assert "could not tell" not in answer.out
    bodies = {path: (headers, body) for path, headers, body in taker.taken}
    assert bodies.keys() == {"/v1/traces", "/v1/metrics"} and bodies["/v1/traces"][0]["x-key"] == "k1"
    (resource,) = ExportTraceServiceRequest.FromString(bodies["/v1/traces"][1]).resource_spans
    spans = {span.name: span for scope in resource.scope_spans for span in scope.spans}
    whole, step = spans["dryland apply"], spans["customer_orders"]
    assert {span.trace_id for span in spans.values()} == {whole.trace_id} and step.parent_span_id == whole.span_id
    assert whole.start_time_unix_nano <= step.start_time_unix_nano < step.end_time_unix_nano
    assert step.end_time_unix_nano <= whole.end_time_unix_nano
    assert {"key": "dryland.rows", "value": 3} in [
        {"key": each.key, "value": each.value.int_value} for each in step.attributes
    ]
    assert {event.name for event in spans["stg_orders"].events} == {"check pass"}
    (metrics,) = ExportMetricsServiceRequest.FromString(bodies["/v1/metrics"][1]).resource_metrics
    names = {metric.name for scope in metrics.scope_metrics for metric in scope.metrics}
    assert {"dryland.runs", "dryland.run.duration", "dryland.dataset.rows", "dryland.checks"} <= names


def test_statsd_hears_counts_and_durations(shop: Any) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as heard:
        heard.bind(("127.0.0.1", 0))
        heard.settimeout(5)
        port = heard.getsockname()[1]
        shop.write("dryland.yml", f"telemetry: {{statsd: {{host: 127.0.0.1, port: {port}, prefix: dl}}}}\n")
        shop.dryland("apply", "--yes")
        lines = heard.recv(65_535).decode().split("\n")
        if not any("customer_orders.rows" in line for line in lines):  # as many datagrams as it takes
            lines += heard.recv(65_535).decode().split("\n")
    assert "dl.shop.prod.apply.published:1|c" in lines
    assert "dl.shop.prod.apply.dataset.customer_orders.rows:3|g" in lines
    assert any(line.startswith("dl.shop.prod.apply.duration:") and line.endswith("|ms") for line in lines)


def test_an_address_that_is_none_is_an_error_with_its_line(shop: Any) -> None:
    shop.write("dryland.yml", "threads: 2\ntelemetry:\n  otlp:\n    endpoint: localhost:4318\n")
    answer = shop.dryland("plan", code=2)
    assert "dryland.yml:4" in answer.err and "`telemetry.otlp.endpoint` is no address of HTTP" in answer.err
