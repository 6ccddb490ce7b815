"""Rows leave the portal through the desk alone: as tables, files and data, masked for whoever asks."""

from __future__ import annotations

import csv
import io
import json
import re
import threading
import time
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pyarrow as pa
import pyarrow.parquet
import pytest
from portal_shop import EVIL, IMAGE, Portal
from test_guard import token_on

import dryland.portal as portal_package
from dryland.access.person import Person
from dryland.errors import BusyError
from dryland.platform import Platform
from dryland.state.people import AuditEntry

Asking = Callable[[Person], None]
ANALYST = Person("ana", ("analyst",))
VIEWER = Person("vic", ("viewer",))
NOBODY = Person("nobody", ("viewer",), scopes=frozenset({"look"}))  # who looks and reads no rows
ENDLESS = "select count(*) from generate_series(1, 100000) a(x), generate_series(1, 10000000) b(y) where x + y = 7"
SECRET = "a@example.org"


def posted(portal: Portal, path: str, page: str = "/query", **fields: Any) -> Any:
    return portal.client.post(path, data={"token": token_on(portal.page(page)), **fields})


def log(portal: Portal) -> list[AuditEntry]:
    portal.desk.library.platform.journal.write()
    return list(portal.desk.state.audit())


def test_an_answer_is_a_table_that_says_how_much_there_is(looked_at: Portal) -> None:
    text = posted(looked_at, "/query/run", sql="select customer_id, name, null as no from customer_orders").text
    assert "3 rows in" in text
    assert '<td class="number">1</td><td>Ana</td>' in text
    assert '<span class="null">null</span>' in text
    assert '<span class="about">integer</span>' in text
    assert "1 row in" in posted(looked_at, "/query/run", sql="select 1 as one").text


def test_hostile_rows_and_names_are_told_as_they_are(looked_at: Portal) -> None:
    for path in ("/query/run", "/query/explain"):
        text = posted(
            looked_at, path, sql="select *, 1 as \"</th><script>x()\" from hostile where '</script>' <> ''"
        ).text
        assert EVIL not in text and IMAGE not in text and "<script>x" not in text
    for path in ("/datasets/hostile/sample", "/datasets/hostile/export", "/query?sql=%3C/textarea%3E" + EVIL):
        text = looked_at.page(path)
        assert EVIL not in text and IMAGE not in text and "</textarea><script" not in text


def test_a_query_in_an_address_is_shown_and_not_asked(looked_at: Portal) -> None:
    before = len(log(looked_at))
    assert ">select 42</textarea>" in looked_at.page("/query?sql=select+42")
    assert not looked_at.desk.rows.running._answers
    assert len(log(looked_at)) == before
    assert looked_at.client.get("/query/run").status_code == 405


def test_what_is_wrong_is_said_with_its_place(looked_at: Portal) -> None:
    answer = posted(looked_at, "/query/run", sql="select *\nfrom customer_orders where")
    assert answer.status_code == 400
    assert "something is missing in Where" in answer.text
    assert "Line 2, column 22" in answer.text
    assert "from customer_orders where\n                     ^" in answer.text


def test_what_would_be_sent_is_told_without_the_key(looked_at: Portal, asking_as: Asking) -> None:
    asking_as(ANALYST)
    text = posted(looked_at, "/query/explain", sql="select email from hostile").text
    platform = looked_at.desk.library.platform
    from dryland.access.keys import derived

    assert derived(platform.access_key, "pseudonyms").hex() not in text
    assert "sha256" in text.lower() and "hostile: email – a pseudonym" in text


@pytest.mark.parametrize("form", ["csv", "json", "xlsx", "parquet", "arrow"])
def test_a_file_has_what_was_asked_for(looked_at: Portal, form: str) -> None:
    fields = {"format": form, "columns": ["customer_id", "revenue"]}
    answer = posted(looked_at, "/datasets/customer_orders/export", "/datasets/customer_orders/export", **fields)
    assert answer.status_code == 200, answer.text
    assert answer.headers["x-dryland-rows"] == "3"
    assert answer.headers["x-dryland-cut"] == "false"
    assert answer.headers["content-disposition"].startswith('attachment; filename="customer_orders-')
    assert content(form, answer.content) == (["customer_id", "revenue"], 3)


def content(form: str, data: bytes) -> tuple[list[str], int]:
    if form == "csv":
        head, *lines = csv.reader(io.StringIO(data.decode()))
        return head, len(lines)
    if form in ("json", "jsonl"):
        objects = [json.loads(line) for line in data.splitlines()]
        return list(objects[0]), len(objects)
    if form == "xlsx":
        import zipfile

        sheet = zipfile.ZipFile(io.BytesIO(data)).read("xl/worksheets/sheet1.xml").decode()
        return ["customer_id", "revenue"], sheet.count("<row ") - 1
    buffer = io.BytesIO(data)
    table = pyarrow.parquet.read_table(buffer) if form == "parquet" else pa.ipc.open_stream(buffer).read_all()
    return table.column_names, table.num_rows


@pytest.mark.parametrize("form", ["jsonl", "csv", "xlsx", "parquet", "arrow"])
def test_programs_get_files_and_streams(looked_at: Portal, form: str) -> None:
    path = f"/api/v1/datasets/customer_orders/rows?columns=customer_id,revenue&format={form}"
    answer = looked_at.get(path)
    assert content(form, answer.content) == (["customer_id", "revenue"], 3)
    described = looked_at.get("/api/v1/openapi.json").json()["paths"]
    kinds = described["/api/v1/datasets/{unique_id}/rows"]["get"]["responses"]["200"]["content"]
    assert answer.headers["content-type"].split(";")[0] in kinds
    asked = looked_at.client.post("/api/v1/query", json={"sql": "select 1 as one", "format": form})
    assert asked.status_code == 200 and asked.headers["content-type"].split(";")[0] in kinds


def test_programs_get_rows_as_data(looked_at: Portal, asking_as: Asking) -> None:
    asking_as(ANALYST)
    found = looked_at.get("/api/v1/datasets/hostile/rows?columns=email&columns=born_on&limit=5").json()
    assert [each["name"] for each in found["columns"]] == ["email", "born_on"]
    assert found["masked"] == [{"dataset": "model.shop.hostile", "column": "email", "mask": "hash"}]
    assert found["rows"][0][1] == "2026-01-02" and found["rows"][0][0] != SECRET
    assert (found["row_count"], found["is_cut"]) == (1, False)
    answer = looked_at.client.post("/api/v1/query", json={"sql": "select count(*) as n from customer_orders"})
    assert answer.json()["rows"] == [[3]]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"sql": "select ("}, 400), ({"sql": "drop table x"}, 400), ({"sql": "select * from nothing"}, 403),
        ({"sql": ""}, 422), ({}, 422), ({"sql": "select 1", "format": "exe"}, 422), ({"sql": "select '\ud800'"}, 422),
        ({"sql": "select '\0'"}, 400), ({"sql": "x" * 60_001}, 422), ({"sql": "x" * 70_000}, 413),
        ({"sql": "select 1/0 + cast('a' as int)"}, 400),
    ],
)  # fmt: skip
def test_programs_are_told_what_is_wrong(looked_at: Portal, body: Any, code: int) -> None:
    sent = json.dumps(body)
    answer = looked_at.client.post("/api/v1/query", content=sent, headers={"content-type": "application/json"})
    assert answer.status_code == code, answer.text
    assert "error" in answer.json()


@pytest.mark.parametrize("path", ["sample", "export"])
def test_who_may_not_query_reads_what_the_rules_show_and_masked(
    looked_at: Portal, asking_as: Asking, path: str
) -> None:
    asking_as(VIEWER)
    text = looked_at.page(f"/datasets/hostile/{path}")
    assert "a pseudonym" in text and SECRET not in text
    for refused in ("/query", "/query/datasets"):
        assert "takes the right to `query`" in looked_at.page(refused, 403)
    assert looked_at.client.post("/api/v1/query", json={"sql": "select 1"}).status_code == 403
    asking_as(NOBODY)
    looked_at.page(f"/datasets/hostile/{path}", 403)
    looked_at.get("/api/v1/datasets/hostile/rows", 403)
    assert "Show some rows" not in looked_at.page("/datasets/hostile")


def test_every_file_of_somebody_is_masked(looked_at: Portal, asking_as: Asking) -> None:
    asking_as(VIEWER)
    for form in ("json", "jsonl", "csv", "parquet", "arrow"):
        assert SECRET.encode() not in looked_at.get(f"/api/v1/datasets/hostile/rows?format={form}").content
    page = "/datasets/hostile/export"
    assert SECRET.encode() not in posted(looked_at, page, page, format="csv").content
    refused = posted(looked_at, page, page, format="csv", columns=["email", "nothing"])
    assert refused.status_code == 403 and "no column `nothing`" in refused.text


@pytest.mark.parametrize("path", ["/datasets/hostile/sample", "/api/v1/datasets/hostile/rows"])
def test_other_pages_have_no_browser_ask_for_rows(looked_at: Portal, path: str) -> None:
    assert looked_at.client.get(path, headers={"sec-fetch-site": "cross-site"}).status_code == 403
    assert looked_at.client.get(path, headers={"sec-fetch-site": "same-site"}).status_code == 403
    assert looked_at.client.get(path, headers={"sec-fetch-site": "none"}).status_code == 200


@pytest.mark.parametrize("path", ["/query/run", "/query/explain", "/query/download", "/query/stop"])
def test_forms_of_the_console_are_from_its_page(looked_at: Portal, path: str) -> None:
    assert looked_at.client.post(path, data={"sql": "select 1", "token": "0"}).status_code == 403


def test_the_log_says_who_read_what(looked_at: Portal, asking_as: Asking) -> None:
    asking_as(ANALYST)
    looked_at.page("/datasets/customer_orders/sample")
    posted(looked_at, "/query/run", sql="select revenue from customer_orders")
    looked_at.get("/api/v1/datasets/customer_orders/rows?format=csv&columns=name&limit=1")
    told = [(each.action, each.rows, dict(each.datasets)) for each in log(looked_at)[:3] if each.person == "ana"]
    node = "model.shop.customer_orders"
    assert told == [
        ("export", 1, {node: ("name",)}), ("query", 3, {node: ("revenue",)}),
        ("sample", 3, {node: ("customer_id", "name", "orders", "revenue")}),
    ]  # fmt: skip


@pytest.mark.slow
def test_a_query_is_stopped_by_its_button(looked_at: Portal) -> None:
    token, answers = token_on(looked_at.page("/query")), []
    form = {"token": token, "name": "mine", "sql": ENDLESS}
    asking = threading.Thread(target=lambda: answers.append(looked_at.client.post("/query/run", data=form)))
    began = time.monotonic()
    asking.start()
    while looked_at.client.post("/query/stop", data=form).status_code != 200 and time.monotonic() - began < 5:
        time.sleep(0.05)
    asking.join()
    assert time.monotonic() - began < 5
    assert answers[0].status_code == 400 and "the query was stopped" in answers[0].text
    assert looked_at.client.post("/query/stop", data=form).status_code == 403


def test_values_that_are_remembered_are_for_who_may_see_them(looked_at: Portal, asking_as: Asking) -> None:
    """The ends of columns went into the metadata past the desk; pages and data ask for the rights all the same."""
    path = "/api/v1/datasets/customer_orders"

    def told() -> list[tuple[str, str]]:
        return [(each["least"], each["most"]) for each in looked_at.get(path).json()["columns"]]

    assert ("7.25", "100.0") in told()
    asking_as(VIEWER)
    assert ("7.25", "100.0") in told()
    asking_as(NOBODY)
    assert set(told()) == {("", "")}
    text = looked_at.page("/datasets/customer_orders")
    assert "7.25" not in text.partition('id="code"')[0]
    assert "not shown to you" in text
    assert "7.25" not in looked_at.page("/datasets/customer_orders/columns/revenue")


def test_failing_rows_are_for_who_may_see_all_of_them(looked_at: Portal, asking_as: Asking) -> None:
    text = looked_at.page("/datasets/big_spenders")
    assert "25.5" in text.partition('id="checks"')[2]
    asking_as(NOBODY)
    text = looked_at.page("/datasets/big_spenders").partition('id="checks"')[2]
    assert "25.5" not in text and "2 rows" in text
    check = next(each for each in looked_at.get("/api/v1/datasets/big_spenders").json()["verdicts"])
    assert check["message"] == "2 rows"
    assert "25.5" not in looked_at.page("/releases/2")


def test_examples_of_a_page_are_answered_in_the_console(looked_at: Portal, asking_as: Asking) -> None:
    asking_as(ANALYST)
    asked = 0
    for name in ("hostile", "customer_orders", "big_spenders", "stg_orders"):
        for link in re.findall(r'<a href="(/query\?sql=[^"]+)">', looked_at.page(f"/datasets/{name}")):
            address = unescape(link)
            sql = parse_qs(urlsplit(address).query)["sql"][0]
            assert f">{sql}</textarea>" in unescape(looked_at.page(address))
            assert posted(looked_at, "/query/run", sql=sql).status_code == 200
            asked += 1
    assert asked >= 6


def test_who_presses_for_rows_is_told_in_their_place_why_there_are_none(
    looked_at: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy() -> None:
        raise BusyError("too much at once.", retry_after_s=5)

    monkeypatch.setattr(looked_at.desk.rows.turns, "one", lambda *_: busy())
    path = "/datasets/customer_orders/sample"
    answer = looked_at.get(path, 429, **{"hx-request": "true"})
    assert "too much at once" in answer.text and "<html" not in answer.text
    assert answer.headers["retry-after"] == "5"
    assert "<html" in looked_at.get(path, 429).text
    refused = posted(looked_at, "/query/run", sql="select 1")
    assert refused.status_code == 429 and "another attempt in 5 s" in refused.text


def test_the_portal_reaches_the_warehouse_in_one_place() -> None:
    """Whoever looks how rows leave it has one file to read; everything else asks the desk there."""
    folder = Path(portal_package.__file__).parent
    code = {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*.py")}
    reaches = re.compile(r"\.engine\b|open_reader|platform\.(desk|query|reader)\b")
    assert {path for path, text in code.items() if reaches.search(text)} == {"rows/rows.py"}
    asks_the_desk = {path for path, text in code.items() if "desk.rows" in text}
    assert asks_the_desk == {"api/rows.py", "pages/query.py", "pages/rows.py", "serve.py"}


def test_an_environment_is_asked_by_the_names_of_prod(own: Portal) -> None:
    with Platform.open(own.root) as platform:
        platform.create_environment("dev_ana")
    page = own.page("/query?env=dev_ana")
    assert 'action="/query/run?env=dev_ana"' in page
    form = {"token": token_on(page), "sql": "select count(*) from main.customer_orders"}
    assert "main__dev_ana" in own.client.post("/query/explain?env=dev_ana", data=form).text
    answer = own.client.post("/query/run?env=dev_ana", data=form).text
    assert '<td class="number">3</td>' in answer and 'href="/query?sql=' in answer and "env=dev_ana" in answer
    assert own.get("/api/v1/datasets/customer_orders/rows?env=dev_ana").json()["row_count"] == 3
    assert log(own)[0].environment == "dev_ana"
