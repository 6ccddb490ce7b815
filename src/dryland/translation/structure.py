"""Says in PostgreSQL's words how DuckDB lets queries be put together, and names what has no translation."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from dryland.translation.notes import Notes

NO_TRANSLATION: Mapping[type[exp.Expr], tuple[str, str]] = {
    exp.Lambda: ("there is no translation of functions over lists", "unnest the list, and group what comes of it."),
    exp.Struct: ("PostgreSQL has no structs", "keep each part in a column of its own, or use JSON."),
    exp.ToMap: ("PostgreSQL has no maps", "use JSON, or rows of keys and values."),
    exp.Columns: ("there is no translation of COLUMNS(...)", "list the columns."),
    exp.Pivot: ("there is no translation of PIVOT and UNPIVOT", "use aggregates with filter, or union all."),
    exp.TableSample: ("there is no translation of samples", "pick rows by a hash of their key."),
    exp.Glob: ("there is no translation of GLOB", "use like, or a regular expression."),
    exp.ReadCSV: ("PostgreSQL reads no files", "make it a seed, or load it as a source."),
    exp.ReadParquet: ("PostgreSQL reads no files", "load it as a source."),
    exp.Command: ("this is not understood", "write it so that DuckDB and sqlglot both read it."),
    exp.Dot: ("PostgreSQL has no structs", "keep each part in a column of its own, or use JSON."),
}  # fmt: skip
JOINS = frozenset({"ASOF", "POSITIONAL"})


def grouped_by_all(tree: exp.Expr) -> None:
    """`group by all` and `order by all` as the list of what they stand for."""
    for select in tree.find_all(exp.Select):
        group = select.args.get("group")
        if group is not None and group.args.get("all"):
            kept = [place for place, each in enumerate(select.expressions, 1) if not _aggregates(each)]
            places = [exp.Literal.number(place) for place in kept]
            select.set("group", exp.Group(expressions=places) if places else None)
        order = select.args.get("order")
        if order is not None and len(order.expressions) == 1 and _is_all(order.expressions[0]):
            first = order.expressions[0]
            places = [exp.Literal.number(place) for place in range(1, len(select.expressions) + 1)]
            order.set("expressions", [_like(first, place) for place in places])


def _is_all(ordered: exp.Expr) -> bool:
    return isinstance(ordered.this, exp.Var) and ordered.this.name.upper() == "ALL"


def _like(ordered: exp.Expr, place: exp.Expr) -> exp.Expr:
    copied = ordered.copy()
    copied.set("this", place)
    return copied


def _aggregates(projection: exp.Expr) -> bool:
    found = (each for each in projection.find_all(exp.AggFunc) if not isinstance(each.parent, exp.Window))
    return any(not each.find_ancestor(exp.Subquery) for each in found)


def refused(tree: exp.Expr, notes: Notes) -> None:
    """Note what has no translation, whatever its parts are."""
    for node in tree.walk():
        said = NO_TRANSLATION.get(type(node))
        if said is not None and not (isinstance(node, exp.Struct) and isinstance(node.parent, exp.ToMap)):
            notes.say(node, *said)
        elif isinstance(node, exp.Join) and str(node.args.get("method") or node.args.get("kind") or "") in JOINS:
            notes.say(node, "there is no translation of ASOF and POSITIONAL joins", "use row_number() or lateral.")
        elif isinstance(node, exp.SetOperation) and node.args.get("by_name"):
            notes.say(node, "there is no translation of set operations by name", "list the columns on both sides.")
        elif isinstance(node, exp.Limit) and _is_percent(node):
            notes.say(node, "there is no translation of limits in percent", "use ntile() or percent_rank().")
        elif isinstance(node, exp.Star) and (node.args.get("except_") or node.args.get("replace")):
            notes.say(node, "which columns this star stands for is not known here", "list the columns.")


def _is_percent(limit: exp.Expr) -> bool:
    options = limit.args.get("limit_options")
    return bool(options and options.args.get("percent")) or limit.expression.find(exp.Mod) is not None
