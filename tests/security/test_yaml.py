"""YAML that would burst, crash or run something is an error with a line, in whatever file it stands."""

from __future__ import annotations

import time
from typing import Any

import pytest

from dryland.errors import ConfigError
from dryland.project.yaml_file import parse_yaml

LAUGHS = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{at}: &a{at} [{', '.join([f'*a{at - 1}'] * 10)}]\n" for at in range(1, 12)
)
MAPPED_LAUGHS = "a0: &a0 {x: 1}\n" + "".join(
    f"a{at}: &a{at} {{{', '.join(f'k{key}: *a{at - 1}' for key in range(10))}}}\n" for at in range(1, 12)
)
LONG_LAUGHS = f"a: &a {'x' * 1_000_000}\nb: &b [{', '.join(['*a'] * 100)}]\n" + f"c: [{', '.join(['*b'] * 100)}]\n"

REFUSED = {
    "lists of lists": (LAUGHS, "more than 1,000,000 values"),
    "mappings of mappings": (MAPPED_LAUGHS, "more than 1,000,000 values"),
    "one long text, often": (LONG_LAUGHS, "more than 1,000,000 values"),
    "a list in itself": ("a: &a [*a]", "a part of itself"),
    "a mapping merged into itself": ("a: &a\n  <<: *a", "a part of itself"),
    "brackets": ("a: " + "[" * 100_000 + "]" * 100_000, "nested more than 100 deep"),
    "braces": ("a: " + "{a: " * 100_000 + "}" * 100_000, "nested more than 100 deep"),
    "brackets, a few": ("a: " + "[" * 900 + "]" * 900, "nested more than 100 deep"),
    "dashes": ("- " * 100_000 + "a", "nested more than 100 deep"),
    "indentation": ("".join(" " * at + "k:\n" for at in range(2_000)), "nested more than 100 deep"),
    "a call": ("a: !!python/object/apply:os.system ['touch pwned']", "the tag `python/object/apply:os.system`"),
    "an object": ("a: !!python/object:os.Thing {a: 1}", "the tag `python/object:os.Thing`"),
    "a name of Python": ("a: !!python/name:os.system", "could not determine a constructor"),
    "a tag of nobody": ("a: !secret {b: 1}", "the tag `!secret`"),
    "a number too long": ("a: " + "1" * 5_000, "no int"),
    "a day that is none": ("a: 2026-99-99", "no timestamp"),
    "a text said to be a number": ("a: !!float abc", "no float"),
    "a key twice": ("a: 1\nb: 2\na: 3", "`a` is there twice"),
    "a list for a key": ("? [a, b]\n: 1", "a key is a text"),
    "a number merged in": ("a: {<<: 3}", "`<<` takes keys and values"),
    "NUL": ("a: \0b", "control characters are not allowed"),
    "an escape sequence": ("a: \x1b[31m", "control characters are not allowed"),
    "half a character": ('a: "\\ud800"', "invalid Unicode"),
    "two documents": ("a: 1\n---\nb: 2", "another document"),
}


@pytest.mark.parametrize("title", REFUSED)
def test_what_would_burst_or_run_is_refused_at_once(title: str) -> None:
    text, reason = REFUSED[title]
    began = time.monotonic()
    with pytest.raises(ConfigError) as refused:
        parse_yaml(text, "models/x.yml")
    assert reason in refused.value.message
    assert refused.value.path == "models/x.yml"
    assert time.monotonic() - began < 5


def test_aliases_that_people_write_are_read() -> None:
    """A thousand models that share a hundred settings, and one text of 20 MB."""
    settings = "x: &x {" + ", ".join(f"k{at}: {at}" for at in range(100)) + "}\n"
    found = parse_yaml(settings + "".join(f"m{at}: {{<<: *x, own: *x}}\n" for at in range(1_000)), "x.yml")
    assert found["m999"]["k99"] == found["m999"]["own"]["k99"] == 99
    assert len(parse_yaml("a: " + "x" * 20_000_000, "x.yml")["a"]) == 20_000_000
    assert parse_yaml("a: " + "[" * 90 + "]" * 90, "x.yml")["a"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "file", ["dryland.yml", "dbt_project.yml", "profiles.yml", "models/schema.yml", "selectors.yml", "packages.yml",
             "contracts/orders.odcs.yaml"]
)  # fmt: skip
def test_every_file_of_a_project_is_read_with_that_care(file: str, shop: Any) -> None:
    for title in ("lists of lists", "a list in itself", "brackets", "a call", "a number too long"):
        text, reason = REFUSED[title]
        shop.write(file, text)
        answer = shop.dryland("ls", "--selector", "x", code=None) if "select" in file else shop.dryland("ls", code=None)
        assert (answer.code, reason in answer.err) == (2, True), answer
    assert not (shop.root / "pwned").exists()


def test_variables_of_the_command_line_are_read_with_that_care(shop: Any) -> None:
    for title in ("a list in itself", "brackets", "a call", "a number too long"):
        text, reason = REFUSED[title]
        answer = shop.dryland("ls", "--vars", text, code=2)
        assert "--vars is not YAML" in answer.err and reason in answer.err
