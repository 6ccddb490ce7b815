"""Finds functions whose answer changes although nothing they read does."""

from __future__ import annotations

from sqlglot import exp

from dryland.sql.reading import called

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
POSTGRES = "postgres"
OF_POSTGRES = frozenset(
    """
    array_sample array_shuffle col_description currtid2 cursor_to_xml cursor_to_xmlschema database_to_xml
    database_to_xml_and_xmlschema database_to_xmlschema dblink inet_client_addr inet_client_port inet_server_addr
    inet_server_port loread lowrite obj_description query_to_xml query_to_xml_and_xmlschema query_to_xmlschema
    random_normal row_security_active schema_to_xml schema_to_xml_and_xmlschema schema_to_xmlschema set_config
    shobj_description table_to_xml table_to_xml_and_xmlschema table_to_xmlschema ts_rewrite ts_stat
    txid_current_if_assigned txid_current_snapshot txid_status mxid_age
    """.split()
)
OF_SERVER = ("pg_", "lo_", "has_", "to_reg", "brin_", "gin_", "binary_upgrade_")  # begin names of such functions
STILL_OF_SERVER = frozenset({"pg_typeof", "pg_size_pretty", "pg_size_bytes", "pg_input_is_valid", "pg_column_size"})
WITHOUT_PARENTHESES = frozenset({"current_role", "system_user", "user"})  # reserved: no column is called so
OF_SESSION = tuple(getattr(exp, name) for name in ("CurrentRole", "SessionUser") if hasattr(exp, name))
COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Between, exp.In, exp.NullSafeEQ, exp.NullSafeNEQ)
MOMENTS = frozenset({"now", "today", "tomorrow", "yesterday"})  # strings that some databases read as a point in time


def volatile_functions(tree: exp.Expr, dialect: str = "") -> tuple[str, ...]:
    """Their names, sorted, each once; a sample without a seed counts as one.

    >>> from sqlglot import parse_one
    >>> volatile_functions(parse_one("select id, now() as seen_at from t where d < current_date"))
    ('current_date', 'now')
    """
    found = {name for node in tree.walk() if (name := _volatile_name(node))}
    if dialect == POSTGRES:
        found |= {name for node in tree.walk() if (name := _of_postgres(node))}
    return tuple(sorted(found))


def _of_postgres(node: exp.Expr) -> str:
    """What only PostgreSQL has: functions that look at the server, and words for moments wherever a time is meant."""
    if isinstance(node, exp.Anonymous):
        name = called(node)
        is_of_server = name.startswith(OF_SERVER) and name not in STILL_OF_SERVER
        return name if name in OF_POSTGRES or is_of_server else ""
    if isinstance(node, exp.Literal) and node.is_string and isinstance(node.parent, (exp.Cast, *COMPARISONS)):
        is_time = not isinstance(node.parent, exp.Cast) or node.parent.to.is_type(*exp.DataType.TEMPORAL_TYPES)
        found = MOMENTS & set(str(node.this).lower().split()) if is_time else None
        return f"'{min(found)}'" if found else ""
    if isinstance(node, exp.Column) and not node.table and not node.this.args.get("quoted"):
        return node.name.lower() if node.name.lower() in WITHOUT_PARENTHESES else ""
    return node.key if isinstance(node, OF_SESSION) else ""


def _volatile_name(node: exp.Expr) -> str:
    if isinstance(node, NODES):
        return node.sql_name().lower() if isinstance(node, exp.Func) else node.key
    if isinstance(node, exp.Anonymous):
        name = called(node)
        is_of_today = name == "age" and len(node.expressions) == 1  # the time since then, until midnight today
        return name if name in NAMES or is_of_today else ""
    if isinstance(node, exp.TableSample):
        return "" if node.args.get("seed") else "tablesample"
    if isinstance(node, exp.Cast) and isinstance(node.this, exp.Literal) and node.this.is_string:
        text = str(node.this.this).strip().lower()
        return f"'{text}'" if text in MOMENTS and node.to.is_type(*exp.DataType.TEMPORAL_TYPES) else ""
    return ""
