"""Draws lineage: which datasets or columns are shown, where each stands, and the lines between them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from dryland.portal.drawing.layers import Place, layered
from dryland.portal.facts.catalogue import Catalogue
from dryland.sql.column_lineage import downstream, upstream
from dryland.sql.meaning import WHOLE
from dryland.values import dataclass

BOX_WIDTH, BOX_HEIGHT = 190, 40
GAP_X, GAP_Y, EDGE = 64, 14, 12
NAME_MAX = 25  # characters that a box has room for
Facts = tuple[str, str, str, str]
"""Name, kind, state and unique id of the dataset whose page tells more."""


@dataclass(frozen=True, slots=True)
class Box:
    """A dataset, exposure or column in a drawing."""

    id: str
    name: str
    kind: str
    state: str
    x: float
    y: float
    dataset: str = ""  # unique id of the dataset whose page tells more
    is_focus: bool = False
    under: str = ""  # what stands below the name instead of the kind

    @property
    def label(self) -> str:
        """The name as far as there is room."""
        return self.name if len(self.name) <= NAME_MAX else f"{self.name[: NAME_MAX - 1]}…"


@dataclass(frozen=True, slots=True)
class Line:
    """From what is read to what reads it."""

    start: str
    end: str
    path: str  # as SVG writes it


@dataclass(frozen=True, slots=True)
class Drawing:
    """Boxes and lines, and how much room they take."""

    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]
    width: float
    height: float


def around(catalogue: Catalogue, focus: str, *, up: int | None, down: int | None) -> tuple[str, ...]:
    """A dataset with what it reads and what reads it, so many steps far (None: all), in the catalogue's order."""
    wanted = {focus, *catalogue.above(focus, up), *catalogue.below(focus, down)}
    wanted |= {exposure for uid in wanted for exposure in catalogue.users.get(uid, ())}
    return tuple(sorted(wanted & catalogue.places.keys(), key=catalogue.places.__getitem__))


def drawn(catalogue: Catalogue, nodes: Sequence[str], focus: str = "") -> Drawing:
    """A drawing of these datasets and exposures."""
    reads = {uid: _reads(catalogue, uid) for uid in nodes}
    return _drawing(layered(nodes, reads), reads, lambda uid: _facts(catalogue, uid), focus)


def drawn_of(
    nodes: Sequence[str], reads: Mapping[str, Sequence[str]], facts: Callable[[str], Facts], focus: str
) -> Drawing:
    """A drawing of whatever `facts` knows: its name, kind, state, and the dataset whose page tells more."""
    return _drawing(layered(nodes, reads), reads, facts, focus)


def drawn_columns(catalogue: Catalogue, unique_id: str, column: str) -> Drawing | None:
    """A drawing of where a column comes from and where it goes; None where nobody knows."""
    meanings = catalogue.meanings
    known = meanings[unique_id].columns if unique_id in meanings else {}
    field = (unique_id, column if known is not None and column in known else column.lower())
    edges = {*upstream(field, meanings), *downstream(field, meanings)}
    if not edges:
        return None
    fields = sorted({end for edge in edges for end in edge} | {field})
    ids = {each: f"{each[0]}\n{each[1]}" for each in fields}
    reads: dict[str, list[str]] = {name: [] for name in ids.values()}
    for start, end in sorted(edges):
        reads[ids[end]].append(ids[start])
    facts = {
        name: (
            each[1] if each[1] != WHOLE else "", "column", catalogue.name_of(each[0]), each[0],
        )
        for each, name in ids.items()
    }  # fmt: skip
    return _drawing(layered(list(ids.values()), reads), reads, facts.__getitem__, ids[field])


def _reads(catalogue: Catalogue, unique_id: str) -> tuple[str, ...]:
    if unique_id in catalogue.datasets:
        return catalogue.datasets[unique_id].reads
    return catalogue.exposures[unique_id].depends_on if unique_id in catalogue.exposures else ()


def _facts(catalogue: Catalogue, unique_id: str) -> tuple[str, str, str, str]:
    found = catalogue.datasets.get(unique_id)
    if found is None:
        return catalogue.name_of(unique_id), "exposure", "", ""
    return found.name, found.kind, found.state, unique_id


def _drawing(places: Mapping[str, Place], reads: Mapping[str, Iterable[str]], facts, focus: str) -> Drawing:  # type: ignore[no-untyped-def]
    at = {
        uid: (EDGE + layer * (BOX_WIDTH + GAP_X), EDGE + row * (BOX_HEIGHT + GAP_Y))
        for uid, (layer, row) in places.items()
    }
    boxes = []
    for uid, (x, y) in at.items():
        name, kind, state, dataset = facts(uid)
        boxes.append(Box(uid, name, kind, state, x, y, dataset, uid == focus))
    lines = tuple(
        Line(start, end, _path(*at[start], *at[end]))
        for end, starts in reads.items()
        for start in starts
        if start in at and end in at
    )
    width = max((x for x, _ in at.values()), default=0) + BOX_WIDTH + EDGE
    height = max((y for _, y in at.values()), default=0) + BOX_HEIGHT + EDGE
    return Drawing(tuple(boxes), lines, width, height)


def _path(x1: float, y1: float, x2: float, y2: float) -> str:
    start, end = x1 + BOX_WIDTH, x2
    top, bottom = y1 + BOX_HEIGHT / 2, y2 + BOX_HEIGHT / 2
    bend = max((end - start) / 2, GAP_X / 2)
    return f"M{start:g} {top:g}C{start + bend:g} {top:g} {end - bend:g} {bottom:g} {end:g} {bottom:g}"
