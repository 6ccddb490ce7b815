"""Unpacks a package's archive, and lets nothing of it get outside of its folder."""

from __future__ import annotations

import shutil
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from dryland.errors import ConfigError

UNPACKED_BYTES_MAX = 512 << 20
FILES_MAX = 50_000
BROKEN = (tarfile.TarError, EOFError, zlib.error, OSError)


def unpack(archive: Path, folder: Path, of: str) -> Path:
    """Unpack a tar file, compressed or not; the folder in which all of it stands.

    Raises:
        ConfigError: it is no archive, has more than one folder, is too large, or a name in it leads outside.
    """
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with tarfile.open(archive) as tar:
            for member in _harmless(tar, of):
                _put(tar, member, folder / member.name)
    except BROKEN as error:
        raise ConfigError(f"the archive of {of} cannot be unpacked: {error}.", hint="is it a .tar.gz?") from error
    inside = list(folder.iterdir())
    if len(inside) != 1 or not inside[0].is_dir():
        raise ConfigError(
            f"the archive of {of} has {len(inside)} things at its top.",
            hint="a package is one folder, named as you like.",
        )
    return inside[0]


def _harmless(tar: tarfile.TarFile, of: str) -> Iterator[tarfile.TarInfo]:
    """Its members one by one: relative names, no way up, no devices, links only to what is beside them."""
    unpacked = 0
    for number, member in enumerate(tar):
        unpacked += member.size
        if number >= FILES_MAX or unpacked > UNPACKED_BYTES_MAX:
            raise ConfigError(f"the archive of {of} is too large to be a package.", hint="is it the right address?")
        name = PurePosixPath(member.name)
        if not name.parts:  # the folder itself, as `tar c .` writes it
            continue
        if name.is_absolute() or ".." in name.parts or "\\" in member.name or _leads_out(name, member):
            raise ConfigError(
                f"the archive of {of} has `{member.name}`, which leads out of its folder.",
                hint="do not use this archive.",
            )
        yield member


def _leads_out(name: PurePosixPath, member: tarfile.TarInfo) -> bool:
    if member.isfile() or member.isdir():
        return False
    if not member.issym():  # hard links and devices have no place in a package
        return True
    target = PurePosixPath(member.linkname)
    depth = len(name.parent.parts)  # a link at the depth of 2 may go up twice, but then it is outside of the package
    for part in target.parts:
        depth += -1 if part == ".." else 1
        if depth < 1:
            return True
    went_down = [part != ".." for part in target.parts]
    goes_up_again = went_down != sorted(went_down)  # from what may be a link itself, so that nobody can count
    return target.is_absolute() or goes_up_again


def _put(tar: tarfile.TarFile, member: tarfile.TarInfo, path: Path) -> None:
    if member.isdir():
        path.mkdir(parents=True, exist_ok=True)
        return
    if any(parent.is_symlink() for parent in path.parents):
        raise ConfigError(f"`{member.name}` would be unpacked through a link.", hint="do not use this archive.")
    path.parent.mkdir(parents=True, exist_ok=True)
    if member.issym():
        path.symlink_to(member.linkname)
        return
    content = tar.extractfile(member)
    assert content is not None, member.name
    with content, path.open("xb") as file:
        shutil.copyfileobj(content, file)
