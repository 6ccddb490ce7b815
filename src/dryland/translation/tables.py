"""Knows the tables that a query reads: under short names while it is looked at, and over no rows to ask about it."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from dryland.engines.relation import Column
from dryland.sql.cte_reference import is_cte_reference
from dryland.values import dataclass

PLACE = "dryland_{}"  # what tables are called while a query is looked at


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a table that a query reads."""

    types: Mapping[str, str]  # column, in lower case -> its type as it is called where the query was written; or ""
    columns: tuple[Column, ...] = ()  # as the warehouse has or will have them; none when nobody knows


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables that a query reads from outside, under names of their own."""

    names: Mapping[str, exp.Table]  # name -> the table as it is to be written
    ids: Mapping[str, str]  # name -> unique id, of those that are known

    @classmethod
    def renamed(cls, tree: exp.Expr, relations: Mapping[str, str], written: str) -> Tables:
        """Rename them in place."""
        texts = {_folded(exp.to_table(text, dialect=written)): text for text in relations}
        names: dict[str, exp.Table] = {}
        ids: dict[str, str] = {}
        places: dict[tuple[str, ...], str] = {}
        read = [each for each in tree.find_all(exp.Table) if isinstance(each.this, exp.Identifier)]
        for table in read:
            key = _folded(table)
            if key not in texts and is_cte_reference(table, written):
                continue
            name = places.setdefault(key, PLACE.format(len(places)))
            text = texts.get(key)
            names[name] = exp.to_table(text, dialect="postgres") if text else table.copy()
            if text:
                ids[name] = relations[text]
            if not table.alias:
                table.set("alias", exp.TableAlias(this=exp.to_identifier(table.name.lower())))
            table.set("this", exp.to_identifier(name))
            table.set("db", None)
            table.set("catalog", None)
        for column in tree.find_all(exp.Column):
            column.set("db", None)
            column.set("catalog", None)
        return cls(names, ids)

    def placed(self, tree: exp.Expr) -> exp.Expr:
        """The query with the tables' own names again."""
        copied = tree.copy()
        for table in copied.find_all(exp.Table):
            own = self.names.get(table.name)
            if own is not None:
                for part in ("this", "db", "catalog"):
                    table.set(part, own.args[part].copy() if own.args.get(part) else None)
        return copied

    def empty(self, tree: exp.Expr, known: Mapping[str, Known | None]) -> exp.Expr | None:
        """The query over tables of no rows; None when the columns of one are not known."""
        copied = tree.copy()
        for table in list(copied.find_all(exp.Table)):
            if table.name not in self.names:
                continue
            found = known.get(self.ids.get(table.name, ""))
            if found is None or not found.columns:
                return None
            stub = exp.select(*(_null(each) for each in found.columns)).limit(0)
            table.replace(stub.subquery(table.alias or table.name))
        return copied


def _null(column: Column) -> exp.Expr:
    kind = exp.DataType.build(column.type, dialect="postgres", udt=True)
    return exp.alias_(exp.Cast(this=exp.null(), to=kind), column.name, quoted=True)


def _folded(table: exp.Table) -> tuple[str, ...]:
    return tuple(part.name.lower() if (part := table.args.get(key)) else "" for key in ("catalog", "db", "this"))
