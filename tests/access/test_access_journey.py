"""From dryland.yml to what somebody sees: rights, exports, tokens and the log, through the real command."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from dryland.access.desk import Request
from dryland.access.person import LOCAL
from dryland.errors import WarehouseLockedError
from dryland.platform import Platform

pytestmark = pytest.mark.medium

ACCESS = """
access:
  groups: {finance: [fin]}
  rules:
    - {to: [finance, engineer], select: customer_orders, pii: plain}
    - {to: ["*"], select: stg_orders, deny: true}
    - {to: [analyst], select: customer_orders, columns: [customer_id, name, orders]}
"""


@pytest.fixture
def guarded_shop(released: Any) -> Any:
    released.write("dryland.yml", ACCESS)
    text = (released.root / "models/schema.yml").read_text()
    marked = text.replace(
        "      - name: revenue\n", "      - name: name\n        meta: {pii: true}\n      - name: revenue\n"
    )
    assert marked != text
    (released.root / "models/schema.yml").write_text(marked)
    return released


def said(workspace: Any, password: str, words: tuple[str, ...]) -> Any:
    """Run a verb in a process of its own, with a password on its stdin."""
    return subprocess.run(
        [sys.executable, "-m", "dryland", *words], cwd=workspace.root, input=f"{password}\n", capture_output=True,
        text=True, timeout=60, check=False,
    )  # fmt: skip


def test_people_see_what_the_rules_let_them(guarded_shop: Any) -> None:
    ask = "select * from customer_orders order by customer_id"
    as_analyst = guarded_shop.dryland("query", ask, "--as", "analyst", "--json").json
    assert as_analyst["columns"] == ["customer_id", "name", "orders"]
    assert len(as_analyst["rows"][0][1]) == 32
    as_finance = guarded_shop.dryland("query", ask, "--as", "finance", "--json").json
    assert as_finance["columns"] == ["customer_id", "name", "orders", "revenue"]
    assert as_finance["rows"][0][1] == "Ana"
    plain = guarded_shop.dryland("query", ask, "--json").json
    assert plain["rows"][0][1] == "Ana"
    refused = guarded_shop.dryland("query", "select * from stg_orders", "--as", "finance", code=2)
    assert "there is no dataset `stg_orders` that you may read" in refused.err
    refused = guarded_shop.dryland("query", "select * from stg_customers", "--as", "viewer", code=2)
    assert "takes the right to `query`" in refused.err
    refused = guarded_shop.dryland("query", "select * from read_text('dryland.yml')", "--as", "analyst", code=2)
    assert "cannot be used in a query here" in refused.err
    refused = guarded_shop.dryland("query", "select 1", "--as", "no such person", code=2)
    assert "no user, role or group" in refused.err


def test_rights_are_told_column_by_column(guarded_shop: Any) -> None:
    found = guarded_shop.dryland("access", "rights", "customer_orders", "--json").json
    seen = {each["who"]: each["columns"] for each in found["people"]}
    assert seen["analyst"] == {"customer_id": "plain", "name": "hash", "orders": "plain"}
    assert seen["engineer"]["name"] == seen["finance"]["revenue"] == "plain"
    assert seen["viewer"] == {"customer_id": "plain", "name": "hash", "orders": "plain", "revenue": "plain"}
    assert "dryland.yml:6" in guarded_shop.dryland("access", "rights", "customer_orders").out


@pytest.mark.slow
def test_answers_are_written_in_every_format(guarded_shop: Any) -> None:
    import openpyxl
    import pyarrow.parquet

    ask = "select customer_id, name, revenue from customer_orders order by customer_id"
    for form in ("csv", "json", "parquet", "xlsx", "arrow"):
        answer = guarded_shop.dryland("query", ask, "--as", "finance", "--format", form, "--out", f"out.{form}")
        assert answer.out == f"wrote 3 rows to out.{form}\n"
    at = guarded_shop.root
    assert (at / "out.csv").read_text().splitlines()[1] == "1,Ana,25.5"
    assert json.loads((at / "out.json").read_text().splitlines()[0]) == {
        "customer_id": 1,
        "name": "Ana",
        "revenue": 25.5,
    }
    assert pyarrow.parquet.read_table(at / "out.parquet").column("name").to_pylist() == ["Ana", "Bo", "Chi"]
    with pyarrow.ipc.open_stream(at / "out.arrow") as stream:
        assert stream.read_all().column("customer_id").to_pylist() == [1, 2, 3]
    sheet = openpyxl.load_workbook(at / "out.xlsx").active
    assert [cell.value for cell in list(sheet.rows)[1]] == [1, "Ana", 25.5]
    refused = guarded_shop.dryland("query", "select * from stg_orders", "--as", "finance", "--out", "no.csv", code=2)
    assert "no dataset" in refused.err
    assert not [each.name for each in at.iterdir() if each.name.startswith("no.") or each.name.endswith(".part")]


def test_everything_that_was_read_is_in_the_log(guarded_shop: Any) -> None:
    guarded_shop.dryland("query", "select name from customer_orders where name <> 'hidden-word'", "--as", "finance")
    guarded_shop.dryland("query", "select * from stg_orders", "--as", "analyst", code=2)
    guarded_shop.dryland("query", "select 1/", "--as", "analyst", code=2)
    log = guarded_shop.dryland("access", "audit", "--json").json
    assert [(each["person"], each["outcome"], each["rows"]) for each in log] == [
        ("any analyst", "refused", None), ("any analyst", "refused", None), ("any of finance", "done", 3),
    ]  # fmt: skip
    assert log[2]["datasets"] == {"model.shop.customer_orders": ["name"]}
    assert "hidden-word" not in json.dumps(log) and "Ana" not in json.dumps(log)
    only = guarded_shop.dryland("access", "audit", "--dataset", "model.shop.customer_orders", "--json").json
    assert len(only) == 1


@pytest.mark.slow
def test_users_and_tokens_are_kept_on_the_command_line(guarded_shop: Any) -> None:
    shop = guarded_shop
    added = said(shop, "correct horse battery", ("access", "user", "add", "ana", "--role", "analyst"))
    assert (added.returncode, added.stdout) == (0, "ana may sign in as analyst\n"), added.stderr
    assert said(shop, "short", ("access", "user", "add", "bo", "--role", "viewer")).returncode == 2
    assert shop.dryland("access", "user", "add", "bo", "--role", "viewer", code=2).err.startswith(
        "error: there is no pass"
    )
    assert shop.dryland("access", "user", "list", "--json").json[0]["roles"] == ["analyst"]
    made = shop.dryland("access", "token", "create", "ana", "--scope", "query", "--scope", "read", "--json").json
    with Platform.open(shop.root) as platform:
        person = platform.tokens.person(made["token"])
        assert (person.name, person.may("query"), person.may("look")) == ("ana", True, False)
        assert platform.door.sign_in("ana", "correct horse battery", address="").person.name == "ana"
    refused = shop.dryland("access", "token", "create", "ana", "--scope", "release", code=2)
    assert "takes the right to `release`" in refused.err
    listed = shop.dryland("access", "token", "list").out
    assert made["id"] in listed and made["token"] not in listed and "good" in listed
    shop.dryland("access", "token", "revoke", made["id"])
    assert "revoked" in shop.dryland("access", "token", "list").out
    shop.dryland("access", "user", "roles", "ana", "viewer")
    shop.dryland("access", "user", "disable", "ana")
    assert "disabled" in shop.dryland("access", "user", "list").out
    refused = shop.dryland("query", "select 1", "--as", "ana", code=2)
    assert "takes the right" in refused.err
    actions = [each["action"] for each in shop.dryland("access", "audit", "--json").json]
    assert set(actions) >= {"user add", "token create", "token revoke", "user roles", "user disable", "sign in"}
    everything = b"".join(path.read_bytes() for path in (shop.root / ".dryland").rglob("*") if path.is_file())
    assert b"correct horse battery" not in everything
    assert made["token"].partition(f"_{made['id']}_")[2].encode() not in everything


@pytest.mark.parametrize(
    ("text", "line", "word"),
    [
        ("access: {rules: [{to: [analyst], selct: orders}]}", 1, "did you mean `select`"),
        ("access:\n  rules:\n    - {to: [analyst], pii: secret}\n", 3, "access.rules.0.pii"),
        ("access: {defalt: none}", 1, "did you mean `default`"),
        ("access: {limits: {row: 1}}", 1, "did you mean `rows`"),
        ("access: {rules: [{to: [analyst], select: no_such_model}]}", 1, "selects nothing"),
        ("access: {key: short}", None, "fewer than 32"),
    ],
)
def test_a_slip_in_the_rules_is_told_with_its_line(released: Any, text: str, line: int | None, word: str) -> None:
    released.write("dryland.yml", text)
    answer = released.dryland("query", "select * from stg_orders", "--as", "analyst", code=2)
    assert word in answer.err
    assert line is None or f"dryland.yml:{line}" in answer.err


def test_formulas_are_text_in_files(released: Any) -> None:
    import openpyxl

    evil = ["=1+1", "+1+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "  =1", "＝1", "=HYPERLINK(1)"]
    values = ", ".join("('" + each.replace("'", "''") + "')" for each in evil)
    query = f"select v as \"=name\" from (values {values}, ('-5'), ('a=b'), ('https://x')) as t(v)"
    for form in ("csv", "xlsx"):
        released.dryland("query", query, "--as", "analyst", "--format", form, "--out", f"out.{form}")
    import csv

    with (released.root / "out.csv").open(newline="") as file:
        rows = [row[0] for row in csv.reader(file)]
    assert rows[0] == "'=name"
    assert rows[1:10] == [f"'{each}" for each in evil]
    assert rows[10:] == ["-5", "a=b", "https://x"]
    sheet = openpyxl.load_workbook(released.root / "out.xlsx").active
    assert {cell.data_type for row in sheet.rows for cell in row} == {"s"}
    assert not any(cell.hyperlink for row in sheet.rows for cell in row)


def test_a_warehouse_that_is_not_there_is_told(shop: Any) -> None:
    answer = shop.dryland("query", "select 1", "--as", "analyst", code=None)
    assert answer.code in (2, 3)
    assert "error: " in answer.err and "bug" not in answer.err


def test_a_reader_does_not_shut_out_other_readers(released: Any, tmp_path: Path) -> None:
    with Platform.open(released.root) as one:
        assert one.reader.columns([]) == {}
        assert json.loads(released.process("query", "select count(*) from stg_orders", "--as", "analyst", "--json").out)


@pytest.mark.slow
def test_a_file_is_open_in_a_process_once(released: Any) -> None:
    """Whoever writes reads through what he has; another opening of the file is told what is in its way."""
    with Platform.open(released.root) as writer:
        assert writer.engine is writer.reader
        with writer.desk().ask(Request(LOCAL), "select count(*) from stg_orders") as answer:
            assert answer.all_rows() == [(4,)]
        with Platform.open(released.root) as other, pytest.raises(WarehouseLockedError, match="in this very process"):
            _ = other.reader


@pytest.mark.slow
def test_people_ask_postgresql_in_the_role_of_a_reader(pg_shop: Any) -> None:
    """Rights that the warehouse itself keeps are the third wall."""
    pg_shop.dryland("apply", "--yes", "--quiet")
    role = f"reader_{pg_shop.database}"
    pg_shop.arrives(
        f"create role {role}", f"grant usage on schema main to {role}", f"grant select on main.stg_orders to {role}"
    )
    pg_shop.write("dryland.yml", f"access: {{reader_role: {role}}}\n")
    assert pg_shop.dryland("query", "select count(*) from stg_orders", "--as", "analyst", "--json").json["rows"] == [
        [4]
    ]
    refused = pg_shop.dryland("query", "select * from stg_customers", "--as", "analyst", code=3)
    assert "permission denied" in refused.err
    assert pg_shop.dryland("access", "audit", "--json").json[0]["outcome"] == "failed"


def test_a_rule_about_a_group_that_there_is_not_is_refused(shop: Any) -> None:
    """It would be about nobody: a denial with a slip in it would deny nobody anything."""
    shop.write(
        "dryland.yml",
        """
        access:
          groups: {marketing: [mia]}
          rules:
            - {to: [analyst, marketing, "person:ana", "*"], select: customer_orders}
            - {to: [marketting], deny: true}
        """,
    )
    told = shop.dryland("plan", code=2).err
    assert "dryland.yml:5: a rule of `access` is to `marketting`, which is no role and no group." in told
    assert "marketing" in told.partition("hint:")[2]
    provider = "  oidc: {issuer: 'https://id.example', client_id: x}\n"
    shop.write("dryland.yml", (shop.root / "dryland.yml").read_text() + provider)
    shop.dryland("plan")
