"""What readers see changes all at once or not at all, and nothing of somebody else's is lost."""

from __future__ import annotations

import pytest
from opening import FOLDING, READERS, STORE, at, kinds, make, rows

from dryland.engines.protocol import Engine
from dryland.engines.publication import Publication
from dryland.engines.relation import Relation
from dryland.errors import DrylandError, InTheWayError

pytestmark = pytest.mark.slow  # each publishes, and looks


def reader(engine: Engine, name: str) -> Relation:
    return at(engine, name, READERS)


def _skip_unless_one_name(engine: Engine, name: str, other: str) -> None:
    if name != other and engine.name not in FOLDING:
        pytest.skip(f"{engine.name} takes {name} and {other} for two names")


def seen(engine: Engine) -> tuple[dict[str, tuple[str, list]], dict[str, str]]:
    """Everything that readers see, and the notes."""
    found = kinds(engine, READERS)
    return {name: (kind, rows(engine, reader(engine, name))) for name, kind in found.items()}, engine.published()


def test_names_point_to_builds_and_the_release_is_noted(engine: Engine) -> None:
    one, two = make(engine, "one", "select 1 as x"), make(engine, "two", "select 'b' as y, 2 as z")
    engine.publish(Publication("prod", "7", {reader(engine, "a"): one}))
    assert seen(engine) == ({"a": ("view", [(1,)])}, {"prod": "7"})
    engine.publish(Publication("prod", "8", {reader(engine, "a"): two, reader(engine, "b"): one}))
    assert seen(engine) == ({"a": ("view", [("b", 2)]), "b": ("view", [(1,)])}, {"prod": "8"})
    assert [column.name for column in engine.columns([reader(engine, "a")])[reader(engine, "a")]] == ["y", "z"]


def test_a_schema_that_is_not_there_is_made(engine: Engine) -> None:
    name = Relation(engine.database, "brand new", "a")
    engine.publish(Publication("dev", "1", {name: make(engine, "one")}))
    assert rows(engine, name) == [(1,)]


def test_environments_have_notes_of_their_own(engine: Engine) -> None:
    engine.publish(Publication("prod", "1", {}))
    engine.publish(Publication("dev", "2", {}))
    engine.publish(Publication("prod", "3", {}))
    assert engine.published() == {"prod": "3", "dev": "2"}
    engine.forget("dev")
    engine.forget("never")
    assert engine.published() == {"prod": "3"}


def test_nothing_is_published_where_nothing_was(engine: Engine) -> None:
    assert engine.published() == {}


@pytest.mark.parametrize("broken_at", range(5))
def test_a_view_that_fails_in_the_middle_leaves_everything_as_it_was(engine: Engine, broken_at: int) -> None:
    old, new = make(engine, "old", "select 1 as x"), make(engine, "new", "select 2 as x")
    theirs = make(engine, "theirs", "select 99 as x", schema=READERS)
    names = [reader(engine, f"v{number}") for number in range(5)]
    engine.publish(Publication("prod", "1", {**dict.fromkeys(names, old), reader(engine, "gone"): old}))
    before = seen(engine)
    views = dict.fromkeys(names, new) | {names[broken_at]: at(engine, "not_there"), theirs: at(engine, "adopted")}
    moves = {theirs: at(engine, "adopted")}
    with pytest.raises(DrylandError):
        engine.publish(Publication("prod", "2", views, (reader(engine, "gone"),), moves))
    assert seen(engine) == before
    assert kinds(engine, STORE) == {"old": "table", "new": "table"}
    engine.publish(Publication("prod", "2", dict.fromkeys(names, new)))
    assert rows(engine, names[0]) == [(2,)]


def test_what_is_dropped_is_gone_and_what_is_not_there_is_no_matter(engine: Engine) -> None:
    build = make(engine, "one")
    engine.publish(Publication("prod", "1", {reader(engine, "a"): build, reader(engine, "b"): build}))
    engine.publish(Publication("prod", "2", {}, (reader(engine, "a"), reader(engine, "never"))))
    assert seen(engine) == ({"b": ("view", [(1,)])}, {"prod": "2"})
    assert kinds(engine, STORE) == {"one": "table"}


def test_a_drop_never_takes_a_table(engine: Engine) -> None:
    """Somebody may have replaced our view by a table of theirs."""
    make(engine, "a", "select 99 as x", schema=READERS)
    engine.publish(Publication("prod", "1", {}, (reader(engine, "a"),)))
    assert seen(engine) == ({"a": ("table", [(99,)])}, {"prod": "1"})


@pytest.mark.parametrize("name", ["orders", "Orders"])
@pytest.mark.parametrize("what", ["select 99 as x", "select 99 as x from my_dryland_store.t"])
def test_a_view_of_somebody_else_is_never_replaced_or_dropped(engine: Engine, name: str, what: str) -> None:
    """Only views of builds are ours."""
    _skip_unless_one_name(engine, name, "orders")
    ours = make(engine, "orders__1")
    with engine.session() as session:
        session.create_schema([(engine.database, "my_dryland_store")])
        make(engine, "t", schema="my_dryland_store")
        session.create_view(reader(engine, "orders"), what)
    with pytest.raises(InTheWayError, match=f"stand at readers.{name}"):
        engine.publish(Publication("prod", "1", {reader(engine, name): ours}))
    engine.publish(Publication("prod", "2", {}, (reader(engine, name),)))
    assert seen(engine) == ({"orders": ("view", [(99,)])}, {"prod": "2"})


def test_our_views_are_replaced_and_dropped_however_their_name_is_written(engine: Engine) -> None:
    _skip_unless_one_name(engine, "Orders", "orders")
    one, two = make(engine, "one", "select 1 as x"), make(engine, "two", "select 2 as x")
    engine.publish(Publication("prod", "1", {reader(engine, "Orders"): one, reader(engine, "B"): one}))
    engine.publish(Publication("prod", "2", {reader(engine, "orders"): two}, (reader(engine, "b"),)))
    assert [rows for _, rows in seen(engine)[0].values()] == [[(2,)]]


@pytest.mark.parametrize("name", ["orders", "Orders"])
def test_a_table_of_somebody_else_is_never_replaced(engine: Engine, name: str) -> None:
    """However its name is written."""
    _skip_unless_one_name(engine, name, "orders")
    make(engine, "orders", "select 99 as x", schema=READERS)
    ours = make(engine, "orders__1")
    with pytest.raises(InTheWayError, match=f"stand at readers.{name}"):
        engine.publish(Publication("prod", "1", {reader(engine, name): ours, reader(engine, "a"): ours}))
    assert seen(engine) == ({"orders": ("table", [(99,)])}, {})


def test_every_table_in_the_way_is_named(engine: Engine) -> None:
    ours = make(engine, "ours")
    names = [make(engine, name, schema=READERS) for name in ("b", "a")]
    with pytest.raises(InTheWayError, match=r"stand at readers\.a, readers\.b") as raised:
        engine.publish(Publication("prod", "1", dict.fromkeys(names, ours)))
    assert raised.value.objects == ("readers.a", "readers.b")
    assert "--adopt" in raised.value.hint


def taken_over(engine: Engine) -> dict[Relation, Relation]:
    """A table, and views over it and over each other, as an earlier tool left them."""
    table = make(engine, "orders", "select 99 as x, 'it''s' as \"Odd name\"", schema=READERS)
    with engine.session() as session:
        shop = engine.render(table)
        session.create_view(reader(engine, "a_top"), f"select x + 1 as y from {shop}")
        session.create_view(reader(engine, "top_top"), f"select y from {engine.render(reader(engine, 'a_top'))}")
        session.execute(f"create view {engine.render(reader(engine, 'named'))} (one, two) as select * from {shop}")
    names = ("orders", "a_top", "top_top", "named")
    return {reader(engine, name): at(engine, f"{name}__a") for name in names}


def test_what_is_taken_over_is_handed_back_as_it_was(engine: Engine) -> None:
    moves = taken_over(engine)
    before = seen(engine)
    engine.publish(Publication("prod", "1", moves, moves=moves))
    kinds_now = {name: kind for name, (kind, _) in seen(engine)[0].items()}
    assert kinds_now == dict.fromkeys(("orders", "a_top", "top_top", "named"), "view")
    assert {name: rows for name, (_, rows) in seen(engine)[0].items()} == {
        name: rows for name, (_, rows) in before[0].items()
    }
    assert kinds(engine, STORE) == {
        "orders__a": "table", "a_top__a": "view", "top_top__a": "view", "named__a": "view",
    }  # fmt: skip
    engine.publish(Publication("prod", "2", {}, returns=moves))
    assert seen(engine) == (before[0], {"prod": "2"})


def test_what_was_taken_over_is_replaced_by_a_build_and_still_handed_back(engine: Engine) -> None:
    moves = taken_over(engine)
    before = seen(engine)
    build = make(engine, "orders__1", "select 5 as x, 'new' as \"Odd name\"")
    engine.publish(Publication("prod", "1", {**moves, reader(engine, "orders"): build}, moves=moves))
    assert seen(engine)[0] == {
        "orders": ("view", [(5, "new")]), "a_top": ("view", [(6,)]), "top_top": ("view", [(6,)]),
        "named": ("view", [(5, "new")]),
    }  # fmt: skip
    engine.publish(Publication("prod", "2", {}, returns=moves))
    assert seen(engine)[0] == before[0]


def test_what_somebody_made_there_since_is_not_overwritten(engine: Engine) -> None:
    moves = taken_over(engine)
    engine.publish(Publication("prod", "1", moves, moves=moves))
    with engine.session() as session:
        session.execute(f"drop view {engine.render(reader(engine, 'orders'))} cascade")
    make(engine, "orders", "select 'new' as z", schema=READERS)
    engine.publish(Publication("prod", "2", {}, returns={reader(engine, "orders"): moves[reader(engine, "orders")]}))
    assert rows(engine, reader(engine, "orders")) == [("new",)]


def test_a_view_that_somebody_made_there_since_is_not_overwritten(engine: Engine) -> None:
    moves = taken_over(engine)
    engine.publish(Publication("prod", "1", moves, moves=moves))
    with engine.session() as session:
        session.execute(f"drop view {engine.render(reader(engine, 'orders'))} cascade")
        session.create_view(reader(engine, "orders"), "select 'new' as z")
    engine.publish(Publication("prod", "2", {}, returns={reader(engine, "orders"): moves[reader(engine, "orders")]}))
    assert rows(engine, reader(engine, "orders")) == [("new",)]


def test_many_views_are_swapped_at_once(engine: Engine) -> None:
    """Readers that look again and again see one release or the other, never some of each."""
    import threading

    builds = {number: make(engine, f"b{number}", f"select {number} as x") for number in (1, 2)}
    names = [reader(engine, f"v{number}") for number in range(50)]
    engine.publish(Publication("prod", "1", dict.fromkeys(names, builds[1])))
    mixed: list[set] = []
    stop = threading.Event()

    def look() -> None:
        query = " union all ".join(f"select x from {engine.render(name)}" for name in names)
        with engine.session() as session:
            while not stop.is_set():
                values = {x for (x,) in session.fetch(query).rows}
                if len(values) != 1:
                    mixed.append(values)

    watcher = threading.Thread(target=look)
    watcher.start()
    for release in range(2, 12):
        engine.publish(Publication("prod", str(release), dict.fromkeys(names, builds[1 + release % 2])))
    stop.set()
    watcher.join()
    assert mixed == []
