"""Finds functions whose answer changes although nothing they read does."""

from __future__ import annotations

from sqlglot import exp

NODES: tuple[type[exp.Expr], ...] = tuple(
    getattr(exp, name)
    for name in (
        "CurrentDate", "CurrentDatetime", "CurrentTime", "CurrentTimestamp", "CurrentTimestampLTZ", "Localtime",
        "Localtimestamp", "Rand", "Randn", "Uuid", "UtcDate", "UtcTime", "UtcTimestamp", "Systimestamp",
    )
    if hasattr(exp, name)
)  # fmt: skip

NAMES = frozenset(
    """
    clock_timestamp current_localtime current_localtimestamp current_user gen_random_uuid get_current_time
    get_current_timestamp getdate nextval now random rand setseed statement_timestamp sysdate timeofday today
    transaction_timestamp txid_current user uuid uuidv4 uuidv7
    """.split()
)


def volatile_functions(tree: exp.Expr) -> tuple[str, ...]:
    """Their names, sorted, each once; a sample without a seed counts as one."""
    found = set()
    for node in tree.walk():
        if isinstance(node, NODES):
            found.add(node.sql_name().lower() if isinstance(node, exp.Func) else node.key)
        elif isinstance(node, exp.Anonymous) and str(node.this).lower() in NAMES:
            found.add(str(node.this).lower())
        elif isinstance(node, exp.TableSample) and not node.args.get("seed"):
            found.add("tablesample")
    return tuple(sorted(found))
