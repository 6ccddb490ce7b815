"""Plays snapshots over data that changes: the same days for Dryland and for dbt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

ROWS = "(1, 'Ana', 10, timestamp '2019-01-01 08:00:00'), (2, 'Bo', 20, timestamp '2019-01-01 09:30:15.25')"
START = f"create table {{table}} as select * from (values {ROWS}) as t(id, name, amount, changed_at)"
BO_CHANGES = "update {table} set amount = 21, changed_at = '2019-01-02 10:00:00' where id = 2"
CHI_COMES = (
    "insert into {table} by name select 3 as id, 'Chi' as name, 30 as amount, timestamp '2019-01-02' as changed_at"
)
ANA_GOES = "delete from {table} where id = 1"
ANA_COMES_BACK = (
    "insert into {table} by name select 1 as id, 'Ana' as name, 11 as amount, timestamp '2019-01-09' as changed_at"
)
BO_CHANGES_AGAIN = "update {table} set amount = 22, changed_at = '2019-01-05' where id = 2"
QUIETLY = "update {table} set amount = 99 where id = 2"  # its time stays as it was
DAYS = (
    (START,),
    (BO_CHANGES, CHI_COMES, ANA_GOES),
    (),
    (ANA_COMES_BACK, BO_CHANGES_AGAIN),
    (QUIETLY, "delete from {table} where id = 3"),
)
TIMED = {"strategy": "timestamp", "unique_key": "id", "updated_at": "changed_at"}
CHECKED = {"strategy": "check", "unique_key": "id", "check_cols": "all"}


OWN_STRATEGY = """
{% macro snapshot_louder_strategy(node, snapshotted_rel, current_rel, model_config, target_exists) %}
    {% set key, at = config.get('unique_key'), config.get('updated_at') %}
    {% do return({
        "unique_key": key,
        "updated_at": at,
        "row_changed": "(" ~ snapshotted_rel ~ ".amount < " ~ current_rel ~ ".amount)",
        "scd_id": snapshot_hash_arguments([key, at]),
        "hard_deletes": "invalidate",
    }) %}
{% endmacro %}
"""  # only a higher amount is a new version


@dataclass(frozen=True)
class World:
    """A snapshot, and what happens to the table that it reads on each day."""

    config: Mapping[str, object]
    days: tuple[tuple[str, ...], ...] = DAYS
    query: str = "select * from {{{{ source('raw', '{name}') }}}}"
    changes: Mapping[int, str] = field(default_factory=dict)  # day -> its query from then on


WORLDS: Mapping[str, World] = {
    "timed": World(TIMED),
    "timed_invalidate": World({**TIMED, "hard_deletes": "invalidate"}),
    "timed_invalidate_legacy": World({**TIMED, "invalidate_hard_deletes": True}),
    "timed_new_record": World({**TIMED, "hard_deletes": "new_record"}),
    "checked": World(CHECKED),
    "checked_invalidate": World({**CHECKED, "hard_deletes": "invalidate"}),
    "checked_new_record": World({**CHECKED, "hard_deletes": "new_record"}),
    "checked_some": World({**CHECKED, "check_cols": ["name", "AMOUNT"]}),
    "checked_name_only": World({**CHECKED, "check_cols": ["name"]}),
    "checked_with_time": World({**CHECKED, "updated_at": "changed_at"}),
    "to_the_end": World({**TIMED, "dbt_valid_to_current": "'9999-12-31'::timestamp"}),
    "to_the_end_date": World({**TIMED, "dbt_valid_to_current": "date '9999-12-31'", "hard_deletes": "invalidate"}),
    "to_the_end_new_record": World(
        {**CHECKED, "dbt_valid_to_current": "timestamp '9999-12-31'", "hard_deletes": "new_record"}
    ),
    "own_names": World(
        {
            **TIMED,
            "hard_deletes": "new_record",
            "snapshot_meta_column_names": {
                "dbt_valid_from": "start_date",
                "dbt_valid_to": "End_Date",
                "dbt_scd_id": "version",
                "dbt_updated_at": "seen",
                "dbt_is_deleted": "gone",
            },
        }
    ),
    "some_own_names": World({**CHECKED, "snapshot_meta_column_names": {"dbt_valid_to": "until"}}),
    "key_of_two": World({**TIMED, "unique_key": ["id", "name"], "hard_deletes": "invalidate"}),
    "key_of_two_new_record": World({**CHECKED, "unique_key": ["id", "name"], "hard_deletes": "new_record"}),
    "key_expression": World({**TIMED, "unique_key": "id || '-' || name"}),
    "by_date": World(
        {**TIMED, "hard_deletes": "new_record"},
        query="select id, name, amount, changed_at::date as changed_at from {{{{ source('raw', '{name}') }}}}",
    ),
    "with_zone": World(
        {**TIMED, "hard_deletes": "invalidate"},
        query="select id, amount, changed_at::timestamptz as changed_at from {{{{ source('raw', '{name}') }}}}",
    ),
    "by_text": World(
        TIMED, query="select id, amount, changed_at::varchar as changed_at from {{{{ source('raw', '{name}') }}}}"
    ),
    "by_cast": World({**TIMED, "updated_at": "changed_at::date"}),
    "a_column_comes": World(
        CHECKED,
        (
            (START,),
            ("alter table {table} add column city varchar", "update {table} set city = 'Faro' where id = 1"),
            (BO_CHANGES, CHI_COMES),
        ),
    ),
    "a_column_comes_timed": World(
        {**TIMED, "hard_deletes": "new_record"},
        (
            (START,),
            ("alter table {table} add column city varchar", ANA_GOES, BO_CHANGES),
            ("update {table} set city = 'Faro', changed_at = '2019-02-02'", ANA_COMES_BACK),
        ),
    ),
    "a_column_goes": World(
        {**CHECKED, "hard_deletes": "invalidate"},
        ((START,), ("alter table {table} drop column name", BO_CHANGES), (ANA_GOES,)),
    ),
    "a_type_changes": World(
        CHECKED, ((START,), ("alter table {table} alter amount type bigint", BO_CHANGES), (CHI_COMES,))
    ),
    "null_keys": World(
        {**TIMED, "hard_deletes": "invalidate"},
        (
            (START, "insert into {table} values (null, 'Nobody', 1, '2019-01-01')"),
            (BO_CHANGES,),
            ("delete from {table} where id is null", CHI_COMES),
        ),
    ),
    "null_times": World(
        TIMED,
        (
            (START, "update {table} set changed_at = null where id = 1"),
            (BO_CHANGES, "update {table} set amount = 5 where id = 1"),
            ("update {table} set changed_at = '2019-03-03'", "insert into {table} values (4, 'Di', 1, null)"),
        ),
    ),
    "null_values": World(
        CHECKED,
        (
            (START, "update {table} set name = null where id = 1"),
            ("update {table} set name = null", "update {table} set amount = null where id = 1"),
            ("update {table} set name = 'Back'",),
        ),
    ),
    "twice_the_same": World(
        TIMED,
        ((START,), ("insert into {table} select * from {table}",), ("update {table} set changed_at = '2019-04-04'",)),
    ),
    "odd_names": World(
        {**CHECKED, "unique_key": '"Order Id"', "check_cols": ['"select"', "amount"]},
        query="""select id as "Order Id", name as "select", amount from {{{{ source('raw', '{name}') }}}}""",
    ),
    "with_a_cte": World(
        {**TIMED, "hard_deletes": "invalidate"},
        query="with all_of_it as (select * from {{{{ source('raw', '{name}') }}}}) select * from all_of_it -- the end",
    ),
    "another_query": World(
        {**TIMED, "hard_deletes": "ignore"},
        changes={3: "select *, amount * 2 as doubled from {{{{ source('raw', '{name}') }}}} where id > 1"},
    ),
    "own_strategy": World({"strategy": "louder", "unique_key": "id", "updated_at": "changed_at"}),
    "emptied": World({**CHECKED, "hard_deletes": "invalidate"}, ((START,), ("delete from {table}",), (CHI_COMES,))),
}


def write_project(workspace: Any, worlds: Mapping[str, World]) -> None:
    """A project with one snapshot for each of these worlds, and nothing else."""
    workspace.write("dbt_project.yml", "name: memory\nprofile: memory\nflags: {send_anonymous_usage_stats: false}\n")
    path = "{{ env_var('WAREHOUSE', 'warehouse.duckdb') }}"
    workspace.write("profiles.yml", f'memory: {{target: dev, outputs: {{dev: {{type: duckdb, path: "{path}"}}}}}}\n')
    tables = ", ".join(f"{{name: {name}}}" for name in worlds)
    workspace.write("models/sources.yml", f"sources: [{{name: raw, schema: raw, tables: [{tables}]}}]\n")
    workspace.write("macros/strategies.sql", OWN_STRATEGY)
    for name, world in worlds.items():
        write_snapshot(workspace, name, world, 0)


def write_snapshot(workspace: Any, name: str, world: World, day: int) -> None:
    """A world's snapshot, with the query that it has on this day."""
    query = next((world.changes[each] for each in range(day, -1, -1) if each in world.changes), world.query)
    settings = ", ".join(f"{key}={value!r}" for key, value in world.config.items())
    text = f"{{% snapshot {name} %}}\n{{{{ config({settings}) }}}}\n{query.format(name=name)}\n{{% endsnapshot %}}\n"
    workspace.write(f"snapshots/{name}.sql", text)


def statements(worlds: Mapping[str, World], day: int) -> list[str]:
    """What happens to all tables on a day."""
    found = ["create schema raw"] if day == 0 else []
    for name, world in worlds.items():
        found += [each.format(table=f"raw.{name}") for each in (world.days[day] if day < len(world.days) else ())]
    return found


def content(workspace: Any, name: str, world: World, warehouse: str) -> tuple[list[Any], list[Any]]:
    """Columns with their types, and the rows; the moment of a run is written `now`, and what hangs on it is checked."""
    meta = {key: key for key in ("dbt_scd_id", "dbt_updated_at", "dbt_valid_from", "dbt_valid_to")}
    meta |= dict(world.config.get("snapshot_meta_column_names", {}))  # type: ignore[call-overload]
    columns = workspace.sql(f"describe main.{name}", warehouse=warehouse)
    shown = [_shown(column, kind, meta) for column, kind, *_ in columns]
    key = world.config["unique_key"]
    parts = key if isinstance(key, list) else [key]
    hashed = "||'|'||".join(f"coalesce(({part})::varchar, '')" for part in [*parts, meta["dbt_updated_at"]])
    scd, seen = meta["dbt_scd_id"], meta["dbt_valid_from"]
    old = f"select md5(old.{scd} || '|' || t.{seen}::varchar) from main.{name} old"
    other = f"case when {scd} in ({old}) then 'of a deletion' else 'of something else' end"
    told = f"case {scd} when md5({hashed}) then 'of key and time' else {other} end"
    rows = workspace.sql(f"select {', '.join([*shown, told])} from main.{name} t", warehouse=warehouse)
    return [each[:2] for each in columns], sorted(rows, key=repr)


def _shown(column: str, kind: str, meta: Mapping[str, str]) -> str:
    is_now = "abs(date_diff('day', t.{0}::timestamp, now()::timestamp)) < 2"
    if column == meta["dbt_scd_id"]:
        return f"case when {is_now.format(meta['dbt_updated_at'])} then 'now' else {column} end"
    if column in meta.values() and column != meta.get("dbt_is_deleted"):
        return f"case when {is_now.format(column)} then 'now' else {column}::varchar end"
    return f'"{column}"'
