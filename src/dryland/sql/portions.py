"""Tells what a query can see of each of its inputs, place by place: who sees the same as before gives the same.

A query is a function of what stands at the places where it reads its inputs. Conditions are carried down to those
places: through CTEs and subqueries, as far as these pass rows and columns on as they are. A column that stands nowhere
but in conditions that were carried all the way is not part of what is seen: they are true of all rows that are.
What is not understood is seen as a whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace

from sqlglot import exp
from sqlglot.optimizer.scope import Scope

from dryland.sql.ambiguity import also
from dryland.sql.analyse import Understood
from dryland.sql.conditions import conjuncts, is_of_one_row
from dryland.sql.deciding import Deciding, deciding, passes_rows_on
from dryland.sql.fingerprint import NotUnderstoodError
from dryland.sql.meaning import WHOLE, reads_of
from dryland.sql.names import unmarked
from dryland.sql.portion import Aggregate, Condition, Match, Portion
from dryland.sql.references import source_names
from dryland.sql.totals import totals
from dryland.values import dataclass

PLACES_MAX = 200  # a CTE that is read twice by one that is read twice is read four times
Asked = Sequence[Condition | Match]


@dataclass(frozen=True, slots=True)
class _Place:
    unique_id: str
    portion: Portion  # its columns are not known yet


def portions(query: Understood) -> Mapping[str, frozenset[Portion]]:
    """By input, what the query sees of it; inputs of which anything may count are left out.

    >>> from dryland.sql.analyse import understood
    >>> known = {"relations": {"t": "model.t"}, "schemas": {"model.t": ["a", "b"]}}
    >>> found = portions(understood("select a from t where b > 1", "duckdb", **known))
    >>> [(sorted(each.columns), [one.tree.sql() for one in each.conditions]) for each in found["model.t"]]
    [(['a'], ['b > 1'])]
    """
    meaning, named = query.meaning, query.named
    if meaning.columns is None or meaning.volatile:
        return {}
    if not _is_sure_which_columns([*named.tree.find_all(exp.Join)]):
        return {}
    try:
        walk = _Walk(named.ids, query.scopes)
        walk.look()
    except (NotUnderstoodError, RecursionError):
        return {}
    return _of_inputs(walk.places, reads_of(meaning), walk.names_seen())


def _is_sure_which_columns(joins: Sequence[exp.Join]) -> bool:
    """Whether what is joined USING a column has that of the left side: by an outer join it may be that of the right."""
    if any(join.method for join in joins):
        return False
    kinds = {f"{join.side} {join.kind}".strip().upper() for join in joins}
    return kinds <= {"", "INNER", "LEFT", "LEFT OUTER", "CROSS"} or not any(join.args.get("using") for join in joins)


def _of_inputs(
    places: Iterable[_Place], reads: Mapping[str, frozenset[str]], seen: frozenset[str]
) -> Mapping[str, frozenset[Portion]]:
    found: dict[str, set[Portion]] = {}
    for place in places:
        read = reads.get(place.unique_id, frozenset({WHOLE}))
        if WHOLE not in read:
            is_total = place.portion.aggregates is not None
            columns = frozenset() if is_total else frozenset(each for each in read if each.lower() in seen)
            found.setdefault(place.unique_id, set()).add(replace(place.portion, columns=columns))
    return {unique_id: frozenset(each) for unique_id, each in found.items()}


@dataclass
class _Walk:
    """Goes down from what comes out to the places where inputs are read."""

    ids: Mapping[str, str]  # short name of a table -> unique id
    scopes: Sequence[Scope]
    places: list[_Place] = field(default_factory=list)
    _visited: set[int] = field(default_factory=set)
    _told: dict[int, exp.Expr] = field(default_factory=dict)  # parts of the query that portions say themselves

    def look(self) -> None:
        """Find all places.

        Raises:
            NotUnderstoodError: some of them cannot be reached.
        """
        self._scope(self.scopes[-1], ())
        tables = self.scopes[-1].expression.find_all(exp.Table)
        if any(id(table) not in self._visited for table in tables if table.name.lower() in self.ids):
            raise NotUnderstoodError("a place where an input is read in an unusual way")
        queries = [scope.expression for scope in self.scopes if isinstance(scope.expression, exp.Select)]
        if any(id(query) not in self._visited for query in queries):
            raise NotUnderstoodError("a query inside a function, which may read a CTE once more")

    def names_seen(self) -> frozenset[str]:
        """All names in the query, but for what portions say themselves."""
        told = {id(node) for each in self._told.values() for node in each.walk()}
        nodes = (node for node in self.scopes[-1].expression.walk() if id(node) not in told)
        return frozenset(unmarked(node.name).lower() for node in nodes if isinstance(node, exp.Identifier))

    def _scope(self, scope: Scope, asked: Asked) -> None:
        if len(self.places) > PLACES_MAX:
            raise NotUnderstoodError("too many places")
        expression = scope.expression
        if isinstance(expression, exp.Select):
            self._select(scope, expression, asked)
        elif isinstance(expression, exp.SetOperation):
            for child in (*scope.set_operation_scopes, *scope.subquery_scopes):
                self._scope(child, ())
        elif isinstance(expression, exp.Subquery):
            inner = next((each for each in self.scopes if each.expression is expression.unnest()), None)
            if inner is None:
                raise NotUnderstoodError("a subquery in an unusual place")
            self._scope(inner, ())

    def _select(self, scope: Scope, select: exp.Select, asked: Asked) -> None:
        self._visited.add(id(select))
        found = deciding(select)
        passed_on = self._passed_on(select, asked, found)
        for name in source_names(select):
            source = scope.sources.get(name)
            if isinstance(source, exp.Table):
                of_rows = (*passed_on.get(name, ()), *self._own(scope, name, found, told=True))
                self._table(source, of_rows, self._totals(scope, select, name, found))
            elif isinstance(source, Scope):
                self._scope(source, (*passed_on.get(name, ()), *self._own(scope, name, found, told=False)))
        for subquery in scope.subquery_scopes:
            self._scope(subquery, ())

    def _table(self, table: exp.Table, asked: Asked, aggregates: frozenset[Aggregate] | None) -> None:
        self._visited.add(id(table))
        unique_id = self.ids.get(table.name.lower())
        if unique_id is not None:
            renamed = [each for each in (each.renamed(unmarked) for each in asked) if each is not None]
            conditions = frozenset(each for each in renamed if isinstance(each, Condition))
            matches = frozenset(each for each in renamed if isinstance(each, Match) and each.unique_id != unique_id)
            self.places.append(_Place(unique_id, Portion(conditions, matches, aggregates=aggregates)))

    def _totals(self, scope: Scope, select: exp.Select, name: str, found: Deciding) -> frozenset[Aggregate] | None:
        """What a SELECT makes of a table whose rows it sees as they are, if that is one row."""
        if name not in found.filtered or scope.subquery_scopes or not self._is_told(select):
            return None
        aggregates = totals(select, name)
        if aggregates:
            self._told[id(select)] = select
        return aggregates

    def _is_told(self, select: exp.Select) -> bool:
        """Whether all its conditions are those of one table's rows."""
        where = select.args.get("where")
        if where is None:
            return True
        return all(id(part) in self._told for part in conjuncts(where.this))

    def _passed_on(self, select: exp.Select, asked: Asked, found: Deciding) -> dict[str, list[Condition | Match]]:
        """What is asked of the rows of a SELECT, asked of the rows of those of its sources that these are made of."""
        passed: dict[str, list[Condition | Match]] = {}
        columns = dict(_plain_columns(select)) if asked and passes_rows_on(select) else {}
        for each in asked:
            for name in found.filtered if columns else ():
                inner = {out: column.name.lower() for out, column in columns.items() if column.table == name}
                renamed = each.renamed(inner.get)
                if renamed is not None:
                    passed.setdefault(name, []).append(renamed)
        return passed

    def _own(self, scope: Scope, name: str, found: Deciding, *, told: bool) -> Iterator[Condition | Match]:
        """What a SELECT asks of the rows of a source itself; `told`: so that its conditions need not be seen."""
        for part in found.conditions.get(name, ()):
            columns = [*part.find_all(exp.Column)]
            if columns and all(each.table == name for each in columns) and is_of_one_row(part):
                if told:
                    self._told[id(part)] = part
                yield Condition(_without_tables(part))
            elif isinstance(equal := part.unnest(), exp.EQ):
                yield from self._matches(scope, name, equal)

    def _matches(self, scope: Scope, name: str, equal: exp.EQ) -> Iterator[Match]:
        own, other = equal.this, equal.expression
        is_first = isinstance(own, exp.Column) and own.table == name
        if not is_first:
            own, other = other, own
        if not isinstance(own, exp.Column) or not isinstance(other, exp.Column) or own.table != name:
            return
        if other.table != name and (origin := self._origin(scope, other)):
            yield Match(own.name.lower(), *origin, is_first)

    def _origin(self, scope: Scope, column: exp.Column) -> tuple[str, str] | None:
        """The input, and its column, of which all values are that a column has; NULL may be one more."""
        select = scope.expression
        if not isinstance(select, exp.Select) or column.table not in frozenset(source_names(select)):
            return None  # of a query around it, where the name may mean another table than the CTE of that name
        source = scope.sources.get(column.table)
        if isinstance(source, exp.Table):
            unique_id = self.ids.get(source.name.lower())
            return (unique_id, unmarked(column.name)) if unique_id else None
        if not isinstance(source, Scope) or not isinstance(source.expression, exp.Select):
            return None
        inner = dict(_plain_columns(source.expression)).get(column.name.lower())
        return self._origin(source, inner) if inner is not None else None


def _plain_columns(select: exp.Select) -> Iterator[tuple[str, exp.Column]]:
    """Those of its columns that are columns of its sources as they are, and nothing else can be meant."""
    for projection in select.expressions:
        column = projection.this if isinstance(projection, exp.Alias) else projection
        if isinstance(column, exp.Column) and not also(projection):
            yield projection.alias_or_name.lower(), column


def _without_tables(tree: exp.Expr) -> exp.Expr:
    return tree.transform(lambda node: exp.column(node.name.lower()) if isinstance(node, exp.Column) else node)
