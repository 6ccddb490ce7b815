"""Writes the code map into ARCHITECTURE.md: every module with the first line of its docstring."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOUSE = ROOT / "src" / "dryland"
PAGE = ROOT / "ARCHITECTURE.md"
BEGIN, END = "<!-- map -->", "<!-- /map -->"
JOURNEY = (
    "cli",
    "portal",
    "platform.py",
    "housekeeping.py",
    "responding.py",
    "monitoring.py",
    "checking.py",
    "serving.py",
    "looking.py",
    "applying.py",
    "comparing.py",
    "leftovers.py",
    "noting_outcomes.py",
    "noting.py",
    "circumstances.py",
    "observing.py",
    "scoring.py",
    "choosing.py",
    "planning.py",
    "freshness.py",
    "measuring.py",
    "unit_testing.py",
    "unchanged.py",
    "ahead.py",
    "workshop.py",
    "opened.py",
    "whereabouts.py",
    "translation",
    "artifacts",
    "telemetry",
    "access",
    "watch",
    "release",
    "health",
    "suggest",
    "build",
    "diff",
    "check",
    "asking.py",
    "plan",
    "sql",
    "project",
    "engines",
    "state",
    "timings.py",
    "beside.py",
    "clock.py",
    "workers.py",
    "values.py",
    "digest.py",
    "tilde.py",
    "errors.py",
)


def code_map() -> str:
    """The map as Markdown: rooms in the order of the journey, their files by name."""
    return "\n".join(line for part in JOURNEY for line in _room(HOUSE / part))


def page(text: str) -> str:
    """`text` with the map between its marks."""
    before, rest = text.split(BEGIN, 1)
    _, after = rest.split(END, 1)
    return f"{before}{BEGIN}\n{code_map()}\n{END}{after}"


def _room(path: Path) -> list[str]:
    if path.is_file():
        return [f"- **`{path.name}`** {_first_line(path)}"]
    lines = [f"- **`{path.name}/`** {_first_line(path / '__init__.py')}"]
    for file in sorted(path.rglob("*.py")):
        if file.name != "__init__.py":
            lines.append(f"  - `{file.relative_to(path)}` {_first_line(file)}")
    return lines


def _first_line(path: Path) -> str:
    return (ast.get_docstring(ast.parse(path.read_text())) or "").partition("\n")[0]


def main() -> int:
    """Write the map; with `--check` only say whether it is true."""
    wanted = page(PAGE.read_text())
    if "--check" in sys.argv:
        return int(PAGE.read_text() != wanted)
    PAGE.write_text(wanted)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
