"""Finds functions whose answer changes although nothing they read does."""

from __future__ import annotations

from sqlglot import exp

NODES: tuple[type[exp.Expr], ...] = tuple(
    getattr(exp, name)
    for name in (
        "CurrentDate", "CurrentDatetime", "CurrentTime", "CurrentTimestamp", "CurrentTimestampLTZ", "CurrentUser",
        "Localtime", "Localtimestamp", "Rand", "Randn", "SessionUser", "Uuid", "UtcDate", "UtcTime", "UtcTimestamp",
        "Systimestamp",
    )
    if hasattr(exp, name)
)  # fmt: skip

NAMES = frozenset(
    """
    ago clock_timestamp current_connection_id current_localtime current_localtimestamp current_query current_query_id
    current_role current_setting current_transaction_id current_user currval gen_random_uuid get_current_time
    get_current_timestamp getdate getvariable lastval nextval now pg_conf_load_time pg_postmaster_start_time rand random
    session_user setseed setval statement_timestamp sysdate timeofday today transaction_timestamp txid_current user uuid
    uuidv4 uuidv7 vector_type
    """.split()
)
MOMENTS = frozenset({"now", "today", "tomorrow", "yesterday"})  # strings that some databases read as a point in time


def volatile_functions(tree: exp.Expr) -> tuple[str, ...]:
    """Their names, sorted, each once; a sample without a seed counts as one.

    >>> from sqlglot import parse_one
    >>> volatile_functions(parse_one("select id, now() as seen_at from t where d < current_date"))
    ('current_date', 'now')
    """
    return tuple(sorted({name for node in tree.walk() if (name := _volatile_name(node))}))


def _volatile_name(node: exp.Expr) -> str:
    if isinstance(node, NODES):
        return node.sql_name().lower() if isinstance(node, exp.Func) else node.key
    if isinstance(node, exp.Anonymous):
        name = str(node.this).lower()
        is_of_today = name == "age" and len(node.expressions) == 1  # the time since then, until midnight today
        return name if name in NAMES or is_of_today else ""
    if isinstance(node, exp.TableSample):
        return "" if node.args.get("seed") else "tablesample"
    if isinstance(node, exp.Cast) and isinstance(node.this, exp.Literal) and node.this.is_string:
        text = str(node.this.this).strip().lower()
        return f"'{text}'" if text in MOMENTS and node.to.is_type(*exp.DataType.TEMPORAL_TYPES) else ""
    return ""
