"""What goes out over the desk can be stopped by whoever asked, ends with its time, and is written down."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from shop_desk import PEOPLE, PLAIN, rows

from dryland.access.answer import Running
from dryland.access.desk import Desk, Request
from dryland.access.exporting import FORMATS, chunks, write
from dryland.access.journal import BATCH, Journal
from dryland.access.person import LOCAL, PERMISSIONS, ROLES, Person
from dryland.engines.protocol import Engine
from dryland.errors import QueryError, RightsError, StepTimeoutError, UsageError
from dryland.project.access_rules import AccessLimits
from dryland.state.people import AuditEntry
from dryland.state.store import State

pytestmark = pytest.mark.medium

ENDLESS = "select count(*) from generate_series(1, 100000) a(x), generate_series(1, 10000000) b(y) where x + y = 7"
STREAMED = "select g, repeat('x', 500) from generate_series(1, 20000) as s(g)"


def test_a_query_is_stopped_by_whoever_asked_and_by_nobody_else(desk: Desk, state: State) -> None:
    refused = []

    def stop() -> None:
        for person in (PEOPLE["viewer"], PEOPLE["marketing"], Person("eve", ("engineer",))):
            try:
                desk.running.stop("mine", person)
            except RightsError:
                refused.append(person.name)
        desk.running.stop("mine", PLAIN)

    timer = threading.Timer(0.3, stop)
    timer.start()
    with pytest.raises(QueryError, match=r"(?i)interrupt|cancel"):
        rows(desk, ENDLESS, name="mine")
    timer.join()
    assert len(refused) == 3
    desk._journal.write()
    assert state.audit()[0].outcome == "stopped"
    with pytest.raises(RightsError, match="no such query"):
        desk.running.stop("mine", PLAIN)


def test_an_administrator_stops_anybodys_query(desk: Desk) -> None:
    threading.Timer(0.3, lambda: desk.running.stop("x", PEOPLE["admin"])).start()
    with pytest.raises(QueryError, match=r"(?i)interrupt|cancel"):
        rows(desk, ENDLESS, name="x")


def test_a_query_ends_with_its_time_and_the_log_says_so(desk_with: Callable[..., Desk], state: State) -> None:
    desk = desk_with(limits=AccessLimits(timeout_s=0.3))
    began = time.monotonic()
    with pytest.raises(StepTimeoutError):
        rows(desk, ENDLESS)
    assert time.monotonic() - began < 5
    desk._journal.write()
    assert state.audit()[0].outcome == "timed out"


def test_the_log_has_what_was_touched_and_given(desk: Desk, state: State) -> None:
    rows(desk, "select name from customers where email like 'z%' or country = 'pt'", address="10.0.0.7")
    rows(desk, "with o as (select * from orders) select count(*) from o")
    for sql in ("select * from payroll", "select * from read_text('x')"):
        with pytest.raises((RightsError, UsageError)):
            rows(desk, sql)
    with desk.dataset(Request(PEOPLE["viewer"], "sample"), "orders", columns=("amount",), rows=2) as answer:
        answer.all_rows()
    desk._journal.write()
    told = [
        (each.person, each.action, each.outcome, each.rows, dict(each.datasets)) for each in reversed(state.audit())
    ]
    every = ("order_id", "customer_id", "amount", "ordered_on", "channel")
    assert told == [
        ("ana", "query", "done", 1, {"model.shop.customers": ("name", "email", "country")}),
        ("ana", "query", "done", 1, {"model.shop.orders": every}),
        ("ana", "query", "refused", None, {}), ("ana", "query", "refused", None, {}),
        ("vic", "sample", "done", 2, {"model.shop.orders": ("amount",)}),
    ]  # fmt: skip
    assert state.audit(person="ana", limit=10)[-1].address == "10.0.0.7"
    assert len(state.audit(dataset="model.shop.orders")) == 2
    assert "'z%'" not in repr(state.audit())


def test_who_stops_reading_is_noted_with_what_he_got(desk: Desk, state: State) -> None:
    with desk.ask(Request(PLAIN), STREAMED) as answer:
        first = next(answer.blocks())
    desk._journal.write()
    (entry,) = state.audit()
    assert (entry.outcome, entry.rows) == ("done", len(first))


def test_the_log_is_written_in_batches_and_whole(state: State) -> None:
    now = [datetime.fromisoformat("2026-01-01")]
    written: list[int] = []
    real = state.put_audit
    state.put_audit = lambda entries: (written.append(len(entries)), real(entries))  # type: ignore[method-assign,assignment,arg-type,func-returns-value]
    journal = Journal(state, clock=lambda: now[0])
    entry = AuditEntry(now[0], "ana", "", "", "query", "done")
    threads = [threading.Thread(target=lambda: [journal.note(entry) for _ in range(BATCH)]) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    journal.close()
    assert sum(written) == len(state.audit(limit=1000)) == 3 * BATCH
    assert len(written) <= 7
    journal.note(entry)
    now[0] += timedelta(seconds=2)
    journal.note(AuditEntry(now[0], "ana", "", "", "query", "done"))
    assert written[-1] == 2, "nothing waits for long while others come"


@pytest.mark.parametrize("form", FORMATS)
def test_a_file_is_made_while_the_warehouse_still_answers(desk: Desk, form: str) -> None:
    with desk.ask(Request(PLAIN, "export", is_export=True), STREAMED) as answer:
        pieces = chunks(answer, form)
        first = next(pieces)
        assert first and (form == "xlsx" or answer.rows < 20_000)
        rest = sum(len(piece) for piece in pieces)
    assert answer.rows == 20_000 and rest > 0


def test_every_type_of_a_warehouse_gets_into_every_file(desk: Desk, warehouse: Engine) -> None:
    import pyarrow.parquet

    query = """select order_id, amount, ordered_on, channel, amount / 3 as third, order_id > 10 as late, null as no,
        cast('2026-01-02 03:04:05' as timestamp) as moment, cast('[1]' as json) as j,
        cast('3b241101-e2bb-4255-8caf-4136c566a962' as uuid) as u, array[1, 2] as list, 1e300 as wide from orders"""
    for form in FORMATS:
        file = io.BytesIO()
        with desk.ask(Request(PLAIN), query) as answer:
            assert write(answer, form, file) == 4
        if form == "parquet":
            table = pyarrow.parquet.read_table(io.BytesIO(file.getvalue()))
            assert table.num_rows == 4
            assert str(table.schema.field("amount").type).startswith(("decimal128(10, 2)", "double"))
            assert str(table.schema.field("moment").type) == "timestamp[us]"
    with pytest.raises(UsageError, match="no format"), desk.ask(Request(PLAIN), "select 1") as answer:
        chunks(answer, "exe")


def test_an_empty_answer_is_a_whole_file(desk: Desk) -> None:
    for form in FORMATS:
        file = io.BytesIO()
        with desk.ask(Request(PLAIN), "select * from orders where false") as answer:
            assert write(answer, form, file) == 0
        assert form == "json" or file.getvalue()


@pytest.mark.parametrize("permission", sorted(PERMISSIONS))
def test_a_right_is_had_through_a_role_and_within_a_tokens_scopes(permission: Any) -> None:
    for role, has in ROLES.items():
        assert Person("p", (role,)).may(permission) == (permission in has)
        assert not Person("p", (role,), scopes=frozenset()).may(permission)
        assert Person("p", (role,), scopes=frozenset({permission})).may(permission) == (permission in has)
    assert not Person("nobody").may(permission)
    assert LOCAL.may(permission)


def test_one_name_runs_one_query(desk: Desk) -> None:
    running = Running()
    with desk.ask(Request(PLAIN), "select 1") as answer:
        running.begin("a", PLAIN, answer)
        with pytest.raises(RightsError):
            running.begin("a", PEOPLE["viewer"], answer)
