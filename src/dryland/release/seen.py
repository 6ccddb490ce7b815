"""Reads what an environment's readers see: answers to their queries, and how much every dataset holds."""

from __future__ import annotations

from collections.abc import Mapping

from dryland.check.scanning.scan import ScanRequest, scan
from dryland.engines.protocol import Engine
from dryland.engines.relation import Relation
from dryland.engines.statement import Rows
from dryland.project.project import Project
from dryland.sql.retarget import name_key, retargeted
from dryland.state.records import Pointer


def answer(
    sql: str, project: Project, engine: Engine, pointers: Mapping[str, Pointer], *, rows_max: int | None
) -> Rows:  # fmt: skip
    """The rows of one query over what is published; a model's name in prod stands for what the pointers show of it."""
    names = {}
    for node, pointer in pointers.items():
        if node in project.nodes:
            names[name_key(project.nodes[node].relation, engine.dialect)] = Relation(*pointer.published)
    asked = retargeted(sql, names, default_schema=project.warehouse.schema, dialect=engine.dialect)
    with engine.session() as session:
        return session.fetch(asked, rows_max=rows_max)


def content(engine: Engine, pointers: Mapping[str, Pointer]) -> dict[str, tuple[int, str]]:
    """By dataset: rows and an order-independent hash, measured now from the published views."""
    published = {node: Relation(*pointer.published) for node, pointer in pointers.items()}
    columns = engine.columns(published.values())
    found = {}
    with engine.session() as session:
        for node, relation in published.items():
            if relation in columns:
                profile = scan(session, ScanRequest(relation, columns[relation]), engine.dialect).profile
                assert profile is not None
                found[node.rpartition(".")[2]] = (profile.rows, profile.content_hash)
    return found
