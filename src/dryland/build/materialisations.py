"""Lists the ways a node can be built."""

from __future__ import annotations

from dryland.build.incremental import build_incremental
from dryland.build.python_model import build_python_model
from dryland.build.request import Materialise
from dryland.build.seed import build_seed
from dryland.build.table import build_table
from dryland.build.view import build_view
from dryland.project.nodes import Node

MATERIALISATIONS: dict[str, Materialise] = {
    "view": build_view,
    "table": build_table,
    "incremental": build_incremental,
    "seed": build_seed,
    "python": build_python_model,
}


def materialisation(node: Node) -> str:
    """The way this node is built: a key of `MATERIALISATIONS`."""
    if node.language == "python":
        return "python"
    return "seed" if node.kind == "seed" else node.materialized
