"""Draws the charts of a diff's page: plain SVG that says in words what it shows."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from dryland.diff.difference import Share

WIDTH, BAR_HEIGHT = 640, 22
CHART_HEIGHT, CHART_BASE = 150, 110  # the rest is for labels
LABEL_ROOM = 70  # right of the last bar, for its label leans that way
LABEL_MAX = 14


def stacked_bar(parts: Sequence[tuple[str, int]], label: str) -> str:
    """One bar for all rows, cut into kinds; a kind that is there at all is at least a hair wide."""
    total = sum(count for _, count in parts) or 1
    drawn, at = [], 0.0
    for name, count in parts:
        width = max(count / total * WIDTH, 2.0) if count else 0.0
        width = min(width, WIDTH - at)
        if width > 0:
            told = escape(f"{name}: {count:,}")
            drawn.append(
                f'<rect class="{escape(name)}" x="{at:.1f}" y="0" width="{width:.1f}" height="{BAR_HEIGHT}">'
                f"<title>{told}</title></rect>"
            )
        at += width
    return _picture("".join(drawn), WIDTH, BAR_HEIGHT, label)


def share_bar(share: float, label: str) -> str:
    """A small bar in a table's cell."""
    width = max(share * 120, 1.0) if share else 0.0
    bar = f'<rect class="track" width="120" height="10"/><rect class="changed" width="{width:.1f}" height="10"/>'
    return _picture(bar, 120, 10, label)


def paired_bars(shares: Sequence[Share], label: str) -> str:
    """Two bars for each bin or category: an outlined one for before, a filled one for after."""
    most = max((max(share.before, share.after) for share in shares), default=0.0) or 1.0
    step = WIDTH / max(len(shares), 1)
    thick = min(step * 0.38, 28.0)
    drawn = [f'<line class="axis" x1="0" y1="{CHART_BASE}" x2="{WIDTH}" y2="{CHART_BASE}"/>']
    for number, share in enumerate(shares):
        middle = step * (number + 0.5)
        for kind, part, left in (("before", share.before, middle - thick), ("after", share.after, middle)):
            height = part / most * (CHART_BASE - 8)
            told = escape(f"{share.label}: {part:.1%} {kind}")
            drawn.append(
                f'<rect class="{kind}" x="{left + 1:.1f}" y="{CHART_BASE - height:.1f}" width="{thick - 2:.1f}" '
                f'height="{height:.1f}"><title>{told}</title></rect>'
            )
        text = share.label if len(share.label) <= LABEL_MAX else share.label[: LABEL_MAX - 1] + "…"
        drawn.append(
            f'<text x="{middle:.1f}" y="{CHART_BASE + 14}" transform="rotate(25 {middle:.1f} {CHART_BASE + 14})">'
            f"{escape(text)}</text>"
        )
    return _picture("".join(drawn), WIDTH + LABEL_ROOM, CHART_HEIGHT + 20, label)


def _picture(inside: str, width: int, height: int, label: str) -> str:
    told = escape(label, quote=True)
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    return f'<svg role="img" aria-label="{told}" {size}>{inside}</svg>'
