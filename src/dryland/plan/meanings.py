"""Computes what every node of a project means, inputs first."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from dryland.engines.relation import Column
from dryland.errors import SqlError
from dryland.plan.compose import inlined
from dryland.plan.order import topological
from dryland.project.nodes import Node, Project, Rendered
from dryland.sql.analyse import analyse
from dryland.sql.fingerprint import hash_of
from dryland.sql.meaning import Meaning, Part, Read
from dryland.sql.versions import opaque, seed_meaning

Schemas = Mapping[str, tuple[str, ...] | None]


def meanings(
    project: Project,
    source_columns: Mapping[str, tuple[Column, ...]],
    *,
    dialect: str,
    accepts: Callable[[str], bool],
) -> dict[str, Meaning]:
    """The meaning of each node but the ephemeral ones, which are part of their readers, in topological order.

    `accepts` is the warehouse's own parser: what it accepts and we cannot parse is opaque, not an error.

    Raises:
        SqlError: a model does not parse; carries its file.
        CycleError: models need each other.
    """
    schemas: dict[str, tuple[str, ...] | None] = {
        unique_id: tuple(column.name for column in columns) for unique_id, columns in source_columns.items()
    }
    found: dict[str, Meaning] = {}
    for unique_id in topological(project):
        node = project.nodes[unique_id]
        if node.materialized == "ephemeral":
            continue
        meaning = _meaning(node, project, schemas, dialect, accepts)
        found[unique_id] = meaning
        schemas[unique_id] = tuple(meaning.columns) if meaning.columns is not None else None
    return found


def _meaning(
    node: Node, project: Project, schemas: Schemas, dialect: str, accepts: Callable[[str], bool]
) -> Meaning:
    if node.kind == "seed":
        return seed_meaning(node.seed_hashes, node.seed_rows)
    if node.language == "python":
        return opaque(node.template_hash, _seen_through(node, project), "a Python model")
    if node.rendered.needs_warehouse:
        return opaque(node.template_hash, _seen_through(node, project), "it queries the warehouse while it renders")
    full = _of_sql(node, node.rendered, project, schemas, dialect, accepts)
    if node.rendered_incremental is None:
        return full
    own = {**schemas, "this": tuple(full.columns) if full.columns is not None else None}
    return _combined(full, _of_sql(node, node.rendered_incremental, project, own, dialect, accepts))


def _of_sql(
    node: Node, rendered: Rendered, project: Project, schemas: Schemas, dialect: str, accepts: Callable[[str], bool]
) -> Meaning:
    sql, relations = inlined(rendered, project, dialect)
    try:
        return analyse(sql, dialect, relations=relations, schemas=schemas, path=node.place.path)
    except SqlError as error:
        if accepts(sql):
            return opaque(hash_of(sql), _seen_through(node, project), "SQL that only the warehouse understands")
        raise _in_the_file(error, node, sql) from error


def _combined(full: Meaning, incremental: Meaning) -> Meaning:
    """Both forms of an incremental model; what it reads of itself is no input."""
    rows = _both(full.rows, incremental.rows)
    columns = None
    if full.columns is not None and incremental.columns is not None:
        columns = {name: _both(part, incremental.columns.get(name)) for name, part in full.columns.items()}
    return Meaning(
        rows=rows,
        columns=columns,
        inputs=(full.inputs | incremental.inputs) - {"this"},
        volatile=tuple(sorted({*full.volatile, *incremental.volatile})),
        reason=full.reason or incremental.reason,
    )


def _both(full: Part, incremental: Part | None) -> Part:
    if incremental is None:
        return full
    reads: frozenset[Read] = frozenset(read for read in full.reads | incremental.reads if read[0] != "this")
    return Part(hash_of(full.hash, incremental.hash), reads)


def _seen_through(node: Node, project: Project) -> frozenset[str]:
    """What a node reads, with ephemeral models replaced by what they read."""
    found: set[str] = set()
    for unique_id in node.depends_on:
        other = project.nodes.get(unique_id)
        found |= _seen_through(other, project) if other and other.materialized == "ephemeral" else {unique_id}
    return frozenset(found)


def _in_the_file(error: SqlError, node: Node, sql: str) -> SqlError:
    """Point at the line of the model's file, when that line stands there as it was compiled."""
    compiled = sql.splitlines()
    wrong = compiled[error.line - 1].strip() if error.line and error.line <= len(compiled) else ""
    raw = [line.strip() for line in node.raw.splitlines()]
    line = raw.index(wrong) + 1 if wrong and raw.count(wrong) == 1 else None
    message = error.message if line else f"{error.message[:-1]} (line {error.line} of the compiled SQL)."
    return SqlError(message, path=node.place.path, line=line or node.place.line, hint=error.hint)


