"""dbt's semantic layer is read and validated; nothing serves it."""

from __future__ import annotations

from pathlib import Path

import pytest

from dryland.errors import ConfigError, DuplicateError, ProjectError, UnknownNameError
from dryland.plan.select import select, select_any
from dryland.project.load import load_project
from dryland.project.project import Project

BASE = {
    "dbt_project.yml": "name: shop\nprofile: shop\nmetrics: {shop: {money: {+enabled: true, +tags: ignored}}}\n",
    "profiles.yml": "shop: {target: dev, outputs: {dev: {type: duckdb, path: w.duckdb, schema: main}}}\n",
    "models/orders.sql": "select 1 as id, 10 as amount, date '2026-01-01' as day\n",
    "models/days.sql": "select day from {{ ref('orders') }}\n",
}
SALES = """
semantic_models:
  - name: sales
    description: Every sale.
    model: ref('orders')
    defaults: {agg_time_dimension: day}
    measures: [{name: amount, agg: sum, create_metric: true}, {name: sales, agg: count, expr: id}]
"""
METRICS = """
metrics:
  - {name: total, label: T, type: simple, type_params: {measure: amount}, tags: [kpi], config: {group: finance}}
  - {name: counted, label: C, type: cumulative, type_params: {measure: {name: sales}}}
  - name: average
    label: A
    type: ratio
    type_params: {numerator: total, denominator: {name: counted}}
    filter: "{{ Dimension('sale__day') }} > '2020-01-01'"
  - {name: more, label: M, type: derived, type_params: {expr: total * 2, metrics: [total]}}
  - name: bought
    label: B
    type: conversion
    type_params: {conversion_type_params: {entity: a, base_measure: amount, conversion_measure: {name: sales}}}
saved_queries:
  - {name: monthly, query_params: {metrics: [average, more], where: ["{{ Dimension('a__b') }} > 1"]}, tags: [q]}
groups:
  - {name: finance, owner: {name: Fi}}
"""
EXPOSURE = """
exposures:
  - {name: board, type: dashboard, owner: {name: Ana}, depends_on: ["metric('average')"]}
"""


@pytest.fixture
def read(tmp_path: Path):
    def project(*texts: str) -> Project:
        files = {**BASE, **{f"models/money/part{number}.yml": text for number, text in enumerate(texts)}}
        for path, content in files.items():
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(content)
        return load_project(tmp_path, environment={})

    return project


def names(project: Project, *words: str) -> set[str]:
    return {unique_id.split(".", 2)[2] for unique_id in select_any(project, words)}


def test_each_reads_what_it_names(read) -> None:
    semantics = read(SALES, METRICS).semantics
    sales = "semantic_model.shop.sales"
    assert {uid.split(".", 1)[0] + ":" + each.name: each.depends_on for uid, each in semantics.items()} == {
        "semantic_model:sales": ("model.shop.orders",),
        "metric:amount": (sales,),
        "metric:total": (sales,),
        "metric:counted": (sales,),
        "metric:average": ("metric.shop.total", "metric.shop.counted"),
        "metric:more": ("metric.shop.total",),
        "metric:bought": (sales,),
        "saved_query:monthly": ("metric.shop.average", "metric.shop.more"),
    }
    assert semantics[sales].description == "Every sale."
    assert semantics["metric.shop.total"].fqn == ("shop", "money", "total")


def test_selectors_find_them_and_follow_what_they_read(read) -> None:
    project = read(SALES, METRICS)
    assert names(project, "metric:to*") == {"total"}
    assert names(project, "tag:kpi") == {"total"}
    assert names(project, "group:finance") == {"total"}
    assert names(project, "+saved_query:monthly") == {
        "orders",
        "sales",
        "total",
        "counted",
        "average",
        "more",
        "monthly",
    }
    assert names(project, "1+semantic_model:sales") == {"orders", "sales"}
    assert select(project, ["+metric:average"]) == ("model.shop.orders",)


def test_an_exposure_on_a_metric_depends_on_the_models_behind_it(read) -> None:
    project = read(SALES, METRICS, EXPOSURE)
    (board,) = project.exposures.values()
    assert board.depends_on == ("metric.shop.average",)
    assert project.models_behind(board.depends_on) == ("model.shop.orders",)


def test_a_change_of_a_model_hits_an_exposure_on_its_metrics(workspace) -> None:
    for path, text in {**BASE, "models/a.yml": SALES, "models/b.yml": METRICS, "models/c.yml": EXPOSURE}.items():
        workspace.write(path, text)
    workspace.dryland("apply", "--yes")
    workspace.edit("models/orders.sql", "10 as amount", "11 as amount")
    changes = {change["node"]: change for change in workspace.dryland("plan", "--json").json["changes"]}
    assert changes["model.shop.orders"]["exposures"] == ["exposure.shop.board"]


def test_nobody_is_told_that_they_are_not_read(read) -> None:
    assert read(SALES, METRICS).warnings == ()


def test_exports_of_saved_queries_are_told_not_to_be_made(read) -> None:
    query = "saved_queries: [{name: q, query_params: {metrics: [total]}, exports: [{name: e}]}]\n"
    (warning,) = read(SALES, METRICS.split("saved_queries")[0], query).warnings
    assert warning == "models/money/part2.yml:1 exports of saved queries are not made: `q`"


def test_what_is_switched_off_is_not_there(read) -> None:
    off = SALES.replace("description: Every sale.", "config: {enabled: false}")
    assert read(off).semantics == {}


@pytest.mark.parametrize(
    ("text", "line", "message", "hint"),
    [
        ("semantic_models:\n  - name: a\n", 2, "the semantic model `a` has no model.", "ref('orders')"),
        ("semantic_models:\n  - name: a\n    model: orders\n", 3, "`orders` is no ref.", "ref('orders')"),
        ("semantic_models:\n  - name: a\n    model: ref('order')\n", 3, "refers to `order`, which no", "`orders`"),
        ("metrics:\n  - name: a b\n    type: simple\n", 2, "`a b` is no name of a metric.", "letters"),
        ("metrics:\n  - name: a\n", 2, "the metric `a` has no type.", "simple"),
        ("metrics:\n  - name: a\n    type: sum\n", 3, "`sum` is no type of a metric.", "simple"),
        ("metrics:\n  - name: a\n    type: simple\n", 2, "the metric `a` needs a measure.", ""),
        (
            "metrics:\n  - name: a\n    type: simple\n    type_params: {measure: amont}\n",
            4, "the metric `a` names the measure `amont`, which nothing defines.", "`amount` exists.",
        ),
        (
            "metrics:\n  - name: a\n    type: derived\n    type_params: {metrics: [amout]}\n",
            4, "the metric `a` names the metric `amout`, which nothing defines.", "`amount` exists.",
        ),
        ("saved_queries:\n  - name: a\n", 2, "the saved query `a` has no query_params.", "query_params"),
        (
            "saved_queries:\n  - name: a\n    query_params: {metrics: [nope]}\n",
            3, "the saved query `a` names the metric `nope`, which nothing defines.", "",
        ),
        (
            "exposures:\n  - name: a\n    type: ml\n    owner: {name: A}\n    depends_on:\n    - metric('amout')\n",
            6, "refers to the metric `amout`, which nothing defines.", "`amount` exists.",
        ),
    ],
)  # fmt: skip
def test_a_slip_says_where_and_what_is_near(read, text, line, message, hint) -> None:
    with pytest.raises(ProjectError) as caught:
        read(SALES, text)
    error = caught.value
    assert isinstance(error, ConfigError | UnknownNameError)
    assert (error.path, error.line) == ("models/money/part1.yml", line)
    assert message in error.message
    assert hint in error.hint


def test_two_of_one_name_are_too_many(read) -> None:
    with pytest.raises(DuplicateError, match="the semantic model `sales` is declared twice"):
        read(SALES, SALES)
