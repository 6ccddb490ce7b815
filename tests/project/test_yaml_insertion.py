"""Entries come into lists of a YAML file, and every byte that was there stays."""

from __future__ import annotations

import textwrap

import pytest
import yaml

from dryland.project.yaml_insertion import Addition, Named, NoPlaceError, with_additions

ORDERS = ("models", Named("orders"))
AMOUNT = (*ORDERS, "columns", Named("amount"), "data_tests")


def added(text: str, *path: object, entry: object = "not_null") -> str:
    return with_additions(text, [Addition(path, entry)], "schema.yml")  # type: ignore[arg-type]


def came(before: str, after: str) -> list[str]:
    """The lines that came; every other line is as it was, in its place."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    lines: list[str] = []
    for line in new:
        if old and old[0] == line:
            old.pop(0)
        else:
            lines.append(line.rstrip("\n"))
    assert not old, f"lost or changed: {old}"
    return lines


FILE = textwrap.dedent("""\
    version:   2   # spaces as somebody likes them

    models:
      # the heart of it all
      - name: "orders"
        description: >
          One row
          per order.

        columns:
          - name: amount    # in euros
            description: 'It''s gross.'
            data_tests:
              - unique
              # keep this comment

          - {name: total, data_tests: [ not_null,unique ]}   # flow
          - name: note
            data_tests:

      - name: customers
    # the end
    """)


def test_a_list_gets_one_more_line_where_its_last_one_stands() -> None:
    after = added(FILE, *AMOUNT)
    assert came(FILE, after) == ["          - not_null"]
    assert after.index("- unique\n          - not_null\n          # keep") > 0


def test_a_list_in_brackets_stays_in_brackets() -> None:
    after = added(FILE, *ORDERS, "columns", Named("total"), "data_tests", entry={"a": {"b": [1, "1"]}})
    assert "[ not_null,unique, {a: {b: [1, '1']}} ]}   # flow\n" in after


def test_a_key_without_a_value_gets_the_list() -> None:
    after = added(FILE, *ORDERS, "columns", Named("note"), "data_tests")
    assert came(FILE, after) == ["          - not_null"]


@pytest.mark.parametrize(
    ("path", "lines"),
    [
        ((*ORDERS, "columns", Named("new"), "tests"), ["      - name: new", "        tests:", "          - not_null"]),
        (
            (*ORDERS, "config", "meta", "checks"),
            ["    config:", "      meta:", "        checks:", "          - not_null"],
        ),
        (("models", Named("customers"), "tests"), ["    tests:", "      - not_null"]),
        (("models", Named("third"), "tests"), ["  - name: third", "    tests:", "      - not_null"]),
        (("seeds", Named("raw"), "tests"), ["seeds:", "  - name: raw", "    tests:", "      - not_null"]),
    ],
    ids=["column", "config", "model", "new model", "section"],
)
def test_what_of_the_way_is_missing_is_made(path: tuple[object, ...], lines: list[str]) -> None:
    """As far in as the rest of the file."""
    assert came(FILE, added(FILE, *path)) == lines


def test_lists_stand_as_far_in_as_the_others_of_the_file() -> None:
    flush = "models:\n- name: orders\n  columns:\n  - name: amount\n"
    assert came(flush, added(flush, *AMOUNT)) == ["    data_tests:", "    - not_null"]
    empty = "models:\n- name: orders\n  tests:\n  config:\n"
    assert came(empty, added(empty, *ORDERS, "tests")) == ["  - not_null"]
    assert came(empty, added(empty, *ORDERS, "config", "meta", "checks")) == [
        "    meta:",
        "      checks:",
        "      - not_null",
    ]


def test_an_empty_file_becomes_a_whole_one() -> None:
    written = added("", *AMOUNT)
    assert yaml.safe_load(written) == {
        "models": [{"name": "orders", "columns": [{"name": "amount", "data_tests": ["not_null"]}]}]
    }


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_lines_end_as_they_do_in_the_file(end: str) -> None:
    text = FILE.replace("\n", end)
    assert added(text, *AMOUNT) == added(FILE, *AMOUNT).replace("\n", end)


def test_a_last_line_without_an_end_gets_one() -> None:
    text = "models:\n  - name: orders"
    assert added(text, *ORDERS, "tests") == "models:\n  - name: orders\n    tests:\n      - not_null\n"


@pytest.mark.parametrize(
    "value", ["no", "1", "1.0", "2026-01-01", "null", "~", "a: b", "it's", "# x", "é, ü", "", " x", "{x}"]
)
def test_texts_stay_texts(value: str) -> None:
    """What YAML would take for a number, a date or nothing is quoted."""
    read = yaml.safe_load(added("", "checks", entry={"accepted_values": {"values": [value]}}))
    assert read == {"checks": [{"accepted_values": {"values": [value]}}]}


def test_a_text_that_ends_a_file_is_not_taken_apart() -> None:
    """A block of text goes on until something stands further out."""
    text = "models:\n  - name: orders\n    description: |\n      one\n\n      two\n\n\n"
    after = added(text, *ORDERS, "tests")
    assert came(text, after) == ["    tests:", "      - not_null"]
    assert yaml.safe_load(after)["models"][0]["description"] == yaml.safe_load(text)["models"][0]["description"]


def test_keys_may_end_with_an_alias() -> None:
    text = "x: &tags\n  - a\nmodels:\n  - name: orders\n    tags: *tags\n  - name: b\n"
    assert came(text, added(text, *ORDERS, "tests")) == ["    tests:", "      - not_null"]


@pytest.mark.parametrize(
    "text",
    [
        "a: &shared [unique]\nmodels:\n  - {name: orders, data_tests: *shared}\n  - {name: b, data_tests: *shared}\n",
        "models:\n  - name: orders\n    data_tests: nothing\n",
        "models:\n  - name: orders\n    data_tests: ~\n",
        "models:\n  - &base\n    name: a\n    data_tests: [unique]\n  - <<: *base\n    name: orders\n",
    ],
    ids=["alias", "text", "null", "merged"],
)
def test_what_cannot_be_added_to_is_refused(text: str) -> None:
    """Rather than to say something else than before."""
    with pytest.raises(NoPlaceError):
        added(text, *ORDERS, "data_tests")
