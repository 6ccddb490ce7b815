"""What a team says of monitors is read where it stands, and what cannot be read is told with its line."""

from __future__ import annotations

import subprocess
import sys
from datetime import date, datetime
from typing import Any

import pytest

from dryland.errors import ConfigError
from dryland.platform import Platform
from dryland.project.monitors import Metric, Monitors, Rule
from dryland.project.monitors_parsed import parse_monitors
from dryland.project.nodes import Place
from dryland.watch.usual import calendar_of
from dryland.watch.watched import monitors_of

HERE = Place("models/a.yml", 7)


def parsed(said: Any) -> Monitors:
    return parse_monitors(said, lambda key: HERE)


def test_a_bound_alone_is_one_that_is_given_and_not_learned() -> None:
    monitors = parsed({"freshness": "24h", "volume": "10%", "nulls": "5 %", "duration": "30min"})
    assert monitors.rules == {
        "freshness": Rule(True, high=86_400.0), "volume": Rule(True, max_change=0.1),
        "nulls": Rule(True, high=0.05), "duration": Rule(True, high=1_800.0),
    }  # fmt: skip
    assert all(rule.is_fixed for rule in monitors.rules.values())


def test_everything_that_can_be_said_is_understood() -> None:
    monitors = parsed(
        {
            "enabled": True, "sensitivity": "high", "holidays": ["2026-12-25", date(2026, 12, 26)],
            "volume": {"segments": ["country"], "min_change": "15%", "direction": "low", "severity": "error"},
            "mean": {"columns": ["amount"], "min_change": 2, "warm_up": 30, "sensitivity": 5},
            "distinct": False,
            "metrics": [{"name": "revenue", "sql": "sum(amount)", "min": 0}],
        }
    )  # fmt: skip
    assert monitors.holidays == {date(2026, 12, 25), date(2026, 12, 26)}
    assert monitors.rule("volume") == Rule(
        True, 3.0, "low", "error", min_change_share=0.15, segments=("country",)
    )  # fmt: skip
    assert monitors.rule("mean") == Rule(True, 5.0, min_change=2.0, warm_up=30, columns=("amount",))
    assert monitors.rule("distinct").is_on is False
    assert monitors.metrics == (Metric("revenue", "sum(amount)", HERE, Rule(True, low=0.0)),)
    assert parsed(False).is_on is False


def test_what_is_said_of_a_dataset_counts_over_what_is_said_of_all() -> None:
    everywhere = parsed({"sensitivity": "low", "volume": {"direction": "low", "max_change": "50%"}, "mean": False})
    here = parsed({"volume": {"min": 100}, "holidays": ["2026-01-01"]}).over(everywhere)
    assert here.rule("volume") == Rule(True, 6.0, "low", low=100.0)
    assert here.rule("mean").is_on is False
    assert here.sensitivity == 6.0
    assert here.holidays == {date(2026, 1, 1)}


@pytest.mark.parametrize(
    ("said", "message", "hint"),
    [
        ({"volum": "10%"}, "`volum` is not a kind of monitor", "did you mean `volume`?"),
        ({"volume": {"minimum": 3}}, "`minimum` is not a setting of `volume`", "`min"),
        ({"volume": "ten"}, "`volume: ten` is no number, share or time", "volume: 10%"),
        ({"sensitivity": "huge"}, "`sensitivity: huge` is neither low, medium, high", "medium"),
        ({"volume": {"direction": "up"}}, "`direction: up` is not one of both, low, high", "both"),
        ({"holidays": ["tomorrow"]}, "`tomorrow` is no day", "2026-12-25"),
        ({"metrics": [{"name": "a"}]}, "a metric has a `name` and `sql`", "revenue"),
        ({"metrics": 3}, "`metrics` is a list", "metrics: [...]"),
        ({"schema": "24h"}, "`schema: 24h` is neither true nor false", "schema: false"),
        ({"mean": {"warm_up": 0}}, "`warm_up: 0` is no number of observations", "warm_up: 14"),
        ({"enabled": "yes please"}, "`enabled: yes please` is neither true nor false", "enabled: false"),
        (["volume"], "`monitors` are keys and values", "monitors: {volume: 10%}"),
    ],
)
def test_what_cannot_be_read_is_told_with_what_would_do(said: Any, message: str, hint: str) -> None:
    with pytest.raises(ConfigError, match=message) as raised:
        parsed(said)
    assert hint in raised.value.hint
    assert raised.value.location == "models/a.yml:7"


@pytest.fixture
def watched(shop: Any) -> Any:
    shop.write("dryland.yml", "monitors:\n  holidays: [2026-12-25]\n  volume: {direction: low}\n")
    shop.write(
        "models/monitors.yml",
        """
        models:
          - name: big_spenders
            meta:
              monitors:
                volume: 20%
                metrics: [{name: top, sql: max(revenue)}]
        sources:
          - name: raw
            tables:
              - name: visits
                config: {meta: {monitors: {freshness: 6h}}}
        """,
    )
    return shop


def test_meta_and_dryland_yml_are_read_together(watched: Any) -> None:
    with Platform.open(watched.root) as platform:
        found = monitors_of(platform.project, "model.shop.big_spenders")
        assert found.rule("volume") == Rule(True, direction="low", max_change=0.2)
        assert [each.name for each in found.metrics] == ["top"]
        assert found.holidays == {date(2026, 12, 25)}
        assert monitors_of(platform.project, "source.shop.raw.visits").rule("freshness").high == 21_600.0
        assert monitors_of(platform.project, "model.shop.customer_orders").rule("volume") == Rule(True, direction="low")


@pytest.mark.parametrize(
    ("file", "old", "new", "line", "message"),
    [
        ("models/monitors.yml", "volume: 20%", "volumes: 20%", 5, "`volumes` is not a kind of monitor"),
        ("models/monitors.yml", "20%", "some", 5, "`volume: some` is no number"),
        ("models/monitors.yml", "{freshness: 6h}", "{fresh: 6h}", 11, "`fresh` is not a kind of monitor"),
        ("dryland.yml", "direction: low", "direction: down", 3, "`direction: down` is not one of"),
        ("dryland.yml", "2026-12-25", "2026", 2, "`2026` is no day"),
    ],
)
def test_a_slip_is_told_with_file_and_line(
    watched: Any, file: str, old: str, new: str, line: int, message: str
) -> None:  # fmt: skip
    watched.edit(file, old, new)
    said = watched.dryland("plan", code=2).err
    assert f"error: {file}:{line}: {message}" in said
    assert "hint: " in said


def test_monitors_of_monte_carlo_are_read_where_they_stand(shop: Any) -> None:
    shop.write(
        "models/monte_carlo.yml",
        """
        montecarlo:
          freshness:
            - {table: "shop:main.big_spenders", freshness_threshold: 90}
          volume:
            - table: main.customer_orders
              sensitivity: high
              comparisons: [{type: relative, operator: LT, threshold_value: -20}]
          field_health:
            - {table: main.customer_orders, fields: [revenue]}
          custom_sql:
            - name: negative
              table: main.customer_orders
              sql: select count(*) from {table} where revenue < 0
              comparisons: [{type: threshold, operator: GT, threshold_value: 0}]
          json_schema: [{table: main.customer_orders}]
          dimension_tracking: [{table: main.nowhere, field: country}]
        """,
    )
    with Platform.open(shop.root) as platform:
        project = platform.project
        assert monitors_of(project, "model.shop.big_spenders").rule("freshness") == Rule(True, high=5_400.0)
        found = monitors_of(project, "model.shop.customer_orders")
        assert found.rule("volume") == Rule(True, 3.0, "low", max_change=0.2)
        assert found.rule("nulls").columns == ("revenue",)
        (metric,) = found.metrics
        assert (metric.name, metric.rule) == ("negative", Rule(True, high=0.0))
        told = [each.partition(": ")[2] for each in project.warnings if "monte_carlo" in each]
        assert told == [
            "`json_schema` of Monte Carlo has no counterpart.",
            "no model or source is the table `nowhere`.",
        ]
    shop.edit("models/monte_carlo.yml", '{table: "shop:main.big_spenders", freshness_threshold: 90}', "{every: day}")
    assert (
        "error: models/monte_carlo.yml:3: a monitor of `freshness` names no table." in shop.dryland("plan", code=2).err
    )


def test_tests_of_elementary_are_monitors(shop: Any) -> None:
    shop.write(
        "models/elementary.yml",
        """
        models:
          - name: big_spenders
            data_tests:
              - elementary.volume_anomalies:
                  arguments:
                    timestamp_column: ordered_on
                    where_expression: revenue > 0
                    anomaly_sensitivity: 1.5
                    anomaly_direction: drop
                    ignore_small_changes: {spike_failure_percent_threshold: 30, drop_failure_percent_threshold: 20}
                  config: {severity: error}
              - elementary.freshness_anomalies: {timestamp_column: loaded_at}
              - elementary.schema_changes
            columns:
              - name: revenue
                data_tests:
                  - elementary.column_anomalies: {column_anomalies: [null_percent], min_training_set_size: 20}
              - name: customer_id
                data_tests:
                  - not_null
                  - elementary.column_anomalies: {column_anomalies: [null_count, average]}
        """,
    )
    with Platform.open(shop.root) as platform:
        project = platform.project
        rules = monitors_of(project, "model.shop.big_spenders").rules
        assert rules["volume"] == Rule(True, 2.0, "low", "error", min_change_share=0.2)
        assert rules["freshness"] == Rule(True, column="loaded_at")
        assert rules["nulls"].columns == ("revenue", "customer_id")
        assert rules["nulls"].warm_up == 20
        assert rules["mean"].columns == ("customer_id",)
        assert "distinct" not in rules
        assert not [each for each in project.checks.values() if "anomalies" in each.kind]
        assert [each.kind for each in project.checks.values() if each.node.endswith("big_spenders")] == ["not_null"]
        (warning,) = [each for each in project.warnings if "where_expression" in each]
        assert warning.startswith("models/elementary.yml:4: `where_expression` of elementary.volume_anomalies means")
    shop.dryland("apply", "--yes")
    manifest = (shop.root / "target/manifest.json").read_text()
    assert "test.shop.elementary_volume_anomalies_big_spenders" in manifest, "for dbt they are tests as before"


def test_countries_stand_for_their_public_holidays() -> None:
    """Independence Day is one of the United States, Epiphany one of Bavaria and not of Berlin."""
    monitors = parsed({"holidays": ["US", "DE-BY", "2026-12-24"]})
    assert (monitors.holidays, monitors.countries) == ({date(2026, 12, 24)}, {"US", "DE-BY"})
    may = datetime.fromisoformat("2026-05-01")
    days = calendar_of(monitors, may).holidays
    assert {date(2026, 7, 4), date(2026, 1, 6), date(2026, 12, 24), date(2025, 12, 25)} <= days
    assert date(2026, 1, 6) not in calendar_of(parsed({"holidays": "DE-BE"}), may).holidays
    assert parsed({"holidays": "US"}).over(parsed({"holidays": "PT"})).countries == {"US", "PT"}


@pytest.mark.parametrize(
    ("said", "message", "hint"),
    [
        ("XX", "the holidays of `XX` are not known", "US"),
        (["US", "DE-QQ"], "`DE` has no part `QQ`", "BY"),
        (False, "put the country in quotes", "NO"),
        ("tomorrow", "`tomorrow` is no day and no country", "2026-12-25"),
    ],
)
def test_a_country_that_nobody_knows_is_told(said: Any, message: str, hint: str) -> None:
    with pytest.raises(ConfigError, match=message) as raised:
        parsed({"holidays": said})
    assert hint in raised.value.hint
    assert raised.value.line == 7


def test_without_the_library_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dryland.project.countries.find_spec", lambda name: None)
    with pytest.raises(ConfigError, match="not installed") as raised:
        parsed({"holidays": "US"})
    assert raised.value.hint == 'pip install "dryland[holidays]"'


def test_who_names_no_country_imports_no_library() -> None:
    code = "import sys, dryland.watch.judge, dryland.project.settings; sys.exit('holidays' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
