"""Makes edits in a project's files one after the other, has each looked at, and undoes it; for any tool's Python."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path


def in_turn(edits: Path, ask: Callable[[], object]) -> None:
    """Print what `ask` says after each edit, a line of JSON each; where it fails, `{"error": ...}`.

    `edits` holds one JSON object a line: path -> text, or null for a file that is removed.
    """
    for line in edits.read_text().splitlines():
        files: dict[str, str | None] = json.loads(line)
        clean = {path: Path(path).read_text() if Path(path).exists() else None for path in files}
        _write(files)
        try:
            answer = ask()
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"[:300]}
        finally:
            _write(clean)
        print(json.dumps(answer), flush=True)


def _write(files: dict[str, str | None]) -> None:
    for path, text in files.items():
        if text is None:
            Path(path).unlink(missing_ok=True)
        else:
            Path(path).parent.mkdir(parents=True, exist_ok=True)
            Path(path).write_text(text)
