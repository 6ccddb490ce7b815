"""Thirty days of refreshes, then a bad one: monitors have learned what is usual, and say what is not."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta
from typing import Any

import pytest

from dryland.platform import Platform

FIRST = datetime.fromisoformat("2026-03-02T05:00:00")
DAYS = 30


class Shop:
    """A shop whose orders are loaded every night, and refreshed at five."""

    def __init__(self, workspace: Any) -> None:
        self.workspace = workspace
        self.at = FIRST

    def night(self, rows: int, *, nulls: int = 0, at: datetime | None = None) -> Any:
        """Orders of one day arrive instead of those before; the models are refreshed."""
        self.at = at or self.at + timedelta(days=1)
        loaded = f"timestamp '{self.at - timedelta(hours=2)}'"
        self.workspace.arrives(
            f"create or replace table raw.orders as select i as id, 10 + i % 7 as amount, "
            f"case when i >= {nulls} then 'a' || i % 50 end as email, {loaded} as loaded_at from range({rows}) t(i)"
        )
        with Platform.open(self.workspace.root) as platform:
            platform.clock = lambda: self.at
            return platform.apply(platform.plan(verb="run"))

    def look(self, at: datetime) -> Any:
        with Platform.open(self.workspace.root) as platform:
            platform.clock = lambda: at
            return platform.run_monitors()


@pytest.fixture(scope="module")
def _refreshed_once(tmp_path_factory: pytest.TempPathFactory, workspace_at: Any) -> Shop:
    """Thirty nights, none of which is like another; to be copied, for they take seconds."""
    workspace = workspace_at(tmp_path_factory.mktemp("refreshed"))
    workspace.write("dbt_project.yml", "name: shop\nprofile: shop\nmodels: {shop: {+materialized: table}}\n")
    workspace.write("profiles.yml", "shop: {target: dev, outputs: {dev: {type: duckdb, path: warehouse.duckdb}}}\n")
    workspace.write(
        "models/sources.yml",
        "sources: [{name: raw, schema: raw, tables: [{name: orders, loaded_at_field: loaded_at}]}]\n",
    )
    workspace.write("models/orders.sql", "select id, amount, email from {{ source('raw', 'orders') }}")
    workspace.arrives(
        "create schema raw", "create table raw.orders(id bigint, amount bigint, email text, loaded_at timestamp)"
    )
    workspace.arrives("insert into raw.orders select i, i, 'a', timestamp '2026-03-01' from range(1000) t(i)")
    shop = Shop(workspace)
    with Platform.open(workspace.root) as platform:
        platform.clock = lambda: FIRST
        platform.apply(platform.plan())
    for day in range(DAYS):
        weekend = 0.5 if (shop.at + timedelta(days=1)).weekday() >= 5 else 1.0
        outcome = shop.night(int(1000 * weekend * (1 + 0.04 * ((day * 7) % 5 - 2) / 2)))
        assert outcome.status == "published"
        assert outcome.noticed == (), (day, shop.at)
        shop.look(shop.at + timedelta(minutes=5))
    return shop


@pytest.fixture
def refreshed(workspace: Any, _refreshed_once: Shop) -> Shop:
    """The shop after that."""
    shutil.copytree(_refreshed_once.workspace.root, workspace.root, dirs_exist_ok=True)
    shop = Shop(workspace)
    shop.at = _refreshed_once.at
    return shop


def test_what_is_unusual_is_told_and_what_people_say_of_it_counts(refreshed: Shop) -> None:
    outcome = refreshed.night(660)
    (said,) = outcome.noticed
    assert "orders has 660 rows; usual is" in said
    workspace = refreshed.workspace
    (alert,) = workspace.dryland("monitor", "alerts", "--json").json["alerts"]
    assert alert["monitor"] == "volume" and alert["value"] == 660 and alert["low"] > 750
    said = workspace.dryland("monitor", "feedback", alert["alert"][:6], "not-an-issue").out
    assert said == "volume of orders at 2026-04-02 05:00:00 is not an issue\n"
    assert refreshed.night(655).noticed == (), "as low as that is no issue"

    (said,) = refreshed.night(495, nulls=150).noticed
    assert said.startswith("30.3 % of email in orders is null; usual is at most")

    backtest = workspace.dryland("monitor", "backtest", "--since", "2026-03-01", "--json").json
    assert [(each["monitor"], each["at"][:10]) for each in backtest["alerts"]] == [("nulls:email", "2026-04-04")]


def test_sources_are_watched_without_a_build(refreshed: Shop) -> None:
    found, sources, told = refreshed.look(refreshed.at + timedelta(hours=23))
    assert (found, sources, told) == ((), 1, ())
    found, _, _ = refreshed.look(refreshed.at + timedelta(days=3))
    assert {(each.dataset, each.kind, each.subject) for each in found if each.subject != "volume"} == {
        ("source.shop.raw.orders", "freshness", "freshness"), ("model.shop.orders", "freshness", "freshness")
    }  # fmt: skip
    late = next(each for each in found if each.dataset.startswith("source") and each.kind == "freshness")
    assert late.message.startswith("the newest data of raw.orders is 3.1 d old; usual is at most")
    assert late.since and refreshed.at < late.since < late.at

    refreshed.workspace.arrives("alter table raw.orders drop column email", "alter table raw.orders add column tax int")
    found, _, _ = refreshed.look(refreshed.at + timedelta(days=3, hours=1))
    (schema,) = [each for each in found if each.kind == "schema"]
    assert schema.message == "raw.orders: column email was removed; column tax (INTEGER) was added."


def test_the_list_says_what_is_watched(refreshed: Shop) -> None:
    with Platform.open(refreshed.workspace.root) as platform:
        platform.clock = lambda: refreshed.at
        states = {(each.dataset, each.monitor): each.state for each in platform.monitors()}
        assert platform.monitors(select=["source:raw.orders"])[0].dataset == "source.shop.raw.orders"
    assert set(states.values()) == {"ok"}
    assert {"volume", "nulls:email", "distinct:email", "unique:id", "mean:amount", "duration", "cost", "schema"} <= {
        monitor for dataset, monitor in states if dataset == "model.shop.orders"
    }
    assert states.keys() >= {("source.shop.raw.orders", each) for each in ("volume", "freshness", "schema")}


def test_what_is_unusual_came_with_the_load_or_with_the_release(refreshed: Shop) -> None:
    """Not when it was last looked at: how long it took to be seen is counted from there."""
    refreshed.night(660)
    with Platform.open(refreshed.workspace.root) as platform:
        (loaded,) = platform.incidents()
        assert loaded.arrived_at == refreshed.at - timedelta(hours=2)
        platform.rollback()
    refreshed.workspace.write(
        "models/orders.sql", "select id, amount, email from {{ source('raw', 'orders') }} limit 9"
    )
    with Platform.open(refreshed.workspace.root) as platform:
        platform.clock = lambda: refreshed.at + timedelta(days=1)
        outcome = platform.apply(platform.plan())
        newest, _ = platform.incident(int(str(outcome.incidents[0]["id"])))
        assert max(symptom.arrived_at for symptom in newest.still) == refreshed.at + timedelta(days=1), (
            "not the look before"
        )


def test_what_was_made_for_a_preview_is_judged_when_readers_get_it(refreshed: Shop) -> None:
    """Nothing is built for the release itself; that must not be a way past the monitors. Nor is it another build."""
    refreshed.workspace.write(
        "models/orders.sql", "select id, amount, email from {{ source('raw', 'orders') }} limit 9"
    )
    at = refreshed.at + timedelta(days=1)
    with Platform.open(refreshed.workspace.root) as platform:
        platform.clock = lambda: at
        platform.create_environment("preview")
        assert platform.apply(platform.plan("preview")).noticed == ()
        outcome = platform.apply(platform.plan())
        assert [step.action for step in outcome.steps] == ["reuse"]
        assert any("orders has 9 rows" in each for each in outcome.noticed)
        (history,) = platform.state.observations("prod", since=at).values()
        assert "duration_s" not in history[-1].body
        again = platform.apply(platform.plan())
        assert again.status == "nothing" and again.noticed == ()


COLUMNS = "select id, amount, email from {{ source('raw', 'orders') }}"


def test_a_column_that_came_and_went_with_a_way_back_is_no_alarm(refreshed: Shop) -> None:
    """A refresh is compared with what readers saw, and not with what was seen last: that was taken back."""
    refreshed.workspace.write("models/orders.sql", COLUMNS.replace("email", "email, 1 as extra"))
    with Platform.open(refreshed.workspace.root) as platform:
        platform.clock = lambda: refreshed.at + timedelta(hours=1)
        assert platform.apply(platform.plan()).noticed == ()
        platform.rollback()
    refreshed.workspace.write("models/orders.sql", COLUMNS)
    with Platform.open(refreshed.workspace.root) as platform:
        platform.clock = lambda: refreshed.at + timedelta(hours=2)
        platform.apply(platform.plan())
    assert refreshed.night(1000).noticed == ()


def test_a_way_back_ends_what_was_said_of_columns(refreshed: Shop) -> None:
    refreshed.workspace.write("models/orders.sql", "select * from {{ source('raw', 'orders') }}")
    with Platform.open(refreshed.workspace.root) as platform:
        platform.clock = lambda: refreshed.at + timedelta(hours=1)
        platform.apply(platform.plan())
    refreshed.night(1000)
    at = refreshed.at = refreshed.at + timedelta(days=1)
    refreshed.workspace.arrives(
        "create or replace table raw.orders as select i as id, 10 + i % 7 as amount, 'a' || i % 50 as email, "
        f"1 as surprise, timestamp '{at - timedelta(hours=2)}' as loaded_at from range(1000) t(i)"
    )
    with Platform.open(refreshed.workspace.root) as platform:
        platform.clock = lambda: at
        assert any("surprise" in each for each in platform.apply(platform.plan(verb="run")).noticed)
        assert [each.status for each in platform.incidents() if "surprise" in each.title] == ["open"]
        platform.rollback()
        assert [each.status for each in platform.incidents() if "surprise" in each.title] == ["resolved"]


@pytest.mark.parametrize("place", ["observe_release", "deliver_files"])
def test_a_release_that_was_broken_off_is_judged_by_the_next_verb(
    refreshed: Shop, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    """Readers see it; that nobody had the time to look at it then is no reason to never do so."""

    def broken_off(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    at = refreshed.at + timedelta(days=1)
    refreshed.workspace.write("models/orders.sql", f"{COLUMNS} limit 9")
    with Platform.open(refreshed.workspace.root) as platform, monkeypatch.context() as patch:
        platform.clock = lambda: at
        patch.setattr(f"dryland.applying.{place}", broken_off)
        with pytest.raises(KeyboardInterrupt):
            platform.apply(platform.plan())
    for _ in range(2):
        with Platform.open(refreshed.workspace.root) as platform:
            platform.clock = lambda: at
            platform.apply(platform.plan())
            assert len(platform.state.observations("prod", since=at)["model.shop.orders"]) == 1
            (one,) = platform.incidents()
            assert "orders has 9 rows" in " ".join(each.message for each in one.symptoms)
