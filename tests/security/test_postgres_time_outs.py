"""Nothing takes for ever: PostgreSQL's own time-outs reach every session, and ours stops the work on the server."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
import yaml

from postgres_server import Server

pytestmark = pytest.mark.slow  # each releases the sample project, and waits

ENDLESS = "select count(*) as n from generate_series(1, 60000000) a, generate_series(1, 60000) b where a + b = 7"


@pytest.fixture
def configured(postgres_server: Server, postgres: str, shop: Any) -> Callable[..., None]:
    """Gives the sample project a profile on PostgreSQL."""

    def configure(**more: Any) -> None:
        output = postgres_server.settings(postgres, **more)
        shop.write("profiles.yml", str(yaml.safe_dump({"shop": {"target": "dev", "outputs": {"dev": output}}})))

    return configure


def at_work(postgres_server: Server, database: str) -> list[str]:
    """What runs in a database, and is not this question."""
    with postgres_server.connect(database) as somebody:
        found = somebody.execute(
            "select query from pg_stat_activity where datname = %s and state <> 'idle' and pid <> pg_backend_pid() "
            "and backend_type = 'client backend'",
            [database],
        ).fetchall()
    return [query for (query,) in found]


def test_a_statement_that_takes_too_long_is_stopped_by_the_server_and_told(
    configured: Any, postgres_server: Server, postgres: str, shop: Any
) -> None:
    configured(statement_timeout="800ms")
    shop.write("models/endless.sql", ENDLESS)
    answer = shop.dryland("apply", "--yes", "--quiet", code=3)
    assert "canceling statement due to statement timeout" in answer.out
    assert "`statement_timeout` stops what takes longer" in answer.out
    assert at_work(postgres_server, postgres) == []


def test_a_lock_of_somebody_else_is_waited_for_as_long_as_the_profile_says(
    configured: Any, postgres_server: Server, postgres: str, shop: Any
) -> None:
    configured(lock_timeout="300ms", options="-c statement_timeout=60s")
    with postgres_server.connect(postgres) as somebody:
        somebody.execute("create schema raw; create table raw.payments as select 1 as id")
        shop.write("models/paid.sql", "select * from raw.payments")
        shop.write("dryland.yml", "retries: 0\n")
        with somebody.transaction():
            somebody.execute("lock table raw.payments in access exclusive mode")
            began = time.monotonic()
            answer = shop.dryland("apply", "--yes", "--quiet", code=3)
            assert time.monotonic() - began < 20
    assert "canceling statement due to lock timeout" in answer.out
    assert "`lock_timeout` of the profile says how long to wait" in answer.out
    shop.dryland("apply", "--yes", "--quiet")


def test_settings_of_sessions_reach_all_of_them(configured: Any, shop: Any) -> None:
    """Also those whose values have spaces, quotes and backslashes."""
    configured(statement_timeout="1234s", search_path='"odd \\ name", main', options="-c work_mem=5MB")
    shop.write(
        "models/told.sql",
        "select current_setting('statement_timeout') as waits, current_setting('search_path') as path, "
        "current_setting('work_mem') as memory",
    )
    shop.dryland("apply", "--yes", "--quiet")
    rows = shop.dryland("query", "select * from told", "--json").json["rows"]
    assert rows == [["1234s", '"odd \\ name", main', "5MB"]]


def test_our_own_time_out_leaves_nothing_running_on_the_server(
    configured: Any, postgres_server: Server, postgres: str, shop: Any
) -> None:
    configured()
    shop.write("dryland.yml", "timeout: 1\n")
    shop.write("models/endless.sql", ENDLESS)
    began = time.monotonic()
    answer = shop.dryland("apply", "--yes", "--quiet", code=3)
    assert time.monotonic() - began < 20
    assert "took longer than the 1 s it may" in answer.out
    assert at_work(postgres_server, postgres) == []
    shop.edit("models/endless.sql", ENDLESS, "select 1 as n")
    shop.dryland("apply", "--yes", "--quiet")
