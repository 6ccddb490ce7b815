"""What the documentation says is so: every command on every page runs and prints what the page shows."""

from __future__ import annotations

import functools
import os
import re
import shutil
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from doc_page import Command, Page, read_page
from doc_terminal import Terminal, follow

from real_dbt import DBT

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = (ROOT / "README.md", *sorted(path for path in DOCS.rglob("*.md") if "decisions" not in path.parts))
LINKING = sorted({*PAGES, *ROOT.glob("*.md"), *ROOT.glob("examples/*/README.md"), *DOCS.rglob("*.md")})
WITHOUT_COMMANDS = {
    "docs/README.md", "docs/checks.md", "docs/glossary.md", "docs/how-to-add/a-command.md",
    "docs/how-to-add/a-portal-page.md", "docs/how-to-add/an-engine.md", "docs/postgres-roles.md",
    "docs/what-is-stopped.md",
}  # fmt: skip
WITH_A_SERVER = {"docs/other-warehouse.md", "docs/work-as-a-team.md"}
QUICK = {"README.md", "docs/start.md"}
LENGTH_MAX = 145  # lines with the outputs; a page is one task
LISTS = {  # pages to look things up in, as long as what they list
    "docs/checks.md", "docs/command-line.md", "docs/dbt-compatibility.md", "docs/import-great-expectations.md",
    "docs/settings.md", "docs/what-is-stopped.md",
}  # fmt: skip
BESIDE_POSTGRES = "shop beside a PostgreSQL"  # its profile is still to be written
ELSEWHERE = re.compile(r"^(make|pip install|python -m pip install|git clone)\b")


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def marked(path: Path) -> object:
    """A page as a parameter, with the marks of what it needs."""
    page = read_page(path)
    marks = [] if name_of(path) in QUICK else [pytest.mark.slow]
    if any(re.match(r"dbt\b", command.text) for command in page.commands):
        absent = not DBT.exists()
        marks += [pytest.mark.dbt, pytest.mark.skipif(absent, reason=f"dbt is not installed: {DBT} is missing")]
    return pytest.param(page, marks=marks, id=name_of(path))


every_page = pytest.mark.parametrize("page", [pytest.param(read_page(path), id=name_of(path)) for path in PAGES])


@pytest.fixture(scope="session")
def starts(tmp_path_factory, workspace_at) -> Callable[[str], Path]:
    """The projects that pages start from, each made once, in a folder `shop`."""

    @functools.cache
    def make(name: str) -> Path:
        root: Path = tmp_path_factory.mktemp(name.replace(" ", "_"))
        workspace_at(root).process("init", "shop")
        if name == "a dbt project":
            (root / "shop" / "dryland.yml").unlink()
        elif name == BESIDE_POSTGRES:
            (root / "shop" / "profiles.yml").unlink()
        else:
            assert name == "released shop", f"no page can start from `{name}`"
            workspace_at(root / "shop").process("apply", "--yes", "--message", "first release", **ANA)
        return root

    return make


ANA = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "user.name", "GIT_CONFIG_VALUE_0": "Ana"}


@pytest.mark.parametrize("page", [marked(path) for path in PAGES if name_of(path) not in WITHOUT_COMMANDS])
def test_every_command_of_a_page_runs_and_prints_what_the_page_shows(
    page: Page, starts, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """In order, in one fresh project; `make update-cases` rewrites the outputs."""
    shutil.copytree(starts(page.starts_from), tmp_path, dirs_exist_ok=True)
    environment, programs = dict(ANA), [str(Path(sys.executable).parent), str(DBT.parent), os.environ["PATH"]]
    if page.starts_from == BESIDE_POSTGRES or name_of(page.path) in WITH_A_SERVER:
        environment |= beside_a_server(request)
        programs.insert(0, str(request.getfixturevalue("postgres_server").programs))
    home = tmp_path / "home"
    home.mkdir(exist_ok=True)
    environment |= {"PATH": os.pathsep.join(programs), "HOME": str(home), "NO_COLOR": "1"}
    terminal = Terminal(tmp_path / "shop", environment)
    surprises = follow(page, terminal, is_run_elsewhere=ELSEWHERE.match)
    assert terminal.ran or any(ELSEWHERE.match(command.text) for command in page.commands), "no command was run"
    if surprises and os.environ.get("UPDATE_CASES"):
        update(page, surprises)
    else:
        told = [f"{page.path.name}:{command.line}: $ {command.text}\n{shown}" for command, shown in surprises]
        assert not told, "\n".join(["the page shows something else than:", *told])


def beside_a_server(request: pytest.FixtureRequest) -> dict[str, str]:
    """Where libpq finds a server, and an empty database on it; another, `team`, is empty too."""
    server = request.getfixturevalue("postgres_server")
    with server.connect("postgres") as connection:
        connection.execute("drop database if exists team with (force)")
        connection.execute("create database team")
    return {"PGHOST": server.folder, "PGUSER": server.user, "PGDATABASE": request.getfixturevalue("postgres")}


def update(page: Page, surprises: list[tuple[Command, str]]) -> None:
    """Put what was seen into the page, from the last command to the first."""
    lines = page.text.splitlines()
    for command, shown in reversed(surprises):
        below = command.line + command.text.count("\n")
        seen = len(command.expected.splitlines())
        lines[below : below + seen] = [line.rstrip() for line in shown.strip("\n").splitlines()]
    page.path.write_text("\n".join(lines) + "\n")


@every_page
def test_a_page_has_commands_or_is_listed_as_having_none(page: Page) -> None:
    assert bool(page.commands) != (name_of(page.path) in WITHOUT_COMMANDS)


@pytest.mark.parametrize("page", [pytest.param(read_page(path), id=name_of(path)) for path in LINKING])
def test_links_lead_somewhere(page: Page) -> None:
    for link in page.links:
        if re.match(r"\w+:", link):
            continue
        target, _, anchor = link.partition("#")
        file = (page.path.parent / target).resolve() if target else page.path
        assert file.exists(), f"{link} leads nowhere"
        if anchor:
            assert anchor in read_page(file).anchors, f"{link}: there is no such heading"


@every_page
def test_what_is_not_run_here_is_there(page: Page) -> None:
    """`make` names real targets; `pip install` names this package and extras that it has."""
    targets = set(re.findall(r"^([a-z-]+):.*##", (ROOT / "Makefile").read_text(), re.MULTILINE))
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    for command in page.commands:
        words = command.text.split("#")[0].split()
        if words[0] == "make":
            assert {word for word in words[1:] if "=" not in word} <= targets, command.text
        elif "pip" in words and "install" in words:
            found = re.fullmatch(r"""["']?(?:\./)?dryland(?:\[([\w,-]+)\])?["']?""", words[-1])
            assert found, command.text
            assert set((found[1] or "").split(",")) - {""} <= set(extras), command.text


@every_page
def test_a_page_is_one_task_long(page: Page) -> None:
    assert page.text.count("\n") <= LENGTH_MAX or name_of(page.path) in LISTS
    lines = [line for line in page.prose.splitlines() if not line.startswith("|")]
    assert max(map(len, lines)) <= 120, "a line of the page is too long to edit"


@every_page
def test_snippets_parse(page: Page) -> None:
    for block in page.blocks:
        if block.language == "yaml":
            assert yaml.safe_load(block.text), f"line {block.line}"
        elif block.language == "python":
            compile(block.text, name_of(page.path), "exec")


def test_every_page_is_in_the_contents() -> None:
    contents = {(DOCS / link.partition("#")[0]).resolve() for link in read_page(DOCS / "README.md").links}
    assert {path for path in PAGES if path.parent != ROOT} - contents == {DOCS / "README.md"}


def test_the_pages_that_are_checked_quickly_are_there() -> None:
    assert {name_of(path) for path in PAGES} >= QUICK


def test_the_readme_shows_what_the_demo_says() -> None:
    """The demo itself is played by tests/journeys; here its words are compared."""
    demo = next(command for command in read_page(ROOT / "README.md").commands if command.text.startswith("make demo"))
    story = (ROOT / "src/dryland/cli/demo_story.py").read_text()
    rows = [re.split(r"  +", line.strip()) for line in demo.expected.splitlines() if re.match(r"  \S", line)]
    assert len(rows) >= 6
    for label, _ in rows:
        assert f'"{label}"' in story, f"the demo tells of no `{label}`"
