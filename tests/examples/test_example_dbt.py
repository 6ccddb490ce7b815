"""Both examples are real dbt projects: dbt itself builds them, and their checks say what they should."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("numpy", reason="the demo extra is not installed: numpy is missing")
pytest.importorskip("dlt", reason="the demo extra is not installed: dlt is missing")
pytest.importorskip("pyarrow", reason="the demo extra is not installed: pyarrow is missing")

import duckdb
from load import load
from world.generate import advance, repair
from world.ingest import ingest

if TYPE_CHECKING:
    from conftest import DbtBuild

pytestmark = [pytest.mark.dbt, pytest.mark.slow]


@pytest.fixture
def shop(segmentation: Path, small_world: Path) -> Path:
    """The segmentation project with its world ingested."""
    shutil.copytree(small_world, segmentation / "shop")
    ingest(segmentation / "shop", segmentation / "warehouse.duckdb")
    return segmentation


def failed(results: dict[str, tuple[str, int | None]]) -> set[str]:
    return {name for name, (status, _) in results.items() if status in ("fail", "error", "warn")}


def let_a_day_pass(project: Path, *, corrupt: str | None = None) -> None:
    advance(project / "shop", corrupt=corrupt)
    ingest(project / "shop", project / "warehouse.duckdb")


def test_ordinary_days_pass_every_check(shop: Path, dbt_build: DbtBuild) -> None:
    assert not failed(dbt_build(shop))
    let_a_day_pass(shop)
    assert not failed(dbt_build(shop))


def test_the_four_segments_are_all_there(shop: Path, dbt_build: DbtBuild) -> None:
    dbt_build(shop)
    with duckdb.connect(str(shop / "warehouse.duckdb"), read_only=True) as connection:
        rows = connection.execute(
            "SELECT segment, count(*), min(confidence) > 0 AND max(confidence) <= 1 FROM customer_segments "
            "GROUP BY segment ORDER BY segment"
        ).fetchall()
    assert [(name, is_share) for name, _, is_share in rows] == [
        (name, True) for name in ("churned", "high_value", "low_value", "medium_value")
    ]
    assert sum(count for _, count, _ in rows) == 4_000


def test_a_corrupt_day_fails_several_checks_until_it_is_repaired(shop: Path, dbt_build: DbtBuild) -> None:
    let_a_day_pass(shop, corrupt="all")
    assert {
        "daily_volume_is_usual",
        "not_null_stg_orders_order_id",
        "not_null_stg_order_lines_order_id",
        "unique_together_stg_order_lines_order_id__line_number",
    } <= failed(dbt_build(shop))
    repair(shop / "shop")
    ingest(shop / "shop", shop / "warehouse.duckdb")
    assert not failed(dbt_build(shop))


@pytest.mark.parametrize(
    ("corruption", "check"),
    [
        ("truncated", "daily_volume_is_usual"),
        ("duplicates", "unique_together_stg_order_lines_order_id__line_number"),
        ("nulls", "not_null_stg_orders_customer_id"),
    ],
)
def test_each_corruption_is_caught(shop: Path, dbt_build: DbtBuild, corruption: str, check: str) -> None:
    let_a_day_pass(shop, corrupt=corruption)
    assert check in failed(dbt_build(shop))


def test_ninety_days_make_too_many_customers_active(shop: Path, dbt_build: DbtBuild) -> None:
    model = shop / "models" / "features" / "fct_active_customers.sql"
    assert model.read_text().count("interval '7 days'") == 1
    model.write_text(model.read_text().replace("interval '7 days'", "interval '90 days'"))
    assert failed(dbt_build(shop)) == {"share_between_fct_active_customers_0_05__0_35__is_active"}


def test_the_flights_warn_of_what_is_known_and_of_nothing_else(flights: Path, dbt_build: DbtBuild) -> None:
    try:
        load(flights / "flights.duckdb")
    except ModuleNotFoundError as missing:
        pytest.skip(str(missing))
    results = dbt_build(flights)
    assert {name: failures for name, (status, failures) in results.items() if status in ("warn", "fail", "error")} == {
        "source_within_raw_weather_0__100__wind_speed": 1,
        "not_null_stg_airports_time_zone": 3,
        "not_null_stg_planes_built_in": 70,
        "not_null_stg_flights_arrived_minute": 458,
        "relationships_stg_flights_dest__airport__ref_stg_airports_": 7602,
        "relationships_stg_flights_tailnum__tailnum__ref_stg_planes_": 50094,
        "flights_have_weather": 1556,
        "within_cancellations_daily_0__0_5__cancelled_share": 2,
        "not_null_busiest_aircraft_manufacturer": 18,
    }
    assert {status for status, _ in results.values()} <= {"success", "pass", "warn", "no-op"}
