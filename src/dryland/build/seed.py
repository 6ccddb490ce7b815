"""Builds a seed: a table from a CSV file of the project."""

from __future__ import annotations

from dryland.build.request import BuildRequest
from dryland.engines.protocol import Session


def build_seed(request: BuildRequest, session: Session) -> None:
    """Load the file with its types fixed beforehand."""
    delimiter = str(request.node.config.get("delimiter", ","))
    session.load_csv(request.target, str(request.node.file), request.seed_types, delimiter)
