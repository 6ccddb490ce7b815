"""Builds a view: nothing is stored but its query."""

from __future__ import annotations

from dryland.build.contract import verify_columns
from dryland.build.request import BuildRequest
from dryland.engines.protocol import Session


def build_view(request: BuildRequest, session: Session) -> None:
    """Create the view in the store; it reads the very builds it was planned on."""
    verify_columns(request, session, request.sql)
    session.create_view(request.target, request.sql)
