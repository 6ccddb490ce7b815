"""What a tech lead with a grown project, and a security reviewer, ran into."""

from __future__ import annotations

import pytest

TWO_TABLES = "select a.* from {{ ref('stg_orders') }} a, {{ ref('stg_customers') }} b, "


def test_a_check_that_could_not_be_asked_has_not_passed(shop) -> None:
    """A file that is gone is an error of the disk, not of the query: it stops a release all the same."""
    shop.write("tests/of_two.sql", TWO_TABLES + "read_csv('gone.csv')")
    answer = shop.dryland("apply", "--yes", code=1)
    assert "error of_two: tests/of_two.sql:1: its query cannot be asked: IO Error: No files found" in answer.out
    assert "Refused: prod is unchanged." in answer.out
    assert shop.dryland("release", "list", "--json").json["releases"] == []


@pytest.mark.slow
def test_a_check_that_took_too_long_has_not_passed(shop) -> None:
    shop.write("dryland.yml", "timeout: 1\n")
    endless = "(select count(*) as n from range(100000000) x, range(100000000) y where x.range + y.range = -1) c"
    shop.write("tests/of_two.sql", TWO_TABLES + endless)
    assert "error of_two: " in shop.dryland("apply", "--yes", "-s", "+stg_orders", "+stg_customers", code=1).out


def test_one_check_that_cannot_be_asked_keeps_none_of_the_others_from_it(released) -> None:
    released.write("tests/of_two.sql", TWO_TABLES + "read_csv('gone.csv')")
    answer = released.dryland("check", "--json", code=1)
    statuses = [verdict["status"] for verdict in answer.json["verdicts"]]
    assert statuses.count("error") == 1
    assert statuses.count("pass") == len(statuses) - 1 > 1


def test_what_was_said_of_an_error_is_not_said_twice(shop) -> None:
    shop.write("tests/of_two.sql", TWO_TABLES + "read_csv('gone.csv')")
    answer = shop.dryland("apply", "--yes", code=1)
    assert answer.out.count("No files found") == 1
    assert "stg_orders  of_two, as said above" in answer.out


def test_an_unknown_argument_of_a_test_is_told_by_the_name_that_people_gave_the_test(shop) -> None:
    shop.write("macros/t.sql", "{% test above(model, column_name, low) %}select 1 from {{ model }}{% endtest %}")
    shop.edit("models/schema.yml", "data_tests: [not_null]", "data_tests: [{above: {arguments: {lwo: 1}}}]")
    told = shop.dryland("plan", code=2).err
    assert "macro 'test_above' takes no keyword argument 'lwo'" in told


def test_sqlglot_keeps_its_classes_to_itself(released) -> None:
    told = released.dryland("query", "select 1 +", code=2).err
    assert "<class" not in told


def test_a_sentence_of_jinja_ends_once(shop) -> None:
    shop.write("macros/t.sql", "{% macro m() %}{% endmacr %}")
    assert ".." not in shop.dryland("plan", code=2).err


def test_an_end_of_run_that_names_no_macro_says_what_failed_and_what_is_near(shop) -> None:
    shop.write("macros/note.sql", "{% macro note_results() %}select 1{% endmacro %}")
    shop.edit("dbt_project.yml", "models:", "on-run-end: ['{{ note_result() }}']\nmodels:")
    told = shop.dryland("apply", "--yes", code=1).out
    assert "on-run-end failed: `note_result` is not a macro" in told
    assert "`note_results` exists" in told


@pytest.mark.parametrize("folder", [".", "..", "models"])
def test_installing_packages_never_takes_a_folder_of_something_else(shop, folder: str) -> None:
    """The folder of packages is exchanged as a whole: with the project in it, the project would be gone."""
    shop.write("packages/own/dbt_project.yml", "name: own\n")
    shop.write("packages.yml", "packages: [{local: packages/own}]\n")
    shop.edit("dbt_project.yml", "name: shop", f"name: shop\npackages-install-path: {folder}")
    before = sorted(path for path in shop.root.rglob("*") if path.is_file())
    shop.dryland("deps", code=2)
    assert sorted(path for path in shop.root.rglob("*") if path.is_file()) == before


@pytest.mark.parametrize("url", ["http://[bad", "http://127.0.0.1:99999/x.tgz", "ftp://127.0.0.1/x.tgz"])
def test_an_address_that_is_none_is_the_projects_to_mend(shop, url: str) -> None:
    shop.write("packages.yml", f'packages: [{{tarball: "{url}", name: x}}]\n')
    told = shop.dryland("deps", code=2).err
    assert "packages.yml:1" in told
    assert "is no http or https address" in told


def test_a_macro_that_nobody_closed_is_no_macro_that_is_not_there(shop) -> None:
    shop.write("macros/t.sql", "{# notes #}\n\n{% macro m() %}select 1")
    told = shop.dryland("plan", code=2).err
    assert "macros/t.sql:3: the Jinja does not parse" in told


def test_text_from_elsewhere_steers_no_terminal(released) -> None:
    """A row may hold what turns a terminal red, or hides the line above; so may a name in YAML."""
    said = released.dryland("query", "select chr(27) || '[31mred' as a")
    assert "\\x1b[31mred" in said.out
    assert "\x1b" not in said.out


def test_a_name_that_is_wrong_steers_no_terminal(shop) -> None:
    shop.write("models/x.sql", "select * from {{ ref('\x1b[31mred') }}")
    said = shop.dryland("plan", code=2)
    assert "`\\x1b[31mred`" in said.err
    assert "\x1b" not in said.err


def test_ctrl_c_after_the_publication_does_not_say_that_nothing_was_done(shop, monkeypatch) -> None:
    """Which moment it was nobody can tell any more; what readers see can be asked."""

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("dryland.release.hooks.after_run", interrupted)
    answer = shop.dryland("apply", "--yes", code=130)
    assert "Nothing was done" not in answer.err
    assert "dryland release list" in answer.err
    assert len(shop.dryland("release", "list", "--json").json["releases"]) == 1


def test_a_unit_test_of_an_ephemeral_model_refuses_what_its_readers_would_release(shop) -> None:
    """An ephemeral model is never built by itself; its code goes out with whoever reads it."""
    shop.edit("models/staging/stg_orders.sql", "select\n", "{{ config(materialized='ephemeral') }}\nselect\n")
    shop.write(
        "models/units.yml",
        """
        unit_tests:
          - name: amounts
            model: stg_orders
            given: [{input: ref('raw_orders'), rows: [{id: 1, amount: 2}]}]
            expect: {rows: [{order_id: 1, amount: 3}]}
        """,
    )
    answer = shop.dryland("apply", "--yes", code=1)
    assert "fail amounts on stg_orders" in answer.out
    assert shop.dryland("release", "list", "--json").json["releases"] == []
