"""Builds a table from a query."""

from __future__ import annotations

from dryland.build.contract import make_table
from dryland.build.request import BuildRequest
from dryland.engines.protocol import Session


def build_table(request: BuildRequest, session: Session) -> None:
    """Run the query into a new table of the store, as its contract promises if it has one."""
    make_table(request, session, request.sql)
