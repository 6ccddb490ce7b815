"""A verdict says what is wrong, shows it without showing persons, and is asked for once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import duckdb
import pytest
from checking import Shop, changed, made, node_id, open_shop
from hypothesis import given
from hypothesis import strategies as st

from dryland.check.emptied import emptied
from dryland.check.hash import check_hash, may_change_by_itself
from dryland.check.threshold import exceeds, judge
from dryland.errors import ConfigError, QueryError
from dryland.project.nodes import Node, Place, Rendered
from dryland.project.project import Project, Warehouse
from dryland.state.records import Profile, Verdict

PAYMENTS = """
SELECT * FROM (VALUES (1, 'ana@x.org', 10), (2, 'bo@x.org', 20), (2, 'bo@x.org', NULL), (NULL, 'chi@x.org', 5))
AS t(id, email, amount)
"""


@pytest.fixture
def shop() -> Iterator[Shop]:
    with open_shop() as opened:
        opened.table(PAYMENTS)
        opened.table("SELECT * FROM (VALUES (1), (3), (NULL)) AS t(person_id)", "people")
        yield opened


def remembered(*verdicts: Verdict) -> Mapping[str, Verdict]:
    return {verdict.id: verdict for verdict in verdicts}


def test_a_verdict_on_the_same_build_is_not_asked_for_again(shop: Shop) -> None:
    checks = (made("not_null", "id"), made("unique", "id"), made("relationships", "id", arguments=PARENT))
    first = shop.check(*checks).verdicts
    again = shop.check(*checks, cached=remembered(*first)).verdicts
    assert shop.statements == []
    assert again == tuple(replace(verdict, cached=True) for verdict in first)


NOT_IN_NOTHING = 2 if duckdb.__version__.startswith("2.") else 0  # `NOT (id IN ())` became true with 2.0
PARENT = {"to": "people", "field": "person_id"}
NEEDED = {"accepted_values": {"values": [1]}, "relationships": PARENT}


def test_another_build_or_another_question_is_asked(shop: Shop) -> None:
    check = made("not_null", "id")
    cached = remembered(shop.verdict(check))
    assert not shop.verdict(check, cached=cached, build="other").cached
    assert not shop.verdict(changed(check, where="amount > 1"), cached=cached).cached
    assert shop.verdict(changed(check, name="renamed", description="new words", tags=("a",)), cached=cached).cached


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("column", "amount"), ("where", "id > 1"), ("limit", 1), ("fail_calc", "max(1)"), ("severity", "warn"),
        ("warn_if", "> 1"), ("error_if", "> 1"), ("arguments", {"mostly": 0.5}), ("kind", "unique"),
        ("store_failures", True), ("refs", (node_id("people"),)),
    ],
)  # fmt: skip
def test_whatever_changes_the_answer_changes_the_hash(name: str, value: object) -> None:
    check, project = made("not_null", "id"), Project("shop", None, Warehouse("duckdb", "w", "main"), {}, {}, {})  # type: ignore[arg-type]
    assert check_hash(check, project, "duckdb") != check_hash(changed(check, **{name: value}), project, "duckdb")


@pytest.mark.parametrize("name", ["name", "description", "unique_id", "alias"])
def test_words_for_people_do_not_change_the_hash(name: str) -> None:
    check, project = made("not_null", "id"), Project("shop", None, Warehouse("duckdb", "w", "main"), {}, {}, {})  # type: ignore[arg-type]
    assert check_hash(check, project, "duckdb") == check_hash(changed(check, **{name: "else"}), project, "duckdb")


def test_settings_with_which_a_query_gives_other_rows_change_the_hash() -> None:
    """The version of a source says nothing of the time zone in which its moments are read."""

    def hashed(**settings: object) -> str:
        warehouse = Warehouse("duckdb", "w", "main", {"settings": settings})
        return check_hash(made("not_null", "id"), Project("shop", None, warehouse, {}, {}, {}), "duckdb")  # type: ignore[arg-type]

    assert len({hashed(), hashed(timezone="UTC"), hashed(timezone="Asia/Tokyo")}) == 3
    assert hashed() == hashed(threads=4)


def test_how_a_query_is_written_down_does_not_change_the_hash() -> None:
    project = Project("shop", None, Warehouse("duckdb", "w", "main"), {}, {}, {})  # type: ignore[arg-type]

    def hashed(sql: str) -> str:
        return check_hash(made("singular", name="s", rendered=sql), project, "duckdb")

    assert hashed("select 1 as x -- why") == hashed("select  1\nas x")
    assert hashed("select 1 as x") != hashed("select 2 as x")
    assert hashed("select 'a' as x") != hashed("select 'A' as x")


def test_what_became_a_persons_is_masked_in_what_is_remembered(shop: Shop) -> None:
    check = made("not_null", "id")
    first = shop.verdict(check)
    again = replace(shop, persons={"payments": ["email"]}).verdict(check, cached=remembered(first))
    assert [row["email"] for row in (*first.sample, *again.sample)] == ["chi@x.org", "***"]
    assert again.cached


def test_failing_rows_are_kept_again_whoever_has_seen_the_build(shop: Shop) -> None:
    """Each environment keeps its own."""
    check = made("not_null", "id", store_failures=True, failures_schema="audit", alias="kept")
    first = shop.verdict(check, environment="prod")
    shop.verdict(check, environment="dev", cached=remembered(first))
    assert shop.fetch("select count(*) from duckdb_tables() where table_name like '%kept%'") == [(2,)]


def test_a_question_about_now_is_always_asked(shop: Shop) -> None:
    project = Project("shop", None, Warehouse("duckdb", "w", "main"), {}, {}, {})  # type: ignore[arg-type]
    for check in (
        made("not_null", "id", where="amount < extract(day from current_date) + 100"),
        made("not_null", "id", fail_calc="count(*) filter (where now() > date '2000-01-01')"),
        made("singular", name="now", rendered='select * from "w"."main"."payments" where now() < date \'2000-01-01\''),
    ):
        assert may_change_by_itself(check, project, "duckdb")
        assert not shop.verdict(check, cached=remembered(shop.verdict(check))).cached


def test_a_question_with_a_function_that_a_hook_defines_is_always_asked() -> None:
    """Until the hook has run it is another function."""
    hook = Rendered("create or replace macro most() as 10", {})
    project = Project("shop", None, Warehouse("duckdb", "w", "main"), {}, {}, {}, on_run_start=(hook,))  # type: ignore[arg-type]
    calling, other = (made("not_null", "id", where=where) for where in ("id < most()", "id < 10"))
    assert may_change_by_itself(calling, project, "duckdb")
    assert not may_change_by_itself(other, project, "duckdb")


def test_a_check_that_could_not_be_asked_is_asked_again(shop: Shop) -> None:
    check = made("not_null", "id", where="no_such_function(id)")
    first = shop.verdict(check)
    assert (first.status, first.failures) == ("error", 0)
    assert "no_such_function" in first.message
    assert not shop.verdict(check, cached=remembered(first)).cached


@pytest.mark.parametrize("kind", ["not_null", "unique", "accepted_values", "relationships"])
def test_a_column_that_is_not_there_is_named_with_the_nearest(shop: Shop, kind: str) -> None:
    verdict = shop.verdict(made(kind, "amuont", arguments=NEEDED.get(kind, {})))
    said = f"models/shop.yml:7: {kind} asks for column `amuont`, which payments does not have; `amount` exists"
    assert (verdict.status, verdict.message) == ("error", said)
    assert shop.statements == []


def test_a_parents_column_that_is_not_there_is_named_too(shop: Shop) -> None:
    verdict = shop.verdict(made("relationships", "id", arguments={"to": "people", "field": "person"}))
    assert verdict.message.endswith("asks for column `person`, which people does not have; `person_id` exists")


def test_a_check_without_its_column_does_not_take_others_with_it(shop: Shop) -> None:
    outcome = shop.check(made("not_null", "x"), made("not_null", "id"), made("unique", "email"), profile=True)
    assert [(each.status, each.failures) for each in outcome.verdicts] == [("error", 0), ("fail", 1), ("fail", 1)]
    assert outcome.profile is not None and outcome.profile.rows == 4


@pytest.mark.parametrize("where", ["no_such_column > 1", "amount >", "row_number() over () > 1", "1 1"])
def test_one_bad_condition_spoils_one_check(shop: Shop, where: str) -> None:
    bad = made("not_null", "id", name="bad", where=where)
    outcome = shop.check(made("not_null", "id"), bad, made("unique", "id"), profile=True)
    assert [(each.status, each.failures) for each in outcome.verdicts] == [("fail", 1), ("error", 0), ("fail", 1)]
    assert outcome.verdicts[1].message
    assert outcome.profile is not None and outcome.profile.rows == 4


@pytest.mark.parametrize(
    "where", ["1 = )", "1) or (1", "true), count(*) from range(9", "'", "(1", "1; select 2", "a /*"]
)
def test_a_condition_must_be_closed_in_itself(shop: Shop, where: str) -> None:
    """It must not be able to change the questions beside it."""
    for kind in ("not_null", "unique", "accepted_values", "relationships"):
        bad = made(kind, "id", name="bad", where=where, arguments=NEEDED.get(kind, {}))
        outcome = shop.check(made("not_null", "id"), bad)
        assert [(each.status, each.failures) for each in outcome.verdicts] == [("fail", 1), ("error", 0)]
        assert outcome.verdicts[1].message.startswith("models/shop.yml:7: the `where` of bad is not closed in itself")
    value = made("accepted_values", "id", name="bad", arguments={"values": [where], "quote": False})
    assert shop.verdict(value).message.startswith("models/shop.yml:7: a value of bad is not closed in itself")


def test_values_of_the_wrong_type_spoil_one_check(shop: Shop) -> None:
    bad = made("accepted_values", "amount", arguments={"values": ["cheap"]})
    outcome = shop.check(bad, made("not_null", "amount"))
    assert [each.status for each in outcome.verdicts] == ["error", "fail"]
    assert "cheap" in outcome.verdicts[0].message


def test_a_table_that_is_not_there_is_an_error_and_no_verdict_of_the_profile(shop: Shop) -> None:
    with shop.engine.session() as session:
        session.execute("DROP TABLE dryland_store.payments__0123456789abcdef")
        session.execute("CREATE VIEW dryland_store.payments__0123456789abcdef AS SELECT error('gone') AS id")
    assert shop.verdict(made("not_null", "id")).status == "error"
    with pytest.raises(QueryError, match="gone"):
        shop.check(profile=True)


def test_what_fails_is_shown_whole_and_at_most_twenty_times(shop: Shop) -> None:
    shop.table("SELECT range AS number, NULL AS id, 'x' AS email FROM range(50)")
    verdict = shop.verdict(made("not_null", "id"))
    assert (verdict.failures, len(verdict.sample), verdict.message) == (50, 20, "50 rows have no id")
    assert verdict.sample[0].keys() == {"number", "id", "email"}
    assert shop.verdict(made("not_null", "number")).sample == ()


def test_a_sample_tells_values_that_repeat_and_strangers_with_their_number(shop: Shop) -> None:
    outcome = shop.check(made("unique", "id"), made("accepted_values", "id", arguments={"values": [1], "quote": False}))
    assert [verdict.sample for verdict in outcome.verdicts] == [({"id": 2, "times": 2},)] * 2


ALIASED = """select upper(email) as who, id, count(*) over () as many from "w"."main"."payments" where id is null"""


@pytest.mark.parametrize(
    ("check", "shown"),
    [
        (made("not_null", "id"), {"id": None, "email": "***", "amount": 5}),
        (made("unique", "email"), {"email": "***", "times": 2}),
        (made("accepted_values", "email", arguments={"values": ["bo@x.org"]}), {"email": "***", "times": 1}),
        (made("relationships", "id", arguments=PARENT, where="amount = 20"), {"id": 2, "email": "***", "amount": 20}),
        (made("singular", name="s", rendered=ALIASED), {"who": "***", "id": None, "many": 1}),
        (made("odd", "email", rendered=ALIASED), {"who": "***", "id": None, "many": 1}),
        (
            made("singular", name="s", rendered='select p as row from "w"."main"."payments" p where id is null'),
            {"row": "***"},
        ),
        (
            made("singular", name="s", rendered='with p as (select * from "w"."main"."payments") '
                 "select x.email as e, x.amount as a from p x where id is null"),
            {"e": "***", "a": 5},
        ),
    ],
)  # fmt: skip
def test_persons_are_not_shown_whatever_a_query_calls_them(shop: Shop, check: object, shown: dict) -> None:
    private = Shop(shop.engine, {"payments": ["EMAIL"]})
    (verdict,) = private.check(check).verdicts  # type: ignore[arg-type]
    assert verdict.status == "fail"
    assert verdict.sample[0] == shown
    assert "x.org" not in str(verdict)
    assert "***" not in str(shop.verdict(check))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("check", "kept"),
    [
        (made("not_null", "id", name="kept"), [(None, "chi@x.org", 5)]),
        (made("unique", "id", name="kept"), [(2, 2)]),
        (made("accepted_values", "id", name="kept", arguments={"values": [1], "quote": False}), [(2, 2)]),
        (made("relationships", "id", name="kept", arguments=PARENT), [(2,), (2,)]),
        (made("relationships", "id", name="kept", arguments=PARENT, limit=1), [(2,)]),
        (made("singular", name="kept", rendered='select id from "w"."main"."payments" where amount > 15;'), [(2,)]),
        (made("singular", name="kept", rendered="select 1 as x"), [(1,)]),
        (made("not_null", "id", name="kept", where="amount > 100"), []),
        (made("not_null", "id", name="else", alias="kept"), [(None, "chi@x.org", 5)]),
    ],
)  # fmt: skip
def test_failing_rows_are_kept_as_dbt_keeps_them(shop: Shop, check: object, kept: list[tuple]) -> None:
    """Also when there are none: yesterday's must not stand there as if they were today's."""
    shop.verdict(changed(check, store_failures=True))  # type: ignore[arg-type]
    assert shop.fetch("SELECT * FROM main_dbt_test__audit.kept") == kept


@pytest.mark.parametrize(
    ("environment", "schema"), [("prod", "main_dbt_test__audit"), ("dev_ana", "main_dbt_test__audit__dev_ana")]
)
def test_an_environment_keeps_failing_rows_apart(shop: Shop, environment: str, schema: str) -> None:
    shop.verdict(made("not_null", "id", store_failures=True), environment=environment)
    assert shop.fetch(f"SELECT count(*) FROM {schema}.not_null_id") == [(1,)]
    assert shop.fetch("SELECT count(DISTINCT schema_name) FROM duckdb_tables() WHERE table_name = 'not_null_id'") == [
        (1,)
    ]


def test_failing_rows_that_cannot_be_kept_are_told(shop: Shop) -> None:
    with shop.engine.session() as session:
        session.create_schema([(shop.engine.database, "main_dbt_test__audit")])
        session.execute("CREATE VIEW main_dbt_test__audit.not_null_id AS SELECT 1 AS x")
    verdict = shop.verdict(made("not_null", "id", store_failures=True))
    assert (verdict.status, verdict.failures) == ("error", 1)
    assert verdict.message.startswith("its failing rows cannot be kept")


@pytest.mark.parametrize(
    ("check", "failures"),
    [
        (made("relationships", "id", arguments=PARENT), 2),
        (made("relationships", "id", arguments=PARENT, where="payments.amount is null"), 1),
        (made("relationships", "id", arguments=PARENT, limit=1), 1),
        (made("relationships", "id", arguments=PARENT, fail_calc="count(distinct from_field)"), 1),
        (made("unique", "id", fail_calc="sum(n_records)"), 2),
        (made("unique", "amount", fail_calc="sum(n_records)"), 0),
        (made("accepted_values", "id", arguments={"values": []}), NOT_IN_NOTHING),
        (made("accepted_values", "email", arguments={"values": ["ana@x.org"]}, fail_calc="max(n_records)"), 2),
        (made("not_null", "ID"), 1),
        (made("macro", rendered='select * from "w"."main"."payments" where amount > 4 -- all but one'), 3),
        (made("singular", name="s", rendered='select 1 from "w"."main"."payments" limit 3'), 3),
    ],
)  # fmt: skip
def test_failures_are_counted_as_dbt_counts_them(shop: Shop, check: object, failures: int) -> None:
    assert shop.verdict(check).failures == failures  # type: ignore[arg-type]


def test_an_empty_table_has_no_failures(shop: Shop) -> None:
    shop.table(f"SELECT * FROM ({PAYMENTS}) WHERE false")
    checks = [made("not_null", "id"), made("unique", "id"), made("relationships", "id", arguments=PARENT)]
    outcome = shop.check(*checks, made("accepted_values", "id", arguments={"values": [1]}), profile=True)
    assert [(each.status, each.failures) for each in outcome.verdicts] == [("pass", 0)] * 4
    assert outcome.profile is not None
    assert outcome.profile.columns["id"] == {"nulls": 0, "distinct": 0, "min": None, "max": None, "mean": None}


def test_in_a_transaction_the_error_that_ended_it_is_told(shop: Shop) -> None:
    bad = made("accepted_values", "amount", arguments={"values": ["cheap"]})
    with shop.engine.session() as session, pytest.raises(QueryError, match="cheap"), session.transaction():
        shop.check_in(session, made("not_null", "id"), bad, profile=True)


def test_checks_see_what_their_own_transaction_wrote(shop: Shop) -> None:
    """An incremental model is checked before it commits."""
    with shop.engine.session() as session, session.transaction():
        session.execute("DELETE FROM dryland_store.payments__0123456789abcdef WHERE id IS NULL")
        assert shop.verdict(made("not_null", "id")).failures == 1  # another session does not see it
        inside = shop.check_in(session, made("not_null", "id"))
    assert inside.verdicts[0].failures == 0


COUNTS = st.integers(0, 12)


@given(failures=COUNTS, bound=COUNTS, sign=st.sampled_from(["=", "==", "!=", "<>", "<", "<=", ">", ">="]))
def test_a_threshold_compares_as_sql_does(failures: int, bound: int, sign: str) -> None:
    python = {"=": "==", "<>": "!="}.get(sign, sign)
    assert exceeds(failures, f" {sign}{bound} ", made("not_null", "id")) is eval(f"{failures} {python} {bound}")


@pytest.mark.parametrize(
    ("threshold", "holds"),
    [
        ("between 5 and 10", {5, 10}), ("not between 5 and 10", {0, 4, 11}), ("in (4, 11)", {4, 11}),
        ("not in (0, 4)", {5, 10, 11}), ("> 4 and failures < 11", {5, 10}), ("= 0 or (failures > 10)", {0, 11}),
        ("> -1", {0, 4, 5, 10, 11}), (">= 4.5", {5, 10, 11}),
    ],
)  # fmt: skip
def test_a_threshold_may_be_any_condition_on_the_number(threshold: str, holds: set[int]) -> None:
    asked = made("not_null", "id")
    assert {number for number in (0, 4, 5, 10, 11) if exceeds(number, threshold, asked)} == holds


@pytest.mark.parametrize(
    "threshold", ["", "10", "more than 3", "> ten", "> 'x'", "> (select 1)", ">", "!= 0; drop table x"]
)
def test_a_threshold_that_is_none_is_named_with_its_place(threshold: str) -> None:
    with pytest.raises(ConfigError, match="is not a condition on the number of failures") as raised:
        exceeds(1, threshold, made("not_null", "id"))
    assert raised.value.location == "models/shop.yml:7"


@pytest.mark.parametrize(
    ("severity", "warn_if", "error_if", "statuses"),
    [
        ("error", "!= 0", "!= 0", ["pass", "fail", "fail"]),
        ("warn", "!= 0", "!= 0", ["pass", "warn", "warn"]),
        ("error", "> 0", "> 1", ["pass", "warn", "fail"]),
        ("error", "> 1", "> 0", ["pass", "fail", "fail"]),
        ("warn", "> 1", "> 0", ["pass", "pass", "warn"]),
        ("error", "= 0", "= 5", ["warn", "pass", "pass"]),
    ],
)
def test_severity_and_conditions_together_decide(
    severity: str, warn_if: str, error_if: str, statuses: list[str]
) -> None:
    check = made("not_null", "id", severity=severity, warn_if=warn_if, error_if=error_if)
    assert [judge(check, failures) for failures in (0, 1, 2)] == statuses


def test_a_table_that_comes_out_empty_is_stopped_unless_it_may() -> None:
    node = Node("model.shop.m", "model", "m", "shop", Place("m.sql"), "sql", "", "", "table", None, ("m",))  # type: ignore[arg-type]
    empty, full = Profile(0, "e"), Profile(1200, "f")
    verdict = emptied(node, "key", empty, full)
    assert verdict is not None
    assert (verdict.status, verdict.failures, verdict.builds) == ("fail", 1200, ("key",))
    assert verdict.message.startswith("m came out empty; readers see 1,200 rows")
    assert emptied(node, "key", full, full) is emptied(node, "key", empty, empty) is None
    assert emptied(replace(node, config={"allow_empty": True}), "key", empty, full) is None
    assert emptied(replace(node, meta={"allow_empty": True}), "key", empty, full) is None
