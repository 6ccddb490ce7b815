"""A seed becomes the table that dbt would make of the same file: types, values and nulls."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import duckdb
import pytest

PROFILE = "{target: dev, outputs: {dev: {type: duckdb, path: \"{{ env_var('WAREHOUSE', 'warehouse.duckdb') }}\"}}}"
DAY, MOMENT = datetime.date, datetime.datetime
COLUMNS: dict[str, tuple[str, str, list[Any]]] = {
    "whole numbers": ("1|2|-3", "INTEGER", [1, 2, -3]),
    "the smallest": ("-2147483648|2147483647", "INTEGER", [-2147483648, 2147483647]),
    "leading zeros": ("007|012", "INTEGER", [7, 12]),
    "a sign": ("+5|3", "INTEGER", [5, 3]),
    "no value": ("|", "INTEGER", [None, None]),
    "a gap": ("1||3", "INTEGER", [1, None, 3]),
    "the edge of 32 bits": ("2147483647|-2147483647", "INTEGER", [2147483647, -2147483647]),
    "years": ("2026|2027", "INTEGER", [2026, 2027]),
    "ones and zeros": ("0|1", "INTEGER", [0, 1]),
    "fractions": ("1.5|2|", "DOUBLE", [1.5, 2.0, None]),
    "money": ("1.10|2.20", "DOUBLE", [1.1, 2.2]),
    "an exponent": ("1e3|2", "INTEGER", [1000, 2]),
    "a small exponent": ("1.5e-3|2", "DOUBLE", [0.0015, 2.0]),
    "a bare point": (".5|1", "DOUBLE", [0.5, 1.0]),
    "many digits": ("0.1234567890123456789|1", "DOUBLE", [0.12345678901234568, 1.0]),
    "blanks around a number": (" 1 |2", "INTEGER", [1, 2]),
    "truth": ("true|false|", "BOOLEAN", [True, False, None]),
    "Truth": ("True|FALSE", "BOOLEAN", [True, False]),
    "letters for truth": ("t|f", "VARCHAR", ["t", "f"]),
    "yes and no": ("yes|no", "VARCHAR", ["yes", "no"]),
    "days": ("2026-01-31|2026-02-01", "DATE", [DAY(2026, 1, 31), DAY(2026, 2, 1)]),
    "days and a gap": ("2026-01-01||2026-01-03", "DATE", [DAY(2026, 1, 1), None, DAY(2026, 1, 3)]),
    "days without zeros": ("2026-1-5|2026-01-06", "DATE", [DAY(2026, 1, 5), DAY(2026, 1, 6)]),
    "a day that is none": ("2026-02-30|2026-01-01", "VARCHAR", ["2026-02-30", "2026-01-01"]),
    "days of another country": ("01/31/2026|02/01/2026", "VARCHAR", ["01/31/2026", "02/01/2026"]),
    "moments": ("2026-01-31 10:00:00|", "TIMESTAMP", [MOMENT(2026, 1, 31, 10), None]),
    "ISO moments": ("2026-01-31T10:00:00|", "TIMESTAMP", [MOMENT(2026, 1, 31, 10), None]),
    "ISO moments of Greenwich": ("2026-01-31T10:00:00Z", "TIMESTAMP", [MOMENT(2026, 1, 31, 10)]),
    "ISO moments that lose their offset": ("2026-01-31T10:00:00+02:00", "TIMESTAMP", [MOMENT(2026, 1, 31, 10)]),
    "ISO moments in parts": ("2026-01-31T10:00:00.5", "TIMESTAMP", [MOMENT(2026, 1, 31, 10, 0, 0, 500000)]),
    "moments in parts": ("2026-01-31 10:00:00.5", "VARCHAR", ["2026-01-31 10:00:00.5"]),
    "days and moments": ("2026-01-31|2026-02-01 00:00:00", "VARCHAR", ["2026-01-31", "2026-02-01 00:00:00"]),
    "times": ("10:00:00|11:00:00", "VARCHAR", ["10:00:00", "11:00:00"]),
    "words": ("a|NULL|null|None|NA", "VARCHAR", ["a", "NULL", "null", "None", "NA"]),
    "an empty word in quotes": ('a|""|c', "VARCHAR", ["a", None, "c"]),
    "blanks around words": (" a |b ", "VARCHAR", [" a ", "b "]),
    "numbers and words": ("1|a", "VARCHAR", ["1", "a"]),
    "quotes in quotes": ('"a ""b"" c"|d', "VARCHAR", ['a "b" c', "d"]),
    "a delimiter in quotes": ('"a,b"|c', "VARCHAR", ["a,b", "c"]),
    "a line in quotes": ('"a\nb"|c', "VARCHAR", ["a\nb", "c"]),
    "a backslash": ('a\\b|c\\d', "VARCHAR", ["a\\b", "c\\d"]),
    "other scripts": ("naïve|日本", "VARCHAR", ["naïve", "日本"]),
    "JSON": ('"{""a"": 1}"|"[1,2]"', "VARCHAR", ['{"a": 1}', "[1,2]"]),
    "no rows": ("-", "INTEGER", []),
}  # fmt: skip
"""Values between bars, the type, and what a reader gets; dbt agrees on each (see the test below)."""

BEYOND: dict[str, tuple[str, str, list[Any]]] = {
    "beyond 32 bits": ("1|3000000000|-9", "BIGINT", [1, 3000000000, -9]),
    "beyond 64 bits": ("1|9223372036854775808", "DECIMAL(20,0)", [Decimal(1), Decimal(9223372036854775808)]),
    "currency": ("$5|6", "VARCHAR", ["$5", "6"]),
    "percent": ("5%|6", "VARCHAR", ["5%", "6"]),
    "infinity": ("-Infinity|inf|1", "DOUBLE", [float("-inf"), float("inf"), 1.0]),
    "misspelt": ("nano|1", "VARCHAR", ["nano", "1"]),
}
"""dbt calls these numbers that fit an `integer` and then fails to load them."""

FILES: dict[str, tuple[bytes, str, list[tuple[str, str]], list[tuple[Any, ...]]]] = {
    "of_windows": (b"id,v\r\n1,a\r\n2,b\r\n", "", [("id", "INTEGER"), ("v", "VARCHAR")], [(1, "a"), (2, "b")]),
    "with_mark": (b"\xef\xbb\xbfid,v\n1,a\n", "", [("id", "INTEGER"), ("v", "VARCHAR")], [(1, "a")]),
    "without_end": (b"id,v\n1,a\n2,b", "", [("id", "INTEGER"), ("v", "VARCHAR")], [(1, "a"), (2, "b")]),
    "blank_lines": (b"id,v\n1,a\n\n2,b\n\n", "", [("id", "INTEGER"), ("v", "VARCHAR")], [(1, "a"), (2, "b")]),
    "semicolons": (b"id;v\n1;a,b\n", 'delimiter: ";"', [("id", "INTEGER"), ("v", "VARCHAR")], [(1, "a,b")]),
    "tabs": (b"id\tv\n1\ta b\n", 'delimiter: "\\t"', [("id", "INTEGER"), ("v", "VARCHAR")], [(1, "a b")]),
    "bars": (b"id|v\n1|a,b\n", 'delimiter: "|"', [("id", "INTEGER"), ("v", "VARCHAR")], [(1, "a,b")]),
    "odd_names": (
        b"Id,My Col,order\n1,a,3\n", "", [("Id", "INTEGER"), ("My Col", "VARCHAR"), ("order", "INTEGER")], [(1, "a", 3)]
    ),
    "typed": (
        b"id,zip,amount,big,flag,day\n1,00501,1.10,12345678901234,1,2026-01-01\n2,01002,2.2,,0,\n",
        'column_types: {zip: varchar(5), amount: "decimal(10,2)", big: bigint, flag: boolean, day: timestamp}',
        [
            ("id", "INTEGER"), ("zip", "VARCHAR"), ("amount", "DECIMAL(10,2)"), ("big", "BIGINT"), ("flag", "BOOLEAN"),
            ("day", "TIMESTAMP"),
        ],
        [
            (1, "00501", Decimal("1.10"), 12345678901234, True, MOMENT(2026, 1, 1)),
            (2, "01002", Decimal("2.20"), None, False, None),
        ],
    ),
}  # fmt: skip


def name_of(title: str) -> str:
    return "s_" + title.replace(" ", "_").lower() + ("_capital" if title == "Truth" else "")


def write_columns(workspace, columns: dict[str, tuple[str, str, list[Any]]]) -> None:
    for title, (values, _, _) in columns.items():
        rows = [] if values == "-" else [f"{number},{value}\n" for number, value in enumerate(values.split("|"))]
        workspace.write(f"seeds/{name_of(title)}.csv", "id,v\n" + "".join(rows))


def write_files(workspace) -> None:
    lines = ["seeds:"]
    for name, (content, config, _, _) in FILES.items():
        (workspace.root / "seeds" / f"{name}.csv").write_bytes(content)
        lines.append(f"  - {{name: {name}, config: {{{config}}}}}" if config else f"  - {{name: {name}}}")
    workspace.write("seeds/seeds.yml", "\n".join(lines) + "\n")


def columns_seen(workspace, titles: Any, warehouse: str = "warehouse.duckdb") -> dict[str, tuple[str, list[Any]]]:
    with duckdb.connect(str(workspace.root / warehouse), read_only=True) as connection:
        answers = {title: connection.sql(f"select v from main.{name_of(title)} order by id") for title in titles}
        return {
            title: (str(answer.types[0]), [value for (value,) in answer.fetchall()])
            for title, answer in answers.items()
        }


def files_seen(workspace, warehouse: str = "warehouse.duckdb") -> dict[str, Any]:
    with duckdb.connect(str(workspace.root / warehouse), read_only=True) as connection:
        answers = {name: connection.sql(f"from main.{name} order by 1") for name in FILES}
        return {
            name: (list(zip(answer.columns, map(str, answer.types), strict=True)), answer.fetchall())
            for name, answer in answers.items()
        }


EXPECTED_COLUMNS = {title: (kind, values) for title, (_, kind, values) in COLUMNS.items()}
EXPECTED_FILES = {name: (columns, rows) for name, (_, _, columns, rows) in FILES.items()}


@pytest.fixture
def sown(workspace) -> Any:
    workspace.write("dbt_project.yml", "name: sown\nprofile: sown\nversion: '1.0'\n")
    workspace.write("profiles.yml", f"sown: {PROFILE}\n")
    write_columns(workspace, COLUMNS)
    write_files(workspace)
    return workspace


def test_types_values_and_nulls(sown) -> None:
    write_columns(sown, BEYOND)
    sown.dryland("apply", "--yes")
    assert columns_seen(sown, COLUMNS) == EXPECTED_COLUMNS
    assert columns_seen(sown, BEYOND) == {title: (kind, values) for title, (_, kind, values) in BEYOND.items()}
    assert files_seen(sown) == EXPECTED_FILES


@pytest.mark.dbt
@pytest.mark.slow
def test_dbt_makes_the_same_tables(sown, dbt) -> None:
    dbt("seed")
    assert columns_seen(sown, COLUMNS, "dbt.duckdb") == EXPECTED_COLUMNS
    assert files_seen(sown, "dbt.duckdb") == EXPECTED_FILES


@pytest.mark.slow
def test_a_value_that_does_not_fit_its_declared_type_names_the_file(sown) -> None:
    sown.write("seeds/wrong.csv", "id,v\n1,2\n2,many\n")
    sown.write("seeds/wrong.yml", "seeds: [{name: wrong, config: {column_types: {v: integer}}}]\n")
    answer = sown.dryland("apply", "--yes", "-s", "wrong", code=3)
    assert "seeds/wrong.csv" in answer.out and "Line: 3" in answer.out
    assert sown.sql("select count(*) from information_schema.tables where table_schema = 'main'") == [(0,)]


@pytest.mark.slow
def test_another_delimiter_or_type_is_a_change(sown) -> None:
    sown.dryland("apply", "--yes", "-s", "typed")
    assert "Nothing to do" in sown.dryland("plan", "-s", "typed").out
    sown.edit("seeds/seeds.yml", "zip: varchar(5)", "zip: integer")
    sown.dryland("apply", "--yes", "-s", "typed")
    assert sown.sql("select zip from main.typed order by 1") == [(501,), (1002,)]


@pytest.mark.slow
def test_hooks_of_a_seed_run(sown) -> None:
    sown.write(
        "seeds/hooked.yml",
        'seeds: [{name: of_windows2, config: {post_hook: "delete from {{ this }} where id = 1"}}]\n',
    )
    sown.write("seeds/of_windows2.csv", "id,v\n1,a\n2,b\n")
    sown.dryland("apply", "--yes", "-s", "of_windows2")
    assert sown.sql("from main.of_windows2") == [(2, "b")]
