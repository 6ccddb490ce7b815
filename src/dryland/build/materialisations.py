"""Lists the ways a node can be built."""

from __future__ import annotations

from dryland.build.custom import build_custom
from dryland.build.external import build_external
from dryland.build.incremental import build_incremental
from dryland.build.microbatch import build_microbatch
from dryland.build.python_model import build_python_model
from dryland.build.request import Materialise
from dryland.build.seed import build_seed
from dryland.build.snapshot import build_snapshot
from dryland.build.table import build_table
from dryland.build.view import build_view
from dryland.project.batches import is_microbatch
from dryland.project.external_file import EXTERNAL
from dryland.project.nodes import Node

MATERIALISATIONS: dict[str, Materialise] = {
    "view": build_view,
    "external": build_external,
    "table": build_table,
    "materialized_view": build_table,  # rows that are kept until there are others: so is every table here
    "incremental": build_incremental,
    "seed": build_seed,
    "snapshot": build_snapshot,
    "microbatch": build_microbatch,
    "python": build_python_model,
    "custom": build_custom,
}


def materialisation(node: Node) -> str:
    """The way this node is built: a key of `MATERIALISATIONS`."""
    if node.materialization_macro:
        return "custom"
    if node.materialized == EXTERNAL:
        return EXTERNAL
    if node.language == "python":
        return "python"
    if is_microbatch(node):
        return "microbatch"
    return "seed" if node.kind == "seed" else node.materialized
