"""The pages one looks things up in name everything that there is, and nothing else."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import click
import pydantic
import pytest
import yaml
from doc_page import Page, read_page

from dryland.check.kinds.kind import Kind
from dryland.cli import root as cli
from dryland.errors import DrylandError
from dryland.plan.selector_methods import METHODS
from dryland.project.settings import SettingsFile, read_settings
from dryland.release.notify import EVENTS
from dryland.release.outcome import Outcome, OutcomeStatus

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PICTURES = sorted((DOCS / "pictures").glob("*.svg"))


def rows(page: Page, heading: str) -> list[list[str]]:
    """The cells of the first table below a heading (or of the page's first), without its header."""
    text = page.section(heading) if heading else page.text
    table = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in table[2:]]


def code(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


def keys(part: type[pydantic.BaseModel], prefix: str = "") -> Iterator[tuple[str, object]]:
    """Every key with its default."""
    for name, field in part.model_fields.items():
        kind = field.annotation
        inner = next((each for each in (kind, *getattr(kind, "__args__", ())) if hasattr(each, "model_fields")), None)
        if inner is None:
            yield prefix + name, "required" if field.is_required() else field.default
        elif inner is kind:
            yield from keys(inner, f"{prefix}{name}.")
        else:
            yield prefix + name, field.default
            yield from keys(inner, f"{prefix}{name}." if type(None) in kind.__args__ else f"{prefix}{name}[].")


def test_settings_names_every_key_with_its_default() -> None:
    settings = read_page(DOCS / "settings.md")
    table = [line for line in settings.section("Settings").splitlines() if line.startswith("| `")]
    told = {}
    for line in table:
        key, default = (cell.strip() for cell in line.strip("|").split(" | ")[:2])
        told[code(key)[0]] = "required" if default == "required" else yaml.safe_load(code(default)[0])
    assert told == dict(keys(SettingsFile))


def test_the_example_of_settings_is_valid(tmp_path: Path) -> None:
    blocks = [block for block in read_page(DOCS / "settings.md").blocks if block.language == "yaml"]
    (tmp_path / "dryland.yml").write_text(blocks[0].text)
    assert read_settings(tmp_path)[0].retention.releases == 30


def commands(group: click.Group, path: str = "dryland") -> Iterator[tuple[str, click.Command]]:
    """Every command that does something, with the words that call it."""
    context = click.Context(group, info_name=path)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            if command.invoke_without_command:
                yield f"{path} {name}", command
            yield from commands(command, f"{path} {name}")
        else:
            yield f"{path} {name}", command


def options(command: click.Command) -> set[str]:
    return {name for each in command.params if isinstance(each, click.Option) for name in each.opts}


def arguments(command: click.Command) -> list[str]:
    return [piece for piece in command.collect_usage_pieces(click.Context(command))[1:] if piece]


def shared(page: Page) -> dict[str, set[str]]:
    """The options of each group."""
    groups: dict[str, set[str]] = {}
    name = ""
    for group, option, _ in rows(page, "Options that verbs share"):
        name = group.strip("*|").strip() or name
        groups.setdefault(name, set()).update(code(option))
    return groups


def test_the_command_line_names_every_verb_argument_and_option() -> None:
    page = read_page(DOCS / "command-line.md")
    groups = shared(page)
    told = {}
    for call, _, cell in rows(page, "Verbs"):
        words = code(call)[0].split()
        verb = [word for word in words if word.islower()]
        named = {word for word in code(cell) if word.startswith("-")}
        inside = set(re.findall(r"(?<![\w*])\*(\w+)\*", cell))
        assert inside <= groups.keys(), call
        named.update(*(groups[group] for group in (*inside, "every verb")))
        told[" ".join(verb)] = (words[len(verb) :], named)
    real = {name: (arguments(command), options(command)) for name, command in commands(cli)}
    assert told == real


def test_the_exit_codes_are_those_of_the_errors_and_outcomes() -> None:
    def codes(error: type[DrylandError]) -> set[int]:
        return {error.exit_code}.union(*(codes(each) for each in error.__subclasses__()))

    told = {int(code) for code, _ in rows(read_page(DOCS / "command-line.md"), "Exit codes")}
    ends = {Outcome(status, "prod").exit_code for status in get_args(OutcomeStatus)}
    assert told == codes(DrylandError) | ends | {70}


def test_selectors_that_are_told_exist() -> None:
    cells = " ".join(cell for cell, _ in rows(read_page(DOCS / "command-line.md"), "Selectors"))
    told = {method.partition(".")[0] for method in re.findall(r"`\+?([\w.]+):", cells)}
    assert told and told <= METHODS.keys()


def test_the_events_of_notifications_are_all_told() -> None:
    told = [code(event)[0] for event, _ in rows(read_page(DOCS / "export-and-notify.md"), "Notifications")]
    assert sorted(told) == sorted(EVENTS.values())


@pytest.mark.parametrize("picture", PICTURES, ids=lambda path: path.name)
def test_a_picture_can_be_read_aloud_and_in_the_dark(picture: Path) -> None:
    svg = ET.parse(picture).getroot()
    names = {child.get("id"): "".join(child.itertext()).strip() for child in svg if child.get("id")}
    assert all(len(names[each]) > 20 for each in svg.get("aria-labelledby", "").split())
    assert len(svg.get("aria-labelledby", "").split()) == 2
    assert svg.get("role") == "img"
    assert "prefers-color-scheme: dark" in picture.read_text()


def test_the_example_of_adding_a_check_works(tmp_path, workspace_at, monkeypatch, request) -> None:
    """The very code of the page, put into the catalogue, stops a release."""
    from dryland.check.kinds import catalogue
    from dryland.platform import Platform

    example = next(
        block for block in read_page(DOCS / "how-to-add" / "a-check.md").blocks if block.language == "python"
    )
    module: dict[str, object] = {"__name__": "dryland.check.kinds.trimmed"}
    exec(example.text, module)
    kind = module["KIND"]
    assert isinstance(kind, Kind) and catalogue.find(kind.name) is None, "it would be nothing new"
    monkeypatch.setattr(catalogue, "KINDS", {**catalogue.KINDS, kind.name: kind})
    catalogue.find.cache_clear()
    request.addfinalizer(catalogue.find.cache_clear)
    shop = workspace_at(tmp_path)
    shop.dryland("init", ".", "--name", "shop")
    checks = f"checks: [{kind.name}: {{empty: false}}]"
    shop.edit("models/models.yml", "- name: customer\n", f"- name: customer\n        meta: {{{checks}}}\n")
    with Platform.open(tmp_path) as platform:
        assert platform.apply(platform.plan()).status == "published"
    shop.edit("seeds/raw_orders.csv", "2,bo", "2, bo")
    with Platform.open(tmp_path) as platform:
        outcome = platform.apply(platform.plan())
    said = [verdict.message for verdict in outcome.verdicts if verdict.status == "fail"]
    assert (outcome.status, said) == ("refused", ["1 row has a customer with space around it"])


def test_the_page_about_engines_names_every_file_of_the_one_that_it_walks_through() -> None:
    page = read_page(DOCS / "how-to-add" / "an-engine.md")
    told = {name for file, _ in rows(page, "The files of PostgreSQL, in the order in which to write them")
            for name in code(file)}  # fmt: skip
    engines = ROOT / "src" / "dryland" / "engines"
    assert told == {path.name.removeprefix("postgres") for path in engines.glob("postgres*.py")}


def test_the_page_about_engines_names_tests_that_are_there() -> None:
    page = read_page(DOCS / "how-to-add" / "an-engine.md")
    suite = (ROOT / "tests" / "engines" / "test_conformance.py").read_text()
    listed = rows(page, "The promises, and the tests that hold you to them")
    named = [name for _, cell in listed for name in code(cell)]
    assert len(named) >= 20
    for name in named:
        assert name in suite or (ROOT / "tests" / "engines" / name).exists(), name
