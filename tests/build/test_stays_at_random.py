"""Whatever is edited, put back, and arrives in between: readers see what a project that was never built before gives.

A table, a view, a table and one that grows read each other, some of them only rows that meet conditions, or that have
keys of a seed or give one; every round ends with a refresh, and is compared.
"""

from __future__ import annotations

import random
import shutil

import pytest

FILES = {
    "dbt_project.yml": "name: chain\nprofile: chain\n"
    "models: {chain: {+materialized: table, +meta: {allow_empty: true}}}\n",
    "profiles.yml": "chain: {target: dev, outputs: {dev: {type: duckdb, path: warehouse.duckdb}}}\n",
    "models/first.sql": "select id, amount, kind from {{ source('raw', 'events') }} where amount > 0",
    "models/live.sql": "{{ config(materialized='view') }} select id, amount, kind from {{ source('raw', 'events') }}",
    "models/over.sql": "{{ config(materialized='view') }} select id, amount, kind from {{ ref('live') }}",
    "models/still.sql": "{{ config(materialized='view') }} select id, amount, kind from {{ ref('first') }}",
    "models/second.sql": "select s.id, s.amount, s.kind, o.amount as other from {{ ref('still') }} s "
    "left join {{ ref('over') }} o on o.id = s.id",
    "models/of_amounts.sql": "select sum(amount) as total, count(*) as events from {{ ref('second') }}",
    "models/of_kinds.sql": "select kind, count(*) as events from {{ ref('second') }} group by kind",
    "models/of_live.sql": "select max(amount) as highest, count(*) as events from {{ ref('live') }}",
    "seeds/labels.csv": "kind,label,weight\na,Ay,1\nb,Be,2\nz,Zed,0\n",
    "models/few.sql": "select id, other from {{ ref('second') }} where kind = 'a' and (amount > 4 or other is null)",
    "models/labelled.sql": "select l.id, n.label from {{ ref('live') }} l left join {{ ref('labels') }} n "
    "on n.kind = l.kind and n.weight > 0",
    "models/nameless.sql": "with n as (select * from {{ ref('labels') }}) select s.id, s.amount "
    "from {{ ref('second') }} s left join n on s.kind = n.kind where n.weight is null and s.amount < 8",
    "models/totals.sql": "select (select count(*) from {{ ref('first') }} where amount > 5) as great, "
    "(select max(weight) from {{ ref('labels') }} where label is not null) as heaviest, "
    "(select sum(amount) from {{ ref('over') }} where kind = 'b') as total",
    "models/used.sql": "select distinct n.label from {{ ref('labels') }} n join {{ ref('still') }} s using (kind)",
    "models/grows.sql": "{{ config(materialized='incremental', unique_key='id', "
    "incremental_strategy='delete+insert') }} select id, amount, kind from {{ ref('second') }}",
}
EDITS = [
    ("seeds/labels.csv", "z,Zed,0", "z,Zed,0\nC,See,3"),
    ("seeds/labels.csv", "b,Be,2", "b,Bee,2"),
    ("seeds/labels.csv", "a,Ay,1", "a,Ay,"),
    ("seeds/labels.csv", "b,Be,2", "b,Be,0"),
    ("seeds/labels.csv", "z,Zed,0", "z,Last,0\ny,,7"),
    ("first", "amount > 0", "amount > 1"),
    ("first", "amount > 0", "amount > 3"),
    ("first", "kind from", "upper(kind) as kind from"),
    ("first", "amount, kind", "amount + 0 as amount, kind"),
    ("live", "id, amount", "id, amount * 1 as amount"),
    ("live", "id, amount", "id, amount + 1 as amount"),
    ("live", "'events') }}", "'events') }} where amount > 2"),
    ("over", "ref('live') }}", "ref('live') }} where amount > -1"),
    ("over", "amount, kind", "amount, coalesce(kind, '') as kind"),
    ("still", "amount, kind", "amount, lower(kind) as kind"),
    ("still", "ref('first') }}", "ref('first') }} where amount < 9"),
    ("second", "o.amount as other", "o.amount + 1 as other"),
    ("second", "left join", "inner join"),
    ("of_amounts", "sum(amount)", "sum(amount + 0)"),
]
MARKED = "sources: [{name: raw, schema: raw, loaded_at_field: loaded, tables: [{name: events}]}]\n"
UNMARKED = "sources: [{name: raw, schema: raw, tables: [{name: events}]}]\n"


@pytest.mark.slow
@pytest.mark.parametrize(("seed", "source"), [(1, UNMARKED), (2, UNMARKED), (3, MARKED), (4, MARKED)])
def test_readers_see_what_is_built_from_nothing(workspace, workspace_at, tmp_path_factory, seed, source) -> None:
    chance = random.Random(seed)
    for path, text in {**FILES, "models/sources.yml": source}.items():
        workspace.write(path, text)
    workspace.arrives(
        "create schema raw", "create table raw.events (id int, amount int, kind varchar, loaded timestamp)"
    )
    _arrive(workspace, chance)
    workspace.dryland("apply", "--yes")
    grown = _keyed(workspace)
    for _ in range(12):
        for act in chance.choices((_arrive, _edit, _edit, _edit, _leave), k=chance.randint(2, 4)):
            act(workspace, chance)
            if act is _edit and "grows" in _built(workspace, "apply"):
                grown |= _keyed(workspace)
        workspace.dryland("run", "--yes")
        grown |= _keyed(workspace)
        assert _shown(workspace) == _shown(_anew(workspace, workspace_at, tmp_path_factory)), _code(workspace)
        assert sorted(workspace.sql("select * from main.grows"), key=repr) == sorted(grown.values(), key=repr)


def _keyed(workspace) -> dict[int, tuple]:
    """What goes into the one that grows, by its key."""
    return {row[0]: row for row in workspace.sql("select id, amount, kind from main.second")}


def _built(workspace, verb: str) -> set[str]:
    steps = workspace.dryland(verb, "--yes", "--json").json["steps"]
    return {step["node"].rpartition(".")[2] for step in steps if step["action"] == "build"}


def _arrive(workspace, chance: random.Random) -> None:
    ids = chance.sample(range(1, 13), chance.randint(1, 4))
    rows = [(each, chance.randint(1, 9), chance.choice("abC")) for each in ids]
    workspace.arrives(
        *(f"delete from raw.events where id = {row[0]}" for row in rows),
        *(f"insert into raw.events select {row[0]}, {row[1]}, '{row[2]}', now()" for row in rows),
    )


def _leave(workspace, chance: random.Random) -> None:
    """Rows go, and something tells of it: where a source has a mark, it moves."""
    workspace.arrives(
        f"delete from raw.events where id > {chance.randint(4, 12)} and id <> 1", "update raw.events set loaded = now()"
    )


def _edit(workspace, chance: random.Random) -> None:
    """Another way to write a model, or back to the first."""
    model, old, new = chance.choice(EDITS)
    path = model if "." in model else f"models/{model}.sql"
    text = FILES[path]
    workspace.write(path, chance.choice([text, text.replace(old, new), text.replace(old, new)]))


def _anew(workspace, workspace_at, tmp_path_factory):
    root = tmp_path_factory.mktemp("anew")
    shutil.copytree(workspace.root, root, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.duckdb*", ".dryland"))
    anew = workspace_at(root)
    rows = workspace.sql("select * from raw.events")
    anew.arrives("create schema raw", "create table raw.events (id int, amount int, kind varchar, loaded timestamp)")
    anew.arrives(*(f"insert into raw.events values ({r[0]}, {r[1]}, '{r[2]}', '{r[3]}')" for r in rows))
    anew.dryland("apply", "--yes")
    return anew


def _shown(workspace) -> dict[str, list[tuple]]:
    names = [path.removeprefix("models/").removesuffix(".sql") for path in FILES if path.startswith("models/")]
    return {name: sorted(workspace.sql(f"select * from main.{name}"), key=repr) for name in names if name != "grows"}


def _code(workspace) -> str:
    return "\n".join(path.read_text() for path in sorted(workspace.root.glob("models/*.sql")))
