"""What was worked out for one is there for all: once, however many ask, and as long as somebody asks for it."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from portal_shop import Portal

from dryland.portal.facts.answers import Answers


def test_one_works_out_what_many_ask_for_at_once() -> None:
    answers, made = Answers(), []

    def make() -> int:
        time.sleep(0.05)
        made.append(1)
        return len(made)

    with ThreadPoolExecutor(16) as people:
        assert set(people.map(lambda _: answers.once("costs", make), range(16))) == {1}
    assert len(made) == 1
    assert "costs" in answers and "trends" not in answers


def test_what_is_asked_for_again_stays_and_what_nobody_asks_for_goes() -> None:
    """A thousand pages of single datasets do not push out what every one of them needs."""
    answers, made = Answers(most=10), []
    for number in range(100):
        answers.once("costs", lambda: made.append("costs"))
        answers.once(("story", number), lambda: None)
    assert made == ["costs"]
    assert ("story", 99) in answers and ("story", 50) not in answers


def test_what_could_not_be_worked_out_is_tried_again() -> None:
    answers = Answers()

    def fails() -> Any:
        raise ValueError("no room")

    for _ in range(2):
        with pytest.raises(ValueError, match="no room"):
            answers.once("costs", fails)
    assert answers.once("costs", lambda: 7) == 7


def test_a_drawing_has_what_is_made_from_its_datasets(looked_at: Portal) -> None:
    catalogue = looked_at.desk.library.current("prod")
    users = {uid: set(users) for uid, users in catalogue.users.items()}
    assert users == {
        uid: {name for name, each in catalogue.exposures.items() if uid in each.depends_on}
        for each in catalogue.exposures.values() for uid in each.depends_on
    }  # fmt: skip
    assert users["model.shop.big_spenders"]
