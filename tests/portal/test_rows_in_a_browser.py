"""People get rows out of the portal in Chromium: a file of columns they chose, answers in the console, and a stop."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from chromium import IN_CHROMIUM, page_for_axe, problems_on, watched_page
from portal_shop import copied, served
from test_rows import ENDLESS

pytestmark = IN_CHROMIUM


@pytest.fixture(scope="module")
def address(history_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A shop of its own: a file is open once in a process, and other tests read the rows of the one that all share."""
    with served(copied(history_once, tmp_path_factory.mktemp("rows") / "shop")) as found:
        yield found


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    with watched_page(browser, "400") as page:
        yield page


def test_somebody_finds_a_dataset_and_takes_two_of_its_columns_home(page: Any, address: str) -> None:
    page.goto(f"{address}/datasets?q=customer_orders")
    page.get_by_role("link", name="customer_orders", exact=True).click()
    page.get_by_role("link", name="Show some rows").click()
    page.locator("#sample table").wait_for()
    assert page.locator("#sample tbody tr").count() == 3
    page.get_by_role("link", name="Export").click()
    page.wait_for_url("**/export")
    page.get_by_role("checkbox", name="orders").uncheck()
    page.get_by_role("checkbox", name="customer_id").uncheck()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download the file").click()
    file = waiting.value
    assert file.suggested_filename.startswith("customer_orders-") and file.suggested_filename.endswith(".csv")
    head, *rows = csv.reader(io.StringIO(Path(file.path()).read_text()))
    assert head == ["name", "revenue"]
    assert sorted(rows) == [["Ana", "25.5"], ["Bo", "7.25"], ["Chi", "100.0"]]


def test_somebody_asks_mends_a_mistake_and_shares_the_query(page: Any, address: str) -> None:
    page.goto(f"{address}/query")
    page.locator("#words").fill("revenue")
    page.locator("#names details").nth(2).wait_for(state="detached")
    page.locator("#names summary", has_text="customer_orders").click()
    page.get_by_role("button", name="First rows").first.click()
    assert page.locator("#sql").input_value() == "select * from main.customer_orders limit 100"
    page.locator("#sql").fill("select name,\n  revenu from customer_orders")
    page.locator("#sql").press("Control+Enter")
    page.locator("#answer [role=alert]").wait_for()
    assert "revenu" in page.locator("#answer").inner_text()
    page.locator("#sql").fill("select name, revenue from customer_orders order by 2 desc")
    page.keyboard.press("Control+Enter")
    page.locator("#answer table").wait_for()
    assert page.locator("#answer tbody tr").first.inner_text().split() == ["Chi", "100.0"]
    page.get_by_role("link", name="Link to this query").click()
    page.wait_for_url("**/query?sql=**")
    assert page.locator("#sql").input_value() == "select name, revenue from customer_orders order by 2 desc"
    assert page.locator("#answer table").count() == 0, "an address asks nothing"
    page.locator("#before summary").click()
    assert page.locator("#before li").count() == 2
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download").click()
    assert Path(waiting.value.path()).read_text().startswith("name,revenue\nChi,100.0\n")


def test_a_long_query_is_stopped_by_keyboard(page: Any, address: str) -> None:
    page.goto(f"{address}/query?sql={quote(ENDLESS)}")
    page.locator("#sql").press("Control+Enter")
    stop = page.get_by_role("button", name="Stop it")
    stop.wait_for()
    page.wait_for_timeout(300)
    began = time.monotonic()
    stop.focus()
    page.keyboard.press("Enter")
    page.get_by_text("the query was stopped").wait_for()
    assert time.monotonic() - began < 3
    assert not stop.is_visible()
    page.locator("#sql").fill("select 42 as answer")
    page.locator("#sql").press("Control+Enter")
    page.locator("#answer table").wait_for()


def test_who_closes_the_page_stops_what_he_asked(browser: Any, history_once: Path, tmp_path: Path) -> None:
    with served(copied(history_once, tmp_path / "shop")) as own:
        context = browser.new_context()
        page = context.new_page()
        page.goto(f"{own}/query?sql={quote(ENDLESS)}")
        page.locator("#sql").press("Control+Enter")
        page.get_by_role("button", name="Stop it").wait_for()
        page.wait_for_timeout(300)
        context.close()
        began = time.monotonic()  # the portal stops serving when no query runs: its thread is waited for
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_answers(browser: Any, address: str, scheme: str) -> None:
    found = {}
    with page_for_axe(browser, scheme, 390) as page:
        for sql in ("select * from hostile", "select (", "select null as nothing from customer_orders where false"):
            page.goto(f"{address}/query?sql={quote(sql)}")
            page.locator("#sql").press("Control+Enter")
            page.locator("#answer").get_by_role("alert").or_(page.locator("#answer table")).wait_for()
            if problems := problems_on(page):
                found[sql] = problems
    assert found == {}


def test_the_console_is_whole_without_scripts(browser: Any, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/query")
    page.locator("#sql").fill("select name from customer_orders order by 1")
    page.get_by_role("button", name="Run").click()
    assert page.locator("#answer tbody tr").count() == 3
    page.get_by_role("button", name="Show what would be sent").click()
    assert "customer_orders" in page.locator("#answer pre").inner_text()
    context.close()
