"""What every engine must do, written against the protocols; a new engine joins the list in `opening`."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import pytest
from opening import COUNTLESS, FOLDING, READERS, STORE, TYPES, at, heard, kinds, make, opened, rows

from dryland.engines.protocol import Engine
from dryland.engines.publication import Publication
from dryland.engines.registry import Address
from dryland.engines.relation import Column
from dryland.errors import ConfigError, DrylandError, ModelError, QueryError

pytestmark = pytest.mark.medium

HOSTILE = (
    "plain", "With Capitals", "select", 'quo"te', '"', "semi;colon", "drop table x; --", "per%cent", "ünïcødé", "表",
    "a.b", "0digit", "long_" * 12, "it's", "back`tick", "tab\there", "line\nbreak", "/* no */", "{{ jinja }}", "🐟",
    " ",
)  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_any_name_is_a_name(engine: Engine, name: str) -> None:
    """Of tables, views and environments."""
    store, reader = make(engine, name, "select 7 as x"), at(engine, name, READERS)
    engine.publish(Publication(name, "1", {reader: store}))
    assert rows(engine, reader) == [(7,)]
    assert kinds(engine, READERS) == {name: "view"}
    assert list(engine.columns([store])) == [store]
    assert engine.published() == {name: "1"}
    copy = at(engine, f"{name} 2")
    with engine.session() as session:
        session.clone_table(store, copy)
        session.create_view(at(engine, f"{name} 3"), f"select * from {engine.render(copy)}")
        assert session.describe(f"select * from {engine.render(copy)}")[0].name == "x"
    assert kinds(engine, STORE) == {name: "table", f"{name} 2": "table", f"{name} 3": "view"}
    engine.publish(Publication(name, "2", {}, (reader,)))
    assert kinds(engine, READERS) == {}
    engine.forget(name)
    assert engine.published() == {}
    with engine.session() as session:
        session.drop([(at(engine, f"{name} 3"), "view"), (store, "table"), (copy, "table")])
    assert kinds(engine, STORE) == {}


@pytest.mark.parametrize("name", HOSTILE)
def test_any_name_names_a_schema_and_a_column(engine: Engine, name: str, tmp_path: Path) -> None:
    relation = at(engine, name, name)
    (tmp_path / "seed.csv").write_text(f'"{name.replace(chr(34), chr(34) * 2)}"\n1\n')
    with engine.session() as session:
        session.create_schema([(engine.database, name)])
        session.load_csv(relation, str(tmp_path / "seed.csv"), {name: "integer"})
    (column,) = engine.columns([relation])[relation]
    assert column.name == name
    assert kinds(engine, name) == {name: "table"}
    assert rows(engine, relation) == [(1,)]


def test_a_name_is_never_cut(engine: Engine) -> None:
    """Two that are alike for as long as the warehouse looks would be one table."""
    name = "long_" * 20
    if engine.name_bytes_max is None:
        assert rows(engine, make(engine, name)) == [(1,)]
        assert kinds(engine, STORE) == {name: "table"}
    else:
        with pytest.raises(ConfigError, match=f"at most {engine.name_bytes_max}"):
            make(engine, name)
        assert engine.columns([at(engine, name)]) == {}


def test_everything_of_many_schemas_is_listed_in_one_query(engine: Engine) -> None:
    for number in range(5):
        with engine.session() as session:
            session.create_schema([(engine.database, f"s{number}")])
        make(engine, "t", schema=f"s{number}")
        make(engine, "u", schema=f"s{number}")
    with heard(engine) as statements:
        found = engine.list_relations([(engine.database, f"s{number}") for number in (0, 1, 2, 2, 9)])
    assert len(statements) == 1
    assert sorted(str(each.relation) for each in found) == ["s0.t", "s0.u", "s1.t", "s1.u", "s2.t", "s2.u"]
    assert engine.list_relations([]) == ()


def test_the_columns_of_many_relations_are_one_query(engine: Engine) -> None:
    made = [make(engine, f"t{number}", f"select {number} as c{number}, 'x' as d") for number in range(20)]
    with heard(engine) as statements:
        found = engine.columns([*made, at(engine, "not_there"), at(engine, "t1", READERS)])
    assert len(statements) == 1
    assert found.keys() == set(made)
    assert [[column.name for column in found[relation]] for relation in made[:2]] == [["c0", "d"], ["c1", "d"]]
    assert engine.columns([]) == {}


def test_a_view_is_listed_with_its_query(engine: Engine) -> None:
    table = make(engine, "t")
    with engine.session() as session:
        session.create_view(at(engine, "v"), f"select x as renamed from {engine.render(table)}")
    found = {each.relation.name: each for each in engine.list_relations([(engine.database, STORE)])}
    assert found["t"].definition == ""
    assert "renamed" in found["v"].definition
    assert [column.name for column in engine.columns([at(engine, "v")])[at(engine, "v")]] == ["renamed"]


def test_a_name_is_found_however_the_engine_compares_it(engine: Engine) -> None:
    """DuckDB takes `Orders` and `orders` for one: so must whoever looks for it. The answer speaks as it was asked."""
    with engine.session() as session:
        session.create_schema([(engine.database, "Mixed")])
    relation = make(engine, "Orders", schema="Mixed")
    asked = at(engine, "orders", "mixed")
    if engine.name not in FOLDING:
        assert engine.columns([asked]) == {}
        assert engine.list_relations([(engine.database, "MIXED"), (engine.database.upper(), "Mixed")]) == ()
        with engine.session() as session, pytest.raises(QueryError):
            session.fetch(f"select * from {engine.render(asked)}")
    else:
        assert engine.columns([asked])[asked] == engine.columns([relation])[relation]
        found = engine.list_relations([(engine.database.upper(), "MIXED")])
        assert [str(each.relation) for each in found] == ["MIXED.Orders"]


def test_the_engines_own_notes_are_not_listed(engine: Engine) -> None:
    engine.publish(Publication("prod", "1", {}))
    assert kinds(engine, STORE) == {}


def test_columns_and_types_are_told_in_their_order(engine: Engine) -> None:
    relation = make(
        engine, "typed", "select 1 as b, 'x' as a, cast(1.5 as decimal(10, 2)) as c, date '2026-01-01' as d"
    )
    found = engine.columns([relation])
    assert [column.name for column in found[relation]] == ["b", "a", "c", "d"]
    with engine.session() as session:
        described = session.describe(f"select * from {engine.render(relation)} -- all of it")
        nothing = session.describe("select 1 as x where false")
    assert tuple(described) == found[relation]
    assert [column.name for column in nothing] == ["x"]


def test_describing_a_query_does_not_run_it(engine: Engine) -> None:
    began = time.monotonic()
    with engine.session() as session:
        assert session.describe(COUNTLESS[engine.name])
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    "query", ["select 1 as x -- a comment", "with a as (select 1 as x) select * from a", "select 1 as x\n"]
)
def test_a_query_stands_where_it_is_put(engine: Engine, query: str) -> None:
    with engine.session() as session:
        session.create_table_as(at(engine, "t"), query)
        session.create_view(at(engine, "v"), query)
    assert rows(engine, at(engine, "t")) == rows(engine, at(engine, "v")) == [(1,)]


def test_a_table_takes_the_place_of_a_leftover_of_its_name_and_keeps_it_when_it_fails(engine: Engine) -> None:
    make(engine, "t", "select 'leftover' as y, 1 as z")
    relation = make(engine, "t")
    assert rows(engine, relation) == [(1,)]
    with pytest.raises(DrylandError):
        make(engine, "t", "select cast(x as integer) as x from (values ('1'), ('no')) as v(x)")
    assert rows(engine, relation) == [(1,)]


def test_a_transaction_that_fails_leaves_nothing(engine: Engine) -> None:
    with engine.session() as session, pytest.raises(ZeroDivisionError), session.transaction():
        session.create_table_as(at(engine, "half"), "select 1 as x")
        raise ZeroDivisionError
    with engine.session() as session, pytest.raises(QueryError), session.transaction():
        session.create_table_as(at(engine, "half"), "select 1 as x")
        session.execute("select no_such_column")
    assert kinds(engine, STORE) == {}


def test_what_is_only_attempted_spoils_no_transaction(engine: Engine) -> None:
    """A query that is refused is undone alone: what was done before it stands, and more can be done."""
    if engine.name == "duckdb" and duckdb.__version__.startswith("2."):
        pytest.skip("DuckDB 2 ends a transaction with every error, and has no savepoints")
    table = make(engine, "t", "select 1 as x")
    name = engine.render(table)
    with engine.session() as session, session.transaction():
        session.execute(f"insert into {name} values (2)")
        with pytest.raises(QueryError), session.attempt():
            session.fetch(f"select nowhere from {name}")
        with session.attempt():
            session.execute(f"insert into {name} values (3)")
    assert rows(engine, table) == [(1,), (2,), (3,)]


def test_others_see_a_transaction_when_it_is_over(engine: Engine) -> None:
    relation = make(engine, "t")
    with engine.session() as session:
        with session.transaction():
            assert session.execute(f"insert into {engine.render(relation)} values (2), (3)") in (2, -1)
            assert rows(engine, relation) == [(1,)]
        assert rows(engine, relation) == [(1,), (2,), (3,)]


def test_threads_have_sessions_of_their_own(engine: Engine) -> None:
    def work(number: int) -> list[tuple]:
        return rows(engine, make(engine, f"t{number}", f"select {number} as x"))

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(work, range(40))) == [[(number,)] for number in range(40)]
    assert len(kinds(engine, STORE)) == 40


def test_a_clone_changes_on_its_own(engine: Engine) -> None:
    source = make(engine, "source")
    copy = at(engine, "copy")
    with engine.session() as session:
        session.clone_table(source, copy)
        session.execute(f"insert into {engine.render(copy)} values (2)")
    assert (rows(engine, source), rows(engine, copy)) == ([(1,)], [(1,), (2,)])


def test_a_csv_file_is_loaded_with_its_types(engine: Engine, tmp_path: Path) -> None:
    file = tmp_path / "it's a file.csv"
    file.write_text('id;name;day\n1;"semi;colon";2026-01-01\n2;;\n3;"two\nlines ""quoted""";2026-01-03\n')
    with engine.session() as session:
        session.load_csv(at(engine, "loaded"), str(file), {"id": "bigint", "name": "text", "day": "date"}, ";")
    assert [(row[0], row[1], str(row[2])) for row in rows(engine, at(engine, "loaded"))] == [
        (1, "semi;colon", "2026-01-01"), (2, None, "None"), (3, 'two\nlines "quoted"', "2026-01-03"),
    ]  # fmt: skip


def test_a_csv_file_with_a_header_only_is_an_empty_table(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_text("id,name\n")
    with engine.session() as session:
        session.load_csv(at(engine, "loaded"), str(tmp_path / "empty.csv"), {"id": "bigint", "name": "text"})
    assert rows(engine, at(engine, "loaded")) == []


def test_a_csv_file_that_does_not_fit_its_types_is_an_error_and_leaves_nothing(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "bad.csv").write_text("id\n1\nten\n")
    with engine.session() as session, pytest.raises(DrylandError, match="ten"):
        session.load_csv(at(engine, "loaded"), str(tmp_path / "bad.csv"), {"id": "bigint"})
    assert kinds(engine, STORE) == {}


@pytest.mark.parametrize("form", ["pandas", "arrow", "reader", "polars", "own"])
def test_frames_of_every_form_become_a_table(engine: Engine, form: str) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    table = pyarrow.table({"x": [1, 2, None], "Odd name": ["a", None, "c"]})
    source = make(engine, "source", "select * from (values (1, 'a'), (2, null), (null, 'c')) as v(x, \"Odd name\")")
    with engine.session() as session:
        data = {
            "pandas": lambda: __import__("pandas").DataFrame({"x": [1, 2, None], "Odd name": ["a", None, "c"]}),
            "arrow": lambda: table,
            "reader": lambda: table.to_reader(),
            "polars": lambda: pytest.importorskip("polars").from_arrow(table),
            "own": lambda: session.table(source),
        }[form]()  # fmt: skip
        session.load(at(engine, "loaded"), data, dict(zip(("x", "Odd name"), TYPES[engine.name], strict=True)))
        session.load(at(engine, "as_it_is"), table)
    assert rows(engine, at(engine, "loaded")) == rows(engine, source)
    whole, text = TYPES[engine.name]
    assert engine.columns([at(engine, "loaded")])[at(engine, "loaded")] == (
        Column("x", whole),
        Column("Odd name", text),
    )
    assert rows(engine, at(engine, "as_it_is")) == rows(engine, source)


def test_data_that_is_no_table_is_refused(engine: Engine) -> None:
    with engine.session() as session, pytest.raises(ModelError, match="cannot make a table of 'int'"):
        session.load(at(engine, "loaded"), 42)


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_query_is_written_to_a_file(engine: Engine, tmp_path: Path, ending: str) -> None:
    file = tmp_path / f"out's.{ending}"
    with engine.session() as session:
        assert session.copy_to_file("select 1 as a, 'x' as b union all select 2, null", str(file)) == 2
    quoted = str(file).replace("'", "''")
    with duckdb.connect() as reader:
        assert reader.execute(f"select * from '{quoted}' order by 1").fetchall() == [(1, "x"), (2, None)]


def test_a_long_statement_is_cancelled_from_another_thread(engine: Engine) -> None:
    threading.Timer(0.3, engine.cancel).start()
    began = time.monotonic()
    with engine.session() as session, pytest.raises(DrylandError):
        session.fetch(COUNTLESS[engine.name])
    assert 0.2 < time.monotonic() - began < 15
    with engine.session() as session:
        assert session.fetch("select 1").rows == ((1,),)


def test_one_session_is_interrupted_and_others_are_not(engine: Engine) -> None:
    with engine.session() as one, engine.session() as other:
        threading.Timer(0.3, one.interrupt).start()
        with pytest.raises(DrylandError):
            one.fetch(COUNTLESS[engine.name])
        assert other.fetch("select 1").rows == ((1,),)


def test_cancelling_nothing_does_nothing(engine: Engine) -> None:
    engine.cancel()
    with engine.session() as session:
        engine.cancel()
        assert session.fetch("select 1").rows == ((1,),)


def test_a_wrong_query_is_an_error_of_ours_with_the_engines_advice(engine: Engine) -> None:
    relation = make(engine, "orders", "select 1 as amount")
    with engine.session() as session, pytest.raises(QueryError) as raised:
        session.fetch(f"select amont from {engine.render(relation)}")
    assert "amont" in raised.value.message
    assert "amount" in raised.value.hint
    assert "select amont" in raised.value.sql
    assert not raised.value.transient


def test_two_that_write_the_same_row_at_once_are_told_to_try_again(engine: Engine) -> None:
    relation = make(engine, "t")
    update = f"update {engine.render(relation)} set x = x + 1"
    with engine.session() as one, engine.session() as other, one.transaction():
        one.execute(update)
        with pytest.raises(QueryError) as raised, other.transaction():
            other.execute(update)
    assert raised.value.transient
    assert rows(engine, relation) == [(2,)]


def test_a_small_answer_may_be_cut(engine: Engine) -> None:
    with engine.session() as session:
        answer = session.fetch("select * from (values (1, 'a'), (2, 'b'), (3, 'c')) as v(x, y)", rows_max=2)
    assert answer.as_dicts() == [{"x": 1, "y": "a"}, {"x": 2, "y": "b"}]


def test_syntax_is_checked_without_running(engine: Engine) -> None:
    assert engine.syntax_error("select 1 as x") is None
    assert engine.syntax_error("select * from no_such_table") is None
    found = engine.syntax_error("select 1\nfrom where")
    assert found is not None and found[1] == 2


def test_syntax_is_what_the_engine_takes_for_it(engine: Engine) -> None:
    """Of SQL that parsers of other people do not know."""
    odd = {"duckdb": "from (values (1)) as t(x) select x", "postgres": "select 1 as x order by x using >"}
    assert engine.syntax_error(odd[engine.name]) is None


def test_what_was_built_and_published_is_there_when_it_is_opened_again(address: Address) -> None:
    first = opened(address)
    with first.session() as session:
        session.create_schema([(first.database, READERS)])
    view = at(first, "orders", READERS)
    first.publish(Publication("prod", "3", {view: make(first, "orders__1", "select 5 as x")}))
    first.close()
    again = opened(address)
    try:
        assert (rows(again, view), again.published()) == ([(5,)], {"prod": "3"})
    finally:
        again.close()


def test_whole_numbers_may_be_written_as_fractions(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "seed.csv").write_text("id\n1\n12.0\n1e3\n")
    with engine.session() as session:
        session.load_csv(at(engine, "loaded"), str(tmp_path / "seed.csv"), {"id": "bigint"})
    assert rows(engine, at(engine, "loaded")) == [(1,), (1000,), (12,)]
