"""Renews the files that others wrote and the portal brings along: minified, as npm has them, with their licences."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SHIPPED, TESTED_WITH = ROOT / "src/dryland/portal/assets", ROOT / "tests/portal/vendor"


@dataclass(frozen=True)
class Vendored:
    """A file of an npm package, and where it goes."""

    package: str  # with the version that is wanted
    file: str
    folder: Path
    licence: str  # what its licence is called here


VENDORED = (
    Vendored("htmx.org@2", "dist/htmx.min.js", SHIPPED, "htmx.LICENSE"),
    Vendored("axe-core@4", "axe.min.js", TESTED_WITH, "axe.LICENSE"),
)


def renew(each: Vendored, place: Path) -> str:
    """Fetch one; return the name of the archive, which has its version."""
    asked = ["npm", "pack", "--silent", each.package]
    done = subprocess.run(asked, cwd=place, check=True, capture_output=True, text=True)  # noqa: S603 - npm's own
    name = done.stdout.split()[-1]
    with tarfile.open(place / name) as archive:
        for inside, outside in ((each.file, Path(each.file).name), ("LICENSE", each.licence)):
            member = archive.extractfile(f"package/{inside}")
            assert member is not None, f"{name} has no {inside}"
            (each.folder / outside).write_bytes(member.read())
    return name


def main() -> int:
    """Renew all of them."""
    with tempfile.TemporaryDirectory() as place:
        for each in VENDORED:
            print(f"{renew(each, Path(place))} -> {(each.folder / Path(each.file).name).relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
