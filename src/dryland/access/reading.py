"""Rewrites a query so that it reads only what a person may see, and sees it as he may see it.

Every name in a FROM must be a published dataset of his, or a WITH of his own. In place of a dataset stands a sub-query
with the columns that he may see, masked where they are; in place of a WITH's name one that nobody else can have. What
is left over after that is nothing: a name that is not resolved refuses the query, with the same words whether or not
something of that name is there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlglot import exp

from dryland.access.guard import Language, guarded, tables, written
from dryland.access.masks import Mask, masked
from dryland.engines.relation import Relation
from dryland.errors import RefusedQueryError, RightsError
from dryland.sql.cte_reference import cte_behind
from dryland.sql.names import folded
from dryland.values import dataclass

COMMON = "dryland_with_"  # begins the names that a person's WITHs get


@dataclass(frozen=True, slots=True)
class ShownColumn:
    """A column of a dataset as somebody sees it."""

    name: str
    mask: Mask | None = None  # None: as it is


@dataclass(frozen=True, slots=True)
class Shown:
    """A dataset as somebody sees it."""

    dataset: str  # unique id
    relation: Relation  # the view of the environment
    columns: tuple[ShownColumn, ...]  # those that he sees, in their order


@dataclass(frozen=True, slots=True)
class Names:
    """What a name in a FROM may mean to somebody: only what he may read is in it."""

    by_name: Mapping[tuple[str, str], str]  # (schema, name) as the dialect compares them -> dataset
    default_schema: str

    def find(self, table: exp.Table, dialect: str, database: str) -> str | None:
        """The dataset that a name means; a bare name may also be in another schema, where it is the only one."""
        if table.catalog and table.catalog.lower() != database.lower():
            return None
        name, schema = folded(table.this, dialect), table.args.get("db")
        default = schema if schema else exp.to_identifier(self.default_schema, quoted=True)
        found = self.by_name.get((folded(default, dialect), name))
        if found is not None or schema:
            return found
        alike = {dataset for (_, each), dataset in self.by_name.items() if each == name}
        return alike.pop() if len(alike) == 1 else None


@dataclass(frozen=True, slots=True)
class Question:
    """A query that was looked through, with what each name in it means; not rewritten yet."""

    tree: exp.Query
    language: Language
    meant: Mapping[int, str]  # place among the tree's tables -> dataset
    datasets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answerable:
    """What can be sent to the warehouse, and what it touches."""

    sql: str
    touched: Mapping[str, tuple[str, ...]]  # dataset -> columns that it may read
    masked: tuple[tuple[str, str, Mask], ...] = ()  # of those (dataset, column, mask) where the value is not seen


def asked(sql: str, names: Names, language: Language, *, database: str) -> Question:
    """Look a query through, and find the datasets that it reads.

    Raises:
        RefusedQueryError: it is not one query of what is allowed.
        RightsError: a name in it is no dataset that this person may read.
    """
    tree = guarded(sql, language)
    meant: dict[int, str] = {}
    for number, table in enumerate(tables(tree)):
        if cte_behind(table, language.dialect) is not None:
            continue
        dataset = names.find(table, language.dialect, database)
        if dataset is None:
            raise no_such_dataset(".".join(part.name for part in table.parts))
        meant[number] = dataset
    return Question(tree, language, meant, tuple(dict.fromkeys(meant.values())))


def no_such_dataset(name: str) -> RightsError:
    """What is said of what is not there, and of what somebody may not read."""
    return RightsError(
        f"there is no dataset `{name[:200]}` that you may read.",
        hint="`dryland access rights NODE` says who may read it; its owner decides.",
    )


def answerable(question: Question, shown: Mapping[str, Shown], *, key: str, rows_max: int | None) -> Answerable:
    """The query over what somebody sees of each dataset.

    Raises:
        RefusedQueryError: what would be sent is not what was looked through.
    """
    tree, language = question.tree.copy(), question.language
    found = list(tables(tree))
    named = [(table, cte_behind(table, language.dialect)) for table in found]
    columns = {name.name.lower() for name in tree.find_all(exp.Identifier)}
    has_star = any(not isinstance(star.parent, exp.Count) for star in tree.find_all(exp.Star, exp.Columns))
    _shorten_names(tree, {folded(table.this, language.dialect) for table in found}, language.dialect)
    new_names = {id(cte): f"{COMMON}{number}" for number, cte in enumerate(tree.find_all(exp.CTE))}
    for number, (table, cte) in enumerate(named):
        if cte is not None:
            _rename(table, new_names[id(cte)])
        else:
            _show(table, shown[question.meant[number]], language.dialect, key)
    for cte in tree.find_all(exp.CTE):
        if id(cte) in new_names:
            cte.args["alias"].set("this", exp.to_identifier(new_names[id(cte)], quoted=True))
    sql = written(_limited(tree, rows_max), language)
    _verify_resolved(sql, language, shown.values(), set(new_names.values()))
    touched = {
        each.dataset: tuple(column.name for column in each.columns if has_star or column.name.lower() in columns)
        for each in (shown[dataset] for dataset in question.datasets)
    }
    masked = tuple(
        (each.dataset, column.name, column.mask)
        for each in (shown[dataset] for dataset in question.datasets) for column in each.columns
        if column.mask is not None and column.name in touched[each.dataset]
    )  # fmt: skip
    return Answerable(sql, touched, masked)


def _shorten_names(tree: exp.Query, known: set[str], dialect: str) -> None:
    """`main.orders.amount`: the table stands elsewhere now, and `orders` is its name in the query."""
    for column in tree.find_all(exp.Column):
        if column.args.get("db") and folded(column.args.get("table"), dialect) in known:
            column.set("db", None)
            column.set("catalog", None)


def _rename(table: exp.Table, name: str) -> None:
    if not table.args.get("alias"):
        table.set("alias", exp.TableAlias(this=table.this.copy()))
    elif not table.args["alias"].this:
        table.args["alias"].set("this", table.this.copy())
    table.set("this", exp.to_identifier(name, quoted=True))


def _show(table: exp.Table, shown: Shown, dialect: str, key: str) -> None:
    """Put a sub-query in the place of a table; alias, pivots, joins and samples hang on it as they did."""
    select = exp.Select()
    for column in shown.columns:
        name = exp.to_identifier(column.name, quoted=True)
        select = select.select(
            exp.column(name) if column.mask is None
            else exp.alias_(masked(column.name, column.mask, dialect=dialect, key=key), name), copy=False,
        )  # fmt: skip
    relation = shown.relation
    select = select.from_(
        exp.table_(
            exp.to_identifier(relation.name, quoted=True), db=exp.to_identifier(relation.schema, quoted=True),
            catalog=exp.to_identifier(relation.database, quoted=True),
        )
    )  # fmt: skip
    alias = table.args.get("alias") or exp.TableAlias()
    if not alias.this:
        alias.set("this", table.this.copy())
    rest = {part: table.args[part] for part in ("pivots", "joins", "sample", "laterals") if table.args.get(part)}
    table.replace(exp.Subquery(this=select, alias=alias.copy(), **rest))


def _limited(tree: exp.Query, rows_max: int | None) -> exp.Query:
    """At most so many rows and one: whoever sees that one knows that there are more."""
    if rows_max is None:
        return tree
    limit = tree.args.get("limit")
    wanted = limit.expression if isinstance(limit, exp.Limit) else None
    if isinstance(wanted, exp.Literal) and wanted.name.isdigit() and int(wanted.name) <= rows_max:
        return tree
    if limit is None and isinstance(tree, exp.Select):
        return tree.limit(rows_max + 1, copy=False)
    whole = exp.Subquery(this=tree, alias=exp.TableAlias(this=exp.to_identifier("dryland_all", quoted=True)))
    return exp.select("*").from_(whole).limit(rows_max + 1)


def _verify_resolved(sql: str, language: Language, shown: Iterable[Shown], common: set[str]) -> None:
    """The last look: what is sent reads these views, and nothing that has another name."""
    views = {(each.relation.database, each.relation.schema, each.relation.name) for each in shown}
    for table in tables(guarded(sql, language)):
        name = (table.catalog, table.db, table.name)
        is_common = name[:2] == ("", "") and table.name in common and cte_behind(table, language.dialect) is not None
        if name not in views and not is_common:
            raise RefusedQueryError("a name in the query cannot be resolved for certain.")
