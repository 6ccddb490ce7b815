"""Translates a project: node after node in the order in which they read each other, then checks and sources."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import sqlglot
from sqlglot import exp

from dryland.engines.protocol import Engine
from dryland.engines.relation import Column
from dryland.errors import QueryError, SqlError, UnsupportedError
from dryland.plan.order import topological
from dryland.project.contracts import has_contract
from dryland.project.nodes import Check, Node, Place, Rendered, Source
from dryland.project.project import Project
from dryland.project.snapshot_settings import settings_of
from dryland.translation.casts import type_named
from dryland.translation.expressions import translated_expression, translated_values
from dryland.translation.places import place_in
from dryland.translation.query import Known, Translated, probe_of, translated
from dryland.project.untranslated import Untranslated
from dryland.translation.problem import Problem

PAIRS = frozenset({("duckdb", "postgres")})
"""(in which dialect a project is written, which the warehouse speaks): what can be translated."""

SQL_ARGUMENTS = frozenset({"expression", "measure", "row_condition", "test_condition", "to_condition", "to_expression"})
"""Arguments of checks that are SQL of the team's own, whatever kind they belong to."""

SQL_CONFIG = ("updated_at", "loaded_at_field", "dbt_valid_to_current")
THIS = "this"
NOT_TRANSLATED = "this model is not translated; `dryland plan` says why"


def written_in(project: Project, node: Node | None = None) -> str:
    """In which dialect the SQL of a project, or of one of its models, is written; empty: the warehouse's own."""
    own = str(node.config.get("dialect") or "") if node else ""
    return own or project.settings.dialect


def translated_project(project: Project, engine: Engine) -> Project:
    """The project in the words of its warehouse, with what could not be said in them.

    The warehouse is asked for the columns of sources, and what it thinks of each query over tables of no rows.

    Raises:
        UnsupportedError: there is no translation between the two dialects.
    """
    for written, path, line in _dialects(project):
        if (written, engine.dialect) not in PAIRS and written != engine.dialect:
            raise UnsupportedError(
                f"there is no translation from {written} to {engine.dialect}.", path=path, line=line,
                hint=f"there is: {', '.join(f'{a} to {b}' for a, b in sorted(PAIRS))}.",
            )  # fmt: skip
    desk = _Desk(project, engine)
    desk.look_at_sources()
    nodes = dict(project.nodes)
    for unique_id in topological(project):
        nodes[unique_id] = desk.node(project.nodes[unique_id])
    return replace(
        project,
        nodes=nodes,
        sources={uid: desk.source(source) for uid, source in project.sources.items()},
        checks={uid: desk.check(check) for uid, check in project.checks.items()},
        on_run_start=tuple(map(desk.statement, project.on_run_start)),
        on_run_end=tuple(map(desk.statement, project.on_run_end)),
        untranslated=tuple(desk.found),
        translate=desk.late,
        kept=None,  # what was worked out of the project as it is written would not fit
    )


def _dialects(project: Project) -> Iterator[tuple[str, str, int]]:
    yield written_in(project) or project.warehouse.type, "dryland.yml", 1
    for node in project.nodes.values():
        if node.config.get("dialect"):
            yield str(node.config["dialect"]), node.place.path, node.place.line


@dataclass
class _Desk:
    """What is known so far, and what was found to have no translation."""

    project: Project
    engine: Engine
    known: dict[str, Known | None] = field(default_factory=dict)  # unique id -> its columns
    found: list[Untranslated] = field(default_factory=list)

    # --- what is known of tables ---------------------------------------------------------------------------------

    def look_at_sources(self) -> None:
        """Ask for the columns of all sources, and of what Python made, in one query."""
        sources = {uid: source.relation for uid, source in self.project.sources.items() if not source.seed}
        opaque = {uid: node.relation for uid, node in self.project.nodes.items() if not _is_readable(node)}
        found = self.engine.columns([*sources.values(), *opaque.values()])
        for uid, relation in {**sources, **opaque}.items():
            if relation in found:
                self.known[uid] = _as_known(found[relation])

    def _knows(self, unique_ids: Iterable[str]) -> dict[str, Known | None]:
        seeds = {uid: source.seed for uid, source in self.project.sources.items() if source.seed}
        return {each: self.known.get(seeds.get(each, each)) for each in unique_ids}

    def _described(self, probe: str) -> tuple[tuple[Column, ...], tuple[Problem, ...]]:
        """The columns that the warehouse sees in a query, or why it refuses it."""
        try:
            with self.engine.session() as session:
                return session.describe(probe), ()
        except QueryError as error:
            said = error.message.strip().splitlines()[0]
            return (), (Problem(f"the warehouse refuses it: {said}", error.hint),)

    # --- nodes ----------------------------------------------------------------------------------------------------

    def node(self, node: Node) -> Node:
        """The node in the warehouse's words."""
        written = written_in(self.project, node)
        node = self._with_types(node, written)
        if node.kind == "seed":
            self.known[node.unique_id] = self._of_seed(node, written)
            return node
        node = replace(
            node,
            pre_hooks=tuple(map(self.statement, node.pre_hooks)),
            post_hooks=tuple(map(self.statement, node.post_hooks)),
        )
        if not _is_readable(node):
            return node
        rendered, known = self._query(node, node.rendered, written, {})
        own = {THIS: known, node.unique_id: known}
        incremental = node.rendered_incremental
        if incremental is not None and incremental is not node.rendered and not incremental.needs_warehouse:
            incremental, _ = self._query(node, incremental, written, own)
        elif incremental is node.rendered:
            incremental = rendered
        self.known[node.unique_id] = _with_added(node, known)
        config = self._config(node, written, known)
        return replace(node, rendered=rendered, rendered_incremental=incremental, config=config)

    def _of_seed(self, node: Node, written: str) -> Known:
        declared = {str(name): str(kind) for name, kind in (node.config.get("column_types") or {}).items()}
        types = self.engine.infer_seed_types(str(node.file), str(node.config.get("delimiter", ",")), declared)
        return _as_known(tuple(Column(name, kind) for name, kind in types.items()))

    def _with_types(self, node: Node, written: str) -> Node:
        """The types that YAML names, as the warehouse calls them."""
        if written in ("", self.engine.dialect):
            return node
        columns = tuple(
            replace(each, data_type=type_named(each.data_type, written)) if each.data_type else each
            for each in node.columns
        )
        declared = node.config.get("column_types")
        if not declared:
            return replace(node, columns=columns)
        types = {name: type_named(str(kind), written) for name, kind in declared.items()}
        return replace(node, columns=columns, config={**node.config, "column_types": types})

    def _config(self, node: Node, written: str, known: Known | None) -> Mapping[str, Any]:
        if written in ("", self.engine.dialect):
            return node.config
        config = dict(node.config)
        for key in SQL_CONFIG:
            if isinstance(config.get(key), str):
                config[key] = self._expression(node.unique_id, node.name, node.place, config[key], written, known)
        return config

    def _query(
        self, node: Node, rendered: Rendered, written: str, own: Mapping[str, Known | None]
    ) -> tuple[Rendered, Known | None]:
        """A form of a model in the warehouse's words, with what its columns are."""
        known = {**self._knows(rendered.relations.values()), **own}
        if written in ("", self.engine.dialect):
            probe = probe_of(rendered.sql, relations=rendered.relations, known=known)
            columns, problems = self._described(probe) if probe else ((), ())
            return rendered, _as_known(columns) if columns and not problems else None
        said = translated(rendered.sql, written=written, relations=rendered.relations, known=known)
        said, columns = self._asked(said)
        if said.problems:
            self._note(node.unique_id, node.name, node.place.path, node.raw, said.problems)
            return replace(rendered, sql=_placeholder(), relations=rendered.relations), None
        sql = self._under_contract(node, said.sql, columns)
        types = {name.lower(): kind for name, kind in (said.columns or {}).items()}
        found = _as_known(columns, types) if columns else (Known(types) if said.columns is not None else None)
        return self._with_sql(rendered, sql, written, known), found

    def _with_sql(
        self, rendered: Rendered, sql: str, written: str, known: Mapping[str, Known | None]
    ) -> Rendered:  # fmt: skip
        """The rendering with its new SQL; what stands for it as of a fixed moment is translated as well."""
        still = ""
        if rendered.still:
            said = translated(rendered.still, written=written, relations=rendered.relations, known=known)
            still = said.sql
        return replace(rendered, sql=sql, still=still)

    def _asked(self, said: Translated) -> tuple[Translated, tuple[Column, ...]]:
        if said.problems or not said.probe:
            return said, ()
        columns, problems = self._described(said.probe)
        return replace(said, problems=problems), columns

    def _under_contract(self, node: Node, sql: str, columns: tuple[Column, ...]) -> str:
        """Where a contract promises other types than the query gives here, the query is cast to them."""
        if not has_contract(node) or not columns:
            return sql
        promised = {column.name.lower(): column.data_type for column in node.columns}
        if {column.name for column in columns} != set(promised):
            return sql
        casts = [_cast(column.name, promised[column.name]) for column in columns]
        wanted, problems = self._described(exp.select(*(_null_of(each) for each in casts)).sql(dialect="postgres"))
        if problems or [each.type for each in wanted] == [each.type for each in columns]:
            return sql
        inner = sqlglot.parse_one(sql, dialect="postgres")
        outer = exp.select(*casts).from_(exp.Subquery(this=inner, alias=exp.TableAlias(this=_named("promised"))))
        return str(outer.sql(dialect="postgres", identify=True, pretty=True))

    # --- whatever else is SQL -------------------------------------------------------------------------------------

    def check(self, check: Check) -> Check:
        """The check in the warehouse's words."""
        written = written_in(self.project)
        if written in ("", self.engine.dialect):
            return check
        seeds = {uid: source.seed for uid, source in self.project.sources.items() if source.seed}
        known = self.known.get(seeds.get(check.node, check.node))
        say = partial(self._expression, check.unique_id, check.name, check.place, written=written, known=known)
        where = say(check.where) if check.where and check.rendered is None else check.where
        if check.rendered is None:
            given, problems = translated_values(check.arguments, SQL_ARGUMENTS, written=written, known=known)
            self._note(check.unique_id, check.name, check.place.path, "", problems, line=check.place.line)
            return replace(check, where=where, arguments=given)
        if check.rendered.needs_warehouse:
            return check
        relations = check.rendered.relations
        said = translated(
            check.rendered.sql, written=written, relations=relations, known=self._knows(relations.values()),
            names_count=False,
        )  # fmt: skip
        said, _ = self._asked(said)
        if said.problems:
            self._note(check.unique_id, check.name, check.place.path, "", said.problems, line=check.place.line)
            return replace(check, rendered=replace(check.rendered, sql=_placeholder()))
        return replace(check, rendered=replace(check.rendered, sql=said.sql))

    def source(self, source: Source) -> Source:
        """The source, with its own SQL in the warehouse's words."""
        written = written_in(self.project)
        if written in ("", self.engine.dialect) or not source.loaded_at_field:
            return source
        known = self.known.get(source.unique_id)
        marker = self._expression(
            source.unique_id, source.name, source.place, source.loaded_at_field, written=written, known=known
        )
        return replace(source, loaded_at_field=marker)

    def statement(self, rendered: Rendered) -> Rendered:
        """A hook: translated where it is a query or reads as one; commands to the warehouse are its own."""
        written = written_in(self.project)
        if rendered.needs_warehouse or written in ("", self.engine.dialect):
            return rendered
        return replace(rendered, sql=_statement(rendered.sql, written, self.engine.dialect))

    def late(self, rendered: Rendered, node: Node | None) -> Rendered:
        """What was rendered only when it was used.

        Raises:
            SqlError: it has no translation.
        """
        written = written_in(self.project, node)
        if written in ("", self.engine.dialect):
            return rendered
        known = {**self._knows(rendered.relations.values()), THIS: self.known.get(node.unique_id) if node else None}
        said = translated(
            rendered.sql, written=written, relations=rendered.relations, known=known, names_count=False
        )  # fmt: skip
        if said.problems:
            first = said.problems[0]
            place = node.place if node else Place("")
            raise SqlError(
                f"it is not translated: {first.what}", path=place.path or None, line=place.line, hint=first.hint
            )
        return replace(rendered, sql=said.sql)

    def _expression(
        self, unique_id: str, name: str, place: Place, text: str, written: str, known: Known | None
    ) -> str:  # fmt: skip
        said, problems = translated_expression(text, written=written, known=known)
        self._note(unique_id, name, place.path, "", problems, line=place.line)
        return said

    def _note(
        self, unique_id: str, name: str, path: str, text: str, problems: Iterable[Problem], line: int = 1
    ) -> None:  # fmt: skip
        for each in problems:
            place = place_in(text, each, path, line)
            self.found.append(Untranslated(unique_id, name, place, each.what, each.hint))


def _is_readable(node: Node) -> bool:
    """Whether its columns can be told from its SQL."""
    return node.kind == "seed" or (node.language == "sql" and not node.rendered.needs_warehouse)


def _as_known(columns: Iterable[Column], types: Mapping[str, str] | None = None) -> Known:
    """Columns of the warehouse, with the types by which their kind is told: as translated, or as the warehouse has."""
    listed = tuple(columns)
    return Known({each.name.lower(): (types or {}).get(each.name.lower()) or _back(each.type) for each in listed}, listed)


def _back(kind: str) -> str:
    """A type of PostgreSQL as DuckDB calls it; empty for one that it does not have."""
    try:
        return str(exp.DataType.build(kind, dialect="postgres").sql(dialect="duckdb"))
    except (sqlglot.errors.SqlglotError, ValueError):
        return ""


def _with_added(node: Node, known: Known | None) -> Known | None:
    """With the columns that a snapshot adds."""
    if node.kind != "snapshot" or known is None:
        return known
    added = settings_of(node.config).added
    kinds = {name: ("varchar" if "scd_id" in name or "deleted" in name else "timestamp") for name in added}
    more = tuple(Column(name, "text" if kind == "varchar" else kind) for name, kind in kinds.items())
    return Known({**known.types, **kinds}, (*known.columns, *more) if known.columns else ())


def _statement(sql: str, written: str, dialect: str) -> str:
    try:
        trees = sqlglot.parse(sql, dialect=written)
    except sqlglot.errors.SqlglotError:
        return sql
    if any(tree is None or isinstance(tree, exp.Command) for tree in trees):
        return sql
    return ";\n".join(tree.sql(dialect=dialect, identify=True) for tree in trees if tree is not None)


def _placeholder() -> str:
    """What stands for a model that is not translated, so that all others can be planned; it never runs."""
    failing = exp.cast(exp.Literal.string(NOT_TRANSLATED), "int")
    return str(exp.select(exp.alias_(failing, "not_translated")).sql(dialect="postgres"))


def _named(name: str) -> exp.Identifier:
    found: exp.Identifier = exp.to_identifier(name, quoted=True)
    return found


def _cast(name: str, kind: str) -> exp.Alias:
    to = exp.DataType.build(kind, dialect="postgres", udt=True)
    found: exp.Alias = exp.alias_(exp.Cast(this=exp.column(name, quoted=True), to=to), name, quoted=True)
    return found


def _null_of(cast: exp.Alias) -> exp.Expr:
    copied = cast.copy()
    copied.this.set("this", exp.null())
    return copied
