"""Lists the kinds of check that share a scan."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlglot import exp

from dryland.check.kinds import accepted_values, not_null, unique
from dryland.check.term import Term
from dryland.project.nodes import Check

Kind = Callable[[Check, exp.Table, str], Term]

KINDS: Mapping[str, Kind] = {module.KIND: module.term for module in (not_null, unique, accepted_values)}


def is_fused(check: Check) -> bool:
    """Whether a check is answered by the scan of its table; a project's own macro of that name is not."""
    return check.rendered is None and check.kind in KINDS and check.fail_calc == "count(*)"
