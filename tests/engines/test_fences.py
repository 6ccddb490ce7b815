"""Whoever was away while another took over publishes nothing any more, whatever else is noted or forgotten."""

from __future__ import annotations

import pytest
from opening import READERS, STORE, at, make, rows

from dryland.engines.protocol import Engine
from dryland.engines.publication import Publication
from dryland.errors import FencedError

pytestmark = pytest.mark.slow  # each publishes, and looks


def to(engine: Engine, release: str, fence: int, value: int, environment: str = "prod") -> Publication:
    build = make(engine, f"build_{value}", f"select {value} as x")
    return Publication(environment, release, {at(engine, "a", READERS): build}, fence=fence)


def shown(engine: Engine) -> tuple[list, dict[str, str]]:
    return rows(engine, at(engine, "a", READERS)), engine.published()


def test_a_smaller_fence_than_the_noted_one_publishes_nothing(engine: Engine) -> None:
    engine.publish(to(engine, "1", 7, 1))
    with pytest.raises(FencedError, match="the warehouse knows fence 7, and this process has 6") as refused:
        engine.publish(to(engine, "2", 6, 2))
    assert (refused.value.noted, refused.value.exit_code) == (7, 3)
    assert shown(engine) == ([(1,)], {"prod": "1"})
    engine.publish(to(engine, "3", 7, 3))
    engine.publish(to(engine, "4", 8, 4))
    assert shown(engine) == ([(4,)], {"prod": "4"})


def test_a_fence_alone_is_enough_and_leaves_the_release(engine: Engine) -> None:
    engine.publish(to(engine, "1", 3, 1))
    engine.fence("prod", 5)
    assert shown(engine) == ([(1,)], {"prod": "1"})
    with pytest.raises(FencedError):
        engine.publish(to(engine, "2", 3, 2))
    with pytest.raises(FencedError):
        engine.fence("prod", 4)
    assert shown(engine) == ([(1,)], {"prod": "1"})


def test_a_fence_of_an_environment_that_shows_nothing_is_no_release(engine: Engine) -> None:
    engine.fence("new", 2)
    assert engine.published() == {}
    with pytest.raises(FencedError):
        engine.publish(to(engine, "1", 1, 1, "new"))


def test_environments_have_fences_of_their_own(engine: Engine) -> None:
    engine.publish(to(engine, "1", 9, 1))
    engine.publish(Publication("dev", "2", {}, fence=4))
    assert engine.published() == {"prod": "1", "dev": "2"}


def test_an_environment_that_is_gone_keeps_its_fence(engine: Engine) -> None:
    """Or a process that was paused would bring it back."""
    engine.publish(to(engine, "1", 3, 1))
    engine.publish(Publication("prod", "", {}, (at(engine, "a", READERS),), fence=4))
    engine.forget("prod")
    assert engine.published() == {}
    with pytest.raises(FencedError):
        engine.publish(to(engine, "2", 3, 2))


def test_what_is_published_under_no_lease_is_let_through_and_lowers_no_fence(engine: Engine) -> None:
    engine.publish(to(engine, "1", 3, 1))
    engine.publish(to(engine, "2", 0, 2))
    assert shown(engine) == ([(2,)], {"prod": "2"})
    with pytest.raises(FencedError):
        engine.publish(to(engine, "3", 2, 3))


def test_notes_of_a_time_before_fences_are_brought_forward(engine: Engine) -> None:
    notes = engine.render(at(engine, "published", STORE))
    with engine.session() as session:
        session.execute(f"create table {notes} (environment text primary key, release text, published_at timestamptz)")
        session.execute(f"insert into {notes} values ('prod', '5-a', now())")
    assert engine.published() == {"prod": "5-a"}
    engine.publish(to(engine, "6-b", 1, 1))
    assert engine.published() == {"prod": "6-b"}
    with engine.session() as session:
        session.execute(f"update {notes} set fence = 2")
    with pytest.raises(FencedError):
        engine.publish(to(engine, "7-c", 1, 2))
