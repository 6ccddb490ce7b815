"""Tells which columns of a table may hold what is about persons: those that say so, and what is made of such."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from dryland.check.offenders import persons_columns
from dryland.plan.order import ancestors
from dryland.project.personal import EVERY
from dryland.project.project import Project
from dryland.sql.column_lineage import Field, upstream
from dryland.sql.meaning import WHOLE, Meaning


def persons_of(
    unique_id: str, columns: Iterable[str], project: Project, meanings: Callable[[], Mapping[str, Meaning]]
) -> frozenset[str]:  # fmt: skip
    """Columns with `meta: {pii: true}`, and those that come from one or are called as one above; in lower case.

    `meanings` is asked only where something above is about persons.
    """
    columns = [*columns]
    own = persons_columns(unique_id, project, columns)
    above = {each: found for each in ancestors(project, [unique_id]) if (found := persons_columns(each, project))}
    if not above:
        return own
    names, known = frozenset().union(*above.values()), meanings()

    def is_persons(column: str) -> bool:
        return column in names or any(_is_of(source, above) for source, _ in upstream((unique_id, column), known))

    return own | frozenset(filter(is_persons, map(str.lower, columns)))


def _is_of(field: Field, persons: Mapping[str, frozenset[str]]) -> bool:
    unique_id, column = field
    return unique_id in persons and (column == WHOLE or bool({column, EVERY} & persons[unique_id]))
