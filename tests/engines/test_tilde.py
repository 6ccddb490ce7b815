"""A view that matches a pattern means the same wherever it is moved, and so does the query of a contract."""

from __future__ import annotations

import duckdb

from dryland.engines.duckdb_catalogue import Catalogue
from dryland.engines.duckdb_views import query_anywhere
from dryland.engines.relation import Relation

VIEW = "SELECT * FROM (VALUES ('xy'), ('x')) AS t(a) WHERE a ~ 'x.*' AND NOT (a ~ ('y' || '.*'))"


def test_the_rows_of_a_view_that_is_written_out_are_the_same() -> None:
    with duckdb.connect() as connection:
        moved = query_anywhere(Relation("w", "main", "v"), f"CREATE VIEW v AS {VIEW}", Catalogue({}))
        assert connection.execute(moved).fetchall() == connection.execute(VIEW).fetchall() != []
