"""Times 5,000 unit tests of 250 models: cold, unchanged, one model changed; and real dbt on a sample of them.

dbt asks one query per test, so it gets every 25th of them (200), after it built the empty tables that it asks for
column types, and with the project parsed before. What is compared is the time per test: ours is the whole cold run of
all of them, dbt's what 199 more tests take beside one.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb
from beside import Result, dbt, dbt_median, dryland, median, report, timed

TABLES, STAGED, FACTS, GROWING = 25, 100, 100, 50
PER_MODEL = 20
SAMPLED = 25  # every so many tests are in the sample
SAMPLE = "tag:sample,test_type:unit"

Row = dict[str, Any]
Given = tuple[str, list[Row]]

PROJECT = """\
name: tested
version: "1.0"
profile: tested
model-paths: [models]
macro-paths: [macros]
vars: {rate: 2}
"""
PROFILE = """\
tested:
  target: dev
  outputs:
    dev: {type: duckdb, path: warehouse.duckdb, schema: main, threads: 2}
"""
MACROS = "{% macro lowest() %}0{% endmacro %}\n"
STAGING = """\
select
    id,
    lower(trim(name)) as name,
    amount * {{{{ var('rate') }}}} as amount,
    case when amount >= 50 then 'large' else 'small' end as size,
    {number} as origin,
    cast(seen_at as date) as day
from {{{{ source('raw', 'raw_{table}') }}}}
where amount > {{{{ lowest() }}}}
"""
FACT = """\
with ours as (

    select * from {{{{ ref('stg_{left}') }}}}

), theirs as (

    select name, count(*) as others, sum(amount) as total
    from {{{{ ref('stg_{right}') }}}}
    group by name

)

select
    ours.id,
    ours.name,
    ours.amount,
    coalesce(theirs.others, 0) as others,
    coalesce(theirs.total, 0) + {number} as total,
    row_number() over (partition by ours.name order by ours.id) as place
from ours
left join theirs on theirs.name = ours.name
"""
INCREMENTAL = """\
{{{{ config(materialized='incremental', unique_key='id') }}}}
select id, name, amount, total - {number} as rest
from {{{{ ref('fct_{read}') }}}}
{{% if is_incremental() %}}
where id > (select coalesce(max(id), 0) from {{{{ this }}}})
{{% endif %}}
"""


def main() -> None:
    """Make the project, then time each promise."""
    with tempfile.TemporaryDirectory() as folder:
        ours = Path(folder) / "ours"
        os.environ["DRYLAND_CACHE"] = str(Path(folder) / "cache")
        count = write_project(ours)
        theirs = Path(shutil.copytree(ours, Path(folder) / "theirs"))
        sampled = Path(shutil.copytree(ours, Path(folder) / "sampled"))
        whole = list(_whole(ours, count))
        results = [*whole, *_beside(sampled, theirs, 1000 * whole[1][1] / count, -(-count // SAMPLED))]
    report(results, f"{STAGED + FACTS + GROWING} models, {count:,} unit tests, {os.getloadavg()[0]:.1f} load")


def _whole(ours: Path, count: int) -> Iterator[Result]:
    yield f"ls: a project with {count:,} is read", timed(lambda: dryland(ours, "ls")), None
    yield f"cold, {count:,} unit tests", timed(lambda: dryland(ours, "test")), None
    yield "unchanged", median(lambda: dryland(ours, "test")), None
    model = ours / "models" / "stg_0.sql"
    model.write_text(model.read_text().replace("lower(trim(name))", "trim(lower(name))"))
    yield "one model changed (the project is read again)", timed(lambda: dryland(ours, "test")), None


def _beside(ours: Path, theirs: Path, thousand_s: float, count: int) -> Iterator[Result]:
    dryland(ours, "ls")
    dbt(theirs, "run", "--empty")
    first = timed(lambda: dryland(ours, "test", "--select", SAMPLE))
    one = dbt_median(theirs, "test", "--select", "stg_0_case_0", rounds=3)
    other = dbt(theirs, "test", "--select", SAMPLE)
    yield f"cold, {count} of them (dbt test)", first, other
    yield "1,000 tests, at that rate", thousand_s, 1000 * (other - one) / (count - 1) if other and one else None


def write_project(root: Path) -> int:
    """Write the project, the same each time, and its sources. How many unit tests it has."""
    (root / "models").mkdir(parents=True)
    (root / "macros").mkdir()
    (root / "macros" / "lowest.sql").write_text(MACROS)
    (root / "dbt_project.yml").write_text(PROJECT)
    (root / "profiles.yml").write_text(PROFILE)
    _write_sources(root)
    kinds = (("stg", STAGED, _staging), ("fct", FACTS, _fact), ("inc", GROWING, _growing))
    written = 0
    for prefix, count, made in kinds:
        for number in range(count):
            name = f"{prefix}_{number}"
            sql, tests = made(name, number)
            (root / "models" / f"{name}.sql").write_text(sql)
            tagged = (_tagged(each, written + at) for at, each in enumerate(tests))
            (root / "models" / f"{name}.yml").write_text("unit_tests:\n" + "".join(tagged))
            written += PER_MODEL
    return written


def _write_sources(root: Path) -> None:
    tables = "".join(f"      - name: raw_{number}\n" for number in range(TABLES))
    (root / "models" / "sources.yml").write_text(f"sources:\n  - name: raw\n    schema: raw\n    tables:\n{tables}")
    with duckdb.connect(str(root / "warehouse.duckdb")) as connection:
        connection.execute("create schema raw")
        for number in range(TABLES):
            connection.execute(f"create table raw.raw_{number} (id int, name text, amount int, seen_at timestamp)")


def _tagged(test: str, number: int) -> str:
    return test + ("    config: {tags: [sample]}\n" if number % SAMPLED == 0 else "")


# --- the models and their tests ------------------------------------------------------------------------------------


def _staging(name: str, number: int) -> tuple[str, list[str]]:
    table = number % TABLES
    tests = []
    for at in range(PER_MODEL):
        rows: list[Row] = [
            {"id": at * 10 + each, "name": f"  Ann{each} ", "amount": each * (at + 7), "seen_at": "2026-05-01 10:00:00"}
            for each in range(4)
        ]
        rate = 3 if at % 5 == 4 else 2
        floor = 10 if at % 10 == 9 else 0
        expected = [
            {
                "id": row["id"], "name": row["name"].strip().lower(), "amount": row["amount"] * rate,
                "size": "large" if row["amount"] >= 50 else "small", "origin": number, "day": "2026-05-01",
            }
            for row in rows if row["amount"] > floor
        ]  # fmt: skip
        overrides = {"vars": {"rate": 3}} if rate == 3 else {}
        overrides |= {"macros": {"lowest": floor}} if floor else {}
        tests.append(_test(name, at, [(f"source('raw', 'raw_{table}')", rows)], expected, overrides))
    return STAGING.format(number=number, table=table), tests


def _fact(name: str, number: int) -> tuple[str, list[str]]:
    left, right = number % STAGED, (number * 7 + 1) % STAGED
    tests = []
    for at in range(PER_MODEL):
        ours: list[Row] = [{"id": at * 10 + each, "name": f"n{each % 2}", "amount": each + at} for each in range(4)]
        theirs: list[Row] = [{"id": each, "name": "n1", "amount": each * at} for each in range(3)]
        total = sum(row["amount"] for row in theirs)
        expected = [
            {
                **row, "others": 3 if row["name"] == "n1" else 0,
                "total": (total if row["name"] == "n1" else 0) + number, "place": each // 2 + 1,
            }
            for each, row in enumerate(ours)
        ]  # fmt: skip
        given = [(f"ref('stg_{left}')", ours), (f"ref('stg_{right}')", theirs)]
        tests.append(_test(name, at, given, expected, {}))
    return FACT.format(left=left, right=right, number=number), tests


def _growing(name: str, number: int) -> tuple[str, list[str]]:
    tests = []
    for at in range(PER_MODEL):
        rows: list[Row] = [{"id": each + 1, "name": f"n{each}", "amount": at, "total": at * each} for each in range(5)]
        before: list[Row] = [{"id": each + 1, "name": f"n{each}", "amount": at, "rest": 0} for each in range(3)]
        grows = at % 2 == 1
        expected = [
            {"id": row["id"], "name": row["name"], "amount": row["amount"], "rest": row["total"] - number}
            for row in rows if not grows or row["id"] > len(before)
        ]  # fmt: skip
        given = [(f"ref('fct_{number}')", rows), *([("this", before)] if grows else [])]
        tests.append(_test(name, at, given, expected, {"macros": {"is_incremental": grows}}))
    return INCREMENTAL.format(read=number, number=number), tests


def _test(model: str, number: int, given: Sequence[Given], expected: list[Row], overrides: Row) -> str:
    written = WRITTEN[number % len(WRITTEN)]
    inputs = "".join(f"      - input: {name}\n{written(rows, '        ')}" for name, rows in given)
    other = f"    overrides: {overrides}\n" if overrides else ""
    said = f"  - name: {model}_case_{number}\n    model: {model}\n{other}    given:\n{inputs}"
    return f"{said}    expect:\n{_as_dicts(expected, '      ')}"


def _as_dicts(rows: list[Row], indent: str) -> str:
    return f"{indent}rows:\n" + "".join(f"{indent}  - {row}\n" for row in rows)


def _as_csv(rows: list[Row], indent: str) -> str:
    lines = [",".join(rows[0]), *(",".join(str(value) for value in row.values()) for row in rows)]
    return f"{indent}format: csv\n{indent}rows: |\n" + "".join(f"{indent}  {line}\n" for line in lines)


def _as_sql(rows: list[Row], indent: str) -> str:
    selects = " union all ".join(
        "select " + ", ".join(f"{value!r} as {name}" for name, value in row.items()) for row in rows
    )
    return f"{indent}format: sql\n{indent}rows: {selects}\n"


WRITTEN: tuple[Callable[[list[Row], str], str], ...] = (_as_dicts, _as_csv, _as_dicts, _as_sql, _as_dicts)


if __name__ == "__main__":
    main()
