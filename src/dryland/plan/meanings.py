"""Computes what every node of a project means, inputs first."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from dryland.digest import digest
from dryland.engines.relation import Column
from dryland.errors import SqlError
from dryland.plan.asked_query import AskedQuery, analysed
from dryland.plan.batched_meaning import batched_meaning
from dryland.plan.compose import ephemeral_behind, inlined, still_sql
from dryland.plan.grown_meaning import grown_meaning
from dryland.plan.order import batches, topological
from dryland.plan.own_meaning import own_meaning
from dryland.plan.remembered import Remembered, done_again
from dryland.plan.snapshot_meaning import snapshot_meaning
from dryland.project.batches import is_microbatch
from dryland.project.ephemeral import seen_through
from dryland.project.nodes import Node, Rendered
from dryland.project.project import Project
from dryland.sql.meaning import Meaning, Part, hash_of
from dryland.sql.versions import opaque, seed_meaning
from dryland.timings import timed

Prepared = Callable[[Callable[[AskedQuery], bytes], Mapping[str, AskedQuery]], None]
THIS = "this"  # how a template's relations name the node itself
CLOCK = re.compile(r"\b(current_(?:date|time|timestamp)|localtime|localtimestamp|tablesample)\b", re.IGNORECASE)
CALL = re.compile(r"\b(\w+)\s*\(")


def meanings(
    project: Project,
    source_columns: Mapping[str, tuple[Column, ...]],
    *,
    dialect: str,
    accepts: Callable[[str], bool],
    settled: Callable[[str, Meaning], Meaning] = lambda node, meaning: meaning,
    remembered: Remembered = done_again,
    prepared: Prepared = lambda work, asked: None,
) -> dict[str, Meaning]:
    """The meaning of each node but the ephemeral ones, which are part of their readers, in topological order.

    `accepts` is the warehouse's own parser: what it accepts and we cannot parse is opaque, not an error. `settled`
    says what becomes of a node's meaning where something stands already; its readers read that. `remembered` may know
    what came out under a key, which is a hash of everything that decides it; `prepared` is told beforehand what will
    be asked for under which keys.

    Raises:
        SqlError: a model does not parse; carries its file.
        CycleError: models need each other.
    """
    known = {uid: tuple(column.name for column in columns) for uid, columns in source_columns.items()}
    reader = _Reader(project, dict(known), dialect, accepts, remembered)
    read = {each for node in project.nodes.values() for each in node.depends_on}
    found: dict[str, Meaning] = {}
    for batch in batches(project, topological(project)):
        prepared(analysed, reader.to_ask(batch))
        for unique_id in batch:
            node = project.nodes[unique_id]
            if node.materialized != "ephemeral" or unique_id in read:  # what nobody reads makes nothing
                reader.verify(node)
            if node.materialized != "ephemeral":
                read_by_all = _with_hooks(node, reader.meaning(node), project, dialect)
                found[unique_id] = meaning = settled(unique_id, read_by_all)
                reader.schemas[unique_id] = tuple(meaning.columns) if meaning.columns is not None else None
    return found


@dataclass
class _Reader:
    project: Project
    schemas: dict[str, tuple[str, ...] | None]  # grows as meanings become known
    dialect: str
    accepts: Callable[[str], bool]
    remembered: Remembered
    asked: dict[str, AskedQuery] = field(default_factory=dict)  # by node; until it is answered

    def to_ask(self, batch: Iterable[str]) -> dict[str, AskedQuery]:
        """What will be asked of nodes that read none of each other, by its key; not of those with several forms."""
        nodes = [self.project.nodes[each] for each in batch]
        plain = [each for each in nodes if each.language == "sql" and each.kind == "model" and not self._is_late(each)]
        self.asked = {each.unique_id: self._asked(each, each.rendered, self.schemas) for each in plain}
        return {asked.key: asked for asked in self.asked.values()}

    def _is_late(self, node: Node) -> bool:
        """Whether it has no SQL of its own to ask about, or will only have it when it is built."""
        is_alone = node.materialized != "ephemeral" and node.rendered_incremental is None
        return not is_alone or any(form.needs_warehouse or _is_fleeting(form) for form in _forms(node))

    def _asked(self, node: Node, rendered: Rendered, schemas: Mapping[str, tuple[str, ...] | None]) -> AskedQuery:
        sql, relations = inlined(rendered, self.project, self.dialect, is_still=True)
        known = {unique_id: schemas.get(unique_id) for unique_id in relations.values()}
        return AskedQuery(sql, self.dialect, relations, known, node.place.path)

    def verify(self, node: Node) -> None:
        """Refuse what cannot become a table, whatever the warehouse's parser thinks of it."""
        if node.language == "sql":
            texts = [form.sql for form in _forms(node) if not form.needs_warehouse]
            self.remembered(digest(["one statement", self.dialect, texts]), lambda: self._verify(texts, node))

    def _verify(self, texts: list[str], node: Node) -> bool:
        with timed("imports"):  # here and below: where all is known, sqlglot has nothing to do
            from dryland.sql.parse import verify_one_statement

        for text in texts:
            verify_one_statement(text, self.dialect, node.place.path)
        return True

    def meaning(self, node: Node) -> Meaning:
        """What a node means, whose inputs are known."""
        if node.kind == "seed":
            return seed_meaning(node.seed_hashes, node.seed_rows)
        if node.language == "python":
            return self._opaque(node, [node.template_hash, node.strategy_hash], "a Python model")
        behind = [self.project.nodes[each] for each in ephemeral_behind(node.depends_on, self.project)]
        meaning = self._of_templates(node, behind)
        if node.kind == "snapshot":
            meaning = snapshot_meaning(node, meaning)
        if is_microbatch(node):
            meaning = batched_meaning(node, meaning, self.project)
        if node.kind == "model" and node.strategy_hash:
            meaning = grown_meaning(node, meaning)
        if node.materialization_macro:
            meaning = own_meaning(node, meaning)
        told = {name for form in _forms(node, *behind) for name in form.volatile}
        return replace(meaning, volatile=tuple(sorted({*meaning.volatile, *told}))) if told else meaning

    def _of_templates(self, node: Node, behind: list[Node]) -> Meaning:
        forms = _forms(node, *behind)
        if any(form.needs_warehouse for form in forms):
            return self._opaque(node, _templates(node, *behind), "it queries the warehouse while it renders")
        if any(_is_fleeting(form) for form in forms):
            return self._opaque(node, _templates(node, *behind), "its template decides by the clock what to write")
        full = self._of_sql(node, node.rendered)
        if node.rendered_incremental is None:
            return full
        own = {THIS: tuple(full.columns) if full.columns is not None else None}
        return combined(full, self._of_sql(node, node.rendered_incremental, own))

    def _of_sql(
        self, node: Node, rendered: Rendered, own: Mapping[str, tuple[str, ...] | None] | None = None
    ) -> Meaning:
        schemas = {**self.schemas, **own} if own else self.schemas
        asked = self.asked.get(node.unique_id) or self._asked(node, rendered, schemas)
        try:
            return self.remembered(asked.key, asked.meaning)
        except SqlError as error:
            if not self.accepts(asked.sql):
                raise _in_the_file(error, node, asked.sql) from error
            meaning = self._opaque(node, [asked.sql], "SQL that only the warehouse understands")
            return replace(meaning, volatile=_volatile_words(asked.sql))

    def _opaque(self, node: Node, texts: list[str], reason: str) -> Meaning:
        inputs = frozenset(seen_through(node.depends_on, self.project.nodes))
        return opaque(hash_of(*texts), inputs - {node.unique_id}, reason)


def _with_hooks(node: Node, meaning: Meaning, project: Project, dialect: str) -> Meaning:
    if not node.pre_hooks and not node.post_hooks:
        return meaning
    with timed("imports"):
        from dryland.plan.hook_reading import with_hooks

    return with_hooks(node, meaning, project, dialect)


def combined(full: Meaning, incremental: Meaning) -> Meaning:
    """Both forms of an incremental model; what it reads of itself is no input."""
    columns = None
    if full.columns is not None and incremental.columns is not None:
        columns = {name: _both(part, incremental.columns.get(name)) for name, part in full.columns.items()}
    rows = [full.rows, incremental.rows]
    if columns is None:  # then rows stand for everything, of both forms
        rows += [part for form in (full, incremental) for part in (form.columns or {}).values()]
    return Meaning(
        rows=_both(*rows),
        columns=columns,
        inputs=(full.inputs | incremental.inputs) - {THIS},
        volatile=tuple(sorted({*full.volatile, *incremental.volatile})),
        reason=full.reason or incremental.reason,
    )


def _both(*parts: Part | None) -> Part:
    there = [part for part in parts if part is not None]
    if len(there) == 1:
        return there[0]
    reads = frozenset(read for part in there for read in part.reads if read[0] != THIS)
    return Part(hash_of(*(part.hash for part in there)), reads)


def _templates(*nodes: Node) -> list[str]:
    """Raw text and macros of templates that are rendered later, and what variables make of them today."""
    texts = (still_sql(form) for form in _forms(*nodes) if not _is_fleeting(form))
    return [*(node.template_hash for node in nodes), *texts]


def _forms(*nodes: Node) -> list[Rendered]:
    return [form for node in nodes for form in (node.rendered, node.rendered_incremental) if form is not None]


def _is_fleeting(rendered: Rendered) -> bool:
    """Whether it is another SQL each time, so that nothing can be said of it but by its template."""
    return bool(rendered.volatile) and not rendered.still


def _volatile_words(sql: str) -> tuple[str, ...]:
    """Names of volatile functions in SQL that cannot be parsed; one in a comment counts too, to be safe."""
    from dryland.sql.volatile import NAMES, OF_POSTGRES

    called = {name.lower() for name in CALL.findall(sql)} & (NAMES | OF_POSTGRES)
    return tuple(sorted(called | {word.lower() for word in CLOCK.findall(sql)}))


def _in_the_file(error: SqlError, node: Node, sql: str) -> SqlError:
    """Point at the line of the model's file, when that line stands there as it was compiled."""
    compiled = sql.splitlines()
    wrong = compiled[error.line - 1].strip() if error.line and error.line <= len(compiled) else ""
    raw = [line.strip() for line in node.raw.splitlines()]
    line = raw.index(wrong) + 1 if wrong and raw.count(wrong) == 1 else None
    is_vague = line is None and error.line is not None
    message = f"{error.message.rstrip('.')} (line {error.line} of the compiled SQL)." if is_vague else error.message
    return SqlError(message, path=node.place.path, line=line or node.place.line, hint=error.hint)
