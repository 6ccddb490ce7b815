"""Before anything is released a page says what that would change, and whom it would hit."""

from __future__ import annotations

import re
import threading
import time

import pytest
from portal_shop import Portal

from dryland.errors import WarehouseLockedError
from dryland.portal.facts.planned import Planned, Planning
from dryland.portal.rows.warehouse import GRACE_S

pytestmark = pytest.mark.medium

PARTIAL = {"hx-request": "true"}


def now(portal: Portal) -> str:
    """What the page shows once it is known."""
    return str(portal.get("/plan", **PARTIAL).text)


def edit(portal: Portal, path: str, old: str, new: str) -> None:
    file = portal.root / path
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def test_the_page_comes_at_once_and_asks_for_the_rest(own: Portal) -> None:
    text = own.page("/plan")
    assert 'hx-get="/plan"' in text and "Reading what changed" in text
    assert '<a class="button" href="/plan">What would be released now</a>' in own.page("/releases")


def test_nothing_written_is_nothing_to_do(own: Portal) -> None:
    (own.root / "models/late.yml").unlink()
    assert "Nothing to do: prod is what the project says." in now(own)


def test_an_edit_is_told_with_its_code_and_whom_it_hits(own: Portal) -> None:
    edit(own, "models/marts/big_spenders.sql", "> 10", "> 15")
    text = now(own)
    assert "alters which rows there are" in text and ">breaking<" in text
    assert re.search(r'class="removed">-.*&gt; 10.*\n.*class="added">\+.*&gt; 15', text)
    data = own.get("/api/v1/plan").json()
    assert [each["node"] for each in data["changes"] if each["change"] == "changed"] == ["model.shop.big_spenders"]


def test_who_looks_twice_has_it_planned_once(own: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    first, opened = now(own), own.desk.actions.opened
    monkeypatch.setattr(own.desk.actions, "opened", None)
    assert now(own).partition("It would")[2] == first.partition("It would")[2]
    monkeypatch.setattr(own.desk.actions, "opened", opened)
    edit(own, "models/marts/big_spenders.sql", "> 10", "> 15")
    assert now(own) != first


def test_a_project_that_cannot_be_read_says_so(own: Portal) -> None:
    own.page("/plan")
    edit(own, "models/marts/big_spenders.sql", "ref(", "ref('nothing_like_it') }} {{ ref(")
    text = now(own)
    assert "nothing_like_it" in text and "models/marts/big_spenders.sql:" in text


@pytest.mark.slow
def test_whoever_reads_is_waited_for_and_not_stopped(own: Portal) -> None:
    """Looking at a plan is no reason to stop somebody's query."""
    edit(own, "models/marts/big_spenders.sql", "> 10", "> 15")
    warehouse, told = own.desk.rows.warehouse, list[Planned]()
    catalogue = own.desk.library.current("prod")
    looker = threading.Thread(target=lambda: told.append(own.desk.planning.of(catalogue)))
    with warehouse.reading() as engine:
        looker.start()
        while not warehouse.is_shut:
            time.sleep(0.01)
        time.sleep(GRACE_S / 2)
        with engine.session() as session:
            assert session.fetch("select 1").rows == ((1,),) and told == []
    looker.join()
    assert told[0].changes("changed")[0].node == "model.shop.big_spenders"


def test_nobody_waits_in_line_for_a_plan(own: Portal) -> None:
    """Few threads answer everybody: while one plans, whoever else asks is told to come again."""
    with own.desk.planning._busy:
        answer = own.get("/api/v1/plan", 429)
        assert int(answer.headers["retry-after"]) > 0 and "being planned" in answer.text
    own.get("/api/v1/plan")
    with own.desk.planning._busy:
        own.desk.planning.of(own.desk.library.current("prod", is_new=False))


def test_what_failed_is_told_again_and_not_tried(own: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks without a pause keeps nobody from reading; who holds the warehouse is not for everybody."""
    catalogue, tried = own.desk.library.current("prod"), list[str]()

    def held(planning: Planning, environment: str) -> Planned:
        tried.append(environment)
        raise WarehouseLockedError("held by process 7 (python job.py --vars secret)")

    monkeypatch.setattr(Planning, "_made", held)
    for _ in range(3):
        with pytest.raises(WarehouseLockedError, match="held by others"):
            own.desk.planning.of(catalogue)
    assert tried == ["prod"]
