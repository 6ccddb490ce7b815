"""On PostgreSQL rows come the same way, and a release is not kept waiting for those who read."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from portal_shop import Portal, portal_of
from test_roll_back import outcome, roll_back
from test_rows import ENDLESS, content, posted

from dryland.portal.rows.warehouse import HELD_S

pytestmark = pytest.mark.slow


@pytest.fixture
def shop(pg_shop: Any) -> Iterator[Portal]:
    pg_shop.dryland("apply", "--yes")
    pg_shop.edit("models/marts/big_spenders.sql", "> 20", "> 10")
    pg_shop.dryland("apply", "--yes")
    with portal_of(pg_shop.root) as portal:
        yield portal


def test_rows_leave_postgresql_and_a_release_comes_back_meanwhile(shop: Portal) -> None:
    text = posted(shop, "/query/run", sql="select name, revenue from customer_orders order by 1").text
    assert '<td>Ana</td><td class="number">25.5' in text
    assert "A query, in the words of PostgreSQL" in shop.page("/query")
    for form in ("jsonl", "csv", "parquet", "arrow"):
        data = shop.get(f"/api/v1/datasets/customer_orders/rows?columns=customer_id,revenue&format={form}").content
        assert content(form, data) == (["customer_id", "revenue"], 3)
    assert "Ana" in shop.page("/datasets/customer_orders/sample")
    refused = posted(shop, "/query/run", sql="select pg_read_file('/etc/passwd')")
    assert refused.status_code == 400 and "root:" not in refused.text
    wrong = posted(shop, "/query/run", sql="select revenu from customer_orders")
    assert wrong.status_code == 400 and "revenu" in wrong.text
    answers: list[Any] = []
    asking = threading.Thread(target=lambda: answers.append(posted(shop, "/query/run", sql=ENDLESS, name="mine")))
    asking.start()
    while not shop.desk.rows.running._answers:
        time.sleep(0.01)
    began = time.monotonic()
    assert "Done: readers of prod see" in outcome(shop, roll_back(shop))
    assert time.monotonic() - began < HELD_S
    assert asking.is_alive(), "nobody's query is in its way"
    assert posted(shop, "/query/stop", name="mine").status_code == 200
    asking.join()
    assert answers[0].status_code == 400 and "the query was stopped" in answers[0].text
