"""Gives tests a project's templates, without the project."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from dryland.project.jinja.macro import BUILT_IN, MacroFile
from dryland.project.jinja.state import Scope
from dryland.project.jinja.templates import Templates
from dryland.project.jinja.variables import EnvironmentVariables
from dryland.project.jinja.world import Pass, World
from dryland.project.layout import BUILT_IN_MACROS

TARGET = {"name": "dev", "schema": "main", "database": "shop", "type": "duckdb", "threads": 4, "profile_name": "shop"}


@pytest.fixture
def templates() -> Callable[..., Templates]:
    """Templates of a project `shop`, with macros of its own."""

    def make(macros: str = "", *, packages: dict[str, str] | None = None, **world: Any) -> Templates:
        files = [MacroFile(path.name, path.read_text(), BUILT_IN) for path in sorted(BUILT_IN_MACROS.glob("*.sql"))]
        files.append(MacroFile("macros/own.sql", macros, "shop"))
        files += [MacroFile(f"{name}/macros.sql", text, name) for name, text in (packages or {}).items()]
        environment = EnvironmentVariables(world.pop("environment", {}))
        return Templates(World("shop", TARGET, "duckdb", environment, **world), files)

    return make


@pytest.fixture
def rendered(templates: Callable[..., Templates]) -> Callable[..., str]:
    """The text of a model's template."""

    def render(text: str, macros: str = "", *, config: dict[str, Any] | None = None, **options: Any) -> str:
        how = options.pop("how", Pass(execute=True))
        package = options.pop("package", "shop")
        scope = Scope("models/m.sql", package, f"model.{package}.m", "m", model={"fqn": [package, "m"], "tags": ["a"]})
        return templates(macros, **options).render(text, scope, config or {}, how)[0]

    return render
