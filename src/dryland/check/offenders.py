"""Shows the rows that offend: a few for people, with persons' columns masked, or all of them in dbt's table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from dryland.check.given import columns_of, own_sql_of
from dryland.check.kinds.catalogue import kind_of
from dryland.check.own_query import failing_rows_query, shown_rows_query
from dryland.check.request import CheckRequest
from dryland.check.scanning.scan import plain
from dryland.engines.protocol import Session
from dryland.errors import DrylandError, QueryError
from dryland.plan.compose import inlined
from dryland.plan.environment import kept_failures
from dryland.project.nodes import Check
from dryland.project.personal import EVERY, personal_in
from dryland.project.project import Project
from dryland.sql.analyse import analyse
from dryland.sql.meaning import WHOLE

ROWS_MAX = 20
MASK = "***"
NUMBERS = frozenset(
    """
    rows times ways share expected failing problem what where is_last n_records count distinct_count distinct_share
    value_share nulls distinct
    """.split()
)
"""What kinds of check show beside values of a column: how many there are, and what is wrong with them."""


def sample(session: Session, check: Check, request: CheckRequest) -> tuple[Mapping[str, object], ...]:
    """Up to 20 offending rows; what comes from columns with `meta: {pii: true}` is masked."""
    try:
        with session.attempt():
            rows = session.fetch(shown_rows_query(check, request, ROWS_MAX)).as_dicts()
    except (QueryError, ValueError):  # a sample is a courtesy; two columns of one name have none
        return ()
    return masked([{name: plain(value) for name, value in row.items()} for row in rows], check, request)


def masked(
    rows: Sequence[Mapping[str, object]], check: Check, request: CheckRequest
) -> tuple[Mapping[str, object], ...]:  # fmt: skip
    """Rows that offend without what is a person's."""
    hidden = _hidden(check, request, rows[0]) if rows else frozenset()
    return tuple({name: MASK if name in hidden else value for name, value in row.items()} for row in rows)


def keep_failures(session: Session, check: Check, request: CheckRequest) -> None:
    """dbt's `store_failures`: the failing rows as a table, in dbt's place for them; empty when nothing fails.

    Another environment than the default one has a place of its own, as for everything that it shows.
    """
    kept = kept_failures(check, request.project, request.engine.database, request.environment)
    session.create_schema([(kept.database, kept.schema)])
    session.create_table_as(kept, failing_rows_query(check, request))


def persons_columns(unique_id: str, project: Project, columns: Iterable[str] = ()) -> frozenset[str]:
    """Columns of a node or source that are said to be about persons, in lower case.

    What is said of a source holds for the seed that it is. Where all of a dataset is, these are `EVERY`, all columns
    that are documented, and those that it is known to have.
    """
    own = project.nodes.get(unique_id) or project.sources.get(unique_id)
    described = (*((own,) if own else ()), *project.sources_of_seed(unique_id))
    said = {name for each in described for name in personal_in(each)}
    if EVERY in said:
        said |= {column.name.lower() for each in described for column in each.columns}
        said |= {column.lower() for column in columns}
    return frozenset(said)


def _hidden(check: Check, request: CheckRequest, shown: Iterable[str]) -> frozenset[str]:
    """Which of these columns may hold a person's data, under whatever name a query gives it."""
    read = {*check.refs, check.node, *(check.rendered.relations.values() if check.rendered else ())}
    has = {uid: [column.name for column in columns] for uid, columns in request.columns.items()}
    persons = {
        uid: names for uid in read if (names := persons_columns(uid, request.project, has.get(uid, ())))
    }  # fmt: skip
    if not persons:
        return frozenset()
    names = frozenset().union(*persons.values())
    harmless = _traced(check, request, persons) if check.rendered else _plain(check, request, persons)
    return frozenset(
        name for name in shown if name.lower() in names or (harmless is not None and name.lower() not in harmless)
    )


def _plain(check: Check, request: CheckRequest, persons: Mapping[str, frozenset[str]]) -> frozenset[str] | None:
    """Names under which a check of a known kind shows nothing of a person; None when it surely reads none.

    What is shown of a column has other names than the column: `max`, `value`, or what a query of the team's own says.
    """
    kind = kind_of(check)
    if kind is not None and kind.name == "sql":
        return frozenset()
    is_named = any(column.lower() in persons.get(unique_id, ()) for unique_id, column in columns_of(check))
    if not is_named and not own_sql_of(check):
        return None
    columns = {column.name.lower() for unique_id in check.refs for column in request.columns.get(unique_id, ())}
    return frozenset({*columns, *NUMBERS}).difference(*persons.values())


def _traced(check: Check, request: CheckRequest, persons: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """Columns of a query of the project's own that surely hold nothing of a person; none when it is not understood."""
    assert check.rendered is not None
    sql, texts = inlined(check.rendered, request.project, request.dialect)
    schemas = {uid: [column.name for column in request.columns.get(uid, ())] or None for uid in texts.values()}
    try:
        meaning = analyse(sql, request.dialect, relations=texts, schemas=schemas)
    except DrylandError:
        return frozenset()
    private = {(uid, column) for uid, columns in persons.items() for column in (*columns, WHOLE)}
    whole = {uid for uid, columns in persons.items() if EVERY in columns}
    return frozenset(
        name.lower() for name, part in (meaning.columns or {}).items()
        if not part.reads & private and not whole & {uid for uid, _ in part.reads}
    )  # fmt: skip
