"""Says where a project is played: the target that its environments belong to, and the file of what is remembered."""

from __future__ import annotations

from pathlib import Path

from dryland.errors import StateError, UsageError
from dryland.project.links import LED_OUT, is_led_out
from dryland.project.project import Project
from dryland.state.records import Place

OWN_FOLDER = ".dryland"
HINT = "`state` in dryland.yml puts the metadata elsewhere."


def metadata_file(project: Project, warehouse: str) -> Path | None:
    """The file of the metadata; None when they are somewhere else.

    What is released on one of the warehouses that dryland.yml names says nothing of another.
    """
    name = f"state.{warehouse}.db" if warehouse else "state.db"
    return None if project.settings.state_url else project.root / OWN_FOLDER / name


def made_own_folder(root: Path) -> None:
    """Make the folder of what Dryland remembers of a project: no part of it, and so not of its repository.

    Raises:
        StateError: it cannot be made, or a link leads out of the project there.
    """
    folder = root / OWN_FOLDER
    if is_led_out(root, OWN_FOLDER):
        raise StateError(f"{folder} is not used: {LED_OUT}.", hint=HINT)
    if not folder.exists():
        try:
            folder.mkdir(exist_ok=True)
            (folder / ".gitignore").write_text("*\n")
        except OSError as error:
            raise StateError(f"{folder} cannot be made: {error.strerror}.", hint=HINT) from error


def place_of(project: Project) -> Place:
    """Which target of the profile this is, and what it stands for."""
    warehouse = project.warehouse
    where = str(warehouse.settings.get("path") or warehouse.settings.get("host") or "").partition("?")[0]
    return Place(warehouse.target_name, warehouse.database, where, warehouse.schema)


def verify_same(known: Place | None, here: Place) -> None:
    """Environments and releases are those of one target; another one would move its readers.

    Raises:
        UsageError: the metadata is another target's.
    """
    if known is None or known.target == here.target or known.is_same_as(here):
        return
    raise UsageError(
        f"the metadata is of the target `{known.target}` ({known}); `{here.target}` is another place ({here}).",
        hint="an environment needs no target (-e). For a second warehouse give each target its own in "
        'dryland.yml: state: "sqlite:///.dryland/{{ target.name }}.db", '
        'store_schema: "dryland_{{ target.name }}"',
    )
