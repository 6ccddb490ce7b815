"""Makes random queries over three small tables: what they read, how they join, what they compute, how they end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hypothesis import strategies as st

TABLES = {"t": ("a", "b", "c"), "u": ("a", "d", "e"), "v": ("b", "d", "l")}
WORDS = {"c", "e"}  # the others are numbers, but `l`, which is a list of numbers
LISTS = {"l"}
NUMBERS = st.integers(-1, 3).map(str)
LETTERS = st.sampled_from(["'x'", "'y'", "''"])
NAMES = ("a", "b", "d", "x", "y", "z")  # of output columns: some are those of the tables, to lead astray
CTE_NAMES = ("w", "w2", "t")  # one hides a table


@dataclass(frozen=True)
class Columns:
    """What can be written where a column may stand, by kind."""

    numbers: tuple[str, ...]
    words: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()

    def __add__(self, other: Columns) -> Columns:
        return Columns(self.numbers + other.numbers, self.words + other.words, self.lists + other.lists)


Tables = Mapping[str, Sequence[str]]  # name -> columns


def columns_of(alias: str, names: Sequence[str]) -> Columns:
    """All columns of a source, each with its alias."""
    kinds: dict[str, list[str]] = {"numbers": [], "words": [], "lists": []}
    for name in names:
        kinds["words" if name in WORDS else "lists" if name in LISTS else "numbers"].append(f"{alias}.{name}")
    return Columns(*(tuple(each) for each in kinds.values()))


@st.composite
def scalars(draw: st.DrawFn, columns: Columns, depth: int = 2) -> str:
    """A number made of columns."""
    if not columns.numbers:
        return draw(NUMBERS)
    name = draw(st.sampled_from(columns.numbers))
    if not depth:
        return name
    kinds = ["literal", "column", "bare", "math", "coalesce", "case", "abs", "subquery", "list"]
    kind = draw(st.sampled_from([*kinds, *["length"] * bool(columns.words), *["lambda"] * bool(columns.lists)]))
    deeper = scalars(columns, depth - 1)
    match kind:
        case "literal":
            return draw(NUMBERS)
        case "column":
            return name
        case "bare":  # perhaps an alias of the same SELECT, perhaps ambiguous
            return name.rsplit(".", 1)[-1]
        case "length":
            return f"length({draw(st.sampled_from(columns.words))})"
        case "abs":
            return f"abs({draw(deeper)})"
        case "coalesce":
            return f"coalesce({name}, {draw(deeper)})"
        case "case":
            return f"case when {draw(predicates(columns, 0))} then {name} else {draw(deeper)} end"
        case "list":
            return f"list_sum([z + {draw(deeper)} for z in [1, {name}] if z > {draw(NUMBERS)}])"
        case "lambda":
            return f"list_sum(list_transform({draw(st.sampled_from(columns.lists))}, lambda z: z + {draw(deeper)}))"
        case "subquery":
            how = draw(st.sampled_from(["max(u.d)", "count(*)", f"sum(u.d + {name})", f"sum({name})", "max(d)"]))
            return f"(select {how} from u where u.a = {draw(deeper)})"
    return f"({name} {draw(st.sampled_from(['+', '-', '*']))} {draw(deeper)})"


@st.composite
def predicates(draw: st.DrawFn, columns: Columns, depth: int = 1) -> str:
    """A condition."""
    name = draw(st.sampled_from(columns.numbers or ("1",)))
    kinds = ["compare", "null", "in", *["word"] * bool(columns.words)]
    kind = draw(st.sampled_from([*kinds, *["and", "not", "exists", "insub", "bare"] * bool(depth)]))
    match kind:
        case "compare":
            return f"{name} {draw(st.sampled_from(['=', '<', '>=', '<>']))} {draw(NUMBERS)}"
        case "null":
            return f"{name} is {draw(st.sampled_from(['', 'not ']))}null"
        case "in":
            return f"{name} in ({draw(NUMBERS)}, {draw(NUMBERS)})"
        case "word":
            return f"{draw(st.sampled_from(columns.words))} = {draw(LETTERS)}"
        case "not":
            return f"not ({draw(predicates(columns, 0))})"
        case "bare":
            return f"{draw(st.sampled_from(NAMES))} > {draw(NUMBERS)}"
        case "exists":
            return f"exists (select 1 from u as inside where inside.a = {name} and d > {draw(NUMBERS)})"
        case "insub":
            return f"{name} in (select {draw(st.sampled_from(['a', 'd', 'b']))} from u as inside)"
    return f"({draw(predicates(columns, 0))} {draw(st.sampled_from(['and', 'or']))} {draw(predicates(columns, 0))})"


@st.composite
def sources(draw: st.DrawFn, tables: Tables, depth: int) -> tuple[str, Columns]:
    """What stands after FROM, and the columns it offers."""
    first, second = draw(st.sampled_from(sorted(tables))), draw(st.sampled_from(sorted(tables)))
    columns = columns_of("p", tables[first])
    kinds = ["table", "join", "join", "shared", "natural", "self", "unnest", "values"]
    kind = draw(st.sampled_from([*kinds, *["sub", "sub", "lateral"] * bool(depth)]))
    both = columns + columns_of("r", tables[second])
    match kind:
        case "join":
            how = draw(st.sampled_from(["join", "left join", "right join", "full join", "semi join", "anti join", ","]))
            on = "" if how == "," else f" on {draw(predicates(both, 0))} and {draw(joining(columns, second, tables))}"
            return f"{first} as p {how} {second} as r{on}", columns if how[:4] in ("semi", "anti") else both
        case "shared":
            how = draw(st.sampled_from(["join", "left join", "full join", "semi join"]))
            name = draw(st.sampled_from(sorted({*tables[first]} & {*tables[second]}) or ["a"]))
            return f"{first} as p {how} {second} as r using ({name})", columns if how[:4] == "semi" else both
        case "natural":
            return f"{first} as p natural {draw(st.sampled_from(['', 'left ']))}join {second} as r", both
        case "self":
            return "t as p join t as r on p.a = r.b", columns_of("p", TABLES["t"]) + columns_of("r", TABLES["t"])
        case "unnest":
            return "v as p, unnest(p.l) as m(n)", columns_of("p", TABLES["v"]) + Columns(("m.n",))
        case "values":
            return f"{first} as p, (values (1, {draw(NUMBERS)}), (0, 2)) as m(x, y)", columns + Columns(("m.x", "m.y"))
        case "sub":
            inner, names = draw(selects(tables, depth - 1))
            if draw(st.booleans()):
                return f"({inner}) as q", columns_of("q", names)
            renamed = draw(st.permutations(NAMES))[: len(names)]
            return f"({inner}) as q({', '.join(renamed)})", columns_of("q", renamed)
        case "lateral":
            word = draw(st.sampled_from(["", "lateral "]))
            how = draw(st.sampled_from(["max(u.d)", "u.d", "count(*)"]))
            inner = f"select {how} + {draw(st.sampled_from(columns.numbers))} as x, 1 as y from u"
            return f"{first} as p, {word}({inner} where u.a > {draw(NUMBERS)}) as q", columns + Columns(("q.x", "q.y"))
    return f"{first} as p", columns


def joining(columns: Columns, second: str, tables: Tables) -> st.SearchStrategy[str]:
    """Conditions that keep joins small."""
    others = columns_of("r", tables[second]).numbers
    return st.builds(lambda a, b: f"{a} = {b}", st.sampled_from(columns.numbers), st.sampled_from(others))


@st.composite
def selects(draw: st.DrawFn, tables: Tables, depth: int = 2) -> tuple[str, list[str]]:
    """A SELECT whose output columns are numbers, and their names."""
    origin, columns = draw(sources(tables, depth))
    where = f" where {draw(predicates(columns))}" if draw(st.booleans()) else ""
    kind = draw(st.sampled_from(["plain", "plain", "star", "distinct", "on", "group", "sets", "window", "total"]))
    names = list(draw(st.permutations(NAMES))[: draw(st.integers(1, 3))])
    if kind == "star" and (" using " in origin or " natural " in origin):
        shown = sorted({name.split(".")[1] for name in columns.numbers})
        return f"select {', '.join(shown)} from (select * from {origin}{where}) as s", shown
    if kind == "star" and origin.count(" as ") == 1 and "(" not in origin:
        numbers = [name.split(".")[1] for name in columns.numbers]
        star = f"* exclude ({numbers[0]})" if len(numbers) > 1 else "*"
        star += f" replace ({draw(scalars(columns))} as {numbers[-1]})" if draw(st.booleans()) else ""
        kept = numbers[1:] or numbers
        return f"select {', '.join(kept)} from (select {star} from {origin}{where}) as s", kept
    if kind in ("group", "sets", "total"):
        return draw(aggregations(kind, names, origin + where, columns))
    made = [draw(scalars(columns)) for _ in names]
    if kind == "window":
        over = f"over (partition by {draw(scalars(columns, 0))} order by {draw(scalars(columns, 0))})"
        function = draw(st.sampled_from(["rank()", "dense_rank()", f"sum({draw(scalars(columns, 0))})", "count(*)"]))
        made[-1] = f"{function} {over}"
        where += f" qualify {draw(st.sampled_from([names[-1], f'rank() {over}']))} <= 2" if draw(st.booleans()) else ""
    word = {"distinct": "distinct ", "on": f"distinct on ({made[0]}) "}.get(kind, "")
    where += f" order by {', '.join(made)}, {', '.join(columns.numbers)}" if kind == "on" else ""
    return f"select {word}{listed(made, names)} from {origin}{where}{draw(tails(names)) if kind != 'on' else ''}", names


@st.composite
def aggregations(draw: st.DrawFn, kind: str, names: list[str], origin: str, columns: Columns) -> tuple[str, list[str]]:
    """GROUP BY in its forms, or one row for all."""
    having = draw(st.sampled_from(["", "", " having count(*) > 1", f" having {names[0]} > 0"]))
    made = [draw(aggregates(columns)) for _ in names]
    if kind == "total":
        return f"select {listed(made, names)} from {origin}{having}", names
    key = draw(scalars(columns, 1))
    made = [key, *made[1:]]
    by = draw(st.sampled_from([key, "1", "all", names[0], f"{key}, {columns.numbers[0] if columns.numbers else 1}"]))
    if kind == "sets":
        by = draw(st.sampled_from([f"rollup ({key})", f"grouping sets (({key}), ())", f"cube ({key})"]))
    return f"select {listed(made, names)} from {origin} group by {by}{having}{draw(tails(names))}", names


@st.composite
def aggregates(draw: st.DrawFn, columns: Columns) -> str:
    """One number for many rows."""
    inner = draw(scalars(columns, 1))
    how = ["sum({})", "min({})", "max({})", "count({})", "count(distinct {})", "count(*)", "list_sum(list({}))"]
    only = f" filter (where {draw(predicates(columns, 0))})" if draw(st.integers(0, 3)) == 0 else ""
    made = draw(st.sampled_from(how))
    return made.format(inner) + ("" if made.startswith("list") else only)


@st.composite
def tails(draw: st.DrawFn, names: Sequence[str]) -> str:
    """An order of all columns, so that LIMIT leaves nothing to chance; mostly nothing."""
    if draw(st.integers(0, 3)):
        return ""
    order = [f"{name}{draw(st.sampled_from(['', ' desc', ' nulls first']))}" for name in draw(st.permutations(names))]
    places = [str(number + 1) for number in range(len(names))]
    by = ", ".join(draw(st.sampled_from([order, places, ["all"]])))
    return f" order by {by} limit {draw(st.integers(1, 3))}"


def listed(made: Sequence[str], names: Sequence[str]) -> str:
    """The projections of a SELECT."""
    return ", ".join(f"{each} as {name}" for each, name in zip(made, names, strict=True))


@st.composite
def queries(draw: st.DrawFn, tables: Tables = TABLES) -> str:
    """A query, sometimes through CTEs, sometimes of two halves, sometimes both."""
    known, ctes = dict(tables), []
    for name in draw(st.lists(st.sampled_from(CTE_NAMES), max_size=2, unique=True)):
        text, names = draw(selects(known, 1))
        ctes.append(f"{name} as ({text})")
        known[name] = names
    text, names = draw(selects(known, 1 if ctes else 2))
    if draw(st.integers(0, 3)) == 0:
        other, others = draw(selects(known, 1))
        how = draw(st.sampled_from(["union all", "union", "except", "except all", "intersect", "intersect all"]))
        if len(others) == len(names):
            text = f"({text}) {how} ({other}){draw(tails(names))}"
    return f"with {', '.join(ctes)} {text}" if ctes else text
