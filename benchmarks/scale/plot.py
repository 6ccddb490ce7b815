"""Draws growth as SVG: both axes logarithmic, so that what grows as its input is a line of slope one."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 1000, 540
LEFT, RIGHT, TOP, BOTTOM = 70, 400, 56, 60
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7f7f7f", "#b2a000")
"""Told apart by those who see colours otherwise, and on white as on black."""
STYLE = """\
<style>
  text { font: 13px system-ui, sans-serif; fill: #1f2328 }
  .title { font-size: 16px; font-weight: 600 }
  .grid { stroke: #8c959f; stroke-opacity: 0.35 }
  .linear { stroke: #8c959f; stroke-dasharray: 5 5; fill: none }
  .ground { fill: #ffffff }
  @media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .ground { fill: #0d1117 } }
</style>"""

DASHES = ("", "9 4", "2 4")
"""Lines of one colour are told apart by these."""


@dataclass(frozen=True, slots=True)
class Line:
    """Points from left to right; lines of one family have one colour."""

    name: str
    family: str
    points: tuple[tuple[float, float], ...]


def draw(title: str, lines: Sequence[Line], *, across: str, up: str) -> str:
    """Each line with a label at its end, and a grey one that grows as what is across does."""
    points = [point for line in lines for point in line.points]
    scale = _Scale([x for x, _ in points], [y for _, y in points])
    said = f"{title}. " + " ".join(f"{line.name}: {_told(line)}." for line in lines)
    size = f'viewBox="0 0 {WIDTH} {HEIGHT}" role="img"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} aria-label="{escape(said)}">',
            STYLE,
            f'<rect class="ground" width="{WIDTH}" height="{HEIGHT}"/>',
            f'<text class="title" x="{LEFT}" y="28">{escape(title)}</text>',
            *_grid(scale, across, up), *_linear(scale), *_lines(scale, lines), "</svg>", "",
        ]
    )  # fmt: skip


class _Scale:
    """From what is measured to where it is drawn."""

    def __init__(self, across: Sequence[float], up: Sequence[float]) -> None:
        self.least_x, self.most_x = min(across), max(across)
        if self.least_x == self.most_x:
            self.most_x *= 10
        self.least_y = 10 ** math.floor(math.log10(min(up)))
        self.most_y = 10 ** math.ceil(math.log10(max(up) * 1.001))

    def x(self, value: float) -> float:
        return LEFT + _share(value, self.least_x, self.most_x) * (WIDTH - LEFT - RIGHT)

    def y(self, value: float) -> float:
        return HEIGHT - BOTTOM - _share(value, self.least_y, self.most_y) * (HEIGHT - TOP - BOTTOM)


def _share(value: float, least: float, most: float) -> float:
    return (math.log10(value) - math.log10(least)) / (math.log10(most) - math.log10(least))


def _grid(scale: _Scale, across: str, up: str) -> Iterator[str]:
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM
    for value in _ticks(scale.least_y, scale.most_y):
        y = scale.y(value)
        yield f'<line class="grid" x1="{LEFT}" x2="{right}" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{value:,g}</text>'
    for value in _ticks(scale.least_x, scale.most_x):
        x = scale.x(value)
        yield f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{bottom}"/>'
        yield f'<text x="{x:.1f}" y="{bottom + 20}" text-anchor="middle">{value:,g}</text>'
    yield f'<text x="{(LEFT + right) / 2}" y="{HEIGHT - 16}" text-anchor="middle">{escape(across)}</text>'
    middle = (TOP + bottom) / 2
    yield f'<text x="18" y="{middle}" text-anchor="middle" transform="rotate(-90 18 {middle})">{escape(up)}</text>'


def _ticks(least: float, most: float) -> Iterator[float]:
    """Powers of ten, and their halves."""
    power = 10.0 ** math.floor(math.log10(least))
    while power <= most:
        yield from (each for each in (power, 5 * power) if least <= each <= most)
        power *= 10


def _linear(scale: _Scale) -> Iterator[str]:
    """From the lower left: what grows no faster is no steeper than this."""
    reach = min(scale.most_x / scale.least_x, scale.most_y / scale.least_y)
    ends = (scale.least_x, scale.least_y), (scale.least_x * reach, scale.least_y * reach)
    yield f'<path class="linear" d="{_path(scale, ends)}"/>'
    left, down = WIDTH - RIGHT + 16, HEIGHT - 16
    yield f'<path class="linear" d="M{left},{down - 4} h28"/>'
    yield f'<text x="{left + 36}" y="{down}">grows as what is across</text>'


def _lines(scale: _Scale, lines: Sequence[Line]) -> Iterator[str]:
    labels = _apart({line.name: scale.y(line.points[-1][1]) for line in lines})
    families = list(dict.fromkeys(line.family for line in lines))
    seen: Counter[str] = Counter()
    for line in lines:
        colour = COLOURS[families.index(line.family) % len(COLOURS)]
        drawn = f'fill="none" stroke="{colour}" stroke-width="2.5" stroke-dasharray="{DASHES[seen[line.family] % 3]}"'
        seen[line.family] += 1
        yield f'<path d="{_path(scale, line.points)}" {drawn}/>'
        for x, y in line.points:
            yield f'<circle cx="{scale.x(x):.1f}" cy="{scale.y(y):.1f}" r="3.5" fill="{colour}"/>'
        left, down = WIDTH - RIGHT + 16, labels[line.name]
        yield f'<path d="M{left},{down - 4:.1f} h28" {drawn}/>'
        yield f'<text x="{left + 36}" y="{down:.1f}">{escape(line.name)}: {_short(line.points[-1][1])}</text>'


def _apart(wanted: Mapping[str, float]) -> dict[str, float]:
    """Labels in the order of their lines, none over another, and all of them in the picture."""
    placed: dict[str, float] = {}
    for name, y in sorted(wanted.items(), key=lambda each: each[1]):
        placed[name] = max([y + 4, *(other + 18 for other in placed.values())])
    below = max(0.0, max(placed.values(), default=0.0) - (HEIGHT - BOTTOM))
    return {name: y - below for name, y in placed.items()}


def _path(scale: _Scale, points: Sequence[tuple[float, float]]) -> str:
    return "M" + " L".join(f"{scale.x(x):.1f},{scale.y(y):.1f}" for x, y in points)


def _told(line: Line) -> str:
    return ", ".join(f"{_short(y)} at {x:,g}" for x, y in line.points)


def _short(value: float) -> str:
    """Two digits at least, and never 1e+03."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.2g}"
