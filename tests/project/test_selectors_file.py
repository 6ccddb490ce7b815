"""selectors.yml is read as dbt reads it, and says where it cannot be."""

from __future__ import annotations

from pathlib import Path

import pytest

from dryland.errors import ConfigError, DuplicateError, ProjectError
from dryland.project.load import load_project
from dryland.project.selector import Group, NamedSelector, Term

PROJECT = {
    "dbt_project.yml": "name: shop\nprofile: shop\n",
    "profiles.yml": "shop: {target: dev, outputs: {dev: {type: duckdb, path: w.duckdb, schema: main}}}\n",
    "models/orders.sql": "select 1 as id\n",
}


@pytest.fixture
def read(tmp_path: Path):
    def selectors(text: str) -> dict[str, NamedSelector]:
        for path, content in {**PROJECT, "selectors.yml": text}.items():
            (tmp_path / path).parent.mkdir(exist_ok=True)
            (tmp_path / path).write_text(content)
        return dict(load_project(tmp_path, environment={}).selectors)

    return selectors


def one(selectors: dict[str, NamedSelector]) -> Group | Term:
    (named,) = selectors.values()
    return named.selector


@pytest.mark.parametrize(
    "definition", ["tag:daily", "{tag: daily}", "{method: tag, value: daily}"], ids=["typed", "short", "full"]
)
def test_three_forms_say_the_same(read, definition) -> None:
    found = one(read(f"selectors:\n  - name: nightly\n    definition: {definition}\n"))
    assert isinstance(found, Term)
    assert (found.method, found.value, found.above, found.below) == ("tag", "daily", 0, 0)


def test_the_full_form_says_how_far_relatives_come_along(read) -> None:
    text = "{method: fqn, value: orders, parents: true, parents_depth: 2, children: true, indirect_selection: cautious}"
    found = one(read(f"selectors:\n  - name: a\n    definition: {text}\n"))
    assert isinstance(found, Term)
    assert (found.above, found.below, found.indirect) == (2, None, "cautious")


def test_a_depth_without_its_switch_says_nothing(read) -> None:
    found = one(read("selectors: [{name: a, definition: {method: fqn, value: orders, parents_depth: 2}}]"))
    assert isinstance(found, Term)
    assert found.above == 0


def test_an_exclude_takes_away_from_its_set(read) -> None:
    found = one(read("selectors: [{name: a, definition: {union: ['tag:a', 'tag:b', {exclude: ['tag:c']}]}}]"))
    assert isinstance(found, Group)
    assert found.how == "difference"
    kept, excluded = found.parts
    assert isinstance(kept, Group)
    assert isinstance(excluded, Group)
    assert (kept.how, len(kept.parts), len(excluded.parts)) == ("union", 2, 1)


def test_a_selector_takes_in_one_above_it(read) -> None:
    found = read(
        "selectors:\n"
        "  - {name: a, definition: 'tag:daily'}\n"
        "  - {name: b, description: more, default: true, definition: {method: selector, value: a}}\n"
    )
    assert found["b"].selector == found["a"].selector
    assert (found["a"].is_default, found["b"].is_default, found["b"].description) == (False, True, "more")


def test_whether_it_is_the_default_may_depend_on_the_target(read) -> None:
    """Jinja is that of dbt_project.yml."""
    text = "selectors:\n  - {name: a, definition: 'tag:a', default: \"{{ target.name == '%s' }}\"}\n"
    assert read(text % "dev")["a"].is_default
    assert not read(text % "prod")["a"].is_default


@pytest.mark.parametrize(
    ("text", "line", "message", "hint"),
    [
        ("selectors: tag", 1, "`selectors` is a list.", "- name"),
        ("selectors:\n  - definition: tag:a\n", 2, "a selector has no name.", "- name"),
        ("selectors:\n  - name: a\n", 2, "the selector `a` has no definition.", "definition: tag:daily"),
        ("selectors:\n  - name: a\n    defintion: tag:a\n", 3, "`defintion` is no key of a selector.", "`definition`"),
        ("selectors:\n  - name: a\n    definition: tags:a\n", 3, "no selector method `tags`", "did you mean `tag`?"),
        ("selectors:\n  - name: a\n    definition: {tags: a}\n", 3, "no selector method `tags`", "did you mean `tag`?"),
        ("selectors:\n  - name: a\n    definition: [tag]\n", 3, "a definition is a text, or a mapping.", "method: tag"),
        ("selectors:\n  - name: a\n    definition: {union: tag}\n", 3, "`union` is a list.", "- tag:daily"),
        (
            "selectors:\n  - name: a\n    definition: {union: ['tag:a'], exclude: ['tag:b']}\n",
            3, "`union` or `intersection` stands alone in a definition; found union, exclude.", "into the list",
        ),
        (
            "selectors:\n  - name: a\n    definition:\n      union:\n        - exclude: [a]\n        - exclude: [b]\n",
            6, "this union has a second `exclude`.", "one list",
        ),
        ("selectors:\n  - name: a\n    definition: {method: tag, children: true}\n", 3, "expected one key", "daily"),
        (
            "selectors:\n  - name: a\n    definition:\n      method: tag\n      value: b\n      childs: true\n",
            6, "`childs` is no key of a selector.", "`children`",
        ),
        (
            "selectors:\n  - name: a\n    definition:\n      method: selector\n      value: later\n",
            5, "there is no selector `later` above this one.", "before it",
        ),
        (
            "selectors:\n  - name: a\n    definition: {method: tag, value: b, indirect_selection: some}\n",
            3, "there is no indirect_selection `some`.", "eager",
        ),
        (
            "selectors:\n  - name: a\n    definition: {method: tag, value: b, parents: true, parents_depth: far}\n",
            3, "`parents_depth` is a number, not `far`.", "parents_depth: 1",
        ),
        (
            "selectors:\n  - name: a\n    definition: {method: tag, value: b, childrens_parents: on, children: on}\n",
            3, "`@` takes descendants along already.", "",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_understood_says_where(read, text, line, message, hint) -> None:
    with pytest.raises(ProjectError) as caught:
        read(text)
    error = caught.value
    assert isinstance(error, ConfigError)
    assert (error.path, error.line) == ("selectors.yml", line)
    assert message in error.message
    assert hint in error.hint


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("selectors: [{name: a, definition: b}, {name: a, definition: c}]", "the selector `a` is there twice."),
        (
            "selectors: [{name: a, definition: b, default: true}, {name: c, definition: d, default: true}]",
            "the selectors `a` and `c` are both the default.",
        ),
    ],
)
def test_names_are_unique_and_so_is_the_default(read, text, message) -> None:
    with pytest.raises(DuplicateError) as caught:
        read(text)
    assert caught.value.message == message
