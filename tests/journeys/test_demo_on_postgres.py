"""The demo's project, written for DuckDB, gives the same rows on PostgreSQL: every dataset, every row."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb

from dryland.cli.demo import scene
from dryland.cli.demo_stage import world_of
from dryland.engines.registry import Address, open_engine
from dryland.engines.relation import Relation
from postgres_server import Server

CUSTOMERS, ORDERS = 6_000, 110_000  # with fewer, days differ by chance, and the project's own checks say so


def test_every_row_of_the_demo_is_the_same(
    workspace_at: Any, tmp_path: Path, postgres_server: Server, postgres: str
) -> None:
    root = scene(tmp_path / "segmentation")
    world = world_of(root)
    world.generate.generate(root / "shop", customers=CUSTOMERS, orders=ORDERS)
    world.ingest.ingest(root / "shop", root / "warehouse.duckdb")
    settings = postgres_server.settings(postgres)
    bring(root / "warehouse.duckdb", settings)
    (root / "dryland.yml").write_text(f"dialect: duckdb\nwarehouses: {{pg: {json.dumps(settings)}}}\n")

    demo = workspace_at(root)
    assert demo.process("plan", "--warehouse", "pg", "--json").json["untranslated"] == []
    here = demo.process("apply", "--yes", "--quiet").out
    there = demo.process("apply", "--yes", "--quiet", "--warehouse", "pg").out
    assert "171 checks passed" in here
    assert "171 checks passed" in there
    assert demo.process("plan", "--warehouse", "pg").out.startswith("Nothing to do")
    found = demo.process("diff", "--across", "pg", "--json").json
    differing = [table for table in found["tables"] if table["status"] != "equal"]
    assert differing == []
    assert len(found["tables"]) == 27
    assert sum(table["rows_after"] for table in found["tables"]) > 500_000


def bring(file: Path, settings: dict[str, Any]) -> None:
    """The sources, as a loader would bring them there."""
    engine = open_engine("postgres", Address(settings, settings["dbname"], file.parent, "dryland_store"))
    try:
        with duckdb.connect(str(file), read_only=True) as loaded, engine.session() as session:
            session.create_schema([(settings["dbname"], "raw")])
            tables = loaded.execute("select table_name from information_schema.tables where table_schema = 'raw'")
            for (name,) in tables.fetchall():
                session.load(Relation(settings["dbname"], "raw", name), loaded.table(f"raw.{name}").arrow())
    finally:
        engine.close()
