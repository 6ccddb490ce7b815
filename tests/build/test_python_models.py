"""A Python model returns a frame of any kind; one that raises is named with its line, and nothing moves."""

from __future__ import annotations

import pytest

MODELS = {
    "pandas": "orders.df().assign(amount=lambda frame: frame.amount * 2)[['order_id', 'amount']]",
    "polars": "orders.pl().select('order_id', orders.pl()['amount'] * 2)",
    "arrow": "session.sql('select order_id, amount * 2 as amount from orders').arrow()",
    "relation": "session.sql('select order_id, amount * 2 as amount from orders')",
}


def model(body: str) -> str:
    return f"def model(dbt, session):\n    orders = dbt.ref('stg_orders')\n    return {body}\n"


def test_every_kind_of_frame_becomes_a_table(released) -> None:
    for kind, body in MODELS.items():
        released.write(f"models/marts/of_{kind}.py", model(body))
    released.dryland("apply", "--yes")
    for kind in MODELS:
        rows = released.sql(f"select order_id, amount from main.of_{kind} order by 1")
        found = [(number, float(amount)) for number, amount in rows]
        assert found == [(10, 41.0), (11, 10.0), (12, 14.5), (13, 200.0)], kind
    assert "Nothing to do" in released.dryland("plan").out


@pytest.mark.slow
def test_a_python_model_is_built_again_when_what_it_reads_or_says_changes(released) -> None:
    released.write("models/marts/doubled.py", model(MODELS["relation"]))
    released.dryland("apply", "--yes")
    released.write("models/marts/doubled.py", "# a comment is not code\n" + model(MODELS["relation"]))
    assert "Nothing to do" in released.dryland("plan").out
    released.edit("models/marts/doubled.py", "amount * 2", "amount * 3")
    assert [each["node"] for each in released.dryland("plan", "--json").json["changes"]] == ["model.shop.doubled"]
    released.dryland("apply", "--yes")
    released.edit("models/staging/stg_orders.sql", "amount,", "amount + 1 as amount,")
    changed = {each["node"] for each in released.dryland("plan", "--json").json["changes"]}
    assert "model.shop.doubled" in changed


@pytest.mark.slow
def test_configuration_and_checks_hold_for_python_too(released) -> None:
    released.write(
        "models/marts/doubled.py",
        """
        def model(dbt, session):
            dbt.config(materialized="table", meta={"factor": 5})
            factor = dbt.config.get("factor")
            orders = dbt.ref("stg_orders").df()
            orders["amount"] = orders["amount"] * factor
            orders.loc[0, "order_id"] = None
            return orders
        """,
    )
    released.write(
        "models/marts/doubled.yml", "models: [{name: doubled, columns: [{name: order_id, data_tests: [not_null]}]}]"
    )
    answer = released.dryland("apply", "--yes", code=1)
    assert "1 row has no order_id" in answer.out


NONSENSE = {
    "a number": ("42", "'int'"),
    "nothing": ("None", "'NoneType'"),
    "text": ("'orders'", "'str'"),
    "rows": ("[{'a': 1}]", "'list'"),
    "a class": ("dict", "'type'"),
}


@pytest.mark.slow
@pytest.mark.parametrize("what", NONSENSE)
def test_one_that_returns_no_frame_is_told_what_it_may_return(released, what: str) -> None:
    body, kind = NONSENSE[what]
    before = released.content()
    released.write("models/marts/doubled.py", model(body))
    answer = released.dryland("apply", "--yes", code=3)
    assert f"models/marts/doubled.py: cannot make a table of {kind}" in answer.out
    assert "return a pandas or polars DataFrame" in answer.out
    assert released.content() == before


RAISING = {
    "in the model": ("    x = 1 / 0\n    return orders", 3, "ZeroDivisionError: division by zero"),
    "in what it calls": ("    return broken(orders)", 8, "KeyError: 'nowhere'"),
    "in the warehouse": ("    return session.sql('select nowhere from orders')", 3, "BinderException"),
    "by leaving": ("    raise SystemExit(2)", 3, "SystemExit: 2"),
}
HELPER = """

def broken(frame):
    # pandas raises deep inside; the line is ours
    frame = frame.df()
    return frame[frame["nowhere"] > 1]
"""


@pytest.mark.slow
@pytest.mark.parametrize("where", RAISING)
def test_one_that_raises_is_named_with_its_line_and_nothing_moves(released, where: str) -> None:
    body, line, said = RAISING[where]
    before = released.content()
    head = "def model(dbt, session):\n    orders = dbt.ref('stg_orders')\n"
    released.write("models/marts/doubled.py", f"{head}{body}\n{HELPER}")
    shift = 1 if where == "in what it calls" else 0
    answer = released.dryland("apply", "--yes", code=3)
    assert f"models/marts/doubled.py:{line + shift}: the Python model `doubled` raised {said}" in answer.out
    assert "Traceback" not in answer.out + answer.err
    assert released.content() == before


@pytest.mark.slow
def test_what_it_prints_does_not_mix_with_what_the_command_answers(released) -> None:
    released.write("models/marts/doubled.py", model("print('rows:', orders.shape) or orders"))
    answer = released.dryland("apply", "--yes", "--json")
    assert answer.json["status"] == "published"
    assert "rows: (4, 4)" in answer.err


@pytest.mark.slow
def test_one_that_takes_longer_than_it_may_fails_when_it_comes_back(released) -> None:
    """Nobody can stop Python in the middle; its table is not published all the same."""
    released.write("dryland.yml", "timeout: 0.3\n")
    released.write(
        "models/marts/sleepy.py",
        "import time\n\n\ndef model(dbt, session):\n    time.sleep(1)\n    return dbt.ref('stg_orders')\n",
    )
    answer = released.dryland("apply", "--yes", code=3)
    assert "sleepy took longer than the 0.3 s it may" in answer.out
    assert released.sql("select count(*) from duckdb_views() where view_name = 'sleepy'") == [(0,)]


def test_configuration_that_it_asks_for_is_code(released) -> None:
    """And what it does not ask for is not: an owner is no reason to build again."""
    released.write(
        "models/marts/scored.py",
        "def model(dbt, session):\n"
        "    frame = dbt.ref('stg_orders').df()\n"
        "    frame['limit'] = dbt.config.get('threshold')\n"
        "    return frame\n",
    )
    card = "models: [{{name: scored, config: {{threshold: {0}, meta: {{owner: {1}}}}}}}]"
    released.write("models/scored.yml", card.format(5, "ana"))
    released.dryland("apply", "--yes")
    released.write("models/scored.yml", card.format(5, "bo"))
    assert [step["action"] for step in released.dryland("plan", "--json").json["steps"]].count("build") == 0
    released.write("models/scored.yml", card.format(7, "bo"))
    steps = released.dryland("plan", "--json").json["steps"]
    assert [step["node"] for step in steps if step["action"] == "build"] == ["model.shop.scored"]


def test_it_sees_sources_itself_and_its_configuration(released) -> None:
    released.arrives("create schema raw", "create table raw.rates as select 'pt' as country, 2 as rate")
    released.write("models/sources.yml", "sources: [{name: raw, schema: raw, tables: [{name: rates}]}]")
    released.write(
        "models/marts/told.py",
        """
        import pandas as pd

        def model(dbt, session):
            dbt.config(materialized="table", rate=3)
            rates = dbt.source("raw", "rates").df()
            return pd.DataFrame({
                "rate": [int(rates.rate[0])],
                "configured": [dbt.config.get("rate")],
                "missing": [dbt.config.get("nothing", "default")],
                "grows": [dbt.is_incremental],
                "schema": [dbt.this.schema],
                "name": [dbt.this.identifier],
                "database": [dbt.this.database],
            })
        """,
    )
    released.dryland("apply", "--yes")
    assert released.sql("from main.told") == [(2, 3, "default", False, "main", "told", "warehouse")]


@pytest.mark.slow
def test_an_ephemeral_model_cannot_be_read(released) -> None:
    released.edit("models/staging/stg_orders.sql", "select", "{{ config(materialized='ephemeral') }} select")
    released.write("models/marts/doubled.py", model("orders"))
    answer = released.dryland("apply", "--yes", code=3)
    assert (
        "models/marts/doubled.py: the Python model `doubled` asks for ref(stg_orders), which is ephemeral" in answer.out
    )


GROWING = """
def model(dbt, session):
    dbt.config(materialized="incremental"{config})
    entries = dbt.source("raw", "entries")
    if dbt.is_incremental:
        entries = session.sql(f"select * from entries where day > (select max(day) from {{dbt.this}})")
    return entries.{frame}
"""
PYTHON_WAYS = {
    "appended": ("", "df()", [(1, 10, 1), (1, 11, 3), (2, 20, 1), (2, 25, 2)]),
    "keyed": (", unique_key='id'", "limit(100)", [(1, 11, 3), (2, 25, 2)]),
    "merged": (
        ", incremental_strategy='merge', unique_key=['id'], merge_update_columns=['amount']", "arrow()",
        [(1, 11, 1), (2, 25, 1)],
    ),
}  # fmt: skip


@pytest.fixture
def growing(workspace):
    workspace.write("dbt_project.yml", "name: ledger\nprofile: ledger\nversion: '1.0'\n")
    workspace.write("profiles.yml", f"ledger: {PROFILE}\n")
    workspace.write("models/sources.yml", "sources: [{name: raw, schema: raw, tables: [{name: entries}]}]\n")
    for name, (config, frame, _) in PYTHON_WAYS.items():
        workspace.write(f"models/{name}.py", GROWING.format(config=config, frame=frame))
    return workspace


PROFILE = "{target: dev, outputs: {dev: {type: duckdb, path: \"{{ env_var('WAREHOUSE', 'warehouse.duckdb') }}\"}}}"
DAYS = ("(1, 10, 1), (2, 20, 1)", "(2, 25, 2)", "(1, 11, 3)")


def entries(rows: str) -> tuple[str, ...]:
    return (
        "create schema if not exists raw",
        "create table if not exists raw.entries (id integer, amount integer, day integer)",
        f"insert into raw.entries values {rows}",
    )


def test_an_incremental_one_adds_to_the_rows_it_has(growing) -> None:
    for number, rows in enumerate(DAYS):
        growing.arrives(*entries(rows))
        growing.dryland("run" if number else "apply", "--yes")
    for name, (_, _, expected) in PYTHON_WAYS.items():
        assert growing.sql(f"from main.{name} order by all") == expected, name
    growing.arrives("delete from raw.entries where day < 3")
    growing.dryland("run", "--yes", "--full-refresh", "-s", "appended")
    assert growing.sql("from main.appended") == [(1, 11, 3)]


@pytest.mark.dbt
@pytest.mark.slow
def test_dbt_has_the_same_rows_of_incremental_python_models(growing, dbt) -> None:
    for rows in DAYS:
        growing.arrives(*entries(rows), warehouse="dbt.duckdb")
        dbt("run")
    for name, (_, _, expected) in PYTHON_WAYS.items():
        assert growing.sql(f"from main.{name} order by all", "dbt.duckdb") == expected, name


def test_one_that_does_not_parse_is_named_with_its_line(released) -> None:
    released.write("models/marts/doubled.py", "def model(dbt, session):\n    return (\n")
    answer = released.dryland("plan", code=2)
    assert "models/marts/doubled.py:2" in answer.err


@pytest.mark.slow
def test_two_python_models_run_at_the_same_time(released) -> None:
    """Each waits for the other to have begun: one after the other would wait for ever."""
    for own, other in (("left", "right"), ("right", "left")):
        released.write(
            f"models/marts/{own}.py",
            f"""
            import pathlib, time

            def model(dbt, session):
                here = pathlib.Path({str(released.root)!r})
                (here / "{own}").touch()
                patience = time.monotonic() + 20
                while not (here / "{other}").exists():
                    assert time.monotonic() < patience, "{other} has not begun"
                    time.sleep(0.01)
                return session.sql("select 1 as x")
            """,
        )
    released.dryland("apply", "--yes", "--threads", "2")
    assert released.sql("from main.left") == released.sql("from main.right") == [(1,)]
