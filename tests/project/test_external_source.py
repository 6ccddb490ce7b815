"""Where a source's rows are is written in any of dbt-duckdb's ways."""

from __future__ import annotations

import pytest

from dryland.engines.relation import Relation
from dryland.errors import ConfigError
from dryland.project.external_source import expression_of
from dryland.project.nodes import Place

RELATION = Relation("shop", "raw", "people_v2")
PLACE = Place("models/s.yml", 3)


def said(location: str, **more: object) -> str:
    return expression_of("people", RELATION, {"external_location": location, **more}, PLACE)


@pytest.mark.parametrize(
    ("location", "formatter", "expression"),
    [
        ("data/{name}.csv", "newstyle", "'data/people.csv'"),
        ("data/{identifier}.{schema}.{database}", "newstyle", "'data/people_v2.raw.shop'"),
        ("data/%(name)s.csv", "oldstyle", "'data/people.csv'"),
        ("data/${name}.csv", "template", "'data/people.csv'"),
        ("read_csv('{name}.csv', header = true)", "newstyle", "read_csv('people.csv', header = true)"),
        ("'already quoted.csv'", "newstyle", "'already quoted.csv'"),
        ("{which}/{tags[0]}", "newstyle", "'here/nightly'"),
    ],
)
def test_a_location_becomes_what_a_query_reads(location: str, formatter: str, expression: str) -> None:
    assert said(location, formatter=formatter, meta={"which": "here"}, tags=["nightly"]) == expression


def test_meta_counts_and_configuration_outweighs_it() -> None:
    meta = {"external_location": "a.csv"}
    assert expression_of("people", RELATION, {"meta": meta}, PLACE) == "'a.csv'"
    assert said("b.csv", meta=meta) == "'b.csv'"


def test_a_table_is_a_table() -> None:
    assert expression_of("people", RELATION, {"meta": {"owner": "ana"}, "enabled": True}, PLACE) == ""


@pytest.mark.parametrize(
    ("location", "formatter"),
    [("{nme}", "newstyle"), ("{0}", "newstyle"), ("%(nme)s", "oldstyle"), ("$nme", "template")],
)
def test_a_placeholder_stands_for_something(location: str, formatter: str) -> None:
    with pytest.raises(ConfigError, match="stands for nothing") as refused:
        said(location, formatter=formatter)
    assert (refused.value.path, refused.value.line) == ("models/s.yml", 3)
