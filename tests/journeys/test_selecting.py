"""On the command line: selectors by name and by default, kinds of things, earlier results, and which checks run."""

from __future__ import annotations

import json

import pytest


def listed(answer) -> set[str]:
    return {each["name"] for kind in ("nodes", "others") for each in answer.json.get(kind, ())}


def checked(workspace, *words: str) -> int:
    return len(workspace.dryland("check", *words, "--json").json["verdicts"])


def test_a_selector_has_a_name_and_one_may_be_the_default(released) -> None:
    released.write(
        "selectors.yml",
        """
        selectors:
          - {name: staging, default: true, definition: "path:models/staging"}
          - name: marts
            definition:
              union: ["path:models/marts", {exclude: [{method: config.materialized, value: view}]}]
        """,
    )
    assert listed(released.dryland("ls", "--json")) == {"stg_customers", "stg_orders"}
    assert listed(released.dryland("ls", "--selector", "marts", "--json")) == {"customer_orders"}
    assert "big_spenders" in listed(released.dryland("ls", "-s", "*", "--json"))
    released.edit("models/marts/customer_orders.sql", "sum(o.amount)", "max(o.amount)")
    assert released.dryland("plan", "--json").json["changes"] == []  # of what is chosen, nothing changed
    (change, *_) = released.dryland("plan", "--selector", "marts", "--json").json["changes"]
    assert change["node"] == "model.shop.customer_orders"


def test_what_is_no_node_is_listed_when_it_is_asked_for(released) -> None:
    assert listed(released.dryland("ls", "-s", "exposure:*", "--json")) == {"spenders_dashboard"}
    assert listed(released.dryland("ls", "--resource-type", "exposure", "seed", "--json")) == {
        "raw_customers", "raw_orders", "spenders_dashboard",
    }  # fmt: skip
    assert "unique_stg_orders_order_id" in released.dryland("ls", "--resource-type", "test").out


def test_a_kind_narrows_a_release(released) -> None:
    released.edit("models/staging/stg_orders.sql", "customer_id,", "customer_id + 0 as customer_id,")
    assert released.dryland("plan", "--resource-type", "seed", "--json").json["changes"] == []
    assert released.dryland("plan", "--resource-type", "model", "--json").json["changes"]


def test_checks_are_chosen_by_themselves(released) -> None:
    assert checked(released, "-s", "test_name:unique") == 3
    assert checked(released, "-s", "stg_orders", "--exclude", "test_name:not_null") == 2


def test_checks_come_along_as_told(released) -> None:
    """A relationship looks at two models: it comes with either, or only with both."""
    assert checked(released, "-s", "stg_orders") == 4 - 1
    assert checked(released, "-s", "stg_customers") == 3
    assert checked(released, "-s", "stg_customers", "--indirect-selection", "cautious") == 2
    assert checked(released, "-s", "stg_customers stg_orders", "--indirect-selection", "cautious") == 5
    assert checked(released, "-s", "stg_customers", "--indirect-selection", "empty") == 0


def test_what_failed_last_is_chosen_by_its_result(released) -> None:
    released.edit("models/marts/customer_orders.sql", "c.name,", "cast(c.name as int) as name,")
    released.dryland("apply", "--yes", code=None)
    assert listed(released.dryland("ls", "-s", "result:error", "--json")) == {"customer_orders"}
    assert "big_spenders" in listed(released.dryland("ls", "-s", "result:error+", "--json"))
    assert "stg_orders" not in listed(released.dryland("ls", "-s", "result:error+", "--json"))


def test_results_of_checks_are_read_from_artifacts(released) -> None:
    released.write(
        "kept/run_results.json",
        json.dumps({"results": [{"unique_id": "model.shop.stg_orders", "status": "fail"}]}),
    )
    assert listed(released.dryland("ls", "-s", "result:fail", "--state", "kept", "--json")) == {"stg_orders"}
    assert "the metadata keeps that of no run" in released.dryland("ls", "-s", "result:fail", code=2).err
    assert "which is no folder" in released.dryland("ls", "-s", "result:fail", "--state", "elsewhere", code=2).err


def test_a_run_that_wrote_artifacts_is_read_back(released) -> None:
    answer = released.dryland("ls", "-s", "result:success", "--state", "target", "--json")
    assert {"stg_orders", "customer_orders", "raw_orders"} <= listed(answer)


def states(workspace, *parts: str) -> dict[str, set[str]]:
    asked = {part: workspace.dryland("ls", "-s", f"state:{part}", "--json") for part in parts}
    return {part: {each["name"] for each in answer.json["nodes"]} for part, answer in asked.items()}


PARTS = (
    "new", "modified", "modified.body", "modified.configs", "modified.relation", "modified.macros",
    "modified.persisted_descriptions", "modified.contract",
)  # fmt: skip


@pytest.mark.slow
def test_each_way_of_being_modified_has_a_word(released) -> None:
    nothing: set[str] = set()
    assert states(released, *PARTS) == dict.fromkeys(PARTS, nothing)
    released.edit("models/staging/stg_orders.sql", "amount,", "amount + 1 as amount,")
    released.edit("models/marts/big_spenders.sql", "materialized='view'", "materialized='view', alias='spenders'")
    released.edit("models/marts/customer_orders.sql", "with orders", "{{ config(tags='daily') }}\nwith orders")
    released.write("models/more.sql", "select 1 as id\n")
    found = states(released, *PARTS)
    new = {"more"}
    assert found["new"] == new
    assert found["modified"] == {"stg_orders", "big_spenders", "customer_orders"} | new
    assert found["modified.body"] == {"stg_orders"} | new
    assert found["modified.relation"] == {"big_spenders"} | new
    assert found["modified.configs"] == {"customer_orders"} | new
    assert found["modified.macros"] == found["modified.contract"] == new


def test_an_edited_macro_modifies_who_calls_it(released) -> None:
    released.write("macros/tax.sql", "{% macro tax() %}0.1{% endmacro %}\n")
    released.write("models/taxed.sql", "select {{ tax() }} as tax\n")
    released.dryland("apply", "--yes")
    released.write("macros/tax.sql", "{% macro tax() %}0.2{% endmacro %}\n")
    found = states(released, "modified", "modified.macros", "modified.body")
    assert found == {"modified": {"taxed"}, "modified.macros": {"taxed"}, "modified.body": set()}


def test_a_contract_and_a_kept_description_are_told_apart(released) -> None:
    released.write("models/promised.sql", "{{ config(persist_docs={'relation': true}) }}\nselect 1 as id\n")
    promise = "models: [{name: promised, description: One., columns: [{name: id, data_type: integer}]}]\n"
    released.write("models/promised.yml", promise)
    released.dryland("apply", "--yes")
    released.write("models/promised.yml", promise.replace("One.", "Two."))
    assert states(released, "modified.persisted_descriptions", "modified.contract") == {
        "modified.persisted_descriptions": {"promised"}, "modified.contract": set(),
    }  # fmt: skip
    released.write("models/promised.yml", promise.replace("description: One.", "config: {contract: {enforced: true}}"))
    assert states(released, "modified.contract") == {"modified.contract": {"promised"}}
