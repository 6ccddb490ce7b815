"""Writes the project that is edited: some thirty models for each area of a company, and its data. The same each time.

The templates are plain files of a dbt project, in `template/`; those with AREA in their name are there once for each
area. With ten areas it has 300 models.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
from files import write_files

TEMPLATE = Path(__file__).parent / "template"
AREA = "AREA"  # what stands in templates for an area's name
AREAS = ("billing", "care", "export", "market", "mobile", "partner", "retail", "school", "travel", "web")
ACCOUNTS, EVENTS, ITEMS, LINES = 200, 1_500, 60, 3_000

Files = dict[str, str]
"""The texts of a project by path."""

COUNTRIES = "['pt', 'es', 'se', 'no', 'de', 'fr', 'pl', 'ro']"  # a seed knows them, and one that nobody lives in
KINDS = "['order', 'order', 'order', 'visit', 'refund']"
STATUSES = "['open', 'paid', 'paid', 'sent', 'returned', 'draft']"
CHANNELS = "['web', 'store', 'phone']"
TABLES = {
    "accounts": (
        f"select i as id, ' Customer ' || i || ' ' as name, 'C' || i || '@example.org' as email, "
        f"{COUNTRIES}[1 + (i * 7 + {{at}}) % 8] as country, "
        f"['retail', 'trade', 'public'][1 + (i * 5 + {{at}}) % 3] as segment, "
        f"case when i % 50 = 49 then 'test' when i % 9 = 8 then 'closed' else 'active' end as status, "
        f"timestamp '2024-06-01' + interval (i * 11 % 400) hour as created_at, "
        f"timestamp '2025-01-01' + interval (i * 13 % 900) hour as updated_at "
        f"from range({ACCOUNTS}) t(i)"
    ),
    "events": (
        f"select cast(i as integer) as id, (i * 37 + {{at}}) % {ACCOUNTS} as account_id, "
        f"{KINDS}[1 + (i * 3 + {{at}}) % 5] as kind, (i * 7919 + {{at}} * 31) % 90000 as amount_cents, "
        f"timestamp '2024-12-20' + interval (i * 171 % 260000) minute as happened_at, "
        f"{STATUSES}[1 + (i * 11 + i // 7) % 6] as status, {CHANNELS}[1 + (i // 3) % 3] as channel, "
        f"'note ' || i % 40 as note from range({EVENTS}) t(i)"
    ),
    "items": (
        f"select i as id, ' Item ' || i as label, 'group ' || (i * 3 + {{at}}) % 7 as category, "
        f"500 + (i * 131 + {{at}}) % 9000 as price_cents, i % 8 <> 7 as is_active from range({ITEMS}) t(i)"
    ),
    "lines": (
        f"select (i // 2) as event_id, i % 2 + 1 as line_no, (i * 17 + {{at}}) % {ITEMS} as item_id, "
        f"(i * 5 + {{at}}) % 9 as quantity, 450 + (i * 133) % 9100 as price_cents from range({LINES}) t(i)"
    ),
}


def files_of(areas: int) -> Files:
    """Every file of the project with so many areas; with one only, what belongs to the whole company is left out."""
    names = AREAS[:areas]
    found: Files = {}
    for path in sorted(TEMPLATE.rglob("*.*")):
        relative, text = path.relative_to(TEMPLATE).as_posix(), path.read_text()
        if relative.startswith("models/company/") and areas == 1:
            continue
        for name in names if AREA in relative else ("",):
            found[relative.replace(AREA, name)] = text.replace(AREA, name) if name else text
    listed = f"vars:\n  areas: [{', '.join(names)}]"
    found["dbt_project.yml"] = found["dbt_project.yml"].replace("vars:", listed, 1)
    return found


def write_sources(connection: duckdb.DuckDBPyConnection, areas: int) -> None:
    """Make the tables that sources declare, in the schema `raw` of the database in use."""
    connection.execute("create schema if not exists raw")
    for at, area in enumerate(AREAS[:areas]):
        for table, query in TABLES.items():
            connection.execute(f"create or replace table raw.{area}_{table} as {query.format(at=at)}")


def write_project(root: Path, areas: int) -> Files:
    """The project and its warehouse in an empty folder."""
    files = files_of(areas)
    write_files(root, files)
    with duckdb.connect(str(root / "warehouse.duckdb")) as connection:
        write_sources(connection, areas)
    return files
