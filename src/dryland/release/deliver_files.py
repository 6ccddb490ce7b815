"""Brings the files of external models to where they are wanted, once readers see what is in them.

Doing it again does nothing, so whatever a crash left undone is done by the next apply, run or rollback.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from dryland.engines.protocol import Engine
from dryland.plan.recorded import file_in
from dryland.project.external_file import is_external
from dryland.project.links import LED_OUT, is_led_out
from dryland.project.project import Project
from dryland.state.store import State
from dryland.timings import timed

Listing = dict[str, tuple[int, int]]  # name -> size and time of change


@timed("deliveries")
def deliver_files(engine: Engine, state: State, project: Project, environment: str) -> tuple[str, ...]:
    """Make the files at `location` those that readers of the default environment see; return a sentence for each.

    A file changes at once. A folder is exchanged by two renames, and is not there between them.
    """
    known = state.environment(environment)
    external = {uid for uid, node in project.nodes.items() if is_external(node)}
    is_default = environment == project.settings.default_environment
    if not external or not is_default or known is None or known.live_release is None:
        return ()
    pointers = {node: each for node, each in state.pointers(known.live_release).items() if node in external}
    definitions = state.definitions({each.definition for each in pointers.values()})
    builds = state.builds({each.build_key for each in pointers.values()})
    said = []
    for node, pointer in pointers.items():
        file = file_in(definitions[pointer.definition])
        if file is not None and pointer.build_key in builds:
            source = engine.files / f"{builds[pointer.build_key].relation}{file['suffix']}"
            name, reason = project.name_of(node), _refusal(project.root, file["location"], source)
            said.append(
                f"did not write {name} to {file['location']}: {reason}" if reason
                else _delivered(source, project.root / file["location"], name, file["location"])
            )  # fmt: skip
    return tuple(sentence for sentence in said if sentence)


def _refusal(root: Path, location: str, source: Path) -> str:
    """Why nothing is written there: what would be lost with a folder was not put there by us."""
    target = root / location
    if is_led_out(root, location):
        return LED_OUT
    if not source.is_dir() or not target.is_dir():
        return ""
    if root.resolve().is_relative_to(target.resolve()):
        return "the project stands in that folder"
    endings = {file.suffix for file in source.rglob("*") if file.is_file()}
    others = sorted(file for file in target.rglob("*") if file.is_file() and file.suffix not in endings)
    return f"`{others[0].relative_to(target)}` in that folder would be lost" if others and endings else ""


def _delivered(source: Path, target: Path, name: str, shown: str) -> str:
    try:
        if _listing(source) == _listing(target):
            return ""
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = target.with_name(f".{target.name}.part")
        _remove(draft)
        if source.is_dir():
            shutil.copytree(source, draft)
            _exchange(draft, target)
        else:
            shutil.copy2(source, draft)
            draft.replace(target)
    except OSError as error:
        return f"did not write {name} to {shown}: {error.strerror or error}"
    return f"wrote {name} to {shown}"


def _exchange(draft: Path, target: Path) -> None:
    """A folder cannot be replaced by another in one step."""
    old = target.with_name(f".{target.name}.old")
    _remove(old)
    if target.exists():
        target.replace(old)
    draft.replace(target)
    _remove(old)


def _listing(path: Path) -> Listing:
    """What tells whether two files or folders are copies of each other."""
    files = sorted(each for each in path.rglob("*") if each.is_file()) if path.is_dir() else [path]
    found = {}
    for file in files:
        if file.exists():
            stat = file.stat()
            found[str(file.relative_to(path))] = (stat.st_size, stat.st_mtime_ns)
    return found


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
