"""`dryland diff` tells people and programs what differs, and reads as little as it can."""

from __future__ import annotations

import json

import pytest

pytestmark = pytest.mark.slow

ORDERS = "models/staging/stg_orders.sql"


@pytest.fixture
def dev(released):
    """An environment in which one order costs more and one model has a column more."""
    released.edit(ORDERS, "    amount,", "    case when id = 11 then amount + 1 else amount end as amount,")
    released.edit("models/marts/customer_orders.sql", "c.name,\n    count", "c.name,\n    1 as one,\n    count")
    released.dryland("apply", "-e", "dev", "--yes", "-q")
    return released


def tables(answer) -> dict[str, dict]:
    return {table["name"]: table for table in answer.json["tables"]}


def test_an_environment_is_compared_with_prod(dev) -> None:
    answer = dev.dryland("diff", "dev", "--json")
    assert (answer.json["before"], answer.json["after"], answer.json["equal"]) == ("prod", "dev", False)
    found = tables(answer)
    assert [name for name, table in found.items() if table["status"] == "different"] == [
        "stg_orders", "customer_orders", "big_spenders",
    ]  # fmt: skip
    orders = found["stg_orders"]
    assert (orders["key"], orders["added"], orders["removed"], orders["changed"]) == (["order_id"], 0, 0, 1)
    [amount] = orders["columns"]
    assert amount["examples"] == [{"key": {"order_id": 11}, "before": 5.0, "after": 6.0}]
    schema = {column["name"]: column["schema_change"] for column in found["customer_orders"]["columns"]}
    assert schema == {"one": "added", "revenue": ""}


def test_what_is_the_same_build_is_equal_without_a_look(dev) -> None:
    found = tables(dev.dryland("diff", "dev", "--json"))
    assert (found["stg_customers"]["status"], found["stg_customers"]["reason"]) == ("equal", "the same build")


def test_what_came_out_the_same_is_equal_without_a_look(released) -> None:
    released.edit(ORDERS, "    amount,", "    amount + 0 * id as amount,")
    released.dryland("apply", "-e", "dev", "--yes", "-q")
    found = tables(released.dryland("diff", "dev", "stg_orders", "--json"))
    assert found["stg_orders"]["reason"] in ("the same content", "the same build")
    assert released.dryland("diff", "dev").out == "prod → dev: no difference in 6 tables\n"


def test_a_release_is_compared_with_the_one_before(dev) -> None:
    dev.dryland("apply", "--yes", "-q")
    last = dev.dryland("release", "list", "--json").json["releases"][0]["id"]
    for words in ((), ("prod",), (str(last),), ("1", str(last)), ("--from", "1", "--to", "prod")):
        assert tables(dev.dryland("diff", *words, "--json"))["stg_orders"]["changed"] == 1, words
    assert "no difference" in dev.dryland("diff", "dev").out


def test_what_came_and_went_is_told(released) -> None:
    released.write("models/new.sql", "select 1 as n")
    (released.root / "models/marts/big_spenders.sql").unlink()
    released.edit("models/schema.yml", "depends_on: [ref('big_spenders')]", "depends_on: [ref('new')]")
    released.dryland("apply", "-e", "dev", "--yes", "-q")
    found = tables(released.dryland("diff", "dev", "--json"))
    assert (found["new"]["status"], found["big_spenders"]["status"]) == ("added", "removed")
    lines = released.dryland("diff", "dev").out.splitlines()
    assert "+ new  added, 1 row" in lines


def test_exit_code_is_asked_for(dev) -> None:
    dev.dryland("diff", "dev", code=0)
    dev.dryland("diff", "dev", "--exit-code", code=1)
    dev.dryland("diff", "dev", "-s", "stg_customers", "--exit-code", code=0)


def test_two_tables_by_name(dev) -> None:
    """Their key is that of the model that they show; somebody else's table has the key that is told, or none."""
    found = tables(dev.dryland("diff", "main.stg_orders", "main__dev.stg_orders", "--json"))["stg_orders"]
    assert (found["key"], found["changed"]) == (["order_id"], 1)
    dev.arrives("create table main.mine as select 1 as order_id, 5 as amount")
    found = tables(dev.dryland("diff", "main.mine", 'main."mine"', "--key", "ORDER_ID", "--json"))["mine"]
    assert (found["status"], found["key"]) == ("equal", ["order_id"])
    assert "there is no table main.theirs" in dev.dryland("diff", "main.mine", "main.theirs", code=2).err


@pytest.mark.parametrize(
    "said",
    [
        "    columns:\n      - name: name\n        meta: {pii: true}\n",
        "    meta: {pii: true}\n    columns:\n",  # all of it, and nobody documented the name
    ],
)
def test_persons_are_masked_in_all_forms(released, said: str) -> None:
    whole = "  - name: stg_customers\n"
    released.edit("models/schema.yml", f"{whole}    columns:\n", f"{whole}{said}")
    released.edit("models/staging/stg_customers.sql", "name,", "name || '!' as name,")
    released.dryland("apply", "-e", "dev", "--yes", "-q")
    for words in (("dev", "stg_customers"), ("main.stg_customers", "main__dev.stg_customers")):
        for form in ((), ("--json",), ("--markdown",), ("--key", "name"), ("--html", "page.html")):
            said = released.dryland("diff", *words, *form).out.replace("\\", "")
            said += (released.root / "page.html").read_text() if "--html" in form else ""
            assert "Ana" not in said, (words, form)
            assert "***" in said, (words, form)


def test_nothing_is_published_or_left_by_a_diff(dev) -> None:
    before = dev.sql("select table_schema, table_name from information_schema.tables order by all")
    dev.dryland("diff", "dev")
    assert dev.sql("select table_schema, table_name from information_schema.tables order by all") == before


def test_a_plan_shows_what_it_would_publish_as_far_as_that_is_built(dev) -> None:
    answer = dev.dryland("plan", "--diff")
    assert "~ stg_orders  4 rows, compared by order_id" in answer.out
    assert "not built yet" not in answer.out
    dev.edit(ORDERS, "amount + 1", "amount + 2")
    answer = dev.dryland("plan", "--diff")
    assert "? stg_orders  not built yet" in answer.out
    assert "`dryland apply -e preview` builds what is not built yet, and leaves prod alone." in answer.out
    dev.dryland("apply", "-e", "preview", "--yes", "-q")
    found = {table["name"]: table for table in dev.dryland("plan", "--diff", "--json").json["diff"]["tables"]}
    assert found["stg_orders"]["columns"][0]["examples"][0]["after"] == 7.0
    assert dev.sql("select amount from main.stg_orders where order_id = 11") == [(5.0,)]


def test_what_a_refused_release_would_have_published_is_seen(released) -> None:
    released.edit("models/staging/stg_orders.sql", "id as order_id", "10 as order_id")
    released.dryland("apply", "--yes", "-q", code=1)
    answer = released.dryland("diff", "prod_refused", "stg_orders")
    assert "note: order_id is not unique, so rows are compared whole" in answer.out
    plan = {table["name"]: table for table in released.dryland("plan", "--diff", "--json").json["diff"]["tables"]}
    assert plan["stg_orders"]["removed"] == 3


def test_what_cannot_be_meant_is_told(dev) -> None:
    for words, said in (
        (("9",), "there is no release 9"),
        (("dev", "prod", "1"), "two places are compared, not 3"),
        (("dev", "--key", "nix"), "no table has the key nix"),
        (("dev", "--html", "no/such/folder/x.html"), "cannot be written"),
        (("--to", "dve"), "there is no environment `dve`"),
    ):
        assert said in dev.dryland("diff", *words, code=2).err


def test_columns_in_the_same_order_of_json(dev) -> None:
    """The keys are what programs read."""
    table = dev.dryland("diff", "dev", "stg_orders", "--json").json["tables"][0]
    assert list(table) == [
        "name", "status", "reason", "key", "rows_before", "rows_after", "added", "removed", "changed", "columns",
        "examples_added", "examples_removed", "sampled_rows", "notes", "equal",
    ]  # fmt: skip
    assert json.dumps(table)
