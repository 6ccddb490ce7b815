"""Builds a seed: a table from a CSV file of the project."""

from __future__ import annotations

from dryland.build.request import BuildRequest
from dryland.engines.protocol import Session
from dryland.errors import ProjectError
from dryland.project.seeds import content_hash


def build_seed(request: BuildRequest, session: Session) -> None:
    """Load the file with its types fixed beforehand.

    Raises:
        ProjectError: the file is another than when it was planned; its rows would get the name of others.
    """
    assert request.node.file is not None
    if content_hash(request.node.file.read_bytes()) != request.node.file_hash:
        raise ProjectError(
            "the file changed since the plan was made.", path=request.node.place.path, hint="run the command again."
        )
    delimiter = str(request.node.config.get("delimiter", ","))
    session.load_csv(request.target, str(request.node.file), request.seed_types, delimiter)
