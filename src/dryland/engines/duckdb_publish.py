"""Publishes on DuckDB: every view and the note of it in one transaction.

DuckDB writes one database in a transaction. Views in an attached database follow in one of their own: first they are
tried and undone, so that what cannot be made stops the release; after the note they are made, again if a crash came
between.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain

from dryland.engines.duckdb_catalogue import Catalogue, read_catalogue
from dryland.engines.duckdb_names import folded, literal, quoted, rendered
from dryland.engines.duckdb_notes import note
from dryland.engines.duckdb_session import DuckDBSession
from dryland.engines.publication import Publication
from dryland.engines.relation import Relation
from dryland.errors import InTheWayError

TAKE_OVER_HINT = "`dryland apply --adopt` takes them over, and a rollback brings them back."
ELSEWHERE_HINT = "drop it, or give the model another name; only what stands in the store's own database is taken over."


def publish(session: DuckDBSession, publication: Publication, database: str, store_schema: str) -> None:
    """Swap all views, drop, move and note, or change nothing.

    Raises:
        InTheWayError: what somebody else made stands where a view is to be published, or cannot be moved.
    """
    for part in _elsewhere(publication, database):
        with session.rehearsal():
            _swap(session, part, _ready(session, part, store_schema), store_schema)
    here = _part(publication, database)
    with session.transaction():
        catalogue = _ready(session, here, store_schema)
        if here.moves or here.returns:
            _swap_with_others(session, here, catalogue, store_schema)
        else:
            _swap(session, here, catalogue, store_schema)
        note(session, publication, database, store_schema)
    complete(session, publication, database, store_schema)


def complete(session: DuckDBSession, publication: Publication, database: str, store_schema: str) -> None:
    """Swap the views in other databases; doing it twice is doing it once."""
    for part in _elsewhere(publication, database):
        with session.transaction():
            _swap(session, part, _ready(session, part, store_schema), store_schema)


def _elsewhere(publication: Publication, database: str) -> Iterator[Publication]:
    """What is published in databases other than the store's, by database.

    Raises:
        InTheWayError: something is to be taken over there, which would write two databases at once.
    """
    names = {*publication.views, *publication.drops, *publication.moves}
    others = sorted({name.database for name in names if name.database.lower() != database.lower()})
    moved = sorted(str(name) for name in publication.moves if name.database in others)
    if moved:
        raise InTheWayError(
            f"{', '.join(moved)} in another database than the store cannot be taken over.",
            objects=tuple(moved), hint=ELSEWHERE_HINT,
        )  # fmt: skip
    for other in others:
        yield replace(_part(publication, other), moves={}, returns={})


def _part(publication: Publication, database: str) -> Publication:
    """What of a publication is in this database."""

    def is_here(name: Relation) -> bool:
        return name.database.lower() == database.lower()

    return replace(
        publication,
        views={name: store for name, store in publication.views.items() if is_here(name)},
        drops=tuple(name for name in publication.drops if is_here(name)),
        comments={name: said for name, said in publication.comments.items() if is_here(name)},
    )


def _ready(session: DuckDBSession, publication: Publication, store_schema: str) -> Catalogue:
    """Make the schemas, and see what stands in them."""
    session.create_schema({(name.database, name.schema) for name in publication.views})
    catalogue = read_catalogue(session, _schemas(publication))
    _verify_free(publication, catalogue, store_schema)
    return catalogue


def _swap_with_others(
    session: DuckDBSession, publication: Publication, catalogue: Catalogue, store_schema: str
) -> None:  # fmt: skip
    """Take over what others made, and give back what is theirs."""
    from dryland.engines.duckdb_adopt import hand_back, take_over  # imports what parses views

    take_over(session, publication.moves, catalogue)
    _swap(session, publication, catalogue, store_schema)
    hand_back(session, publication.returns, catalogue, store_schema)


def _swap(session: DuckDBSession, publication: Publication, catalogue: Catalogue, store_schema: str) -> None:
    session.drop((name, "view") for name in publication.drops if catalogue[name].is_ours(store_schema))
    statements = [
        f"CREATE OR REPLACE VIEW {rendered(name)} AS SELECT * FROM {rendered(store)}"
        for name, store in _in_binding_order(publication, catalogue)
    ]
    if statements:
        session.execute(";\n".join(statements))  # one round trip: 1,000 views one by one take seconds
    if comments := list(_comments(session, publication)):
        session.execute(";\n".join(comments))


def _comments(session: DuckDBSession, publication: Publication) -> Iterator[str]:
    """A view that is made anew has none, so what is not said is gone."""
    columns = session.columns(publication.comments)
    for name, said in publication.comments.items():
        if said.relation:
            yield f"COMMENT ON VIEW {rendered(name)} IS {literal(said.relation)}"
        for column in columns.get(name, ()):
            if column.name in said.columns:
                text = literal(said.columns[column.name])
                yield f"COMMENT ON COLUMN {rendered(name)}.{quoted(column.name)} IS {text}"


def _schemas(publication: Publication) -> set[str]:
    both_ends = chain(*publication.returns.items())
    return {name.schema for name in (*publication.views, *publication.drops, *publication.moves, *both_ends)}


def _verify_free(publication: Publication, catalogue: Catalogue, store_schema: str) -> None:
    """Only our own views are replaced."""
    moved = {folded(name) for name in publication.moves}
    blocked = sorted(
        str(name)
        for name in publication.views
        if name in catalogue and folded(name) not in moved and not catalogue[name].is_ours(store_schema)
    )
    if blocked:
        raise InTheWayError(
            f"tables or views that Dryland did not make stand at {', '.join(blocked)}.",
            objects=tuple(blocked), hint=TAKE_OVER_HINT,
        )  # fmt: skip


def _in_binding_order(publication: Publication, catalogue: Catalogue) -> list[tuple[Relation, Relation]]:
    """Taken-over views read names, not builds: those names have to stand again before they are read."""
    if not publication.moves:
        return list(publication.views.items())
    from dryland.engines.duckdb_views import readers_last

    views = {name: catalogue[name].sql for name in publication.moves if catalogue[name].kind == "view"}
    by_name = {folded(name): name for name in publication.views}
    last = [by_name[folded(name)] for name in readers_last(views) if folded(name) in by_name]
    first = [name for name in publication.views if name not in set(last)]
    return [(name, publication.views[name]) for name in (*first, *last)]
