"""Makes random queries over two small tables, and random changes to them."""

from __future__ import annotations

from collections.abc import Sequence

import sqlglot
from hypothesis import strategies as st
from sqlglot import exp

TABLES = {"t": ("a", "b", "c"), "u": ("a", "d", "e")}  # a, b, d are numbers; c and e are words
WORDS = {"c", "e"}
NUMBERS = st.integers(-1, 3).map(str)
LETTERS = st.sampled_from(["'x'", "'y'", "''"])

Columns = Sequence[tuple[str, bool]]  # (how it is written, whether it is a number)


@st.composite
def scalar(draw: st.DrawFn, columns: Columns, depth: int = 2) -> str:
    """A number made of columns."""
    numbers = [name for name, is_number in columns if is_number]
    words = [name for name, is_number in columns if not is_number]
    kinds = [
        "literal",
        *(["column", "sum", "coalesce", "case", "abs"] if numbers else []),
        *(["length"] if words else []),
    ]
    kind = draw(st.sampled_from(kinds)) if depth else ("column" if numbers else "literal")
    if kind == "literal":
        return draw(NUMBERS)
    if kind == "length":
        return f"length({draw(st.sampled_from(words))})"
    name = draw(st.sampled_from(numbers))
    if kind == "column":
        return name
    if kind == "abs":
        return f"abs({draw(scalar(columns, depth - 1))})"
    if kind == "coalesce":
        return f"coalesce({name}, {draw(scalar(columns, depth - 1))})"
    if kind == "case":
        return f"case when {draw(predicate(columns, 0))} then {name} else {draw(scalar(columns, depth - 1))} end"
    return f"({name} {draw(st.sampled_from(['+', '-', '*']))} {draw(scalar(columns, depth - 1))})"


@st.composite
def predicate(draw: st.DrawFn, columns: Columns, depth: int = 1) -> str:
    """A condition."""
    numbers = [name for name, is_number in columns if is_number] or ["1"]
    words = [name for name, is_number in columns if not is_number]
    kinds = [
        "compare",
        "null",
        "in",
        *(["word"] if words else []),
        *(["and", "not", "exists", "insub"] if depth else []),
    ]
    kind = draw(st.sampled_from(kinds))
    name = draw(st.sampled_from(numbers))
    if kind == "compare":
        return f"{name} {draw(st.sampled_from(['=', '<', '>=', '<>']))} {draw(NUMBERS)}"
    if kind == "null":
        return f"{name} is {draw(st.sampled_from(['', 'not ']))}null"
    if kind == "in":
        return f"{name} in ({draw(NUMBERS)}, {draw(NUMBERS)})"
    if kind == "word":
        return f"{draw(st.sampled_from(words))} = {draw(LETTERS)}"
    if kind == "not":
        return f"not ({draw(predicate(columns, 0))})"
    if kind == "exists":
        return f"exists (select 1 from u as inside where inside.a = {name} and inside.d > {draw(NUMBERS)})"
    if kind == "insub":
        return f"{name} in (select inside.{draw(st.sampled_from(['a', 'd']))} from u as inside)"
    return f"({draw(predicate(columns, 0))} {draw(st.sampled_from(['and', 'or']))} {draw(predicate(columns, 0))})"


@st.composite
def source(draw: st.DrawFn, depth: int) -> tuple[str, Columns]:
    """What stands after FROM, and the columns it offers."""
    kind = draw(st.sampled_from(["t", "u", "join", "left", "sub", "union"] if depth else ["t", "u"]))
    if kind in TABLES:
        alias = draw(st.sampled_from([kind, "p"]))
        return f"{kind} as {alias}", [(f"{alias}.{name}", name not in WORDS) for name in TABLES[kind]]
    if kind in ("join", "left"):
        how = draw(st.sampled_from(["join", "left join", "full join"]))
        on = draw(st.sampled_from(["t.a = u.a", "t.b = u.d", "t.a = u.a and u.d > 0"]))
        columns = [(f"{table}.{name}", name not in WORDS) for table, names in TABLES.items() for name in names]
        return f"t {how} u on {on}", columns
    if kind == "union":
        how = draw(st.sampled_from(["union all", "union", "except", "intersect"]))
        return f"(select a, b from t {how} select a, d from u) as q", [("q.a", True), ("q.b", True)]
    inner, names = draw(select(depth - 1))
    return f"({inner}) as q", [(f"q.{name}", True) for name in names]


@st.composite
def select(draw: st.DrawFn, depth: int = 2) -> tuple[str, list[str]]:
    """A SELECT whose output columns are numbers, and their names."""
    origin, columns = draw(source(depth))
    where = f" where {draw(predicate(columns))}" if draw(st.booleans()) else ""
    kind = draw(st.sampled_from(["plain", "plain", "distinct", "group", "window", "total"]))
    if kind in ("group", "total"):
        key = f"({draw(st.sampled_from([name for name, is_number in columns if is_number]))} + {draw(NUMBERS)})"
        made = [draw(aggregate(columns)) for _ in range(draw(st.integers(1, 2)))]
        having = " having count(*) > 1" if draw(st.booleans()) else ""
        if kind == "total":
            names = [f"x{number}" for number in range(len(made))]
            listed = ", ".join(f"{each} as {name}" for each, name in zip(made, names, strict=True))
            return f"select {listed} from {origin}{where}{having}", names
        names = ["k", *(f"x{number}" for number in range(len(made)))]
        listed = ", ".join(f"{each} as {name}" for each, name in zip([key, *made], names, strict=True))
        return f"select {listed} from {origin}{where} group by {key}{having}", names
    made = [draw(scalar(columns)) for _ in range(draw(st.integers(1, 3)))]
    qualify = ""
    if kind == "window":
        part, order = draw(scalar(columns, 0)), draw(scalar(columns, 0))
        over = f"over (partition by {part} order by {order})"
        made.append(f"{draw(st.sampled_from(['rank()', 'dense_rank()', f'sum({order})', 'count(*)']))} {over}")
        qualify = f" qualify rank() {over} <= 2" if draw(st.booleans()) else ""
    names = [f"x{number}" for number in range(len(made))]
    listed = ", ".join(f"{each} as {name}" for each, name in zip(made, names, strict=True))
    return f"select {'distinct ' if kind == 'distinct' else ''}{listed} from {origin}{where}{qualify}", names


@st.composite
def aggregate(draw: st.DrawFn, columns: Columns) -> str:
    """One number for many rows."""
    inner = draw(scalar(columns, 1))
    how = draw(st.sampled_from(["sum({})", "min({})", "max({})", "count({})", "count(distinct {})", "count(*)"]))
    only = f" filter (where {draw(predicate(columns, 0))})" if draw(st.booleans()) else ""
    return how.format(inner) + only


@st.composite
def queries(draw: st.DrawFn) -> str:
    """A query, sometimes through a CTE, sometimes of two halves."""
    text, names = draw(select())
    kind = draw(st.sampled_from(["plain", "plain", "cte", "union"]))
    if kind == "cte":
        columns = [(f"w.{name}", True) for name in names]
        made = [draw(scalar(columns)) for _ in range(draw(st.integers(1, 2)))]
        listed = ", ".join(f"{each} as y{number}" for number, each in enumerate(made))
        where = f" where {draw(predicate(columns))}" if draw(st.booleans()) else ""
        return f"with w as ({text}), unused as (select 1 as one) select {listed} from w{where}"
    if kind == "union":
        other, others = draw(select(1))
        if len(others) == len(names):
            return f"{text} {draw(st.sampled_from(['union all', 'union']))} {other}"
    return text


@st.composite
def changed(draw: st.DrawFn, text: str) -> str:
    """The query with one small thing about it changed, as people do."""
    tree = sqlglot.parse_one(text, dialect="duckdb")
    nodes = [node for node in tree.walk() if _changes(node)]
    if not nodes:
        return text
    node = draw(st.sampled_from(nodes))
    change = draw(st.sampled_from(_changes(node)))
    change(node)
    return tree.sql("duckdb")


def _changes(node: exp.Expr) -> list:
    found = []
    if isinstance(node, exp.Literal) and not node.is_string:
        found.append(lambda n: n.replace(exp.Literal.number(int(n.this) + 1)))
    if isinstance(node, exp.Literal) and node.is_string:
        found.append(lambda n: n.replace(exp.Literal.string(n.this + "z")))
    if isinstance(node, exp.Column) and node.name in ("a", "b", "d"):
        table = node.table
        found.append(lambda n: n.set("this", exp.to_identifier({"a": "d" if table == "u" else "b"}.get(n.name, "a"))))
    if isinstance(node, exp.Join):
        found.append(lambda n: n.set("side", "" if n.args.get("side") else "LEFT"))
    if isinstance(node, exp.Select):
        found += [
            lambda n: n.set("where", None),
            lambda n: n.set("distinct", None if n.args.get("distinct") else exp.Distinct()),
            lambda n: n.set("having", None),
            lambda n: n.set("qualify", None),
            lambda n: n.set("expressions", list(reversed(n.expressions))),
            lambda n: n.set("expressions", n.expressions[:1]),
        ]
    if isinstance(node, exp.Add | exp.Sub):
        found.append(lambda n: n.replace(exp.Mul(this=n.this, expression=n.expression)))
    if isinstance(node, exp.And):
        found.append(lambda n: n.replace(exp.Or(this=n.this, expression=n.expression)))
    if isinstance(node, exp.Sum):
        found.append(lambda n: n.replace(exp.Max(this=n.this)))
    if isinstance(node, exp.Count):
        found.append(lambda n: n.replace(exp.Count(this=exp.Distinct(expressions=[exp.column("a")]))))
    if isinstance(node, exp.Rank):
        found.append(lambda n: n.replace(exp.DenseRank()))
    if isinstance(node, exp.SetOperation):
        found.append(lambda n: n.set("distinct", not n.args.get("distinct")))
    if isinstance(node, exp.Group):
        found.append(lambda n: n.set("expressions", [exp.Literal.number(1)]))
    if isinstance(node, exp.Window):
        found += [lambda n: n.set("partition_by", None), lambda n: n.set("order", None)]
    if isinstance(node, exp.Filter):
        found.append(lambda n: n.replace(n.this))
    return found
