"""Shows text from elsewhere on a terminal: what would steer the terminal is seen, and steers nothing."""

from __future__ import annotations

KEPT = "\n\t"
STEERING = (*range(0x20), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A))
"""Control characters, and those that turn the direction of writing around."""

SEEN = {code: f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" for code in STEERING if chr(code) not in KEPT}


def visible(text: str) -> str:
    r"""The text with its control characters written out; line breaks and tabs stay.

    >>> visible("red: \x1b[31m")
    'red: \\x1b[31m'
    """
    return text.translate(SEEN)
