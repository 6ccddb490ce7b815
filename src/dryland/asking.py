"""Answers what templates ask while they render: about the tables to be read, under the names that people know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import sqlglot
from sqlglot import exp

from dryland.engines.relation import Column, Found, Relation
from dryland.errors import DrylandError
from dryland.project.engine_asked import EngineAsked
from dryland.project.jinja.state import current
from dryland.project.jinja.world import Pass
from dryland.project.nodes import Node, Rendered
from dryland.project.project import Project
from dryland.project.render import rendered_again
from dryland.sql.inputs import name_inputs
from dryland.sql.meaning import EXTERNAL
from dryland.sql.parse import parse_query
from dryland.sql.substitute import substitute
from dryland.sql.volatile import volatile_functions

CATALOGUE = "information_schema"
PLAINLY = Pass()
LISTINGS = ("tables", "columns", "views")  # of the catalogue: what templates look for tables in


def rendered_over(
    project: Project, rendered: Rendered, warehouse: Located, *, node: Node | None = None, how: Pass = PLAINLY
) -> Rendered:  # fmt: skip
    """The SQL with its questions answered by `warehouse`; the names in it are those that people wrote.

    Names that a template puts together itself, and that are those of tables to be read, stand for these as well.

    Raises:
        TemplateError: it refers to something that it did not refer to when the project was read.
        QueryError: the warehouse refused a question.
    """
    if not rendered.needs_warehouse:
        return rendered
    this = node.relation if node else None
    found = rendered_again(project, rendered, replace(how, warehouse=warehouse, this=this))
    made_up = {warehouse.text(name): uid for uid, name in warehouse.names.items()}
    return replace(found, relations={**made_up, **found.relations})


@dataclass
class Located:
    """A warehouse in which every table to be read stands under its own name, wherever it really is.

    Remembers whether something was asked for that is neither a node nor a source.
    """

    asked: EngineAsked
    names: Mapping[str, Relation]  # unique id -> the name that people know
    tables: Mapping[str, Relation]  # unique id -> where it is
    is_outside: bool = False
    late: Any = None  # of a project that is translated: what says questions anew

    @cached_property
    def _places(self) -> Mapping[Relation, Relation]:
        return {name.folded: self.tables[uid] for uid, name in self.names.items()}

    @classmethod
    def of(
        cls, project: Project, asked: EngineAsked, tables: Mapping[str, Relation], node: Node | None = None
    ) -> Located:  # fmt: skip
        """The warehouse for templates over these tables; `this` among them is the node's own."""
        known = {uid: project.nodes[uid].relation for uid in tables if uid in project.nodes}
        sources = {uid: project.sources[uid] for uid in tables if uid in project.sources}
        known |= {uid: source.relation for uid, source in sources.items() if source.seed not in tables}
        if node is not None and "this" in tables:
            known["this"] = node.relation
        return cls(asked, known, tables, late=project.late)

    def text(self, relation: Relation) -> str:
        """A name as it stands in SQL."""
        return self.asked.engine.render(relation)

    def run_query(self, sql: str) -> tuple[tuple[str, ...], tuple[tuple[Any, ...], ...]]:
        """Column names and rows."""
        return self.asked.run_query(self._placed(sql))

    def execute(self, sql: str) -> None:
        """Run SQL whose rows nobody wants."""
        self.is_outside = True
        self.asked.execute(self._placed(sql))

    def describe(self, query: str) -> tuple[Column, ...]:
        """The columns of a query, without running it."""
        return self.asked.describe(self._placed(query))

    def columns(self, relation: Relation) -> tuple[Column, ...]:
        """The columns of a relation; empty when it does not exist."""
        place = self._places.get(relation.folded)
        self.is_outside = self.is_outside or place is None
        return self.asked.columns(place or relation)

    def relation(self, relation: Relation) -> Found | None:
        """What stands under a name; None when nothing does."""
        place = self._places.get(relation.folded)
        self.is_outside = self.is_outside or place is None
        found = self.asked.relation(place or relation)
        return replace(found, relation=relation) if found else None

    def relations(self, database: str, schema: str) -> tuple[Found, ...]:
        """What stands in a schema, and what will once this is published."""
        self.is_outside = True
        listed = self.asked.relations(database, schema)
        others = [each for each in listed if each.relation.folded not in self._places]
        here = [name for name in self.names.values() if (name.database, name.schema) == (database, schema)]
        return (*others, *(found for name in here if (found := self.relation(name))))

    def _placed(self, sql: str) -> str:
        """The question over the places of the tables; one about something else is noted."""
        texts = {text: uid for text, uid in current().texts.items() if uid in self.tables}
        texts |= {self.text(name): uid for uid, name in self.names.items()}
        if self.late is not None:
            sql = self.late.question(sql, texts, current().scope.unique_id)
        self.is_outside = self.is_outside or reads_outside(sql, texts, self.asked.engine.dialect)
        placed = substitute(sql, {text: self.text(self.tables[uid]) for text, uid in texts.items()})
        return self._with_what_will_be(placed) if CATALOGUE in sql.lower() else placed

    def _with_what_will_be(self, sql: str) -> str:
        """The question with what it asks of the catalogue answered as it will be once this is published."""
        dialect = self.asked.engine.dialect
        try:
            tree = sqlglot.parse_one(sql, dialect=dialect)
        except sqlglot.errors.SqlglotError:
            return sql
        for table in list(tree.find_all(exp.Table)):
            if table.db.lower() == CATALOGUE and table.name.lower() in LISTINGS:
                alias = table.alias or table.name
                table.replace(self._listing(table).subquery(alias))
        return tree.sql(dialect=dialect)

    def _listing(self, table: exp.Table) -> exp.Select:
        """A listing of the catalogue in which tables of the store stand under the names that people know."""
        moved = [(place, name) for uid, name in self.names.items() if (place := self.tables[uid]) != name]
        hidden = [_is_at(name) for _, name in moved]
        replaced = [
            _when([(_is_at(place), name.schema) for place, name in moved], "table_schema"),
            _when([(_is_at(place), name.name) for place, name in moved], "table_name"),
        ]
        star = exp.Star(replace=replaced) if moved else exp.Star()
        bare = exp.table_(table.name, db=table.db, catalog=table.catalog or None)
        return exp.select(star).from_(bare).where(*(exp.not_(each) for each in hidden))


def reads_outside(sql: str, known: Mapping[str, str], dialect: str) -> bool:
    """Whether SQL reads a table that is none of these, or the clock; what cannot be read may read anything."""
    try:
        tree = parse_query(sql, dialect, as_called=True)
        is_volatile = bool(volatile_functions(tree, dialect))
        ids = name_inputs(tree, known, dialect).ids
    except DrylandError:
        return True
    return is_volatile or any(unique_id.startswith(EXTERNAL) for unique_id in ids.values())


def _is_at(relation: Relation) -> exp.Expr:
    schema = exp.column("table_schema").eq(exp.Literal.string(relation.schema))
    return exp.paren(exp.and_(schema, exp.column("table_name").eq(exp.Literal.string(relation.name))))


def _when(cases: list[tuple[exp.Expr, str]], column: str) -> exp.Expr:
    case = exp.Case(
        ifs=[exp.If(this=condition, true=exp.Literal.string(value)) for condition, value in cases],
        default=exp.column(column),
    )
    return exp.alias_(case, column)
