"""The world of the segmentation example is messy, and the same on every machine and every day."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import pytest

pytest.importorskip("numpy", reason="the demo extra is not installed: numpy is missing")

from world.generate import TABLES, UNTIL, advance, generate, repair, today

pytestmark = pytest.mark.slow
EXAMPLE = Path(__file__).parents[2] / "examples" / "segmentation"


def ask(folder: Path, query: str) -> list[tuple]:
    with closing(sqlite3.connect(folder / "shop.sqlite")) as database:
        return database.execute(query).fetchall()


def digest(folder: Path, *, columns: str = "*") -> str:
    """A hash of everything the world says: rows of all tables, and the bytes of all files."""
    found = hashlib.sha256()
    for name in TABLES:
        for row in ask(folder, f"SELECT {columns} FROM {name} ORDER BY rowid"):
            found.update(repr(row).encode())
    for path in sorted(folder.rglob("*")):
        if path.suffix in (".csv", ".jsonl", ".json"):
            found.update(path.name.encode() + path.read_bytes())
    return found.hexdigest()


def rows_of_day(folder: Path, day: date) -> dict[str, list[tuple]]:
    """What was exported for a day, without the number of the batch."""
    rows = {name: ask(folder, f"SELECT * FROM {name} WHERE batch_day = '{day}' ORDER BY rowid") for name in TABLES}
    return {name: [row[:-1] for row in found] for name, found in rows.items()}


def test_the_same_seed_gives_the_same_world_in_another_process(small_world: Path, tmp_path: Path) -> None:
    code = (
        "from pathlib import Path; from world.generate import generate; "
        f"generate(Path({str(tmp_path / 'again')!r}), customers=4_000, orders=80_000)"
    )
    subprocess.run([sys.executable, "-c", code], cwd=EXAMPLE, check=True)
    assert digest(tmp_path / "again") == digest(small_world)


def test_another_seed_gives_another_world(small_world: Path, tmp_path: Path) -> None:
    generate(tmp_path / "other", seed=8, customers=4_000, orders=80_000)
    assert digest(tmp_path / "other") != digest(small_world)


def test_generating_again_replaces_the_world(world_copy: Path, small_world: Path) -> None:
    advance(world_copy)
    generate(world_copy, customers=4_000, orders=80_000)
    assert digest(world_copy) == digest(small_world)


def test_the_world_has_two_years_that_end_on_a_fixed_day(small_world: Path) -> None:
    assert today(small_world) == UNTIL
    assert ask(small_world, "SELECT min(batch_day), max(batch_day), count(DISTINCT batch_day) FROM orders") == [
        ((UNTIL - timedelta(days=729)).isoformat(), UNTIL.isoformat(), 730)
    ]
    assert len(list((small_world / "events").glob("*.jsonl"))) == 730


@pytest.mark.slow
def test_the_world_has_the_size_it_promises(tmp_path: Path) -> None:
    volumes = generate(tmp_path / "shop")
    assert volumes.sessions >= 200_000
    ((customers,),) = ask(tmp_path / "shop", "SELECT count(DISTINCT customer_id) FROM customers")
    ((orders, rows),) = ask(tmp_path / "shop", "SELECT count(DISTINCT order_id), count(*) FROM orders")
    assert customers == 22_000
    assert orders >= 400_000
    assert rows == volumes.orders


@pytest.mark.parametrize(
    ("what", "query"),
    [
        (
            "orders arrive late",
            "SELECT count(*) FROM orders WHERE status <> 'returned' AND date(ordered_at) < batch_day",
        ),
        ("rows are exported twice", "SELECT count(*) - count(DISTINCT order_id || updated_at) FROM orders"),
        ("orders change later", "SELECT count(DISTINCT order_id) FROM orders WHERE lower(status) = 'returned'"),
        ("tills write dates their own way", "SELECT count(*) FROM orders WHERE ordered_at GLOB '??.??.???? ??:??'"),
        ("guests have no number", "SELECT count(*) FROM orders WHERE customer_id = 0"),
        ("lines are exported twice", "SELECT count(*) - count(DISTINCT line_id) FROM order_lines"),
        ("customers change", "SELECT count(*) - count(DISTINCT customer_id) FROM customers"),
        ("e-mails are missing", "SELECT count(*) FROM customers WHERE email IS NULL"),
        ("e-mails are in capitals", "SELECT count(*) FROM customers WHERE email GLOB '[A-Z]*@EXAMPLE.COM'"),
        ("names have blanks around them", "SELECT count(*) FROM customers WHERE full_name <> trim(full_name)"),
        ("years of birth are made up", "SELECT count(*) FROM customers WHERE birth_year = 1900"),
        ("prices are text", "SELECT count(*) FROM products WHERE price LIKE '%,__ EUR'"),
    ],
)
def test_the_shop_is_messy(small_world: Path, what: str, query: str) -> None:
    ((found,),) = ask(small_world, query)
    assert found > 0, what


def test_a_country_is_spelled_in_many_ways(small_world: Path) -> None:
    spellings = {country for (country,) in ask(small_world, "SELECT DISTINCT country FROM customers")}
    assert {"DE", "Germany", "germany ", "Deutschland", " España"} <= spellings


def test_the_crm_knows_people_the_shop_does_not(small_world: Path) -> None:
    lines = (small_world / "crm_preferences.csv").read_text().splitlines()[1:]
    in_crm = [int(line.split(",")[0]) for line in lines]
    in_shop = {number for (number,) in ask(small_world, "SELECT customer_id FROM customers")}
    assert set(in_crm) - in_shop
    assert in_shop - set(in_crm)
    assert len(in_crm) > len(set(in_crm))


def test_every_web_event_is_json_and_some_are_there_twice(small_world: Path) -> None:
    lines = (small_world / "events" / f"{UNTIL}.jsonl").read_text().splitlines()
    everything = [line for path in (small_world / "events").iterdir() for line in path.read_text().splitlines()]
    sessions = [json.loads(line) for line in lines]
    assert all(session["started_at"].startswith(UNTIL.isoformat()) for session in sessions)
    assert len(everything) > len(set(everything))


def test_a_day_adds_a_day_and_changes_nothing_before_it(world_copy: Path, small_world: Path) -> None:
    volumes = advance(world_copy)
    tomorrow = UNTIL + timedelta(days=1)
    assert today(world_copy) == tomorrow
    assert (world_copy / "events" / f"{tomorrow}.jsonl").exists()
    before = f"SELECT * FROM orders WHERE batch_day <= '{UNTIL}' ORDER BY rowid"
    assert ask(world_copy, before) == ask(small_world, before)
    ((late,),) = ask(
        world_copy, f"SELECT count(*) FROM orders WHERE batch_day = '{tomorrow}' AND updated_at < '{tomorrow}'"
    )
    assert 0 < late < volumes.orders


@pytest.mark.parametrize("how", ["truncated", "duplicates", "nulls", "all"])
def test_a_corrupt_day_can_be_put_right(small_world: Path, tmp_path: Path, how: str) -> None:
    """A repaired day is the day it should have been."""
    right, wrong = (Path(shutil.copytree(small_world, tmp_path / name)) for name in ("right", "wrong"))
    advance(right)
    advance(wrong, corrupt=how)
    day = today(right)
    assert rows_of_day(wrong, day) != rows_of_day(right, day)
    repair(wrong)
    assert rows_of_day(wrong, day) == rows_of_day(right, day)
    assert today(wrong) == day


def test_a_repaired_day_is_a_new_batch(world_copy: Path) -> None:
    advance(world_copy, corrupt="nulls")
    repair(world_copy)
    assert ask(world_copy, "SELECT DISTINCT batch_id FROM orders WHERE batch_id > 730") == [(732,)]


def test_a_truncated_day_has_a_third_of_the_orders(small_world: Path, tmp_path: Path) -> None:
    right, wrong = (Path(shutil.copytree(small_world, tmp_path / name)) for name in ("right", "wrong"))
    assert advance(wrong, corrupt="truncated").orders == pytest.approx(advance(right).orders / 3, abs=1)


def test_days_come_one_after_the_other(world_copy: Path) -> None:
    with pytest.raises(ValueError, match="The next day of this world is 2026-03-01, not 2026-03-05"):
        advance(world_copy, date(2026, 3, 5))


def test_an_unknown_corruption_is_refused_and_no_day_passes(world_copy: Path, small_world: Path) -> None:
    with pytest.raises(ValueError, match="`locusts` is not a way to corrupt a day; there are truncated, "):
        advance(world_copy, corrupt="locusts")
    assert digest(world_copy) == digest(small_world)


def test_a_day_that_has_not_come_cannot_be_repaired(world_copy: Path) -> None:
    with pytest.raises(ValueError, match="is not a day this world has seen"):
        repair(world_copy, UNTIL + timedelta(days=1))
