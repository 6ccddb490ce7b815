"""Bad input gets a clear error with file, line and hint, exits 2, and loses nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

TOO_DEEP = "models/marts/big_spenders.sql"


def said(workspace, *arguments: str, code: int = 2, **environment: str) -> str:
    """What the command told, on stderr, without its progress."""
    return workspace.dryland(*arguments, code=code, **environment).err


@pytest.mark.parametrize(
    ("path", "text", "error", "hint"),
    [
        pytest.param(
            TOO_DEEP, "select *\nfrom {{ ref('custmer_orders') }}",
            "models/marts/big_spenders.sql:2: refers to `custmer_orders`, which no model defines.",
            "`customer_orders` exists.", id="unknown ref",
        ),
        pytest.param(
            "models/staging/stg_customers.sql", "select customer_id from {{ ref('customer_orders') }}",
            "models need each other: customer_orders -> stg_customers -> customer_orders.",
            "take one of these refs out", id="cycle",
        ),
        pytest.param(
            "models/schema.yml", "models:\n  - name: stg_orders\n   columns: [",
            "models/schema.yml:3:4: the YAML does not parse: did not find expected '-' indicator.",
            "look at the indentation", id="broken YAML",
        ),
        pytest.param(
            TOO_DEEP, "select 1 as one\n{% if true %}",
            "models/marts/big_spenders.sql:2: ", "endif", id="broken Jinja",
        ),
        pytest.param(
            TOO_DEEP, "select customer_id,\n  revenue frm customer_orders where (",
            "models/marts/big_spenders.sql:2: the SQL does not parse",
            "dryland show", id="SQL that does not parse",
        ),
        pytest.param(
            "models/other/stg_orders.sql", "select 1 as one",
            "two files make `stg_orders`: models/other/stg_orders.sql and models/staging/stg_orders.sql.",
            "rename one of them", id="duplicate model",
        ),
        pytest.param(
            TOO_DEEP, "select '{{ env_var(\"NOT_SET_ANYWHERE\") }}' as x",
            "models/marts/big_spenders.sql:1: the environment variable `NOT_SET_ANYWHERE` is not set.",
            "export NOT_SET_ANYWHERE=...", id="missing env var",
        ),
        pytest.param(
            "profiles.yml", "shop:\n  target: live\n  outputs:\n    live: {type: snowflake, account: x}\n",
            "profiles.yml:4: there is no engine for `type: snowflake`.",
            "there are: duckdb, postgres. Give the profile a target of such a type, or dryland.yml a `warehouse:`",
            id="an adapter that is not there",
        ),
        pytest.param(
            "dbt_project.yml", "name: shop\nprofile: elsewhere\n", "profiles.yml: there is no profile `elsewhere`.",
            "it has: shop", id="missing profile",
        ),
        pytest.param(
            "seeds/raw_customers.csv", "id,name,country\n1,Ana,pt\n2,Bo\n",
            "seeds/raw_customers.csv:3: ", "", id="a seed with ragged rows",
        ),
    ],
)  # fmt: skip
def test_a_broken_file_is_named_with_its_line(released, path: str, text: str, error: str, hint: str) -> None:
    before = released.content()
    released.write(path, text)
    answer = released.dryland("plan", code=2)
    assert error in answer.err
    assert hint in answer.err
    assert answer.out == ""
    assert "Traceback" not in answer.err
    as_json = released.dryland("apply", "--yes", "--json", code=2).json
    assert as_json["error"] and as_json["message"] in answer.err
    assert released.content() == before


def test_an_unknown_selector_says_what_there_is(released) -> None:
    answer = said(released, "plan", "-s", "custmer_orders")
    assert answer == "error: `custmer_orders` matches nothing.\nhint: `customer_orders` exists.\n"
    answer = said(released, "plan", "-s", "tagg:daily")
    assert "tagg" in answer and "tag" in answer


def test_a_check_on_a_column_that_is_not_there_is_refused_with_the_nearest_name(released) -> None:
    released.edit("models/schema.yml", "- name: revenue", "- name: revenu")
    before = released.content()
    released.edit("models/marts/customer_orders.sql", "c.name,", "upper(c.name) as name,")
    answer = released.dryland("apply", "--yes", code=1)
    assert "models/schema.yml" in answer.out
    assert "not_null asks for column `revenu`, which customer_orders does not have; `revenue` exists" in answer.out
    assert released.content() == before


def test_a_condition_that_is_none_is_refused_before_anything_is_built(released) -> None:
    released.edit("models/schema.yml", "data_tests: [not_null]", "data_tests: [{not_null: {config: {warn_if: many}}}]")
    released.edit("models/marts/customer_orders.sql", "c.name,", "upper(c.name) as name,")
    answer = released.dryland("apply", "--yes", code=2)
    assert "models/schema.yml:20: not_null_customer_orders_revenue: `many` is not a condition" in answer.err
    assert 'warn_if: ">10"' in answer.err
    assert "build" not in answer.err


def test_a_python_model_that_raises_is_named_with_its_line(released) -> None:
    released.write(
        "models/marts/scored.py", "def model(dbt, session):\n    orders = dbt.ref('stg_orders')\n    return 1 / 0\n"
    )
    before = released.content()
    answer = released.dryland("apply", "--yes", code=3)
    told = answer.out + answer.err
    assert "models/marts/scored.py:3" in told
    assert "ZeroDivisionError: division by zero" in told
    assert released.content() == before


@pytest.mark.slow  # it waits ten seconds for the other to end
def test_a_locked_warehouse_says_who_holds_it(released) -> None:
    holder = (
        "import duckdb, sys, time; c = duckdb.connect('warehouse.duckdb'); print('held', flush=True); time.sleep(60)"
    )
    process = subprocess.Popen([sys.executable, "-c", holder], cwd=released.root, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == "held\n"
        answer = released.dryland("plan", code=3)
    finally:
        process.kill()
        process.communicate()
    assert "warehouse.duckdb" in answer.err
    assert str(process.pid) in answer.err
    assert Path(sys.executable).name in answer.err
    assert "Nothing to do" in released.dryland("plan").out


def test_an_unknown_setting_names_the_nearest(released) -> None:
    released.write("dryland.yml", "retries: 1\nretention:\n  release: 5\n")
    answer = said(released, "plan")
    assert "dryland.yml:3: `retention.release` is not a setting." in answer
    assert "did you mean `releases`?" in answer


def test_a_folder_that_is_no_project_says_how_to_start(workspace) -> None:
    answer = said(workspace, "plan")
    assert "dbt_project.yml" in answer and "dryland init" in answer


def test_a_secret_of_the_environment_never_shows(released) -> None:
    released.write("dryland.yml", "notifications:\n  - name: hook\n    webhook: \"{{ env_var('HOOK') }}\"\n")
    hook = "http://127.0.0.1:9/s3cr3t-token"
    released.edit("models/marts/customer_orders.sql", "c.name,", "upper(c.name) as name,")
    answer = released.dryland("apply", "--yes", HOOK=hook)
    told = answer.out + answer.err + released.dryland("plan", "--json", HOOK=hook).out
    assert "could not tell hook" in told
    assert "s3cr3t" not in told
    stored = b"".join(path.read_bytes() for path in (released.root / ".dryland").rglob("*") if path.is_file())
    assert b"s3cr3t" not in stored


def test_a_folder_that_went_away_under_somebody_is_told(tmp_path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    go_away = "import os, sys; os.rmdir(os.getcwd()); from dryland.cli import main; main(['plan'])"
    done = subprocess.run([sys.executable, "-c", go_away], cwd=gone, capture_output=True, text=True, check=False)
    assert done.returncode == 2 and "not there any more" in done.stderr and "hint: cd to it again" in done.stderr
