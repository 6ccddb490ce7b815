"""Follows columns through the whole project: where a column comes from, where it goes, whom a change hits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from dryland.sql.meaning import ROWS, WHOLE, Meaning, Part

Field = tuple[str, str]  # (unique id, column)
Edge = tuple[Field, Field]  # from, to
NOTHING = Part("")


def upstream(target: Field, meanings: Mapping[str, Meaning]) -> tuple[Edge, ...]:
    """Edges that lead to a column, nearest first; a node that is not understood is entered as a whole."""
    edges: list[Edge] = []
    seen: set[Field] = set()
    frontier = [target]
    while frontier:
        field = frontier.pop(0)
        if field in seen:
            continue
        seen.add(field)
        for source in sorted(_sources(field, meanings)):
            edges.append((source, field))
            frontier.append(source)
    return tuple(edges)


def downstream(target: Field, meanings: Mapping[str, Meaning]) -> tuple[Edge, ...]:
    """Edges that lead from a column, nearest first."""
    reading = _readers(meanings)
    edges: list[Edge] = []
    seen: set[Field] = set()
    frontier = [target]
    while frontier:
        field = frontier.pop(0)
        if field in seen:
            continue
        seen.add(field)
        for reader in sorted({*reading.get(field, ()), *reading.get((field[0], WHOLE), ())}):
            edges.append((field, reader))
            frontier.append(reader)
    return tuple(edges)


def readers_hit(changed: Mapping[str, Iterable[str]], meanings: Mapping[str, Meaning]) -> dict[str, tuple[str, ...]]:
    """Which columns of which readers are hit when these columns (or ROWS, or WHOLE) change, transitively.

    A reader whose rows depend on what changed is hit in all its columns and in its rows. `meanings` is in topological
    order, so one pass sees every reader after what it reads. A node that is not understood is hit as ("*",).
    """
    hit: dict[str, set[str]] = {node: set(columns) for node, columns in changed.items()}
    for node, meaning in meanings.items():
        if not meaning.inputs & hit.keys():
            continue
        if _is_hit(meaning.rows.reads, hit):
            own = {ROWS, *(meaning.columns or (WHOLE,))}
        else:
            own = {name for name, part in (meaning.columns or {}).items() if _is_hit(part.reads, hit)}
        if own:
            hit.setdefault(node, set()).update(own)
    found = {}
    for node, columns in hit.items():
        if node in meanings and node not in changed:
            order = tuple(meanings[node].columns or (WHOLE,))
            found[node] = tuple(name for name in order if name in columns)
    return found


def _is_hit(reads: Iterable[Field], hit: Mapping[str, set[str]]) -> bool:
    for unique_id, column in reads:
        columns = hit.get(unique_id)
        if columns and (column in columns or column == WHOLE or WHOLE in columns):
            return True
    return False


def _sources(field: Field, meanings: Mapping[str, Meaning]) -> frozenset[Field]:
    node, column = field
    meaning = meanings.get(node)
    if meaning is None:
        return frozenset()
    if meaning.columns is None:
        return frozenset((unique_id, WHOLE) for unique_id in meaning.inputs)
    parts = (
        meaning.columns.values()
        if column == WHOLE
        else [meaning.columns.get(column) or meaning.columns.get(column.lower(), NOTHING)]
    )
    return frozenset(read for part in parts for read in part.reads if read[1] != ROWS)


def _readers(meanings: Mapping[str, Meaning]) -> dict[Field, list[Field]]:
    reading: dict[Field, list[Field]] = {}
    for node, meaning in meanings.items():
        columns = meaning.columns if meaning.columns is not None else {WHOLE: meaning.rows}
        for name, part in columns.items():
            for read in part.reads:
                if read[1] != ROWS:
                    reading.setdefault(read, []).append((node, name))
    return reading
