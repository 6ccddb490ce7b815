"""A team works with packages: installs them, releases with them, upgrades them, and loses the network."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from real_dbt import DBT, dbt

NOBODY = "http://127.0.0.1:9/"
IDENTITY = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@x", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@x"}


def git(folder: Path, *words: str) -> None:
    subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True, env={**os.environ, **IDENTITY})


@pytest.fixture
def money(shop: Any) -> Any:
    """A repository with a package of two versions: in the second, cents are rounded."""
    shop.write("repo/dbt_project.yml", 'name: money\nversion: "1.0"\n')
    shop.write("repo/macros/cents.sql", "{% macro cents(amount) %}{{ amount }} * 100{% endmacro %}\n")
    git(shop.root / "repo", "init", "-q", "-b", "main")
    for version, body in (("v1", "{{ amount }} * 100"), ("v2", "round({{ amount }} * 100)")):
        shop.write("repo/macros/cents.sql", "{% macro cents(amount) %}" + body + "{% endmacro %}\n")
        git(shop.root / "repo", "add", ".")
        git(shop.root / "repo", "commit", "-q", "-m", version)
        git(shop.root / "repo", "tag", version)
    shop.write("packages.yml", f"packages:\n  - git: file://{shop.root}/repo\n    revision: v1\n")
    shop.write(
        "models/marts/in_cents.sql",
        "select order_id, {{ money.cents('amount') }} as cents from {{ ref('stg_orders') }}",
    )
    return shop


def test_a_package_is_installed_released_and_upgraded(money: Any) -> None:
    """A new version of a package is a change of the models that use it, and of no others."""
    assert "`dryland deps`" in money.dryland("plan", code=2).err
    assert "Installed 1 package into dbt_packages; package-lock.yml is written." in money.dryland("deps").out
    money.dryland("apply", "--yes", "--quiet")
    assert "Nothing to do" in money.dryland("plan").out
    money.edit("packages.yml", "v1", "v2")
    assert money.dryland("deps", "--json").json["packages"][0]["kind"] == "git"
    changes = money.dryland("plan", "--json").json["changes"]
    assert [each["node"] for each in changes] == ["model.shop.in_cents"]


def test_the_lock_alone_brings_the_same_packages(money: Any) -> None:
    money.dryland("deps", "--lock")
    assert not (money.root / "dbt_packages").exists()
    git(money.root / "repo", "tag", "-f", "v1", "v2")
    assert "as package-lock.yml says" in money.dryland("deps").out
    assert "round" not in (money.root / "dbt_packages/money/macros/cents.sql").read_text()
    money.dryland("deps", "--upgrade")
    assert "round" in (money.root / "dbt_packages/money/macros/cents.sql").read_text()


def test_a_closed_network_changes_nothing(money: Any) -> None:
    money.dryland("deps")
    before = (money.root / "packages.yml").read_text()
    answer = money.dryland("deps", "--add-package", "acme/dates@1.0.0", "--json", code=3, DBT_PACKAGE_HUB_URL=NOBODY)
    assert answer.json["error"] == "UnreachableError"
    assert (money.root / "packages.yml").read_text() == before
    money.dryland("plan")


def test_a_project_without_packages_has_nothing_to_install(shop: Any) -> None:
    assert "Nothing to install" in shop.dryland("deps").out
    assert not (shop.root / "dbt_packages").exists()


@pytest.mark.slow
def test_killed_while_it_downloads_leaves_the_packages_of_before(money: Any) -> None:
    money.dryland("deps")
    asked, go_on = threading.Event(), threading.Event()

    class Slow(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.set()
            go_on.wait(20)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Slow)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    money.edit("packages.yml", "v1", "v2")
    with (money.root / "packages.yml").open("a") as file:
        file.write(f"  - tarball: http://127.0.0.1:{server.server_port}/x.tar.gz\n    name: words\n")
    process = subprocess.Popen(
        [sys.executable, "-m", "dryland", "deps"], cwd=money.root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    assert asked.wait(20)
    process.kill()
    process.wait()
    go_on.set()
    server.shutdown()
    server.server_close()
    assert "round" not in (money.root / "dbt_packages/money/macros/cents.sql").read_text()
    money.edit("packages.yml", "v2", "v1")
    text = (money.root / "packages.yml").read_text()
    money.write("packages.yml", text.partition("  - tarball")[0])
    old = time.time() - 3 * 24 * 3600
    left = list(money.root.glob(".dbt_packages-*"))
    for each in left:
        os.utime(each, (old, old))
    money.dryland("deps")
    assert len(left) == 1
    assert not left[0].exists(), "what the killed one left is gone when it is old"


@pytest.mark.dbt
@pytest.mark.slow
@pytest.mark.skipif(not DBT.exists(), reason=f"there is no dbt at {DBT}")
def test_dbt_makes_the_same_of_a_project_with_packages(workspace: Any) -> None:
    """Vars, dispatch, configuration, hooks and tests of packages, in one project, by dbt and by us."""
    _write_team(workspace)
    for verb in ("deps", "build"):
        done = dbt(workspace.root, verb, WAREHOUSE="dbt.duckdb")
        assert done.returncode == 0, done.stdout
    workspace.dryland("apply", "--yes", "--quiet", WAREHOUSE="ours.duckdb")
    for schema in ("main", "main_own", "main_lists"):
        assert workspace.content(schema, "ours.duckdb") == workspace.content(schema, "dbt.duckdb") != {}
    assert workspace.sql("select * from hooks", "ours.duckdb") == [
        ("shop",), ("dates utc",), ("money 3",), ("shop end",), ("money end",)
    ]  # fmt: skip
    verdicts = workspace.dryland("check", "--json", WAREHOUSE="ours.duckdb").json["verdicts"]
    assert sorted(each["name"] for each in verdicts) == ["no_rate_is_0", "positive_prices_rate"]


def _write_team(workspace: Any) -> None:
    """A project with two packages, one of which needs the other; no folder of packages yet."""
    workspace.write(
        "profiles.yml",
        """
        shop:
          target: dev
          outputs:
            dev: {type: duckdb, path: "{{ env_var('WAREHOUSE') }}", schema: main, threads: 2}
        """,
    )
    workspace.write(
        "dbt_project.yml",
        """
        name: shop
        profile: shop
        models: {money: {drafts: {+enabled: false}}}
        seeds: {money: {+schema: lists}}
        vars: {rate: 2, money: {rate: 3}}
        dispatch:
          - {macro_namespace: money, search_order: [shop, dates, money]}
        on-run-start: ["create or replace table hooks (who varchar)", "insert into hooks values ('shop')"]
        on-run-end: ["insert into hooks values ('shop end')"]
        """,
    )
    workspace.write("packages.yml", "packages: [{local: libs/money}, {local: libs/dates}]\n")
    workspace.write("libs/money/packages.yml", "packages: [{local: libs/dates}]\n")
    workspace.write(
        "libs/money/dbt_project.yml",
        """
        name: money
        require-dbt-version: [">=1.0.0", "<2.0.0"]
        models: {money: {+schema: own, +materialized: table}}
        vars: {rate: 7, unit: cent}
        on-run-start: ["insert into hooks values ('money {{ var(\\"rate\\") }}')"]
        on-run-end: ["insert into hooks values ('money end')"]
        """,
    )
    workspace.write(
        "libs/dates/dbt_project.yml",
        """
        name: dates
        vars: {zone: utc}
        on-run-start: ["insert into hooks values ('dates {{ var(\\"zone\\") }}')"]
        """,
    )
    workspace.write("libs/dates/macros/dates.sql", "{% macro duckdb__second() %}'second of dates'{% endmacro %}")
    workspace.write(
        "libs/money/macros/money.sql",
        """
        {% macro first() %}{{ return(adapter.dispatch('first', 'money')()) }}{% endmacro %}
        {% macro default__first() %}'first of money'{% endmacro %}
        {% macro second() %}{{ return(adapter.dispatch('second', 'money')()) }}{% endmacro %}
        {% macro default__second() %}'second of money'{% endmacro %}
        {% macro rate() %}{{ var('rate') }}{% endmacro %}
        {% macro unit() %}'money'{% endmacro %}
        {% test positive(model, column_name) %}
        select * from {{ model }} where {{ column_name }} + {{ var('rate') }} <= 3
        {% endtest %}
        """,
    )
    workspace.write("libs/money/seeds/rates.csv", "id,rate\n1,2.5\n2,3.5\n")
    workspace.write("libs/money/models/drafts/broken.sql", "select nothing from nowhere")
    workspace.write(
        "libs/money/models/prices.sql",
        """
        select id, rate, {{ var('rate') }} as var_rate, '{{ var("unit") }}' as unit, {{ unit() }} as own,
            {{ money.rate() }} as macro_rate, '{{ project_name }}' as project from {{ ref('rates') }}
        """,
    )
    workspace.write(
        "libs/money/models/models.yml",
        """
        models:
          - name: prices
            columns: [{name: rate, data_tests: [positive]}]
        """,
    )
    workspace.write("libs/money/tests/no_rate_is_0.sql", "select * from {{ ref('prices') }} where rate = 0")
    workspace.write(
        "macros/own.sql",
        """
        {% macro default__first() %}'first of shop'{% endmacro %}
        {% macro unit() %}'shop'{% endmacro %}
        """,
    )
    workspace.write(
        "models/report.sql",
        """
        select id, {{ money.first() }} as first, {{ money.second() }} as second, {{ money.rate() }} as rate,
            {{ unit() }} as unit, {{ money.unit() }} as unit_of_money
        from {{ ref('money', 'prices') }}
        """,
    )
