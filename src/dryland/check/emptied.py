"""Never says "passed" about nothing: a table that had rows and is built empty is stopped."""

from __future__ import annotations

from dryland.digest import digest
from dryland.project.nodes import Node
from dryland.state.records import Profile, Verdict

PREFIX = "dryland.emptied."


def emptied(node: Node, key: str, profile: Profile, before: Profile) -> Verdict | None:
    """A failed verdict when a build came out empty where readers see rows; None otherwise.

    `allow_empty: true` in a model's config or meta lets it.
    """
    allowed = node.config.get("allow_empty") or node.meta.get("allow_empty")
    if profile.rows or not before.rows or allowed:
        return None
    return Verdict(
        check=f"{PREFIX}{node.unique_id}",
        check_hash=digest([PREFIX, node.unique_id]),
        builds=(key,),
        status="fail",
        failures=before.rows,
        message=f"{node.name} came out empty; readers see {before.rows:,} rows. `meta: {{allow_empty: true}}` lets it",
    )
