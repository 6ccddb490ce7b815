"""Reads a file as text, and says on which line it is none."""

from __future__ import annotations

from pathlib import Path

from dryland.errors import ConfigError


def read_text(path: Path, shown: str) -> str:
    """The text of a UTF-8 file, without a byte order mark.

    Raises:
        ConfigError: it cannot be read, or is in another encoding; `shown` names the file.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"the file cannot be read: {error.strerror}.", path=shown, hint="may you read it?") from error
    return decoded(content, shown)


def decoded(content: bytes, shown: str) -> str:
    """As `read_text`, for bytes that were read already."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError(
            f"the file is not UTF-8 text: {error.reason} at byte {error.start}.",
            path=shown, line=content[: error.start].count(b"\n") + 1, hint="save it as UTF-8.",
        ) from error  # fmt: skip
